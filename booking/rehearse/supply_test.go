package rehearse_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/campaignfile"
	"jari/booking/rehearse"
)

// town has one cohort of so many people, two regions with a site each, and ten seats a day at each for so many days from
// 1 March 2027 on; the first round is on 20 February.
func town(people, days int) *booking.Campaign {
	at := func(month time.Month, d, h int) time.Time { return time.Date(2027, month, d, h, 0, 0, 0, time.UTC) }
	c := &booking.Campaign{
		Slug: "town", Zone: time.UTC, Langs: []booking.Lang{booking.English}, Pools: []string{"p"}, Identity: booking.ByPhoneBirthName,
		Limits: booking.Limits{}.WithDefaults(),
		Cohorts: []booking.Cohort{{
			Code: "k", BornFrom: day("1960-01-01"), BornTo: day("1969-12-31"), Opens: at(2, 20, 9), Closes: at(3, 31, 18), FirstRound: at(2, 20, 12),
			Queue: "k", Pool: "p", Notice: 24 * time.Hour, Expected: people,
		}},
		Regions: []booking.Region{{Code: "n", Names: booking.Names{"en": "North"}}, {Code: "s", Names: booking.Names{"en": "South"}}},
		Sites:   []booking.Site{{Code: "n1", Region: "n"}, {Code: "s1", Region: "s"}},
	}
	c.Announced = []booking.Announcement{{BornFrom: day("1960-01-01"), BornTo: day("1969-12-31"), Opens: at(2, 20, 9), Closes: at(3, 31, 18)}}
	for d := range days {
		for _, site := range c.Sites {
			starts := at(3, 1+d, 10)
			c.Slots = append(c.Slots, booking.Slot{Site: site.Code, Pool: "p", Starts: starts, Ends: starts.Add(time.Hour), Capacity: 10})
		}
	}
	return c
}

func check(c *booking.Campaign) *rehearse.Report {
	return rehearse.Check(c, campaignfile.Lines{}, today)
}

func TestSeatsAgainstPeople(t *testing.T) {
	t.Parallel()
	r := check(town(50, 2))
	s := r.Supply
	if s.Seats != 40 || s.Unseated != 10 || s.Days[0].New != 20 || s.Days[0].Wait != 30 || s.Days[1].Wait != 10 {
		t.Errorf("%+v", s)
	}
	if _, ok := find(r, rehearse.Warning, "10 of 50 expected people find no seat"); !ok {
		t.Errorf("%+v", r.Findings)
	}
	if r = check(town(40, 2)); r.Supply.Unseated != 0 || len(r.Findings) != 0 {
		t.Errorf("enough seats: %+v", r.Findings)
	}
}

func TestPeopleWaitForTheirRoundAndNotice(t *testing.T) {
	t.Parallel()
	c := town(20, 3)
	c.Cohorts[0].FirstRound = time.Date(2027, 2, 28, 12, 0, 0, 0, time.UTC) // and a day's notice: 1 March, 12:00, after that day's slot
	if r := check(c); r.Supply.Days[0].New != 0 || r.Supply.Days[1].New != 20 {
		t.Errorf("%+v", r.Supply.Days)
	}
}

func TestDosesBoundSeats(t *testing.T) {
	t.Parallel()
	c := town(40, 2)
	c.Supplies = []booking.Supply{{Site: "n1", From: day("2027-03-01"), To: day("2027-03-02"), Doses: 13}, {Site: "s1", From: day("2027-03-02"), To: day("2027-03-09")}}
	r := check(c)
	s := r.Supply
	if s.Seats != 23 || s.Empty != 17 || s.Days[0].Seats != 20 || s.Days[1].Seats != 3 || s.Unseated != 17 {
		t.Errorf("%+v", s)
	}
	if _, ok := find(r, rehearse.Warning, "17 seats have no dose"); !ok {
		t.Errorf("%+v", r.Findings)
	}
	if g := s.Regions[1]; g.Seats != 10 || g.Expected != 20 || g.Short() != 10 {
		t.Errorf("%+v", g)
	}
	if _, ok := find(r, rehearse.Warning, "2 regions have fewer seats than people, 17 people"); !ok {
		t.Errorf("%+v", r.Findings)
	}
}

