package sms

import (
	"slices"
	"strings"
	"time"

	"jari/booking"
	"jari/booking/desk"
)

// Standing is what is on record of a phone in one of the campaigns that share a number.
type Standing struct {
	Campaign *booking.Campaign
	Over     bool  // nothing is still to come in it
	Applying bool  // an application is under way
	Entries  int   // for which the phone applied, is on file or helps
	Asked    int64 // the question that has the answer number in the text, or is open where the text is a bare yes; the newer the higher; 0: none
}

// Choice is for which campaigns a text can be meant.
type Choice struct {
	Among []int // indices; with one it is decided, with more the person is to be asked
	Named bool  // the text holds the campaign's own word
	Only  bool  // and nothing else
	All   bool  // it is meant for every campaign: STOP and START are about the phone
}

// Choose finds the campaigns for which a text to a shared number can be meant, by what is surest: an answer number, the campaign's own word, an
// application under way, who takes the birth date, the place. Nobody is asked where it makes no difference. It is a function of its arguments alone.
func Choose(all []Standing, from booking.Phone, body string, at time.Time) Choice {
	if len(all) < 2 {
		return Choice{Among: every(all)}
	}
	text := legible(body)
	intent, isCommand := command(text)
	if isCommand && intent.Act == Answer {
		if intent.No == desk.AnswerNotMe && newest(all) < 0 { // no question's number, but a word about an entry
			return Choice{Among: aboutEntries(all, every(all), Intent{Act: Status})}
		}
		return Choice{Among: one(all, newest(all))}
	}
	if aboutThePhone(text) {
		return Choice{Among: every(all), All: true}
	}
	if i := newest(all); i >= 0 && agrees(text) { // it answers nothing, but is asked about where the last question came from
		return Choice{Among: one(all, i)}
	}
	c := Choice{Among: narrow(all, every(all), func(s Standing) bool { return hasKeyword(s.Campaign, text) })}
	if first := all[c.Among[0]].Campaign; hasKeyword(first, text) {
		c.Named, c.Only = true, onlyKeyword(first, text)
		intent, isCommand = command(withoutKeyword(first, text))
	}
	if isCommand {
		c.Among = aboutEntries(all, c.Among, intent)
		return c
	}
	c.Among = narrow(all, c.Among, func(s Standing) bool { return s.Applying })
	if want, ok := manages(all, c.Among, from, body, at); ok {
		intent = Intent{Act: Status}
		if want.Do == desk.DeedCall { // whichever calls
			intent.Act = Help
		}
		c.Among = aboutEntries(all, c.Among, intent)
		return c
	}
	if act, ok := standing(withoutKeyword(all[c.Among[0]].Campaign, text)); ok {
		c.Among = aboutEntries(all, c.Among, Intent{Act: act})
		return c
	}
	if len(c.Among) > 1 {
		c.Among = byWhatIsSaid(all, c.Among, from, text, at)
	}
	return c
}

// aboutThePhone reports whether a text stops or starts all texts to a phone: a provider's word, or what people write who do not know these.
func aboutThePhone(text string) bool {
	_, ok := optWord(text)
	return ok
}

// manages reports whether a text wants something done with an entry that the phone has, and what. Nobody is applying then.
func manages(all []Standing, among []int, from booking.Phone, body string, at time.Time) (desk.Want, bool) {
	for _, i := range among {
		c := all[i].Campaign
		if all[i].Applying || all[i].Entries == 0 {
			continue
		}
		today := booking.DateOf(at, c.Zone)
		if want, ok := Manage(c, from, body, today); ok {
			return want, true
		}
		if want, ok := TellsPhone(c, from, body, today); ok {
			return want, true
		}
	}
	return desk.Want{}, false
}

// AnswerNo is the answer number in a text, 0 when it is no answer.
func AnswerNo(body string) int {
	a, _ := answerIn(body)
	return a.no
}

// answerIn is the answer in a text, and what it says beside its number.
func answerIn(body string) (answer, bool) {
	intent, ok := command(legible(body))
	if !ok || intent.Act != Answer {
		return answer{}, false
	}
	return answer{intent.No, intent.Says}, true
}

func every(all []Standing) []int {
	out := make([]int, len(all))
	for i := range out {
		out[i] = i
	}
	return out
}

// narrow keeps those that have something, if any has.
func narrow(all []Standing, among []int, has func(Standing) bool) []int {
	var out []int
	for _, i := range among {
		if has(all[i]) {
			out = append(out, i)
		}
	}
	if len(out) == 0 {
		return among
	}
	return out
}

// newest is the campaign that asked last with the number, -1 when none did.
func newest(all []Standing) int {
	best := -1
	for i, s := range all {
		if s.Asked > 0 && (best < 0 || s.Asked > all[best].Asked) {
			best = i
		}
	}
	return best
}

