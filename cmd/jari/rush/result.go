package rush

import (
	"fmt"
	"strconv"
	"time"

	"jari/cmd/jari/load"
)

// Result is what a run found: its JSON is the last line of jari rush --json.
type Result struct {
	People         int              `json:"people"`
	Registered     int              `json:"registered"`
	Stamped        int              `json:"stamped"`
	StampedShare   float64          `json:"stamped_first_share"`
	Lost           int              `json:"lost"`
	Doubled        int              `json:"doubled"`
	OutOfOrder     int              `json:"out_of_order"`
	Gained         int              `json:"gained_by_cheating"`
	Unanswered     int              `json:"unanswered"`
	Refused        int              `json:"refused"`
	FalseCounted   int64            `json:"false_stamps_counted"`
	EarlyStamps    int64            `json:"stamps_before_opening"`
	TricksAccepted int64            `json:"tricks_accepted"`
	FalseRefused   int64            `json:"false_stamps_refused"`
	TricksRefused  int64            `json:"tricks_refused"`
	StampsCounted  int64            `json:"stamps_counted"`
	StampsRefused  int64            `json:"own_stamps_not_counted"`
	Cheaters       int              `json:"cheaters"`
	Early          int64            `json:"early"`
	Unstamped      int64            `json:"unavailable_without_stamp"`
	TextPeople     int              `json:"text_people"`
	TextServed     int              `json:"text_served"`
	FromLog        int              `json:"text_people_from_log"` // no node took their text
	Late           int              `json:"late_places"`
	Others         int              `json:"places_of_others_before"`
	Requests       int64            `json:"requests"`
	PerPerson      float64          `json:"requests_per_person"`
	Texts          int64            `json:"texts"`
	Dropped        int64            `json:"dropped"`
	Retried        int64            `json:"retried"`
	Broken         int64            `json:"broken_connections"`
	BehindMS       float64          `json:"behind_max_ms"`
	MarginMS       float64          `json:"margin_ms"`
	OverSeconds    float64          `json:"over_seconds"`
	OfferedPeak    int64            `json:"offered_per_second_peak"`
	Offered        float64          `json:"offered_per_second"`
	StoredPeak     int64            `json:"stored_per_second_peak"`
	Stored         float64          `json:"stored_per_second"`
	AnswerMS       []float64        `json:"application_ms_p50_p90_p99_max"`
	RefusedByCode  map[string]int64 `json:"refused_by_code"`
	Statuses       map[string]int64 `json:"statuses"`
	Connections    int              `json:"connections"`
	Nodes          int              `json:"nodes"`
	Seed           uint64           `json:"seed"`
	OK             bool             `json:"ok"`
	Failures       []string         `json:"failures"`

	Examples []string `json:"examples,omitempty"` // what was seen of those the judge found, for whoever looks for the reason

	page page // what the report draws
}

// judge holds the order against what was seen and adds up the rest.
func (r *Rush) judge() *Result {
	margin := r.config.Margin
	if margin == 0 && r.config.Apart != nil {
		margin = r.config.Apart()
	}
	standings := r.standings()
	seen, fromLog := r.seen(standings, int64(margin))
	v := Judge(seen, standings, int64(margin))
	t := r.tally
	res := &Result{
		People: len(r.people), Registered: v.Registered, Lost: v.Lost, Doubled: v.Doubled, OutOfOrder: v.OutOfOrder, Gained: v.Gained,
		Stamped: int(t.stamped.Load()), StampedShare: float64(t.stamped.Load()) / float64(len(r.people)),
		FalseCounted: t.falseCounted.Load(), FalseRefused: t.falseRefused.Load(), EarlyStamps: t.earlyStamps.Load(),
		TricksAccepted: t.tricksAccepted.Load(), TricksRefused: t.tricksRefused.Load(), StampsCounted: t.mineCounted.Load(), StampsRefused: t.mineRefused.Load(),
		Early: t.early.Load(), Unstamped: t.unstamped.Load(), Requests: t.sent.Load(), Texts: t.text.Load(), Dropped: t.dropped.Load(), Retried: t.retried.Load(),
		Broken: t.broken.Load(), BehindMS: float64(t.behind.Load()) / 1e6, MarginMS: float64(margin) / 1e6, OverSeconds: r.config.Over.Seconds(),
		PerPerson: float64(t.sent.Load()) / float64(len(r.people)), Others: r.order.before, TextServed: int(r.served.Load()), FromLog: fromLog,
		RefusedByCode: t.codes, Statuses: map[string]int64{}, Connections: r.connections, Nodes: len(r.nodes), Seed: r.config.Seed, Failures: []string{},
	}
	for i := range r.people {
		p := &r.people[i]
		if !p.acknowledged {
			res.Unanswered++
		}
		if p.refused {
			res.Refused++
		}
		if p.cheat != honest {
			res.Cheaters++
		}
		if p.door == DoorSMS {
			res.TextPeople++
		}
	}
	for _, s := range standings {
		if s.Late != "" {
			res.Late++
		}
	}
	for code := range t.statuses {
		if n := t.statuses[code].Load(); n > 0 {
			res.Statuses[strconv.Itoa(code)] = n
		}
	}
	r.rates(res)
	r.examples(res, v)
	res.verdict()
	res.page = r.page(res, seen, standings)
	return res
}

