package sms

import (
	"slices"
	"time"

	"jari/booking"
	"jari/booking/desk"
)

// spoken is when each thing that is known of an application was said, in microseconds since 1970. Of two texts the later
// one counts, in whatever order they are handled.
type spoken struct {
	Name   int64 `json:"n,omitempty"`
	Born   int64 `json:"b,omitempty"`
	Region int64 `json:"r,omitempty"`
	Phone  int64 `json:"p,omitempty"`
	Number int64 `json:"o,omitempty"`
}

func (t spoken) last() int64 { return max(t.Name, t.Born, t.Region, t.Phone, t.Number) }

// heard is what a text makes of a conversation.
type heard struct {
	intent Intent
	state  State
	said   spoken
	times  []int64   // the contacts of the person being applied for
	rest   []int64   // those that stay for somebody else, when this text completes a person
	at     time.Time // the text by which what is asked for was complete: this one, or a later one that was handled before it
}

// listen reads a text that belongs to the conversation.
func listen(c *desk.Campaign, v desk.Conversation, known memory, in desk.Inbound, today booking.Date) heard {
	at := in.Arrival.UnixMicro()
	if at < known.Said.last() {
		return listenLate(c, v, known, in, today)
	}
	h := heard{at: in.Arrival}
	h.state, h.said, h.intent = step(c.Campaign, known.State, known.Said, in.From, in.Body, at, today)
	if !h.state.Begun {
		h.said = spoken{}
	}
	h.times = contactsFor(v, known, h.state, h.intent, in.Arrival)
	return h
}

// listenLate reads a text after which others arrived that said something and were handled already.
func listenLate(c *desk.Campaign, v desk.Conversation, known memory, in desk.Inbound, today booking.Date) heard {
	_, alone := Step(c.Campaign, State{Lang: known.State.Lang}, in.From, in.Body, today)
	h := heard{intent: alone, state: known.State, said: known.Said, times: known.Times, at: in.Arrival}
	switch alone.Act {
	case Register:
		h.times = contactsFor(v, known, State{}, alone, in.Arrival)
		if p := alone.Person; known.State.fits(reading{name: p.Name, born: p.Born, number: p.Number}) {
			h.state, h.said = State{Lang: known.State.Lang}, spoken{}
		} else { // what came after it is about somebody else, who goes on
			h.rest = slices.DeleteFunc(slices.Clone(known.Times), func(t int64) bool { return t <= in.Arrival.UnixMicro() })
		}
		return h
	case Ask, Help:
	default:
		return h
	}
	context := known.State
	context.Short = "" // the question about the century came later
	got := read(c.Campaign, context, in.From, legible(in.Body), today)
	if known.State.named(got) && in.Arrival.UnixMicro() < known.Said.Name {
		// Another person, in halves, before the one that is under way: two people are never mixed, so nothing of it is kept, and
		// everything is asked for. It is a contact of the conversation all the same, which serves whoever is completed first.
		h.intent = Intent{Act: Ask, Lang: alone.Lang, Missing: State{}.missing(c.Campaign)}
		if !v.Used {
			h.times = contactsFor(v, known, known.State, h.intent, in.Arrival)
		}
		return h
	}
	h.state, h.said = known.State.hearing(got, known.Said, in.Arrival.UnixMicro())
	h.times = contactsFor(v, known, h.state, alone, in.Arrival)
	if missing := h.state.missing(c.Campaign); len(missing) > 0 {
		h.intent = Intent{Act: Ask, Lang: h.state.Lang, Missing: missing, Years: h.state.years(today)}
		return h
	}
	if h.state, h.intent = h.state.complete(in.From); h.intent.Act == Register {
		h.said, h.at = spoken{}, time.UnixMicro(max(known.Said.last(), slices.Max(h.times)))
	}
	return h
}

// named reports whether a text names somebody else.
func (s State) named(got reading) bool {
	return got.name != "" && s.Name != "" && booking.FoldName(got.name) != booking.FoldName(s.Name)
}

// hearing adds what a text told us. The text may be older than some of what is known: a thing that was said later stays.
func (s State) hearing(got reading, t spoken, at int64) (State, spoken) {
	if s.named(got) && got.hasBirth() {
		s, t = s.after(at, t) // somebody else begins here
	}
	s.Begun, s.Idle = true, 0
	if got.people > 0 {
		s.People = got.people
	}
	if got.name != "" && (s.Name == "" || got.hasBirth() && at >= t.Name) {
		s.Name, t.Name = got.name, at
	}
	if got.hasBirth() && at >= t.Born {
		s.Born, s.Short, s.Half, t.Born = "", got.short, "", at
		if !got.born.IsZero() {
			s.Born = got.born.String()
		}
	}
	if got.half != "" && s.Born == "" && s.Short == "" {
		s.Half = got.half
	}
	if got.region != "" && at >= t.Region {
		s.Region, t.Region = got.region, at
	}
	if (got.anyPhone || got.badPhone) && at >= t.Phone {
		t.Phone, s.Unread = at, got.badPhone && got.phone.IsZero()
		if !got.phone.IsZero() {
			s.Phone = got.phone.E164()
		}
	}
	if got.number != "" && at >= t.Number {
		s.Number, t.Number = got.number, at
	}
	return s, t
}

// after is what was said after an instant.
func (s State) after(at int64, t spoken) (State, spoken) {
	if t.Name <= at {
		s.Name, t.Name = "", 0
	}
	if t.Born <= at {
		s.Born, s.Short, s.Half, t.Born = "", "", "", 0
	}
	if t.Region <= at {
		s.Region, t.Region = "", 0
	}
	if t.Phone <= at {
		s.Phone, s.Unread, t.Phone = "", false, 0
	}
	if t.Number <= at {
		s.Number, t.Number = "", 0
	}
	return s, t
}

// fits reports whether what a text says of a person can be this one. What says nothing fits everybody.
func (s State) fits(got reading) bool {
	if s.named(got) || got.number != "" && s.Number != "" && got.number != s.Number {
		return false
	}
	born, short := "", got.short
	if !got.born.IsZero() {
		born, short = got.born.String(), ""
	}
	if born != "" && s.Born != "" {
		return born == s.Born
	}
	known, said := sixDigits(s.Born, s.Short), sixDigits(born, short)
	return known == "" || said == "" || known == said
}

// sixDigits are YYMMDD of a birth date whose century may be open.
func sixDigits(born, short string) string {
	if len(born) == len("2006-01-02") {
		return born[2:4] + born[5:7] + born[8:10]
	}
	return short
}