// one is the campaign at an index, or where there is none the one that can best say so.
func one(all []Standing, i int) []int {
	if i >= 0 {
		return []int{i}
	}
	return knowing(all, every(all))[:1]
}

// knowing keeps those that know the phone, if any does, and of these those that still go on.
func knowing(all []Standing, among []int) []int {
	return goingOn(all, narrow(all, among, func(s Standing) bool { return s.Entries > 0 }))
}

func goingOn(all []Standing, among []int) []int {
	return narrow(all, among, func(s Standing) bool { return !s.Over })
}

// aboutEntries is for whom a question about the own entry is, or a word that begins no application. Whoever has entries in several campaigns is
// asked which one is meant; where nobody has any, one campaign says so for all.
func aboutEntries(all []Standing, among []int, intent Intent) []int {
	among = knowing(all, among)
	if intent.Act == Help || intent.Act == Nothing || all[among[0]].Entries == 0 {
		return among[:1]
	}
	return among
}

// byWhatIsSaid is for whom an application is: a campaign that takes the birth date now comes before one that will, and that before one that did.
func byWhatIsSaid(all []Standing, among []int, from booking.Phone, text string, at time.Time) []int {
	said := make([]saidTo, len(all))
	known := false
	for _, i := range among {
		said[i] = hearFor(all[i].Campaign, from, text, at)
		known = known || said[i].known
	}
	if !known { // it says nothing of an application: whoever knows the phone answers
		return knowing(all, among)[:1]
	}
	best := 0
	for _, i := range among {
		best = max(best, said[i].grade)
	}
	among = slices.DeleteFunc(slices.Clone(among), func(i int) bool { return said[i].grade < best })
	born := slices.ContainsFunc(among, func(i int) bool { return said[i].born })
	if born && best == 0 { // nobody takes it: one says so
		return goingOn(all, among)[:1]
	}
	if !born {
		among = goingOn(all, among)
	}
	placed := func(i int) bool { return said[i].placed }
	if slices.ContainsFunc(among, placed) {
		among = slices.DeleteFunc(among, func(i int) bool { return !placed(i) })
	}
	return among
}

// saidTo is what a text says to one campaign.
type saidTo struct {
	known  bool // it says something of an application
	born   bool // a birth date
	placed bool // a place or a list number of the campaign's own
	grade  int  // 3: may apply now, 2: later, 1: could have, 0: never, or no birth date is known
}

func hearFor(c *booking.Campaign, from booking.Phone, text string, at time.Time) saidTo {
	today := booking.DateOf(at, c.Zone)
	got := read(c, State{}, from, text, today)
	if many, ok := readCrowd(c, from, text, today); ok && len(many.people) > 0 {
		got = many.people[0]
	}
	out := saidTo{known: !got.nothing(), born: got.hasBirth(), placed: got.region != "" || got.number != ""}
	for _, born := range got.possible() {
		out.grade = max(out.grade, grade(c, born, at))
	}
	return out
}

// possible are the days that a birth date can be, where its century is open.
func (r reading) possible() []booking.Date {
	if !r.born.IsZero() {
		return []booking.Date{r.born}
	}
	var out []booking.Date
	for _, century := range []string{"19", "20"} {
		if len(r.short) != 6 {
			continue
		}
		if d, err := booking.ParseDate(century + r.short[:2] + "-" + r.short[2:4] + "-" + r.short[4:]); err == nil {
			out = append(out, d)
		}
	}
	return out
}

func grade(c *booking.Campaign, born booking.Date, at time.Time) int {
	switch _, err := booking.Eligible(c, born, at); booking.CodeOf(err) {
	case "":
		return 3
	case booking.CodeNotOpenYet:
		return 2
	case booking.CodeClosed:
		return 1
	}
	return 0
}

func hasKeyword(c *booking.Campaign, text string) bool {
	found, _ := keywordsIn(c, (&paper{text: text}).words())
	return found
}

// withoutKeyword leaves a campaign's own words out of a text.
func withoutKeyword(c *booking.Campaign, text string) string {
	for _, w := range (&paper{text: text}).words() {
		if found, rest := keyword(c, w); found {
			text = strings.Replace(text, w.text, rest.text, 1)
		}
	}
	return text
}

// onlyKeyword reports whether a text names the campaign and says nothing else.
func onlyKeyword(c *booking.Campaign, text string) bool {
	found, rest := keywordsIn(c, (&paper{text: text}).words())
	_, rest = takeApply(rest)
	return found && digits(text) == 0 && !slices.ContainsFunc(rest, func(w token) bool { return !fillerKorean.MatchString(w.text) && !isEnglishFiller(w.text) })
}
