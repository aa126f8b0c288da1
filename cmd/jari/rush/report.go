package rush

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

//go:embed report.html
var reportPage string

// WriteReport writes the run as one page that needs nothing else.
func (r *Result) WriteReport(w io.Writer, campaign string, at time.Time) error {
	t, err := template.New("report").Funcs(template.FuncMap{"count": count[int], "count64": count[int64]}).Parse(reportPage)
	if err != nil {
		return err
	}
	return t.Execute(w, map[string]any{
		"R": r, "Campaign": campaign, "At": at.Format("2 January 2006, 15:04"), "Judged": r.judgedRows(), "Facts": r.facts(),
		"Rates": r.ratesChart(), "Latency": r.latencyChart(), "Places": density("First contact against place: a line from the lower left to the upper right", r.page),
		"Seconds": r.secondRows(), "Codes": codeRows(r.RefusedByCode), "Statuses": codeRows(r.Statuses), "Deciles": r.deciles(),
	})
}

// judged is one of the four judgements.
type judged struct {
	Name, What string
	N          int
}

func (r *Result) judgedRows() []judged {
	return []judged{
		{"lost", "acknowledged, and not in the order", r.Lost},
		{"doubled", "places beyond one for each person", r.Doubled},
		{"out of order", "overtaken by somebody who came later", r.OutOfOrder},
		{"gained by cheating", "cheaters ahead of somebody who was first", r.Gained},
	}
}

type fact struct{ Name, Value string }

func (r *Result) facts() []fact {
	ms := func(i int) string {
		if i >= len(r.AnswerMS) {
			return "–"
		}
		return fmt.Sprintf("%.1f ms", r.AnswerMS[i])
	}
	return []fact{
		{"people", count(r.People)}, {"registered", count(r.Registered)}, {"never answered", count(r.Unanswered)}, {"refused for good", count(r.Refused)},
		{"first request answered with a stamp", fmt.Sprintf("%s (%.1f %%)", count(r.Stamped), 100*r.StampedShare)},
		{"stamps counted, own", count(r.StampsCounted)}, {"own stamps that did not count", count(r.StampsRefused)}, {"false stamps seen through", count(r.FalseRefused)},
		{"false stamps that counted", count(r.FalseCounted)}, {"answered 503 without a stamp", count(r.Unstamped)},
		{"requests", fmt.Sprintf("%s (%.2f a person)", count(r.Requests), r.PerPerson)}, {"offered, on average and at most", fmt.Sprintf("%.0f/s, %s/s", r.Offered, count(r.OfferedPeak))},
		{"stored, on average and at most", fmt.Sprintf("%.0f/s, %s/s", r.Stored, count(r.StoredPeak))},
		{"answer to an application: median, 99 %, longest", ms(0) + ", " + ms(2) + ", " + ms(3)}, {"sent later than planned, at most", fmt.Sprintf("%.1f ms", r.BehindMS)},
		{"connections at once", count(r.Connections)}, {"connections cut before the answer", count(r.Dropped)}, {"connections that broke by themselves", count(r.Broken)}, {"repeated", count(r.Retried)},
		{"before the opening, sent away", count(r.Early)}, {"cheaters", count(r.Cheaters)}, {"requests of cheaters that were refused", count(r.TricksRefused)},
		{"people by text, served, and read from the log", fmt.Sprintf("%s, %s, %s", count(r.TextPeople), count(r.TextServed), count(r.FromLog))}, {"places announced late", count(r.Late)},
		{"margin between two instants", fmt.Sprintf("%g ms", r.MarginMS)}, {"nodes, seed", fmt.Sprintf("%d, %d", r.Nodes, r.Seed)},
	}
}

func (r *Result) ratesChart() template.HTML {
	at, offered, stored, stamped := r.column(func(l line) float64 { return float64(l.at) }), r.column(func(l line) float64 { return l.offered }),
		r.column(func(l line) float64 { return l.stored }), r.column(func(l line) float64 { return l.stamped })
	if len(at) == 0 {
		return ""
	}
	return lines("Requests offered, applications stored and stamped, each second", at, []series{
		{"offered", "#64748b", "9 5", offered}, {"stored", "#15803d", "", stored}, {"stamped", "#c2410c", "3 4", stamped},
	})
}

func (r *Result) latencyChart() template.HTML {
	at := r.column(func(l line) float64 { return float64(l.at) })
	if len(at) == 0 {
		return ""
	}
	return lines("Time to the answer of an application in milliseconds, each second", at, []series{
		{"99 %", "#c2410c", "3 4", r.column(func(l line) float64 { return l.p99 })}, {"90 %", "#64748b", "9 5", r.column(func(l line) float64 { return l.p90 })},
		{"median", "#1d4f91", "", r.column(func(l line) float64 { return l.p50 })},
	})
}

func (r *Result) column(f func(line) float64) []float64 {
	out := make([]float64, len(r.page.seconds))
	for i, l := range r.page.seconds {
		out[i] = f(l)
	}
	return out
}

// secondRows is the charts in numbers, at most thirty rows.
func (r *Result) secondRows() [][]string {
	var out [][]string
	step := max(1, (len(r.page.seconds)+29)/30)
	for i := 0; i < len(r.page.seconds); i += step {
		l := r.page.seconds[i]
		out = append(out, []string{
			fmt.Sprint(l.at), count(int(l.offered)), count(int(l.stored)), count(int(l.stamped)), fmt.Sprintf("%.1f", l.p50), fmt.Sprintf("%.1f", l.p99),
		})
	}
	return out
}

// deciles is the density in numbers: where those stand who came in each tenth of the time.
func (r *Result) deciles() [][]string {
	var out [][]string
	const tenth = gridSize / 10
	for t := range 10 {
		n, first, last := 0, -1, 0
		for row := range gridSize {
			for col := t * tenth; col < (t+1)*tenth; col++ {
				if k := r.page.grid[row][col]; k > 0 {
					if n += k; first < 0 {
						first = row
					}
					last = row
				}
			}
		}
		span := "–"
		if n > 0 {
			span = fmt.Sprintf("%s to %s", count(first*r.page.places/gridSize), count((last+1)*r.page.places/gridSize))
		}
		out = append(out, []string{fmt.Sprintf("%.1f to %.1f s", r.page.over*float64(t)/10, r.page.over*float64(t+1)/10), count(n), span})
	}
	return out
}

func codeRows(m map[string]int64) []fact {
	var out []fact
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fact{k, count(m[k])})
	}
	return out
}

// count writes a number with a thin gap between thousands.
func count[T int | int64](n T) string {
	s := fmt.Sprint(n)
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 && s[i-1] != '-' {
			b.WriteString("\u202f")
		}
		b.WriteRune(c)
	}
	return b.String()
}
