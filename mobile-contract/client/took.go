package client

import (
	"errors"
	"slices"
	"time"

	"jari/mobile-contract/contract"
)

// ErrAnswer is an answer that does not fit its request. Everything is kept, and sent again.
var ErrAnswer = errors.New("an answer that does not fit what was asked")

// Took takes the answer to a batch. dice is in [0, 1). It returns ErrAnswer, and then has changed nothing.
func (s *State) Took(b Batch, a contract.SyncAnswer, now time.Time, dice float64) error {
	if len(a.Entries) != len(b.sent) {
		return ErrAnswer
	}
	for i, e := range a.Entries {
		if len(e.Results) > len(b.sent[i].operations) {
			return ErrAnswer
		}
		for j, r := range e.Results {
			if !fits(r, b.sent[i].operations[j]) {
				return ErrAnswer
			}
		}
	}
	s.Tries, s.Rest, s.Asked, s.Narrow = 0, Pause{}, false, false
	for i, e := range a.Entries {
		p := s.person(b.sent[i].person)
		if p == nil || p.Secret != b.sent[i].secret {
			continue // forgotten or begun afresh meanwhile
		}
		s.tookEntry(p, b.sent[i], e, taking{now, dice, a.AskAgainSeconds})
	}
	s.forgetDone()
	return nil
}

// unread stands in a result for the id of an operation that the server could not read so far.
const unread = "00000000-0000-0000-0000-000000000000"

// fits reports whether a result can be the one of an operation.
func fits(r contract.SyncResult, id contract.OperationID) bool {
	return r.OperationID == id && (r.Done || r.Problem != nil) || r.OperationID == unread && !r.Done && r.Problem != nil
}

// taking is when and with what luck an answer is taken.
type taking struct {
	now      time.Time
	dice     float64
	askAgain int // seconds, for entries that do not say
}

func (s *State) tookEntry(p *Person, sent sentEntry, e contract.SyncedEntry, t taking) {
	if e.Reference != nil && *e.Reference != "" {
		p.Reference = *e.Reference
	}
	for j, r := range e.Results {
		r.OperationID = sent.operations[j]
		s.tookResult(p, r, t)
	}
	if e.Problem != nil && ends(*e.Problem) && (sent.named || p.Reference != "") {
		dropped := len(p.Outbox)
		s.remove(p.ID)
		s.note(Notice{Person: sent.person, Why: Gone, Problem: e.Problem, Dropped: dropped})
		return
	}
	p.leave(sent, e, t)
	if r := e.Registration; r != nil {
		p.Told, p.Reference = r, r.Reference
		p.Cursor = valueOr(e.Cursor, "")
	} else if e.Cursor != nil {
		p.Cursor = *e.Cursor
	}
	p.turn()
	p.rest(e, t)
}

// leave gives operations a pause that were sent and have no result although nothing says why: otherwise they would go round at once.
func (p *Person) leave(sent sentEntry, e contract.SyncedEntry, t taking) {
	if len(e.Results) > 0 || len(sent.operations) == 0 {
		return
	}
	if i := p.index(sent.operations[0]); i >= 0 {
		p.Outbox[i].again(e.Problem, t)
	}
}

// rest says when to ask about the entry again.
func (p *Person) rest(e contract.SyncedEntry, t taking) {
	seconds := t.askAgain
	switch {
	case e.Problem != nil:
		seconds = max(valueOr(e.Problem.RetryAfterSeconds, 0), int(firstPause/time.Second))
	case p.Told != nil:
		seconds = p.Told.AskAgainSeconds
	}
	p.Ask = pause(t.now, asked(seconds, t.dice))
}

// tookResult takes what became of one operation.
func (s *State) tookResult(p *Person, r contract.SyncResult, t taking) {
	i := p.index(r.OperationID)
	if i < 0 {
		return // not waited for any more: a code that was entered meanwhile
	}
	o := &p.Outbox[i]
	if r.Done {
		p.did(*o, r.Receipt)
		s.unsay(p.ID, o.Kind)
		p.drop(r.OperationID)
		return
	}
	s.refused(p, o, *r.Problem, t)
}

