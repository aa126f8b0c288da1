package rush

import (
	"cmp"
	"slices"
	"time"
)

// page is what the report draws.
type page struct {
	seconds []line
	grid    [gridSize][gridSize]int // [place][first contact]
	marks   []mark                  // cheaters
	over    float64                 // seconds that the grid spans
	places  int
}

// line is one second of the run.
type line struct {
	at                             int // seconds since the opening
	offered, stored, stamped, busy float64
	p50, p90, p99                  float64 // milliseconds; 0 when nothing was answered
}

// mark is one cheater: where they came and where they stand, as shares of the whole.
type mark struct{ x, y float64 }

const (
	gridSize = 60
	maxMarks = 300
)

// page gathers what the charts show.
func (r *Rush) page(res *Result, seen []Seen, standings []Standing) page {
	p := page{places: len(standings)}
	last := 0
	for i := range r.tally.seconds {
		if r.tally.seconds[i].sent.Load() > 0 {
			last = i
		}
	}
	for i := range last + 1 {
		s := &r.tally.seconds[i]
		l := line{
			at: i + int(r.tally.begins/int64(time.Second)), offered: float64(s.sent.Load()), stored: float64(s.stored.Load()),
			stamped: float64(s.stamped.Load()), busy: float64(s.refused.Load()),
		}
		l.p50, l.p90, l.p99 = ms(s.took.Quantile(0.5)), ms(s.took.Quantile(0.9)), ms(s.took.Quantile(0.99))
		if len(p.seconds) > 0 || l.offered > 0 {
			p.seconds = append(p.seconds, l)
		}
	}
	p.over = res.OverSeconds
	p.density(seen, standings)
	return p
}

// density counts people by first contact and rank. Where there are several queues, each is ranked by itself.
func (p *page) density(seen []Seen, standings []Standing) {
	for _, queue := range byQueue(standings) {
		slices.SortFunc(queue, func(a, b Standing) int {
			return cmp.Or(cmp.Compare(a.Arrival, b.Arrival), cmp.Compare(a.Number, b.Number))
		})
		for rank, s := range queue {
			who := seen[s.Person]
			if who.First == never {
				continue
			}
			x := max(float64(who.First)/1e9/p.over, 0)
			y := float64(rank) / float64(len(queue))
			p.grid[cell(y)][cell(x)]++
			if who.Cheater && len(p.marks) < maxMarks {
				p.marks = append(p.marks, mark{min(x, 1), y})
			}
		}
	}
}

func cell(share float64) int { return min(max(int(share*gridSize), 0), gridSize-1) }
