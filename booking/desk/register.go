package desk

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/vault"
)

// Entrance says how a request came in. Received is our clock at its first byte; nothing a client sends can change it.
type Entrance struct {
	Door     Door
	Actor    string // "app", "phone", "agent:kim"; never personal data
	Received time.Time
	Address  string // network address, for limits only; empty where there is none
	Via      Via    // where the arrival comes from, when it is not this request's own
	// Own is when this very request came, where Received is an earlier contact's or a stamp's. Zero: the same.
	Own time.Time
}

func (e Entrance) own() time.Time {
	if e.Own.IsZero() {
		return e.Received
	}
	return e.Own
}

// Via says where an arrival comes from. It is kept with the entry, so that a place announced late says why.
type Via string

const (
	ViaDoor    Via = ""        // the request itself
	ViaStamp   Via = "stamp"   // an arrival stamp
	ViaJournal Via = "journal" // a door's journal
	ViaLog     Via = "log"     // a provider's log, after an outage
)

// Applying is what somebody who applies tells us.
type Applying struct {
	Person   booking.Person
	Region   string
	Wishes   booking.Wishes
	Lang     booking.Lang
	Secret   string // of the client's making; empty where no client holds one
	Attested bool   // an agent has checked who it is
	// Operation is the application's own id: what an arrival stamp is bound to, and under which an agent's proof for an
	// entry that stands already is recorded.
	Operation uuid.UUID
	Stamp     string // the arrival stamp of an earlier try; empty when there is none
}

// Received is what a door may know after an application. Only Reference, At and Stamp may be told to a device: whether
// the entry is new is for counting, and for replies that go to the phone on file.
type Received struct {
	Reference  string // empty where no client holds a secret
	At         time.Time
	Stamp      booking.StampOutcome // depends on the request alone
	Entry      booking.ID
	Serial     int64
	New        bool
	Own        bool
	Introduced bool // this is the answer to an introduction
	Withdrawn  bool // the entry was given up after this request had come: nothing was made
}

// maxGenerations bounds how often one person may withdraw and apply again; more often is for an agent.
const maxGenerations = 20

// applicant is somebody at the desk: what they tell, how they came, and the keyed hashes under which they are known.
type applicant struct {
	*Applying
	campaign *Campaign
	cohort   *booking.Cohort
	from     Entrance
	id       booking.ID // of the first generation
	device   *vault.Device
}

// Register stores an application. Repeating it is safe: the same person in the same campaign is one entry, whoever
// applies. It returns CodeNoCampaign, CodeInvalid, CodeNotEligible, CodeNotOpenYet, CodeClosed or CodeOverloaded, the
// last with an arrival stamp. The person's name and number in a are written in the one way.
func (d *Desk) Register(ctx context.Context, slug string, from Entrance, a *Applying) (Received, error) {
	c, err := d.ports.Campaigns.BySlug(slug)
	if err != nil {
		return Received{}, err
	}
	identity, err := d.checkForm(c, &a.Person, a.Region, a.Wishes, a.Lang)
	if err != nil {
		return Received{}, err
	}
	who := identify(c, identity, from, a)
	outcome := d.honour(who)
	if who.cohort, err = booking.Eligible(c.Campaign, a.Person.Born, who.from.Received); err != nil {
		return Received{}, d.refused(c, from.Door, a.Person.Born, who.from.Received, err)
	}
	got, err := d.store(ctx, who)
	if err != nil {
		return Received{}, d.stamp(err, who)
	}
	got.Stamp = outcome
	return got, nil
}

// identify hashes the canonical text of an identity, and the secret where there is one.
func identify(c *Campaign, identity string, from Entrance, a *Applying) *applicant {
	who := &applicant{Applying: a, campaign: c, from: from, id: c.Keys.ID(identity)}
	if a.Secret != "" {
		device := c.Keys.Device(a.Secret)
		who.device = &device
	}
	return who
}

// application is the row for the intake, but for what depends on the generation.
func (w *applicant) application() *Application {
	return &Application{
		Campaign: w.campaign.ID, Version: w.campaign.Version, Queue: w.campaign.Queues[w.cohort.Queue].ID, Cohort: w.cohort.Code, Verify: w.cohort.Verify,
		Arrival: w.from.Received, Told: w.from.Received, Via: w.from.Via, Door: w.from.Door, Actor: w.from.Actor, Device: w.device,
		Attested: w.Attested, Region: w.Region, Wishes: w.Wishes, Lang: w.Lang,
	}
}

// as is the id under which the person applies after having withdrawn so many times.
func (w *applicant) as(generation int) (booking.ID, error) {
	if generation == 0 {
		return w.id, nil
	}
	identity, err := booking.Identity(w.campaign.Identity, w.Person, generation)
	if err != nil {
		return booking.ID{}, err
	}
	return w.campaign.Keys.ID(identity), nil
}

func (w *applicant) stamped() booking.Stamped {
	of := booking.Stamped{Campaign: w.campaign.Slug, Operation: w.Operation, Identity: w.id}
	if w.device != nil {
		of.Device = *w.device
	}
	return of
}

