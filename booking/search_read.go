package booking

import (
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// search is what one person or household looks for, read once from their wishes.
type search struct {
	people   int
	ranked   []int32 // the ranked sites that exist, with their rank; see Board.ranked
	ranks    bool    // ranked any, though perhaps none that exists
	near     *nearby
	maxKm    int
	needs    []uint64 // sites that have what is needed; nil: all
	opens    []bool   // by reserve; nil: none is open
	notice   time.Duration
	enough   int64 // first start that leaves the notice, seconds since 1970
	from     int64 // first start that suits, not before enough
	until    int64 // last one, inclusive
	firstDay int32 // days since 1970, local
	lastDay  int32
	weekdays uint8 // bit 0 is Sunday
	habit    *habit
	declined []int64
	plain    bool // nothing but what sameWishes has
}

// What a search has where nothing was wished for.
const (
	everyDay   = 1<<7 - 1
	noEnd      = math.MaxInt64
	noFirstDay = math.MinInt32
	noLastDay  = math.MaxInt32 - 1
)

func (b *Board) read(w *Waiting) search {
	s := search{
		people: max(1, len(w.Members)), near: b.near(w.Region), ranks: len(w.Wishes.Sites) > 0, maxKm: w.Wishes.MaxKm,
		opens: b.openTo(w), until: noEnd, firstDay: noFirstDay, lastDay: noLastDay,
		weekdays: everyDay, declined: w.Declined,
	}
	s.plain = len(w.Declined) == 0 && w.From.IsZero() && w.Until.IsZero()
	s.notice = max(w.Notice, time.Duration(w.Wishes.Notice)*time.Hour)
	s.enough = secondsUp(b.now.Add(s.notice))
	s.from = s.enough
	if !w.From.IsZero() {
		s.from = max(s.from, secondsUp(w.From))
	}
	if !w.Until.IsZero() {
		s.until = w.Until.Unix()
	}
	b.ranked = b.ranked[:0]
	for _, code := range w.Wishes.Sites {
		at, ok := b.codes[code]
		if !ok {
			at = -1 // keeps the rank of those behind it
		}
		b.ranked = append(b.ranked, at)
	}
	s.ranked = b.ranked
	if len(w.Wishes.Needs) > 0 {
		s.needs = b.sitesWith(w.Wishes.Needs)
	}
	s.readDays(&w.Wishes)
	s.habit = b.habit(s.people, w.Wishes.Times)
	return s
}

func (s *search) readDays(w *Wishes) {
	if !w.NotBefore.IsZero() {
		s.firstDay = w.NotBefore.days()
	}
	if !w.NotAfter.IsZero() {
		s.lastDay = w.NotAfter.days()
	}
	if len(w.Weekdays) > 0 {
		s.weekdays = 0
		for _, d := range w.Weekdays {
			s.weekdays |= 1 << d & everyDay
		}
	}
}

// days is how many days after 1 January 1970 the day is.
func (d Date) days() int32 { return int32(d.UTC().Unix() / secondsADay) }

// secondsUp is the first whole second since 1970 that is not before the instant.
func secondsUp(t time.Time) int64 {
	s := t.Unix()
	if t.Nanosecond() > 0 {
		s++
	}
	return s
}

func (b *Board) near(region string) *nearby {
	if n, ok := b.regions[region]; ok {
		return n
	}
	if r, ok := b.c.Region(region); ok {
		n := newNearby(b.c, r, true)
		b.regions[region] = n
		return n
	}
	if b.anywhere == nil {
		b.anywhere = newNearby(b.c, Region{}, false)
	}
	return b.anywhere
}

// openTo says which reserves are open to somebody, by their number in the campaign; nil: none that has seats.
func (b *Board) openTo(w *Waiting) []bool {
	if !b.keeps {
		return nil
	}
	g := group{w.Cohort, w.Later}
	opens, ok := b.opens[g]
	if ok {
		return opens
	}
	for i, r := range b.c.Reserves {
		if g.later && r.Later || slices.Contains(r.Cohorts, g.cohort) {
			if opens == nil {
				opens = make([]bool, 1+len(b.c.Reserves))
			}
			opens[i+1] = true
		}
	}
	if len(b.opens) >= mostRemembered {
		clear(b.opens)
	}
	b.opens[g] = opens
	return opens
}

const (
	mostRemembered = 4096    // of one sort of wish
	habitWords     = 4 << 20 // 32 MB, of all habits together
)

// sitesWith is the set of sites that have all of some tags.
func (b *Board) sitesWith(tags []string) []uint64 {
	b.key = b.key[:0]
	for _, t := range tags {
		b.key = append(binary.AppendUvarint(b.key, uint64(len(t))), t...)
	}
	if set, ok := b.needs[string(b.key)]; ok {
		return set
	}
	set := make([]uint64, (len(b.c.Sites)+63)/64)
	for i, s := range b.c.Sites {
		if !slices.ContainsFunc(tags, func(t string) bool { return !slices.Contains(s.Tags, t) }) {
			set[i>>6] |= 1 << (i & 63)
		}
	}
	if len(b.needs) >= mostRemembered {
		clear(b.needs)
	}
	b.needs[string(b.key)] = set
	return set
}

func (s *search) hasNeeds(at int) bool { return s.needs == nil || s.needs[at>>6]&(1<<(at&63)) != 0 }
