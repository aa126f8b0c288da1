package booking_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"jari/booking"
)

// line has four regions along a meridian with a site in the first three.
func line() *booking.Campaign {
	c := &booking.Campaign{Zone: seoul}
	for i, code := range []string{"a", "b", "c", "d"} {
		at := booking.Position{Lat: 37 + float64(i)/10, Lon: 127}
		c.Regions = append(c.Regions, booking.Region{Code: code, Position: at})
		if code != "d" {
			c.Sites = append(c.Sites, booking.Site{Code: "site-" + code, Region: code, Position: at})
		}
	}
	return c
}

func person(n byte) booking.OrderKey {
	return booking.OrderKey{Arrival: hour("2021-07-19 20:00").Add(time.Duration(n) * time.Second), ID: booking.ID{n}}
}

// tuesday is when the tables below are played; in line(), sites are 11,119 m apart from one region to the next.
var tuesday = hour("2021-07-20 08:00")

// ruled is line() with tags and two reserves.
func ruled() *booking.Campaign {
	c := line()
	c.Sites[1].Tags = []string{"step-free"}
	c.Sites[2].Tags = []string{"step-free", "interpreter-en"}
	c.Reserves = []booking.Reserve{{Cohorts: []string{"old"}}, {Later: true}}
	return c
}

type answer struct {
	slot   int64
	rank   int
	metres int
}

