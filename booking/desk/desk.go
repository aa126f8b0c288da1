package desk

import (
	"context"
	"regexp"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"jari/booking"
	"jari/booking/vault"
)

// Desk carries out the operations. It is safe for concurrent use.
type Desk struct {
	campaigns Campaigns
	intake    Intake
	book      Book
	phones    Switchboard
	clock     Clock
	patterns  sync.Map // number pattern → *regexp.Regexp
}

// New makes a desk over its ports.
func New(campaigns Campaigns, intake Intake, book Book, phones Switchboard, clock Clock) *Desk {
	return &Desk{campaigns: campaigns, intake: intake, book: book, phones: phones, clock: clock}
}

// Now is our time.
func (d *Desk) Now() time.Time { return d.clock.Now() }

// Campaign finds a campaign by its slug. It returns CodeNoCampaign.
func (d *Desk) Campaign(slug string) (*Campaign, error) { return d.campaigns.BySlug(slug) }

// CampaignByID finds a campaign by its number. It returns CodeNoCampaign.
func (d *Desk) CampaignByID(id int32) (*Campaign, error) { return d.campaigns.ByID(id) }

// Entrance says how a request came in. Received is our clock at its first byte; nothing a client sends can change it.
type Entrance struct {
	Door     Door
	Actor    string // "app", "phone", "agent:kim"; never personal data
	Received time.Time
	Address  string // network address, for limits only; empty where there is none
}

// Applying is what somebody who applies tells us.
type Applying struct {
	Person   booking.Person
	Region   string
	Wishes   booking.Wishes
	Lang     booking.Lang
	Secret   string // of the client's making; empty where no client holds one
	Attested bool   // an agent has checked who it is
	// Operation is the application's own id, under which an agent's proof for an entry that stands already is recorded.
	Operation uuid.UUID
}

// Received is what a door may know after an application. Only Reference and At may be told to a device: whether the
// entry is new is for counting, and for replies that go to the phone on file.
type Received struct {
	Reference string // empty where no client holds a secret
	At        time.Time
	Entry     booking.ID
	Serial    int64
	New       bool
	Own       bool
}

// maxGenerations bounds how often one person may withdraw and apply again; more often is for an agent.
const maxGenerations = 20

// Register stores an application. Repeating it is safe: the same person in the same campaign is one entry, whoever
// applies. It returns CodeNoCampaign, CodeInvalid, CodeNotEligible, CodeNotOpenYet, CodeClosed or CodeOverloaded.
func (d *Desk) Register(ctx context.Context, slug string, from Entrance, a Applying) (Received, error) {
	c, err := d.campaigns.BySlug(slug)
	if err != nil {
		return Received{}, err
	}
	a.Person = compose(a.Person)
	cohort, err := d.admit(c, a.Person, a.Region, a.Wishes, from.Received)
	if err != nil {
		return Received{}, err
	}
	return d.store(ctx, c, cohort, from, a)
}

func (d *Desk) store(ctx context.Context, c *Campaign, cohort booking.Cohort, from Entrance, a Applying) (Received, error) {
	app := Application{
		Campaign: c.ID, Version: c.Version, Queue: c.Queues[cohort.Queue].ID, Cohort: cohort.Code,
		Arrival: from.Received, Door: from.Door, Actor: from.Actor, Attested: a.Attested,
		Region: a.Region, Wishes: a.Wishes, Lang: a.Lang, Verify: cohort.Verify,
	}
	if a.Secret != "" {
		device := c.Keys.Device(a.Secret)
		app.Device = &device
	}
	for app.Generation = 0; app.Generation < maxGenerations; app.Generation++ {
		identity, err := booking.Identity(c.Identity, a.Person, app.Generation)
		if err != nil {
			return Received{}, err
		}
		got, id, err := d.storeAs(ctx, c, app, c.Keys.ID(identity), a.Person)
		if err != nil {
			return Received{}, err
		}
		if got.Freed {
			continue
		}
		if a.Attested && !got.New {
			if err := d.attest(ctx, c, id, from, a); err != nil {
				return Received{}, err
			}
		}
		r := Received{At: got.Arrival, Entry: id, Serial: got.Serial, New: got.New, Own: got.Own}
		if app.Device != nil {
			if r.Reference, err = c.Keys.Reference(id, *app.Device); err != nil {
				return Received{}, err
			}
		}
		return r, nil
	}
	return Received{}, booking.Fail(booking.CodeTooMany, nil)
}

