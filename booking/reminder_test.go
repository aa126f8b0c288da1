package booking_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
)

func TestReminderAt(t *testing.T) {
	t.Parallel()
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time { return time.Date(2030, 3, day, hour, minute, 0, 0, seoul) }
	night, early := booking.Limits{QuietFrom: 21, QuietTo: 8}, booking.Limits{QuietFrom: 16, QuietTo: 6}
	for name, test := range map[string]struct {
		when   booking.Reminding
		limits booking.Limits
		starts time.Time
		want   time.Time // zero: no reminder
	}{
		"the day before":                   {booking.DayBefore, night, at(5, 14, 0), at(4, 17, 0)},
		"the day before, quiet by then":    {booking.DayBefore, early, at(5, 14, 0), at(4, 15, 0)},
		"the day before, over a month":     {booking.DayBefore, night, at(1, 9, 0), time.Date(2030, 2, 28, 17, 0, 0, 0, seoul)},
		"the day before, always quiet":     {booking.DayBefore, booking.Limits{QuietFrom: 0, QuietTo: 23}, at(5, 14, 0), time.Time{}},
		"the morning":                      {booking.Morning, night, at(5, 14, 0), at(5, 8, 0)},
		"the morning of an early one":      {booking.Morning, early, at(5, 9, 0), at(5, 7, 0)},
		"the morning, two hours are quiet": {booking.Morning, night, at(5, 9, 0), at(5, 8, 0)},
		"the evening before only":          {booking.Morning, night, at(5, 8, 30), time.Time{}},
		"at night":                         {booking.Morning, booking.Limits{QuietFrom: 5, QuietTo: 5}, at(5, 1, 0), at(5, 0, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := test.when.At(test.starts, test.limits, seoul)
			if ok != !test.want.IsZero() || ok && !got.Equal(test.want) {
				t.Errorf("reminded at %s (%v), want %s", got, ok, test.want)
			}
		})
	}
}

// Reminders come before the appointment, outside quiet hours, and in the order of the appointments, so that a day can be gone through once.
func TestRemindersComeInOrder(t *testing.T) {
	t.Parallel()
	zones := []string{"Asia/Seoul", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		l := booking.Limits{QuietFrom: rapid.IntRange(0, 23).Draw(t, "from"), QuietTo: rapid.IntRange(1, 23).Draw(t, "to")}
		midnight := time.Date(2030, 3, rapid.IntRange(1, 365).Draw(t, "day"), 0, 0, 0, 0, zone)
		minutes := rapid.SliceOfN(rapid.IntRange(0, 1439), 2, 2).Draw(t, "minutes")
		slices.Sort(minutes)
		for _, when := range (&booking.Campaign{}).RemindedAt() {
			var before time.Time
			for _, m := range minutes {
				starts := midnight.Add(time.Duration(m) * time.Minute)
				at, ok := when.At(starts, l, zone)
				if !ok || booking.DateOf(starts, zone) != booking.DateOf(midnight, zone) {
					continue
				}
				if !at.Before(starts) || l.WithDefaults().Quiet(at.In(zone)) || at.Before(before) {
					t.Fatalf("%s: reminded at %s of %s, after %s", when, at, starts, before)
				}
				before = at
			}
		}
	})
}
