package campaignfile_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
	"jari/booking/campaignfile"
)

func TestShift(t *testing.T) {
	t.Parallel()
	c, err := campaignfile.Load("../../examples/seoul-2021.yaml")
	if err != nil {
		t.Fatal(err)
	}
	opening := time.Date(2030, 1, 5, 4, 17, 3, 0, time.UTC) // 13:17:03 in Seoul
	campaignfile.Shift(c, opening)
	if !c.Cohorts[0].Opens.Equal(opening) || !c.Cohorts[0].FirstRound.Equal(opening.Add(15*time.Minute)) {
		t.Errorf("first opening %v, first round %v", c.Cohorts[0].Opens, c.Cohorts[0].FirstRound)
	}
	if d := c.Cohorts[1].Opens.Sub(opening); d != 7*24*time.Hour+20*time.Hour {
		t.Errorf("the second opening is %v after the first", d)
	}
	if want := time.Date(2030, 1, 19, 9, 0, 0, 0, c.Zone); !c.Slots[0].Starts.Equal(want) {
		t.Errorf("first slot %v, want %v: fourteen days after the opening, as before", c.Slots[0].Starts, want)
	}
	if last := c.Slots[len(c.Slots)-1]; last.Ends.Sub(last.Starts) != 30*time.Minute {
		t.Errorf("last slot lasts %v", last.Ends.Sub(last.Starts))
	}
}

func TestShiftLeavesTheNotice(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("here", 9*3600)
	at := func(day, hour int) time.Time { return time.Date(2027, 3, day, hour, 0, 0, 0, zone) }
	c := &booking.Campaign{
		Zone: zone,
		Cohorts: []booking.Cohort{
			{Opens: at(1, 0), Closes: at(5, 0), FirstRound: at(1, 1), Pool: "a", Notice: 24 * time.Hour},
			{Opens: at(2, 0), Closes: at(5, 0), FirstRound: at(2, 1), Pool: "a"},
		},
		Slots: []booking.Slot{
			{Pool: "a", Starts: at(2, 9), Ends: at(2, 10)},
			{Pool: "unused", Starts: at(1, 9), Ends: at(1, 10)},
		},
	}
	campaignfile.Shift(c, at(11, 23)) // first round at midnight, so the notice ends on the 13th at midnight
	if !c.Slots[0].Starts.Equal(at(13, 9)) || !c.Slots[1].Starts.Equal(at(12, 9)) {
		t.Errorf("slots at %v and %v", c.Slots[0].Starts, c.Slots[1].Starts)
	}
}

func TestShiftKeepsHoursOfTheDay(t *testing.T) {
	t.Parallel()
	base, err := campaignfile.Load("../../examples/clinic.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		c := *base
		c.Cohorts = append([]booking.Cohort(nil), base.Cohorts...)
		c.Slots = append([]booking.Slot(nil), base.Slots...)
		opening := time.Unix(rapid.Int64Range(1_600_000_000, 2_500_000_000).Draw(t, "opening"), 0)
		campaignfile.Shift(&c, opening)
		if !c.Cohorts[0].Opens.Equal(opening) {
			t.Fatalf("opens %v, want %v", c.Cohorts[0].Opens, opening)
		}
		if earliest := c.Cohorts[0].FirstRound.Add(c.Cohorts[0].Notice); c.Slots[0].Starts.Before(earliest) {
			t.Fatalf("first slot %v, before %v", c.Slots[0].Starts, earliest)
		}
		for i, s := range c.Slots {
			was := base.Slots[i]
			if s.Starts.In(c.Zone).Format("15:04") != was.Starts.In(c.Zone).Format("15:04") || s.Ends.Sub(s.Starts) != was.Ends.Sub(was.Starts) {
				t.Fatalf("slot %v–%v was %v–%v", s.Starts, s.Ends, was.Starts, was.Ends)
			}
		}
	})
}

func TestShiftOfNothing(t *testing.T) {
	t.Parallel()
	c := &booking.Campaign{}
	campaignfile.Shift(c, time.Unix(0, 0))
	c.Cohorts = []booking.Cohort{{Opens: time.Unix(9, 0)}}
	campaignfile.Shift(c, time.Unix(100, 0))
	if !c.Cohorts[0].Opens.Equal(time.Unix(100, 0)) {
		t.Errorf("opens %v", c.Cohorts[0].Opens)
	}
}
