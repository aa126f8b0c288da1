package booking_test

import (
	"testing"
	"time"

	"jari/booking"
)

func TestNotQuiet(t *testing.T) {
	t.Parallel()
	night := booking.Limits{QuietFrom: 21, QuietTo: 8}
	at := func(day, hour, minute int) time.Time { return time.Date(2030, 3, day, hour, minute, 0, 0, time.UTC) }
	for from, want := range map[time.Time]time.Time{
		at(4, 12, 30): at(4, 12, 30), at(4, 21, 0): at(5, 8, 0), at(5, 7, 59): at(5, 8, 0), at(5, 8, 0): at(5, 8, 0),
	} {
		if got, ok := booking.NotQuiet(from, night, time.UTC); !ok || !got.Equal(want) {
			t.Errorf("from %s: %s, %v, want %s", from, got, ok, want)
		}
	}
	if at, ok := booking.NotQuiet(at(4, 3, 0), booking.Limits{QuietFrom: 0, QuietTo: 24}, time.UTC); ok {
		t.Errorf("found %s where it is always quiet", at)
	}
}

func TestWeekGone(t *testing.T) {
	t.Parallel()
	night := booking.Limits{QuietFrom: 20, QuietTo: 8} // 12 hours a day are left, 84 a week
	for _, test := range []struct {
		at   time.Time
		want float64
	}{
		{time.Date(2030, 3, 4, 0, 0, 0, 0, time.UTC), 0}, // a Monday
		{time.Date(2030, 3, 4, 8, 0, 0, 0, time.UTC), 0},
		{time.Date(2030, 3, 4, 14, 0, 0, 0, time.UTC), 6. / 84},
		{time.Date(2030, 3, 4, 23, 0, 0, 0, time.UTC), 12. / 84},
		{time.Date(2030, 3, 5, 8, 0, 0, 0, time.UTC), 12. / 84},
		{time.Date(2030, 3, 10, 19, 0, 0, 0, time.UTC), 83. / 84}, // a Sunday
		{time.Date(2030, 3, 10, 23, 0, 0, 0, time.UTC), 1},
	} {
		monday, gone := booking.WeekGone(test.at, night, time.UTC)
		if monday != (booking.Date{Year: 2030, Month: 3, Day: 4}) || gone < test.want-1e-9 || gone > test.want+1e-9 {
			t.Errorf("%s: %s, %f, want %f", test.at, monday, gone, test.want)
		}
	}
	if _, gone := booking.WeekGone(time.Now(), booking.Limits{QuietFrom: 0, QuietTo: 24}, time.UTC); gone != 0 {
		t.Errorf("%f of a week that is quiet", gone)
	}
}
