package sms

import (
	"context"
	"sync"
	"time"

	"jari/booking/desk"
)

// Hands says how a door handles the texts that it has kept. Zero values mean the defaults in brackets.
type Hands struct {
	// Lanes is how many texts are handled at once (64). Those of one phone are in one lane and handled in their order.
	Lanes int
	// Lane is how many texts may wait in one (16). What does not fit is left to the sweep.
	Lane int
	// Busy says that so many texts come that keeping them needs the machine: handling waits then. nil: never.
	Busy func() bool
}

const (
	// waitsMost is how long a text waits for a hand; then it is the sweep's, which takes texts that are older.
	waitsMost = 5 * time.Second
	// restsFor is how long a hand waits when the door is busy.
	restsFor = 20 * time.Millisecond
)

// hands handle what the door has kept, behind the answers to the provider: bounded, in order of arrival as far as they keep up.
type hands struct {
	door  *Door
	lanes []chan handed
	busy  func() bool
	wg    sync.WaitGroup
	stop  chan struct{}
	once  sync.Once
}

// handed is a kept text on its way to a hand.
type handed struct {
	in desk.Inbound
	c  *desk.Campaign
	at time.Time // when it was kept, by the monotonic clock
}

// UseHands sets how kept texts are handled, before the door serves.
func (d *Door) UseHands(h Hands) { d.hands = newHands(d, h) }

func newHands(d *Door, o Hands) *hands {
	if o.Lanes == 0 {
		o.Lanes = 64
	}
	if o.Lane == 0 {
		o.Lane = 16
	}
	h := &hands{door: d, lanes: make([]chan handed, o.Lanes), busy: o.Busy, stop: make(chan struct{})}
	for i := range h.lanes {
		h.lanes[i] = make(chan handed, o.Lane)
	}
	return h
}

// Start lets the hands work. What was kept before waits for them.
func (d *Door) Start() {
	for _, lane := range d.hands.lanes {
		d.hands.wg.Go(func() { d.hands.work(lane) })
	}
}

// Stop handles what waits, if the time allows, and returns when all hands rest. What is left is the sweep's. Stop a door only when it no longer serves.
func (d *Door) Stop(ctx context.Context) {
	d.hands.once.Do(func() { close(d.hands.stop) })
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.hands.wg.Wait()
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// take gives a text to its lane. A lane that is full leaves it to the sweep.
func (h *hands) take(in desk.Inbound, c *desk.Campaign) {
	select {
	case h.lanes[int(in.PhoneHash[0])%len(h.lanes)] <- handed{in, c, time.Now()}:
	default:
		h.door.left.Inc()
	}
}

func (h *hands) work(lane chan handed) {
	for {
		select {
		case t := <-lane:
			h.handle(t)
			continue
		default:
		}
		select {
		case t := <-lane:
			h.handle(t)
		case <-h.stop:
			return
		}
	}
}

func (h *hands) handle(t handed) {
	for h.busy != nil && h.busy() && time.Since(t.at) < waitsMost {
		select {
		case <-time.After(restsFor):
		case <-h.stop:
			return
		}
	}
	if time.Since(t.at) >= waitsMost {
		h.door.left.Inc()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), handleTime)
	defer cancel()
	if err := h.door.handleKept(ctx, t.in, t.c); err != nil {
		h.door.log.Warn("a text was kept but not handled yet; the sweep will handle it", "inbound", t.in.ID, "error", err)
	}
}
