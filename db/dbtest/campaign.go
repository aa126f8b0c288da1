package dbtest

import (
	"fmt"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/campaignfile"
	"jari/booking/desk"
	"jari/db"
)

// The campaign's parts, by name.
const (
	Slug    = "clinic"
	Cohort  = "all"   // takes every birth date; enters Queue
	Queue   = "queue" // waits for Pool's slots
	Pool    = "pool"
	Site    = "north" // the first of three: north, middle, south
	Region  = "n"     // north's; m is middle's, s is south's
	Day     = 24 * time.Hour
	PerSite = 4 // slots at each site, on the hour, tomorrow
	PerSlot = 2 // people in each slot
)

// Options change the campaign before it is applied.
type Options func(*booking.Campaign)

// Capacity sets how many people each slot takes.
func Capacity(n int) Options {
	return func(c *booking.Campaign) {
		for i := range c.Slots {
			c.Slots[i].Capacity = n
		}
	}
}

// Noon puts the campaign where it is about noon now, so that slots on the hour stay within one day whenever the test runs.
func Noon(c *booking.Campaign) {
	east := 12 - time.Now().UTC().Hour()     // from -11 to 12 hours
	name := fmt.Sprintf("Etc/GMT%+d", -east) // whose signs are those of POSIX
	if east == 0 {
		name = "Etc/GMT"
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the zones come with the program
	}
	c.Zone = zone
}

// BeforeOffer lets only verified people get a slot.
func BeforeOffer(c *booking.Campaign) {
	for i := range c.Cohorts {
		c.Cohorts[i].Verify = booking.BeforeOffer
	}
}

// TwoQueues gives those born from 1970 on a cohort ("young") and a queue ("young") of their own, for the same slots.
func TwoQueues(c *booking.Campaign) {
	young := c.Cohorts[0]
	young.Code, young.Queue, young.BornFrom = "young", "young", booking.Date{Year: 1970, Month: 1, Day: 1}
	c.Cohorts[0].BornTo = booking.Date{Year: 1969, Month: 12, Day: 31}
	c.Cohorts = append(c.Cohorts, young)
}

// Campaign applies a small campaign and returns it, and the set that it is in. It has been open for an hour, its first
// round has come, nobody must be verified to get an offer, arrivals settle at once, and there are no quiet hours. It is
// live, because a rehearsal reaches nobody.
func Campaign(t testing.TB, d *DB, opts ...Options) (*desk.Campaign, *db.Campaigns) {
	t.Helper()
	var now time.Time
	d.Scan(t, `SELECT clock_timestamp()`, nil, &now)
	c := clinic(t, now)
	for _, o := range opts {
		o(c)
	}
	return Apply(t, d, c)
}

// PublicValue names what enters the draws of tests.
const PublicValue = "the numbers of lottery draw 972"

// Drawn is Campaign with a draw: the window opened three hours ago and ended one hour ago, and the commitment was made
// before. The first round was a minute ago.
func Drawn(t testing.TB, d *DB, opts ...Options) (*desk.Campaign, *db.Campaigns) {
	t.Helper()
	var now time.Time
	d.Scan(t, `SELECT clock_timestamp()`, nil, &now)
	c := clinic(t, now)
	for i := range c.Cohorts {
		k := &c.Cohorts[i]
		k.Order, k.PublicValue = booking.ByDraw, PublicValue
		k.Opens, k.Window = now.Add(-3*time.Hour).Truncate(time.Second), now.Add(-time.Hour).Truncate(time.Second)
	}
	for _, o := range opts {
		o(c)
	}
	return applyAt(t, d, c, now.Add(-4*time.Hour))
}

// Apply applies any campaign and returns it as the program holds it.
func Apply(t testing.TB, d *DB, c *booking.Campaign) (*desk.Campaign, *db.Campaigns) {
	t.Helper()
	return applyAt(t, d, c, time.Now())
}

func applyAt(t testing.TB, d *DB, c *booking.Campaign, at time.Time) (*desk.Campaign, *db.Campaigns) {
	t.Helper()
	if _, err := db.Apply(t.Context(), d.Pool, d.Master, c, campaignfile.Digest(c), "test", at); err != nil {
		t.Fatalf("apply the campaign: %v", err)
	}
	set := db.NewCampaigns(d.Pool, d.Master)
	if err := set.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	k, err := set.BySlug(c.Slug)
	if err != nil {
		t.Fatal(err)
	}
	return k, set
}