func TestBoardGivesTheBestSlot(t *testing.T) {
	t.Parallel()
	slots := []booking.FreeSlot{
		{ID: 1, Site: "site-b", Starts: hour("2021-07-22 09:00"), Free: 1},
		{ID: 2, Site: "site-b", Starts: hour("2021-07-21 09:00"), Free: 1},
		{ID: 3, Site: "site-a", Starts: hour("2021-07-23 09:00"), Free: 2},
		{ID: 4, Site: "site-c", Starts: hour("2021-07-20 09:00"), Free: 1},
		{ID: 5, Site: "site-c", Starts: hour("2021-07-20 08:30"), Free: 0},
		{ID: 6, Site: "site-elsewhere", Starts: hour("2021-07-20 09:00"), Free: 9},
		{ID: 9, Site: "site-c", Starts: hour("2021-07-25 14:30"), Free: 1}, // a Sunday
		{ID: 8, Site: "site-c", Starts: hour("2021-07-25 14:30"), Free: 1},
		{ID: 7, Site: "site-a", Starts: hour("2021-07-20 08:10"), Free: 5, Supply: 77}, // a supply that nobody added
	}
	sunday, wed := []time.Weekday{time.Sunday}, hour("2021-07-21 09:00")
	tests := []struct {
		name string
		w    booking.Waiting
		want answer
	}{
		{"own region first", booking.Waiting{Region: "a"}, answer{3, 1, 0}},
		{"soonest of the nearest", booking.Waiting{Region: "b"}, answer{2, 1, 0}},
		{"region without a site: the nearest", booking.Waiting{Region: "d"}, answer{4, 1, 11119}},
		{"region unknown: the campaign's order", booking.Waiting{Region: "x"}, answer{3, 1, -1}},
		{"region unknown: no distance is too far", booking.Waiting{Region: "x", Wishes: booking.Wishes{MaxKm: 1}}, answer{3, 1, -1}},
		{"notice", booking.Waiting{Region: "c", Notice: 2 * time.Hour}, answer{9 - 1, 1, 0}},
		{"exactly the notice", booking.Waiting{Region: "c", Notice: time.Hour}, answer{4, 1, 0}},
		{"the person's own longer notice", booking.Waiting{Region: "b", Notice: time.Hour, Wishes: booking.Wishes{Notice: 26}}, answer{1, 1, 0}},
		{"the person's own shorter notice", booking.Waiting{Region: "b", Notice: 26 * time.Hour, Wishes: booking.Wishes{Notice: 1}}, answer{1, 1, 0}},
		{"from, inclusive", booking.Waiting{Region: "b", From: wed}, answer{2, 1, 0}},
		{"from, a moment later", booking.Waiting{Region: "b", From: wed.Add(1)}, answer{1, 1, 0}},
		{"until, inclusive", booking.Waiting{Region: "a", Until: wed}, answer{2, 2, 11119}},
		{"until, a moment earlier", booking.Waiting{Region: "a", Until: wed.Add(-1)}, answer{4, 3, 22238}},
		{"ranked sites", booking.Waiting{Region: "a", Wishes: booking.Wishes{Sites: []string{"site-x", "site-c", "site-b"}}}, answer{4, 2, 22238}},
		{"the second of the ranked", booking.Waiting{Region: "a", Notice: 24 * time.Hour, Wishes: booking.Wishes{Sites: []string{"site-a", "site-b"}, NotAfter: day("2021-07-22")}}, answer{2, 2, 11119}},
		{"ranked sites: no distance is too far", booking.Waiting{Region: "a", Wishes: booking.Wishes{Sites: []string{"site-c"}, MaxKm: 1}}, answer{4, 1, 22238}},
		{"weekday, and of two the lower id", booking.Waiting{Region: "a", Wishes: booking.Wishes{Weekdays: sunday}}, answer{8, 3, 22238}},
		{"not before", booking.Waiting{Region: "b", Wishes: booking.Wishes{NotBefore: day("2021-07-22")}}, answer{1, 1, 0}},
		{"not after", booking.Waiting{Region: "a", Wishes: booking.Wishes{NotAfter: day("2021-07-22")}}, answer{2, 2, 11119}},
		{"time of day", booking.Waiting{Region: "a", Wishes: booking.Wishes{Times: []booking.DayTime{{From: 1, To: 2}, {From: 870, To: 871}}}}, answer{8, 3, 22238}},
		{"time of day, exclusive end", booking.Waiting{Region: "c", Wishes: booking.Wishes{Times: []booking.DayTime{{From: 540, To: 541}, {From: 500, To: 540}}}}, answer{4, 1, 0}},
		{"needs", booking.Waiting{Region: "a", Wishes: booking.Wishes{Needs: []string{"step-free"}}}, answer{2, 2, 11119}},
		{"all needs", booking.Waiting{Region: "a", Wishes: booking.Wishes{Needs: []string{"step-free", "interpreter-en"}}}, answer{4, 3, 22238}},
		{"declined", booking.Waiting{Region: "b", Declined: []int64{2, 99}}, answer{1, 1, 0}},
		{"near enough", booking.Waiting{Region: "a", Wishes: booking.Wishes{MaxKm: 12, NotAfter: day("2021-07-22")}}, answer{2, 2, 11119}},
		{"a household is where it has room together", booking.Waiting{Region: "b", Members: []booking.OrderKey{person(1), person(2)}}, answer{3, 2, 11119}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := assigned(ruled(), tuesday, []booking.Waiting{tt.w}, slots)[0]
			if diff := cmp.Diff(tt.want, answer{got.SlotID, got.Rank, got.Distance}, cmp.AllowUnexported(answer{})); diff != "" || got.Reason != "" {
				t.Error(diff, got.Reason)
			}
		})
	}
}

