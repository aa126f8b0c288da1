package booking

import (
	"fmt"
	"slices"
	"time"
)

// Differences says in plain words what changes between two versions of a campaign, beside its slots: identity, mode, sites, cohorts, reserves,
// supplies and the series. Nothing to say means that these are the same.
func Differences(old, c *Campaign) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if old.Identity != c.Identity {
		say("identity changes from %s to %s", old.Identity, c.Identity)
	}
	if old.Mode != c.Mode {
		say("mode changes from %s to %s", old.Mode, c.Mode)
	}
	for _, s := range c.Sites {
		if _, ok := old.Site(s.Code); !ok {
			say("site %s is added", s.Code)
		}
	}
	for _, s := range old.Sites {
		if _, ok := c.Site(s.Code); !ok {
			say("site %s is dropped", s.Code)
		}
	}
	for _, k := range c.Cohorts {
		before, ok := old.Cohort(k.Code)
		if !ok {
			say("cohort %s is added: born %s to %s, opens %s, closes %s", k.Code, k.BornFrom, k.BornTo, at(c, k.Opens), at(c, k.Closes))
			continue
		}
		for _, d := range before.differences(k, c) {
			say("cohort %s: %s", k.Code, d)
		}
	}
	for _, k := range old.Cohorts {
		if _, ok := c.Cohort(k.Code); !ok {
			say("cohort %s is dropped: nobody new belongs to it", k.Code)
		}
	}
	return append(out, stockDifferences(old, c)...)
}

func at(c *Campaign, t time.Time) string {
	if c.Zone != nil {
		t = t.In(c.Zone)
	}
	return t.Format("2006-01-02 15:04")
}

func (k Cohort) differences(n Cohort, c *Campaign) []string {
	var out []string
	differ := func(what string, a, b any) {
		if a != b {
			out = append(out, fmt.Sprintf("%s changes from %v to %v", what, a, b))
		}
	}
	differ("first birth date", k.BornFrom.String(), n.BornFrom.String())
	differ("last birth date", k.BornTo.String(), n.BornTo.String())
	differ("last digits of the day of birth", fmt.Sprint(k.BirthDigits), fmt.Sprint(n.BirthDigits))
	differ("opening", at(c, k.Opens), at(c, n.Opens))
	differ("closing", at(c, k.Closes), at(c, n.Closes))
	differ("first round", at(c, k.FirstRound), at(c, n.FirstRound))
	differ("order", k.Order, n.Order)
	if k.Order == ByDraw && n.Order == ByDraw {
		differ("end of the draw's window", at(c, k.Window), at(c, n.Window))
		differ("name of the public value", k.PublicValue, n.PublicValue)
	}
	differ("verification", k.Verify, n.Verify)
	differ("queue of new people", k.Queue, n.Queue)
	differ("pool", k.Pool, n.Pool)
	differ("notice", k.Notice, n.Notice)
	differ("declines", k.Declines, n.Declines)
	differ("lapse", k.Lapse, n.Lapse)
	return out
}

func stockDifferences(old, c *Campaign) []string {
	var out []string
	if !slices.EqualFunc(old.Reserves, c.Reserves, func(a, b Reserve) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
		out = append(out, fmt.Sprintf("reserves change: there were %d, there will be %d", len(old.Reserves), len(c.Reserves)))
	}
	key := func(s Supply) [2]string { return [2]string{s.Site, s.From.String()} }
	before := map[[2]string]Supply{}
	for _, s := range old.Supplies {
		before[key(s)] = s
	}
	for _, s := range c.Supplies {
		o, ok := before[key(s)]
		delete(before, key(s))
		switch {
		case !ok:
			out = append(out, fmt.Sprintf("supply of %s from %s is added: %d", s.Site, s.From, s.Doses))
		case o.Doses != s.Doses || o.To != s.To:
			out = append(out, fmt.Sprintf("supply of %s from %s changes from %d until %s to %d until %s", s.Site, s.From, o.Doses, o.To, s.Doses, s.To))
		}
	}
	for _, s := range old.Supplies {
		if _, gone := before[key(s)]; gone {
			out = append(out, fmt.Sprintf("supply of %s from %s is dropped: its days are no longer limited by it", s.Site, s.From))
		}
	}
	if a, b := seriesText(old.Series), seriesText(c.Series); a != b {
		out = append(out, fmt.Sprintf("series changes from %s to %s", a, b))
	}
	return out
}

func seriesText(s *Series) string {
	if s == nil {
		return "none"
	}
	where := "any site"
	if s.SameSite {
		where = "the same site"
	}
	return fmt.Sprintf("%d appointments, %s to %s apart, at %s", s.Doses, s.Least, s.Most, where)
}
