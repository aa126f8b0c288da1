package campaignfile

import (
	"cmp"
	"slices"
	"time"

	"jari/booking"
)

const (
	maxAnnounced = 500
	maxReserves  = 500
	maxSupplies  = 100_000 // site × period, as expanded
	maxDoses     = 100_000_000
)

// announced reads what the public was told. It is not compared with the cohorts here: that they disagree is what
// rehearsing a campaign must show, and what production must notice.
func (l *loader) announced(f fields) {
	items := f.list("announced")
	if len(items) > maxAnnounced {
		f.at("announced").problem("has %d entries: at most %d are possible", len(items), maxAnnounced)
		return
	}
	for _, item := range items {
		m := item.fields("born_from", "born_to", "birth_digits", "opens", "closes")
		var a booking.Announcement
		a.BornFrom, a.BornTo, a.BirthDigits, _ = births(m)
		a.Opens, a.Closes, _, _ = l.opening(m)
		l.c.Announced = append(l.c.Announced, a)
		l.lines.Announced = append(l.lines.Announced, item.line)
	}
}

// maxApart is the longest time between two appointments of a series.
const maxApart = 731 * 24 * time.Hour

func (l *loader) series(f fields) {
	n, ok := f.values["series"]
	if !ok {
		return
	}
	m := n.fields("doses", "least", "most", "same_site")
	var s booking.Series
	s.Doses, _ = need(m, "doses", "how many appointments a person gets in all, 2 to 4", integer(2, 4))
	least, ok1 := need(m, "least", "the least time between two of them, such as 21d", days(time.Hour, maxApart))
	most, ok2 := need(m, "most", "the longest time between two of them, such as 42d", days(time.Hour, maxApart))
	if ok1 && ok2 && most < least {
		m.at("most").problem("is shorter than least (%s): exchange the two", inDays(least))
	}
	s.Least, s.Most = least, most
	s.SameSite, _ = opt(m, "same_site", true, cell.yes)
	l.c.Series, l.lines.Series = &s, n.line
}

func (l *loader) reserves(f fields) {
	items := f.list("reserves")
	if len(items) > maxReserves {
		f.at("reserves").problem("has %d entries: at most %d are possible", len(items), maxReserves)
		return
	}
	held := map[string]int{} // site → the line of its reserve
	for _, item := range items {
		m := item.fields("cohorts", "later", "sites", "percent", "release")
		var r booking.Reserve
		r.Cohorts = l.reservedFor(m)
		r.Later, _ = opt(m, "later", false, cell.yes)
		switch {
		case !r.Later && m.values != nil && !m.has("cohorts"):
			m.problem("is for nobody: write cohorts (whose people may take it), or later: true (people with a later dose)")
		case r.Later && f.values != nil && !f.has("series"):
			m.at("later").problem("is for later doses, and the campaign has no series: write series or delete this")
		}
		r.Percent, _ = need(m, "percent", "the part of each slot's capacity that is kept, 1 to 100", integer(1, 100))
		r.Release, _ = need(m, "release", "how long before a slot's start it is anybody's, such as 48h or 2d", days(0, maxNotice))
		r.Sites = l.reservedAt(m, held)
		l.c.Reserves = append(l.c.Reserves, r)
	}
}

// reservedFor reads the cohorts of a reserve.
func (l *loader) reservedFor(m fields) []string {
	codes, _ := distinct(m.list("cohorts"), func(c cell) (string, bool) {
		code, ok := c.code()
		_, there := l.c.Cohort(code)
		if ok && !there {
			c.problem("there is no cohort %s: write the code of one of the campaign's cohorts", quote(code))
		}
		return code, ok && there
	})
	return codes
}

// reservedAt reads the sites of a reserve: none written means everywhere. No site has two reserves.
func (l *loader) reservedAt(m fields, held map[string]int) []string {
	n, ok := m.values["sites"]
	var sites []string
	every := !ok
	if ok {
		if sites, ok = l.sitesOf(n); !ok {
			return nil
		}
		every = len(sites) == len(l.c.Sites)
	} else {
		for _, s := range l.c.Sites {
			sites = append(sites, s.Code)
		}
	}
	for _, s := range sites {
		if line, twice := held[s]; twice {
			m.at("sites").problem("%s has a reserve already (line %d): write each site in one reserve", s, line)
			return nil
		}
	}
	for _, s := range sites {
		held[s] = m.line
	}
	if every {
		return nil
	}
	return sites
}

// suppliedAt is a supply with the place it stands at.
type suppliedAt struct {
	booking.Supply
	f fields
}

func (l *loader) supplies(f fields) {
	var all []suppliedAt
	for _, item := range f.list("supplies") {
		m := item.fields("site", "sites", "from", "to", "doses")
		sites, ok := l.suppliedSites(m)
		from, ok1 := need(m, "from", "the first day, such as 2021-07-26", cell.date)
		to, ok2 := need(m, "to", "the last day, such as 2021-08-01", cell.date)
		doses, ok3 := need(m, "doses", "how many each of the sites has for these days", integer(0, maxDoses))
		switch {
		case !ok || !ok1 || !ok2 || !ok3:
			continue
		case to.Before(from):
			m.at("to").problem("lies before from (%s): exchange the two", from)
			continue
		case !plausible(from.UTC()) || !plausible(to.UTC()):
			m.at("from").problem("the days do not lie between 2000 and 2100: correct them")
			continue
		case len(all)+len(sites) > maxSupplies:
			m.problem("makes more than %d supplies in all: write longer periods", maxSupplies)
			return
		}
		for _, s := range sites {
			all = append(all, suppliedAt{booking.Supply{Site: s, From: from, To: to, Doses: doses}, m})
		}
	}
	l.settleSupplies(all)
}

// suppliedSites reads either site or sites: what is written counts for each of them.
func (l *loader) suppliedSites(m fields) ([]string, bool) {
	n, several := m.values["sites"]
	one, single := m.values["site"]
	switch {
	case several && single:
		one.problem("stands beside sites: keep one of the two")
		return nil, false
	case several:
		return l.sitesOf(n)
	case m.values == nil:
		return nil, false
	}
	code, ok := need(m, "site", "the code of the site (or sites: all, or a list)", cell.code)
	return []string{code}, ok && l.checkSite(m.at("site"), code)
}

// settleSupplies puts supplies in order and refuses those that stand in each other's period.
func (l *loader) settleSupplies(all []suppliedAt) {
	slices.SortStableFunc(all, func(a, b suppliedAt) int {
		return cmp.Or(cmp.Compare(a.Site, b.Site), a.From.Compare(b.From))
	})
	said := map[int]bool{} // lines, so that a list of a hundred sites is one problem
	var before suppliedAt  // the one of the site that lasts longest so far
	for _, s := range all {
		if s.Site != before.Site {
			before = s
		} else {
			if !before.To.Before(s.From) && !said[s.f.line] {
				said[s.f.line] = true
				s.f.at("from").problem("%s has a supply from %s to %s already (line %d): write periods that follow each other", s.Site, before.From, before.To, before.f.line)
			}
			if before.To.Before(s.To) {
				before = s
			}
		}
		l.c.Supplies = append(l.c.Supplies, s.Supply)
	}
}
