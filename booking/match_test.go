package booking_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

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

func TestAssignNearestThenSoonest(t *testing.T) {
	t.Parallel()
	now := hour("2021-07-20 08:00") // a Tuesday
	free := []booking.FreeSlot{
		{ID: 1, Site: "site-b", Starts: hour("2021-07-22 09:00"), Free: 1},
		{ID: 2, Site: "site-b", Starts: hour("2021-07-21 09:00"), Free: 1},
		{ID: 3, Site: "site-a", Starts: hour("2021-07-23 09:00"), Free: 2},
		{ID: 4, Site: "site-c", Starts: hour("2021-07-20 09:00"), Free: 1},
		{ID: 5, Site: "site-c", Starts: hour("2021-07-24 09:00"), Free: 0},
		{ID: 6, Site: "site-elsewhere", Starts: hour("2021-07-20 09:00"), Free: 9},
	}
	tests := []struct {
		name   string
		w      booking.Waiting
		slot   int64
		reason booking.Reason
	}{
		{"own region first", booking.Waiting{Region: "a"}, 3, ""},
		{"soonest of the nearest", booking.Waiting{Region: "b"}, 2, ""},
		{"region without a site", booking.Waiting{Region: "d"}, 4, ""},
		{"region unknown: the campaign's order", booking.Waiting{Region: "x"}, 3, ""},
		{"notice", booking.Waiting{Region: "c", Notice: 2 * time.Hour}, 2, ""},
		{"exactly the notice", booking.Waiting{Region: "c", Notice: time.Hour}, 4, ""},
		{"notice beyond everything", booking.Waiting{Region: "a", Notice: 1000 * time.Hour}, 0, booking.ReasonNotice},
		{"ranked sites", booking.Waiting{Region: "a", Wishes: booking.Wishes{Sites: []string{"site-c", "site-b"}}}, 4, ""},
		{"weekday", booking.Waiting{Region: "a", Wishes: booking.Wishes{Weekdays: []time.Weekday{time.Thursday}}}, 1, ""},
		{"not before", booking.Waiting{Region: "b", Wishes: booking.Wishes{NotBefore: day("2021-07-22")}}, 1, ""},
		{"no such day", booking.Waiting{Region: "b", Wishes: booking.Wishes{Weekdays: []time.Weekday{time.Sunday}}}, 0, booking.ReasonWishes},
		{"no such site", booking.Waiting{Region: "b", Wishes: booking.Wishes{Sites: []string{"site-x"}}}, 0, booking.ReasonWishes},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.w.Key = person(1)
			got := booking.Assign(line(), now, []booking.Waiting{tt.w}, slices.Clone(free))
			want := []booking.Match{{Key: tt.w.Key, SlotID: tt.slot, Reason: tt.reason}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := booking.Assign(line(), now, []booking.Waiting{{Key: person(1)}}, nil); got[0].Reason != booking.ReasonNoSlots {
		t.Errorf("without slots: %+v", got[0])
	}
}

type crowd struct {
	now     time.Time
	waiting []booking.Waiting
	free    []booking.FreeSlot
}

func drawCrowd(t *rapid.T) crowd {
	c := crowd{now: hour("2021-07-20 08:00")}
	for i := range rapid.IntRange(0, 12).Draw(t, "slots") {
		c.free = append(c.free, booking.FreeSlot{
			ID: int64(i + 1), Site: rapid.SampledFrom([]string{"site-a", "site-b", "site-c"}).Draw(t, "site"),
			Starts: c.now.Add(time.Duration(rapid.IntRange(0, 96).Draw(t, "starts")) * time.Hour), Free: rapid.IntRange(0, 2).Draw(t, "free"),
		})
	}
	for i := range rapid.IntRange(0, 20).Draw(t, "people") {
		w := booking.Waiting{Key: person(byte(i)), Region: rapid.SampledFrom([]string{"a", "b", "c", "d", "?"}).Draw(t, "region")}
		w.Notice = time.Duration(rapid.IntRange(0, 2).Draw(t, "notice")*24) * time.Hour
		if rapid.Bool().Draw(t, "ranks") {
			w.Wishes.Sites = rapid.SampledFrom([][]string{{"site-a"}, {"site-c", "site-a"}, {"site-x"}}).Draw(t, "sites")
		}
		if rapid.Bool().Draw(t, "days") {
			w.Wishes.Weekdays = []time.Weekday{time.Weekday(rapid.IntRange(2, 5).Draw(t, "weekday"))}
		}
		c.waiting = append(c.waiting, w)
	}
	return c
}

func (c crowd) suits(w booking.Waiting, s booking.FreeSlot) bool {
	return !s.Starts.Before(c.now.Add(w.Notice)) &&
		(len(w.Wishes.Sites) == 0 || slices.Contains(w.Wishes.Sites, s.Site)) &&
		(len(w.Wishes.Weekdays) == 0 || slices.Contains(w.Wishes.Weekdays, s.Starts.In(seoul).Weekday()))
}

// One answer a person, in order; never more than there is room for; only slots that suit; and nobody is left without a
// slot that was free for them when it was their turn.
func TestAssignHoldsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCrowd(t)
		got := booking.Assign(line(), c.now, c.waiting, slices.Clone(c.free))
		if len(got) != len(c.waiting) {
			t.Fatalf("%d answers for %d people", len(got), len(c.waiting))
		}
		left := slices.Clone(c.free)
		for i, m := range got {
			w := c.waiting[i]
			if m.Key != w.Key || (m.SlotID == 0) == (m.Reason == "") {
				t.Fatalf("answer %d: %+v", i, m)
			}
			if m.SlotID == 0 {
				for _, s := range left {
					if s.Free > 0 && c.suits(w, s) {
						t.Fatalf("person %d got nothing (%s), and slot %d was free", i, m.Reason, s.ID)
					}
				}
				continue
			}
			s := &left[m.SlotID-1]
			if s.Free--; s.Free < 0 || !c.suits(w, *s) {
				t.Fatalf("person %d got slot %+v", i, *s)
			}
		}
	})
}

