package client

import (
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"jari/mobile-contract/contract"
)

// mostOperations of one entry go into one request; the contract's limit.
const mostOperations = 10

// Batch is one request of sync, and which of the device's operations it carries.
type Batch struct {
	Request contract.SyncRequest
	sent    []sentEntry
}

// sentEntry says what an entry of the request stands for.
type sentEntry struct {
	person, secret string
	named          bool // the request named a reference
	operations     []contract.OperationID
}

// size is how many operations a batch carries.
func (b Batch) size() int {
	n := 0
	for _, e := range b.sent {
		n += len(e.operations)
	}
	return n
}

// Next makes the request that is due now. Before it leaves, Sending must have noted that and the state must be stored. When nothing is due,
// ok is false and wait says in how long something will be.
func (s *State) Next(now time.Time) (b Batch, wait time.Duration, ok bool) {
	if rest := s.Rest.left(now); rest > 0 {
		return Batch{}, rest, false
	}
	wait = longAway
	for i := range s.People {
		p := &s.People[i]
		ready, later := p.ready(now)
		wait = min(wait, later)
		if p.Reference != "" {
			ask := p.Ask.left(now)
			wait = min(wait, ask)
			if len(ready) == 0 && ask > 0 {
				continue
			}
		} else if len(ready) == 0 {
			continue
		}
		if s.Narrow && len(ready) > 1 {
			ready = ready[:1]
		}
		b.add(p, ready)
		if s.Narrow {
			break
		}
	}
	if len(b.sent) == 0 {
		return Batch{}, wait, false
	}
	return b, 0, true
}

// ready lists the operations that may be sent now, and says when another one may be. They go in the order in which they were written,
// but that what follows on one that waits stays behind it; that what proves the phone goes ahead of what may need that; that an
// application or introduction goes ahead of what waits for the proof (written wishes are in it); and that nothing else goes beside one,
// because it might be carried out although that was not.
func (p *Person) ready(now time.Time) (ready []*Operation, later time.Duration) {
	proofs, later := p.proofs(now)
	proving := p.Applied && slices.ContainsFunc(proofs, func(o *Operation) bool { return o.Kind == Verify })
	var others []*Operation
	blocked, held, opened := false, false, p.Reference != ""
	for i := range p.Outbox {
		o := &p.Outbox[i]
		rest, opens := o.Rest.left(now), o.Kind.opens()
		switch {
		case len(proofs)+len(others) == mostOperations || o.Kind.proves():
		case p.Held(*o) && !proving: // behind a code they may go where there is an entry: if it is wrong, they are all refused alike
			held = true
		case rest > 0 || blocked || held && !opens || !opened && !opens:
			blocked = blocked || !held || opens
		default:
			others = append(others, o)
			opened, blocked = opened || opens, opens
		}
	}
	if p.Reference != "" {
		return append(proofs, others...), later
	}
	if len(others) == 0 {
		return nil, later
	}
	return append(others, proofs...), later // the first one names the person
}

// proofs lists what proves the phone and may be sent now, and says when any operation may be that rests.
func (p *Person) proofs(now time.Time) (proofs []*Operation, later time.Duration) {
	later = longAway
	for i := range p.Outbox {
		o := &p.Outbox[i]
		rest := o.Rest.left(now)
		if rest > 0 {
			later = min(later, rest)
		}
		if o.Kind.proves() && rest == 0 && len(proofs) < mostOperations/2 {
			proofs = append(proofs, o)
		}
	}
	return proofs, later
}

// add puts a person's operations into the request.
func (b *Batch) add(p *Person, ready []*Operation) {
	e := contract.SyncEntry{Campaign: p.Campaign, Secret: p.Secret, Reference: optional(p.Reference), Cursor: optional(p.Cursor)}
	s := sentEntry{person: p.ID, secret: p.Secret, named: p.Reference != ""}
	var operations []contract.SyncOperation
	for _, o := range ready {
		s.operations = append(s.operations, o.ID)
		operations = append(operations, o.wire())
	}
	if len(operations) > 0 {
		e.Operations = &operations
	}
	b.Request.Entries = append(b.Request.Entries, e)
	b.sent = append(b.sent, s)
}

// Sending notes that a batch's operations may have reached the server from now on: they are never changed again.
func (s *State) Sending(b Batch) {
	for _, e := range b.sent {
		p := s.person(e.person)
		if p == nil {
			continue
		}
		for _, id := range e.operations {
			if i := p.index(id); i >= 0 {
				p.Outbox[i].Sent = true
			}
		}
	}
}

// mistrust takes every operation for one that was sent: the copy that would say so is damaged. So none of them gets another id or body.
func (s *State) mistrust() {
	for i := range s.People {
		for j := range s.People[i].Outbox {
			s.People[i].Outbox[j].Sent = true
		}
	}
}

// wire is the operation as the contract's SyncOperation.
func (o *Operation) wire() jsontext.Value {
	body := o.Body
	if o.Stamp != "" && o.Kind == Register {
		var in contract.RegistrationRequest
		if json.Unmarshal(body, &in) == nil {
			in.Stamp = &o.Stamp
			if b, err := json.Marshal(in, json.Deterministic(true)); err == nil {
				body = b
			}
		}
	}
	kind, _ := jsontext.AppendQuote(nil, string(o.Kind)) // fails for no kind there is
	out := append([]byte(`{"kind":`), kind...)
	out = append(append(out, `,"request":`...), body...)
	return append(out, '}')
}
