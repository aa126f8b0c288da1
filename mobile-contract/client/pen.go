package client

import (
	"encoding/base64"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"jari/mobile-contract/contract"
)

// Errors of what cannot be written. None of them changes anything.
var (
	ErrFull     = errors.New("this device speaks for six people already")
	ErrNobody   = errors.New("nobody of that name on this device")
	ErrTooMany  = errors.New("too much waits to be sent for this person")
	ErrNothing  = errors.New("introduce the person or apply first")
	ErrLeaving  = errors.New("the withdrawal is still being sent; apply again after it")
	ErrNoOffer  = errors.New("this appointment is not offered")
	ErrSecret   = errors.New("no randomness for a secret")
	errBadState = errors.New("an operation that cannot be written down")
)

// Pen writes what the person does into a state. Every method appends at most one operation to the person's outbox (Recover: two);
// tapping twice writes once. Nothing is sent and nothing is stored here: whoever holds the state stores it before anything is sent.
type Pen struct {
	State  *State
	Now    time.Time
	Random io.Reader      // for secrets and ids; a cryptographic source
	Dice   func() float64 // in [0, 1), for spreading
	// Campaign is the campaign's document as it is cached; nil if there is none. Only a drawn order is looked for in it.
	Campaign func(contract.Slug) *contract.Campaign
}

// Add takes a person on this device, with a secret of their own, and returns the local id. Nothing is sent yet. It returns ErrFull.
func (p Pen) Add(campaign contract.Slug, form Form) (string, error) {
	if len(p.State.People) >= MostPeople {
		return "", ErrFull
	}
	id, err := p.id()
	if err != nil {
		return "", err
	}
	secret, err := p.secret()
	if err != nil {
		return "", err
	}
	p.State.People = append(p.State.People, Person{ID: id, Campaign: campaign, Secret: secret, Form: form})
	return id, nil
}

func (p Pen) id() (string, error) {
	id, err := uuid.NewRandomFromReader(p.Random)
	if err != nil {
		return "", ErrSecret
	}
	return id.String(), nil
}

