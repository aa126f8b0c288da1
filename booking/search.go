package booking

import (
	"math/bits"
	"slices"
	"time"
)

// search finds the best site that has what is looked for, and its rank; the seats are in Board.picks. -1: none has.
func (b *Board) search(s *search) (at, rank int) {
	if b.openSites[anySeats] == 0 || s.habit.never {
		return -1, 0
	}
	if s.ranks {
		for k, at := range s.ranked {
			if at >= 0 && s.hasNeeds(int(at)) && b.find(&b.sites[at], s) {
				return int(at), k + 1
			}
		}
		return -1, 0
	}
	open := s.near.open[s.bestKind()]
	tried := 0
	for k := open.next(0); k >= 0; k = open.next(k + 1) {
		at := int(s.near.order[k])
		st := &b.sites[at]
		if tried++; tried == patience && b.inVain[s.same()] {
			return -1, 0
		}
		if st.openDays[s.bestKind()] == 0 {
			open.remove(k)
			continue
		}
		if s.near.within(k, s.maxKm) && s.hasNeeds(at) && b.find(st, s) {
			return at, k + 1
		}
	}
	if tried >= patience && s.plain {
		if len(b.inVain) >= mostRemembered {
			clear(b.inVain)
		}
		b.inVain[s.same()] = true
	}
	return -1, 0
}

// patience is how many sites are looked at before somebody is asked for who wished the same and found nothing.
const patience = 8

// sameWishes is what people without ranked sites have in common of whom none finds anything once one of them found nothing,
// until a seat comes back: seats only become fewer, and starts that are too soon more.
type sameWishes struct {
	near              *nearby
	habit             *habit
	needs             *uint64
	opens             *bool
	notice            time.Duration
	maxKm             int
	firstDay, lastDay int32
	weekdays          uint8
}

func (s *search) same() sameWishes {
	return sameWishes{
		s.near, s.habit, first(s.needs), first(s.opens), s.notice, s.maxKm, s.firstDay, s.lastDay, s.weekdays,
	}
}

// first stands for a set that is remembered: two people with the same one have the same address.
func first[T any](set []T) *T {
	if len(set) == 0 {
		return nil
	}
	return &set[0]
}

// bestKind is the widest kind of seat that the person may take somewhere.
func (s *search) bestKind() seatKind {
	if s.opens != nil {
		return anySeats
	}
	return freeSeats
}

// find looks for seats at a site and puts them into Board.picks.
func (b *Board) find(st *stock, s *search) bool {
	kind := st.kind(s.opens)
	if st.openDays[kind] == 0 || !st.hasDay(kind, s) {
		return false
	}
	for d := st.nextDay(st.firstDay(s), kind, s); d >= 0; d = st.nextDay(d+1, kind, s) {
		if b.findOn(st, d, kind, s) {
			return true
		}
	}
	return false
}

// firstDay is the first of a site's days on which something may suit.
func (st *stock) firstDay(s *search) int {
	d := st.dayAt(s.from)
	if s.firstDay == noFirstDay {
		return d
	}
	// Where clocks are turned back over midnight, two days come twice: the search may land on the second.
	date, _ := slices.BinarySearchFunc(st.days, s.firstDay, func(d day, first int32) int { return int(d.date) - int(first) })
	return max(d, date-2)
}

// daysOf are the days of one word that have seats and supply, fall on a weekday that suits, and are not known to have nothing
// for the habit.
func (st *stock) daysOf(w int, kind seatKind, s *search) uint64 {
	m := st.open[kind][w]
	if m != 0 && s.weekdays != everyDay {
		m &= st.weekdayWord(w, s.weekdays)
	}
	if done := s.habit.done[kind]; done != nil {
		m &^= done[st.word+w]
	}
	return m
}

// hasDay reports whether there is any such day: most sites at which nothing is found are left behind here.
func (st *stock) hasDay(kind seatKind, s *search) bool {
	for w := range st.open[kind] {
		if st.daysOf(w, kind, s) != 0 {
			return true
		}
	}
	return false
}

// nextDay is the first such day from d on that is within the bounds, or -1.
func (st *stock) nextDay(d int, kind seatKind, s *search) int {
	skip := d & 63
	for w := d >> 6; w < len(st.open[kind]); w++ {
		m := st.daysOf(w, kind, s) >> skip << skip
		skip = 0
		for ; m != 0; m &= m - 1 {
			i := w<<6 + bits.TrailingZeros64(m)
			day := &st.days[i]
			if int64(day.begins) > s.until || day.date > s.lastDay+1 {
				return -1
			}
			if day.date >= s.firstDay && day.date <= s.lastDay {
				return i
			}
		}
	}
	return -1
}

