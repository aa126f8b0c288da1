package desk_test

import (
	"testing"

	"jari/booking"
	"jari/booking/desk"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	routes := desk.Routes{{Name: "home", Prefixes: []string{"+82"}}, {Name: "second", Prefixes: []string{"+82", "+1"}}, {Name: "rest"}}
	for _, c := range []struct {
		to    string
		tried []string
		want  string
	}{
		{"+821000001234", nil, "home"},
		{"+821000001234", []string{"home"}, "second"},
		{"+821000001234", []string{"second", "home"}, "rest"},
		{"+821000001234", []string{"home", "second", "rest"}, ""},
		{"+15005550006", nil, "second"},
		{"+447700900123", nil, "rest"},
	} {
		to, err := booking.ParseE164(c.to)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := routes.For(to, c.tried); got.Name != c.want || ok != (c.want != "") {
			t.Errorf("%s after %v goes by %q (%v), want %q", c.to, c.tried, got.Name, ok, c.want)
		}
	}
	for prefix, want := range map[string]bool{"+82": true, "+8210": true, "+8": false, "+1": true, "+44": false} {
		if routes[:2].Cover(prefix) != want || !routes.Cover(prefix) {
			t.Errorf("%s is covered: want %v by the first two, and true by all", prefix, want)
		}
	}
	if _, ok := routes.Named("second"); !ok {
		t.Error("a route is not found by its name")
	}
	if _, ok := routes.Named("gone"); ok {
		t.Error("a route that is gone was found")
	}
}
