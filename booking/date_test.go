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
		if a.Before(b) != a.UTC().Before(b.UTC()) || (a.Compare(b) < 0) != a.Before(b) || (a.Compare(b) == 0) != (a == b) {
			t.Fatalf("%v before %v: %t", a, b, a.Before(b))
		}
		if got := a.Add(b.Since(a)); got != b {
			t.Fatalf("%d days after %v is %v, not %v", b.Since(a), a, got, b)
		}
	})
}

func TestDaysAreCountedOverLeapDaysAndYears(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from, to string
		days     int
	}{
		{"2024-02-28", "2024-02-29", 1}, {"2024-02-29", "2024-03-01", 1}, {"2023-02-28", "2023-03-01", 1}, {"1900-02-28", "1900-03-01", 1},
		{"2024-02-29", "2025-02-28", 365}, {"2021-12-31", "2022-01-01", 1}, {"0000-01-01", "9999-12-31", 3652424}, {"2021-07-19", "2021-07-19", 0},
	} {
		from, err := booking.ParseDate(tt.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := from.Add(tt.days).String(); got != tt.to {
			t.Errorf("%d days after %s is %s, want %s", tt.days, tt.from, got, tt.to)
		}
		if back := from.Add(tt.days).Add(-tt.days); back != from || from.Add(tt.days).Since(from) != tt.days {
			t.Errorf("back from %s: %s", tt.to, back)
		}
	}
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
