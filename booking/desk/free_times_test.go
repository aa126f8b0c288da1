package desk_test

import (
	"slices"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
)

// shelf holds campaigns and a clock.
type shelf struct {
	all []*desk.Campaign
	now time.Time
}

func (s *shelf) BySlug(string) (*desk.Campaign, error) {
	return nil, booking.Fail(booking.CodeNoCampaign, nil)
}
func (s *shelf) ByID(int32) (*desk.Campaign, error) {
	return nil, booking.Fail(booking.CodeNoCampaign, nil)
}
func (s *shelf) All() []*desk.Campaign { return s.all }
func (s *shelf) Now() time.Time        { return s.now }

// Live campaigns are listed until nobody can apply and no appointment can be ahead; rehearsals only where there is no live campaign at all.
func TestListedCampaigns(t *testing.T) {
	t.Parallel()
	now := time.Date(2021, 7, 19, 11, 0, 0, 0, time.UTC)
	campaign := func(slug string, mode booking.Mode, closes, lastEnds time.Duration) *desk.Campaign {
		return &desk.Campaign{
			Campaign: &booking.Campaign{Slug: slug, Mode: mode, Cohorts: []booking.Cohort{{Closes: now.Add(-time.Hour)}, {Closes: now.Add(closes)}}},
			LastEnds: now.Add(lastEnds),
		}
	}
	open, ahead := campaign("open", booking.Live, time.Second, -time.Hour), campaign("ahead", booking.Live, 0, time.Second)
	over := campaign("over", booking.Live, 0, 0)
	later, tried := campaign("later", booking.Rehearsal, time.Hour, time.Hour), campaign("a-try", booking.Rehearsal, -time.Hour, -time.Hour)
	for name, c := range map[string]struct{ there, want []*desk.Campaign }{
		"live ones":               {[]*desk.Campaign{later, open, over, ahead, tried}, []*desk.Campaign{ahead, open}},
		"a live one that is over": {[]*desk.Campaign{later, over}, nil},
		"rehearsals":              {[]*desk.Campaign{later, tried}, []*desk.Campaign{tried, later}},
		"nothing":                 {},
	} {
		s := &shelf{all: c.there, now: now}
		if got := desk.New(desk.Ports{Campaigns: s, Clock: s}).Listed(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %d listed, want %d", name, len(got), len(c.want))
		}
	}
}
