package campaignfile_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"jari/booking"
	"jari/booking/campaignfile"
)

// full is good with everything that may be left out.
var full = strings.NewReplacer(
	"    queue: second", "    queue: second\n    birth_digits: [5, 0]\n    order: draw\n    window: 2027-03-05 18:00\n    public_value: lottery 972\n"+
		"    first_round: 2027-03-08 09:00\n    lapse: 72h\n    expected: 1200",
	"lat: 51.5, lon: -0.1}\n  - {code: hall,", "lat: 51.5, lon: -0.1, tags: [step-free, interpreter-en]}\n  - {code: hall,",
	"limits: {", "limits: {calls_per_second: 3, ",
	"aliases: [The Hill]", `aliases: [The Hill], postcodes: ["01", "030-032"]`,
	"zone: Europe", "keywords: [{ko: 독감, en: flu}, {ko: 인플루엔자, en: influenza}]\nzone: Europe",
).Replace(good) + `announced:
  - {born_from: 1960-01-01, born_to: 1964-12-31, opens: 2027-03-01 08:00, closes: 2027-04-01 18:00}
  - {born_from: 1965-01-01, born_to: 1969-12-31, birth_digits: [0, 5], opens: 2027-03-02 08:00, closes: 2027-04-01 18:00}
series: {doses: 2, least: 21d, most: 42d, same_site: false}
reserves:
  - {cohorts: [older], later: true, sites: [hall], percent: 20, release: 48h}
  - {later: true, sites: [house], percent: 10, release: 2d}
supplies:
  - {sites: all, from: 2027-03-15, to: 2027-03-17, doses: 100}
  - {site: hall, from: 2027-03-18, to: 2027-03-31, doses: 0}
reminders: [day_before]
`

