package main

import (
	"fmt"
	"time"

	"jari/booking"
)

// rushSlug names the campaign of a private rush.
const rushSlug = "rush"

// rushCampaign makes a small rehearsal that opens at the given time and texts only the given phones. Its first round is a
// day away: a rush looks at the order, not at appointments.
func rushCampaign(opens time.Time, settle time.Duration, phones []booking.Phone) (*booking.Campaign, error) {
	zone, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		return nil, err
	}
	opens = opens.In(zone).Truncate(time.Second) // as campaigns are announced: to the second
	const day = 24 * time.Hour
	c := &booking.Campaign{
		Slug: rushSlug, Mode: booking.Rehearsal, Names: booking.Names{booking.Korean: "접수 연습", booking.English: "Opening rehearsal"},
		Zone: zone, Langs: []booking.Lang{booking.Korean, booking.English}, Identity: booking.ByPhoneBirthName,
		Phone: "1600-0000", Settle: settle, Pools: []string{"pool"}, RehearsalPhones: phones,
		Cohorts: []booking.Cohort{{
			Code: "all", Names: booking.Names{booking.Korean: "모두", booking.English: "everybody"},
			// No birth year of two digits is of two centuries.
			BornFrom: booking.Date{Year: 1930, Month: 1, Day: 1}, BornTo: booking.Date{Year: 1990, Month: 12, Day: 31},
			Opens: opens, Closes: opens.Add(7 * day), FirstRound: opens.Add(day),
			Order: booking.ByArrival, Verify: booking.ByOffer, Queue: "queue", Pool: "pool", Notice: time.Hour, Declines: 3,
		}},
		// From one to one: no quiet hours. The simulated carrier is quick.
		Limits: booking.Limits{QuietFrom: 1, QuietTo: 1, TextsPerSecond: 1000}.WithDefaults(),
	}
	for i, code := range []string{"north", "middle", "south"} {
		at := booking.Position{Lat: 37.6 - float64(i)/10, Lon: 127}
		c.Regions = append(c.Regions, booking.Region{
			Code: code, Position: at, Names: booking.Names{booking.Korean: []string{"북구", "중구", "남구"}[i], booking.English: code},
		})
		c.Sites = append(c.Sites, booking.Site{
			Code: code, Region: code, Position: at, Names: booking.Names{booking.Korean: []string{"북", "중앙", "남"}[i] + "센터", booking.English: code},
			Address: booking.Names{booking.English: fmt.Sprintf("%d Example Street", i+1)},
		})
		starts := opens.Truncate(time.Hour).Add(3 * day)
		c.Slots = append(c.Slots, booking.Slot{Site: code, Pool: "pool", Starts: starts, Ends: starts.Add(time.Hour), Capacity: 10})
	}
	return c, nil
}
