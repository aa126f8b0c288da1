package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"jari/db/dbtest"
	"jari/sms/gateway"
)

// aggregator is a national one, as docs/gateway.md asks for it. The first answer to each text is lost on the way.
type aggregator struct {
	w   *town
	web *httptest.Server

	mu    sync.Mutex
	byKey map[string]string // ids
	texts []sentByAggregator
}

type sentByAggregator struct{ ID, To, Text string }

func newAggregator(w *town) *aggregator {
	a := &aggregator{w: w, byKey: map[string]string{}}
	a.web = httptest.NewServer(http.HandlerFunc(a.take))
	w.t.Cleanup(a.web.Close)
	return a
}

func (a *aggregator) take(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || !gateway.Verify([]string{krSecret}, time.Now(), r.Header, r.Method, r.RequestURI, body) {
		out.WriteHeader(http.StatusUnauthorized)
		return
	}
	var order sentByAggregator
	if json.Unmarshal(body, &order) != nil {
		out.WriteHeader(http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	key := r.Header.Get(gateway.KeyHeader)
	id, known := a.byKey[key]
	if !known {
		order.ID = "kr-" + strconv.Itoa(len(a.texts))
		a.byKey[key], a.texts = order.ID, append(a.texts, order)
		panic(http.ErrAbortHandler)
	}
	out.WriteHeader(http.StatusOK)
	_, _ = fmt.Fprintf(out, `{"id":%q,"state":"accepted"}`, id)
}

// shown is what a phone has got, and the ids of the texts.
func (a *aggregator) shown(phone string) (bodies, ids []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range a.texts {
		if t.To == phone {
			bodies, ids = append(bodies, t.Text), append(ids, t.ID)
		}
	}
	return bodies, ids
}

// post tells the town something, signed, and returns the status.
func (a *aggregator) post(path, secret string, fields map[string]string) int {
	a.w.t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		a.w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(a.w.t.Context(), http.MethodPost, a.w.apiURL+path, strings.NewReader(string(body)))
	if err != nil {
		a.w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	gateway.SignRequest(req, secret, time.Now(), body)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		a.w.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// Somebody texts a number of a national aggregator, is registered, reads the answer, and we know that it arrived, with each first answer of
// the aggregator lost.
func TestTextsByAGateway(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	a := newAggregator(w)
	w.haveTexts(fmt.Sprintf(`
providers:
  - {name: kr, kind: gateway, url: "%s/jari", country: "82", secret: KR_SECRET}
  - {name: twilio, kind: twilio, account: %s, url: "%s", secret: TWILIO_AUTH_TOKEN}
routes:
  - {name: kr-main, provider: kr, number: "16001339", prefixes: ["+82"]}
  - {name: world, provider: twilio, number: "%s"}
inbound:
  - {provider: kr, number: "16001339", campaign: %s}
`, a.web.URL, w.config.TwilioAccountSID, w.config.TwilioBaseURL, w.config.TwilioFrom, w.campaign.Slug))
	w.open()
	p := dbtest.Person(1)
	const inbound, receipts = "/webhooks/kr/inbound/", "/webhooks/kr/receipts"
	text := map[string]string{"id": "in-1", "from": text010(p.Phone), "to": "16001339", "text": w.applying(p)}
	for range 2 { // the second time as if our answer had been lost
		if status := a.post(inbound+w.campaign.Slug, krSecret, text); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
	}
	if status := a.post(inbound+w.campaign.Slug, strings.Repeat("x", 32), text); status != http.StatusForbidden {
		t.Errorf("with another secret: status %d", status)
	}
	if status := a.post("/webhooks/twilio/inbound/"+w.campaign.Slug, krSecret, text); status != http.StatusNotFound {
		t.Errorf("at a provider that brings no texts: status %d", status)
	}
	var ids []string
	w.until("the answer", time.Minute, func() bool {
		bodies, got := a.shown(p.Phone.E164())
		ids = got
		return len(bodies) > 0 && strings.Contains(strings.Join(bodies, ""), "본인이시면")
	})
	for _, id := range ids {
		if status := a.post(receipts, krSecret, map[string]string{"id": id, "state": "delivered"}); status != http.StatusOK {
			t.Errorf("a receipt: status %d", status)
		}
	}
	var inbox, registrations, delivered, others int
	w.until("the receipts to be known", time.Minute, func() bool {
		w.db.Scan(t, `SELECT (SELECT count(*) FROM inbound WHERE provider = 'kr' AND provider_sid = 'in-1'), (SELECT count(*) FROM registration),
			(SELECT count(*) FROM message WHERE state = 'delivered' AND provider_id LIKE 'kr:kr-%'), (SELECT count(*) FROM send_attempt WHERE outcome = 'unknown')`,
			nil, &inbox, &registrations, &delivered, &others)
		return delivered >= len(ids)
	})
	if inbox != 1 || registrations != 1 || others != 0 {
		t.Errorf("%d texts, %d registrations, %d unknown outcomes", inbox, registrations, others)
	}
	bodies, _ := a.shown(p.Phone.E164())
	seen := map[string]bool{}
	for _, b := range bodies {
		if seen[b] {
			t.Errorf("twice: %s", b)
		}
		seen[b] = true
	}
}
