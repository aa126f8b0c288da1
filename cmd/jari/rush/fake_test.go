package rush

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fault is something that a system may do wrong.
type fault int

const (
	none         fault = iota
	forgets            // acknowledges every hundredth and stores nothing
	doubles            // stores every hundredth twice
	shuffles           // gives every tenth an arrival up to two seconds earlier
	believes           // takes any stamp for the opening's instant
	trustsClocks       // takes the Date header for the arrival
	opensEarly         // takes whoever comes before the opening
	sameNumbers        // gives every tenth the number before
	doesNothing        // answers 503 to everybody
	refusesAll         // answers 500 to everybody
)

// fake is a system in memory: one map, one lock. It stamps every fourth application by the letter, and may have a fault.
type fake struct {
	fault  fault
	opens  time.Time
	mode   string
	mu     sync.Mutex
	people map[string]*entry // by phone
	stamps map[string]string // stamp → secret and operation
	times  map[string]time.Time
	number int
}

type entry struct {
	arrival   time.Time
	reference string
	copies    int
}

func newFake(f fault, opens time.Time) *fake {
	return &fake{fault: f, opens: opens, mode: "rehearsal", people: map[string]*entry{}, stamps: map[string]string{}, times: map[string]time.Time{}}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	received := time.Now()
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/order"):
		f.order(w, r)
	case strings.HasSuffix(path, "/registrations") && r.Method == http.MethodPost:
		f.apply(w, r, received)
	case path == "/v1/campaigns/rush":
		write(w, 200, map[string]any{
			"campaign": "rush", "mode": f.mode, "langs": []string{"ko"}, "regions": []any{},
			"cohorts": []any{map[string]any{"queue": "q", "born_from": "1950-01-01", "born_to": "1960-01-01", "opens": f.opens, "closes": f.opens.Add(time.Hour)}},
		})
	default:
		write(w, 200, map[string]any{})
	}
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (f *fake) apply(w http.ResponseWriter, r *http.Request, arrival time.Time) {
	var in struct {
		Operation string `json:"operation_id"`
		Person    struct {
			Phone string `json:"phone"`
		} `json:"person"`
		Stamp    string `json:"stamp"`
		Received string `json:"received_at"`
	}
	err := json.NewDecoder(r.Body).Decode(&in)
	secret := r.Header.Values("Authorization")
	switch {
	case err != nil || in.Received != "":
		write(w, 400, map[string]any{"code": "invalid"})
		return
	case len(secret) != 1:
		write(w, 401, map[string]any{"code": "secret_malformed"})
		return
	case arrival.Before(f.opens) && f.fault != opensEarly:
		write(w, 403, map[string]any{"code": "not_open_yet"})
		return
	case f.fault == refusesAll:
		write(w, 500, map[string]any{"code": "internal"})
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.number++
	owner := secret[0] + in.Operation + in.Person.Phone
	outcome := ""
	if in.Stamp != "" {
		if outcome = "invalid"; f.stamps[in.Stamp] == owner {
			arrival, outcome = f.times[in.Stamp], "counted"
		} else if f.fault == believes {
			arrival, outcome = f.opens, "counted"
		}
	} else if f.number%4 == 0 || f.fault == doesNothing {
		stamp := "v1" + strconv.FormatUint(rand.Uint64(), 36) + "x"
		f.stamps[stamp], f.times[stamp] = owner, arrival
		w.Header().Set("Retry-After", "1")
		write(w, 503, map[string]any{"code": "overloaded", "stamp": stamp})
		return
	}
	if at, err := http.ParseTime(r.Header.Get("Date")); err == nil && f.fault == trustsClocks {
		arrival = at
	}
	reference := fmt.Sprintf("%x", sha256.Sum256([]byte(secret[0]+in.Person.Phone)))
	f.store(in.Person.Phone, reference, arrival)
	write(w, 200, map[string]any{"reference": reference, "stamp": outcome})
}

func (f *fake) store(phone, reference string, arrival time.Time) {
	e, ok := f.people[phone]
	switch {
	case ok && arrival.Before(e.arrival):
		e.arrival = arrival
	case !ok && f.fault == forgets && len(f.people)%100 == 7:
		f.people[phone] = &entry{copies: 0, reference: reference, arrival: arrival}
	case !ok && f.fault == doubles && len(f.people)%100 == 7:
		f.people[phone] = &entry{copies: 2, reference: reference, arrival: arrival}
	case !ok && f.fault == shuffles && len(f.people)%10 == 7:
		f.people[phone] = &entry{copies: 1, reference: reference, arrival: arrival.Add(-2 * time.Second)}
	case !ok:
		f.people[phone] = &entry{copies: 1, reference: reference, arrival: arrival}
	}
}

// order publishes the whole order once it is asked for after the opening; the number follows the arrival.
func (f *fake) order(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	after, _ := strconv.Atoi(r.URL.Query().Get("after"))
	var all []*entry
	for _, e := range f.people {
		for range e.copies {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *entry) int { return a.arrival.Compare(b.arrival) })
	places := []place{}
	for i := after; i < min(len(all), after+fullPage); i++ {
		number := int64(i + 1)
		if f.fault == sameNumbers && i%10 == 7 {
			number--
		}
		places = append(places, place{Number: number, Arrival: all[i].arrival, Reference: all[i].reference, Ticket: "0", Door: "app"})
	}
	write(w, 200, map[string]any{"places": places})
}

// The judge fails what it should fail, and passes what it should pass, over real connections.
func TestFaultySystems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  fault
		failed func(*Result) bool
	}{
		"a good one": {none, func(r *Result) bool {
			return r.OK && r.Stamped > 50 && r.FalseRefused > 0 && r.Early > 0 && r.Dropped > 0
		}},
		"one that forgets":       {forgets, func(r *Result) bool { return r.Lost > 0 && r.Registered < r.People }},
		"one that doubles":       {doubles, func(r *Result) bool { return r.Doubled > 0 && r.Lost == 0 }},
		"one that shuffles":      {shuffles, func(r *Result) bool { return r.OutOfOrder > 0 }},
		"one without signatures": {believes, func(r *Result) bool { return r.FalseCounted > 0 && r.Gained > 0 }},
		"one that trusts clocks": {trustsClocks, func(r *Result) bool { return r.Gained > 0 }},
		"one that opens early":   {opensEarly, func(r *Result) bool { return r.TricksAccepted > 0 && r.Registered == r.People }},
		"one of equal numbers":   {sameNumbers, func(r *Result) bool { return r.Doubled > 0 && r.Lost == 0 }},
		"one that does nothing":  {doesNothing, func(r *Result) bool { return r.Registered < r.People }},
		"one that is broken":     {refusesAll, func(r *Result) bool { return r.Registered == 0 && r.Unanswered == r.People }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Where everybody is served in the end the run ends by itself, however slow the machine; the others end when it is enough.
			patience := 2 * time.Minute
			if c.fault == forgets || c.fault == doesNothing || c.fault == refusesAll {
				patience = 3 * time.Second
			}
			res := rushOn(t, newFake(c.fault, time.Now().Add(time.Second)), patience)
			if !c.failed(res) || res.OK != (c.fault == none) {
				t.Errorf("lost %d, doubled %d, out of order %d, gained %d, registered %d: %v\n%v", res.Lost, res.Doubled, res.OutOfOrder, res.Gained, res.Registered, res.Failures, res.Examples)
			}
		})
	}
}

