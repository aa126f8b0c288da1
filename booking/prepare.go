package booking

import (
	"math"
	"sort"
	"time"
)

// prepare sorts what was added and makes the indexes over it, once, before the first match.
func (b *Board) prepare() {
	if b.prepared {
		return
	}
	b.prepared = true
	for at := range b.sites {
		st := &b.sites[at]
		sort.Sort(inTime{st, b})
		b.cutDays(st)
		b.indexSeats(st)
		st.word = b.words
		b.words += len(st.open[freeSeats])
		for d := range st.days {
			b.noteSupplies(at, d)
			b.refresh(at, d)
		}
	}
}

// cutDays divides a site's slots into local days. Where clocks are turned back over midnight a date can come twice.
func (b *Board) cutDays(st *stock) {
	for i := range st.n {
		s := st.at(i)
		z := b.clock.at(b.zone, int64(s.starts))
		date := int32(floorDiv(int64(s.starts)+z.offset, secondsADay))
		supply := st.terms[s.terms].supply
		if n := len(st.days); n == 0 || st.days[n-1].date != date {
			st.days = append(st.days, day{
				first: uint32(i), begins: s.starts, date: date, offset: int32(z.offset), supply: supply,
			})
			continue
		}
		d := &st.days[len(st.days)-1]
		if d.supply != supply {
			d.supply = severally
		}
		if int64(d.begins) < z.from {
			d.offset = unevenDay
		}
	}
}

func (b *Board) indexSeats(st *stock) {
	st.seats[freeSeats] = newNumbers(st.n)
	st.seats[anySeats] = st.seats[freeSeats]
	if st.reserve != 0 {
		st.seats[anySeats] = newNumbers(st.n)
	}
	words := (len(st.days) + 63) / 64
	st.open = [2][]uint64{make([]uint64, words), make([]uint64, words)}
	st.weekdays = make([]uint64, 7*words)
	for d := range st.days {
		day := &st.days[d]
		weekday := int(floorMod(int64(day.date)+int64(time.Thursday), 7)) // 1 January 1970 was a Thursday
		st.weekdays[weekday*words+d>>6] |= 1 << (d & 63)
		for i := int(day.first); i < st.end(d); i++ {
			s := st.at(i)
			if s.free > 0 {
				st.seats[freeSeats].add(i)
				day.with[freeSeats]++
			}
			st.seats[anySeats].add(i) // what has no seats at all was never stored
			day.with[anySeats]++
		}
	}
}

// noteSupplies tells the supplies of a day that the day depends on them.
func (b *Board) noteSupplies(at, d int) {
	st := &b.sites[at]
	here := siteDay{int32(at), int32(d)}
	note := func(supply int32) {
		if supply < 0 {
			return
		}
		s := &b.supplies[supply]
		if n := len(s.days); n == 0 || s.days[n-1] != here {
			s.days = append(s.days, here)
		}
	}
	if st.days[d].supply != severally {
		note(st.days[d].supply)
		return
	}
	for i := int(st.days[d].first); i < st.end(d); i++ {
		note(st.terms[st.at(i).terms].supply)
	}
}

// clock remembers the last stretch of time with one offset from UTC that was asked for: slots come in order of time, and
// a question to the zone for each of millions would take longer than sorting them.
type clock struct {
	from, to int64 // seconds since 1970; to exclusive
	offset   int64 // seconds east of UTC
}

func (c *clock) at(zone *time.Location, instant int64) clock {
	if instant >= c.from && instant < c.to {
		return *c
	}
	t := time.Unix(instant, 0).In(zone)
	_, offset := t.Zone()
	*c = clock{math.MinInt64, math.MaxInt64, int64(offset)}
	from, to := t.ZoneBounds()
	if !from.IsZero() {
		c.from = from.Unix()
	}
	if !to.IsZero() {
		c.to = to.Unix()
	}
	return *c
}

const secondsADay = 24 * 60 * 60

func floorDiv(a, b int64) int64 { return (a - floorMod(a, b)) / b }

func floorMod(a, b int64) int64 { return (a%b + b) % b }
