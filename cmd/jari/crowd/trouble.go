package crowd

import (
	"jari/booking"
	"jari/sms/phonesim"
)

// trouble is what befalls a phone once its owner has applied and, where that is asked for, proven the number: from then on no text arrives.
type trouble string

// troubles are in the order in which a report tells them.
func troubles() []trouble {
	return []trouble{"switched off", "inbox full", "landline", "not in service", "filtered", "opted out"}
}

// everyTrouble is how often a plain member's phone gets into trouble: one in so many.
const everyTrouble = 17

// troubleOf is drawn from the member's number alone, so that who the people are does not depend on it.
func troubleOf(m *member) trouble {
	if m.twist != plain || m.n%everyTrouble != 5 {
		return ""
	}
	all := troubles()
	return all[m.n/everyTrouble%len(all)]
}

// befall brings the trouble of a member upon the phone, once.
func (c *Crowd) befall(m *member) {
	m.mu.Lock()
	what := m.trouble
	again := m.fallen
	m.fallen = true
	m.mu.Unlock()
	if what == "" || again {
		return
	}
	phones, phone := c.config.Phones, m.person.Phone
	if what == "opted out" {
		phones.Text(phone, "STOP")
		return
	}
	h := phonesim.Handset{Off: what == "switched off", Full: what == "inbox full", Unknown: what == "not in service"}
	switch what {
	case "landline": // whatever the number looks like
		h.Landline = phonesim.LandlineReceipt
	case "filtered":
		for _, n := range phones.Numbers() {
			h.FilteredFrom = append(h.FilteredFrom, n.Number.Number)
		}
	}
	_ = phones.SetHandset(phone, h) // which can only refuse a state that makes no sense
}

// Trouble are the people whose phones show nothing any more, for one reason.
type Trouble struct {
	Name   string
	People []booking.Person
}

// Troubles lists whose phones are in trouble by now.
func (c *Crowd) Troubles() []Trouble {
	by := map[trouble][]booking.Person{}
	for _, m := range c.people {
		m.mu.Lock()
		if m.fallen && m.trouble != "" {
			by[m.trouble] = append(by[m.trouble], m.person)
		}
		m.mu.Unlock()
	}
	var out []Trouble
	for _, what := range troubles() {
		if people := by[what]; len(people) > 0 {
			out = append(out, Trouble{Name: string(what), People: people})
		}
	}
	return out
}