func (p Pen) secret() (string, error) {
	var b [32]byte
	if _, err := io.ReadFull(p.Random, b[:]); err != nil {
		return "", ErrSecret
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// Introduce prepares: person, region and wishes are left at the server, and the phone can be proven, so that the application
// takes one tap on the night. It gives no arrival.
func (p Pen) Introduce(id string) error {
	who, err := p.who(id)
	if err != nil {
		return err
	}
	who.supersede()
	return p.write(who, Introduce, func(op string) any { return who.Form.introduction(op) })
}

// Apply applies with what the form holds. Who has applied already does nothing by it; who has withdrawn starts afresh, with a new
// secret. Under a drawn order it is sent at a random moment soon. It returns ErrLeaving while a withdrawal is under way.
func (p Pen) Apply(id string) error {
	who, err := p.who(id)
	switch {
	case err != nil:
		return err
	case who.pending(Cancel):
		return ErrLeaving
	case who.withdrawn():
		if err := p.afresh(who); err != nil {
			return err
		}
	case who.Applied || who.pending(Register):
		return nil
	}
	who.supersede()
	f := who.Form
	err = p.write(who, Register, func(op string) any {
		return contract.RegistrationRequest{OperationID: op, Person: f.Person, Region: optional(f.Region), Wishes: f.Wishes, Lang: f.Lang}
	})
	if last := len(who.Outbox) - 1; err == nil && last >= 0 {
		who.Outbox[last].Rest = p.spread(who)
	}
	return err
}

// supersede takes out the wishes that were certainly not carried out: the form holds them, or later ones.
func (p *Person) supersede() {
	p.Outbox = slices.DeleteFunc(p.Outbox, func(o Operation) bool { return o.Kind == ChangeWishes && (!o.Sent || o.Proof) })
}

func (p *Person) withdrawn() bool {
	return p.Spent || p.Told != nil && p.Told.State == contract.StateWithdrawn
}

// afresh forgets the entry that was given up. What still waits for it can no longer be carried out.
func (p Pen) afresh(who *Person) error {
	secret, err := p.secret()
	if err != nil {
		return err
	}
	*who = Person{ID: who.ID, Campaign: who.Campaign, Secret: secret, Form: who.Form, ForgetAfter: who.ForgetAfter}
	return nil
}

// Recover brings a new device to an entry that exists, at any time: it introduces the person and asks for the code.
func (p Pen) Recover(id string) error {
	if err := p.Introduce(id); err != nil {
		return err
	}
	return p.RequestCode(id)
}

// RequestCode asks for a code by text to the phone on file.
func (p Pen) RequestCode(id string) error { return p.plain(id, RequestCode) }

// Verify proves the phone on file with the code that was texted. A code that is asked for and not sent yet is not asked for any more.
func (p Pen) Verify(id, code string) error {
	who, err := p.who(id)
	if err != nil {
		return err
	}
	who.Outbox = slices.DeleteFunc(who.Outbox, func(o Operation) bool { return o.Kind == RequestCode })
	return p.write(who, Verify, func(op string) any { return contract.VerificationRequest{OperationID: op, Code: code} })
}

// Cancel withdraws. The place is given up.
func (p Pen) Cancel(id string) error { return p.plain(id, Cancel) }

// DropSwap takes the wish for another appointment back.
func (p Pen) DropSwap(id string) error { return p.plain(id, DropSwap) }

// RemoveHelper ends a helper's copies and answers.
func (p Pen) RemoveHelper(id string) error { return p.plain(id, RemoveHelper) }

// plain writes an operation that its kind says all about.
func (p Pen) plain(id string, k Kind) error {
	who, err := p.who(id)
	if err != nil {
		return err
	}
	return p.write(who, k, func(op string) any { return contract.OperationRequest{OperationID: op} })
}

// RemoveDevices shuts out this device or, after a lost phone, all others.
func (p Pen) RemoveDevices(id string, which contract.DeviceRemovalRequestDevices) error {
	who, err := p.who(id)
	if err != nil {
		return err
	}
	return p.write(who, RemoveDevices, func(op string) any { return contract.DeviceRemovalRequest{OperationID: op, Devices: which} })
}

// Confirm accepts the appointment that the person saw.
func (p Pen) Confirm(id string, appointment contract.AppointmentID) error {
	return p.answer(id, Confirm, appointment)
}

// Decline gives the appointment back that the person saw; the place is kept.
func (p Pen) Decline(id string, appointment contract.AppointmentID) error {
	return p.answer(id, Decline, appointment)
}

func (p Pen) answer(id string, k Kind, appointment contract.AppointmentID) error {
	who, err := p.who(id)
	if err != nil {
		return err
	}
	if who.Told == nil || who.Told.Appointment == nil || who.Told.Appointment.ID != appointment {
		return ErrNoOffer
	}
	return p.write(who, k, func(op string) any { return contract.AnswerRequest{OperationID: op, Appointment: appointment} })
}

// ForgetAfter says that the device is shared: everything about the person goes once all is answered, at once if nothing waits.
func (p Pen) ForgetAfter(id string) error {
	who, err := p.who(id)
	if err != nil {
		return err
	}
	who.ForgetAfter = true
	p.State.forgetDone()
	return nil
}

// Forget deletes everything about a person now, also what was never sent.
func (p Pen) Forget(id string) error {
	if _, err := p.who(id); err != nil {
		return err
	}
	p.State.remove(id)
	return nil
}

// Seen takes a notice away that the person has read.
func (p Pen) Seen(number int) {
	p.State.Notices = slices.DeleteFunc(p.State.Notices, func(n Notice) bool { return n.Number == number })
}

func (p Pen) who(id string) (*Person, error) {
	if who := p.State.person(id); who != nil {
		return who, nil
	}
	return nil, ErrNobody
}

// write appends an operation, or puts it in the place of one that says the same or that it replaces.
func (p Pen) write(who *Person, k Kind, body func(op string) any) error {
	if !k.opens() && !who.begun() {
		return ErrNothing
	}
	op, err := p.id()
	if err != nil {
		return err
	}
	b, err := json.Marshal(body(op), json.Deterministic(true))
	if err != nil {
		return errors.Join(errBadState, err)
	}
	written := Operation{ID: op, Kind: k, Body: b}
	if p.merge(who, written) {
		p.State.stir()
		return nil
	}
	if len(who.Outbox) >= MostPending {
		return ErrTooMany
	}
	who.Outbox = append(who.Outbox, written)
	p.State.stir()
	return nil
}

// begun reports whether there is anything at the server for an operation to be about, or on its way there.
func (p *Person) begun() bool {
	return p.Reference != "" || p.pending(Introduce) || p.pending(Register)
}

// stir ends a pause that nobody asked for: when a person has just done something, it is tried at once.
func (s *State) stir() {
	if !s.Asked {
		s.Rest = Pause{}
	}
}

func optional[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}
