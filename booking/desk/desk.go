package desk

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"jari/booking"
	"jari/booking/vault"
)

// Ports are what a desk needs. Without stamps a refusal under overload carries none, and none is honoured; without an alarm nobody
// hears of wrong refusals.
type Ports struct {
	Campaigns Campaigns
	Intake    Intake
	Book      Book
	Phones    Switchboard
	Clock     Clock
	Stamps    *booking.StampRing
	Alarm     Alarm
}

// Desk carries out the operations. It is safe for concurrent use.
type Desk struct {
	ports    Ports
	patterns sync.Map // number pattern → *regexp.Regexp
}

// New makes a desk over its ports.
func New(p Ports) *Desk { return &Desk{ports: p} }

// Now is our time.
func (d *Desk) Now() time.Time { return d.ports.Clock.Now() }

// Campaign finds a campaign by its slug. It returns CodeNoCampaign.
func (d *Desk) Campaign(slug string) (*Campaign, error) { return d.ports.Campaigns.BySlug(slug) }

// check cleans what was entered of a person, and refuses what cannot stand whoever has applied. It returns the canonical text
// of the person's identity, of the first generation.
func (d *Desk) check(c *Campaign, p *booking.Person, region string, w booking.Wishes) (string, error) {
	identity, err := d.checkPerson(c, p)
	if err != nil {
		return "", err
	}
	return identity, checkWishes(c, region, w)
}

// checkForm is check for what somebody fills in who comes with a language: to apply, or to be introduced.
func (d *Desk) checkForm(c *Campaign, p *booking.Person, region string, w booking.Wishes, lang booking.Lang) (string, error) {
	identity, err := d.check(c, p, region, w)
	if err == nil && !slices.Contains(c.Langs, lang) {
		err = booking.Invalid("/lang")
	}
	return identity, err
}

// checkPerson writes letters in one way, so that the same name is the same person at every door: some keyboards send 홍 as
// three characters, some letters in full or half width, and what is pasted may hold signs that nobody sees.
func (d *Desk) checkPerson(c *Campaign, p *booking.Person) (string, error) {
	name, err := booking.CleanName(norm.NFKC.String(strings.Map(seen, p.Name)))
	if err != nil {
		return "", booking.Invalid("/person/name")
	}
	p.Name, p.Number = name, booking.FoldNumber(norm.NFKC.String(p.Number))
	if !booking.PrefixAllowed(c.Campaign, p.Phone) {
		return "", booking.Invalid("/person/phone")
	}
	fits, err := d.numberFits(c, p.Number)
	switch {
	case err != nil:
		return "", err
	case !fits:
		return "", booking.Invalid("/person/number")
	}
	return booking.Identity(c.Identity, *p, 0)
}

// seen drops what nobody sees: signs of direction, fillers, selectors of a letter's shape. Joiners stay, because Persian and Indian names
// are written with them; identity does not look at them.
func seen(r rune) rune {
	if unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) && !unicode.Is(unicode.Join_Control, r) {
		return -1
	}
	return r
}

// numberFits reports whether a number is of the form that the campaign asks for. One that it does not ask for is refused
// rather than stored for nothing.
func (d *Desk) numberFits(c *Campaign, number string) (bool, error) {
	if c.Identity != booking.ByNumber {
		return number == "", nil
	}
	re, ok := d.patterns.Load(c.Number)
	if !ok {
		compiled, err := regexp.Compile(`^(?:` + c.Number + `)$`)
		if err != nil {
			return false, err
		}
		re, _ = d.patterns.LoadOrStore(c.Number, compiled)
	}
	unprintable := strings.ContainsFunc(number, func(r rune) bool { return !unicode.IsPrint(r) })
	return !unprintable && re.(*regexp.Regexp).MatchString(number), nil
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
	id       booking.ID // the reference's
	device   vault.Device
	glance   Glance
	entry    Entry // empty when there is none
	proven   bool  // this device has proven the phone on file
}

// referred opens a reference. Whatever is wrong, the answer is CodeUnauthorized, so that it tells nothing.
func (d *Desk) referred(slug, reference, secret string) (*Campaign, booking.ID, vault.Device, error) {
	c, err := d.ports.Campaigns.BySlug(slug)
	if err != nil {
		return nil, booking.ID{}, vault.Device{}, err
	}
	id, device, err := c.Keys.ParseReference(reference)
	if err != nil || secret == "" || !device.Equal(c.Keys.Device(secret)) {
		return nil, id, device, booking.Fail(booking.CodeUnauthorized, err)
	}
	return c, id, device, nil
}

// holder finds what a reference leads to. It returns what referred returns.
func (d *Desk) holder(ctx context.Context, slug, reference, secret string) (holder, error) {
	c, id, device, err := d.referred(slug, reference, secret)
	if err != nil {
		return holder{}, err
	}
	h := holder{campaign: c, id: id, device: device}
	if h.glance, err = d.ports.Book.Glance(ctx, c.ID, id, device); err != nil || h.glance.Entry == nil {
		return h, err
	}
	if h.entry, err = d.ports.Book.Entry(ctx, c.ID, *h.glance.Entry); err != nil {
		return holder{}, err
	}
	h.proven = h.glance.Proven || h.foresaw()
	return h, nil
}

// foresaw reports whether the device has proven the phone on file when it introduced itself. Another phone is no proof: whoever
// introduced somebody else with a phone of their own must learn nothing when that person applies.
func (h *holder) foresaw() bool {
	i := h.glance.Introduced
	if i == nil || !i.Proven {
		return false
	}
	p, err := h.campaign.Keys.OpenPerson(h.entry.ID, h.entry.PersonCT)
	return err == nil && h.campaign.Keys.Phone(p.Phone) == i.Phone
}