// attest records that an agent has checked who somebody is whose entry stood already: from now on they are ready.
func (d *Desk) attest(ctx context.Context, c *Campaign, id booking.ID, from Entrance, a Applying) error {
	err := d.book.Verify(ctx, Change{
		Campaign: c.ID, ID: id, Operation: a.Operation, Kind: "attest", Digest: c.Keys.Digest("attest", id[:]), Actor: from.Actor, At: from.Received,
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

// admit checks everything about an application that does not depend on who has applied.
func (d *Desk) admit(c *Campaign, p booking.Person, region string, w booking.Wishes, at time.Time) (booking.Cohort, error) {
	if err := d.checkPerson(c, p); err != nil {
		return booking.Cohort{}, err
	}
	if err := checkWishes(c, region, w); err != nil {
		return booking.Cohort{}, err
	}
	return booking.Eligible(c.Campaign, p.Born, at)
}

// compose writes letters in one way: some keyboards send 홍 as three characters, and the same name must be the same person.
func compose(p booking.Person) booking.Person {
	p.Name, p.Number = norm.NFC.String(p.Name), booking.FoldNumber(p.Number)
	return p
}

func (d *Desk) checkPerson(c *Campaign, p booking.Person) error {
	if _, err := booking.Identity(c.Identity, p, 0); err != nil {
		return err
	}
	if !booking.PrefixAllowed(c.Campaign, p.Phone) {
		return booking.Invalid("/person/phone")
	}
	if c.Identity != booking.ByNumber {
		return nil
	}
	re, ok := d.patterns.Load(c.Number)
	if !ok {
		compiled, err := regexp.Compile(`^(?:` + c.Number + `)$`)
		if err != nil {
			return err
		}
		re, _ = d.patterns.LoadOrStore(c.Number, compiled)
	}
	if !re.(*regexp.Regexp).MatchString(p.Number) {
		return booking.Invalid("/person/number")
	}
	return nil
}

func checkWishes(c *Campaign, region string, w booking.Wishes) error {
	if _, ok := c.Region(region); region != "" && !ok {
		return booking.Invalid("/region")
	}
	if len(w.Sites) > booking.MaxWishedSites {
		return booking.Invalid("/wishes/sites")
	}
	for _, s := range w.Sites {
		if _, ok := c.Site(s); !ok {
			return booking.Invalid("/wishes/sites")
		}
	}
	return nil
}

// holder is who stands at the desk with a reference and a secret.
type holder struct {
	campaign *Campaign
	entry    Entry
	device   vault.Device
	proven   bool // this device has proven the phone on file
	maker    bool // this device made the entry
}

// holder finds the entry of a reference. Whatever is wrong, the answer is CodeUnauthorized, so that it tells nothing.
func (d *Desk) holder(ctx context.Context, slug, reference, secret string) (holder, error) {
	c, err := d.campaigns.BySlug(slug)
	if err != nil {
		return holder{}, err
	}
	id, device, err := c.Keys.ParseReference(reference)
	if err != nil || secret == "" || !device.Equal(c.Keys.Device(secret)) {
		return holder{}, booking.Fail(booking.CodeUnauthorized, err)
	}
	h := holder{campaign: c, device: device}
	if h.entry, err = d.book.Entry(ctx, c.ID, id); err != nil {
		return holder{}, err
	}
	h.maker = h.entry.Device != nil && h.entry.Device.Equal(device)
	for _, v := range h.entry.VerifiedBy {
		h.proven = h.proven || v.Equal(device)
	}
	return h, nil
}
