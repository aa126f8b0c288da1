package booking_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
)

func TestBirthDigits(t *testing.T) {
	t.Parallel()
	k := booking.Cohort{BornFrom: day("1972-01-01"), BornTo: day("2003-12-31"), BirthDigits: []int{1, 9}}
	for born, want := range map[string]bool{
		"1980-05-01": true, "1980-05-11": true, "1980-05-21": true, "1980-05-31": true, "1980-05-09": true, "1980-05-29": true,
		"1980-05-10": false, "1980-05-12": false, "1980-05-30": false, "1971-12-31": false, "2004-01-01": false,
	} {
		if got := k.Takes(day(born)); got != want {
			t.Errorf("born %s: %t", born, got)
		}
	}
}

// announcedJuly is July 2021 with what the newspapers said, and, if late, with the bug of that night.
func announcedJuly(late time.Duration) *booking.Campaign {
	c := july()
	for _, k := range c.Cohorts {
		c.Announced = append(c.Announced, booking.Announcement{BornFrom: k.BornFrom, BornTo: k.BornTo, Opens: k.Opens, Closes: k.Closes})
	}
	c.Cohorts[1].Opens = c.Cohorts[1].Opens.Add(late)
	return c
}

func TestWronglyRefused(t *testing.T) {
	t.Parallel()
	bug, right := announcedJuly(6*time.Hour), announcedJuly(0)
	silent := announcedJuly(6 * time.Hour)
	silent.Announced = nil
	gone := announcedJuly(0)
	gone.Cohorts = gone.Cohorts[:1]
	tests := []struct {
		name     string
		c        *booking.Campaign
		born, at string
		want     bool
	}{
		{"during the bug", bug, "1967-05-05", "2021-07-19 23:00", true},
		{"at its first minute", bug, "1968-12-31", "2021-07-19 20:00", true},
		{"before the opening", bug, "1967-05-05", "2021-07-19 19:59", false},
		{"after the bug", bug, "1967-05-05", "2021-07-20 02:00", false},
		{"another group", bug, "1966-05-05", "2021-07-19 23:00", false},
		{"no group at all", bug, "1980-05-05", "2021-07-19 23:00", false},
		{"without the bug", right, "1967-05-05", "2021-07-19 23:00", false},
		{"nothing announced", silent, "1967-05-05", "2021-07-19 23:00", false},
		{"the group is missing", gone, "1967-05-05", "2021-07-24 17:59", true},
		{"the group is missing, after the closing", gone, "1967-05-05", "2021-07-24 18:00", false},
	}
	for _, tt := range tests {
		if got := booking.WronglyRefused(tt.c, day(tt.born), hour(tt.at)); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

// A wrong refusal is a refusal, and somebody was told otherwise: no more and no less.
func TestWrongRefusalIsAnnouncedAndRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := announcedJuly(time.Duration(rapid.IntRange(-12, 12).Draw(t, "late")) * time.Hour)
		digit := rapid.IntRange(0, 9).Draw(t, "digit")
		c.Announced[1].BirthDigits = []int{digit}
		born, at := drawDate(t, "born"), hour("2021-07-12 00:00").Add(time.Duration(rapid.IntRange(-1, 320).Draw(t, "at"))*time.Hour)
		announced := false
		for i, a := range c.Announced {
			told := born.String() >= a.BornFrom.String() && born.String() <= a.BornTo.String() && !at.Before(a.Opens) && at.Before(a.Closes)
			announced = announced || told && (i != 1 || born.Day%10 == digit)
		}
		_, err := booking.Eligible(c, born, at)
		if got := booking.WronglyRefused(c, born, at); got != (announced && err != nil) {
			t.Fatalf("%t although announced is %t and the answer is %v", got, announced, err)
		}
	})
}
