package rehearse

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed page.html
var pageText string

// wide is the width of a bar's drawing in its own units; the page stretches it.
const wide = 1000

// row is one bar of the page: a label, up to four lengths in a drawing of width wide, and the numbers in words.
type row struct {
	Label                  string
	New, Later, Free, Over int
	LaterAt, FreeAt        int
	OverAt                 int
	Numbers                string
}

// strip is one region's seats by day: shades from 0 to 1000.
type strip struct {
	Label string
	Cells []cell
	Width int
}

type cell struct {
	X       int
	Opacity float64
	Title   string
}

type page struct {
	*Report
	Zone    string
	Rows    []string
	Found   []found
	Days    []row
	Step    int
	Regions []row
	Strips  []strip
}

type found struct{ Word, Text string }

// WritePage writes the report as one HTML page that needs nothing else: no script, no style sheet, no picture of its own.
func (r *Report) WritePage(w io.Writer) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	p := page{Report: r, Zone: r.Campaign.Zone.String()}
	for i := range r.Groups {
		p.Rows = append(p.Rows, r.Groups[i].Born()+": "+r.Told(&r.Groups[i]))
	}
	for _, f := range r.Findings {
		p.Found = append(p.Found, found{f.Severity.String(), r.said(f)})
	}
	p.days(r)
	p.regions(r)
	return t.Execute(w, p)
}

func (p *page) days(r *Report) {
	var days []Day
	days, p.Step = r.Supply.Weeks()
	most := 1
	for _, d := range days {
		most = max(most, d.Seats)
	}
	at := func(n int) int { return n * wide / most }
	for _, d := range days {
		numbers := count(d.New+d.Later) + " of " + many(d.Seats, "seat", "seats")
		if d.Wait > 0 {
			numbers += ", " + count(d.Wait) + " waiting"
		}
		p.Days = append(p.Days, row{
			Label: d.Date.String(), New: at(d.New), LaterAt: at(d.New), Later: at(d.New+d.Later) - at(d.New),
			FreeAt: at(d.New + d.Later), Free: at(d.Seats) - at(d.New+d.Later), Numbers: numbers,
		})
	}
}

func (p *page) regions(r *Report) {
	most, day := 1, 1
	for _, g := range r.Supply.Regions {
		most = max(most, g.Seats, g.Expected)
		for _, n := range g.ByDay {
			day = max(day, n)
		}
	}
	at := func(n int) int { return n * wide / most }
	for _, g := range r.Supply.Regions {
		here := min(g.Seats, g.Expected)
		p.Regions = append(p.Regions, row{
			Label: g.Name, New: at(here), FreeAt: at(here), Free: at(g.Seats) - at(here), OverAt: at(g.Seats), Over: at(g.Expected) - at(here),
			Numbers: r.Supply.numbers(g),
		})
		s := strip{Label: g.Name, Width: len(g.ByDay)}
		for i, n := range g.ByDay {
			if n > 0 && i < len(r.Supply.Days) {
				s.Cells = append(s.Cells, cell{i, 0.15 + 0.85*float64(n)/float64(day), r.Supply.Days[i].Date.String() + ": " + many(n, "seat", "seats")})
			}
		}
		p.Strips = append(p.Strips, s)
	}
}

// Post is the paragraph about texts and calls.
func (p page) Post() string {
	m := &p.Messages
	if !m.Known {
		return "Unknown: no cohort says how many are expected."
	}
	return many(m.All(), "text", "texts") + ", " + long(seconds(m.All(), m.PerSecond)) + " without a pause; " + p.lastOffer() +
		". " + many(m.Calls, "call", "calls") + " (assumed landlines), " + long(m.CallTime) + "."
}
