package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Result is what became of one check.
type Result struct {
	Check    Check
	Verdict  Verdict
	Expected string // of a failure, in words
	Got      string
	Request  string // the last one that was sent, without references and secrets
	Reason   string // why it was not tried
	Seconds  float64
}

// Report is what became of a run.
type Report struct {
	URL      string
	Campaign string
	Contract string // the version that the server says it speaks
	Sandbox  bool
	Results  []Result
	Answers  int // all that were held against openapi.yaml
	Seconds  float64
}

func newReport(s *session, results []Result, took time.Duration) *Report {
	return &Report{
		URL: s.base, Campaign: s.scene.slug, Contract: s.scene.contract, Sandbox: s.scene.sandbox, Results: results, Answers: s.judge.answers, Seconds: took.Seconds(),
	}
}

// Count is how many checks have a verdict.
func (r *Report) Count(v Verdict) int {
	n := 0
	for _, one := range r.Results {
		if one.Verdict == v {
			n++
		}
	}
	return n
}

// Holds reports whether no check failed; strictly, whether all were tried as well.
func (r *Report) Holds(strict bool) bool {
	return r.Count(Fail) == 0 && (!strict || r.Count(NotTried) == 0)
}

// Print writes a line for each check, the failures with what was expected and what came, and the totals.
func (r *Report) Print(out io.Writer) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) }
	kind := "a server"
	if r.Sandbox {
		kind = "a sandbox"
	}
	p("%s: %s that speaks contract %s; campaign %s\n", r.URL, kind, r.Contract, r.Campaign)
	width := 0
	for _, one := range r.Results {
		width = max(width, utf8.RuneCountInString(one.Check.Name))
	}
	area := ""
	for _, one := range r.Results {
		if one.Check.Area != area {
			area = one.Check.Area
			p("\n%s\n", area)
		}
		p("  %-9s  %-*s  %s\n", one.Verdict, width, one.Check.Name, one.Check.Proves)
	}
	r.explain(p)
	p("\n%d checks: %d pass, %d fail, %d not tried. %d answers in %.1f s.\n", len(r.Results), r.Count(Pass), r.Count(Fail), r.Count(NotTried), r.Answers, r.Seconds)
}

// explain tells the failures, and what was not tried by its reason.
func (r *Report) explain(p func(string, ...any)) {
	var reasons []string
	because := map[string][]string{}
	for _, one := range r.Results {
		switch one.Verdict {
		case Pass:
		case Fail:
			p("\nFAIL %s: %s\n  the contract: %s\n  expected:     %s\n  got:          %s\n  last request: %s\n",
				one.Check.Name, one.Check.Proves, one.Check.Sentence, one.Expected, one.Got, one.Request)
		case NotTried:
			if because[one.Reason] == nil {
				reasons = append(reasons, one.Reason)
			}
			because[one.Reason] = append(because[one.Reason], one.Check.Name)
		}
	}
	for _, reason := range reasons {
		p("\nNot tried, because %s:\n  %s\n", reason, strings.Join(because[reason], ", "))
	}
}

// JSON writes the report for machines, on one line.
func (r *Report) JSON(out io.Writer) error {
	type result struct {
		Name     string  `json:"name"`
		Area     string  `json:"area"`
		Proves   string  `json:"proves"`
		Sentence string  `json:"sentence"`
		Verdict  Verdict `json:"verdict"`
		Expected string  `json:"expected,omitempty"`
		Got      string  `json:"got,omitempty"`
		Request  string  `json:"request,omitempty"`
		Reason   string  `json:"reason,omitempty"`
		Seconds  float64 `json:"seconds"`
	}
	all := []result{}
	for _, one := range r.Results {
		c := one.Check
		all = append(all, result{c.Name, c.Area, c.Proves, c.Sentence, one.Verdict, one.Expected, one.Got, one.Request, one.Reason, one.Seconds})
	}
	return json.NewEncoder(out).Encode(struct {
		URL      string   `json:"url"`
		Campaign string   `json:"campaign"`
		Contract string   `json:"contract"`
		Sandbox  bool     `json:"sandbox"`
		Checks   []result `json:"checks"`
		Pass     int      `json:"pass"`
		Fail     int      `json:"fail"`
		NotTried int      `json:"not_tried"`
		Answers  int      `json:"answers"`
		Seconds  float64  `json:"seconds"`
	}{r.URL, r.Campaign, r.Contract, r.Sandbox, all, r.Count(Pass), r.Count(Fail), r.Count(NotTried), r.Answers, r.Seconds})
}
