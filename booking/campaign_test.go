package booking_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"jari/booking"
)

func TestNamesIn(t *testing.T) {
	t.Parallel()
	both := booking.Names{booking.Korean: "강남구", booking.English: "Gangnam-gu"}
	tests := []struct {
		n    booking.Names
		lang booking.Lang
		want string
	}{
		{both, booking.English, "Gangnam-gu"},
		{both, booking.Korean, "강남구"},
		{both, "fr", "강남구"},
		{booking.Names{booking.English: "Hill"}, booking.Korean, "Hill"},
		{booking.Names{"fr": "Colline"}, booking.Korean, "Colline"},
		{nil, booking.Korean, ""},
	}
	for _, tt := range tests {
		if got := tt.n.In(tt.lang); got != tt.want {
			t.Errorf("%v in %s: %q, want %q", tt.n, tt.lang, got, tt.want)
		}
	}
}

func TestLimitsWithDefaults(t *testing.T) {
	t.Parallel()
	want := booking.Limits{
		PeoplePerPhone: 6, CodesPerPhoneHour: 3, CodesPerPhoneDay: 6, CodesPerAddrHour: 60, TextsPerDay: 200_000, TextsPerPhoneDay: 40,
		AllowedPrefixes: []string{"+82"}, TextsPerSecond: 100, CallsPerSecond: 1, ContactLife: 30 * time.Minute, QuietFrom: 21, QuietTo: 8,
	}
	if diff := cmp.Diff(want, booking.Limits{}.WithDefaults()); diff != "" {
		t.Error(diff)
	}
	given := booking.Limits{
		PeoplePerPhone: 1, CodesPerPhoneHour: 1, CodesPerPhoneDay: 1, CodesPerAddrHour: 1, TextsPerDay: 1, TextsPerPhoneDay: 1,
		AllowedPrefixes: []string{"+44"}, TextsPerSecond: 1, CallsPerSecond: 7, ContactLife: time.Minute, QuietFrom: 0, QuietTo: 6,
	}
	if diff := cmp.Diff(given, given.WithDefaults()); diff != "" {
		t.Error(diff)
	}
}

func TestLookUpByCode(t *testing.T) {
	t.Parallel()
	c := july()
	c.Regions, c.Sites = line().Regions, line().Sites
	if k, ok := c.Cohort("53-54"); !ok || k.Code != "53-54" {
		t.Errorf("cohort %+v, %t", k, ok)
	}
	if r, ok := c.Region("b"); !ok || r.Code != "b" {
		t.Errorf("region %+v, %t", r, ok)
	}
	if s, ok := c.Site("site-c"); !ok || s.Code != "site-c" {
		t.Errorf("site %+v, %t", s, ok)
	}
	_, a := c.Cohort("x")
	_, b := c.Region("x")
	_, d := c.Site("x")
	if a || b || d {
		t.Error("something was found that is not there")
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	err := errors.Join(io.EOF, booking.Fail(booking.CodeOverloaded, io.ErrUnexpectedEOF))
	if booking.CodeOf(err) != booking.CodeOverloaded || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v has the code %q", err, booking.CodeOf(err))
	}
	if booking.CodeOf(io.EOF) != "" || booking.CodeOf(nil) != "" {
		t.Error("an internal error has a code")
	}
	if e := booking.Invalid("/person/name"); e.Code != booking.CodeInvalid || e.Error() != "invalid /person/name" {
		t.Errorf("got %v", e)
	}
}

func TestEstimatePlace(t *testing.T) {
	t.Parallel()
	if got := booking.EstimatePlace(0, 0); got != 1 {
		t.Errorf("the very first stands at %d", got)
	}
	if got := booking.EstimatePlace(120, 7); got != 128 {
		t.Errorf("got %d", got)
	}
}