// seen is what was observed of everybody, and of how many the network's log alone had the text.
func (r *Rush) seen(standings []Standing, margin int64) (seen []Seen, fromLog int) {
	arrivals := make(map[int]int64, len(standings))
	for _, s := range standings {
		arrivals[s.Person] = s.Arrival*1000 - r.opening.UnixNano()
	}
	seen = make([]Seen, len(r.people))
	for i := range r.people {
		p := &r.people[i]
		p.mu.Lock()
		seen[i] = Seen{First: p.first, Held: p.held, Acknowledged: p.acknowledged, Cheater: p.cheat != honest}
		if p.logged[1] != 0 && !p.tookText && !p.storedUnanswered(arrivals[i], r.second(arrivals[i]), margin) {
			// The log tells whole seconds: whoever texted in the next one came later, whatever the margin, and nobody else did.
			seen[i].First, seen[i].Held = p.logged[0], p.logged[1]-margin-1
			fromLog++
		}
		p.mu.Unlock()
	}
	return seen, fromLog
}

// storedUnanswered says whether a node stored the text of a webhook and was killed before it could answer: its arrival is an instant within that webhook,
// and no whole second of a log. Such a text stands where it came to the door, whatever the second in which it was sent.
func (p *person) storedUnanswered(arrival, second, margin int64) bool {
	return p.broke[1] != 0 && arrival != second && arrival >= p.broke[0]-margin && arrival <= p.broke[1]+margin
}

// rates adds up the seconds.
func (r *Rush) rates(res *Result) {
	var all load.Histogram
	inTime := int64(0)
	for i := range r.tally.seconds {
		s := &r.tally.seconds[i]
		res.OfferedPeak, res.StoredPeak = max(res.OfferedPeak, s.sent.Load()), max(res.StoredPeak, s.stored.Load())
		if at := r.tally.begins + int64(i)*int64(time.Second); at >= 0 && at < int64(r.config.Over) {
			res.Offered += float64(s.sent.Load()) / r.config.Over.Seconds()
			inTime += s.stored.Load()
		}
		all.AddAll(&s.took)
	}
	res.Stored = float64(inTime) / r.config.Over.Seconds()
	if all.Total() > 0 {
		res.AnswerMS = []float64{ms(all.Quantile(0.5)), ms(all.Quantile(0.9)), ms(all.Quantile(0.99)), ms(all.Quantile(1))}
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// verdict lists why the run failed, if it did.
func (r *Result) verdict() {
	fail := func(bad bool, format string, args ...any) {
		if bad {
			r.Failures = append(r.Failures, fmt.Sprintf(format, args...))
		}
	}
	fail(r.Lost > 0, "%d acknowledged people are not in the order", r.Lost)
	fail(r.Doubled > 0, "%d places too many", r.Doubled)
	fail(r.OutOfOrder > 0, "%d people were overtaken by somebody who came after they were acknowledged", r.OutOfOrder)
	fail(r.Gained > 0, "%d cheaters gained a place", r.Gained)
	fail(r.Registered != r.People, "%d of %d people have a place", r.Registered, r.People)
	fail(r.FalseCounted > 0, "%d false stamps were counted", r.FalseCounted)
	fail(r.EarlyStamps > 0, "%d stamps were given out before the opening", r.EarlyStamps)
	fail(r.TricksAccepted > 0, "%d requests were accepted that must be refused", r.TricksAccepted)
	r.OK = len(r.Failures) == 0
}

// examples describes some of those whom the judge found, without naming them.
func (r *Rush) examples(res *Result, v Verdict) {
	at := map[int]place{}
	r.order.mu.Lock()
	defer r.order.mu.Unlock()
	for i, s := range r.standingsLocked() {
		if s.Person != nobody {
			at[s.Person] = r.order.places[i]
		}
	}
	for _, group := range []struct {
		what string
		who  []int
	}{{"lost", v.LostPeople}, {"doubled", v.DoubledPeople}, {"overtaken", v.Overtaken}, {"gained", v.Gainers}} {
		for _, i := range group.who {
			p, s := &r.people[i], at[i]
			line := fmt.Sprintf("%s: person %d, door %s, first %s, held %s", group.what, i, p.door, instant(p.first), instant(p.held))
			if s.Number > 0 {
				line += fmt.Sprintf(", place %d, arrival %s, late %q", s.Number, s.Arrival.Sub(r.town.opens), s.Late)
			}
			if p.cheat != honest {
				line += ", " + trickNames[p.cheat]
			}
			if p.stamps[0] != "" {
				line += ", stamped"
			}
			if p.heard != "" {
				line += fmt.Sprintf(", heard %q", p.heard)
			}
			res.Examples = append(res.Examples, line)
		}
	}
}

func instant(ns int64) string {
	if ns == never {
		return "never"
	}
	return time.Duration(ns).Round(time.Microsecond).String()
}
