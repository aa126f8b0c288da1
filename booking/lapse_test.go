package booking_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"jari/booking"
)

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestLapsesAt(t *testing.T) {
	t.Parallel()
	seoul, berlin := zoneOf(t, "Asia/Seoul"), zoneOf(t, "Europe/Berlin")
	night := booking.Limits{QuietFrom: 21, QuietTo: 8}
	at := func(zone *time.Location, day, hour, minute int) time.Time {
		return time.Date(2021, 7, day, hour, minute, 0, 0, zone)
	}
	tests := []struct {
		name      string
		delivered time.Time
		lapse     time.Duration
		limits    booking.Limits
		zone      *time.Location
		want      time.Time // zero: never
	}{
		{"within the day", at(seoul, 20, 10, 15), 4 * time.Hour, night, seoul, at(seoul, 20, 14, 15)},
		{"to the very beginning of the night", at(seoul, 20, 10, 0), 11 * time.Hour, night, seoul, at(seoul, 20, 21, 0)},
		{"over one night", at(seoul, 20, 20, 30), time.Hour, night, seoul, at(seoul, 21, 8, 30)},
		{"over two nights", at(seoul, 20, 20, 0), 24 * time.Hour, night, seoul, at(seoul, 22, 18, 0)},
		{"delivered at night", at(seoul, 20, 23, 17), time.Hour, night, seoul, at(seoul, 21, 9, 0)},
		{"delivered early in the morning", at(seoul, 20, 3, 0), time.Minute, night, seoul, at(seoul, 20, 8, 1)},
		{"a rest at noon", at(seoul, 20, 11, 0), 2 * time.Hour, booking.Limits{QuietFrom: 12, QuietTo: 14}, seoul, at(seoul, 20, 15, 0)},
		{"no quiet hours", at(seoul, 20, 20, 0), 24 * time.Hour, booking.Limits{QuietFrom: 5, QuietTo: 5}, seoul, at(seoul, 21, 20, 0)},
		{"always quiet", at(seoul, 20, 20, 0), time.Hour, booking.Limits{QuietFrom: 0, QuietTo: 24}, seoul, time.Time{}},
		{"none", at(seoul, 20, 20, 0), 0, night, seoul, time.Time{}},
		{"less than none", at(seoul, 20, 20, 0), -time.Hour, night, seoul, time.Time{}},
		{"defaults", at(seoul, 20, 20, 30), time.Hour, booking.Limits{}, seoul, at(seoul, 21, 8, 30)},
		{"by the campaign's zone", at(seoul, 20, 20, 30).UTC(), time.Hour, night, seoul, at(seoul, 21, 8, 30)},
		// On 31 October 2021 the night in Berlin was an hour longer; on 28 March an hour shorter.
		{"the clocks go back", time.Date(2021, 10, 30, 20, 0, 0, 0, berlin), 2 * time.Hour, night, berlin, time.Date(2021, 10, 31, 9, 0, 0, 0, berlin)},
		{"the clocks go forward", time.Date(2021, 3, 27, 20, 0, 0, 0, berlin), 2 * time.Hour, night, berlin, time.Date(2021, 3, 28, 9, 0, 0, 0, berlin)},
	}
	for _, tt := range tests {
		got, ends := booking.LapsesAt(tt.delivered, tt.lapse, tt.limits, tt.zone)
		if ends == tt.want.IsZero() || !got.Equal(tt.want) {
			t.Errorf("%s: %s (%t), want %s", tt.name, got.In(tt.zone), ends, tt.want)
		}
	}
}

func TestLapsesAtNeverInQuietHoursAndCountsTheRest(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{zoneOf(t, "Asia/Seoul"), zoneOf(t, "Europe/Berlin"), zoneOf(t, "Asia/Kolkata"), zoneOf(t, "America/New_York")}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		l := booking.Limits{QuietFrom: rapid.IntRange(0, 23).Draw(t, "from"), QuietTo: rapid.IntRange(1, 23).Draw(t, "to")}
		delivered := time.Unix(rapid.Int64Range(1_600_000_000, 1_700_000_000).Draw(t, "delivered"), 0)
		lapse := time.Duration(rapid.IntRange(1, 4000).Draw(t, "minutes")) * time.Minute
		got, ends := booking.LapsesAt(delivered, lapse, l, zone)
		if !ends {
			t.Fatalf("it never ends")
		}
		// Minute by minute, as a person with a watch would count.
		counted := time.Duration(0)
		for at := delivered; at.Before(got); at = at.Add(time.Second * 15) {
			if !l.Quiet(at.In(zone)) {
				counted += 15 * time.Second
			}
		}
		if d := counted - lapse; d < -time.Minute || d > time.Minute {
			t.Fatalf("%s of %s were counted until %s", counted, lapse, got.In(zone))
		}
		if l.Quiet(got.Add(-time.Second).In(zone)) {
			t.Fatalf("it lapses in quiet hours: %s", got.In(zone))
		}
	})
}