func clinic(t testing.TB, now time.Time) *booking.Campaign {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	now = now.In(zone).Truncate(time.Second)
	c := &booking.Campaign{
		Slug: Slug, Mode: booking.Live, Names: booking.Names{booking.Korean: "작은 의원", booking.English: "Small clinic"},
		Zone: zone, Langs: []booking.Lang{booking.Korean, booking.English}, Identity: booking.ByPhoneBirthName,
		Phone: "1600-0000", Settle: time.Millisecond, Pools: []string{Pool},
		Cohorts: []booking.Cohort{{
			Code: Cohort, Names: booking.Names{booking.Korean: "모두", booking.English: "everybody"},
			BornFrom: booking.Date{Year: 1900, Month: 1, Day: 1}, BornTo: booking.Date{Year: 2020, Month: 12, Day: 31},
			Opens: now.Add(-time.Hour), Closes: now.Add(Day), FirstRound: now.Add(-time.Minute),
			Order: booking.ByArrival, Verify: booking.ByOffer, Queue: Queue, Pool: Pool, Notice: time.Hour, Declines: 3,
		}},
		Limits: booking.Limits{QuietFrom: 1, QuietTo: 1}.WithDefaults(), // from one to one: never
	}
	for i, code := range []string{Site, "middle", "south"} {
		at := booking.Position{Lat: 37.6 - float64(i)/10, Lon: 127}
		region := code[:1]
		c.Regions = append(c.Regions, booking.Region{
			Code: region, Position: at, Names: booking.Names{booking.Korean: []string{"북구", "중구", "남구"}[i], booking.English: code},
		})
		c.Sites = append(c.Sites, booking.Site{
			Code: code, Region: region, Position: at, Names: booking.Names{booking.Korean: []string{"북", "중앙", "남"}[i] + "센터", booking.English: code},
			Address: booking.Names{booking.English: "1 " + code + " street"},
		})
		for n := range PerSite {
			starts := now.Add(Day).Truncate(time.Hour).Add(time.Duration(n) * time.Hour)
			c.Slots = append(c.Slots, booking.Slot{Site: code, Pool: Pool, Starts: starts, Ends: starts.Add(time.Hour), Capacity: PerSlot})
		}
	}
	return c
}

// Person invents the n-th person (0 to 99,999): the same one for the same n, another identity for another. The phone is
// in a block that no subscriber has.
func Person(n int) booking.Person {
	family := []rune("김이박최정강조윤장임")
	first := []rune("민서준우현지수영하은")
	phone, err := booking.ParseE164(fmt.Sprintf("+8210%08d", n))
	if err != nil {
		panic(err) // n is out of range
	}
	return booking.Person{
		Name:  string([]rune{family[n%10], first[n/10%10], first[n/100%10]}),
		Born:  booking.Date{Year: 1950 + n%40, Month: time.Month(1 + n%12), Day: 1 + n%28},
		Phone: phone,
	}
}

// Application makes what the intake takes for a person who applies now from a device of their own (or, with secret "",
// without one). arrival is our clock.
func Application(t testing.TB, c *desk.Campaign, p booking.Person, arrival time.Time, secret string) desk.Application {
	t.Helper()
	cohort, err := booking.Eligible(c.Campaign, p.Born, arrival)
	if err != nil {
		t.Fatal(err)
	}
	text, err := booking.Identity(c.Identity, p, 0)
	if err != nil {
		t.Fatal(err)
	}
	a := desk.Application{
		Campaign: c.ID, Version: c.Version, ID: c.Keys.ID(text), Queue: c.Queues[cohort.Queue].ID, Cohort: cohort.Code,
		Arrival: arrival.Truncate(time.Microsecond), Door: desk.DoorApp, Actor: "app", Region: Region, Lang: booking.Korean, Verify: cohort.Verify,
	}
	a.Tie = c.Keys.Tie(a.ID)
	if secret != "" {
		device := c.Keys.Device(secret)
		a.Device = &device
	}
	if a.PersonCT, err = c.Keys.SealPerson(a.ID, p); err != nil {
		t.Fatal(err)
	}
	return a
}
