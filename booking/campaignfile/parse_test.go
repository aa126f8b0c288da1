package campaignfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/campaignfile"
)

// good is a small campaign without problems. The tables below change one line of it.
const good = `slug: spring
mode: rehearsal
names: {ko: 봄, en: Spring}
zone: Europe/London
languages: [en, ko]
identity: phone_birth_name
phone: 020 7946 0123
limits: {allowed_prefixes: ["+44"], quiet: {from: 20, to: 9}}
rehearsal_phones: ["+44 7700 900101"]
pools: [main, other]
regions:
  - {code: hill, names: {ko: 언덕, en: Hill}, aliases: [The Hill], lat: 51.5, lon: -0.1}
  - {code: dock, names: {ko: 부두, en: Dock}, lat: 51.6, lon: -0.2}
cohorts:
  - code: older
    names: {ko: 가, en: A}
    born_from: 1960-01-01
    born_to: 1964-12-31
    opens: 2027-03-01 08:00
    closes: 2027-04-01 18:00
    pool: main
  - code: younger
    names: {ko: 나, en: B}
    born_from: 1965-01-01
    born_to: 1969-12-31
    opens: 2027-03-02T08:00:00Z
    closes: 2027-04-01 18:00
    pool: main
    queue: second
sites:
  - {code: house, region: hill, names: {ko: 집, en: House}, lat: 51.5, lon: -0.1}
  - {code: hall, region: dock, names: {ko: 강당, en: Hall}, lat: 51.6, lon: -0.2}
slots:
  - sites: all
    pool: main
    days: {from: 2027-03-15, to: 2027-03-21, weekdays: [mon, wed], except: [2027-03-17]}
    hours: [{from: "09:00", to: "10:25"}]
    every: 20m
    capacity: 2
  - sites: [hall]
    pool: other
    days: {from: 2027-03-20, to: 2027-03-20}
    hours: [{from: "22:00", to: "24:00"}]
    every: 2h
    capacity: 5
`

func noTables(string) ([]byte, error) { return nil, fs.ErrNotExist }

func parseText(t *testing.T, text string, tables map[string]string) (*booking.Campaign, error) {
	t.Helper()
	return campaignfile.Parse("dir/c.yaml", []byte(text), func(name string) ([]byte, error) {
		s, ok := tables[name]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: "dir/" + name, Err: fs.ErrNotExist}
		}
		return []byte(s), nil
	})
}

func TestParseReadsPhoneLimit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{good: 40, strings.Replace(good, "quiet: {", "texts_per_phone_day: 7, quiet: {", 1): 7} {
		c, err := parseText(t, text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Limits.TextsPerPhoneDay; got != want {
			t.Errorf("%d texts a day to one phone, want %d", got, want)
		}
	}
}