func TestAssignDoesNotDependOnTheOrderOfSlots(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCrowd(t)
		other := rapid.Permutation(c.free).Draw(t, "other")
		a, b := booking.Assign(line(), c.now, c.waiting, slices.Clone(c.free)), booking.Assign(line(), c.now, c.waiting, other)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Who stands further back changes nothing for those in front.
func TestAssignServesTheFirstFirst(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCrowd(t)
		some := rapid.IntRange(0, len(c.waiting)).Draw(t, "some")
		all := booking.Assign(line(), c.now, c.waiting, slices.Clone(c.free))
		first := booking.Assign(line(), c.now, c.waiting[:some], slices.Clone(c.free))
		if diff := cmp.Diff(first, all[:some]); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestDistance(t *testing.T) {
	t.Parallel()
	cityHall, station := booking.Position{Lat: 37.5663, Lon: 126.9779}, booking.Position{Lat: 37.5547, Lon: 126.9707}
	if d := booking.Distance(cityHall, station); d < 1300 || d > 1500 {
		t.Errorf("Seoul's city hall and station are %d m apart", d)
	}
	if d := booking.Distance(cityHall, cityHall); d != 0 {
		t.Errorf("a point is %d m from itself", d)
	}
	// Half the circumference, without a NaN from rounding.
	if d := booking.Distance(booking.Position{}, booking.Position{Lon: 180}); d < 20_015_000 || d > 20_016_000 {
		t.Errorf("antipodes are %d m apart", d)
	}
	rapid.Check(t, func(t *rapid.T) {
		point := func(label string) booking.Position {
			return booking.Position{Lat: rapid.Float64Range(-90, 90).Draw(t, label+" lat"), Lon: rapid.Float64Range(-180, 180).Draw(t, label+" lon")}
		}
		a, b := point("a"), point("b")
		if d, back := booking.Distance(a, b), booking.Distance(b, a); d < 0 || d > 20_016_000 || d-back > 1 || back-d > 1 {
			t.Fatal(fmt.Sprint(d, back))
		}
	})
}
