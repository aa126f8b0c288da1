package rehearse

import (
	"cmp"
	"slices"
	"time"

	"jari/booking"
)

// Supply compares seats with people. Seats count as far as the doses of their site reach, earliest first. Where people
// live is not in the file, so they are spread evenly over the regions, and within a region evenly over its sites (those of a
// region without sites over all sites). Everybody takes the soonest seat after their first round and notice; later doses
// go before new people, as they do in rounds. Reserves are not looked at.
type Supply struct {
	Known    bool // at least one cohort says how many are expected
	Expected int
	Seats    int // within the doses
	Empty    int // seats beyond the doses
	Unseated int // expected people who find no seat
	Days     []Day
	Regions  []Region
	Series   *Series // nil: one appointment a person

	given []given // first doses, for the messages
	start map[poolDay]time.Time
}

// Day is what happens on one day.
type Day struct {
	Date  booking.Date
	Seats int
	New   int // seats for first appointments
	Later int // seats for later doses
	Wait  int // expected people whose turn has come and who have no seat at the end of the day
}

// Region compares a region's own seats with its share of the people.
type Region struct {
	Code     string
	Name     string
	Seats    int
	Expected int
	ByDay    []int // seats, by the days of Supply.Days
}

// Short is how many of the region's people must go elsewhere or stay without a seat.
func (g Region) Short() int { return max(0, g.Expected-g.Seats) }

// numbers are a region's seats and people in words.
func (s *Supply) numbers(g Region) string {
	out := many(g.Seats, "seat", "seats")
	if s.Known {
		out += " for " + many(g.Expected, "person", "people")
	}
	if g.Short() > 0 {
		out += ", " + count(g.Short()) + " short"
	}
	return out
}

type poolDay struct {
	pool string
	day  int
}

// given are seats that people of a cohort get on a day.
type given struct {
	cohort, day, n int
}

func (r *Report) supply() {
	c, s := r.Campaign, &r.Supply
	for _, k := range c.Cohorts {
		s.Expected += k.Expected
	}
	s.Known = s.Expected > 0
	cal := newCalendar(c)
	r.cal = cal
	if cal.days == 0 {
		r.find(Warning, 0, "the campaign has no slots yet: people can register, and nobody gets a time")
		return
	}
	plan := s.seats(c, cal)
	s.regions(c, cal, plan)
	flows := s.flow(c, cal, plan)
	s.series(c, cal, flows)
	r.judgeSupply()
}

// seats bounds each slot by what its site has for the day.
func (s *Supply) seats(c *booking.Campaign, cal calendar) seatPlan {
	type period struct{ from, to, left int }
	supplies := map[string][]*period{}
	for _, v := range c.Supplies {
		supplies[v.Site] = append(supplies[v.Site], &period{cal.index(v.From), cal.index(v.To), v.Doses})
	}
	slots := slices.Clone(c.Slots)
	slices.SortStableFunc(slots, func(a, b booking.Slot) int { return a.Starts.Compare(b.Starts) })
	plan := seatPlan{}
	s.start = map[poolDay]time.Time{}
	for i := range slots {
		slot := &slots[i]
		day, n := cal.of(slot.Starts), slot.Capacity
		for _, p := range supplies[slot.Site] {
			if day >= p.from && day <= p.to {
				n = min(n, p.left)
				p.left -= n
			}
		}
		s.Seats, s.Empty = s.Seats+n, s.Empty+slot.Capacity-n
		plan.add(slot.Pool, slot.Site, day, cal.days, n)
		if key := (poolDay{slot.Pool, day}); n > 0 && s.start[key].IsZero() {
			s.start[key] = slot.Starts
		}
	}
	return plan
}

func (s *Supply) regions(c *booking.Campaign, cal calendar, plan seatPlan) {
	at := map[string]int{}
	for i, g := range c.Regions {
		at[g.Code] = i
		lang := booking.Lang("")
		if len(c.Langs) > 0 {
			lang = c.Langs[0]
		}
		s.Regions = append(s.Regions, Region{
			Code: g.Code, Name: g.Names.In(lang), Expected: share(s.Expected, i, len(c.Regions)), ByDay: make([]int, cal.days),
		})
	}
	for _, site := range c.Sites {
		i, ok := at[site.Region]
		if !ok {
			continue
		}
		for _, sites := range plan {
			for day, n := range sites[site.Code] {
				s.Regions[i].Seats += n
				s.Regions[i].ByDay[day] += n
			}
		}
	}
}

// flow seats the expected people, wherever there is room, day by day. With a series at the same site it does so for each
// site by itself; the days are then the sums.
func (s *Supply) flow(c *booking.Campaign, cal calendar, plan seatPlan) []*flow {
	var flows []*flow
	for _, pool := range c.Pools {
		sites := plan[pool]
		if c.Series != nil && c.Series.SameSite {
			people := s.peopleAt(c, pool)
			for _, site := range c.Sites {
				if seats := sites[site.Code]; seats != nil {
					flows = append(flows, s.run(c, cal, pool, site.Code, seats, people[site.Code]))
				}
			}
			continue
		}
		seats, people := make([]int, cal.days), map[int]int{}
		for _, days := range sites {
			for day, n := range days {
				seats[day] += n
			}
		}
		for i, k := range c.Cohorts {
			if k.Pool == pool {
				people[i] = k.Expected
			}
		}
		flows = append(flows, s.run(c, cal, pool, "", seats, people))
	}
	s.Days = make([]Day, cal.days)
	for i := range s.Days {
		d := &s.Days[i]
		d.Date = cal.date(i)
		for _, f := range flows {
			d.Seats, d.New, d.Later, d.Wait = d.Seats+f.seats[i], d.New+f.fresh[i], d.Later+f.later[i], d.Wait+f.wait[i]
		}
	}
	s.given = sumGiven(flows)
	for _, f := range flows {
		s.Unseated += f.unseated
	}
	return flows
}

// sumGiven adds up what each cohort gets on each day, in order.
func sumGiven(flows []*flow) []given {
	sums := map[given]int{}
	for _, f := range flows {
		for _, g := range f.given {
			sums[given{cohort: g.cohort, day: g.day}] += g.n
		}
	}
	out := make([]given, 0, len(sums))
	for g, n := range sums {
		out = append(out, given{g.cohort, g.day, n})
	}
	slices.SortFunc(out, func(a, b given) int { return cmp.Or(cmp.Compare(a.cohort, b.cohort), cmp.Compare(a.day, b.day)) })
	return out
}

// run seats the people of each cohort from the first day on which they can have a seat.
func (s *Supply) run(c *booking.Campaign, cal calendar, pool, site string, seats []int, people map[int]int) *flow {
	f := &flow{site: site, seats: seats, series: c.Series}
	for k, n := range people {
		from := c.Cohorts[k].FirstRound.Add(c.Cohorts[k].Notice)
		day := max(0, cal.of(from))
		if start, ok := s.start[poolDay{pool, day}]; ok && start.Before(from) {
			day++ // some of that day's seats start too soon; the day is not counted
		}
		if n > 0 {
			f.come = append(f.come, coming{cohort: k, day: day, first: c.Cohorts[k].FirstRound, n: n})
		}
	}
	if !s.Known { // as if every seat were wanted
		for _, n := range seats {
			f.come = append(f.come, coming{cohort: -1, n: n})
		}
	}
	slices.SortFunc(f.come, func(a, b coming) int {
		return cmp.Or(a.first.Compare(b.first), cmp.Compare(a.cohort, b.cohort))
	})
	f.run()
	return f
}