func TestRegionWithoutSeats(t *testing.T) {
	t.Parallel()
	c := town(10, 2)
	c.Regions = append(c.Regions, booking.Region{Code: "w", Names: booking.Names{"en": "West"}})
	if _, ok := find(check(c), rehearse.Warning, "1 of 3 regions have no seats at all"); !ok {
		t.Error("the region without seats goes unnoticed")
	}
}

func TestLaterDoses(t *testing.T) {
	t.Parallel()
	series := func(same bool) *booking.Series {
		return &booking.Series{Doses: 2, Least: 7 * 24 * time.Hour, Most: 9 * 24 * time.Hour, SameSite: same}
	}
	// 20 a day for 20 days; 100 people on the first five days, their second doses on days 8 to 12: all in time.
	c := town(100, 20)
	c.Series = series(true)
	r := check(c)
	if s := r.Supply.Series; s.Missed != 0 || r.Supply.Days[7].Later != 20 || r.Supply.Days[11].Later != 20 || r.Errors() != 0 {
		t.Errorf("%+v, %+v", s, r.Supply.Days)
	}
	// With ten days, those of 4 and 5 March find nothing; those of the first three days do.
	c = town(100, 10)
	c.Series = series(true)
	r = check(c)
	if s := r.Supply.Series; s.Missed != 40 || s.After != 40 || s.First != day("2027-03-04") || s.Last != day("2027-03-05") {
		t.Errorf("%+v", s)
	}
	if _, ok := find(r, rehearse.Error, "40 people whose dose before falls between 2027-03-04 and 2027-03-05 find no seat for the next dose within 7 to 9 days"); !ok {
		t.Errorf("%+v", r.Findings)
	}
	// A site that closes after the first week strands its people only if the dose must be at the same site.
	for same, missed := range map[bool]int{true: 50, false: 0} {
		c = town(100, 20)
		for i := range c.Slots {
			if c.Slots[i].Site == "s1" && c.Slots[i].Starts.Day() > 7 {
				c.Slots[i].Capacity = 0
			}
		}
		for i := range c.Slots {
			if c.Slots[i].Site == "n1" && c.Slots[i].Starts.Day() > 7 {
				c.Slots[i].Capacity = 20
			}
		}
		c.Series = series(same)
		r = check(c)
		if s := r.Supply.Series; s.Missed != missed || same && s.Worst != "s1" {
			t.Errorf("same site %t: %+v", same, s)
		}
	}
}

func TestUnknownDemandCountsEverySeat(t *testing.T) {
	t.Parallel()
	c := town(0, 20)
	c.Series = &booking.Series{Doses: 2, Least: 7 * 24 * time.Hour, Most: 9 * 24 * time.Hour}
	r := check(c)
	if r.Supply.Known || r.Supply.Series.Missed == 0 || r.Errors() != 0 || r.Messages.Known {
		t.Errorf("%+v", r.Supply)
	}
	if _, ok := find(r, rehearse.Warning, "if every seat is wanted"); !ok {
		t.Errorf("%+v", r.Findings)
	}
	if _, ok := find(r, rehearse.Note, "does not say how many are expected"); !ok {
		t.Errorf("%+v", r.Findings)
	}
}

