package sms

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"jari/booking"
	"jari/booking/desk"
)

var (
	// wishMarks say that somebody wishes for something, changeMarks that it is for another time.
	wishMarks   = regexp.MustCompile(`희망|원해|원합|원하|바래요|바랍니다|바라|좋아요|좋겠|좋습|좋은|편해요|편합|편한|가능|괜찮|갈 ?수 ?있|\bprefer\w*|\bwish\w*|\bonly\b|\bwould like\b|\bbetter\b|\bbest\b|\bcan come\b|\bsuits?\b|\bwant\b|\bfree\b`)
	changeMarks = regexp.MustCompile(`변경|바꿔|바꾸|바꿀|옮겨|옮기|옮길|미뤄|미루|연기|늦춰|늦추|앞당|당겨|조정|교환|(?:다른|딴) ?(?:날|시간|때|요일|곳|장소|데)|\breschedul\w*|\bchange\b|\bmove\b|\bswap\b|\banother (?:day|time|date|slot|place)\b|\bdifferent (?:day|time|date|slot|place)\b|\bother (?:day|time|date)\b|\bpostpone\b|\bsome other time\b`)
	// except turns what is named into what does not suit.
	except = regexp.MustCompile(`말고|빼고|제외(?:하고)?|안 ?돼요|안 ?됩니다|안 ?되요|싫어요|어려워요|어렵습니다|힘들어요|힘듭니다|못 ?가요|못 ?갑니다|\bexcept\b|\bnot on\b|\bnot in the\b|\bno\b`)
)

// readWish reads what suits somebody: "토요일 오전", "강남만", "다음 주부터", "5km 안", also as the wish for another time: "다른 날로 바꿔주세요 토요일". It
// is one only if all of it is understood; otherwise, if it surely wishes for something, the person is asked.
func readWish(c *booking.Campaign, _ booking.Phone, text string, today booking.Date) (desk.Want, bool) {
	if born, short := (&paper{text: text}).birth(c, today); !born.IsZero() || short != "" {
		return desk.Want{}, false // somebody applies
	}
	p := &wishing{paper: paper{text: strings.ToLower(text)}, today: today}
	change, marked := changeMarks.MatchString(p.text), wishMarks.MatchString(p.text)
	p.text = changeMarks.ReplaceAllString(p.text, " ")
	no := except.MatchString(p.text)
	p.times()
	p.dayRanges()
	p.dates()
	p.days()
	bare := p.place(c)
	w := desk.Want{Do: desk.DeedWish, Wished: p.said}
	if change {
		w.Do = desk.DeedSwap
	}
	understood := p.understood()
	if no && understood {
		w.Wished, understood = complement(w.Wished)
	}
	surely := change || wishLead.MatchString(strings.ToLower(text))
	switch {
	case p.conflict, !understood && (surely && p.fewLeft()):
		w.Wished = desk.Wished{}
		return w, surely
	case !understood:
		return desk.Want{}, false
	case w.Wished.None():
		return w, surely || bareWish.MatchString(strings.TrimSpace(text))
	case bare:
		return w, change || marked || p.only
	}
	return w, true
}

// bareWish is the word alone.
var bareWish = regexp.MustCompile(`(?i)^(?:희망(?:사항)?|원하는 ?(?:시간|날짜|곳)|wish(?:es)?|preferences?|변경|시간|날짜)$`)

// complement turns the days or times that do not suit into those that do. Of both at once it is not clear what is meant.
func complement(w desk.Wished) (desk.Wished, bool) {
	if !w.NotBefore.IsZero() || !w.NotAfter.IsZero() || len(w.Sites) > 0 || w.MaxKm > 0 {
		return w, false
	}
	switch {
	case len(w.Weekdays) > 0 && len(w.Times) == 0:
		days := slices.Clone(allDays)
		w.Weekdays = slices.DeleteFunc(days, func(d time.Weekday) bool { return slices.Contains(w.Weekdays, d) })
		return w, len(w.Weekdays) > 0
	case len(w.Times) == 1 && len(w.Weekdays) == 0:
		t := w.Times[0]
		w.Times = nil
		if t.From > 0 {
			w.Times = append(w.Times, booking.DayTime{From: 0, To: t.From})
		}
		if t.To < lastMinute {
			w.Times = append(w.Times, booking.DayTime{From: t.To, To: lastMinute})
		}
		return w, len(w.Times) > 0
	}
	return w, false
}