func TestParseReadsPromises(t *testing.T) {
	t.Parallel()
	c, err := parseText(t, full, nil)
	if err != nil {
		t.Fatal(err)
	}
	london := c.Zone
	at := func(month time.Month, day, hour int) time.Time {
		return time.Date(2027, month, day, hour, 0, 0, 0, london)
	}
	if r := c.Regions[0]; len(r.Postcodes) != 2 || r.Postcodes[1] != (booking.Postcodes{From: "030", To: "032"}) || len(c.Keywords) != 2 || c.Keywords[1][booking.English] != "influenza" {
		t.Errorf("%v %v", r.Postcodes, c.Keywords)
	}
	k := c.Cohorts[1]
	if !slices.Equal(k.BirthDigits, []int{0, 5}) || k.Order != booking.ByDraw || !k.Window.Equal(at(3, 5, 18)) || k.PublicValue != "lottery 972" ||
		!k.FirstRound.Equal(at(3, 8, 9)) || k.Lapse != 72*time.Hour || k.Expected != 1200 {
		t.Errorf("cohort %+v", k)
	}
	if k := c.Cohorts[0]; k.BirthDigits != nil || !k.Window.IsZero() || k.Lapse != 0 || k.Expected != 0 {
		t.Errorf("what is left out became %+v", k)
	}
	if got := c.Sites[0].Tags; !slices.Equal(got, []string{"interpreter-en", "step-free"}) || c.Limits.CallsPerSecond != 3 {
		t.Errorf("tags %v, %d calls a second", got, c.Limits.CallsPerSecond)
	}
	digit := []int{0, 5}
	d := func(s string) booking.Date {
		v, err := booking.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	want := booking.Campaign{
		Announced: []booking.Announcement{
			{BornFrom: d("1960-01-01"), BornTo: d("1964-12-31"), Opens: at(3, 1, 8), Closes: at(4, 1, 18)},
			{BornFrom: d("1965-01-01"), BornTo: d("1969-12-31"), BirthDigits: digit, Opens: at(3, 2, 8), Closes: at(4, 1, 18)},
		},
		Series: &booking.Series{Doses: 2, Least: 21 * 24 * time.Hour, Most: 42 * 24 * time.Hour},
		Reserves: []booking.Reserve{
			{Cohorts: []string{"older"}, Later: true, Sites: []string{"hall"}, Percent: 20, Release: 48 * time.Hour},
			{Later: true, Sites: []string{"house"}, Percent: 10, Release: 48 * time.Hour},
		},
		Supplies: []booking.Supply{
			{Site: "hall", From: d("2027-03-15"), To: d("2027-03-17"), Doses: 100},
			{Site: "hall", From: d("2027-03-18"), To: d("2027-03-31")},
			{Site: "house", From: d("2027-03-15"), To: d("2027-03-17"), Doses: 100},
		},
	}
	got := booking.Campaign{Announced: c.Announced, Series: c.Series, Reserves: c.Reserves, Supplies: c.Supplies}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSeriesIsAtTheSameSiteUnlessWritten(t *testing.T) {
	t.Parallel()
	c, err := parseText(t, strings.Replace(full, ", same_site: false", "", 1), nil)
	if err != nil || !c.Series.SameSite {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestEachPromiseProblem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, old, new string // what is changed in full, at its first occurrence
		at             string // a text on the line of the problem
		field, message string
	}{
		{"digit", "birth_digits: [5, 0]", "birth_digits: [10]", "birth_digits: [10]", "cohorts[1].birth_digits[0]", "whole number from 0 to 9"},
		{"digit twice", "birth_digits: [5, 0]", "birth_digits: [5, 0, 5]", "birth_digits: [5", "cohorts[1].birth_digits[2]", "twice"},
		{"no digits", "birth_digits: [5, 0]", "birth_digits: []", "birth_digits: []", "cohorts[1].birth_digits", "list at least one, or leave the key out"},
		{"digits as a number", "birth_digits: [5, 0]", "birth_digits: 5", "birth_digits: 5", "cohorts[1].birth_digits", "must be a list"},
		{"lapse", "lapse: 72h", "lapse: 3", "lapse: 3", "cohorts[1].lapse", "does not fit"},
		{"expected", "expected: 1200", "expected: many", "expected: many", "cohorts[1].expected", "whole number from 1"},
		{"draw without window", "    window: 2027-03-05 18:00\n", "", "code: younger", "cohorts[1].window", "is missing: write until when"},
		{"draw without value", "    public_value: lottery 972\n", "", "code: younger", "cohorts[1].public_value", "is missing: write the public value"},
		{"draw without round", "    first_round: 2027-03-08 09:00\n", "", "code: younger", "cohorts[1].first_round", "is missing: write a time after the window"},
		{"window before opening", "window: 2027-03-05 18:00", "window: 2027-03-02 08:00", "window:", "cohorts[1].window", "is not after the opening"},
		{"window after closing", "window: 2027-03-05 18:00", "window: 2027-04-01 18:01", "window:", "cohorts[1].window", "lies after the closing"},
		{"round in the window", "first_round: 2027-03-08 09:00", "first_round: 2027-03-05 18:00", "first_round:", "cohorts[1].first_round", "is not after the window"},
		{"window without draw", "order: draw", "order: arrival", "window:", "cohorts[1].window", "only goes with order: draw"},
		{"value without draw", "    order: draw\n", "", "public_value:", "cohorts[1].public_value", "only goes with order: draw"},
		{"tag", "tags: [step-free", "tags: [Step free", "code: house", "sites[0].tags[0]", "not a short name"},
		{"tag twice", "tags: [step-free", "tags: [interpreter-en", "code: house", "sites[0].tags[1]", "twice"},
		{"calls", "calls_per_second: 3", "calls_per_second: 0", "limits:", "limits.calls_per_second", "whole number from 1"},
		{"announced births", "born_from: 1960-01-01, born_to: 1964-12-31, opens", "born_from: 1965-01-01, born_to: 1964-12-31, opens", "born_from: 1965-01-01, born_to: 1964", "announced[0].born_to", "exchange the two"},
		{"announced times", "1964-12-31, opens: 2027-03-01 08:00", "1964-12-31, opens: 2027-04-01 18:00", "1964-12-31, opens", "announced[0].closes", "is not after the opening"},
		{"announced without opening", "1964-12-31, opens: 2027-03-01 08:00, ", "1964-12-31, ", "1964-12-31, closes", "announced[0].opens", "is missing"},
		{"announced key", "1964-12-31, opens", "1964-12-31, cohort: older, opens", "cohort: older", "announced[0].cohort", "no such key"},
		{"series doses", "doses: 2, least", "doses: 1, least", "series:", "series.doses", "from 2 to 4"},
		{"series turned round", "least: 21d", "least: 43d", "series:", "series.most", "shorter than least (43d)"},
		{"series length", "least: 21d", "least: three weeks", "series:", "series.least", "such as 21d or 36h"},
		{"series length too long", "most: 42d", "most: 99999999999d", "series:", "series.most", "does not fit"},
		{"series site", "same_site: false", "same_site: no", "series:", "series.same_site", "write true or false"},
		{"reserve for nobody", "{cohorts: [older], later: true, sites: [hall]", "{sites: [hall]", "sites: [hall], percent", "reserves[0]", "is for nobody"},
		{"reserve's cohort", "cohorts: [older]", "cohorts: [oldest]", "cohorts: [oldest]", "reserves[0].cohorts[0]", "there is no cohort"},
		{"reserve's cohort twice", "cohorts: [older]", "cohorts: [older, older]", "cohorts: [older", "reserves[0].cohorts[1]", "twice"},
		{"reserve for doses that are not there", "series: {doses: 2, least: 21d, most: 42d, same_site: false}\n", "", "cohorts: [older], later", "reserves[0].later", "has no series"},
		{"reserve's site", "sites: [house], percent", "sites: [hut], percent", "sites: [hut]", "reserves[1].sites[0]", "there is no site"},
		{"reserve's site held", "sites: [house], percent", "sites: [hall], percent", "sites: [hall], percent: 10", "reserves[1].sites", "hall has a reserve already"},
		{"reserve everywhere held", "sites: [house], percent", "percent", "{later: true, percent: 10", "reserves[1].sites", "hall has a reserve already"},
		{"reserve's part", "percent: 20", "percent: 101", "percent: 101", "reserves[0].percent", "from 1 to 100"},
		{"reserve's release", "release: 48h", "release: 91d", "release: 91d", "reserves[0].release", "from 0s to 90d"},
		{"supply's site", "site: hall, from", "site: hell, from", "site: hell", "supplies[1].site", "there is no site"},
		{"supply without site", "{site: hall, from", "{from", "{from: 2027-03-18", "supplies[1].site", "is missing"},
		{"supply with both", "{site: hall, from", "{site: hall, sites: all, from", "site: hall, sites", "supplies[1].site", "keep one of the two"},
		{"supply turned round", "from: 2027-03-18, to: 2027-03-31", "from: 2027-03-31, to: 2027-03-18", "from: 2027-03-31", "supplies[1].to", "exchange the two"},
		{"supply of another century", "from: 2027-03-18", "from: 1927-03-18", "from: 1927", "supplies[1].from", "do not lie between"},
		{"supplies overlap", "from: 2027-03-18", "from: 2027-03-17", "from: 2027-03-17", "supplies[1].from", "hall has a supply from 2027-03-15 to 2027-03-17 already"},
		{"supply's doses", "doses: 0", "doses: -1", "doses: -1", "supplies[1].doses", "whole number from 0"},
		{"one queue, two orders", "    pool: main\n    queue: second", "    pool: main\n    queue: older", "order: draw", "cohorts[1].order", "the queue older goes by arrival"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(full, tt.old) {
				t.Fatalf("full does not hold %q", tt.old)
			}
			text := strings.Replace(full, tt.old, tt.new, 1)
			_, err := parseText(t, text, nil)
			var all campaignfile.Problems
			if !errors.As(err, &all) {
				t.Fatalf("got %v, want Problems", err)
			}
			line := lineOf(t, text, tt.at)
			for _, p := range all {
				if p.Line == line && p.Field == tt.field && strings.Contains(p.Message, tt.message) {
					return
				}
			}
			t.Errorf("no problem on line %d at %q with %q; got\n%v", line, tt.field, tt.message, err)
		})
	}
}

func TestOneQueueHasOneDraw(t *testing.T) {
	t.Parallel()
	draw := "    queue: one\n    order: draw\n    window: 2027-03-05 18:00\n    public_value: lottery 972\n    first_round: 2027-03-08 09:00\n"
	same := strings.NewReplacer("    pool: main\n  - code: younger", "    pool: main\n"+draw+"  - code: younger", "    queue: second\n", draw).Replace(good)
	same = strings.Replace(same, "opens: 2027-03-02T08:00:00Z", "opens: 2027-03-01 08:00", 1)
	c, err := parseText(t, same, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, drawn, err := booking.QueueDraw(c, "one"); err != nil || !drawn {
		t.Errorf("what the file may say cannot be drawn: %t, %v", drawn, err)
	}
	for _, change := range [][2]string{{"opens: 2027-03-01 08:00", "opens: 2027-03-02 08:00"}, {"window: 2027-03-05", "window: 2027-03-06"}, {"lottery 972", "lottery 973"}} {
		if _, err := parseText(t, strings.Replace(same, change[0], change[1], 1), nil); err == nil || !strings.Contains(err.Error(), "a queue has one draw") {
			t.Errorf("%v: got %v", change, err)
		}
	}
}

// Two groups that share birth dates and times but no birth digit take nobody from each other.
func TestBirthDigitsKeepGroupsApart(t *testing.T) {
	t.Parallel()
	digits := func(a, b string) string {
		return strings.NewReplacer("born_from: 1965-01-01", "born_from: 1960-01-01\n    birth_digits: "+b,
			"born_to: 1964-12-31", "born_to: 1964-12-31\n    birth_digits: "+a).Replace(good)
	}
	for _, tt := range []struct {
		a, b  string
		apart bool
	}{{"[0, 1, 2]", "[3, 4]", true}, {"[0, 1, 2]", "[2, 3]", false}, {"[0]", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 0]", false}} {
		_, err := parseText(t, digits(tt.a, tt.b), nil)
		if (err == nil) != tt.apart {
			t.Errorf("%s and %s: %v", tt.a, tt.b, err)
		}
	}
	// One common day, with a digit that only one of them takes.
	touch := strings.NewReplacer("born_from: 1965-01-01", "born_from: 1964-12-31", "born_to: 1964-12-31", "born_to: 1964-12-31\n    birth_digits: [0, 2]").Replace(good)
	if _, err := parseText(t, touch, nil); err != nil {
		t.Errorf("31 December belongs to one group only: %v", err)
	}
}

func TestTagsFromATable(t *testing.T) {
	t.Parallel()
	table := "code,region,lat,lon,name_ko,name_en,tags\nroom,dock,51.6,-0.21,방,Room,step-free; home-visit\nden,dock,51.6,-0.22,굴,Den,\n"
	c, err := parseText(t, good+"sites_csv: s.csv\n", map[string]string{"s.csv": table})
	if err != nil {
		t.Fatal(err)
	}
	room, _ := c.Site("room")
	den, _ := c.Site("den")
	if !slices.Equal(room.Tags, []string{"home-visit", "step-free"}) || len(den.Tags) != 0 {
		t.Errorf("tags %v and %v", room.Tags, den.Tags)
	}
	_, err = parseText(t, good+"sites_csv: s.csv\n", map[string]string{"s.csv": strings.Replace(table, "home-visit", "Home", 1)})
	if err == nil || !strings.HasPrefix(err.Error(), `dir/s.csv:2: tags: "Home" is not a short name`) {
		t.Errorf("got %v", err)
	}
}

func TestShiftMovesPromises(t *testing.T) {
	t.Parallel()
	a, err := parseText(t, full, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := parseText(t, full, nil)
	if err != nil {
		t.Fatal(err)
	}
	campaignfile.Shift(b, a.Cohorts[0].Opens.AddDate(0, 0, 10))
	by := b.Cohorts[0].Opens.Sub(a.Cohorts[0].Opens)
	if !b.Cohorts[1].Window.Equal(a.Cohorts[1].Window.Add(by)) || !b.Cohorts[0].Window.IsZero() {
		t.Errorf("windows %v, %v", b.Cohorts[1].Window, b.Cohorts[0].Window)
	}
	if !b.Announced[1].Opens.Equal(b.Cohorts[1].Opens) || !b.Announced[1].Closes.Equal(a.Announced[1].Closes.Add(by)) {
		t.Errorf("announced %v to %v", b.Announced[1].Opens, b.Announced[1].Closes)
	}
	if s := b.Supplies[0]; s.From.String() != "2027-03-25" || s.To.String() != "2027-03-27" {
		t.Errorf("supply from %s to %s", s.From, s.To)
	}
}

func TestLinesPointAtTheirThings(t *testing.T) {
	t.Parallel()
	_, lines, err := campaignfile.LoadLines("../../examples/seoul-2021.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(lines.Cohorts) != 3 || len(lines.Announced) != 3 || lines.Series != 0 || lines.Cohorts[1] <= lines.Cohorts[0] || lines.Announced[0] == 0 {
		t.Errorf("%+v", lines)
	}
}
