package campaignfile

import (
	"cmp"
	"slices"
	"time"

	"jari/booking"
)

// slotAt is a slot with its origin: a line of a table, or one of the grids.
type slotAt struct {
	booking.Slot
	grid int // index into slotList.origins
	line int // line of a table, 0 for a grid
}

// slotList gathers the slots of grids and tables until they can be compared.
type slotList struct {
	all     []slotAt
	origins []spot
	full    bool // the bound was reached, and said
}

func (s *slotList) at(d slotAt) spot {
	at := s.origins[d.grid]
	if d.line > 0 {
		at.line = d.line
	}
	return at
}

// maxPerSlot bounds the people that one slot can take.
const maxPerSlot = 100_000

func (l *loader) slotLists(f fields) {
	for _, item := range f.list("slots") {
		l.grid(item)
	}
	if name, ok := opt(f, "slots_csv", "", cell.tableName); ok && name != "" {
		l.slotTable(f.at("slots_csv"), name)
	}
	l.settleSlots()
}

// room reports whether n more slots fit, and says so once when they do not.
func (l *loader) room(at spot, n int) bool {
	if l.slots.full {
		return false
	}
	if n > l.mostSlots-len(l.slots.all) {
		l.slots.full = true
		at.problem("makes more than %d slots in all: use longer slots with more capacity, or fewer days", l.mostSlots)
		return false
	}
	return true
}

// settleSlots refuses slots that stand at the same site at the same time, and puts the rest in order of time.
func (l *loader) settleSlots() {
	all := l.slots.all
	slices.SortStableFunc(all, func(a, b slotAt) int {
		return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.Site, b.Site))
	})
	type clash struct{ grid, line int }
	more := map[clash]int{}
	firsts := []slotAt{}
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		if a.Site != b.Site || !a.Starts.Equal(b.Starts) {
			continue
		}
		c := clash{b.grid, b.line}
		if more[c]++; more[c] == 1 {
			firsts = append(firsts, b)
		}
	}
	for _, d := range firsts {
		at, rest := l.slots.at(d), more[clash{d.grid, d.line}]-1
		when := d.Starts.Format(localLayouts[0])
		if rest > 0 {
			at.problem("%s already has a slot at %s, and %d more like this: write each slot once, and put the room into its capacity", d.Site, when, rest)
		} else {
			at.problem("%s already has a slot at %s: write each slot once, and put the room into its capacity", d.Site, when)
		}
	}
	if len(all) == 0 {
		return
	}
	l.c.Slots = make([]booking.Slot, len(all))
	for i := range all {
		l.c.Slots[i] = all[i].Slot
	}
	l.slots.all = nil
}

func (l *loader) slotTable(at spot, name string) {
	need, may := []string{"site", "starts", "ends", "capacity"}, []string{"pool"}
	if l.onlyPool() == "" {
		need, may = append(need, "pool"), nil
	}
	origin := -1
	when, capacity := instant(l.zone), integer(1, maxPerSlot)
	l.table(at, name, need, may, func(r row) bool {
		if origin < 0 {
			origin = len(l.slots.origins)
			l.slots.origins = append(l.slots.origins, r.cell("starts").spot)
		}
		d, ok := l.slotRow(r, when, capacity)
		d.grid, d.line = origin, r.at.line
		if !ok {
			return true
		}
		if !l.room(r.at, 1) {
			return false
		}
		l.slots.all = append(l.slots.all, d)
		return true
	})
}

func (l *loader) slotRow(r row, when func(cell) (time.Time, bool), capacity func(cell) (int, bool)) (d slotAt, ok bool) {
	var okSite, okStart, okEnd, okRoom bool
	d.Site, okSite = r.cell("site").code()
	if okSite {
		okSite = l.checkSite(r.cell("site").spot, d.Site)
	}
	d.Starts, okStart = when(r.cell("starts"))
	d.Ends, okEnd = when(r.cell("ends"))
	if okStart && okEnd && (!d.Starts.Before(d.Ends) || d.Ends.Sub(d.Starts) > 24*time.Hour) {
		r.cell("ends").problem("must lie after starts and at most 24 hours later: correct one of the two")
		okEnd = false
	}
	d.Capacity, okRoom = capacity(r.cell("capacity"))
	if pool := r.cell("pool"); pool.text != "" {
		var okPool bool
		if d.Pool, okPool = pool.code(); okPool {
			l.checkPool(pool.spot, d.Pool)
		}
	} else if d.Pool = l.onlyPool(); d.Pool == "" {
		pool.problem("is empty: write the slot's pool")
	}
	return d, okSite && okStart && okEnd && okRoom
}

func (l *loader) checkSite(at spot, code string) bool {
	if _, ok := l.siteAt[code]; ok {
		return true
	}
	if len(l.siteAt) > 0 {
		at.problem("there is no site %s: write the code of one of the campaign's sites", quote(code))
	} else {
		at.problem("the campaign has no sites: write them first (sites or sites_csv)")
	}
	return false
}
