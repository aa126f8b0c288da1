package sms

import (
	"slices"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// Act is what a person wants with a text.
type Act string

const (
	Register Act = "register" // everything is known: Person, Region, Other
	Ask      Act = "ask"      // an application that lacks Missing
	Status   Act = "status"   // where do I stand
	Why      Act = "why"      // why this time, or none yet
	Answer   Act = "answer"   // a number, No, that answers a question of ours
	OneEach  Act = "one_each" // several people in one text who cannot be told apart: one text each, please
	Help     Act = "help"     // how does this work, or a text that means nothing to us (Lost)
	Nothing  Act = "nothing"  // no reply: the provider answers, or there is nothing to say
	Closed   Act = "closed"   // an application that lacks something and can no longer be made; Step never returns it
	Credit   Act = "credit"   // no reply: an earlier contact of somebody who was completed; Step never returns it
)

// Intent is what one text means.
type Intent struct {
	Act     Act
	Lang    booking.Lang
	Person  booking.Person
	Region  string    // code, "" where the campaign has no regions
	Other   bool      // the person's own phone is another than the sender's
	No      int       // 1 to 99
	Says    desk.Said // with Answer: what the words beside the number say; the number counts only where they do not contradict it
	Missing []string
	Years   []int    // with Ask for the century: the years that the two digits can mean
	Near    string   // with Ask: the code of the region that was nearly named, which is asked about first
	Also    []Intent // with Register: further people of the same text, each of them complete
	Lost    bool     // with Help: the text meant nothing to us
	// Announced is how many people the contact serves, as was said before or in the text that completes them; 0: one.
	Announced int
}

// State is what is known so far of an application by text. It is personal data: the door encrypts it.
type State struct {
	Name   string       `json:"n,omitempty"`
	Born   string       `json:"b,omitempty"` // YYYY-MM-DD
	Short  string       `json:"s,omitempty"` // YYMMDD, while we ask for the century
	Half   string       `json:"d,omitempty"` // the year or the day of a birth date, while the other half is not known
	Region string       `json:"r,omitempty"` // code
	Phone  string       `json:"p,omitempty"` // E.164, the person's own where it is not the sender's
	Number string       `json:"o,omitempty"`
	Lang   booking.Lang `json:"l,omitempty"`
	Unread bool         `json:"w,omitempty"` // a phone of the person's own was named, but not as a number we can reach
	Begun  bool         `json:"g,omitempty"` // somebody is applying, though nothing else may be known yet
	People int          `json:"h,omitempty"` // how many people of one household are still to come, as was said
	Idle   int          `json:"i,omitempty"` // how many texts in a row told us nothing
}

// maxIdle is how many texts in a row that tell us nothing get a reply. Two machines that answer each other stop here.
const maxIdle = 3

// Step reads one text. from is its sender, today the day at the campaign. The text must have gone through
// CutResidentNumber. Step is a function of its arguments alone.
//
// Fields may come in any order, in one text or several; what is missing is asked for, and the next text completes it. A
// text with a birth date and another name begins anew, so that two people never mix. Whoever writes a name, a date and a
// place needs no command word. The provider's own words (STOP, YES, HELP and so on) are left to the provider.
func Step(c *booking.Campaign, s State, from booking.Phone, body string, today booking.Date) (State, Intent) {
	s, _, intent := step(c, s, spoken{}, from, body, 0, today)
	return s, intent
}

// step is Step for a text of an instant, by what was known and when that was said.
func step(c *booking.Campaign, s State, said spoken, from booking.Phone, body string, at int64, today booking.Date) (State, spoken, Intent) {
	text := legible(body)
	before := s.Lang
	s.Lang = languageOf(c, s, text)
	if intent, ok := command(withoutKeyword(c, text)); ok {
		intent.Lang = s.Lang
		return s, said, intent
	}
	if act, ok := standing(withoutKeyword(c, text)); ok {
		if s.Begun { // who is told what is missing knows how it stands
			s, intent := idle(c, s, today)
			return s, said, intent
		}
		return s, said, Intent{Act: act, Lang: s.Lang}
	}
	if many, ok := readCrowd(c, from, text, today); ok {
		if said := (&paper{text: text}).household(); said > 0 {
			s.People = min(said, c.Limits.WithDefaults().PeoplePerPhone)
		}
		if next, in, ok := s.together(c, from, many.people); ok {
			return next, spoken{}, in
		}
		if many.several {
			s.Begun, s.Idle = true, 0
			return s, said, Intent{Act: OneEach, Lang: s.Lang}
		}
	}
	got := read(c, s, from, text, today)
	if got.nothing() {
		s, intent := idle(c, s, today)
		return s, said, intent
	}
	if before != "" && got.onlyNumber() { // "AB123456" is not English
		s.Lang = before
	}
	s, said = s.hearing(got, said, at)
	if missing := s.missing(c); len(missing) > 0 {
		return s, said, Intent{Act: Ask, Lang: s.Lang, Missing: missing, Years: s.years(today), Near: s.near(got)}
	}
	s, intent := s.complete(from)
	return s, said, intent
}

// near is the region to ask about: a place is never guessed, and none is asked about that is known.
func (s State) near(got reading) string {
	if s.Region != "" {
		return ""
	}
	return got.near
}

// maxText is the longest text that providers hand over, in characters; the rest of a longer one is not read.
const maxText = 1600

// legible is a text as it is compared: composed (한, not ㅎㅏㄴ), folded, not too long, and with spoken numbers in digits.
func legible(body string) string {
	text := fold([]rune(norm.NFC.String(body)))
	return inDigits(string(text[:min(len(text), maxText)]))
}

// idle answers a text that told us nothing.
func idle(c *booking.Campaign, s State, today booking.Date) (State, Intent) {
	s.Idle++
	switch {
	case s.Idle > maxIdle:
		return s, Intent{Act: Nothing, Lang: s.Lang}
	case s.Begun:
		return s, Intent{Act: Ask, Lang: s.Lang, Missing: s.missing(c), Years: s.years(today)}
	}
	return s, Intent{Act: Help, Lang: s.Lang, Lost: true}
}

// missing lists what an application lacks, in the order in which people are asked.
func (s State) missing(c *booking.Campaign) []string {
	var out []string
	add := func(lacks bool, what string) {
		if lacks {
			out = append(out, what)
		}
	}
	add(s.Name == "", words.MissingName)
	add(s.Born == "" && s.Short == "", words.MissingBirth)
	add(s.Born == "" && s.Short != "", words.MissingCentury)
	add(s.Region == "" && len(c.Regions) > 0, words.MissingRegion)
	add(s.Number == "" && c.Identity == booking.ByNumber, words.MissingNumber)
	add(s.Unread, words.MissingPhone)
	return out
}

func (s State) complete(from booking.Phone) (State, Intent) {
	born, err := booking.ParseDate(s.Born)
	if err != nil { // a state that somebody else wrote; ask again
		return State{Lang: s.Lang, Begun: true}, Intent{Act: Ask, Lang: s.Lang, Missing: []string{words.MissingBirth}}
	}
	in := Intent{Act: Register, Lang: s.Lang, Region: s.Region, Announced: s.People, Person: booking.Person{Name: s.Name, Born: born, Phone: from, Number: s.Number}}
	if own, err := booking.ParseE164(s.Phone); err == nil && own != from {
		in.Person.Phone, in.Other = own, true
	}
	return State{Lang: s.Lang, People: max(0, s.People-1)}, in
}

// languageOf is the language to answer in: Korean where there is Hangul, English where there are other letters, the one
// spoken before where there are none; always one that the campaign has. A word of Korean in English is no Korean.
func languageOf(c *booking.Campaign, s State, text string) booking.Lang {
	want := s.Lang
	if english(s, text) {
		want, text = booking.English, ""
	}
	for _, r := range text {
		if unicode.Is(unicode.Hangul, r) {
			want = booking.Korean
			break
		}
		if unicode.IsLetter(r) {
			want = booking.English
		}
	}
	switch {
	case slices.Contains(c.Langs, want):
		return want
	case len(c.Langs) > 0:
		return c.Langs[0]
	}
	return booking.Korean
}
