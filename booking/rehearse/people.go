package rehearse

import (
	"jari/booking"
)

// share is the i-th of n nearly equal parts of a whole.
func share(whole, i, n int) int { return whole*(i+1)/n - whole*i/n }

// peopleAt spreads the expected people of a pool over the sites: site → cohort → people.
func (s *Supply) peopleAt(c *booking.Campaign, pool string) map[string]map[int]int {
	var all []string
	byRegion := map[string][]string{}
	for _, site := range c.Sites {
		byRegion[site.Region] = append(byRegion[site.Region], site.Code)
		all = append(all, site.Code)
	}
	out := map[string]map[int]int{}
	for k := range c.Cohorts {
		if c.Cohorts[k].Pool != pool {
			continue
		}
		for i, g := range c.Regions {
			sites := byRegion[g.Code]
			if len(sites) == 0 {
				sites = all
			}
			people := share(c.Cohorts[k].Expected, i, len(c.Regions))
			for n, site := range sites {
				if out[site] == nil {
					out[site] = map[int]int{}
				}
				out[site][k] += share(people, n, len(sites))
			}
		}
	}
	return out
}

func (r *Report) judgeSupply() {
	s := &r.Supply
	for i, k := range r.Campaign.Cohorts {
		if k.Expected == 0 {
			r.find(Note, lineOf(r.lines.Cohorts, i), "the cohort %s does not say how many are expected (expected), so they are not counted", k.Code)
		}
	}
	if s.Empty > 0 {
		r.find(Warning, 0, "%s no dose: the supplies run out before the slots do", many(s.Empty, "seat has", "seats have"))
	}
	if s.Known && s.Unseated > 0 {
		r.find(Warning, 0, "%s of %s expected people find no seat: add slots or doses, or say so before the opening", count(s.Unseated), count(s.Expected))
	}
	short, people, without := 0, 0, 0
	for _, g := range s.Regions {
		switch {
		case g.Seats == 0:
			without++
		case g.Short() > 0:
			short, people = short+1, people+g.Short()
		}
	}
	if without > 0 {
		r.find(Warning, 0, "%d of %d regions have no seats at all: their people must go to another", without, len(s.Regions))
	}
	if s.Known && short > 0 {
		r.find(Warning, 0, "%s fewer seats than people, %s in all, if people are spread evenly: they must go to another region", many(short, "region has", "regions have"), many(people, "person", "people"))
	}
	r.judgeSeries()
}
