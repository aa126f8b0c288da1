package rush

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"jari/cmd/jari/load"
)

// order is the published order as it was read so far. Places are only ever added, so reading goes on where it stopped.
type order struct {
	mu     sync.Mutex
	after  map[string]int64 // by queue: the last number read
	places []place
	before int // places that stood when the run began
}

// place is one line of the published order.
type place struct {
	queue     string
	Number    int64     `json:"number"`
	Arrival   time.Time `json:"arrival"`
	Ticket    string    `json:"ticket"`
	Reference string    `json:"reference"`
	Door      string    `json:"door"`
	Late      string    `json:"late"`
}

func (o *order) size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.places)
}

// fullPage is how many places one answer holds at most.
const fullPage = 5000

// readOrder reads the places that are new. At the beginning they are only counted: they are of people before this run.
func (r *Rush) readOrder(ctx context.Context, beginning bool) error {
	for _, queue := range r.town.queues {
		for {
			r.order.mu.Lock()
			after := r.order.after[queue]
			r.order.mu.Unlock()
			var page struct {
				Places []place `json:"places"`
			}
			url := fmt.Sprintf("%s/v1/agent/campaigns/%s/queues/%s/order?after=%d", r.base(r.reads%len(r.config.Targets)), r.config.Campaign, queue, after)
			r.reads++
			if err := getJSON(ctx, r.client, url, r.config.AgentToken, &page); err != nil {
				return fmt.Errorf("read the order of %s: %w", queue, err)
			}
			r.takePage(queue, page.Places, beginning)
			if len(page.Places) < fullPage {
				break
			}
		}
	}
	return nil
}

func (r *Rush) takePage(queue string, places []place, beginning bool) {
	r.order.mu.Lock()
	defer r.order.mu.Unlock()
	for _, p := range places {
		r.order.after[queue] = max(r.order.after[queue], p.Number)
		if beginning {
			r.order.before++
			continue
		}
		p.queue = queue
		r.order.places = append(r.order.places, p)
	}
	if len(places) > 0 {
		r.moved.Store(r.now())
	}
}

// awaitOrder reads until everybody who was acknowledged has a place that can be told to be theirs, or nothing moves any
// more: the seal takes its time, and so do the texts.
func (r *Rush) awaitOrder(ctx context.Context) error {
	begun, asked := r.now(), r.now()
	for quiet := 0; ; {
		had := r.order.size()
		err := r.readOrder(ctx, false)
		switch {
		case errors.Is(err, ErrLive) || ctx.Err() != nil:
			return errors.Join(ctx.Err(), err)
		case err != nil && r.now() > max(r.moved.Load(), begun)+int64(still):
			return err // it was away for a while, and stays away
		case err == nil && r.everybodyStands():
			// A place that nobody should have may come a moment later.
			if quiet++; quiet > 3 && r.order.size() == had {
				return nil
			}
		}
		now := r.now()
		if now > max(r.moved.Load(), begun)+int64(still) || now > begun+int64(r.config.Patience) {
			return err
		}
		if now > max(r.moved.Load(), asked)+int64(waitsForTexts) {
			asked = now
			r.askAgain()
		}
		_ = load.Pause(ctx, 500*time.Millisecond)
	}
}

// everybodyStands reports whether no more places are to be expected.
func (r *Rush) everybodyStands() bool {
	there := make([]bool, len(r.people))
	for _, s := range r.standings() {
		if s.Person != nobody {
			there[s.Person] = true
		}
	}
	for i := range r.people {
		p := &r.people[i]
		p.mu.Lock()
		missing := !there[i] && !p.refused
		p.mu.Unlock()
		if missing {
			return false
		}
	}
	return true
}

// standings gives every place to its person.
func (r *Rush) standings() []Standing {
	r.order.mu.Lock()
	defer r.order.mu.Unlock()
	return r.standingsLocked()
}

// standingsLocked is standings for whoever holds the order's lock.
func (r *Rush) standingsLocked() []Standing {
	r.known.mu.Lock()
	defer r.known.mu.Unlock()
	out := make([]Standing, len(r.order.places))
	for i, p := range r.order.places {
		who, ok := r.known.references[p.Reference]
		if !ok || p.Reference == "" {
			if who, ok = r.known.tickets[p.Ticket]; !ok {
				who = nobody
			}
		}
		out[i] = Standing{Queue: p.queue, Number: p.Number, Arrival: p.Arrival.UnixMicro(), Person: int(who), Late: p.Late, Door: p.Door}
	}
	return out
}
