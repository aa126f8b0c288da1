package sms

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"jari/booking"
	"jari/booking/desk"
)

// Several people come from one phone: a household, a daughter for her parents. They may come one after the other, each text with a name and a
// birth date beginning somebody new, or in one text. A text is only parted where names and dates stand in one order throughout; otherwise it is
// asked for one person at a time, because a name with another one's birth date is somebody who does not exist.

// mostPeople bounds how many birth dates are looked for in one text.
const mostPeople = 10

// span is a birth date in a text: where it stands, in bytes, and which day it is.
type span struct {
	from, to int
	day      string
}

// births finds every birth date in a text, in order.
func births(c *booking.Campaign, text string, today booking.Date) []span {
	p := &paper{text: text}
	p.phones(desk.PhoneCountry(c), true)
	var out []span
	for len(out) < mostPeople && digits(p.text) >= leastDate {
		before := p.text
		born, short := p.birth(c, today)
		if p.text == before {
			break
		}
		if born.IsZero() && short == "" {
			continue
		}
		from, to := 0, len(before)
		for from < to && before[from] == p.text[from] {
			from++
		}
		for to > from && before[to-1] == p.text[to-1] {
			to--
		}
		if short == "" {
			short = born.String()
		}
		out = append(out, span{from, to, short})
	}
	slices.SortFunc(out, func(a, b span) int { return a.from - b.from })
	return out
}

// crowd is what a text says that has more than one birth date.
type crowd struct {
	people  []reading // everybody, each complete but for the region; nil where they cannot be told apart
	several bool      // it names more than one person
}

// readCrowd parts a text with several birth dates. ok is false when it has one date at most.
func readCrowd(c *booking.Campaign, from booking.Phone, text string, today booking.Date) (out crowd, ok bool) {
	if digits(text) < 2*leastDate {
		return crowd{}, false
	}
	dates := births(c, text, today)
	dates = slices.CompactFunc(dates, func(a, b span) bool { return a.day == b.day })
	if len(dates) < 2 {
		return crowd{}, false
	}
	between := make([]string, 0, len(dates)+1) // before the first, between them, and behind the last
	end := 0
	for _, d := range dates {
		between, end = append(between, text[end:d.from]), d.to
	}
	between = append(between, text[end:])
	names := make([]string, len(between))
	named := 0
	for i, s := range between {
		if names[i] = nameAlone(c, s); names[i] != "" {
			named++
		}
	}
	out.several = named > 1
	for _, part := range parted(text, dates, between, names) {
		one := read(c, State{Begun: true}, from, part, today)
		if one.name == "" || !one.hasBirth() || one.badPhone {
			return crowd{several: out.several}, true
		}
		out.people = append(out.people, one)
	}
	return out, true
}

// parted cuts a text before each name, where a name stands before every date, or before each date, where one stands behind every date. It
// returns nil where neither is so.
func parted(text string, dates []span, between, names []string) []string {
	n := len(dates)
	empty := func(s string) bool { return s == "" }
	var cuts []int
	switch {
	case names[n] == "" && !slices.ContainsFunc(names[:n], empty):
		for i := 1; i < n; i++ {
			cuts = append(cuts, dates[i-1].to+nameStarts(between[i], names[i]))
		}
	case names[0] == "" && !slices.ContainsFunc(names[1:], empty):
		for i := 1; i < n; i++ {
			cuts = append(cuts, dates[i].from)
		}
	default:
		return nil
	}
	var out []string
	start := 0
	for _, cut := range cuts {
		out, start = append(out, text[start:cut]), cut
	}
	return append(out, text[start:])
}

// nameStarts is where a name begins in the text that it was read from; its parts may stand apart there.
func nameStarts(text, name string) int {
	for _, part := range []string{name, strings.Fields(name)[0], string([]rune(name)[:1])} {
		if at := strings.Index(text, part); at >= 0 {
			return at
		}
	}
	return 0
}

// nameAlone is the name in a text without a birth date.
func nameAlone(c *booking.Campaign, text string) string {
	p := &paper{text: text}
	p.postcode(c, true)
	if c.Identity == booking.ByNumber {
		p.number(c.Number)
	}
	p.household()
	p.phones(desk.PhoneCountry(c), true)
	_, list := takeApply(p.words())
	_, list = keywordsIn(c, list)
	_, list = takeRegion(c, list)
	_, list = takeApply(list)
	return nameIn(list, false)
}

// together makes one application out of a crowd: who lives where only one of them says so lives there with them.
func (s State) together(c *booking.Campaign, from booking.Phone, people []reading) (State, Intent, bool) {
	if len(people) == 0 {
		return s, Intent{}, false
	}
	region := s.Region
	for _, one := range people {
		if one.region != "" {
			region = one.region
		}
	}
	var all []Intent
	for _, one := range people {
		if one.region == "" {
			one.region = region
		}
		person := State{Lang: s.Lang}
		person, _ = person.hearing(one, spoken{}, 0)
		if len(person.missing(c)) > 0 {
			return s, Intent{}, false
		}
		_, in := person.complete(from)
		if in.Act != Register {
			return s, Intent{}, false
		}
		all = append(all, in)
	}
	all[0].Also, all[0].Announced = all[1:], s.People
	return State{Lang: s.Lang, People: max(0, s.People-len(all))}, all[0], true
}

var (
	// Behind a letter it would be a part of a name (김세명).
	saidMany = regexp.MustCompile(`(?:^|[^\pL\d])(\d|두|세|네|다섯|여섯|둘|셋|넷) ?(?:명|분|사람|식구)(?:이요|요|이에요|입니다|이서|의|을|이)?`)
	saidBoth = regexp.MustCompile(`(?i)(?:우리 ?)?(?:부부|내외|둘다|둘 다)(?:는|은|가|를|의|요|입니다|이에요|예요|둘이|함께|같이)?|\b(?:the )?(?:couple|both of us|two of us)\b`)
	manyEng  = regexp.MustCompile(`(?i)\b(\d|two|three|four|five|six) (?:people|persons|of us)\b`)
)

var manyWords = map[string]int{
	"두": 2, "둘": 2, "세": 3, "셋": 3, "네": 4, "넷": 4, "다섯": 5, "여섯": 6, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
}

// household takes out how many people somebody says they come for: "우리 부부 2명", "3 people". 0: nothing is said.
func (p *paper) household() int {
	n := 0
	if p.take(saidBoth, func([]string) bool { return true }) {
		n = 2
	}
	for _, re := range []*regexp.Regexp{saidMany, manyEng} {
		p.take(re, func(m []string) bool {
			said, ok := manyWords[strings.ToLower(m[1])]
			if !ok {
				said, _ = strconv.Atoi(m[1])
			}
			n = max(n, said)
			return said > 0
		})
	}
	return n
}
