package client

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"jari/mobile-contract/contract"
)

// Bounds of what a device keeps.
const (
	MostPeople  = 6  // for whom one device speaks; the contract's limit
	MostPending = 50 // operations of one person that wait to be sent
	mostNotices = 50 // the oldest go first
	format      = 1  // of the stored state
)

// State is all that a device knows beside the public documents. It is stored as a whole, so that it is never half-changed.
type State struct {
	Format  int      `json:"format"`
	People  []Person `json:"people"`
	Notices []Notice `json:"notices,omitempty"` // what the person has not been shown yet, oldest first
	// Tries counts the syncs that failed in a row, Rest is how long to leave the server alone, and Asked says that the server
	// itself named that time: then nothing shortens it.
	Tries int   `json:"tries,omitzero"`
	Rest  Pause `json:"rest,omitzero"`
	Asked bool  `json:"asked,omitzero"`
	// Narrow makes the next requests as small as they can be: one operation. A larger one was refused as a whole.
	Narrow bool `json:"narrow,omitzero"`
	// Ahead is how many seconds the server's clock is ahead of ours, as its last answer said. It serves for showing and spreading only.
	Ahead int64 `json:"ahead,omitzero"`
	// Serial numbers the notices.
	Serial int `json:"serial,omitzero"`
}

// Person is one person for whom this device speaks.
type Person struct {
	ID        string                 `json:"id"` // local: never sent
	Campaign  contract.Slug          `json:"campaign"`
	Secret    contract.DeviceSecret  `json:"secret"`
	Form      Form                   `json:"form"`
	Reference contract.Reference     `json:"reference,omitempty"` // once the server gave one
	Cursor    contract.SyncCursor    `json:"cursor,omitempty"`
	Told      *contract.Registration `json:"told,omitempty"` // the entry as the server told it last
	Outbox    []Operation            `json:"outbox,omitempty"`
	Ask       Pause                  `json:"ask,omitzero"` // until when asking again makes no sense
	// Applied: an application was acknowledged. Spent: the secret's entry was withdrawn, so that applying takes a new secret.
	Applied bool `json:"applied,omitzero"`
	Spent   bool `json:"spent,omitzero"`
	// ForgetAfter: a shared device. Everything about the person goes as soon as the outbox is empty.
	ForgetAfter bool `json:"forget_after,omitzero"`
}

// Form is what was typed about a person. It is kept so that an application takes one tap.
type Form struct {
	Person contract.Person  `json:"person"`
	Region contract.Code    `json:"region,omitempty"`
	Wishes *contract.Wishes `json:"wishes,omitempty"`
	Lang   contract.Lang    `json:"lang"`
}

// Operation is something the person did that the server has not answered for good. ID and Body never change once Sent.
type Operation struct {
	ID    contract.OperationID `json:"id"`
	Kind  Kind                 `json:"kind"`
	Body  jsontext.Value       `json:"body"`            // as its own path takes it, without the stamp
	Stamp contract.Stamp       `json:"stamp,omitempty"` // the first one that the server gave
	Sent  bool                 `json:"sent,omitzero"`   // it may have reached the server
	Tries int                  `json:"tries,omitzero"`  // answers that said: again
	Rest  Pause                `json:"rest,omitzero"`   // not before
	Proof bool                 `json:"proof,omitzero"`  // waits until the phone on file is proven
}

// Kind names an operation as `kind` of the contract's SyncOperation does.
type Kind string

// The kinds, one for each operation of the contract that a device may write.
const (
	Introduce     Kind = "introduce"
	Register      Kind = "register"
	Correct       Kind = "correct"
	ChangeWishes  Kind = "change_wishes"
	Confirm       Kind = "confirm"
	Decline       Kind = "decline"
	Cancel        Kind = "cancel"
	AskSwap       Kind = "ask_swap"
	DropSwap      Kind = "drop_swap"
	RequestCode   Kind = "request_code"
	Verify        Kind = "verify"
	SetHelper     Kind = "set_helper"
	RemoveHelper  Kind = "remove_helper"
	RemoveDevices Kind = "remove_devices"
)

