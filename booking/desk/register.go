package desk

import (
	"context"
	"errors"
	"slices"
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
	Reference string // empty where no client holds a secret
	At        time.Time
	Stamp     booking.StampOutcome // depends on the request alone
	Entry     booking.ID
	Serial    int64
	New       bool
	Own       bool
	Withdrawn bool // the entry was given up after this request had come: nothing was made
}

// maxGenerations bounds how often one person may withdraw and apply again; more often is for an agent.
const maxGenerations = 20

// applicant is who applies, as keyed hashes.
type applicant struct {
	id     booking.ID // of the first generation
	device *vault.Device
}

// Register stores an application. Repeating it is safe: the same person in the same campaign is one entry, whoever
// applies. It returns CodeNoCampaign, CodeInvalid, CodeNotEligible, CodeNotOpenYet, CodeClosed or CodeOverloaded, the
// last with an arrival stamp.
func (d *Desk) Register(ctx context.Context, slug string, from Entrance, a Applying) (Received, error) {
	c, err := d.campaigns.BySlug(slug)
	if err != nil {
		return Received{}, err
	}
	identity, err := d.check(c, &a.Person, a.Region, a.Wishes)
	if err != nil {
		return Received{}, err
	}
	if !slices.Contains(c.Langs, a.Lang) {
		return Received{}, booking.Invalid("/lang")
	}
	who := identify(c, identity, a.Secret)
	from, outcome := d.honour(c, from, a, who)
	cohort, err := booking.Eligible(c.Campaign, a.Person.Born, from.Received)
	if err != nil {
		return Received{}, d.refused(c, from.Door, a.Person.Born, from.Received, err)
	}
	got, err := d.store(ctx, c, cohort, from, a, who)
	if err != nil {
		return Received{}, d.stamp(err, c, cohort, from, a, who)
	}
	got.Stamp = outcome
	return got, nil
}

// identify hashes the canonical text of an identity, and the secret where there is one.
func identify(c *Campaign, identity, secret string) applicant {
	who := applicant{id: c.Keys.ID(identity)}
	if secret != "" {
		device := c.Keys.Device(secret)
		who.device = &device
	}
	return who
}

func stamped(c *Campaign, a Applying, who applicant) booking.Stamped {
	of := booking.Stamped{Campaign: c.Slug, Operation: a.Operation, Identity: who.id}
	if who.device != nil {
		of.Device = *who.device
	}
	return of
}

