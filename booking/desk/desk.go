package desk

import (
	"context"
	"regexp"
	"sync"
	"time"

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
	stamps    *booking.StampRing
	patterns  sync.Map // number pattern → *regexp.Regexp
	alarm     Alarm    // nil: nobody hears of wrong refusals
}

// New makes a desk over its ports. Without stamps (nil) a refusal under overload carries none, and none is honoured.
func New(campaigns Campaigns, intake Intake, book Book, phones Switchboard, clock Clock, stamps *booking.StampRing) *Desk {
	return &Desk{campaigns: campaigns, intake: intake, book: book, phones: phones, clock: clock, stamps: stamps}
}

// Now is our time.
func (d *Desk) Now() time.Time { return d.clock.Now() }

// Campaign finds a campaign by its slug. It returns CodeNoCampaign.
func (d *Desk) Campaign(slug string) (*Campaign, error) { return d.campaigns.BySlug(slug) }

// CampaignByID finds a campaign by its number. It returns CodeNoCampaign.
func (d *Desk) CampaignByID(id int32) (*Campaign, error) { return d.campaigns.ByID(id) }

// admit checks everything about an application that does not depend on who has applied.
func (d *Desk) admit(c *Campaign, p booking.Person, region string, w booking.Wishes, at time.Time) (booking.Cohort, error) {
	if _, err := d.checkPerson(c, p); err != nil {
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

// checkPerson returns the canonical text of a person's identity, of the first generation.
func (d *Desk) checkPerson(c *Campaign, p booking.Person) (string, error) {
	identity, err := booking.Identity(c.Identity, p, 0)
	if err != nil {
		return "", err
	}
	if !booking.PrefixAllowed(c.Campaign, p.Phone) {
		return "", booking.Invalid("/person/phone")
	}
	if c.Identity != booking.ByNumber {
		return identity, nil
	}
	re, ok := d.patterns.Load(c.Number)
	if !ok {
		compiled, err := regexp.Compile(`^(?:` + c.Number + `)$`)
		if err != nil {
			return "", err
		}
		re, _ = d.patterns.LoadOrStore(c.Number, compiled)
	}
	if !re.(*regexp.Regexp).MatchString(p.Number) {
		return "", booking.Invalid("/person/number")
	}
	return identity, nil
}

func checkWishes(c *Campaign, region string, w booking.Wishes) error {
	if _, ok := c.Region(region); region != "" && !ok {
		return booking.Invalid("/region")
	}
	return booking.CheckWishes(c.Campaign, region, w)
}

// holder is who stands at the desk with a reference and a secret.
type holder struct {
	campaign *Campaign
	entry    Entry
	device   vault.Device
	proven   bool // this device has proven the phone on file
}

// referred opens a reference. Whatever is wrong, the answer is CodeUnauthorized, so that it tells nothing.
func (d *Desk) referred(slug, reference, secret string) (*Campaign, booking.ID, vault.Device, error) {
	c, err := d.campaigns.BySlug(slug)
	if err != nil {
		return nil, booking.ID{}, vault.Device{}, err
	}
	id, device, err := c.Keys.ParseReference(reference)
	if err != nil || secret == "" || !device.Equal(c.Keys.Device(secret)) {
		return nil, id, device, booking.Fail(booking.CodeUnauthorized, err)
	}
	return c, id, device, nil
}

// holder finds the entry of a reference. It returns what referred returns.
func (d *Desk) holder(ctx context.Context, slug, reference, secret string) (holder, error) {
	c, id, device, err := d.referred(slug, reference, secret)
	if err != nil {
		return holder{}, err
	}
	h := holder{campaign: c, device: device}
	if h.entry, err = d.book.Entry(ctx, c.ID, id); err != nil {
		return holder{}, err
	}
	for _, v := range h.entry.VerifiedBy {
		h.proven = h.proven || v.Equal(device)
	}
	return h, nil
}
