package booking_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"jari/booking"
)

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