// refused does with an operation what its problem says.
func (s *State) refused(p *Person, o *Operation, problem contract.Problem, t taking) {
	d := decide(problem)
	if p.ForgetAfter && (d == Hold || d == Wait) {
		d = GiveUp // nobody will be there
	}
	kind := o.Kind
	if kind.opens() && problem.Code == contract.ProblemCodeTooMany {
		d = Repeat // nobody stays out because of a limit
	}
	switch d {
	case Repeat:
		o.again(&problem, t)
	case Hold:
		if kind == ChangeWishes && p.superseded(o.ID) {
			p.drop(o.ID)
			return
		}
		o.again(nil, t)
		o.Proof = true
		s.note(Notice{Person: p.ID, Why: Unproven, Kind: kind, Problem: &problem})
	case Wait:
		o.again(nil, t)
		o.Rest = pause(t.now, until(problem))
		s.note(Notice{Person: p.ID, Why: Early, Kind: kind, Problem: &problem})
	case GiveUp, Conflicts:
		why := Refused
		if d == Conflicts {
			why = Conflict
			p.Spent = p.Spent || kind == Register
		}
		s.unsay(p.ID, kind)
		s.note(Notice{Person: p.ID, Why: why, Kind: kind, Problem: &problem, Dropped: p.giveUp(o.ID)})
	}
}

// superseded reports whether an application or introduction behind an operation holds its wishes, or later ones.
func (p *Person) superseded(id contract.OperationID) bool {
	return slices.ContainsFunc(p.Outbox[p.index(id):], func(o Operation) bool { return o.Kind.opens() })
}

// again gives an operation a pause before it is sent again, and keeps the first stamp that came with it.
func (o *Operation) again(problem *contract.Problem, t taking) {
	o.Tries++
	again := grown(o.Tries, t.dice)
	if problem != nil {
		if seconds := valueOr(problem.RetryAfterSeconds, 0); seconds > 0 {
			again = asked(seconds, t.dice)
		}
		if o.Stamp == "" && o.Kind == Register {
			o.Stamp = valueOr(problem.Stamp, "")
		}
	}
	o.Rest = pause(t.now, again)
}

// until is how far the opening is away, by the server's own two clocks; a second if it does not say.
func until(p contract.Problem) time.Duration {
	at, err := time.Parse(time.RFC3339, valueOr(p.At, ""))
	now, err2 := time.Parse(time.RFC3339, valueOr(p.Now, ""))
	if err != nil || err2 != nil {
		return mostPause
	}
	return min(max(at.Sub(now), time.Second), longest)
}

// did notes what an acknowledged operation changes on the device.
func (p *Person) did(o Operation, receipt *contract.Receipt) {
	switch o.Kind {
	case Register:
		p.Applied = true
	case Cancel:
		p.Spent = true
	case Verify:
		for i := range p.Outbox {
			if p.Outbox[i].Proof {
				p.Outbox[i].Proof, p.Outbox[i].Rest = false, Pause{}
			}
		}
	}
	if receipt != nil && receipt.Reference != "" {
		p.Reference = receipt.Reference
		if p.Told == nil {
			p.Told = &contract.Registration{
				Reference: receipt.Reference, State: receipt.State, ReceivedAt: receipt.ReceivedAt, Next: receipt.Next, AskAgainSeconds: receipt.AskAgainSeconds,
			}
		}
	}
}

// giveUp takes an operation out of the outbox for good, and says how many went with it: where the first one could not even say whom it
// is about, those behind it have nobody.
func (p *Person) giveUp(id contract.OperationID) int {
	i := p.index(id)
	if p.Reference != "" || !p.Outbox[i].Kind.opens() {
		p.drop(id)
		return 1
	}
	end := i + 1
	for end < len(p.Outbox) && !p.Outbox[end].Kind.opens() {
		end++
	}
	p.Outbox = slices.Delete(p.Outbox, i, end)
	return end - i
}

func (p *Person) index(id contract.OperationID) int {
	return slices.IndexFunc(p.Outbox, func(o Operation) bool { return o.ID == id })
}

func (p *Person) drop(id contract.OperationID) {
	p.Outbox = slices.DeleteFunc(p.Outbox, func(o Operation) bool { return o.ID == id })
}

// forgetDone removes those of a shared device for whom nothing waits but what only a code would let go. What was said to them about refusals
// stays until it is seen, because the person stands there and waits for it; it holds nothing personal.
func (s *State) forgetDone() {
	for i := len(s.People) - 1; i >= 0; i-- {
		p := s.People[i]
		if p.ForgetAfter && !slices.ContainsFunc(p.Outbox, func(o Operation) bool { return o.Kind.proves() || !p.Held(o) }) {
			said := slices.DeleteFunc(slices.Clone(s.Notices), func(n Notice) bool { return n.Person != p.ID || n.Why != Refused && n.Why != Conflict })
			s.remove(p.ID)
			s.Notices = append(s.Notices, said...)
			s.note(Notice{Person: p.ID, Why: Left, Dropped: len(p.Outbox)})
		}
	}
}

func valueOr[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
