package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"jari/booking"
	"jari/db/dbtest"
)

// gatewayTown is a town whose only provider is `jari phonesim --gateway`, with everything a process of its own.
type gatewayTown struct {
	*town
	sim   string // its address
	serve *process
}

func newGatewayTown(t *testing.T) *gatewayTown {
	t.Helper()
	w := &gatewayTown{town: newTown(t, dbtest.BeforeOffer)}
	c := &w.config
	c.TwilioAccountSID, c.TwilioAuthToken, c.TwilioFrom, c.TwilioBaseURL = "", "", "", ""
	w.variables = []string{gatewaySecret + "=" + krSecret}
	at := freeAddress(t)
	w.sim = "http://" + at
	w.haveTexts(fmt.Sprintf(`
providers:
  - {name: kr, kind: gateway, url: "%s/gateway", country: "82", secret: %s}
routes:
  - {name: kr, provider: kr, number: "16001339"}
inbound:
  - {provider: kr, number: "16001339", campaign: %s}
`, w.sim, gatewaySecret, w.campaign.Slug))
	w.start("phonesim", "--gateway", "--listen", at, "--number", "16001339", "--list-lag", "1s",
		"--inbound", w.apiURL+inboundAt("kr")+"/"+w.campaign.Slug, "--receipts", w.apiURL+receiptsAt("kr"))
	w.until("the phones to be there", time.Minute, func() bool {
		res, err := http.Get(w.sim + "/sim/counts") //nolint:noctx // polling
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	w.serve = w.start("serve")
	w.start("work")
	w.untilServing()
	return w
}

// ask sends JSON to the phones, and reads JSON where something is to be read.
func (w *gatewayTown) ask(method, path string, body, into any) {
	w.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.sim+path, bytes.NewReader(b))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= http.StatusBadRequest {
		w.t.Fatalf("%s %s: %d", method, path, res.StatusCode)
	}
	if into == nil {
		return
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		w.t.Fatal(err)
	}
}

func (w *gatewayTown) text(from booking.Phone, body string) {
	w.t.Helper()
	w.ask(http.MethodPost, "/sim/texts", map[string]string{"from": from.E164(), "body": body}, nil)
}

// screen is what a phone shows, the newest first.
func (w *gatewayTown) screen(phone booking.Phone) (bodies []string) {
	w.t.Helper()
	var all []struct {
		Body        string
		Mine, Shown bool
	}
	w.ask(http.MethodGet, "/sim/phones/"+phone.E164(), nil, &all)
	for _, m := range all {
		if m.Shown && !m.Mine {
			bodies = append(bodies, m.Body)
		}
	}
	return bodies
}

// reads waits for a text with a piece and returns it.
func (w *gatewayTown) reads(phone booking.Phone, piece string) (found string) {
	w.t.Helper()
	w.until("a text with "+piece, time.Minute, func() bool {
		for _, body := range w.screen(phone) {
			if strings.Contains(body, piece) {
				found = body
			}
		}
		return found != ""
	})
	return found
}

// books lets somebody apply by text, say that it is them, and take the time that they are offered.
func (w *gatewayTown) books(n int) booking.Phone {
	w.t.Helper()
	p := dbtest.Person(n)
	w.text(p.Phone, w.applying(p))
	for _, piece := range []string{"본인이시면", "못오시면"} {
		no := answerNumber.FindStringSubmatch(w.reads(p.Phone, piece))
		if no == nil {
			w.t.Fatalf("no number to answer %s with", piece)
		}
		w.text(p.Phone, no[1])
	}
	return p.Phone
}

// booked holds when everybody has a confirmed time, what became of each text is known, and no phone shows one twice.
func (w *gatewayTown) booked(phones ...booking.Phone) {
	w.t.Helper()
	for _, phone := range phones {
		w.reads(phone, "확정")
	}
	w.told()
	var registered, confirmed, delivered, all int
	w.db.Scan(w.t, `SELECT (SELECT count(*) FROM registration), (SELECT count(*) FROM appointment WHERE state = 'confirmed'),
		count(*) FILTER (WHERE state = 'delivered' AND provider_id LIKE 'kr:SM%'), count(*) FROM message WHERE due_at <= clock_timestamp()`,
		nil, &registered, &confirmed, &delivered, &all)
	if registered != len(phones) || confirmed != len(phones) || delivered != all {
		w.t.Errorf("%d people: %d registrations, %d confirmed times, %d of %d texts known to be delivered", len(phones), registered, confirmed, delivered, all)
	}
	shown := 0
	for _, phone := range phones {
		seen := map[string]bool{}
		for _, body := range w.screen(phone) {
			if shown++; seen[body] {
				w.t.Errorf("twice: %s", body)
			}
			seen[body] = true
		}
	}
	if shown != all {
		w.t.Errorf("%d texts on the phones, %d sent", shown, all)
	}
	w.audited()
}

// From the first text to a confirmed time, all by the simulated gateway, with the program as it is installed.
func TestAJourneyByTheSimulatedGateway(t *testing.T) {
	t.Parallel()
	w := newGatewayTown(t)
	w.booked(w.books(1))
}

// The gateway says "too fast", breaks, and takes texts without a word; receipts come twice and in any order. Each text is there once.
func TestTheSimulatedGatewaysFaults(t *testing.T) {
	t.Parallel()
	w := newGatewayTown(t)
	w.ask(http.MethodPut, "/sim/faults", map[string]any{
		"slow_down_next": 2, "break_next": 2, "hang_next": 3, "hang_for_ms": 2000, "retry_after_ms": 1000,
		"rate_429": 0.1, "rate_503_html": 0.1, "rate_accept_then_hang": 0.3, "rate_receipt_twice": 0.5, "rate_receipt_shuffled": 0.5,
	}, nil)
	const people = 8
	phones := make([]booking.Phone, people)
	for i := range phones {
		phones[i] = w.books(10 + i)
	}
	w.booked(phones...)
	var n struct {
		Hung       int `json:"hung"`
		SlowedDown int `json:"slowed_down"`
		Broken     int `json:"broken"`
	}
	if w.ask(http.MethodGet, "/sim/counts", nil, &n); n.Hung < 3 || n.SlowedDown < 2 || n.Broken < 2 {
		t.Errorf("hardly anything went wrong: %+v", n)
	}
}

// While nobody takes texts the gateway keeps what a person sends, posts it again, and has it in its log: it counts from then.
func TestAnOutageAtTheSimulatedGateway(t *testing.T) {
	t.Parallel()
	w := newGatewayTown(t)
	w.books(1)
	w.reads(dbtest.Person(1).Phone, "확정")
	w.told()
	w.serve.signal(syscall.SIGTERM)
	<-w.serve.done
	p := dbtest.Person(2)
	w.text(p.Phone, w.applying(p))
	var sent time.Time
	w.db.Scan(t, `SELECT clock_timestamp()`, nil, &sent)
	w.until("a time without a sign", time.Minute, func() bool {
		var away bool
		w.db.Scan(t, `SELECT clock_timestamp() - max(seen_at) > interval '5 seconds' FROM text_door`, nil, &away)
		return away
	})
	w.start("serve")
	w.untilServing()
	w.reads(p.Phone, "본인이시면")
	w.until("the log to be read", time.Minute, func() bool {
		var early int
		w.db.Scan(t, `SELECT count(*) FROM registration r JOIN inbound i ON i.campaign_id = r.campaign_id AND i.arrival = r.arrival
			WHERE i.via = 'log' AND r.arrival <= $1`, []any{sent}, &early)
		return early == 1
	})
	w.counted("clinic", 2, 1)
	w.told()
	w.audited()
}