func TestOffersAgainstTheFirstAppointment(t *testing.T) {
	t.Parallel()
	c := town(20, 1)
	c.Limits = booking.Limits{TextsPerSecond: 1, TextsPerDay: 1000, QuietFrom: 21, QuietTo: 8}.WithDefaults()
	c.Cohorts[0].FirstRound = time.Date(2027, 2, 27, 22, 0, 0, 0, time.UTC) // in quiet hours
	r := check(c)
	want := time.Date(2027, 2, 28, 8, 0, 20, 0, time.UTC) // the next morning, 20 texts at one a second
	if m := r.Messages; !m.LastOffer.Equal(want) || m.All() != 120 || m.Reminders != 40 || m.Calls != 1 || r.Errors() != 0 || len(m.Late) != 0 {
		t.Errorf("%+v, %+v", m, r.Findings)
	}
	c.Cohorts[0].Verify = booking.ByOffer
	if m := check(c).Messages; m.Proofs != 0 || m.All() != 100 {
		t.Errorf("the answer to the offer is the proof: %+v", m)
	}
	c.Cohorts[0].Verify = booking.BeforeOffer
	// 10 texts a day from 26 February on: the 40 about registering take four days, and the offers come after 1 March.
	c.Limits.TextsPerDay = 10
	c.Cohorts[0].Opens = time.Date(2027, 2, 26, 9, 0, 0, 0, time.UTC)
	c.Announced[0].Opens = c.Cohorts[0].Opens
	r = check(c)
	if _, ok := find(r, rehearse.Error, "the last offer for 2027-03-01 leaves at", "after the first of them has begun"); !ok {
		t.Errorf("%+v, %+v", r.Findings, r.Messages)
	}
	// 30 a day: the last offer leaves on the day before, after the hour that a day's notice leaves.
	c.Limits.TextsPerDay, c.Limits.TextsPerSecond = 30, 1
	c.Cohorts[0].Notice = 26 * time.Hour
	r = check(c)
	if _, ok := find(r, rehearse.Warning, "the last offer for 2027-03-01 leaves at 2027-02-28 08:00", "less than the notice of 1 d 2 h"); !ok || r.Errors() != 0 {
		t.Errorf("%+v, %+v", r.Findings, r.Messages)
	}
}

// What people hear unasked is counted as the campaign has it.
func TestRemindersAndNewsAreCounted(t *testing.T) {
	t.Parallel()
	c := town(20, 1) // 20 seats at most for 20 people
	c.Slots = c.Slots[:1]
	c.Reminders = []booking.Reminding{booking.DayBefore}
	m := check(c).Messages
	if m.Reminders == 0 || m.Reminders != m.Offers || m.News == 0 || m.News != m.NoTime {
		t.Errorf("%+v", m)
	}
	c.Reminders, c.NoNews = []booking.Reminding{}, true
	if m := check(c).Messages; m.Reminders != 0 || m.News != 0 {
		t.Errorf("nobody is to hear unasked: %+v", m)
	}
}

// Nepal's clocks are three quarters of an hour apart from others': quiet hours begin within a half-hour of UTC.
func TestQuietHoursOfEveryZone(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Asia/Kathmandu")
	if err != nil {
		t.Fatal(err)
	}
	c := town(1000, 60)
	c.Zone = zone
	c.Limits = booking.Limits{TextsPerSecond: 1, QuietFrom: 21, QuietTo: 8}.WithDefaults()
	c.Cohorts[0].FirstRound = time.Date(2027, 2, 20, 20, 50, 0, 0, zone) // ten minutes are left for 1,000 offers
	want := time.Date(2027, 2, 21, 8, 6, 40, 0, zone)
	if m := check(c).Messages; !m.LastOffer.Equal(want) {
		t.Errorf("the last offer leaves at %s, want %s", m.LastOffer.In(zone), want)
	}
}

// The smallest campaigns, and days that are easily forgotten: nothing breaks, and every seat is counted.
func TestOddCampaigns(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		people, seats, unseated int
		change                  func(c *booking.Campaign)
	}{
		"nothing at all": {0, 0, 0, func(c *booking.Campaign) { *c = booking.Campaign{Zone: time.UTC} }},
		"one seat":       {1, 1, 0, func(c *booking.Campaign) { c.Slots, c.Slots[0].Capacity = c.Slots[:1], 1 }},
		"one seat for two, half of it kept": {2, 1, 1, func(c *booking.Campaign) {
			c.Slots, c.Slots[0].Capacity = c.Slots[:1], 1
			c.Reserves = []booking.Reserve{{Cohorts: []string{"k"}, Percent: 50}}
		}},
		"one seat, no dose": {1, 0, 1, func(c *booking.Campaign) {
			c.Slots, c.Slots[0].Capacity = c.Slots[:1], 1
			c.Supplies = []booking.Supply{{Site: "n1", From: day("2027-03-01"), To: day("2027-03-01")}}
		}},
		"over a leap day": {20, 20, 0, func(c *booking.Campaign) {
			opens := time.Date(2028, 2, 28, 23, 0, 0, 0, time.UTC)
			k := &c.Cohorts[0]
			k.BornFrom, k.BornTo, k.Opens, k.FirstRound, k.Closes = day("1968-02-29"), day("1968-02-29"), opens, opens.Add(2*time.Hour), opens.AddDate(0, 0, 2)
			for i := range c.Slots {
				c.Slots[i].Starts = time.Date(2028, 3, 1, 10, 0, 0, 0, time.UTC)
			}
		}},
		"over a year's end": {20, 20, 0, func(c *booking.Campaign) {
			c.Slots[1].Starts = time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
			c.Slots[0].Starts = c.Slots[1].Starts.Add(-time.Hour)
		}},
	} {
		c := town(tt.people, 1)
		tt.change(c)
		r := check(c)
		if err := errors.Join(r.WriteText(io.Discard), r.WritePage(io.Discard)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if s := r.Supply; s.Seats != tt.seats || s.Unseated != tt.unseated {
			t.Errorf("%s: %d seats, %d people without, %+v", name, s.Seats, s.Unseated, r.Findings)
		}
		for _, g := range r.Groups {
			if name == "over a leap day" && g.From == day("1968-02-29") && (g.To != g.From || g.Days != 1) {
				t.Errorf("%s: %+v", name, g)
			}
		}
	}
}

