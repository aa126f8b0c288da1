package booking_test

import (
	"slices"
	"testing"
	"time"

	"jari/booking"
)

func TestDifferences(t *testing.T) {
	t.Parallel()
	opens := time.Date(2021, 7, 19, 11, 0, 0, 0, time.UTC)
	base := func() *booking.Campaign {
		return &booking.Campaign{
			Zone: zoneOf(t, "Asia/Seoul"), Identity: booking.ByPhoneBirthName, Mode: booking.Rehearsal,
			Sites: []booking.Site{{Code: "a"}, {Code: "b"}},
			Cohorts: []booking.Cohort{{
				Code: "old", BornFrom: booking.Date{Year: 1950, Month: 1, Day: 1}, BornTo: booking.Date{Year: 1959, Month: 12, Day: 31}, Opens: opens, Closes: opens.Add(time.Hour),
				Queue: "old", Pool: "p", Declines: 3,
			}},
			Supplies: []booking.Supply{{Site: "a", From: booking.Date{Year: 2021, Month: 8, Day: 1}, To: booking.Date{Year: 2021, Month: 8, Day: 7}, Doses: 10}},
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*booking.Campaign)
		want   []string
	}{
		{"nothing", func(*booking.Campaign) {}, nil},
		{"identity and mode", func(c *booking.Campaign) { c.Identity, c.Mode = booking.ByNumber, booking.Live },
			[]string{"identity changes from phone_birth_name to number", "mode changes from rehearsal to live"}},
		{"slots alone", func(c *booking.Campaign) { c.Slots = []booking.Slot{{Site: "a"}} }, nil},
		{"sites", func(c *booking.Campaign) { c.Sites = []booking.Site{{Code: "b"}, {Code: "c"}} }, []string{"site c is added", "site a is dropped"}},
		{"a cohort's opening, in the campaign's time", func(c *booking.Campaign) { c.Cohorts[0].Opens = opens.Add(time.Hour); c.Cohorts[0].Declines = 2 },
			[]string{"cohort old: opening changes from 2021-07-19 20:00 to 2021-07-19 21:00", "cohort old: declines changes from 3 to 2"}},
		{"another cohort", func(c *booking.Campaign) { c.Cohorts[0].Code = "new" },
			[]string{"cohort new is added: born 1950-01-01 to 1959-12-31, opens 2021-07-19 20:00, closes 2021-07-19 21:00", "cohort old is dropped: nobody new belongs to it"}},
		{"a supply", func(c *booking.Campaign) { c.Supplies[0].Doses = 4 },
			[]string{"supply of a from 2021-08-01 changes from 10 until 2021-08-07 to 4 until 2021-08-07"}},
		{"no supply", func(c *booking.Campaign) { c.Supplies = nil }, []string{"supply of a from 2021-08-01 is dropped: its days are no longer limited by it"}},
		{"reserve and series", func(c *booking.Campaign) {
			c.Reserves = []booking.Reserve{{Later: true, Percent: 10}}
			c.Series = &booking.Series{Doses: 2, Least: time.Hour, Most: 2 * time.Hour, SameSite: true}
		}, []string{"reserves change: there were 0, there will be 1", "series changes from none to 2 appointments, 1h0m0s to 2h0m0s apart, at the same site"}},
	} {
		c := base()
		tt.change(c)
		if got := booking.Differences(base(), c); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
	}
}
