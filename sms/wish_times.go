package sms

import (
	"regexp"
	"slices"
	"strconv"

	"jari/booking"
)

const lastMinute = 24 * 60

const (
	koClock = `(오전|오후|아침|저녁|밤|낮|새벽)? ?(\d{1,2}) ?(?:시|:) ?(\d{2} ?분?|반)?`
	enClock = `(\d{1,2})(?::(\d{2}))? ?(am|pm|a\.m\.|p\.m\.|o'?clock|noon)`
)

var (
	timeRange  = regexp.MustCompile(koClock + ` ?(?:부터|에서|~|-) ?` + koClock + `(?: ?(?:까지|사이에?))?`)
	timeRange2 = regexp.MustCompile(`(오전|오후|아침|저녁|밤|낮|새벽)? ?(\d{1,2}) ?()(?:~|-) ?` + koClock)
	timeFrom   = regexp.MustCompile(koClock + ` ?(?:이후(?:로|에)?|부터|넘어서|지나서|후에|후)`)
	timeTo     = regexp.MustCompile(koClock + ` ?(?:이전(?:에)?|까지|전에|전)`)
	timeAt     = regexp.MustCompile(koClock + `(?: ?(?:쯤|경|정도))?`)
	timePart   = regexp.MustCompile(`새벽|아침|오전|점심(?: ?(?:시간|때))?|한낮|대낮|낮|오후|저녁|밤`)

	timeRangeE = regexp.MustCompile(`(?:\bbetween |\bfrom )?\b(\d{1,2})(?::(\d{2}))? ?(am|pm)? ?(?:and|to|-|till|until) ?` + enClock)
	timeFromE  = regexp.MustCompile(`\b(?:after|from|later than|not before) ` + enClock)
	timeToE    = regexp.MustCompile(`\b(?:before|until|till|by|not after) ` + enClock)
	timeAtE    = regexp.MustCompile(`(?:\b(?:at|around|about) )?\b` + enClock)
	timePartE  = regexp.MustCompile(`\b(?:early )?(mornings?|afternoons?|evenings?|noon|midday|lunch ?time)\b`)
)

// parts of the day, in minutes since midnight.
var parts = map[string]booking.DayTime{
	"새벽": {From: 0, To: 6 * 60}, "아침": {From: 6 * 60, To: 11 * 60}, "오전": {From: 0, To: 12 * 60}, "점심": {From: 11 * 60, To: 14 * 60},
	"낮": {From: 10 * 60, To: 17 * 60}, "한낮": {From: 11 * 60, To: 15 * 60}, "대낮": {From: 11 * 60, To: 15 * 60}, "오후": {From: 12 * 60, To: lastMinute},
	"저녁": {From: 17 * 60, To: lastMinute}, "밤": {From: 19 * 60, To: lastMinute},
	"mor": {From: 0, To: 12 * 60}, "aft": {From: 12 * 60, To: lastMinute}, "eve": {From: 17 * 60, To: lastMinute}, "noo": {From: 11 * 60, To: 14 * 60},
	"mid": {From: 11 * 60, To: 14 * 60}, "lun": {From: 11 * 60, To: 14 * 60},
}

func (p *wishing) times() {
	between := func(m []string) bool {
		to := clock(m[4], m[5], m[6])
		from := clock(m[1], m[2], m[3])
		if m[1] == "" && m[4] != "" && from >= to { // "오전 10-12시" has its half in front, "10-오후 2시" behind
			from = clock("오전", m[2], m[3])
		}
		if m[4] == "" && m[1] != "" && to <= from {
			to = clock("오후", m[5], m[6])
		}
		return p.between(from, to)
	}
	p.every(timeRange, between)
	p.every(timeRange2, between)
	p.every(timeFrom, func(m []string) bool { return p.between(clock(m[1], m[2], m[3]), lastMinute) })
	p.every(timeTo, func(m []string) bool { return p.between(0, clock(m[1], m[2], m[3])) })
	p.every(timeAt, func(m []string) bool {
		from := clock(m[1], m[2], m[3])
		return p.between(from, from+60)
	})
	p.every(timeRangeE, func(m []string) bool {
		half := m[3]
		if half == "" {
			half = m[6]
		}
		from, to := clock(half, m[1], m[2]), clock(m[6], m[4], m[5])
		if m[3] == "" && from >= to { // 10 to 2pm
			from = clock("am", m[1], m[2])
		}
		return p.between(from, to)
	})
	p.every(timeFromE, func(m []string) bool { return p.between(clock(m[3], m[1], m[2]), lastMinute) })
	p.every(timeToE, func(m []string) bool { return p.between(0, clock(m[3], m[1], m[2])) })
	p.every(timeAtE, func(m []string) bool {
		from := clock(m[3], m[1], m[2])
		return p.between(from, from+60)
	})
	p.every(timePart, func(m []string) bool { return p.part(m[0]) })
	p.every(timePartE, func(m []string) bool { return p.part(m[1][:3]) })
}

func (p *wishing) part(name string) bool {
	for _, r := range []string{name, string([]rune(name)[:min(2, len([]rune(name)))])} {
		if t, ok := parts[r]; ok {
			p.time(t)
			return true
		}
	}
	return false
}

// between adds a part of the day. One that ends before it begins, or is no time, is a slip to be asked about.
func (p *wishing) between(from, to int) bool {
	if from < 0 || to < 0 || from >= to || to > lastMinute {
		p.conflict = true
		return true
	}
	p.time(booking.DayTime{From: from, To: to})
	return true
}

func (p *wishing) time(t booking.DayTime) {
	if !slices.Contains(p.said.Times, t) {
		p.said.Times = append(p.said.Times, t)
	}
}

// clock is a time of day in minutes, -1 when it is none. An hour without a half of the day is one at which sites are open: 8 to 12, or 1 to 7 in the
// afternoon. What is read back says which.
func clock(half, hour, minute string) int {
	h, err := strconv.Atoi(hour)
	if err != nil || h > 24 {
		return -1
	}
	m := 0
	switch {
	case minute == "반":
		m = 30
	case minute != "":
		if m, err = strconv.Atoi(minute[:2]); err != nil || m > 59 {
			return -1
		}
	}
	switch half {
	case "오전", "아침", "새벽", "am", "a.m.":
		h %= 12
	case "오후", "저녁", "밤", "낮", "pm", "p.m.":
		if h < 12 && (half != "낮" || h < 10) {
			h += 12
		}
	default:
		if h >= 1 && h <= 7 {
			h += 12
		}
	}
	return h*60 + m
}
