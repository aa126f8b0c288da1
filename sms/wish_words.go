package sms

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"jari/booking"
	"jari/booking/desk"
)

// allDays are the days of the week, Monday first.
var allDays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// wishing is a text about what suits somebody, while it is taken apart. What was understood is blanked.
type wishing struct {
	paper
	today    booking.Date
	said     desk.Wished
	conflict bool // something was understood that cannot be wished for
	only     bool // a place was named as the only one
	left     []token
}

// wishLead says at the beginning of a text that it is a wish.
var wishLead = regexp.MustCompile(`^\s*(?:희망|원하는|wish(?:es)?\b|(?:i )?(?:would )?prefer)`)

var fillerWishKorean = regexp.MustCompile(`^(?:에만|에서만|에서|에는|에도|으로만|으로|로만|로|에|은|는|이든|이면|이|가|을|를|도|만|중에|중|사이에|사이|쯤|경|면|이나|나|과|와|하고|랑|또는|아니면|그리고|제일|가장|가급적|되도록|될수있으면|좀|더|요|이요|이에요|예요|입니다|` +
	`좋아요|좋겠어요|좋겠습니다|좋습니다|좋을|좋은|것|거|게|같아요|같습니다|괜찮아요|괜찮습니다|편해요|편합니다|편한|돼요|됩니다|되요|가능해요|가능합니다|가능한가요|가능할까요|가능하면|가능|되나요|될까요|있나요|있을까요|` +
	`갈게요|갈께요|갈래요|갈|수|있어요|있습니다|가고|싶어요|싶습니다|싶은데요|원해요|원합니다|원하는|원하고|부탁드려요|부탁드립니다|부탁드릴게요|부탁합니다|부탁해요|부탁|해주세요|해주십시오|해주실|해줘요|해줘|해주시면|해|주세요|주십시오|주실|주시면|줘요|줘|잡아|` +
	`감사하겠습니다|감사합니다|감사해요|고맙습니다|고맙겠습니다|시간대|시간|날짜|날|때|예약|접종|방문|일정|요일|곳|장소|데|센터|저는|저|제가|전|나는|나|네|예|안녕하세요|죄송합니다|죄송한데|죄송하지만|희망합니다|희망해요|희망|바래요|바랍니다|바라요|` +
	`하고|합니다|할게요|할래요|했으면|해서|하겠습니다|했으면|한다면|수있나요|수있을까요|싶은데|혹시|그냥|오전|때문에|말고|빼고|제외하고|제외|안돼요|안됩니다|안되요|안|되요|싫어요|어려워요|어렵습니다|힘들어요|힘듭니다|못|가요|갑니다|쪽|쪽으로|모두|다|둘|어느)+$`)

var fillerWishEnglish = []string{
	"please", "pls", "i", "we", "would", "like", "to", "a", "an", "the", "on", "in", "at", "is", "are", "my", "best", "better", "good", "fine", "ok", "okay", "only", "can", "come", "could", "want", "wish", "wishes", "prefer",
	"preferred", "preferably", "suits", "suit", "me", "us", "for", "time", "times", "day", "days", "date", "appointment", "slot", "place", "site", "or", "and", "if", "possible", "free", "am", "i'm", "i'd", "it", "be", "go", "get", "have", "need",
	"thanks", "thank", "you", "of", "any", "except", "not", "no", "just", "hi", "hello", "sorry", "booking", "later", "earlier", "centre", "center", "during", "before", "after", "from", "with", "works", "work", "that", "this",
}

// understood reports whether nothing is left of the text but small words.
func (p *wishing) understood() bool {
	for _, t := range p.words() {
		if t.hangul && fillerWishKorean.MatchString(t.text) || !t.hangul && slices.Contains(fillerWishEnglish, t.text) {
			continue
		}
		p.left = append(p.left, t)
	}
	return len(p.left) == 0 && digits(p.text) == 0
}

// fewLeft reports whether so little is left that the person can be asked.
func (p *wishing) fewLeft() bool { return len(p.left) <= maxUnknownWords }

// maxUnknownWords is how many words a wish may have that mean nothing to us.
const maxUnknownWords = 3

