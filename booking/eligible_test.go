package booking_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
)

var seoul = time.FixedZone("KST", 9*3600)

func day(s string) booking.Date {
	d, err := booking.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func hour(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, seoul)
	if err != nil {
		panic(err)
	}
	return t
}

// july has the three groups of July 2021.
func july() *booking.Campaign {
	group := func(code, from, to, opens string) booking.Cohort {
		return booking.Cohort{Code: code, BornFrom: day(from), BornTo: day(to), Opens: hour(opens), Closes: hour("2021-07-24 18:00")}
	}
	return &booking.Campaign{Zone: seoul, Cohorts: []booking.Cohort{
		group("55-59", "1962-01-01", "1966-12-31", "2021-07-12 00:00"),
		group("53-54", "1967-01-01", "1968-12-31", "2021-07-19 20:00"),
		group("50-52", "1969-01-01", "1971-12-31", "2021-07-20 20:00"),
	}}
}

// Every birth date at an edge of a group, at the minute before, at and after each opening and closing, to the microsecond.
func TestEligibleAtEveryEdge(t *testing.T) {
	t.Parallel()
	c := july()
	births := map[string]int{ // birth date → group, or -1
		"1961-12-31": -1, "1962-01-01": 0, "1966-12-31": 0, "1967-01-01": 1, "1968-02-29": 1, "1968-12-31": 1,
		"1969-01-01": 2, "1971-12-31": 2, "1972-01-01": -1, "2021-07-19": -1,
	}
	steps := []time.Duration{-time.Minute, -time.Microsecond, 0, time.Microsecond, time.Minute}
	for born, group := range births {
		for _, k := range c.Cohorts {
			for _, edge := range []time.Time{k.Opens, k.Closes} {
				for _, step := range steps {
					at := edge.Add(step)
					checkEligible(t, c, day(born), group, at)
				}
			}
		}
	}
}

func checkEligible(t *testing.T, c *booking.Campaign, born booking.Date, group int, at time.Time) {
	t.Helper()
	got, err := booking.Eligible(c, born, at)
	what := fmt.Sprintf("born %s at %s", born, at.Format(time.RFC3339Nano))
	var refused *booking.Error
	if err != nil && !errors.As(err, &refused) {
		t.Fatalf("%s: %v is not an Error", what, err)
	}
	if group < 0 {
		if booking.CodeOf(err) != booking.CodeNotEligible || got.Code != "" || refused.At != "" || refused.Cohort != "" {
			t.Errorf("%s: got %q, %v", what, got.Code, err)
		}
		return
	}
	k := c.Cohorts[group]
	want, when := booking.Code(""), ""
	switch {
	case at.Before(k.Opens):
		want, when = booking.CodeNotOpenYet, k.Opens.Format(time.RFC3339)
	case !at.Before(k.Closes):
		want, when = booking.CodeClosed, k.Closes.Format(time.RFC3339)
	}
	if booking.CodeOf(err) != want || got.Code != k.Code {
		t.Errorf("%s: got %q, %v; want %q, %q", what, got.Code, err, k.Code, want)
	}
	if refused != nil && (refused.At != when || refused.Cohort != k.Code) {
		t.Errorf("%s: the refusal says %s of %s, want %s of %s", what, refused.At, refused.Cohort, when, k.Code)
	}
}

// Somebody who belongs to an open group is never refused, whatever other groups there are and in whatever order.
func TestNobodyOfAnOpenGroupIsRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := &booking.Campaign{}
		for i := range rapid.IntRange(0, 5).Draw(t, "groups") {
			k := booking.Cohort{Code: fmt.Sprint(i), BornFrom: drawDate(t, "from"), BornTo: drawDate(t, "to")}
			if k.BornTo.Before(k.BornFrom) {
				k.BornFrom, k.BornTo = k.BornTo, k.BornFrom
			}
			k.Opens = hour("2021-07-12 00:00").Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "opens")) * time.Hour)
			k.Closes = k.Opens.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "long")) * time.Hour)
			c.Cohorts = append(c.Cohorts, k)
		}
		born := drawDate(t, "born")
		at := hour("2021-07-12 00:00").Add(time.Duration(rapid.IntRange(-1, 41).Draw(t, "at")) * time.Hour)
		var open, takes bool
		for _, k := range c.Cohorts {
			in := k.BornFrom == born || k.BornTo == born || (k.BornFrom.Before(born) && born.Before(k.BornTo))
			takes = takes || in
			open = open || (in && !at.Before(k.Opens) && at.Before(k.Closes))
		}
		got, err := booking.Eligible(c, born, at)
		if (err == nil) != open {
			t.Fatalf("open %t: %v", open, err)
		}
		if (booking.CodeOf(err) == booking.CodeNotEligible) == takes {
			t.Fatalf("takes %t: %v", takes, err)
		}
		if err == nil && (!got.Takes(born) || at.Before(got.Opens) || !at.Before(got.Closes)) {
			t.Fatalf("given the group %+v", got)
		}
	})
}

func TestEligibleTellsTheNextOpening(t *testing.T) {
	t.Parallel()
	c := &booking.Campaign{Cohorts: []booking.Cohort{
		{Code: "late", BornFrom: day("1960-01-01"), BornTo: day("1969-12-31"), Opens: hour("2021-07-22 20:00"), Closes: hour("2021-07-23 20:00")},
		{Code: "past", BornFrom: day("1960-01-01"), BornTo: day("1969-12-31"), Opens: hour("2021-07-12 20:00"), Closes: hour("2021-07-13 20:00")},
		{Code: "soon", BornFrom: day("1960-01-01"), BornTo: day("1969-12-31"), Opens: hour("2021-07-20 20:00"), Closes: hour("2021-07-21 20:00")},
	}}
	for at, want := range map[string]string{
		"2021-07-12 10:00": "past", "2021-07-13 10:00": "past", "2021-07-14 10:00": "soon", "2021-07-21 10:00": "soon",
		"2021-07-22 10:00": "late", "2021-07-23 10:00": "late", "2021-07-24 10:00": "late",
	} {
		if k, _ := booking.Eligible(c, day("1965-05-05"), hour(at)); k.Code != want {
			t.Errorf("at %s: %s, want %s", at, k.Code, want)
		}
	}
}

func TestMayReach(t *testing.T) {
	t.Parallel()
	listed, other, abroad := mustPhone(t, "+821000000001"), mustPhone(t, "+821000000002"), mustPhone(t, "+447700900101")
	limits := booking.Limits{}.WithDefaults()
	rehearsal := &booking.Campaign{Mode: booking.Rehearsal, RehearsalPhones: []booking.Phone{listed, abroad}, Limits: limits}
	live := &booking.Campaign{Mode: booking.Live, RehearsalPhones: []booking.Phone{listed}, Limits: limits}
	tests := []struct {
		name  string
		c     *booking.Campaign
		phone booking.Phone
		want  bool
	}{
		{"listed", rehearsal, listed, true},
		{"not listed", rehearsal, other, false},
		{"listed, but abroad", rehearsal, abroad, false},
		{"live", live, other, true},
		{"live, abroad", live, abroad, false},
		{"no phone", live, booking.Phone{}, false},
		{"no prefixes", &booking.Campaign{Mode: booking.Live}, listed, false},
	}
	for _, tt := range tests {
		if got := booking.MayReach(tt.c, tt.phone); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}