func rushOn(t *testing.T, f *fake, patience time.Duration) *Result {
	t.Helper()
	first, second := httptest.NewServer(f), httptest.NewServer(f)
	t.Cleanup(first.Close)
	t.Cleanup(second.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	r, err := New(ctx, Config{
		Targets: []string{first.URL, second.URL}, Campaign: "rush", AgentToken: "t", People: 1000, PerPerson: 4, Over: 2 * time.Second,
		Doors: map[string]float64{DoorApp: 1}, Drop: 0.1, Early: 0.1, Cheat: 0.1, Helpers: 0.03, Seed: 5, Conns: 200, Patience: patience,
	})
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	if err := res.WriteReport(&page, "rush", time.Now()); err != nil || strings.Contains(page.String(), "NaN") {
		t.Errorf("the report: %v", err)
	}
	return res
}

func TestLiveIsRefused(t *testing.T) {
	t.Parallel()
	f := newFake(none, time.Now().Add(time.Hour))
	for _, mode := range []string{"live", "", "other"} {
		f.mode = mode
		srv := httptest.NewServer(f)
		_, err := New(t.Context(), Config{
			Targets: []string{srv.URL}, Campaign: "rush", People: 1, PerPerson: 1, Over: time.Second, Doors: map[string]float64{DoorApp: 1}, Conns: 1,
		})
		srv.Close()
		if err == nil || !strings.Contains(err.Error(), ErrLive.Error()) {
			t.Errorf("mode %q: %v", mode, err)
		}
	}
}
