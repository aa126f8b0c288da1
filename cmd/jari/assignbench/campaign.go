// Package assignbench measures how long it takes from arrivals to appointments, and against what: a floor that writes the same rows, and
// workers that take batches with SKIP LOCKED. Start with Run.
package assignbench

import (
	"fmt"
	"math"
	"time"

	"jari/booking"
)

// shape of the invented country.
const (
	regions   = 25
	days      = 60
	perDay    = 18 // half-hours from 9:00
	slotsSite = days * perDay
)

// country makes a campaign of so many sites with room for people and a twentieth more. It opened an hour ago.
func country(sites int, people int64, now time.Time) (*booking.Campaign, error) {
	zone, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		return nil, err
	}
	now = now.In(zone).Truncate(time.Second)
	names := func(s string) booking.Names { return booking.Names{booking.Korean: s, booking.English: s} }
	c := &booking.Campaign{
		Slug: "bench-assign", Mode: booking.Rehearsal, Names: names("bench"), Zone: zone, Langs: []booking.Lang{booking.Korean, booking.English},
		Identity: booking.ByPhoneBirthName, Phone: "1600-0000", Settle: time.Second, Pools: []string{"pool"}, Limits: booking.Limits{}.WithDefaults(),
		Cohorts: []booking.Cohort{{
			Code: "all", Names: names("all"), BornFrom: booking.Date{Year: 1900, Month: 1, Day: 1}, BornTo: booking.Date{Year: 2020, Month: 12, Day: 31},
			Opens: now.Add(-time.Hour), Closes: now.Add(48 * time.Hour), FirstRound: now.Add(-time.Minute),
			Order: booking.ByArrival, Verify: booking.BeforeOffer, Queue: "queue", Pool: "pool", Notice: 24 * time.Hour, Declines: 3,
		}},
	}
	for r := range regions {
		c.Regions = append(c.Regions, booking.Region{Code: fmt.Sprintf("region-%d", r), Names: names(fmt.Sprintf("지역%d", r)), Position: around(r, regions, 1.2)})
	}
	midnight := time.Date(now.Year(), now.Month(), now.Day()+2, 9, 0, 0, 0, zone)
	capacity := int(math.Ceil(float64(people) * 1.05 / float64(sites*slotsSite)))
	for s := range sites {
		site := booking.Site{Code: siteCode(s), Region: c.Regions[s%regions].Code, Names: names(fmt.Sprintf("센터%d", s)), Position: around(s, sites, 1)}
		if s%2 == 0 {
			site.Tags = append(site.Tags, "step-free")
		}
		c.Sites = append(c.Sites, site)
		for d := range days {
			for h := range perDay {
				starts := midnight.AddDate(0, 0, d).Add(time.Duration(h) * 30 * time.Minute)
				c.Slots = append(c.Slots, booking.Slot{Site: site.Code, Pool: "pool", Starts: starts, Ends: starts.Add(30 * time.Minute), Capacity: capacity})
			}
		}
	}
	return c, nil
}

func siteCode(n int) string { return fmt.Sprintf("site-%d", n) }

// around spreads n points over a country of some 200 km, in rings.
func around(i, n int, scale float64) booking.Position {
	angle, far := 2*math.Pi*float64(i)/float64(n)*7, math.Sqrt(float64(i+1)/float64(n))
	return booking.Position{Lat: 36.5 + scale*far*math.Sin(angle), Lon: 127.5 + scale*far*math.Cos(angle)}
}
