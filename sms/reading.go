package sms

import (
	"time"

	"jari/booking"
	"jari/booking/desk"
)

// reading is what one text told us.
type reading struct {
	apply    bool // a word such as "BOOK"
	name     string
	born     booking.Date
	short    string // YYMMDD whose century is open
	half     string // the year or the day alone
	region   string
	near     string        // the region that was nearly named
	people   int           // how many people the text says that it is for
	phone    booking.Phone // another than the sender's
	anyPhone bool          // some phone, perhaps the sender's
	badPhone bool          // something that was meant as a phone
	number   string
}

func (r reading) hasBirth() bool { return !r.born.IsZero() || r.short != "" }

func (r reading) nothing() bool {
	return !r.apply && r.name == "" && !r.hasBirth() && r.half == "" && r.region == "" && r.near == "" && r.people == 0 && !r.anyPhone && !r.badPhone && r.number == ""
}

func (r reading) onlyNumber() bool {
	number := r.number
	r.number = ""
	return number != "" && r.nothing()
}

// read takes a text apart. What was understood is blanked, so that nothing is read twice.
func read(c *booking.Campaign, s State, from booking.Phone, text string, today booking.Date) reading {
	var got reading
	p := &paper{text: text}
	got.region = p.postcode(c, true)
	if c.Identity == booking.ByNumber {
		got.number = p.number(c.Number)
	}
	got.people = min(p.household(), c.Limits.WithDefaults().PeoplePerPhone)
	country := desk.PhoneCountry(c)
	phones := p.phones(country, true)
	got.born, got.short = p.birthOnly(c, today)
	if !got.hasBirth() && s.Short != "" {
		got.born = p.century(s.Short, today)
	}
	if !got.hasBirth() && s.Begun && s.Born == "" && s.Short == "" {
		got.half, got.born, got.short = p.half(c, s.Half, today)
	}
	phones = append(phones, p.phones(country, false)...)
	got.anyPhone, got.badPhone = len(phones) > 0, p.badPhone() || p.oddMobile(from)
	for _, phone := range phones {
		if phone == from {
			continue
		}
		if !booking.PrefixAllowed(c, phone) {
			got.badPhone = true
			continue
		}
		got.phone = phone
		break
	}
	if code := p.postcode(c, false); got.region == "" {
		got.region = code
	}
	got.apply = wantsOne.MatchString(text)
	got.readWords(c, s, p.words())
	return got
}

// readWords reads what is no number: the place and the name.
func (r *reading) readWords(c *booking.Campaign, s State, list []token) {
	alone := r.nothing() && introducesName(list)
	said, list := takeApply(list)
	keyword, list := keywordsIn(c, list)
	r.apply = r.apply || said || keyword
	region, list := takeRegion(c, list)
	glued, list := takeApply(list) // 강남구예약해줘
	r.apply = r.apply || glued
	if region != "" {
		r.region = region
	}
	open := r.region == "" && s.Region == "" && len(c.Regions) > 0
	if r.nothing() && !s.Begun {
		return // a lone word could be anything
	}
	if open {
		r.near, list = nearRegion(c, list)
	}
	r.name = nameIn(list, open && r.near == "" && !alone)
}

// yearsBack is how old an applicant may be, for telling centuries apart.
const yearsBack = 120

// plausible reports whether somebody who lives today can be born on the day.
func plausible(d, today booking.Date) bool {
	oldest := booking.Date{Year: today.Year - yearsBack, Month: time.January, Day: 1}
	return !today.Before(d) && !d.Before(oldest)
}