// honour gives an application the arrival that its stamp proves. A stamp that does not count costs nothing: the request
// keeps its own arrival.
func (d *Desk) honour(w *applicant) booking.StampOutcome {
	if w.Stamp == "" {
		return booking.StampNone
	}
	if d.ports.Stamps == nil {
		return booking.StampInvalid
	}
	arrival, outcome := d.ports.Stamps.Open(w.Stamp, w.stamped(), w.from.Received, lastFirstRound(w.campaign.Campaign))
	if outcome != booking.StampCounted {
		return outcome
	}
	switch _, err := booking.Eligible(w.campaign.Campaign, w.Person.Born, arrival); booking.CodeOf(err) {
	case "":
		w.from.Own, w.from.Received, w.from.Via = w.from.own(), arrival, ViaStamp
		return outcome
	case booking.CodeNotOpenYet: // the opening was moved since
		return booking.StampTooEarly
	}
	return booking.StampInvalid
}

// lastFirstRound is until when every stamp of a campaign is good, also one that was made before the round was put off.
func lastFirstRound(c *booking.Campaign) time.Time {
	var last time.Time
	for i := range c.Cohorts {
		if at := c.Cohorts[i].FirstRound; at.After(last) {
			last = at
		}
	}
	return last
}

// stamp gives whoever is refused for overload the proof of this arrival. It needs neither database nor memory.
func (d *Desk) stamp(err error, w *applicant) error {
	var refused *booking.Error
	if d.ports.Stamps == nil || !errors.As(err, &refused) || refused.Code != booking.CodeOverloaded {
		return err
	}
	with := booking.Fail(booking.CodeOverloaded, err)
	with.Stamp = d.ports.Stamps.Make(w.stamped(), w.from.Received, w.cohort.FirstRound)
	return with
}

// errBraked is told as overload is, with a stamp: whoever is refused loses nothing.
var errBraked = errors.New("an operator has stopped the intake")

func (d *Desk) store(ctx context.Context, w *applicant) (Received, error) {
	// Before the person is encrypted: a refusal must be the cheapest answer there is.
	if w.campaign.Braked(booking.BrakeIntake) {
		return Received{}, booking.Fail(booking.CodeOverloaded, errBraked)
	}
	if err := d.ports.Intake.Open(); err != nil {
		return Received{}, err
	}
	app := w.application()
	for ; app.Generation < maxGenerations; app.Generation++ {
		id, err := w.as(app.Generation)
		if err != nil {
			return Received{}, err
		}
		got, at, err := d.storeAs(ctx, w, app, id)
		if err != nil {
			return Received{}, err
		}
		if !got.Freed {
			return d.received(ctx, w, got, at)
		}
		if !w.from.own().After(got.FreedAt) { // asked for before it was given up, and only handled now
			return w.tooLate(got, at)
		}
		// Whoever gave up and applies again starts afresh. The device is told the same as anybody (its stamp's instant), because
		// that somebody gave up is not its business.
		if !app.Arrival.After(got.FreedAt) {
			app.Arrival, app.Via = w.from.own(), ViaDoor
		}
	}
	return Received{}, booking.Fail(booking.CodeTooMany, nil)
}

// tooLate is the answer to an application that came before the entry was given up, and is handled after it. A device is told what any
// first application is told: its own instant, and a reference.
func (w *applicant) tooLate(got Stored, id booking.ID) (Received, error) {
	r := Received{At: got.Arrival, Entry: id, Serial: got.Serial, Withdrawn: true}
	if w.device == nil {
		return r, nil
	}
	r.At = w.from.Received
	var err error
	r.Reference, err = w.campaign.Keys.Reference(id, *w.device)
	return r, err
}

// received makes the answer to an application that stands under an id.
func (d *Desk) received(ctx context.Context, w *applicant, got Stored, id booking.ID) (Received, error) {
	if w.Attested && !got.New {
		if err := d.attest(ctx, w, id); err != nil {
			return Received{}, err
		}
	}
	r := Received{At: got.Arrival, Entry: id, Serial: got.Serial, New: got.New, Own: got.Own}
	if w.device == nil {
		return r, nil
	}
	var err error
	r.Reference, err = w.campaign.Keys.Reference(id, *w.device)
	return r, err
}

// attest records that an agent has checked who somebody is whose entry stood already: from now on they are ready.
func (d *Desk) attest(ctx context.Context, w *applicant, id booking.ID) error {
	err := d.ports.Book.Verify(ctx, Change{
		Campaign: w.campaign.ID, ID: id, Operation: w.Operation, Kind: "attest", Digest: w.campaign.Keys.Digest("attest", id[:]),
		Actor: w.from.Actor, At: w.from.own(),
	}, "agent", 0)
	if booking.CodeOf(err) == booking.CodeConflict {
		return nil // withdrawn meanwhile: there is nothing to make ready
	}
	return err
}

// storeAs stores under one identity and follows it to the entry that holds it since a correction.
func (d *Desk) storeAs(ctx context.Context, w *applicant, app *Application, id booking.ID) (Stored, booking.ID, error) {
	for range 2 {
		var err error
		app.ID, app.Tie = id, w.campaign.Keys.Tie(id)
		if app.PersonCT, err = w.campaign.Keys.SealPerson(id, w.Person); err != nil {
			return Stored{}, id, err
		}
		got, err := d.ports.Intake.Store(ctx, *app)
		if err == nil && got.Kept != nil {
			err = d.stuck(ctx, w, id, *got.Kept)
		}
		if err != nil || got.AliasOf == nil {
			return got, id, err
		}
		way, err := d.beyond(ctx, w, id, *got.AliasOf)
		switch {
		case err != nil || way == passes:
			return Stored{Freed: true}, id, err
		case way == stays:
			got, err = d.told(ctx, w, id, got.Serial)
			return got, id, err
		}
		id = *got.AliasOf
	}
	return Stored{Freed: true}, id, nil
}
