package booking

import (
	"slices"
	"time"
)

// Suits reports whether somebody who waits would take a slot at a site that starts at an instant, as seen at now: notice, days, times, needs, ranked
// sites or distance, and a series' window. It looks at one slot alone and says nothing about what is free. The audit judges by it what rounds
// gave; the matcher (Board) does not use it, so that a mistake in one shows in the other.
func Suits(c *Campaign, w Waiting, site Site, starts, now time.Time) bool {
	notice := max(w.Notice, time.Duration(w.Wishes.Notice)*time.Hour)
	if starts.Before(now.Add(notice)) || !w.From.IsZero() && starts.Before(w.From) || !w.Until.IsZero() && starts.After(w.Until) {
		return false
	}
	return w.Wishes.wantsSite(c, w.Region, site) && w.Wishes.wantsTime(starts.In(c.Zone))
}

func (w *Wishes) wantsSite(c *Campaign, region string, site Site) bool {
	for _, tag := range w.Needs {
		if !slices.Contains(site.Tags, tag) {
			return false
		}
	}
	if len(w.Sites) > 0 {
		return slices.Contains(w.Sites, site.Code)
	}
	home, known := c.Region(region)
	return w.MaxKm == 0 || !known || Distance(home.Position, site.Position) <= w.MaxKm*1000
}

func (w *Wishes) wantsTime(local time.Time) bool {
	day := Date{local.Year(), local.Month(), local.Day()}
	if !w.NotBefore.IsZero() && day.Before(w.NotBefore) || !w.NotAfter.IsZero() && w.NotAfter.Before(day) {
		return false
	}
	if len(w.Weekdays) > 0 && !slices.Contains(w.Weekdays, local.Weekday()) {
		return false
	}
	minute := local.Hour()*60 + local.Minute()
	return len(w.Times) == 0 || slices.ContainsFunc(w.Times, func(t DayTime) bool { return t.From <= minute && minute < t.To })
}
