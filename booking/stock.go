package booking

import (
	"math"
	"math/bits"
	"sort"
)

// seatKind tells apart what two groups of people may take.
type seatKind int

const (
	freeSeats seatKind = iota // seats that anybody may take
	anySeats                  // those, and the kept ones
)

// slot is a slot with seats, in 16 bytes, because a board may hold 27 million of them.
type slot struct {
	starts uint32 // seconds since 1970
	low    uint32 // the id's lower 32 bits
	high   uint16 // its next 15 bits; with wideID set, low is an index into Board.wide
	terms  uint16 // index into the site's terms
	free   uint16 // seats; what does not fit waits in Board.surplus
	kept   uint16
}

// wideID marks ids that do not fit 47 bits. No sequence of ours reaches them.
const wideID = 1 << 15

// terms are what slots of a site have in common.
type terms struct {
	supply  int32 // index into Board.supplies, or noSupply
	reserve int32 // 0: none
}

const (
	noSupply  = -1
	severally = -2 // of a day or site: its slots differ
)

// day is the slots of one site that start on one local day, next to each other in order of time.
type day struct {
	first  uint32   // index of its first slot
	begins uint32   // when that starts, seconds since 1970
	date   int32    // days since 1970, local
	offset int32    // local time minus UTC in seconds; unevenDay when it changes within the day
	with   [2]int32 // so many slots have seats, by kind
	supply int32    // the supply of all its slots, noSupply, or severally
}

const unevenDay = math.MinInt32

const chunk = 256 // slots that are stored together: growing never copies, and small sites waste little

// stock is what one site has to give.
type stock struct {
	chunks  []*[chunk]slot
	n       int // slots
	terms   []terms
	reserve int32 // the one that all kept seats belong to, 0 when there are none, or severally

	// What follows is made by Board.prepare.
	days     []day
	seats    [2]numbers  // slots with seats, by kind; one and the same when nothing is kept
	open     [2][]uint64 // days with something to give: a slot with seats, and supply for it
	openDays [2]int      // how many those are
	weekdays []uint64    // for each weekday the days that fall on it
	word     int         // where the site's words begin in a habit's done
}

func (st *stock) at(i int) *slot { return &st.chunks[i/chunk][i%chunk] }

func (st *stock) push(s slot) {
	if st.n%chunk == 0 {
		st.chunks = append(st.chunks, new([chunk]slot))
	}
	st.n++
	*st.at(st.n - 1) = s
}

// end is the index after the day's last slot.
func (st *stock) end(d int) int {
	if d+1 < len(st.days) {
		return int(st.days[d+1].first)
	}
	return st.n
}

// since is the first slot of [i, end) that starts at an instant or later.
func (st *stock) since(i, end int, instant int64) int {
	for i < end {
		m := int(uint(i+end) >> 1)
		if int64(st.at(m).starts) < instant {
			i = m + 1
		} else {
			end = m
		}
	}
	return i
}

// dayAt is the last day whose first slot starts by an instant, or the first day.
func (st *stock) dayAt(instant int64) int {
	return max(0, sort.Search(len(st.days), func(d int) bool { return int64(st.days[d].begins) > instant })-1)
}

// dayOf is the day of a slot.
func (st *stock) dayOf(i int) int {
	return sort.Search(len(st.days), func(d int) bool { return int(st.days[d].first) > i }) - 1
}

// weekdayWord has the days of one word that fall on one of a set of weekdays.
func (st *stock) weekdayWord(w int, set uint8) uint64 {
	var m uint64
	words := len(st.open[freeSeats])
	for ; set != 0; set &= set - 1 {
		m |= st.weekdays[bits.TrailingZeros8(set)*words+w]
	}
	return m
}

// kind says which seats of the site somebody may look at, to whom some reserves are open.
func (st *stock) kind(opens []bool) seatKind {
	switch {
	case opens == nil || st.reserve == 0:
		return freeSeats
	case st.reserve == severally || opens[st.reserve]:
		return anySeats
	}
	return freeSeats
}

// inTime sorts a site's slots by start and id where they lie: a copy would double the memory.
type inTime struct {
	*stock
	board *Board
}

func (s inTime) Len() int { return s.n }

func (s inTime) Swap(i, j int) {
	a, b := s.at(i), s.at(j)
	*a, *b = *b, *a
}

func (s inTime) Less(i, j int) bool {
	a, b := s.at(i), s.at(j)
	if a.starts != b.starts {
		return a.starts < b.starts
	}
	return s.board.id(a) < s.board.id(b)
}