func TestBoardSaysWhyNot(t *testing.T) {
	t.Parallel()
	at := hour("2021-07-21 10:00") // a Wednesday
	one := booking.FreeSlot{ID: 1, Site: "site-b", Starts: at, Free: 1}
	kept := booking.FreeSlot{ID: 2, Site: "site-b", Starts: at, Kept: 1, Reserve: 1}
	dry := booking.FreeSlot{ID: 3, Site: "site-a", Starts: at, Free: 1, Supply: 5}
	two := booking.FreeSlot{ID: 4, Site: "site-b", Starts: at.Add(30 * time.Minute), Free: 1}
	pair := []booking.OrderKey{person(1), person(2)}
	sunday := booking.Wishes{Weekdays: []time.Weekday{time.Sunday}}
	tests := []struct {
		name  string
		slots []booking.FreeSlot
		w     booking.Waiting
		want  booking.Reason
	}{
		{"nothing", nil, booking.Waiting{}, booking.ReasonNoSlots},
		{"only at sites that are not the campaign's", []booking.FreeSlot{{ID: 1, Site: "x", Starts: at, Free: 1}}, booking.Waiting{}, booking.ReasonNoSlots},
		{"kept for a reserve that there is not", []booking.FreeSlot{{ID: 1, Site: "site-a", Starts: at, Kept: 1, Reserve: 3}}, booking.Waiting{}, booking.ReasonNoSlots},
		{"no supply", []booking.FreeSlot{dry}, booking.Waiting{Wishes: sunday}, booking.ReasonSupply},
		{"supply only for what is kept", []booking.FreeSlot{dry, kept}, booking.Waiting{Cohort: "young"}, booking.ReasonReserved},
		{"kept, not for later doses", []booking.FreeSlot{kept}, booking.Waiting{Later: true}, booking.ReasonReserved},
		{"open to them but too soon", []booking.FreeSlot{kept}, booking.Waiting{Cohort: "old", Notice: 99 * time.Hour}, booking.ReasonNotice},
		{"too soon, and needs", []booking.FreeSlot{one}, booking.Waiting{Notice: 99 * time.Hour, Wishes: booking.Wishes{Needs: []string{"lift"}}}, booking.ReasonNotice},
		{"needs, and sites", []booking.FreeSlot{one}, booking.Waiting{Wishes: booking.Wishes{Needs: []string{"lift"}, Sites: []string{"site-a"}}}, booking.ReasonNeeds},
		{"sites, and days", []booking.FreeSlot{one}, booking.Waiting{Wishes: booking.Wishes{Sites: []string{"site-a"}, NotAfter: day("2021-07-20")}}, booking.ReasonSites},
		{"no such site", []booking.FreeSlot{one}, booking.Waiting{Wishes: booking.Wishes{Sites: []string{"site-x"}}}, booking.ReasonSites},
		{"distance, and days", []booking.FreeSlot{one}, booking.Waiting{Region: "a", Wishes: booking.Wishes{MaxKm: 11, Weekdays: sunday.Weekdays}}, booking.ReasonDistance},
		{"enough seats, not in one half-hour", []booking.FreeSlot{one, two}, booking.Waiting{Members: pair, Wishes: sunday}, booking.ReasonHousehold},
		{"enough seats, but on another day", []booking.FreeSlot{{ID: 1, Site: "site-b", Starts: at, Free: 2}}, booking.Waiting{Members: pair, Wishes: sunday}, booking.ReasonWishes},
		{"weekday", []booking.FreeSlot{one}, booking.Waiting{Wishes: sunday}, booking.ReasonWishes},
		{"series", []booking.FreeSlot{one}, booking.Waiting{From: at.Add(time.Second)}, booking.ReasonWishes},
		{"no time of day", []booking.FreeSlot{one}, booking.Waiting{Wishes: booking.Wishes{Times: []booking.DayTime{{From: 700, To: 600}}}}, booking.ReasonWishes},
		{"declined", []booking.FreeSlot{one}, booking.Waiting{Declined: []int64{1}}, booking.ReasonWishes},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.w.Key = person(9)
			keys := tt.w.Members
			if keys == nil {
				keys = []booking.OrderKey{tt.w.Key}
			}
			var want []booking.Match
			for _, k := range keys {
				want = append(want, booking.Match{Key: k, Reason: tt.want})
			}
			if diff := cmp.Diff(want, assigned(ruled(), tuesday, []booking.Waiting{tt.w}, tt.slots)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// seats writes matches as slot numbers, kept ones with a star, and reasons.
func seats(matches []booking.Match) string {
	var out []string
	for _, m := range matches {
		switch {
		case m.SlotID == 0:
			out = append(out, string(m.Reason))
		case m.Kept:
			out = append(out, fmt.Sprint(m.SlotID, "*"))
		default:
			out = append(out, fmt.Sprint(m.SlotID))
		}
	}
	return strings.Join(out, " ")
}

func TestBoardCountsDown(t *testing.T) {
	t.Parallel()
	at := hour("2021-07-21 10:00")
	old, young, later := booking.Waiting{Cohort: "old"}, booking.Waiting{Cohort: "young"}, booking.Waiting{Later: true}
	household := func(n int) booking.Waiting { return booking.Waiting{Members: make([]booking.OrderKey, n)} }
	slot := func(id int64, minutes, free, kept, reserve int, supply int64) booking.FreeSlot {
		return booking.FreeSlot{ID: id, Site: "site-a", Starts: at.Add(time.Duration(minutes) * time.Minute), Free: free, Kept: kept, Reserve: reserve, Supply: supply}
	}
	tests := []struct {
		name    string
		slots   []booking.FreeSlot
		supply  int // of supply 1
		waiting []booking.Waiting
		want    string
		left    int
	}{
		{"kept seats first", []booking.FreeSlot{slot(1, 0, 1, 1, 1, 0)}, 0, []booking.Waiting{old, young, old}, "1 * 1 no_slots", 0},
		{"kept ones stay for whom they are", []booking.FreeSlot{slot(1, 0, 1, 1, 1, 0)}, 0, []booking.Waiting{young, young, old}, "1 reserved 1 *", 0},
		{"a soon free seat before a late kept one", []booking.FreeSlot{slot(1, 0, 1, 0, 0, 0), slot(2, 60, 0, 1, 1, 0)}, 0, []booking.Waiting{old, old}, "1 2 *", 0},
		{"later doses", []booking.FreeSlot{slot(1, 0, 0, 1, 2, 0)}, 0, []booking.Waiting{old, later}, "reserved 1 *", 0},
		{"supply ends before the seats", []booking.FreeSlot{slot(1, 0, 2, 0, 0, 1), slot(2, 5, 2, 0, 0, 1), slot(3, 9, 1, 0, 0, 0)}, 3,
			[]booking.Waiting{young, young, young, young, young}, "1 1 2 3 supply", 1},
		{"a household spreads over the slots of its half-hour", []booking.FreeSlot{slot(1, 0, 1, 0, 0, 0), slot(2, 10, 2, 0, 0, 0), slot(3, 30, 9, 0, 0, 0)}, 0,
			[]booking.Waiting{household(3), household(4)}, "1 2 2 3 3 3 3", 5},
		{"a household takes kept seats, too", []booking.FreeSlot{slot(1, 0, 2, 1, 1, 0)}, 0, []booking.Waiting{{Cohort: "old", Members: make([]booking.OrderKey, 3)}}, "1 * 1 1", 0},
		{"a half-hour across the hour is two", []booking.FreeSlot{slot(1, 50, 1, 0, 0, 0), slot(2, 60, 1, 0, 0, 0)}, 0, []booking.Waiting{household(2)}, "household household", 2},
		{"a household needs supply for all", []booking.FreeSlot{slot(1, 0, 2, 0, 0, 1), slot(2, 40, 2, 0, 0, 0)}, 1, []booking.Waiting{household(2), young}, "2 2 1", 1},
		{"what one group cannot have is still there for another", []booking.FreeSlot{slot(1, 0, 1, 2, 1, 0), slot(2, 60, 0, 1, 2, 0)}, 0,
			[]booking.Waiting{{Later: true, Members: make([]booking.OrderKey, 2)}, {Cohort: "old", Members: make([]booking.OrderKey, 2)}}, "household household 1 * 1 *", 2},
		{"in order", []booking.FreeSlot{slot(1, 0, 1, 0, 0, 0)}, 0, []booking.Waiting{young, young}, "1 no_slots", 0},
		{"very large slots", []booking.FreeSlot{slot(1, 0, 70_000, 0, 0, 0)}, 0, []booking.Waiting{young, household(2)}, "1 1 1", 69_997},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := booking.NewBoard(ruled(), tuesday)
			b.AddSupply(1, tt.supply)
			for _, s := range tt.slots {
				b.Add(s)
			}
			var got []booking.Match
			for _, w := range tt.waiting {
				got = b.Match(got, w)
			}
			if s := seats(got); strings.ReplaceAll(s, " *", "*") != strings.ReplaceAll(tt.want, " *", "*") || b.Left() != tt.left {
				t.Errorf("got %s and %d left, want %s and %d", s, b.Left(), tt.want, tt.left)
			}
		})
	}
}

// A slot of more seats than 16 bits can count gives exactly as many as it has, kept ones first, and takes them back.
func TestBoardCountsVeryLargeSlots(t *testing.T) {
	t.Parallel()
	b := booking.NewBoard(ruled(), tuesday)
	b.Add(booking.FreeSlot{ID: 1, Site: "site-a", Starts: tuesday, Free: 65_537, Kept: 65_540, Reserve: 1})
	var out []booking.Match
	for range 65_537 + 65_540 + 1 {
		out = b.Match(out, booking.Waiting{Cohort: "old"})
	}
	for i, m := range out {
		if m.Kept != (i < 65_540) || (m.SlotID == 0) != (i == 131_077) {
			t.Fatalf("match %d: %+v", i, m)
		}
	}
	for _, m := range out {
		b.GiveBack(m)
	}
	if b.Left() != 131_077 {
		t.Errorf("%d left", b.Left())
	}
	b.GiveBack(out[0])
	if b.Left() != 131_077 {
		t.Errorf("a seat came back twice: %d left", b.Left())
	}
}

func TestBoardIsFilledBeforeItsFirstMatch(t *testing.T) {
	t.Parallel()
	b := booking.NewBoard(ruled(), tuesday)
	b.Match(nil, booking.Waiting{})
	defer func() {
		if recover() == nil {
			t.Error("a slot could be added")
		}
	}()
	b.Add(booking.FreeSlot{ID: 1, Site: "site-a", Starts: tuesday, Free: 1})
}

// A household that failed for want of one more of the supply finds it on another day than the one it came back on.
func TestBoardLooksAgainWhereSupplyCameBack(t *testing.T) {
	t.Parallel()
	b := booking.NewBoard(ruled(), tuesday)
	b.AddSupply(1, 3)
	b.Add(booking.FreeSlot{ID: 1, Site: "site-a", Starts: hour("2021-07-21 10:00"), Free: 1, Supply: 1})
	b.Add(booking.FreeSlot{ID: 2, Site: "site-a", Starts: hour("2021-07-22 10:00"), Free: 3, Supply: 1})
	household := booking.Waiting{Members: make([]booking.OrderKey, 3)}
	one := b.Match(nil, booking.Waiting{})
	if got := seats(append(one, b.Match(nil, household)...)); got != "1 household household household" {
		t.Fatal(got)
	}
	b.GiveBack(one[0])
	if got := seats(b.Match(nil, household)); got != "2 2 2" {
		t.Error(got)
	}
}

// In Newfoundland clocks went from 0:01 back to 23:01, so that two dates came twice that night.
func TestBoardWhereDatesComeTwice(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/St_Johns")
	if err != nil {
		t.Fatal(err)
	}
	c := ruled()
	c.Zone = zone
	midnight := time.Date(2010, 11, 7, 0, 0, 0, 0, zone)
	b := booking.NewBoard(c, midnight.AddDate(0, 0, -1))
	for id, after := range map[int64]time.Duration{1: -time.Hour, 2: 0, 3: 31 * time.Minute, 4: 91 * time.Minute} {
		b.Add(booking.FreeSlot{ID: id, Site: "site-a", Starts: midnight.Add(after), Free: 1})
	}
	sixth, seventh := booking.Wishes{NotAfter: day("2010-11-06")}, booking.Wishes{NotBefore: day("2010-11-07")}
	var got []booking.Match
	for _, w := range []booking.Wishes{seventh, sixth, sixth, sixth, seventh} {
		got = b.Match(got, booking.Waiting{Wishes: w})
	}
	if s := seats(got); s != "2 1 3 wishes 4" {
		t.Error(s)
	}
	// With the second slot back, somebody who wants the sixth must get past it.
	b.GiveBack(got[0])
	b.GiveBack(got[2])
	if s := seats(b.Match(nil, booking.Waiting{Wishes: sixth})); s != "3" {
		t.Error(s)
	}
}

// assigned is a board for one use.
func assigned(c *booking.Campaign, now time.Time, waiting []booking.Waiting, free []booking.FreeSlot) []booking.Match {
	b := booking.NewBoard(c, now)
	for _, s := range free {
		b.Add(s)
	}
	out := make([]booking.Match, 0, len(waiting))
	for _, w := range waiting {
		out = b.Match(out, w)
	}
	return out
}
