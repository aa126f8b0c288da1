package rush

import (
	"time"

	"jari/cmd/jari/load"
)

// outcome is what became of one application request.
type outcome struct {
	kind     outcomeKind
	sent     int64 // before the first byte; never: it could not be sent
	received int64 // after the last
	target   int32 // the person in the body
	claim    claim
	response load.Response
}

type outcomeKind uint8

const (
	broke   outcomeKind = iota // no answer: the connection broke by itself, or could not be made
	dropped                    // no answer: cut on purpose
	answered
)

// nearOpening is how close to the opening, in nanoseconds, a request may have been sent and still have met it open: two
// machines' ideas of when that is differ by no more.
const nearOpening = int64(250 * time.Millisecond)

// early reports whether an instant is before the opening that the campaign announces, also where it was open already when the run began.
func (r *Rush) early(at int64) bool {
	return r.opening.Add(time.Duration(at + nearOpening)).Before(r.town.opens)
}

// after notes what an outcome shows and plans what the device does next.
func (w *worker) after(e event, o outcome) {
	r := w.rush
	if o.kind != answered {
		// Nobody knows whether it was stored; what was sent well before the opening was not.
		if o.sent > -nearOpening && o.sent != never {
			r.couldCount(e, o)
		}
		w.repeat(e, backoff(w.rng, e.try))
		return
	}
	switch status := o.response.Status; {
	case status == 200:
		w.accepted(e, o)
	case status == 503:
		w.overloaded(e, o)
	case status == 429:
		w.repeat(e, time.Duration(max(o.response.RetryAfter, 1))*time.Second)
	case status >= 500:
		r.couldCount(e, o)
		w.repeat(e, time.Second+backoff(w.rng, e.try))
	default:
		w.refused(e, o)
	}
}

// repeat plans the same again, if the device insists.
func (w *worker) repeat(e event, after time.Duration) {
	if e.act.insists() {
		w.rush.again(e, after)
	}
}

// couldCount notes a request that the system may have taken as an arrival.
func (r *Rush) couldCount(e event, o outcome) {
	if !e.act.valid() {
		return
	}
	p := &r.people[o.target]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.first = min(p.first, o.sent)
	p.begun = p.begun || o.target == e.who
}

// accepted takes a receipt.
func (w *worker) accepted(e event, o outcome) {
	r := w.rush
	if !e.act.valid() || r.early(o.received) {
		r.tally.tricksAccepted.Add(1)
	}
	r.couldCount(e, o)
	reference, ticket := string(member(o.response.Body, "reference")), string(member(o.response.Body, "ticket"))
	p := &r.people[o.target]
	p.mu.Lock()
	fresh := !p.acknowledged
	p.acknowledged = true
	p.held = min(p.held, o.received)
	if o.target == e.who && e.device == 0 && p.reference == "" {
		p.reference = reference
	}
	p.mu.Unlock()
	if fresh {
		r.tally.registered.Add(1)
		r.tally.at(o.received).stored.Add(1)
		r.leaks.acknowledged(o.target)
	}
	w.countStamp(e, o)
	switch {
	case !w.settle(e, o):
	case ticket != "":
		r.known.ticket(ticket, o.target)
	case reference != "":
		r.known.reference(reference, o.target)
	}
}

// settle ends a device's chain, and reports whether this was the device's first answer. A device that got a stamp while
// this request was under way without it insists until the stamp has been seen.
func (w *worker) settle(e event, o outcome) (fresh bool) {
	r := w.rush
	p := &r.people[e.who]
	bit := uint8(1) << e.device
	p.mu.Lock()
	fresh = p.answered&bit == 0
	unseen := fresh && e.act.trusts() && p.stamps[e.device] != "" && o.claim.stamp == ""
	if !unseen {
		p.answered |= bit
	}
	p.mu.Unlock()
	r.moved.Store(r.now())
	switch {
	case unseen:
		w.repeat(e, backoff(w.rng, 0))
	case e.act.insists():
		r.chains.Add(-1)
	}
	return fresh
}

// countStamp counts what became of a stamp that was sent along.
func (w *worker) countStamp(e event, o outcome) {
	if o.claim.stamp == "" || e.act == actAgent { // an agent's receipt does not say
		return
	}
	t := w.rush.tally
	counted := string(member(o.response.Body, "stamp")) == "counted"
	switch {
	case e.act == actForge || e.act == actAlter || e.act == actBorrow || e.act == actSteal:
		if counted {
			t.falseCounted.Add(1)
		} else {
			t.falseRefused.Add(1)
		}
	case e.act == actRedo: // the own stamp: counted or not, it cannot gain
	case counted:
		t.mineCounted.Add(1)
	default:
		t.mineRefused.Add(1)
	}
}

// overloaded takes a 503, with its stamp if it has one.
func (w *worker) overloaded(e event, o outcome) {
	r := w.rush
	stamp := string(member(o.response.Body, "stamp"))
	r.tally.at(o.received).refused.Add(1)
	p := &r.people[o.target]
	p.mu.Lock()
	first := !p.begun && e.act.valid() && o.target == e.who
	if stamp != "" && o.target == e.who && int(e.device) < len(p.stamps) && p.stamps[e.device] == "" {
		p.stamps[e.device] = stamp
		if e.act.trusts() && p.cheat != thief { // a thief has an entry from the stolen device, too, perhaps before the stamp comes
			p.held = min(p.held, o.received)
		}
	}
	p.mu.Unlock()
	r.couldCount(e, o)
	r.moved.Store(r.now())
	r.countRefusal(e, o, stamp, first)
	w.repeat(e, time.Duration(max(o.response.RetryAfter, 1))*time.Second)
}

// countRefusal counts a 503. first: it answered the person's first request after the opening.
func (r *Rush) countRefusal(e event, o outcome, stamp string, first bool) {
	if stamp == "" {
		r.tally.unstamped.Add(1)
		return
	}
	r.tally.at(o.received).stamped.Add(1)
	if r.early(o.received) {
		r.tally.earlyStamps.Add(1)
	}
	if first {
		r.tally.stamped.Add(1)
	}
	if e.act == actApply && e.device == 0 {
		r.leaks.stamped(leak{who: e.who, stamp: stamp})
	}
}

// refused takes a 4xx.
func (w *worker) refused(e event, o outcome) {
	r := w.rush
	code := string(member(o.response.Body, "code"))
	switch {
	case code == "not_open_yet":
		r.tally.early.Add(1)
		w.repeat(e, 100*time.Millisecond+time.Duration(w.rng.IntN(300))*time.Millisecond)
		return
	case !e.act.valid():
		r.tally.tricksRefused.Add(1)
		return
	case !e.act.trusts():
		// A trick that is refused instead of passed over: the person then applies like everybody.
		r.tally.tricksRefused.Add(1)
		if e.device == 0 {
			e.act = actApply
			r.again(e, backoff(w.rng, 0))
		} else {
			r.chains.Add(-1)
		}
		return
	}
	r.tally.refuse(code)
	p := &r.people[e.who]
	p.mu.Lock()
	p.refused = true
	p.mu.Unlock()
	if e.act.insists() {
		r.chains.Add(-1)
	}
}
