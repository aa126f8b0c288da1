package gateway_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"jari/booking"
	"jari/sms/gateway"
)

const (
	secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	before = "an earlier secret that is still accepted"
	number = "16001339"
)

// began is the reference gateway's clock, and ours, in these tests.
var began = time.Date(2021, 7, 19, 11, 0, 0, 0, time.UTC)

// text is a text as docs/gateway.md writes it.
type text struct {
	ID       string    `json:"id"`
	State    string    `json:"state,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	To       string    `json:"to"`
	From     string    `json:"from"`
	Text     string    `json:"text"`
	Created  time.Time `json:"created_at,omitzero"`
	Received time.Time `json:"received_at,omitzero"`
}

// reference is a gateway that holds to docs/gateway.md, and to nothing else.
type reference struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	texts   []*text
	byKey   map[string]*text
	log     []text // from people
	page    int    // of the log; 0: as asked
	trouble []http.HandlerFunc
	asked   []string
}

// newReference starts one. Each trouble comes in the place of one answer to POST /messages; with a nil one the text is taken first.
func newReference(t *testing.T, trouble ...http.HandlerFunc) *reference {
	t.Helper()
	g := &reference{t: t, byKey: map[string]*text{}, trouble: trouble}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /jari/messages", g.take)
	mux.HandleFunc("GET /jari/messages", g.list)
	mux.HandleFunc("GET /jari/messages/{id}", g.one)
	mux.HandleFunc("GET /jari/received", g.received)
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !gateway.Verify([]string{secret, before}, began, r.Header, r.Method, r.RequestURI, body) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

// seen is how often it was asked to take a text, and what it took.
func (g *reference) seen() (asked int, texts []text) {
	g.change(func() {
		asked = len(g.asked)
		for _, t := range g.texts {
			texts = append(texts, *t)
		}
	})
	return asked, texts
}

func (g *reference) change(do func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	do()
}

func (g *reference) sender(change func(*gateway.Config)) *gateway.Sender {
	g.t.Helper()
	c := gateway.Config{Name: "aggregator", BaseURL: g.URL + "/jari", Secret: secret, From: number, Country: "82", Now: func() time.Time { return began }}
	if change != nil {
		change(&c)
	}
	s, err := gateway.New(c)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(s.Close)
	return s
}

func (g *reference) take(w http.ResponseWriter, r *http.Request) {
	var order struct {
		To, From, Text string
		Valid          int `json:"valid_seconds"`
	}
	key, err := strconv.Unquote(r.Header.Get("Idempotency-Key"))
	if json.NewDecoder(r.Body).Decode(&order) != nil || err != nil || key == "" || order.From != number || order.Text == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if _, err := booking.ParseE164(order.To); err != nil {
		answer(w, http.StatusUnprocessableEntity, map[string]string{"reason": "not_a_number"})
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = append(g.asked, key)
	known, repeated := g.byKey[key]
	var trouble http.HandlerFunc
	troubled := len(g.trouble) > 0
	if troubled {
		trouble, g.trouble = g.trouble[0], g.trouble[1:]
	}
	if trouble != nil {
		trouble(w, r)
		return
	}
	if !repeated {
		known = &text{
			ID: "20210719-" + strconv.Itoa(len(g.texts)), State: "accepted", To: order.To, From: order.From, Text: order.Text,
			Created: began.Add(time.Duration(len(g.texts)) * time.Second),
		}
		g.texts, g.byKey[key] = append(g.texts, known), known
	}
	if troubled {
		panic(http.ErrAbortHandler) // it is taken, and nobody hears of it
	}
	status := http.StatusCreated
	if repeated {
		status = http.StatusOK
	}
	answer(w, status, known)
}

func (g *reference) one(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.texts, func(t *text) bool { return t.ID == r.PathValue("id") })
	if i < 0 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	answer(w, http.StatusOK, g.texts[i])
}

func (g *reference) list(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	since, err := time.Parse(time.RFC3339, r.FormValue("since"))
	limit, err2 := strconv.Atoi(r.FormValue("limit"))
	if err != nil || err2 != nil || limit > 200 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	found := []*text{}
	for _, t := range slices.Backward(g.texts) {
		if t.To == r.FormValue("to") && !t.Created.Before(since) && len(found) < limit {
			found = append(found, t)
		}
	}
	answer(w, http.StatusOK, map[string]any{"messages": found})
}

func (g *reference) received(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	since, err := time.Parse(time.RFC3339, r.FormValue("since"))
	until, err2 := time.Parse(time.RFC3339, r.FormValue("until"))
	limit, err3 := strconv.Atoi(r.FormValue("limit"))
	if err != nil || err2 != nil || err3 != nil || r.FormValue("to") != number {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if g.page > 0 {
		limit = g.page
	}
	skip, _ := strconv.Atoi(r.FormValue("page"))
	found := []text{}
	out := map[string]any{}
	for _, t := range g.log {
		if t.Received.Before(since) || !t.Received.Before(until) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if len(found) == limit {
			n, _ := strconv.Atoi(r.FormValue("page"))
			out["next"] = strconv.Itoa(n + limit)
			break
		}
		found = append(found, t)
	}
	out["texts"] = found
	answer(w, http.StatusOK, out)
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
	}
}

func cutOff(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func phone(t testing.TB, e164 string) booking.Phone {
	t.Helper()
	p, err := booking.ParseE164(e164)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
