package rehearse

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Bounds of what is printed; the page (WritePage) shows everything.
const (
	barWide     = 40
	mostDays    = 62
	mostRegions = 60
	mostGroups  = 200
)

// WriteText prints the report for a terminal.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	c := r.Campaign
	fmt.Fprintf(&b, "%s (%s), %s, %s, %s\n", c.Slug, c.Mode, many(len(c.Cohorts), "cohort", "cohorts"), many(len(c.Sites), "site", "sites"), many(len(c.Slots), "slot", "slots"))
	r.writeGroups(&b)
	r.writeSupply(&b)
	r.writeSeries(&b)
	r.writeMessages(&b)
	b.WriteString("\nWhat the identity rule cannot tell apart\n")
	for _, s := range r.Identity {
		fmt.Fprintf(&b, "  %s\n", s)
	}
	r.writeFindings(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteFindings prints only what was found, and the sum.
func (r *Report) WriteFindings(w io.Writer) error {
	var b strings.Builder
	r.writeFindings(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) writeFindings(b *strings.Builder) {
	b.WriteString("\nFound\n")
	for _, f := range r.Findings {
		fmt.Fprintf(b, "  %-5s %s\n", f.Severity, r.said(f))
	}
	fmt.Fprintf(b, "%s\n", r.Verdict())
}

// said is a finding with its place in the file.
func (r *Report) said(f Finding) string {
	if f.Line == 0 {
		return f.Text
	}
	return fmt.Sprintf("%s:%d: %s", r.lines.File, f.Line, f.Text)
}

// Verdict is the sum of the findings in one line.
func (r *Report) Verdict() string {
	return fmt.Sprintf("%d wrong, %d to look at, %s", r.count(Error), r.count(Warning), many(r.count(Note), "note", "notes"))
}

func (r *Report) writeGroups(b *strings.Builder) {
	c := r.Campaign
	fmt.Fprintf(b, "\nWho may apply, and when (every birth date since %d, the minute before, at and after every opening and closing; %s)\n", first.Year, c.Zone)
	for i := range r.Groups {
		if i == mostGroups {
			fmt.Fprintf(b, "  and %s more\n", many(len(r.Groups)-i, "group", "groups"))
			break
		}
		g := &r.Groups[i]
		fmt.Fprintf(b, "  %s: %s\n", g.Born(), r.Told(g))
	}
}

// bar draws the parts of a whole in characters: used seats, seats for later doses, free seats.
func bar(used, later, seats, most int) string {
	if most == 0 {
		return ""
	}
	at := func(n int) int { return (n*barWide + most/2) / most }
	a, l, s := at(used), at(used+later), at(seats)
	return strings.Repeat("█", a) + strings.Repeat("▓", l-a) + strings.Repeat("░", max(0, s-l))
}

func (r *Report) writeSupply(b *strings.Builder) {
	s := &r.Supply
	b.WriteString("\nSeats against people, by day (█ first appointments, ▓ later doses, ░ free; the soonest seat for everybody, wherever it is)\n")
	if len(s.Days) == 0 {
		b.WriteString("  no slots\n")
		return
	}
	if s.Known {
		fmt.Fprintf(b, "  %s, %s expected, %s without a seat\n", many(s.Seats, "seat", "seats"), many(s.Expected, "person", "people"), count(s.Unseated))
	} else {
		fmt.Fprintf(b, "  %s; nobody says how many people are expected, so every seat counts as wanted\n", many(s.Seats, "seat", "seats"))
	}
	days, step := s.Weeks()
	most := 0
	for _, d := range days {
		most = max(most, d.Seats)
	}
	if step > 1 {
		fmt.Fprintf(b, "  each line is %d days\n", step)
	}
	for _, d := range days {
		wait := ""
		if d.Wait > 0 {
			wait = ", " + count(d.Wait) + " waiting"
		}
		fmt.Fprintf(b, "  %s %-*s %s of %s%s\n", d.Date, barWide, bar(d.New, d.Later, d.Seats, most), count(d.New+d.Later), count(d.Seats), wait)
	}
	r.writeRegions(b)
}

// Weeks are the days, or where there are too many for a picture, sums of several; step says of how many. Days without
// seats and without anybody waiting are left out.
func (s *Supply) Weeks() (out []Day, step int) {
	step = 1
	for len(s.Days)/step > mostDays {
		step = max(7, 2*step) // a week, then two
	}
	for i := 0; i < len(s.Days); i += step {
		sum := Day{Date: s.Days[i].Date}
		for _, d := range s.Days[i:min(i+step, len(s.Days))] {
			sum.Seats, sum.New, sum.Later, sum.Wait = sum.Seats+d.Seats, sum.New+d.New, sum.Later+d.Later, d.Wait
		}
		if sum.Seats > 0 {
			out = append(out, sum)
		}
	}
	return out, step
}

func (r *Report) writeRegions(b *strings.Builder) {
	s := &r.Supply
	b.WriteString("\nSeats against people, by region (people spread evenly over the regions; █ people who find a seat in their own, ░ free, ✗ short)\n")
	most := 0
	for _, g := range s.Regions {
		most = max(most, g.Seats, g.Expected)
	}
	for i, g := range s.Regions {
		if i == mostRegions {
			fmt.Fprintf(b, "  and %s more\n", many(len(s.Regions)-i, "region", "regions"))
			break
		}
		here := min(g.Seats, g.Expected)
		picture := bar(here, 0, g.Seats, most)
		if most > 0 {
			picture += strings.Repeat("✗", (g.Short()*barWide+most/2)/most)
		}
		fmt.Fprintf(b, "  %-16s %-*s %s\n", g.Code, barWide, picture, s.numbers(g))
	}
}

func (r *Report) writeSeries(b *strings.Builder) {
	s := r.Supply.Series
	if s == nil {
		return
	}
	where := "anywhere"
	if s.SameSite {
		where = "at the same site"
	}
	fmt.Fprintf(b, "\nLater doses (%d in all, %d to %d days apart, %s; whoever is due is served before new people)\n", s.Doses, s.Least, s.Most, where)
	if s.Missed == 0 {
		b.WriteString("  every later dose finds a seat in time\n")
		return
	}
	fmt.Fprintf(b, "  %s no seat in time, %s of them because the calendar ends\n", many(s.Missed, "later dose finds", "later doses find"), count(s.After))
}

func (r *Report) writeMessages(b *strings.Builder) {
	m := &r.Messages
	limits := r.Campaign.Limits.WithDefaults()
	fmt.Fprintf(b, "\nTexts and calls, at %s a second, %s a day, outside quiet hours (%d to %d o'clock)\n", many(m.PerSecond, "text", "texts"), count(m.PerDay),
		limits.QuietFrom, limits.QuietTo)
	if !m.Known {
		b.WriteString("  unknown: no cohort says how many are expected\n")
		return
	}
	fmt.Fprintf(b, "  %s: %s registered, %s codes or answers that prove the phone, %s, %s \"no time yet\", %s answers to offers, %s\n",
		many(m.All(), "text", "texts"), count(m.Registered), count(m.Proofs), many(m.Offers, "offer", "offers"), count(m.NoTime), count(m.Answers), many(m.Reminders, "reminder", "reminders"))
	if m.News > 0 {
		fmt.Fprintf(b, "  and %s a week to those who find no seat, for as long as they wait\n", many(m.News, "text", "texts"))
	}
	fmt.Fprintf(b, "  without a pause that is %s; the first round is at %s, %s\n", long(seconds(m.All(), m.PerSecond)), clock(r.Campaign, m.FirstRound), r.lastOffer())
	fmt.Fprintf(b, "  assumed that %d %% have only a landline: %s, %s at %d a second (nothing calls by itself yet: they go to the agents' list)\n",
		landlines, many(m.Calls, "call", "calls"), long(m.CallTime), m.CallsPerSecond)
}

// lastOffer says when the last offer leaves. Without slots there is none.
func (r *Report) lastOffer() string {
	if r.Messages.LastOffer.IsZero() {
		return "and there is no offer to send"
	}
	return "the last offer leaves at " + clock(r.Campaign, r.Messages.LastOffer)
}

// seconds is how long n things take at a pace.
func seconds(n, perSecond int) time.Duration {
	return time.Duration(float64(n) / float64(max(1, perSecond)) * float64(time.Second)).Round(time.Second)
}
