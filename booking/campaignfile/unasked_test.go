package campaignfile_test

import (
	"slices"
	"strings"
	"testing"

	"jari/booking"
)

func TestParseReadsWhatPeopleHearUnasked(t *testing.T) {
	t.Parallel()
	both := []booking.Reminding{booking.DayBefore, booking.Morning}
	for text, want := range map[string]struct {
		reminded []booking.Reminding
		noNews   bool
	}{
		"":                                   {both, false},
		"reminders: [morning, day_before]\n": {both, false},
		"reminders: [morning]\n":             {[]booking.Reminding{booking.Morning}, false},
		"reminders: [none]\n":                {nil, false},
		"news: {weekly: false}\n":            {both, true},
		"news: {weekly: true}\n":             {both, false},
	} {
		c, err := parseText(t, good+text, nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if !slices.Equal(c.RemindedAt(), want.reminded) || c.NoNews != want.noNews {
			t.Errorf("%q: reminded %v, no news %v", text, c.RemindedAt(), c.NoNews)
		}
	}
	for text, problem := range map[string]string{
		"reminders: [evening]\n":          "is not known",
		"reminders: [none, morning]\n":    "says none beside others",
		"reminders: [morning, morning]\n": "twice",
		"news: {monthly: true}\n":         "monthly",
	} {
		if _, err := parseText(t, good+text, nil); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%q: %v, want %q", text, err, problem)
		}
	}
}