// opens reports whether the operation can stand first, before there is a reference.
func (k Kind) opens() bool { return k == Introduce || k == Register }

// proves reports whether the operation is about proving the phone.
func (k Kind) proves() bool { return k == RequestCode || k == Verify }

// needsProof reports whether the server takes the operation only from a device that has proven the phone on file.
func (k Kind) needsProof() bool { return !k.opens() && !k.proves() && k != RemoveDevices }

// Pause is a time during which something is left alone. It is a span since an instant and not an end, because a device's
// clock may be set: a clock that went back ends every pause, and one that went forward shortens it; both harm nobody.
type Pause struct {
	From   time.Time `json:"from"`
	Millis int64     `json:"millis"`
}

// pause is a pause from now on.
func pause(now time.Time, d time.Duration) Pause {
	return Pause{From: now.Round(0), Millis: int64((d + time.Millisecond - 1) / time.Millisecond)}
}

// left is how long the pause goes on.
func (p Pause) left(now time.Time) time.Duration {
	if now.Before(p.From) {
		return 0
	}
	return max(0, time.Duration(min(p.Millis, int64(longest/time.Millisecond)))*time.Millisecond-now.Sub(p.From))
}

// Errors of a state that cannot be read.
var (
	ErrDamaged = errors.New("what is stored is damaged")
	ErrNewer   = errors.New("what is stored was written by a newer version of this program")
)

// encode writes a state down.
func encode(s *State) ([]byte, error) {
	b, err := json.Marshal(s, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("write the state down: %w", err)
	}
	return b, nil
}

// decode reads a state that encode wrote. It returns ErrDamaged or ErrNewer.
func decode(b []byte) (*State, error) {
	var written struct {
		Format int `json:"format"`
	}
	if json.Unmarshal(b, &written) == nil && written.Format > format {
		return nil, ErrNewer // first of all: what a newer version wrote may look damaged to this one
	}
	s := &State{}
	if err := json.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if s.Format != format || len(s.People) > MostPeople {
		return nil, ErrDamaged
	}
	seen := map[string]bool{}
	for i := range s.People {
		p := &s.People[i]
		if p.ID == "" || p.Secret == "" || p.Campaign == "" || seen[p.ID] {
			return nil, ErrDamaged
		}
		seen[p.ID] = true
		if slices.ContainsFunc(p.Outbox, func(o Operation) bool { return o.ID == "" || o.Body.Kind() != '{' }) {
			return nil, ErrDamaged
		}
	}
	return s, nil
}

// person finds somebody on this device.
func (s *State) person(id string) *Person {
	for i := range s.People {
		if s.People[i].ID == id {
			return &s.People[i]
		}
	}
	return nil
}

// remove deletes everything about a person but what was said about the deletion.
func (s *State) remove(id string) {
	s.People = slices.DeleteFunc(s.People, func(p Person) bool { return p.ID == id })
	s.Notices = slices.DeleteFunc(s.Notices, func(n Notice) bool { return n.Person == id })
}

// proven reports whether this device has been told what only one that proved the phone is told.
func (p *Person) proven() bool {
	return p.Told != nil && p.Told.Next != contract.NextVerify && p.Told.State != contract.StateReceived && p.Told.State != contract.StateIntroduced
}

// Held reports whether an operation waits for the phone to be proven. What this device has been told is enough to know: it is not sent in
// vain.
func (p *Person) Held(o Operation) bool {
	return !p.proven() && (o.Proof || o.Kind.needsProof() && p.Told != nil)
}

// pending reports whether an operation of a kind waits to be sent or answered.
func (p *Person) pending(k Kind) bool {
	return slices.ContainsFunc(p.Outbox, func(o Operation) bool { return o.Kind == k })
}
