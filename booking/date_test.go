package booking_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for in, ok := range map[string]bool{
		"1968-04-12": true, "1968-02-29": true, "1967-02-29": false, "2000-02-29": true, "1900-02-29": false, "1968-04-31": false,
		"1968-4-12": false, "68-04-12": false, "19680412": false, " 1968-04-12": false, "1968-04-12T00:00:00Z": false, "": false,
		"1968-00-12": false, "1968-13-12": false, "1968-04-00": false, "１968-04-12": false,
	} {
		d, err := booking.ParseDate(in)
		if (err == nil) != ok || (ok && d.String() != in) || (!ok && !d.IsZero()) {
			t.Errorf("%q: got %v, %v; want ok %t", in, d, err, ok)
		}
	}
}

func drawDate(t *rapid.T, label string) booking.Date {
	day := rapid.Int64Range(-25_000, 20_000).Draw(t, label)
	return booking.DateOf(time.Unix(day*86_400, 0), time.UTC)
}

func TestDates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawDate(t, "a"), drawDate(t, "b")
		if got, err := booking.ParseDate(a.String()); err != nil || got != a {
			t.Fatalf("%v is read as %v, %v", a, got, err)
		}
		if got, ok := booking.NewDate(a.Year, a.Month, a.Day); !ok || got != a {
			t.Fatalf("%v is made as %v, %t", a, got, ok)
		}
		midnight := func(d booking.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
		if a.Before(b) != midnight(a).Before(midnight(b)) {
			t.Fatalf("%v before %v: %t", a, b, a.Before(b))
		}
	})
}

func TestNewDateRefusesWhatTheCalendarLacks(t *testing.T) {
	t.Parallel()
	for _, d := range []booking.Date{{Year: 2021, Month: 2, Day: 29}, {Year: 2021, Month: 4, Day: 31}, {Year: 2021, Month: 13, Day: 1}, {Year: 2021, Month: 1}} {
		if _, ok := booking.NewDate(d.Year, d.Month, d.Day); ok {
			t.Errorf("%v is a day", d)
		}
	}
}

func TestDateOfDependsOnTheZone(t *testing.T) {
	t.Parallel()
	seoul := time.FixedZone("KST", 9*3600)
	at := time.Date(2021, 7, 18, 15, 0, 0, 0, time.UTC)
	if got := booking.DateOf(at, seoul).String(); got != "2021-07-19" {
		t.Errorf("midnight in Seoul is %s", got)
	}
	if got := booking.DateOf(at.Add(-time.Microsecond), seoul).String(); got != "2021-07-18" {
		t.Errorf("just before midnight in Seoul is %s", got)
	}
}
