package campaignfile

import (
	"slices"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"

	"jari/booking"
)

// hours is a part of a day, as times since midnight.
type hours struct{ from, to time.Duration }

// grid is a regular set of slots as it was written.
type grid struct {
	sites    []string
	pool     string
	days     []time.Time // midnights, as wall clocks kept in UTC
	hours    []hours
	every    time.Duration
	capacity int
}

// maxDays bounds the calendar of one grid.
const maxDays = 731

// grid expands one entry of slots.
func (l *loader) grid(item node) {
	f := item.fields("sites", "pool", "days", "hours", "every", "capacity")
	var g grid
	var ok [5]bool
	g.sites, ok[0] = l.gridSites(f)
	g.days, ok[1] = l.gridDays(f)
	g.every, ok[2] = need(f, "every", "the length of a slot, such as 10m", cell.minutes)
	g.hours, ok[3] = gridHours(f, g.every)
	g.capacity, ok[4] = need(f, "capacity", "how many people each slot takes", integer(1, maxPerSlot))
	if g.pool = l.onlyPool(); g.pool == "" || f.has("pool") {
		var okPool bool
		if g.pool, okPool = need(f, "pool", "the pool that these slots belong to", cell.code); okPool {
			l.checkPool(f.at("pool"), g.pool)
		}
	}
	if slices.Contains(ok[:], false) {
		return
	}
	l.expand(f, g)
}

// minutes reads the length of a slot: whole minutes, at most a day.
func (c cell) minutes() (time.Duration, bool) {
	d, ok := span(time.Minute, 24*time.Hour)(c)
	if ok && d%time.Minute != 0 {
		c.problem("%s is not a number of whole minutes: write one such as 10m", quote(c.text))
		return 0, false
	}
	return d, ok
}

// gridSites reads "all" or a list of codes.
func (l *loader) gridSites(f fields) ([]string, bool) {
	n, ok := f.node("sites", "all, or a list of the sites' codes")
	if !ok {
		return nil, false
	}
	return l.sitesOf(n)
}

// sitesOf reads "all" or a list of codes.
func (l *loader) sitesOf(n node) ([]string, bool) {
	if text, ok := n.ast.(*ast.StringNode); ok && text.Value == "all" {
		codes := make([]string, len(l.c.Sites))
		for i, s := range l.c.Sites {
			codes[i] = s.Code
		}
		if len(codes) == 0 {
			n.problem("the campaign has no sites: write them first (sites or sites_csv)")
		}
		return codes, len(codes) > 0
	}
	codes, ok := distinct(n.items(), func(c cell) (string, bool) {
		code, ok := c.code()
		return code, ok && l.checkSite(c.spot, code)
	})
	return codes, ok && len(codes) > 0
}

// gridDays lists the days of a grid in order.
func (l *loader) gridDays(f fields) ([]time.Time, bool) {
	n, ok := f.node("days", "from and to, such as {from: 2021-07-26, to: 2021-08-07, weekdays: [mon, tue]}")
	if !ok {
		return nil, false
	}
	m := n.fields("from", "to", "weekdays", "except")
	from, ok1 := need(m, "from", "the first day, such as 2021-07-26", cell.date)
	to, ok2 := need(m, "to", "the last day, such as 2021-08-07", cell.date)
	on, ok3 := gridWeekdays(m)
	if !ok1 || !ok2 || !ok3 {
		return nil, false
	}
	first, last := from.UTC(), to.UTC()
	switch {
	case !plausible(first) || !plausible(last):
		m.problem("the days do not lie between 2000 and 2100: correct them")
		return nil, false
	case last.Before(first):
		m.at("to").problem("lies before from (%s): exchange the two", from)
		return nil, false
	case last.Sub(first) >= maxDays*24*time.Hour:
		m.at("to").problem("makes more than %d days: write a shorter calendar", maxDays)
		return nil, false
	}
	not, ok := gridExcept(m, from, to)
	if !ok {
		return nil, false
	}
	var days []time.Time
	for d := first; !d.After(last); d = d.AddDate(0, 0, 1) {
		if on[d.Weekday()] && !not[booking.DateOf(d, time.UTC)] {
			days = append(days, d)
		}
	}
	if len(days) == 0 {
		m.problem("no day is left between from and to: widen weekdays or shorten except")
	}
	return days, len(days) > 0
}