// every blanks all matches of an expression that use accepts.
func (p *wishing) every(re *regexp.Regexp, use func(m []string) bool) bool {
	any := false
	for range 8 {
		if !p.take(re, use) {
			break
		}
		any = true
	}
	return any
}

var (
	anyTimeAtAll = regexp.MustCompile(`아무 ?때나|언제든지|언제든|언제나|언제라도|\bany ?time\b|\bwhenever\b`)
	anyHour      = regexp.MustCompile(`아무 ?시간(?:이나|에나)?|시간 ?(?:은|는)? ?상관 ?없(?:어요|습니다|이)?|\bany hour\b`)
	anyDay       = regexp.MustCompile(`아무 ?날(?:이나|에나)?|아무 ?요일(?:이나)?|매일|(?:날짜|요일) ?(?:은|는)? ?상관 ?없(?:어요|습니다|이)?|\b(?:any|every) ?day\b`)

	dayRange  = regexp.MustCompile(`([월화수목금토일])(?:요일)? ?(?:부터|에서|~|-) ?([월화수목금토일])(?:요일)?(?: ?까지)?`)
	dayList   = regexp.MustCompile(`([월화수목금토일](?:요일)?(?: ?[,./] ?[월화수목금토일](?:요일)?)+)`)
	dayRun    = regexp.MustCompile(`(?:^|[ |,])([월화수목금토일]{2,7})(?:요일|$|[ |,])`)
	dayName   = regexp.MustCompile(`([월화수목금토일])요일(?:날)?`)
	dayGroup  = regexp.MustCompile(`평일|주중|주말|\bweekdays?\b|\bweekends?\b`)
	dayRangeE = regexp.MustCompile(`\b(mon|tue|wed|thu|fri|sat|sun)[a-z]* ?(?:to|through|till|until|-|~) ?(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b`)
	dayNameE  = regexp.MustCompile(`\b(mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?\b`)
)

// dayRanges comes before dates: "from Monday" alone is a date.
func (p *wishing) dayRanges() {
	p.every(dayRange, func(m []string) bool { return p.range7(koWeekday(m[1]), koWeekday(m[2])) })
	p.every(dayRangeE, func(m []string) bool { return p.range7(enWeekday(m[1]), enWeekday(m[2])) })
}

func (p *wishing) days() {
	if p.every(anyTimeAtAll, func([]string) bool { return true }) {
		p.said.AnyDay, p.said.AnyTime = true, true
	}
	if p.every(anyHour, func([]string) bool { return true }) {
		p.said.AnyTime = true
	}
	if p.every(anyDay, func([]string) bool { return true }) {
		p.said.AnyDay = true
	}
	letters := func(m []string) bool {
		list := strings.ReplaceAll(m[1], "요일", "")
		if slices.Contains([]string{"금일", "일월", "수일", "일일", "목일"}, list) {
			return false // other words
		}
		for _, r := range list {
			if d := koWeekday(string(r)); d >= 0 {
				p.day(d)
			}
		}
		return true
	}
	p.every(dayList, letters)
	p.every(dayName, letters)
	p.every(dayRun, letters)
	p.every(dayGroup, func(m []string) bool {
		if strings.Contains(m[0], "말") || strings.Contains(m[0], "end") {
			return p.range7(time.Saturday, time.Sunday)
		}
		return p.range7(time.Monday, time.Friday)
	})
	p.every(dayNameE, func(m []string) bool { p.day(enWeekday(m[1][:3])); return true })
}

func (p *wishing) day(d time.Weekday) {
	if !slices.Contains(p.said.Weekdays, d) {
		p.said.Weekdays = append(p.said.Weekdays, d)
	}
}

// range7 adds the days from one to another, over the end of the week if need be.
func (p *wishing) range7(from, to time.Weekday) bool {
	for d := from; ; d = (d + 1) % 7 {
		p.day(d)
		if d == to {
			return true
		}
	}
}

// koWeekday reads 월 … 일; -1 for anything else.
func koWeekday(s string) time.Weekday {
	for i, r := range []rune("일월화수목금토") {
		if s == string(r) {
			return time.Weekday(i)
		}
	}
	return -1
}

func enWeekday(s string) time.Weekday {
	return time.Weekday(slices.Index([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, s))
}
