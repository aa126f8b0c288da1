package desk_test

import (
	"slices"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
)

// shelf holds campaigns, for whoever only lists them.
type shelf []*desk.Campaign

func (s shelf) All() []*desk.Campaign { return s }

func (shelf) BySlug(string) (*desk.Campaign, error) {
	return nil, booking.Fail(booking.CodeNoCampaign, nil)
}

func (shelf) ByID(int32) (*desk.Campaign, error) {
	return nil, booking.Fail(booking.CodeNoCampaign, nil)
}

// campaignOf is one whose cohorts close at the instants.
func campaignOf(slug string, mode booking.Mode, lastEnds time.Time, closes ...time.Time) *desk.Campaign {
	c := &booking.Campaign{Slug: slug, Mode: mode}
	for _, at := range closes {
		c.Cohorts = append(c.Cohorts, booking.Cohort{Closes: at})
	}
	return &desk.Campaign{Campaign: c, LastEnds: lastEnds}
}

func TestWhichCampaignsAreAnnounced(t *testing.T) {
	t.Parallel()
	now := time.Date(2021, 7, 19, 20, 0, 0, 0, time.UTC)
	hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
	open, later := campaignOf("open", booking.Live, hour(9), hour(-1), hour(1)), campaignOf("later", booking.Live, hour(48), hour(24))
	visits := campaignOf("visits", booking.Live, hour(1), hour(-1)) // closed, and there are appointments to come
	over := campaignOf("over", booking.Live, now, hour(-5), now)
	unborn := campaignOf("unborn", booking.Live, time.Time{}, hour(1)) // no slots yet
	trial, past := campaignOf("trial", booking.Rehearsal, hour(9), hour(1)), campaignOf("past", booking.Rehearsal, hour(-1), hour(-2))
	for what, c := range map[string]struct {
		all  shelf
		want []string
	}{
		"live ones that are not over": {shelf{open, over, later, visits, unborn}, []string{"later", "open", "unborn", "visits"}},
		"no rehearsal beside them":    {shelf{trial, open}, []string{"open"}},
		"nor after them":              {shelf{trial, over}, nil},
		"rehearsals by themselves":    {shelf{trial, past}, []string{"past", "trial"}},
		"nothing":                     {nil, nil},
	} {
		var got []string
		for _, k := range desk.New(desk.Ports{Campaigns: c.all}).Announced(now) {
			got = append(got, k.Slug)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}
