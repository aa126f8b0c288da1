package desk

import (
	"context"
	"time"

	"jari/booking"
)

// State is what an entry looks like from outside.
type State string

const (
	StateReceived  State = "received"  // all that an unproven device is told
	StateWaiting   State = "waiting"   // has a place or will have one in seconds
	StateOffered   State = "offered"   // has an appointment, which stays valid without an answer
	StateConfirmed State = "confirmed" // has an appointment and said yes
	StateAttended  State = "attended"
	StateMissed    State = "missed"
	StateWithdrawn State = "withdrawn"
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
}

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
	g, err := d.book.Glance(ctx, c.ID, id, device)
	if err != nil {
		return View{}, err
	}
	if !g.Proven {
		return View{State: StateReceived, Next: NextVerify, ReceivedAt: g.ReceivedAt, AskAgain: time.Minute}, nil
	}
	h, err := d.holder(ctx, slug, reference, secret)
	if err != nil {
		return View{}, err
	}
	return d.view(h)
}

func (d *Desk) view(h holder) (View, error) {
	e, c := h.entry, h.campaign
	p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
	if err != nil {
		return View{}, err
	}
	v := View{
		Proven: true, ReceivedAt: e.ReceivedAt, Arrival: e.Arrival, Ticket: c.Keys.Ticket(e.Serial), Masked: booking.MaskName(p.Name),
		Region: e.Region, Wishes: e.Wishes, Appointment: e.Appointment, Place: Place(e), AskAgain: time.Minute,
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
