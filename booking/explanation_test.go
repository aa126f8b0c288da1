package booking_test

import (
	"testing"
	"time"

	"jari/booking"
)

// What was wished for when an appointment was made is known only while nothing has changed since.
func TestOrderOf(t *testing.T) {
	t.Parallel()
	made := time.Date(2021, 7, 19, 11, 15, 0, 0, time.UTC)
	given := booking.Given{Site: "b", Rank: 2, Distance: 1200, Made: made}
	ranked := booking.Wishes{Sites: []string{"a", "b"}}
	for _, c := range []struct {
		name   string
		e      booking.Explanation
		change func(*booking.Given)
		want   booking.Order
	}{
		{"own ranking", booking.Explanation{Wishes: ranked}, nil, booking.OrderRanked},
		{"nothing wished", booking.Explanation{}, nil, booking.OrderNearest},
		{"changed long before", booking.Explanation{Wishes: ranked, Changed: made.Add(-time.Hour)}, nil, booking.OrderRanked},
		{"changed after", booking.Explanation{Wishes: ranked, Changed: made.Add(time.Second)}, nil, booking.OrderUnknown},
		{"asked for just before, and perhaps stored after", booking.Explanation{Wishes: ranked, Changed: made.Add(-30 * time.Second)}, nil, booking.OrderUnknown},
		{"no rank on record", booking.Explanation{Wishes: ranked}, func(g *booking.Given) { g.Rank = 0 }, booking.OrderUnknown},
		{"another site has that rank", booking.Explanation{Wishes: ranked}, func(g *booking.Given) { g.Rank = 1 }, booking.OrderUnknown},
		{"more than were ranked", booking.Explanation{Wishes: ranked}, func(g *booking.Given) { g.Rank = 3 }, booking.OrderUnknown},
		{"nobody knows from where", booking.Explanation{}, func(g *booking.Given) { g.Distance = -1 }, booking.OrderUnknown},
		{"a household goes by its last member", booking.Explanation{Wishes: booking.Wishes{Household: &booking.Household{Code: "kim-2021", Size: 2}}}, nil, booking.OrderUnknown},
	} {
		g := given
		if c.change != nil {
			c.change(&g)
		}
		if got := c.e.OrderOf(g); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestCurrentAndWait(t *testing.T) {
	t.Parallel()
	e := booking.Explanation{
		Given: []booking.Given{{Site: "a", State: booking.Declined}, {Site: "b", State: booking.Offered}, {Site: "c", State: booking.Cancelled}},
		Waits: []booking.StillWait{{Dose: 1, Swap: true}, {Dose: 2}},
	}
	if g, ok := e.Current(); !ok || g.Site != "b" {
		t.Errorf("%v %v", g, ok)
	}
	if w, ok := e.Wait(); !ok || w.Dose != 2 {
		t.Errorf("%v %v", w, ok)
	}
	if _, ok := (booking.Explanation{Given: e.Given[:1], Waits: e.Waits[:1]}).Current(); ok {
		t.Error("an appointment that was given back counts")
	}
	if _, ok := (booking.Explanation{Waits: e.Waits[:1]}).Wait(); ok {
		t.Error("whoever only wants to swap is said to wait for a time")
	}
}