// findOn looks for seats on one day of a site: for one person the first that suits, for a household the first half-hour
// that has enough.
func (b *Board) findOn(st *stock, d int, kind seatKind, s *search) bool {
	b.picks = b.picks[:0]
	b.cut = st.reserve == severally && kind == anySeats // what is kept here for others may do for them
	first, end := int(st.days[d].first), st.end(d)
	i := first
	if int64(st.days[d].begins) < s.from {
		i = st.since(first, end, s.from)
		b.cut = true
	}
	half := int64(-1)
	for i = b.nextOn(st, d, i, end, kind, s); i >= 0; i = b.nextOn(st, d, i+1, end, kind, s) {
		if s.people > 1 {
			if h := b.halfHour(st, d, i); h != half {
				half = h
				b.picks = b.picks[:0]
			}
		}
		if b.pick(st, i, s); len(b.picks) == s.people {
			return true
		}
	}
	if !b.cut && !s.habit.anyTime() {
		s.habit.nothingOn(kind, st.word, b.words, d)
	}
	return false
}

// nextOn is the first slot from i on, before end, that suits and has a seat and supply; or -1.
func (b *Board) nextOn(st *stock, d, i, end int, kind seatKind, s *search) int {
	for {
		i = st.seats[kind].next(i)
		if i < 0 || i >= end {
			return -1
		}
		slot := st.at(i)
		if int64(slot.starts) > s.until {
			b.cut = true
			return -1
		}
		if s.habit.times != nil {
			switch wait := s.habit.wait(b.secondOf(st, d, slot)); {
			case wait != 0 && st.days[d].offset == unevenDay:
				i++ // clocks jump on this day: nothing can be reckoned ahead
				continue
			case wait < 0:
				return -1
			case wait > 0:
				i = st.since(i+1, end, int64(slot.starts)+int64(wait))
				continue
			}
		}
		if b.may(st, slot, s) {
			return i
		}
		i++
	}
}

// may reports whether a slot with seats of the right kind has one for this person.
func (b *Board) may(st *stock, slot *slot, s *search) bool {
	if st.reserve == severally && slot.free == 0 && (s.opens == nil || !s.opens[st.terms[slot.terms].reserve]) {
		return false
	}
	if len(s.declined) > 0 && slices.Contains(s.declined, b.id(slot)) {
		b.cut = true
		return false
	}
	return b.room(st, slot)
}

// pick takes seats of a slot into Board.picks, kept ones first, until there are enough or the slot or its supply has no more.
func (b *Board) pick(st *stock, i int, s *search) {
	slot := st.at(i)
	terms := st.terms[slot.terms]
	kept := 0
	if s.opens != nil && s.opens[terms.reserve] {
		kept = int(slot.kept)
	}
	room := kept + int(slot.free)
	if terms.supply != noSupply {
		room = min(room, b.supplies[terms.supply].left-b.picked(st, terms.supply))
	}
	for k := 0; k < room && len(b.picks) < s.people; k++ {
		b.picks = append(b.picks, pick{i, k < kept})
	}
}

// picked is how much of a supply the seats in Board.picks need.
func (b *Board) picked(st *stock, supply int32) int {
	n := 0
	for _, p := range b.picks {
		if st.terms[st.at(p.slot).terms].supply == supply {
			n++
		}
	}
	return n
}

// secondOf is how many seconds after midnight a slot starts, as clocks show it.
func (b *Board) secondOf(st *stock, d int, s *slot) int {
	return int(floorMod(int64(s.starts)+b.offset(st, d, s), secondsADay))
}

// halfHour is the instant at which the half-hour of a slot's start began.
func (b *Board) halfHour(st *stock, d, i int) int64 {
	s := st.at(i)
	return int64(s.starts) - floorMod(int64(s.starts)+b.offset(st, d, s), 30*60)
}

func (b *Board) offset(st *stock, d int, s *slot) int64 {
	if o := st.days[d].offset; o != unevenDay {
		return int64(o)
	}
	return b.clock.at(b.zone, int64(s.starts)).offset
}
