package rehearse_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
	"jari/booking/campaignfile"
	"jari/booking/rehearse"
)

var today = booking.Date{Year: 2026, Month: 11, Day: 25}

// example loads a campaign of the folder examples/ with its lines.
func example(t *testing.T, name string) (*booking.Campaign, campaignfile.Lines) {
	t.Helper()
	c, lines, err := campaignfile.LoadLines("../../examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return c, lines
}

func day(s string) booking.Date {
	d, err := booking.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func find(r *rehearse.Report, s rehearse.Severity, parts ...string) (rehearse.Finding, bool) {
	i := slices.IndexFunc(r.Findings, func(f rehearse.Finding) bool {
		return f.Severity == s && !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(f.Text, p) })
	})
	if i < 0 {
		return rehearse.Finding{}, false
	}
	return r.Findings[i], true
}

// The bug of July 2021 is refused, with the birth dates, the hours and the line of the rule.
func TestSixHourBug(t *testing.T) {
	t.Parallel()
	c, lines := example(t, "six-hour-bug.yaml")
	r := rehearse.Check(c, lines, today)
	f, ok := find(r, rehearse.Error, "born 1967-01-01 … 1968-12-31", "from 2021-07-19 20:00 to 2021-07-20 02:00, 6 h", `"not yet"`,
		fmt.Sprintf("(line %d)", lines.Announced[1]), "opens only at 2021-07-20 02:00")
	if !ok || f.Line != lines.Cohorts[1] || r.Errors() != 1 {
		t.Errorf("%+v, %d errors", r.Findings, r.Errors())
	}
	// The same promise, broken by birth dates: a year is missing, so these people are not eligible at all.
	c.Cohorts[1].Opens = c.Announced[1].Opens
	c.Cohorts[1].BornTo = day("1967-12-31")
	r = rehearse.Check(c, lines, today)
	f, ok = find(r, rehearse.Error, "born 1968-01-01 … 1968-12-31", "from 2021-07-19 20:00 to 2021-07-24 18:00, 4 d 22 h", `"not eligible"`, "no cohort takes these birth dates")
	if !ok || f.Line != lines.Announced[1] || r.Errors() != 1 {
		t.Errorf("%+v, %d errors", r.Findings, r.Errors())
	}
	// And by a closing that comes too soon.
	c.Cohorts[1].BornTo = day("1968-12-31")
	c.Cohorts[1].Closes = c.Cohorts[1].Closes.Add(-90 * time.Minute)
	r = rehearse.Check(c, lines, today)
	if _, ok = find(r, rehearse.Error, "from 2021-07-24 16:30 to 2021-07-24 18:00, 1 h 30 min", `"closed"`, "is closed since 2021-07-24 16:30"); !ok || r.Errors() != 1 {
		t.Errorf("%+v", r.Findings)
	}
}

// August 2021's scheme keeps its promise to everybody, and breaking it for one digit on one day shows.
func TestBirthDigitScheme(t *testing.T) {
	t.Parallel()
	c, lines := example(t, "birth-digit.yaml")
	r := rehearse.Check(c, lines, today)
	for _, f := range r.Findings {
		if f.Severity != rehearse.Note {
			t.Errorf("%s: %s", f.Severity, f.Text)
		}
	}
	told := ""
	bare := rehearse.Eligibility(c, campaignfile.Lines{}, today)
	for i, g := range bare.Groups {
		if g.From == day("1972-01-01") && slices.Equal(g.Digits, []int{5}) {
			told = bare.Told(&bare.Groups[i])
		}
	}
	if want := "not yet until 2021-08-15 20:00, then cohort digit-5, then not yet until 2021-08-19 20:00, then cohort aged-36-49, " +
		"then not yet until 2021-08-21 20:00, then cohort everybody, then closed from 2021-09-18 18:00"; told != want {
		t.Errorf("digit 5 is told %q", told)
	}
	c.Cohorts[6].BirthDigits = []int{4} // 15 August, for those born on a 5th
	r = rehearse.Check(c, lines, today)
	if _, ok := find(r, rehearse.Error, "1972-01-01 … 1985-12-31 on days ending in 5", "from 2021-08-15 20:00 to 2021-08-16 18:00, 22 h"); !ok || r.Errors() != 2 {
		t.Errorf("%+v", r.Findings)
	}
	if _, ok := find(r, rehearse.Warning, "1986-01-01 … 2003-12-31 on days ending in 4", "which nobody announced"); !ok {
		t.Errorf("%+v", r.Findings)
	}
}

func TestOtherExamplesAreRight(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"seoul-2021.yaml", "clinic.yaml"} {
		c, lines := example(t, name)
		if r := rehearse.Check(c, lines, today); r.Errors() != 0 {
			t.Errorf("%s: %+v", name, r.Findings)
		}
	}
}

