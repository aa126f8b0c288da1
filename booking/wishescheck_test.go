package booking_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"jari/booking"
)

func wishful() *booking.Campaign {
	site := func(code string, tags ...string) booking.Site { return booking.Site{Code: code, Tags: tags} }
	return &booking.Campaign{Sites: []booking.Site{
		site("a", "step-free"), site("b", "interpreter-en"), site("c", "step-free", "home-visit"), site("d"), site("e"), site("f"),
	}}
}

func TestCheckWishes(t *testing.T) {
	t.Parallel()
	day := func(d int) booking.Date { return booking.Date{Year: 2021, Month: 7, Day: d} } // the 26th is a Monday
	family := func(code string, size int) *booking.Household { return &booking.Household{Code: code, Size: size} }
	for _, c := range []struct {
		name string
		w    booking.Wishes
		want string // the pointer; "": all well
	}{
		{"nothing", booking.Wishes{}, ""},
		{"everything", booking.Wishes{
			Sites: []string{"c", "a"}, NotBefore: day(26), NotAfter: day(31), Weekdays: []time.Weekday{time.Saturday, time.Monday},
			Times: []booking.DayTime{{From: 0, To: 540}, {From: 1020, To: 1440}}, Needs: []string{"step-free", "home-visit"}, Notice: 720, Household: family("kim-2021", 4),
		}, ""},
		{"farthest", booking.Wishes{MaxKm: 500}, ""},
		{"five sites", booking.Wishes{Sites: []string{"a", "b", "c", "d", "e"}}, ""},
		{"six sites", booking.Wishes{Sites: []string{"a", "b", "c", "d", "e", "f"}}, "/wishes/sites"},
		{"unknown site", booking.Wishes{Sites: []string{"a", "z"}}, "/wishes/sites/1"},
		{"site twice", booking.Wishes{Sites: []string{"a", "a"}}, "/wishes/sites/1"},
		{"too far", booking.Wishes{MaxKm: 501}, "/wishes/max_km"},
		{"nearer than here", booking.Wishes{MaxKm: -1}, "/wishes/max_km"},
		{"sites and a distance", booking.Wishes{Sites: []string{"a"}, MaxKm: 5}, "/wishes/max_km"},
		{"one day", booking.Wishes{NotBefore: day(26), NotAfter: day(26)}, ""},
		{"ends before it begins", booking.Wishes{NotBefore: day(26), NotAfter: day(25)}, "/wishes/not_after"},
		{"a range with its day of the week", booking.Wishes{NotBefore: day(26), NotAfter: day(27), Weekdays: []time.Weekday{time.Tuesday}}, ""},
		{"a range without its day of the week", booking.Wishes{NotBefore: day(26), NotAfter: day(27), Weekdays: []time.Weekday{time.Sunday}}, "/wishes/weekdays"},
		{"a week has all", booking.Wishes{NotBefore: day(20), NotAfter: day(26), Weekdays: []time.Weekday{time.Monday}}, ""},
		{"across a year", booking.Wishes{
			NotBefore: booking.Date{Year: 2021, Month: 12, Day: 31}, NotAfter: booking.Date{Year: 2022, Month: 1, Day: 1}, Weekdays: []time.Weekday{time.Saturday},
		}, ""},
		{"no such day", booking.Wishes{Weekdays: []time.Weekday{1, 7}}, "/wishes/weekdays/1"},
		{"day twice", booking.Wishes{Weekdays: []time.Weekday{1, 1}}, "/wishes/weekdays/1"},
		{"empty time", booking.Wishes{Times: []booking.DayTime{{From: 540, To: 540}}}, "/wishes/times/0"},
		{"over midnight", booking.Wishes{Times: []booking.DayTime{{From: 0, To: 60}, {From: 1380, To: 60}}}, "/wishes/times/1"},
		{"after the day", booking.Wishes{Times: []booking.DayTime{{From: 0, To: 1441}}}, "/wishes/times/0"},
		{"before the day", booking.Wishes{Times: []booking.DayTime{{From: -1, To: 60}}}, "/wishes/times/0"},
		{"time twice", booking.Wishes{Times: []booking.DayTime{{From: 0, To: 60}, {From: 0, To: 60}}}, "/wishes/times/1"},
		{"five times", booking.Wishes{Times: []booking.DayTime{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}}, "/wishes/times"},
		{"a need", booking.Wishes{Needs: []string{"interpreter-en"}}, ""},
		{"a need that no site meets", booking.Wishes{Needs: []string{"step-free", "parking"}}, "/wishes/needs/1"},
		{"need twice", booking.Wishes{Needs: []string{"step-free", "step-free"}}, "/wishes/needs/1"},
		{"needs that no one site meets", booking.Wishes{Needs: []string{"step-free", "interpreter-en"}}, "/wishes/needs"},
		{"a need that the wished sites do not meet", booking.Wishes{Sites: []string{"b", "d"}, Needs: []string{"step-free"}}, "/wishes/needs"},
		{"too many needs", booking.Wishes{Needs: strings.Split("123456789", "")}, "/wishes/needs"},
		{"notice too long", booking.Wishes{Notice: 721}, "/wishes/notice_hours"},
		{"notice in the past", booking.Wishes{Notice: -1}, "/wishes/notice_hours"},
		{"household of one", booking.Wishes{Household: family("kim-2021", 1)}, "/wishes/household/size"},
		{"household of five", booking.Wishes{Household: family("kim-2021", 5)}, "/wishes/household/size"},
		{"short code", booking.Wishes{Household: family("kim-1", 2)}, "/wishes/household/code"},
		{"long code", booking.Wishes{Household: family(strings.Repeat("a", 65), 2)}, "/wishes/household/code"},
		{"longest code", booking.Wishes{Household: family(strings.Repeat("a", 64), 2)}, ""},
		{"a code with a space", booking.Wishes{Household: family("kim 2021", 2)}, "/wishes/household/code"},
		{"a code in Hangul", booking.Wishes{Household: family("김씨네가족", 2)}, "/wishes/household/code"},
	} {
		check(t, c.name, booking.CheckWishes(wishful(), "gangnam", c.w), c.want)
	}
	check(t, "a distance from nowhere", booking.CheckWishes(wishful(), "", booking.Wishes{MaxKm: 5}), "/region")
}

func check(t *testing.T, name string, err error, want string) {
	t.Helper()
	var e *booking.Error
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case want == "":
	case !errors.As(err, &e) || e.Code != booking.CodeInvalid || e.Field != want:
		t.Errorf("%s: %v, want %s", name, err, want)
	}
}
