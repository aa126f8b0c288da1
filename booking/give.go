package booking

// pick is one seat that was found.
type pick struct {
	slot int
	kept bool
}

// handed is a slot of which seats were given.
type handed struct {
	site, slot int32
	seats      int32 // so many, not counting those that were given back
}

// seat is where a seat was taken.
type seat struct{ site, slot int32 }

// ledger remembers what was given, so that a seat can be given back by the slot's id alone: an index of all slots by id
// would take as much memory as the slots. It is 8 bytes a match as long as nobody gives anything back.
type ledger struct {
	fresh []seat // matches that byID does not have yet
	byID  map[int64]handed
}

// give takes a found seat off the board.
func (b *Board) give(at, d int, p pick) {
	b.change(at, d, p, -1)
	b.given.fresh = append(b.given.fresh, seat{int32(at), int32(p.slot)})
}

// GiveBack undoes one match that this board has given: the seat, and what it took from a supply, can be given again. A
// match without a slot changes nothing, nor does one of a slot of which everything that was given is back already.
func (b *Board) GiveBack(m Match) {
	b.readLedger()
	h := b.given.byID[m.SlotID]
	if h.seats == 0 {
		return
	}
	clear(b.inVain)
	h.seats--
	b.given.byID[m.SlotID] = h
	at, st := int(h.site), &b.sites[h.site]
	d := st.dayOf(int(h.slot))
	b.change(at, d, pick{int(h.slot), m.Kept}, +1)
	b.lookAgain(at, d)
	supply := st.terms[st.at(int(h.slot)).terms].supply
	if supply < 0 {
		return
	}
	// A household may have failed only for want of this one.
	if s := &b.supplies[supply]; s.left <= b.largest {
		for _, p := range s.days {
			b.lookAgain(int(p.site), int(p.day))
		}
	}
}

func (b *Board) readLedger() {
	if b.given.byID == nil {
		b.given.byID = map[int64]handed{}
	}
	for _, p := range b.given.fresh {
		id := b.id(b.sites[p.site].at(int(p.slot)))
		h := b.given.byID[id]
		b.given.byID[id] = handed{p.site, p.slot, h.seats + 1}
	}
	b.given.fresh = b.given.fresh[:0]
}

// change takes one seat from a slot, or puts it back, and keeps every count and index right.
func (b *Board) change(at, d int, p pick, by int) {
	st := &b.sites[at]
	s := st.at(p.slot)
	before := [2]bool{s.free > 0, s.free > 0 || s.kept > 0}
	b.count(s, p.kept, by)
	b.left += by
	after := [2]bool{s.free > 0, s.free > 0 || s.kept > 0}
	for kind, has := range after {
		switch {
		case has && !before[kind]:
			st.seats[kind].add(p.slot)
			st.days[d].with[kind]++
		case !has && before[kind]:
			st.days[d].with[kind]--
			st.seats[kind].remove(p.slot)
		}
	}
	b.refresh(at, d)
	supply := st.terms[s.terms].supply
	if supply < 0 {
		return
	}
	sup := &b.supplies[supply]
	had := sup.left > 0
	sup.left += by
	if had == (sup.left > 0) {
		return
	}
	for _, p := range sup.days {
		b.refresh(int(p.site), int(p.day))
	}
}

// count changes a slot's seats, with those that its 16 bits cannot count: they refill it and take what flows over.
func (b *Board) count(s *slot, kept bool, by int) {
	seats, more := &s.free, (*int)(nil)
	if kept {
		seats = &s.kept
	}
	if len(b.surplus) > 0 {
		if x := b.surplus[b.id(s)]; x != nil && kept {
			more = &x.kept
		} else if x != nil {
			more = &x.free
		}
	}
	const most = 1<<16 - 1
	if more != nil && (*more > 0 || by > 0 && *seats == most) {
		*more += by
		return
	}
	*seats = uint16(int(*seats) + by)
}

// refresh looks whether a day has something to give, and carries the answer up to its site and to all sites.
func (b *Board) refresh(at, d int) {
	st := &b.sites[at]
	for kind := range seatKind(2) {
		word, bit := &st.open[kind][d>>6], uint64(1)<<(d&63)
		has := b.hasAny(st, d, kind)
		if has == (*word&bit != 0) {
			continue
		}
		*word ^= bit
		if !has {
			if st.openDays[kind]--; st.openDays[kind] == 0 {
				b.openSites[kind]--
			}
			continue
		}
		if st.openDays[kind]++; st.openDays[kind] == 1 {
			b.openSites[kind]++
			b.reopen(at, kind)
		}
	}
}

// hasAny reports whether the day has a slot with seats of the kind and supply for them.
func (b *Board) hasAny(st *stock, d int, kind seatKind) bool {
	day := &st.days[d]
	if day.with[kind] == 0 {
		return false
	}
	if day.supply != severally {
		return day.supply == noSupply || b.supplies[day.supply].left > 0
	}
	end := st.end(d)
	for i := st.seats[kind].next(int(day.first)); i >= 0 && i < end; i = st.seats[kind].next(i + 1) {
		if b.room(st, st.at(i)) {
			return true
		}
	}
	return false
}

// room reports whether there is supply for a slot.
func (b *Board) room(st *stock, s *slot) bool {
	supply := st.terms[s.terms].supply
	return supply < 0 || b.supplies[supply].left > 0
}

func (b *Board) reopen(at int, kind seatKind) {
	for _, n := range b.regions {
		n.open[kind].add(int(n.rank[at]))
	}
	if b.anywhere != nil {
		b.anywhere.open[kind].add(at)
	}
}