func gridWeekdays(m fields) (on [7]bool, ok bool) {
	if !m.has("weekdays") {
		return [7]bool{true, true, true, true, true, true, true}, true
	}
	ok = true
	for _, item := range m.list("weekdays") {
		d, good := scalar(item, cell.weekday)
		if !good {
			ok = false
			continue
		}
		on[d] = true
	}
	return on, ok
}

func gridExcept(m fields, from, to booking.Date) (map[booking.Date]bool, bool) {
	not, ok := map[booking.Date]bool{}, true
	for _, item := range m.list("except") {
		d, good := scalar(item, cell.date)
		switch {
		case !good:
			ok = false
		case d.Before(from) || to.Before(d):
			item.problem("%s lies outside from and to: delete it or correct it", d)
			ok = false
		default:
			not[d] = true
		}
	}
	return not, ok
}

// gridHours reads the parts of a day. Each must hold at least one slot, and no two may overlap.
func gridHours(f fields, every time.Duration) ([]hours, bool) {
	n, ok := f.node("hours", "the parts of the day, such as [{from: \"09:00\", to: \"12:00\"}]")
	if !ok {
		return nil, false
	}
	var out []hours
	all := true
	for _, item := range n.items() {
		m := item.fields("from", "to")
		from, ok1 := need(m, "from", "when the first slot starts, such as \"09:00\"", cell.clock)
		to, ok2 := need(m, "to", "when the last slot ends, such as \"12:00\"", cell.clock)
		h := hours{from, to}
		overlaps := slices.ContainsFunc(out, func(o hours) bool { return h.from < o.to && o.from < h.to })
		switch {
		case !ok1 || !ok2:
			all = false
			continue
		case to <= from:
			m.at("to").problem("is not after from: write a later hour")
		case to-from < every:
			m.at("to").problem("no slot of %s fits between from and to: write longer hours or a shorter every", short(every))
		case overlaps:
			m.problem("overlaps hours written before it: write hours that follow each other")
		default:
			out = append(out, h)
			continue
		}
		all = false
	}
	return out, all && len(out) > 0
}

// expand makes the slots of a grid. A slot that would end after its hours is left out; one whose local time the clocks
// skip, or show twice, is refused, because nobody could say when to come.
func (l *loader) expand(f fields, g grid) {
	perDay := 0
	for _, h := range g.hours {
		perDay += int((h.to - h.from) / g.every)
	}
	if !l.room(f.spot, perDay*len(g.days)*len(g.sites)) {
		return
	}
	origin := len(l.slots.origins)
	l.slots.origins = append(l.slots.origins, f.spot)
	for _, day := range g.days {
		for _, h := range g.hours {
			for from := h.from; from+g.every <= h.to; from += g.every {
				starts, ends, ok := l.between(f.at("hours"), day.Add(from), g.every)
				if !ok {
					continue
				}
				for _, site := range g.sites {
					slot := booking.Slot{Site: site, Pool: g.pool, Starts: starts, Ends: ends, Capacity: g.capacity}
					l.slots.all = append(l.slots.all, slotAt{Slot: slot, grid: origin})
				}
			}
		}
	}
}

// between finds the instants of one slot.
func (l *loader) between(at spot, wall time.Time, every time.Duration) (starts, ends time.Time, ok bool) {
	starts, trouble := resolve(wall, l.zone)
	if trouble == "" {
		if ends, trouble = resolve(wall.Add(every), l.zone); trouble != "" {
			trouble = "ends at " + wall.Add(every).Format("15:04") + ", which " + trouble
		}
	}
	if trouble == "" && ends.Sub(starts) != every {
		trouble = "is not " + short(every) + " long, because the clocks change in it"
	}
	if trouble != "" {
		at.problem("the slot %s %s in %s: leave that day out (except) and write its slots in slots_csv",
			strconv.Quote(wall.Format(localLayouts[0])), trouble, l.zone)
		return starts, ends, false
	}
	return starts, ends, true
}