func TestParseReadsEverything(t *testing.T) {
	t.Parallel()
	c, err := parseText(t, good, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Slug != "spring" || c.Mode != booking.Rehearsal || c.Zone.String() != "Europe/London" || c.Langs[0] != booking.English ||
		c.Names[booking.Korean] != "봄" || c.Phone != "020 7946 0123" || c.Identity != booking.ByPhoneBirthName {
		t.Errorf("head: %+v", c)
	}
	if c.Settle != 30*time.Second || c.Limits.PeoplePerPhone != 6 || c.Limits.QuietFrom != 20 || c.Limits.AllowedPrefixes[0] != "+44" {
		t.Errorf("defaults and limits: %v %+v", c.Settle, c.Limits)
	}
	if len(c.RehearsalPhones) != 1 || c.RehearsalPhones[0].E164() != "+447700900101" {
		t.Errorf("rehearsal phones: %d", len(c.RehearsalPhones))
	}
	k := c.Cohorts[0]
	opens := time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)
	if !k.Opens.Equal(opens) || !k.FirstRound.Equal(opens.Add(15*time.Minute)) || k.Order != booking.ByArrival ||
		k.Verify != booking.BeforeOffer || k.Queue != "older" || k.Notice != 24*time.Hour || k.Declines != 3 {
		t.Errorf("cohort defaults: %+v", k)
	}
	if !k.Closes.Equal(time.Date(2027, 4, 1, 17, 0, 0, 0, time.UTC)) {
		t.Errorf("closes %v: want 18:00 summer time", k.Closes)
	}
	if c.Cohorts[1].Queue != "second" || !c.Cohorts[1].Opens.Equal(opens.AddDate(0, 0, 1)) {
		t.Errorf("second cohort: %+v", c.Cohorts[1])
	}
	// One Monday, four slots of 20 minutes before 10:25, at two sites; and one that ends at midnight.
	if len(c.Slots) != 9 {
		t.Fatalf("%d slots, want 9", len(c.Slots))
	}
	if s := c.Slots[0]; s.Site != "hall" || s.Pool != "main" || s.Capacity != 2 || s.Ends.Sub(s.Starts) != 20*time.Minute ||
		!s.Starts.Equal(time.Date(2027, 3, 15, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("first slot: %+v", s)
	}
	if s := c.Slots[8]; s.Pool != "other" || !s.Ends.Equal(time.Date(2027, 3, 21, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("last slot: %+v", s)
	}
}

// lineOf is the line on which a text begins.
func lineOf(t *testing.T, text, part string) int {
	t.Helper()
	i := strings.Index(text, part)
	if i < 0 {
		t.Fatalf("the text does not hold %q", part)
	}
	return 1 + strings.Count(text[:i], "\n")
}

func TestEachProblem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		old, new string // what is changed in good, at its first occurrence
		at       string // a text on the line of the problem
		field    string
		message  string // a part of the message
	}{
		{"slug", "slug: spring", "slug: Spring!", "slug:", "slug", "not a short name"},
		{"slug missing", "slug: spring", "# none", "mode:", "slug", "is missing: write"},
		{"slug empty", "slug: spring", "slug:", "slug:", "slug", "is missing: write"},
		{"slug is a list", "slug: spring", "slug: [a]", "slug:", "slug", "must be a single value, not a list"},
		{"slug with an anchor", "slug: spring", "slug: &a spring", "slug:", "slug", "not used in campaign files"},
		{"unknown key", "slug: spring", "slug: spring\ncolour: red", "colour:", "colour", "no such key here"},
		{"merge key", "slug: spring", "slug: spring\n<<: {a: b}", "<<", "<<", "no such key here"},
		{"repeated key", "zone: Europe/London", "zone: Europe/London\nslug: other", "slug: other", "slug", "second time (first on line 1)"},
		{"mode", "mode: rehearsal", "mode: test", "mode:", "mode", "write rehearsal or live"},
		{"zone", "Europe/London", "Europe/Atlantis", "zone:", "zone", "not a time zone"},
		{"zone of the server", "Europe/London", "Local", "zone:", "zone", "not a time zone"},
		{"language", "languages: [en, ko]", "languages: [en, fr]", "languages:", "languages[1]", "write ko or en"},
		{"language twice", "languages: [en, ko]", "languages: [en, ko, en]", "languages:", "languages[2]", "twice"},
		{"no languages", "languages: [en, ko]", "languages: []", "languages:", "languages", "is empty: list at least one"},
		{"name in one language only", "names: {ko: 봄, en: Spring}", "names: {en: Spring}", "names:", "names.ko", "is missing: write it in this language"},
		{"name in a foreign language", "names: {ko: 봄, en: Spring}", "names: {ko: 봄, en: Spring, fr: P}", "names:", "names.fr", "the keys are en, ko"},
		{"name too long", "en: Spring", "en: " + strings.Repeat("x", 201), "names:", "names.en", "longer than 200"},
		{"name with a control character", "en: Spring", `en: "a\tb"`, "names:", "names.en", "control character"},
		{"name that cannot be seen", "en: Spring", `en: "\u200b"`, "names:", "names.en", "cannot be seen"},
		{"name that turns the direction round", "en: Spring", `en: "a\u202eb"`, "names:", "names.en", "cannot be seen"},
		{"name of signs", "en: Spring", `en: "..."`, "names:", "names.en", "is empty"},
		{"identity", "phone_birth_name", "name", "identity:", "identity", "write phone_birth_name or number"},
		{"number without pattern", "identity: phone_birth_name", "identity: number", "slug:", "number", "is missing: write the pattern"},
		{"pattern without the rule", "identity: phone_birth_name", "identity: phone_birth_name\nnumber: ^a$", "number: ^a$", "number", "only goes with identity: number"},
		{"pattern broken", "identity: phone_birth_name", "identity: number\nnumber: ^[a$", "number: ^", "number", "not a regular expression"},
		{"pattern open", "identity: phone_birth_name", "identity: number\nnumber: '[0-9]{8}'", "number: '", "number", "begin with ^"},
		{"pattern of nothing", "identity: phone_birth_name", "identity: number\nnumber: ^[0-9]*$", "number: ^", "number", "matches nothing at all"},
		{"phone", "020 7946 0123", "call us", "phone:", "phone", "not a number that people can dial"},
		{"settle", "mode: rehearsal", "mode: rehearsal\nsettle: 6m", "settle:", "settle", "from 1ms to 5m"},
		{"settle zero", "mode: rehearsal", "mode: rehearsal\nsettle: 0s", "settle:", "settle", "does not fit"},
		{"limit zero", "quiet: {from: 20, to: 9}", "people_per_phone: 0", "limits:", "limits.people_per_phone", "whole number from 1"},
		{"phone limit zero", "quiet: {from: 20, to: 9}", "texts_per_phone_day: 0", "limits:", "limits.texts_per_phone_day", "whole number from 1"},
		{"limit unknown", "quiet: {from: 20, to: 9}", "people: 1", "limits:", "limits.people", "no such key"},
		{"quiet the same", "{from: 20, to: 9}", "{from: 9, to: 9}", "limits:", "limits.quiet", "two different hours"},
		{"quiet half", "{from: 20, to: 9}", "{from: 20}", "limits:", "limits.quiet.to", "is missing"},
		{"codes an hour", "quiet: {from: 20, to: 9}", "codes_per_phone_hour: 9", "limits:", "limits.codes_per_phone_hour", "only 6 a day"},
		{"prefix", `["+44"]`, `["+44", "0044"]`, "limits:", "limits.allowed_prefixes[1]", "not a country prefix"},
		{"rehearsal phone", "+44 7700 900101", "07700 900101", "rehearsal_phones:", "rehearsal_phones[0]", "not a whole telephone number"},
		{"rehearsal phone abroad", "+44 7700 900101", "+82 10 0000 0001", "rehearsal_phones:", "rehearsal_phones[0]", "outside limits.allowed_prefixes"},
		{"rehearsal phone twice", `["+44 7700 900101"]`, `["+447700900101", "+44 7700-900101"]`, "rehearsal_phones:", "rehearsal_phones[1]", "twice"},
		{"rehearsal without phones", `rehearsal_phones: ["+44 7700 900101"]`, "", "slug:", "rehearsal_phones", "reaches only the phones listed"},
		{"pools missing", "pools: [main, other]", "", "slug:", "pools", "is missing"},
		{"pool twice", "[main, other]", "[main, other, main]", "pools:", "pools[2]", "twice"},
		{"region twice", "code: dock, names", "code: hill, names", "code: hill, names: {ko: 부두", "regions[1].code", "already a region hill"},
		{"region out of range", "lat: 51.5, lon: -0.1}", "lat: 91, lon: -0.1}", "lat: 91", "regions[0].lat", "degrees from -90 to 90"},
		{"region nowhere", "lat: 51.6, lon: -0.2}", "lat: 0, lon: 0}", "lat: 0", "regions[1].lat", "Atlantic"},
		{"region without position", "lat: 51.6, lon: -0.2}", "lat: 51.6}", "lat: 51.6}", "regions[1].lon", "is missing"},
		{"alias of another region", "aliases: [The Hill]", "aliases: [DOCK]", "code: dock", "regions[1].names", `could also mean the region hill (line 12)`},
		{"postcodes", "aliases: [The Hill]", `aliases: [The Hill], postcodes: ["064-060"]`, "code: hill", "regions[0].postcodes[0]", "no range of postcodes"},
		{"postcodes of another region", "lat: 51.6, lon: -0.2}", `postcodes: ["030-035"], lat: 51.6, lon: -0.2}
  - {code: moor, names: {ko: 들, en: Moor}, postcodes: ["0312"], lat: 51.7, lon: -0.3}`, "code: moor", "regions[2].postcodes[0]", "that dock (line 13) also has"},
		{"keyword too short", "mode: rehearsal", "mode: rehearsal\nkeywords: [{ko: 독, en: flu}]", "keywords:", "keywords[0]", "no word of 2 to 12 letters"},
		{"keyword with a digit", "mode: rehearsal", "mode: rehearsal\nkeywords: [{ko: 독감, en: covid19}]", "keywords:", "keywords[0]", "no word of 2 to 12 letters"},
		{"keyword that is a place", "mode: rehearsal", "mode: rehearsal\nkeywords: [{ko: 언덕, en: flu}]", "keywords:", "keywords[0]", "already means the region hill"},
		{"keyword twice", "mode: rehearsal", "mode: rehearsal\nkeywords: [{ko: 독감, en: flu}, {ko: 감기, en: Flu}]", "keywords:", "keywords[1]", "stands here twice"},
		{"cohort code twice", "code: younger", "code: older", "code: older\n    names: {ko: 나", "cohorts[1].code", "already a cohort older"},
		{"birth date", "1960-01-01", "1960-02-30", "born_from", "cohorts[0].born_from", "not a day of the calendar"},
		{"birth dates turned round", "born_from: 1960-01-01", "born_from: 1965-01-01", "born_to: 1964", "cohorts[0].born_to", "exchange the two"},
		{"time", "2027-03-01 08:00", "1 March", "opens: 1 March", "cohorts[0].opens", "is not a time"},
		{"time in the gap", "2027-03-01 08:00", "2027-03-28 01:30", "opens: 2027-03-28", "cohorts[0].opens", "does not exist"},
		{"time that happens twice", "closes: 2027-04-01 18:00", "closes: 2027-10-31 01:30", "closes: 2027-10-31", "cohorts[0].closes", "happens twice"},
		{"time finer than a second", "2027-03-02T08:00:00Z", "2027-03-02T08:00:00.5Z", "opens: 2027-03-02", "cohorts[1].opens", "finer than a second"},
		{"closing before opening", "closes: 2027-04-01 18:00", "closes: 2027-03-01 08:00", "closes: 2027-03-01", "cohorts[0].closes", "not after the opening"},
		{"year with a digit less", "2027-03-01 08:00", "0207-03-01 08:00", "opens: 0207", "cohorts[0].opens", "not a time between 2000 and 2100"},
		{"year beyond the board", "closes: 2027-04-01 18:00", "closes: 2100-01-01 00:00", "closes: 2100", "cohorts[0].closes", "not a time between 2000 and 2100"},
		{"grid of another century", "{from: 2027-03-20, to: 2027-03-20}", "{from: 1927-03-20, to: 1927-03-20}", "1927", "slots[1].days", "do not lie between"},
		{"grid of the next century", "{from: 2027-03-20, to: 2027-03-20}", "{from: 2106-03-20, to: 2106-03-20}", "2106", "slots[1].days", "do not lie between"},
		{"first round before opening", "    pool: main", "    first_round: 2027-03-01 07:59\n    pool: main", "first_round", "cohorts[0].first_round", "lies before the opening"},
		{"order", "    pool: main", "    order: luck\n    pool: main", "order: luck", "cohorts[0].order", "write arrival or draw"},
		{"verify", "    pool: main", "    verify: never\n    pool: main", "verify:", "cohorts[0].verify", "write before_offer or by_offer"},
		{"queue", "queue: second", "queue: No. 2", "queue:", "cohorts[1].queue", "not a short name"},
		{"cohort's pool unknown", "    pool: main", "    pool: mian", "pool: mian", "cohorts[0].pool", "there is no pool"},
		{"cohort's pool missing", "    pool: main\n", "", "code: older", "cohorts[0].pool", "is missing"},
		{"notice", "    pool: main", "    notice: -1h\n    pool: main", "notice", "cohorts[0].notice", "does not fit"},
		{"declines", "    pool: main", "    declines: many\n    pool: main", "declines", "cohorts[0].declines", "whole number from 1"},
		{"one queue of two pools", "    pool: main\n    queue: second", "    pool: other\n    queue: older", "pool: other", "cohorts[1].pool", "from the pool main (cohort older)"},
		{"overlapping births", "born_from: 1965-01-01", "born_from: 1964-12-31", "born_from: 1964-12-31", "cohorts[1].born_from", "cohort older takes too (line 15, 1964-12-31 for one)"},
		{"cohorts missing", "cohorts:", "sites_csv: a.csv\ncohort:", "cohort:", "cohort", "no such key"},
		{"site's region", "code: house, region: hill", "code: house, region: hall", "code: house", "sites[0].region", "there is no region"},
		{"site twice", "code: hall, region", "code: house, region", "names: {ko: 강당", "sites[1].code", "already a site house"},
		{"site's address", "{code: house,", "{address: {en: 1 Example Street}, code: house,", "code: house", "sites[0].address.ko", "is missing"},
		{"grid's site", "sites: [hall]", "sites: [hall, hull]", "sites: [hall", "slots[1].sites[1]", "there is no site"},
		{"grid's site twice", "sites: [hall]", "sites: [hall, hall]", "sites: [hall", "slots[1].sites[1]", "twice"},
		{"grid's sites as a word", "sites: all", "sites: every", "sites: every", "slots[0].sites", "must be a list"},
		{"grid's pool", "    pool: other\n    days", "    pool: others\n    days", "pool: others", "slots[1].pool", "there is no pool"},
		{"grid's days turned round", "to: 2027-03-21", "to: 2027-03-14", "to: 2027-03-14", "slots[0].days.to", "exchange the two"},
		{"grid's days too many", "to: 2027-03-21", "to: 2029-03-21", "to: 2029-03-21", "slots[0].days.to", "more than 731 days"},
		{"weekday", "[mon, wed]", "[mon, wday]", "wday", "slots[0].days.weekdays[1]", "not a day of the week"},
		{"no day left", "[mon, wed]", "[wed]", "weekdays: [wed]", "slots[0].days", "no day is left"},
		{"except outside", "except: [2027-03-17]", "except: [2027-04-17]", "except", "slots[0].days.except[0]", "lies outside"},
		{"hour", `from: "09:00"`, `from: "9"`, `from: "9"`, "slots[0].hours[0].from", "not an hour of the day"},
		{"hours turned round", `from: "09:00"`, `from: "11:00"`, `from: "11:00"`, "slots[0].hours[0].to", "not after from"},
		{"hours too short", `to: "10:25"`, `to: "09:10"`, `to: "09:10"`, "slots[0].hours[0].to", "no slot of 20m fits"},
		{"hours overlap", `to: "10:25"}`, `to: "10:25"}, {from: "10:00", to: "11:00"}`, `to: "11:00"`, "slots[0].hours[1]", "overlaps"},
		{"every", "every: 20m", "every: 90s", "every: 90s", "slots[0].every", "whole minutes"},
		{"capacity", "capacity: 2", "capacity: 0", "capacity: 0", "slots[0].capacity", "whole number from 1"},
		{"slot twice", "days: {from: 2027-03-20, to: 2027-03-20}\n    hours: [{from: \"22:00\", to: \"24:00\"}]\n    every: 2h",
			"days: {from: 2027-03-15, to: 2027-03-15}\n    hours: [{from: \"09:00\", to: \"10:00\"}]\n    every: 20m",
			"- sites: [hall]", "slots[1]", "hall already has a slot at 2027-03-15 09:00, and 2 more like this"},
		{"slot in the gap", "days: {from: 2027-03-20, to: 2027-03-20}\n    hours: [{from: \"22:00\", to: \"24:00\"}]\n    every: 2h",
			"days: {from: 2027-03-28, to: 2027-03-28}\n    hours: [{from: \"01:00\", to: \"01:30\"}]\n    every: 30m",
			"from: \"01:00\"", "slots[1].hours", `the slot "2027-03-28 01:00" does not exist`},
		{"slot that ends in the gap", "days: {from: 2027-03-20, to: 2027-03-20}\n    hours: [{from: \"22:00\", to: \"24:00\"}]\n    every: 2h",
			"days: {from: 2027-03-28, to: 2027-03-28}\n    hours: [{from: \"00:30\", to: \"01:00\"}]\n    every: 30m",
			"from: \"00:30\"", "slots[1].hours", `the slot "2027-03-28 00:30" ends at 01:00, which does not exist`},
		{"slot over the gap", "days: {from: 2027-03-20, to: 2027-03-20}\n    hours: [{from: \"22:00\", to: \"24:00\"}]\n    every: 2h",
			"days: {from: 2027-03-28, to: 2027-03-28}\n    hours: [{from: \"00:30\", to: \"02:30\"}]\n    every: 2h",
			"from: \"00:30\"", "slots[1].hours", `is not 2h long`},
		{"table missing", "slots:", "sites_csv: a.csv\nslots:", "sites_csv", "sites_csv", `"a.csv" cannot be read`},
		{"table elsewhere", "slots:", "sites_csv: ../a.csv\nslots:", "sites_csv", "sites_csv", "must lie beside"},
		{"second document", "slots:", "---\nslots:", "---", "", "second document"},
		{"not YAML", "sites: all", "\tsites: all", "\tsites: all", "", "this is not YAML"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(good, tt.old) {
				t.Fatalf("good does not hold %q", tt.old)
			}
			text := strings.Replace(good, tt.old, tt.new, 1)
			_, err := parseText(t, text, nil)
			var all campaignfile.Problems
			if !errors.As(err, &all) {
				t.Fatalf("got %v, want Problems", err)
			}
			line := lineOf(t, text, tt.at)
			for _, p := range all {
				if p.File == "dir/c.yaml" && p.Line == line && p.Field == tt.field && strings.Contains(p.Message, tt.message) {
					return
				}
			}
			t.Errorf("no problem on line %d at %q with %q; got\n%v", line, tt.field, tt.message, err)
		})
	}
}

