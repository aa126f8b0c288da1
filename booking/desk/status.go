package desk

import (
	"context"
	"time"

	"jari/booking"
)

// State is what an entry looks like from outside.
type State string

const (
	StateReceived   State = "received"   // all that an unproven device is told
	StateIntroduced State = "introduced" // the same, to one that has not applied but introduced itself
	StatePrepared   State = "prepared"   // the phone is proven, and there is no entry that this device may know of
	StateWaiting    State = "waiting"    // has a place or will have one in seconds
	StateOffered    State = "offered"    // has an appointment, which stays valid without an answer
	StateConfirmed  State = "confirmed"  // has an appointment and said yes
	StateAttended   State = "attended"
	StateMissed     State = "missed"
	StateWithdrawn  State = "withdrawn"
)

// Next is what the person can do now.
type Next string

const (
	NextVerify  Next = "verify"  // prove the phone on file
	NextNothing Next = "nothing" // wait; we will text
	NextAnswer  Next = "answer"  // confirm or decline the offer
	NextCome    Next = "come"    // be there
	NextCallUs  Next = "call"    // an agent helps
	NextReapply Next = "apply"   // apply again if wanted
)

// View is what may be told about an entry. When Proven is false everything but ReceivedAt, State, Next and AskAgain is
// empty, and those depend on this device's own application alone.
type View struct {
	Proven      bool
	State       State
	Next        Next
	ReceivedAt  time.Time
	AskAgain    time.Duration
	Ticket      string
	Arrival     time.Time
	Place       booking.PlaceView
	Masked      string
	Region      string
	Wishes      booking.Wishes
	Appointment *Appointment
	SwapAsked   bool
	Revision    string
	Helper      string         // the helper's phone, masked; empty when there is none
	Zone        *time.Location // of the campaign: how people think of the appointment's times
}

// AskAgain is how often it is worth asking. It is also what the answer to an application says.
const AskAgain = time.Minute

// askBeforeDraw is how often it is worth asking in a queue that waits for its draw, which may be days away.
const askBeforeDraw = 10 * time.Minute

// Status tells a device about its entry. It returns CodeNoCampaign or CodeUnauthorized.
//
// The device that made the entry and a stranger's get the same view until they prove the phone on file: the instant of
// their own application, and that the phone must be proven.
func (d *Desk) Status(ctx context.Context, slug, reference, secret string) (View, error) {
	c, id, device, err := d.referred(slug, reference, secret)
	if err != nil {
		return View{}, err
	}
	g, err := d.ports.Book.Glance(ctx, c.ID, id, device)
	if err != nil {
		return View{}, err
	}
	if g.Proven {
		e, err := d.ports.Book.Entry(ctx, c.ID, *g.Entry)
		if err != nil {
			return View{}, err
		}
		return viewOf(c, e)
	}
	if g.Introduced != nil && g.Introduced.Proven {
		return d.foreseen(ctx, holder{campaign: c, id: id, device: device, glance: g})
	}
	return unprovenView(g), nil
}

// unprovenView depends on what this device itself has told us and on nothing else.
func unprovenView(g Glance) View {
	if !g.Applied {
		return View{State: StateIntroduced, Next: NextVerify, ReceivedAt: g.Introduced.At, AskAgain: AskAgain}
	}
	return View{State: StateReceived, Next: NextVerify, ReceivedAt: g.ReceivedAt, AskAgain: AskAgain}
}

// Standing tells an agent, who is trusted and named in the audit trail, how an entry stands whose application was just taken. When
// it cannot be read, the view holds what Received tells, and the error says why.
func (d *Desk) Standing(ctx context.Context, slug string, r Received) (View, error) {
	c, err := d.ports.Campaigns.BySlug(slug)
	if err != nil {
		return View{}, err
	}
	v := View{State: StateReceived, Ticket: c.Keys.Ticket(r.Serial), Arrival: r.At}
	e, err := d.ports.Book.Entry(ctx, c.ID, r.Entry)
	if err != nil {
		return v, err
	}
	v.State, v.Next = StateOf(e)
	v.Arrival, v.Place = e.Arrival, Place(e)
	return v, nil
}

func viewOf(c *Campaign, e Entry) (View, error) {
	p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
	if err != nil {
		return View{}, err
	}
	v := View{
		Proven: true, ReceivedAt: e.ReceivedAt, Arrival: e.Arrival, Ticket: c.Keys.Ticket(e.Serial), Masked: booking.MaskName(p.Name),
		Region: e.Region, Wishes: e.Wishes, Appointment: e.Appointment, SwapAsked: e.SwapAsked, Place: Place(e), AskAgain: AskAgain, Zone: c.Zone,
	}
	if v.Revision, err = Revision(e); err != nil {
		return View{}, err
	}
	if e.Helper != nil {
		phone, err := OpenHelper(c.Keys, e.ID, e.Helper.CT)
		if err != nil {
			return View{}, err
		}
		v.Helper = booking.MaskPhone(phone)
	}
	if e.Drawn {
		v.Place.DrawID = c.Keys.DrawID(e.ID).String()
	}
	v.State, v.Next = StateOf(e)
	switch {
	case v.State != StateWaiting || e.Place != 0:
	case e.BeforeDraw:
		v.AskAgain = askBeforeDraw
	default:
		v.AskAgain = max(c.Settle/2, 2*time.Second)
	}
	return v, nil
}

// Place says what may be said about an entry's place.
func Place(e Entry) booking.PlaceView {
	p := booking.PlaceView{Queue: e.QueueCode, Number: e.Place, Late: e.PlaceLate}
	if p.AfterDraw = p.Number == 0 && (e.Drawn || e.BeforeDraw); p.AfterDraw {
		return p
	}
	if p.Number == 0 {
		p.Estimate = booking.EstimatePlace(e.SealedTo, e.Unsealed)
	}
	return p
}

// StateOf says what an entry looks like to somebody who may know.
func StateOf(e Entry) (State, Next) {
	if e.Withdrawn {
		return StateWithdrawn, NextReapply
	}
	if e.Appointment == nil {
		return StateWaiting, NextNothing
	}
	switch e.Appointment.State {
	case booking.Offered:
		return StateOffered, NextAnswer
	case booking.Confirmed:
		return StateConfirmed, NextCome
	case booking.Attended:
		return StateAttended, NextNothing
	case booking.Missed:
		return StateMissed, NextCallUs
	default: // declined, lapsed, cancelled: back among those who wait
		return StateWaiting, NextNothing
	}
}