// honour gives an application the arrival that its stamp proves. A stamp that does not count costs nothing: the request
// keeps its own arrival.
func (d *Desk) honour(c *Campaign, from Entrance, a Applying, who applicant) (Entrance, booking.StampOutcome) {
	if a.Stamp == "" {
		return from, booking.StampNone
	}
	if d.stamps == nil {
		return from, booking.StampInvalid
	}
	arrival, outcome := d.stamps.Open(a.Stamp, stamped(c, a, who), from.Received, lastFirstRound(c.Campaign))
	if outcome != booking.StampCounted {
		return from, outcome
	}
	switch _, err := booking.Eligible(c.Campaign, a.Person.Born, arrival); booking.CodeOf(err) {
	case "":
		from.Own, from.Received, from.Via = from.own(), arrival, ViaStamp
		return from, outcome
	case booking.CodeNotOpenYet: // the opening was moved since
		return from, booking.StampTooEarly
	}
	return from, booking.StampInvalid
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
func (d *Desk) stamp(err error, c *Campaign, cohort booking.Cohort, from Entrance, a Applying, who applicant) error {
	var refused *booking.Error
	if d.stamps == nil || !errors.As(err, &refused) || refused.Code != booking.CodeOverloaded {
		return err
	}
	with := booking.Fail(booking.CodeOverloaded, err)
	with.Stamp = d.stamps.Make(stamped(c, a, who), from.Received, cohort.FirstRound)
	return with
}

// errBraked is told as overload is, with a stamp: whoever is refused loses nothing.
var errBraked = errors.New("an operator has stopped the intake")

func (d *Desk) store(ctx context.Context, c *Campaign, cohort booking.Cohort, from Entrance, a Applying, who applicant) (Received, error) {
	// Before the person is encrypted: a refusal must be the cheapest answer there is.
	if c.Braked(booking.BrakeIntake) {
		return Received{}, booking.Fail(booking.CodeOverloaded, errBraked)
	}
	if err := d.intake.Open(); err != nil {
		return Received{}, err
	}
	app := Application{
		Campaign: c.ID, Version: c.Version, Queue: c.Queues[cohort.Queue].ID, Cohort: cohort.Code,
		Arrival: from.Received, Told: from.Received, Via: from.Via, Door: from.Door, Actor: from.Actor, Device: who.device, Attested: a.Attested,
		Region: a.Region, Wishes: a.Wishes, Lang: a.Lang, Verify: cohort.Verify,
	}
	id := who.id
	for app.Generation = 0; app.Generation < maxGenerations; app.Generation++ {
		if app.Generation > 0 {
			identity, err := booking.Identity(c.Identity, a.Person, app.Generation)
			if err != nil {
				return Received{}, err
			}
			id = c.Keys.ID(identity)
		}
		got, at, err := d.storeAs(ctx, c, app, id, a.Person)
		if err != nil {
			return Received{}, err
		}
		if !got.Freed {
			return d.received(ctx, c, from, a, who, got, at)
		}
		if !from.own().After(got.FreedAt) { // asked for before it was given up, and only handled now
			return Received{At: got.Arrival, Entry: at, Serial: got.Serial, Withdrawn: true}, nil
		}
		// Whoever gave up and applies again starts afresh. The device is told the same as anybody (its stamp's instant), because
		// that somebody gave up is not its business.
		if !app.Arrival.After(got.FreedAt) {
			app.Arrival, app.Via = from.own(), ViaDoor
		}
	}
	return Received{}, booking.Fail(booking.CodeTooMany, nil)
}

// received makes the answer to an application that stands under an id.
func (d *Desk) received(ctx context.Context, c *Campaign, from Entrance, a Applying, who applicant, got Stored, id booking.ID) (Received, error) {
	if a.Attested && !got.New {
		if err := d.attest(ctx, c, id, from, a); err != nil {
			return Received{}, err
		}
	}
	r := Received{At: got.Arrival, Entry: id, Serial: got.Serial, New: got.New, Own: got.Own}
	if who.device == nil {
		return r, nil
	}
	var err error
	r.Reference, err = c.Keys.Reference(id, *who.device)
	return r, err
}

// attest records that an agent has checked who somebody is whose entry stood already: from now on they are ready.
func (d *Desk) attest(ctx context.Context, c *Campaign, id booking.ID, from Entrance, a Applying) error {
	err := d.book.Verify(ctx, Change{
		Campaign: c.ID, ID: id, Operation: a.Operation, Kind: "attest", Digest: c.Keys.Digest("attest", id[:]), Actor: from.Actor, At: from.own(),
	}, "agent", 0)
	if booking.CodeOf(err) == booking.CodeConflict {
		return nil // withdrawn meanwhile: there is nothing to make ready
	}
	return err
}

// storeAs stores under one identity and follows it to the entry that holds it since a correction.
func (d *Desk) storeAs(ctx context.Context, c *Campaign, app Application, id booking.ID, p booking.Person) (Stored, booking.ID, error) {
	for range 2 {
		var err error
		app.ID, app.Tie = id, c.Keys.Tie(id)
		if app.PersonCT, err = c.Keys.SealPerson(id, p); err != nil {
			return Stored{}, id, err
		}
		got, err := d.intake.Store(ctx, app)
		if err != nil || got.AliasOf == nil {
			return got, id, err
		}
		id = *got.AliasOf
	}
	return Stored{Freed: true}, id, nil
}