func TestIdentityInWords(t *testing.T) {
	t.Parallel()
	c := town(1000, 60)
	all := strings.Join(check(c).Identity, "\n")
	for _, want := range []string{"two phones is two people", "twins of one name", "between 50 and 190", "at most 6 people"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in\n%s", want, all)
		}
	}
	c.Identity, c.Number = booking.ByNumber, "^[0-9]{8}$"
	if all = strings.Join(check(c).Identity, "\n"); !strings.Contains(all, "A wrong number that fits the pattern") || strings.Contains(all, "two phones") {
		t.Error(all)
	}
}

func TestTextAndPage(t *testing.T) {
	t.Parallel()
	c := town(50, 2)
	c.Slug = "town<b>"
	c.Series = &booking.Series{Doses: 2, Least: 7 * 24 * time.Hour, Most: 9 * 24 * time.Hour, SameSite: true}
	r := check(c)
	var text, page bytes.Buffer
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2027-03-01 ████████████████████████████████████████ 20 of 20, 30 waiting", "20 seats for 25 people, 5 short", "✗", "WRONG", "find no seat in time"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in\n%s", want, text.String())
		}
	}
	if err := r.WritePage(&page); err != nil {
		t.Fatal(err)
	}
	html := page.String()
	for _, want := range []string{"<svg", "20 of 20 seats, 30 waiting", "town&lt;b&gt;", "prefers-color-scheme: dark", "2027-03-02: 10 seats", r.Verdict()} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing in the page", want)
		}
	}
	for _, never := range []string{"<script", "http://", "https://", "url(", "<link", "<b>"} {
		if strings.Contains(html, never) {
			t.Errorf("the page holds %q", never)
		}
	}
}

func TestManyDaysAreDrawnAsWeeks(t *testing.T) {
	t.Parallel()
	days, step := check(town(100, 100)).Supply.Weeks()
	if step != 7 || len(days) != 15 || days[0].Seats != 140 || days[0].New != 100 {
		t.Errorf("%d days each, %+v", step, days)
	}
}

// Without slots no offer leaves, so that no instant of one is named; and one of a thing is not several.
func TestWithoutSlotsNoOfferLeaves(t *testing.T) {
	t.Parallel()
	c, lines := example(t, "seoul-2021.yaml")
	c.Slots, c.Sites, c.Regions = nil, c.Sites[:1], c.Regions[:1]
	r := rehearse.Check(c, lines, today)
	var text, page bytes.Buffer
	if err := errors.Join(r.WriteText(&text), r.WritePage(&page)); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]string{"text": text.String(), "page": page.String()} {
		if strings.Contains(s, "0001-01-01") || !strings.Contains(s, "there is no offer to send") {
			t.Errorf("the %s names the last offer of none:\n%s", name, s)
		}
	}
	for _, want := range []string{"3 cohorts, 1 site, 0 slots", "0 offers"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing:\n%s", want, text.String())
		}
	}
}