func TestOneMistakeIsOneProblem(t *testing.T) {
	t.Parallel()
	for _, change := range [][2]string{
		{"slug: spring", "slug: -a"}, {"born_from: 1960-01-01", "born_from: x"}, {"opens: 2027-03-01 08:00", "opens: x"},
		{"zone: Europe/London", "zone: x"}, {"pools: [main, other]", "pools: [main, other, '']"}, {"every: 20m", "every: x"},
		{"languages: [en, ko]", "# no languages"}, {"sites: [hall]", "sites: [x]"}, {"  - sites: all", "  - sites: {}"},
	} {
		_, err := parseText(t, strings.Replace(good, change[0], change[1], 1), nil)
		var all campaignfile.Problems
		if !errors.As(err, &all) || len(all) != 1 {
			t.Errorf("%q: want one problem, got\n%v", change[1], err)
		}
	}
}

func TestEverythingIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("slug: spring", "slug: .", "mode: rehearsal", "mode: x", "every: 2h", "every: 2y", "lat: 51.6", "lat: x").Replace(good)
	_, err := parseText(t, text, nil)
	var all campaignfile.Problems
	if !errors.As(err, &all) || len(all) != 5 {
		t.Fatalf("want five problems, got\n%v", err)
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[0], "dir/c.yaml:1: slug: ") || !strings.HasPrefix(lines[4], "dir/c.yaml:44: slots[1].every: ") {
		t.Errorf("got\n%v", err)
	}
}

