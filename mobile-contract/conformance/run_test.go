package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// double is the smallest server that can be tried: four documents, and for everything else a problem.
type double struct {
	sandbox  bool
	mode     string
	closes   time.Time
	register http.HandlerFunc
}

func (d double) start(t *testing.T) string {
	t.Helper()
	requests := 0
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/service", func(w http.ResponseWriter, _ *http.Request) {
		document(w, fmt.Sprintf(`{"contract":"1.0.0","minimum":"1.0.0","sunsets":[],"sandbox":%t,"langs":["ko","en"]}`, d.sandbox))
	})
	mux.HandleFunc("GET /v1/campaigns/town", func(w http.ResponseWriter, _ *http.Request) {
		document(w, `{"campaign":"town","mode":"`+d.mode+`","names":{},"time_zone":"Asia/Seoul","langs":["ko"],"phone":"1","number_asked":false,"regions":[],"sites":[],
			"cohorts":[{"code":"all","names":{},"born_from":"1960-01-01","born_to":"1979-12-31","opens":"2020-01-01T00:00:00Z","closes":"`+d.closes.UTC().Format(time.RFC3339)+
			`","first_round":"2020-01-01T01:00:00Z","queue":"all","order":"arrival"}]}`)
	})
	mux.HandleFunc("GET /v1/campaigns/town/queues/all", func(w http.ResponseWriter, _ *http.Request) { document(w, `{}`) })
	if d.register != nil {
		mux.HandleFunc("POST /v1/campaigns/town/registrations", d.register)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, `{"type":"/problems/not-found","title":"No such path","status":404,"code":"not_found"}`)
	})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		w.Header().Set("X-Request-Id", fmt.Sprint(requests))
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	return web.URL
}

func document(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=1")
	w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprint(len(body))))
	_, _ = fmt.Fprint(w, body)
}

func townDouble() double {
	return double{mode: "rehearsal", closes: time.Now().Add(time.Hour)}
}

func verdictOf(t *testing.T, r *Report, name string) Result {
	t.Helper()
	for _, one := range r.Results {
		if one.Check.Name == name {
			return one
		}
	}
	t.Fatalf("no result of %s", name)
	return Result{}
}

// Outside a sandbox, what needs one is said not to have been tried, which counts only strictly.
func TestWithoutASandbox(t *testing.T) {
	t.Parallel()
	r, err := Run(t.Context(), Config{URL: townDouble().start(t) + "/", Campaign: "town", Only: []string{"service-document", "recovery", "draw-held"}, AtOnce: 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]Verdict{"service-document": Pass, "recovery": NotTried, "draw-held": NotTried, "every-answer": Pass} {
		if got := verdictOf(t, r, name); got.Verdict != want || want == NotTried && got.Reason == "" {
			t.Errorf("%s: %s (%s), want %s", name, got.Verdict, got.Reason+got.Got, want)
		}
	}
	if !r.Holds(false) || r.Holds(true) {
		t.Error("what was not tried must count only strictly")
	}
}

// A failure says what was expected and what came, and names neither a reference nor a secret.
func TestAFailureIsToldInPlainWords(t *testing.T) {
	t.Parallel()
	d := townDouble()
	d.register = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprint(w, `{}`)
	}
	r, err := Run(t.Context(), Config{URL: d.start(t), Campaign: "town", Only: []string{"apply-twice"}})
	if err != nil {
		t.Fatal(err)
	}
	got := verdictOf(t, r, "apply-twice")
	if got.Verdict != Fail || got.Expected != "POST /v1/campaigns/town/registrations: status 200" || got.Got != "status 201: {}" {
		t.Errorf("%+v", got)
	}
	if every := verdictOf(t, r, "every-answer"); every.Verdict != Fail {
		t.Errorf("201, which the contract does not have: %+v", every)
	}
	var table, lines strings.Builder
	r.Print(&table)
	for _, want := range []string{"\n  fail       apply-twice", "\nFAIL apply-twice: ", "  expected:     POST /v1", "  got:          status 201", "5 checks: 2 pass, 3 fail, 0 not tried."} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in\n%s", want, table.String())
		}
	}
	if err := r.JSON(&lines); err != nil || strings.Count(lines.String(), "\n") != 1 || !json.Valid([]byte(lines.String())) || !strings.Contains(lines.String(), `"fail":3`) {
		t.Errorf("%v %s", err, lines.String())
	}
}

func TestWhatCannotBeTried(t *testing.T) {
	t.Parallel()
	live, over := townDouble(), townDouble()
	live.mode, over.closes = "live", time.Now().Add(-time.Hour)
	for name, c := range map[string]struct {
		config Config
		want   string
	}{
		"a live campaign":      {Config{URL: live.start(t), Campaign: "town"}, "live campaign"},
		"nobody can apply":     {Config{URL: over.start(t), Campaign: "town"}, "no cohort"},
		"no campaign named":    {Config{URL: townDouble().start(t)}, "which campaign"},
		"another campaign":     {Config{URL: townDouble().start(t), Campaign: "village"}, "status 404"},
		"nobody there":         {Config{URL: "http://127.0.0.1:1", Campaign: "town"}, "refused"},
		"an address of a page": {Config{URL: "http://here/?x=1"}, "address"},
	} {
		if _, err := Run(t.Context(), c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A trial sends nothing more and judges nothing more after its verdict.
func TestATrialEndsWithItsFirstFinding(t *testing.T) {
	t.Parallel()
	tr := &trial{ctx: t.Context()}
	tr.equal("one", 1, 2)
	tr.equal("another", 3, 4)
	tr.skip("no reason")
	if a := tr.do(request{method: "GET", path: "/"}); a.status != 0 || tr.verdict != Fail || tr.expected != "one: 1" || tr.got != "2" {
		t.Errorf("%+v", tr)
	}
}

// Each run has people of its own, of the cohort that is open, with numbers that no magic person has.
func TestPeopleAreNew(t *testing.T) {
	t.Parallel()
	c := scene{phones: numbersOf("+821000002000", "+821000002003"), cast: map[string]person{"magic": {phone: "+821000002001"}}}
	c.open = cohort{from: day("1960-01-01"), to: day("1960-01-31"), digits: []int{3}}
	p := newPeople(c)
	seen := map[string]bool{}
	for range 6 {
		who := p.anybody()
		seen[who.phone] = true
		if who.phone == "+821000002001" || !strings.HasSuffix(who.born, "3") && who.born != "1960-01-31" || who.born[:7] != "1960-01" || who.name == "" {
			t.Errorf("%+v", who)
		}
	}
	if len(seen) != 3 {
		t.Errorf("%d of three free numbers", len(seen))
	}
	if n := numbersOf("", ""); n.first != 821000000000 {
		t.Errorf("without a sandbox: %+v", n)
	}
}
