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

// claim decides what a request says. target is the person in its body, which differs from the sender for a replayed one.
func (w *worker) claim(e event) (c claim, target int32) {
	r := w.rush
	p := &r.people[e.who]
	c, target = claim{owner: e.who, device: e.device}, e.who
	p.mu.Lock()
	defer p.mu.Unlock()
	p.devices |= 1 << e.device
	mine := ""
	if int(e.device) < len(p.stamps) {
		mine = p.stamps[e.device]
	}
	switch e.act {
	case actAgent:
		c.token, c.stamp = r.config.AgentToken, mine
	case actForge:
		c.stamp = forged(w.rng, "")
	case actAlter:
		c.stamp = altered(w.rng, w.stampOf(mine))
	case actBorrow:
		c.stamp = w.stampOf("")
	case actSteal:
		w.steal(p, &c)
	case actRedo:
		c.stamp = mine
		if mine != "" {
			c.operation = 1
		}
	case actClaimTime:
		c.member = `,"received_at":"` + r.town.opens.UTC().Format("2006-01-02T15:04:05.000000Z") + `"`
	case actOldDate:
		c.extra, c.stamp = oldDate(w.rng), mine
	case actTwoSecrets:
		c.extra = "Authorization: Bearer " + string(r.keys.secret(nil, e.who, 5)) + "\r\n"
	case actHeaders:
		c.extra, c.stamp = strangeHeaders, mine
	case actReplay:
		if who := r.leaks.person(w.rng); who != nobody {
			target = who
		}
	case actReenter: // all that was known is lost, the stamp too
	default:
		c.stamp = mine
	}
	return c, target
}

// stampOf is the given stamp, or somebody else's, or one that looks like one.
func (w *worker) stampOf(mine string) string {
	if mine != "" {
		return mine
	}
	if k := w.rush.leaks.stamp(w.rng); k != nil {
		return k.stamp
	}
	return forged(w.rng, "")
}

// steal takes another device's secret, operation and stamp. It stays with the first: which device made an entry must be
// known. While nobody has a stamp it is a made-up device with a made-up stamp.
func (w *worker) steal(p *person, c *claim) {
	if p.stolen == nil {
		if p.stolen = w.rush.leaks.stamp(w.rng); p.stolen == nil {
			p.stolen = &leak{who: c.owner, device: stolenDevice, stamp: forged(w.rng, "")}
		}
	}
	c.owner, c.device, c.stamp = p.stolen.who, p.stolen.device, p.stolen.stamp
}

// trusts reports whether the device keeps a stamp and sends it with the repetition of the very same request, so that it
// must count. A trickster's use of a stamp guarantees nothing.
func (a act) trusts() bool {
	switch a {
	case actApply, actTap, actEarly, actAgent, actOldDate, actHeaders:
		return true
	}
	return false // actReenter too: it has lost its stamp
}

// nearOpening is how close to the opening, in nanoseconds, a request may have been sent and still have met it open: two
// machines' ideas of when that is differ by no more.
const nearOpening = int64(250 * time.Millisecond)

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
	if !e.act.valid() {
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
	if o.claim.stamp == "" {
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
	switch {
	case stamp == "":
		r.tally.unstamped.Add(1)
	default:
		r.tally.at(o.received).stamped.Add(1)
		if o.received < -nearOpening {
			r.tally.earlyStamps.Add(1)
		}
		if first {
			r.tally.stamped.Add(1)
		}
		if e.act == actApply && e.device == 0 {
			r.leaks.stamped(leak{who: e.who, stamp: stamp})
		}
	}
	r.moved.Store(r.now())
	w.repeat(e, time.Duration(max(o.response.RetryAfter, 1))*time.Second)
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