func TestTooManyProblemsAreCounted(t *testing.T) {
	t.Parallel()
	_, err := parseText(t, strings.Repeat("x: 1\n", 1500), nil)
	var all campaignfile.Problems
	if !errors.As(err, &all) || len(all) != 1001 || !strings.HasPrefix(all[1000].Message, "and ") {
		t.Errorf("got %d problems", len(all))
	}
}

func TestPhonesStayOutOfProblems(t *testing.T) {
	t.Parallel()
	text := strings.Replace(good, "+44 7700 900101", "+82 10 0000 0777", 1)
	if _, err := parseText(t, text, nil); err == nil || strings.Contains(err.Error(), "0777") {
		t.Errorf("got %v", err)
	}
}

func TestWholeFileProblems(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "only a comment": "# hello\n", "a word": "hello", "a list": "- a\n", "too large": strings.Repeat("#", 9<<20),
		"too deep": strings.Repeat("[", 100_000), "dashes": strings.Repeat("- ", 100_000), "a null": "~", "open bracket": "a: [1, 2",
	} {
		var all campaignfile.Problems
		if _, err := campaignfile.Parse("c.yaml", []byte(text), noTables); !errors.As(err, &all) {
			t.Errorf("%s: got %v, want Problems", name, err)
		}
	}
}

