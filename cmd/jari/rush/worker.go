package rush

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"jari/cmd/jari/load"
)

// worker is one connection and what is sent over it.
type worker struct {
	rush    *Rush
	number  int
	at      int // index of the node
	dials   int
	conn    *load.Conn // nil after it broke
	since   time.Time  // when the connection was made or last used
	used    bool
	rng     *rand.Rand
	request []byte
	body    []byte
}

func newWorker(r *Rush, n int) *worker {
	return &worker{rush: r, number: n, at: n % len(r.nodes), rng: rand.New(rand.NewPCG(r.config.Seed, uint64(100+n)))} //nolint:gosec // not a secret
}

func (w *worker) node() *node { return &w.rush.nodes[w.at] }

// timeout is how long an app waits for an answer.
const timeout = 15 * time.Second

// localAddresses is how many loopback addresses the crowd comes from: one has only so many ports.
const localAddresses = 200

func (w *worker) dial(ctx context.Context) error {
	local := ""
	if w.rush.local {
		local = fmt.Sprintf("127.0.0.%d", 2+(w.number+w.dials*7)%localAddresses)
	}
	w.dials++
	w.since, w.used = time.Now(), false
	var err error
	if w.conn, err = load.Dial(ctx, w.node().host, local); err != nil {
		w.conn = nil
		w.at = (w.at + 1) % len(w.rush.nodes) // as a load balancer would: the next node
	}
	return err
}

func (w *worker) close() {
	if w.conn != nil {
		_ = w.conn.Close()
		w.conn = nil
	}
}

// Servers close connections that nobody uses; an app comes with a new one rather than trip over that.
const (
	unusedLife = 3 * time.Second
	idleLife   = 60 * time.Second
)

// ready makes sure that there is a connection.
func (w *worker) ready(ctx context.Context) bool {
	if idle := time.Since(w.since); w.conn != nil && (idle > idleLife || !w.used && idle > unusedLife) {
		w.close()
	}
	ok := w.conn != nil || w.dial(ctx) == nil
	w.since, w.used = time.Now(), true
	return ok
}

// do carries out one event.
func (w *worker) do(ctx context.Context, e event) {
	r := w.rush
	switch e.act {
	case actText:
		w.text(e)
	case actStatus, actQueue:
		w.look(ctx, e)
	default:
		if w.skip(e) {
			return
		}
		if e.act == actReenter { // airplane mode: another connection, address and node
			w.close()
			w.at = (w.at + 1) % len(r.nodes)
		}
		if !w.ready(ctx) {
			r.tally.broken.Add(1)
			w.after(e, outcome{kind: broke, sent: never, target: e.who})
			return
		}
		w.apply(e)
	}
}

// skip leaves out a repetition of a device that has its answer, and a planned request whose turn a retry took.
func (w *worker) skip(e event) bool {
	p := &w.rush.people[e.who]
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case e.act == actTap && w.rush.takesTurn():
		return true
	case e.try > 0 && p.answered&(1<<e.device) != 0:
		w.rush.chains.Add(-1)
		return true
	case e.try > 0:
		w.rush.owed.Add(1)
		w.rush.tally.retried.Add(1)
	}
	return false
}

// takesTurn lets a planned request fall out for a repetition that nobody could plan, so that people send as many requests
// as was asked for.
func (r *Rush) takesTurn() bool {
	if r.owed.Add(-1) >= 0 {
		return true
	}
	r.owed.Add(1)
	return false
}

// look asks for the public count, or how the own application stands.
func (w *worker) look(ctx context.Context, e event) {
	p := &w.rush.people[e.who]
	p.mu.Lock()
	reference := p.reference
	p.mu.Unlock()
	if w.rush.takesTurn() || !w.ready(ctx) {
		return
	}
	request := w.node().count[w.rush.town.queueOf(p.cohort)]
	if e.act == actStatus && reference != "" {
		request = w.status(e.who, reference)
	}
	w.sending(e)
	res, err := w.conn.Do(request, time.Now().Add(timeout))
	if err != nil {
		w.rush.tally.broken.Add(1)
		w.close()
		return
	}
	w.rush.tally.status(res.Status)
	if res.Close {
		w.close()
	}
}

// sending counts a request and returns the instant before it.
func (w *worker) sending(e event) int64 {
	now := w.rush.now()
	w.rush.tally.late(now - e.at)
	w.rush.tally.sent.Add(1)
	w.rush.tally.at(now).sent.Add(1)
	return now
}

// drops decides whether the connection is cut before the answer. Those whose request must not be repeated, or whose
// reference could then never be learnt, keep theirs.
func (w *worker) drops(e event) bool {
	switch e.act {
	case actApply, actTap, actAgent:
		return w.rng.Float64() < w.rush.config.Drop
	case actReenter:
		return e.try < 3 && w.rng.Float64() < 0.7
	}
	return false
}

// apply sends an application and takes the answer, or cuts the connection.
func (w *worker) apply(e event) {
	claim, target := w.claim(e)
	request := w.application(&w.rush.people[target], claim)
	sent := w.sending(e)
	o := outcome{sent: sent, target: target, claim: claim}
	if w.drops(e) {
		err := w.conn.Send(request, time.Now().Add(timeout))
		if err == nil && w.rng.IntN(2) == 0 {
			time.Sleep(time.Duration(w.rng.IntN(5000)) * time.Microsecond)
		}
		if w.rng.IntN(4) == 0 {
			_ = w.conn.Abort()
		} else {
			_ = w.conn.Close()
		}
		w.conn = nil
		w.rush.tally.dropped.Add(1)
		o.kind = dropped
		w.after(e, o)
		return
	}
	res, err := w.conn.Do(request, time.Now().Add(timeout))
	o.received = w.rush.now()
	if err != nil {
		w.close()
		w.rush.tally.broken.Add(1)
		o.kind = broke
		w.after(e, o)
		return
	}
	w.rush.tally.status(res.Status)
	w.rush.tally.at(sent).took.Add(time.Duration(o.received - sent))
	o.kind, o.response = answered, res
	w.after(e, o)
	if res.Close || e.act == actReenter {
		w.close()
	}
}