func TestGapsAndOverlaps(t *testing.T) {
	t.Parallel()
	c, lines := example(t, "seoul-2021.yaml")
	c.Announced = nil
	c.Cohorts[1].BirthDigits = []int{0, 1, 2, 3, 4, 6, 7, 8, 9}
	c.Cohorts[2].BornFrom = day("1969-03-01")
	r := rehearse.Eligibility(c, lines, today)
	if _, ok := find(r, rehearse.Warning, "born 1969-01-01 … 1969-02-28 (59 birth dates) belong to no cohort"); !ok {
		t.Errorf("no gap of dates: %+v", r.Findings)
	}
	if _, ok := find(r, rehearse.Warning, "born 1967-01-01 … 1968-12-31 on days ending in 5 (72 birth dates) belong to no cohort"); !ok {
		t.Errorf("no gap of digits: %+v", r.Findings)
	}
	if _, ok := find(r, rehearse.Warning, "does not say what was announced"); !ok {
		t.Error("silence about what was announced goes unnoticed")
	}
	c.Cohorts[1].BornTo, c.Cohorts[2].BornFrom = day("1968-02-28"), day("1968-03-01")
	r = rehearse.Eligibility(c, lines, today)
	if _, ok := find(r, rehearse.Warning, "born 1968-02-29 (1 birth date) belong to no cohort"); !ok {
		t.Errorf("no gap of a leap day: %+v", r.Findings)
	}
	c.Cohorts[1].BornTo, c.Cohorts[2].BornFrom = day("1968-12-31"), day("1968-12-31")
	r = rehearse.Eligibility(c, lines, today)
	f, ok := find(r, rehearse.Warning, "born-1967-1968", "born-1969-1971 both take people born 1968-12-31 from 2021-07-20 20:00 to 2021-07-24 18:00")
	if !ok || f.Line != lines.Cohorts[2] {
		t.Errorf("no overlap: %+v", r.Findings)
	}
	c.Cohorts = nil
	if r = rehearse.Eligibility(c, lines, today); r.Errors() != 1 {
		t.Errorf("nobody may apply: %+v", r.Findings)
	}
}

// drawCampaign invents cohorts and announcements around a few years and days.
func drawCampaign(t *rapid.T) *booking.Campaign {
	c := &booking.Campaign{Zone: time.UTC}
	start := time.Date(2021, 7, 12, 0, 0, 0, 0, time.UTC)
	births := func() (from, to booking.Date, digits []int) {
		a := time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, "from"))
		b := a.AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, "long"))
		digits = rapid.SliceOfNDistinct(rapid.IntRange(0, 9), 0, 3, func(n int) int { return n }).Draw(t, "digits")
		return booking.DateOf(a, time.UTC), booking.DateOf(b, time.UTC), digits
	}
	times := func() (opens, closes time.Time) {
		opens = start.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "opens")) * 30 * time.Second)
		return opens, opens.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "open")) * 30 * time.Second)
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "cohorts") {
		k := booking.Cohort{Code: fmt.Sprint("k", i)}
		k.BornFrom, k.BornTo, k.BirthDigits = births()
		k.Opens, k.Closes = times()
		c.Cohorts = append(c.Cohorts, k)
	}
	for range rapid.IntRange(0, 3).Draw(t, "announced") {
		var a booking.Announcement
		a.BornFrom, a.BornTo, a.BirthDigits = births()
		a.Opens, a.Closes = times()
		c.Announced = append(c.Announced, a)
	}
	return c
}

// The groups say of every birth date what the campaign itself says, at every half-minute; each date stands in one group;
// and there is an error exactly where production would raise the alarm.
func TestGroupsAreTheTruth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCampaign(t)
		until := day("1960-06-01")
		r := rehearse.Eligibility(c, campaignfile.Lines{}, until)
		alarm := false
		from := time.Date(1959, 12, 1, 0, 0, 0, 0, time.UTC)
		for d := from; ; d = d.AddDate(0, 0, 1) {
			born := booking.DateOf(d, time.UTC)
			if until.Before(born) {
				break
			}
			group := groupOf(t, r.Groups, born)
			for i := -2; i < 45; i++ {
				at := time.Date(2021, 7, 12, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 30 * time.Second)
				alarm = alarm || booking.WronglyRefused(c, born, at)
				checkStep(t, c, group, born, at)
			}
		}
		if wrong := slices.ContainsFunc(r.Findings, func(f rehearse.Finding) bool {
			return f.Severity == rehearse.Error && !strings.HasPrefix(f.Text, "nobody may ever apply")
		}); wrong != alarm {
			t.Fatalf("an alarm would come: %t; found: %+v", alarm, r.Findings)
		}
	})
}

func groupOf(t *rapid.T, groups []rehearse.Group, born booking.Date) rehearse.Group {
	var in []rehearse.Group
	for _, g := range groups {
		if !born.Before(g.From) && !g.To.Before(born) && (len(g.Digits) == 0 || slices.Contains(g.Digits, born.Day%10)) {
			in = append(in, g)
		}
	}
	if len(in) != 1 {
		t.Fatalf("born %s stands in %d groups", born, len(in))
	}
	return in[0]
}

func checkStep(t *rapid.T, c *booking.Campaign, g rehearse.Group, born booking.Date, at time.Time) {
	step := g.Steps[0]
	for _, s := range g.Steps {
		if !s.At.After(at) {
			step = s
		}
	}
	k, err := booking.Eligible(c, born, at)
	var refused *booking.Error
	if errors.As(err, &refused) != (step.Code != "") || err != nil && refused.Code != step.Code || err == nil && c.Cohorts[step.Cohort].Code != k.Code {
		t.Fatalf("born %s at %s: the group says %+v, the campaign %q, %v", born, at, step, k.Code, err)
	}
}

// BenchmarkEligibility measures every birth date against a scheme of thirteen cohorts.
func BenchmarkEligibility(b *testing.B) {
	c, _, err := campaignfile.LoadLines("../../examples/birth-digit.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		rehearse.Eligibility(c, campaignfile.Lines{}, today)
	}
}