func TestOnePoolNeedsNoMention(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("pools: [main, other]", "pools: [main]", "    pool: main\n", "", "    pool: other\n", "").Replace(good)
	c, err := parseText(t, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Cohorts[0].Pool != "main" || c.Slots[0].Pool != "main" {
		t.Errorf("pools %q and %q, want main", c.Cohorts[0].Pool, c.Slots[0].Pool)
	}
}

func TestOverlapIsAllowedInOneQueueOrAfterwards(t *testing.T) {
	t.Parallel()
	same := strings.NewReplacer("born_from: 1965", "born_from: 1962", "queue: second", "queue: older", "opens: 2027-03-02T08:00:00Z", "opens: 2027-03-01 08:00").Replace(good)
	apart := strings.NewReplacer("queue: second", "queue: older").Replace(good)
	if _, err := parseText(t, apart, nil); err == nil || !strings.Contains(err.Error(), "one first round") {
		t.Errorf("two first rounds in one queue: %v", err)
	}
	later := strings.NewReplacer("born_from: 1965", "born_from: 1962", "opens: 2027-03-02T08:00:00Z", "opens: 2027-04-01 18:00",
		"closes: 2027-04-01 18:00\n    pool: main\n    queue", "closes: 2027-04-02 18:00\n    pool: main\n    queue").Replace(good)
	for name, text := range map[string]string{"same queue": same, "one after the other": later} {
		if _, err := parseText(t, text, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	text := good + "sites_csv: s.csv\nslots_csv: sub/t.csv\n"
	sites := "\xef\xbb\xbfname_ko,name_en,code,region,lat,lon,address_en,address_ko\r\n방,Room,room,dock,51.6,-0.21,\"1, Example Street\",길 1\r\n"
	slots := "site,pool,starts,ends,capacity\nroom,main,2027-03-15 11:00,2027-03-15 11:30,4\nroom,other,2027-10-31T01:30:00Z,2027-10-31T02:00:00Z,1\n"
	c, err := parseText(t, text, map[string]string{"s.csv": sites, "sub/t.csv": slots})
	if err != nil {
		t.Fatal(err)
	}
	s, ok := c.Site("room")
	if !ok || s.Names[booking.Korean] != "방" || s.Address[booking.English] != "1, Example Street" || s.Lon != -0.21 {
		t.Errorf("site: %+v", s)
	}
	// The grid for all sites includes the table's site: four slots more, and the two of the table.
	if len(c.Slots) != 15 {
		t.Errorf("%d slots, want 15", len(c.Slots))
	}
}

func TestTableProblems(t *testing.T) {
	t.Parallel()
	const siteHead, slotHead = "code,region,lat,lon,name_ko,name_en\n", "site,pool,starts,ends,capacity\n"
	tests := []struct {
		name, sites, slots string
		want               string // a whole beginning of a problem
	}{
		{"no header", "", slotHead, "dir/s.csv:1: has no header"},
		{"missing column", "code,region,lat,lon,name_ko\n", slotHead, `dir/s.csv:1: the column "name_en" is missing`},
		{"unknown column", "code,region,lat,lon,name_ko,name_en,colour\n", slotHead, `dir/s.csv:1: there is no column "colour"`},
		{"column twice", "code,region,lat,lon,name_ko,name_en,lat\n", slotHead, `dir/s.csv:1: the column "lat" stands here twice`},
		{"too few values", siteHead + "room,dock\n", slotHead, "dir/s.csv:2: has 2 values under 6 columns"},
		{"quotes", siteHead + "room,dock,1,1,가,\"A\" b\n", slotHead, "dir/s.csv:2: the quotes in this line"},
		{"region", siteHead + "\nroom,dick,1,1,가,A\n", slotHead, "dir/s.csv:3: region: there is no region"},
		{"latitude", siteHead + "room,dock,x,1,가,A\n", slotHead, "dir/s.csv:2: lat: \"x\" does not fit"},
		{"name", siteHead + "room,dock,1,1,,A\n", slotHead, "dir/s.csv:2: name_ko: is empty"},
		{"known already", siteHead + "house,dock,1,1,가,A\n", slotHead, "dir/s.csv:2: code: there is already a site house (dir/c.yaml line 31)"},
		{"slot's site", siteHead, slotHead + "room,main,2027-03-15 09:00,2027-03-15 09:30,4\n", "dir/t.csv:2: site: there is no site"},
		{"slot's pool", siteHead, slotHead + "hall,mine,2027-03-15 12:00,2027-03-15 12:30,4\n", "dir/t.csv:2: pool: there is no pool"},
		{"slot's pool empty", siteHead, slotHead + "hall,,2027-03-15 12:00,2027-03-15 12:30,4\n", "dir/t.csv:2: pool: is empty"},
		{"slot's time", siteHead, slotHead + "hall,main,2027-03-28 01:00,2027-03-28 02:30,4\n", "dir/t.csv:2: starts: \"2027-03-28 01:00\" does not exist"},
		{"slot's end", siteHead, slotHead + "hall,main,2027-03-15 12:00,2027-03-15 12:00,4\n", "dir/t.csv:2: ends: must lie after starts"},
		{"slot's capacity", siteHead, slotHead + "hall,main,2027-03-15 12:00,2027-03-15 12:10,-4\n", "dir/t.csv:2: capacity: \"-4\" does not fit"},
		{"slot there already", siteHead, slotHead + "hall,main,2027-03-15 09:20,2027-03-15 09:25,4\n", "dir/t.csv:2: starts: hall already has a slot at 2027-03-15 09:20"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseText(t, good+"sites_csv: s.csv\nslots_csv: t.csv\n", map[string]string{"s.csv": tt.sites, "t.csv": tt.slots})
			if err == nil || !strings.Contains("\n"+err.Error(), "\n"+tt.want) {
				t.Errorf("want %q, got\n%v", tt.want, err)
			}
		})
	}
}

func TestSlotsAreBounded(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("to: 2027-03-21, weekdays: [mon, wed], except: [2027-03-17]", "to: 2029-03-14",
		`from: "09:00", to: "10:25"`, `from: "00:00", to: "24:00"`, "every: 20m", "every: 1m").Replace(good)
	_, err := parseText(t, text, nil)
	if err == nil || !strings.Contains(err.Error(), "dir/c.yaml:34: slots[0]: makes more than 2000000 slots") {
		t.Errorf("got %v", err)
	}
}

func TestExamplesLoad(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(paths) < 2 {
		t.Fatalf("examples: %v, %v", paths, err)
	}
	for _, path := range paths {
		if _, err := campaignfile.Load(path); err != nil {
			t.Errorf("%s:\n%v", path, err)
		}
	}
}

func TestSeoulExample(t *testing.T) {
	t.Parallel()
	c, err := campaignfile.Load("../../examples/seoul-2021.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Regions) != 25 || len(c.Sites) != 25 || len(c.Cohorts) != 3 {
		t.Errorf("%d regions, %d sites, %d cohorts", len(c.Regions), len(c.Sites), len(c.Cohorts))
	}
	for i, s := range c.Sites {
		if r := c.Regions[i]; r.Code != s.Region || booking.Distance(r.Position, s.Position) > 1000 {
			t.Errorf("site %s is %d m from the centre of %s", s.Code, booking.Distance(r.Position, s.Position), r.Code)
		}
	}
	places, until := 0, time.Date(2021, 7, 29, 0, 0, 0, 0, c.Zone)
	for _, s := range c.Slots {
		if s.Starts.Before(until) {
			places += s.Capacity
		}
	}
	if places != 8400 {
		t.Errorf("%d places in the first three days", places)
	}
	if k := c.Cohorts[1]; !k.Opens.Equal(time.Date(2021, 7, 19, 11, 0, 0, 0, time.UTC)) {
		t.Errorf("opens %v, want 20:00 in Korea", k.Opens)
	}
}

func TestLoadWithoutFile(t *testing.T) {
	t.Parallel()
	if _, err := campaignfile.Load(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
