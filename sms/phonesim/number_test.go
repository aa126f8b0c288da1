package phonesim_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"jari/booking/desk"
	"jari/sms/phonesim"
	"jari/sms/twilio"
)

// senderOf is a sender by another of the account's numbers.
func (n *network) senderOf(t testing.TB, number string) *twilio.Sender {
	t.Helper()
	sender, err := twilio.New(twilio.Config{
		AccountSID: account, AuthToken: token, From: number, BaseURL: n.base, StatusCallback: n.hooks + "/receipts",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	return sender
}

// fate waits for a text's last receipt.
func (n *network) fate(t testing.TB, id string) desk.Receipt {
	t.Helper()
	for {
		r := take(t, n.receipts)
		if r.ProviderID == id && r.Status.Rank() == desk.ReceiptDelivered.Rank() {
			return r
		}
	}
}

func TestNumberRefusesAboveItsRate(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, func(c *phonesim.Config) {
		c.Numbers = []phonesim.Number{{Number: ours, PerSecond: 3, Over: phonesim.OverRefuse}}
	})
	for second := range 3 {
		for i := range 5 {
			got := n.send(t, korean, "x")
			want := desk.SendResult{Outcome: desk.SendSlowDown, Code: 20429, RetryAfter: time.Second}
			if i < 3 {
				want = desk.SendResult{Outcome: desk.SendAccepted, ProviderID: got.ProviderID}
			}
			if got != want {
				t.Errorf("second %d, text %d: %+v", second, i, got)
			}
		}
		n.clock.add(time.Second)
	}
	stand := n.Numbers()[0]
	if stand.Accepted != 9 || stand.Left != 9 || stand.Refused != 6 || stand.MostPerSecond != 3 || len(stand.Seconds) != 3 || stand.Waiting != 0 {
		t.Errorf("%+v", stand)
	}
	if s := stand.Seconds[0]; s.Accepted != 3 || s.Refused != 2 || s.Left != 3 || s.At != n.clock.Now().Unix()-3 {
		t.Errorf("the first second: %+v", s)
	}
	if c := n.Counts(); c.SlowedDown != 6 || c.Accepted != 9 {
		t.Errorf("%+v", c)
	}
}

// TestNumberQueues: texts above the rate are accepted, leave in their order and at the rate, and the queue is bounded.
func TestNumberQueues(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, func(c *phonesim.Config) {
		c.Numbers = []phonesim.Number{{Number: ours, PerSecond: 1, CountSegments: true, QueueMost: 3}}
	})
	long := strings.Repeat("가", 1600) // 24 segments, which leave at once
	for i, body := range []string{long, "b", "c", "d"} {
		if got := n.send(t, korean, body); got.Outcome != desk.SendAccepted {
			t.Fatalf("text %d: %+v", i, got)
		}
	}
	if got := n.send(t, korean, "e"); got.Outcome != desk.SendSlowDown || got.Code != 21611 {
		t.Errorf("a text for a full queue: %+v", got)
	}
	if s := n.Numbers()[0]; s.Waiting != 3 || s.Left != 1 || len(n.Inbox(phone(t, korean))) != 1 {
		t.Errorf("while they wait: %+v", s)
	}
	began := time.Now()
	if err := n.SetNumber(phonesim.Number{Number: ours, PerSecond: 20}); err != nil { // and the second waits for a twentieth of what it had to
		t.Fatal(err)
	}
	for range 8 {
		take(t, n.receipts)
	}
	if took := time.Since(began); took < 100*time.Millisecond || took > 15*time.Second {
		t.Errorf("three texts left within %s", took)
	}
	var shown []string
	for _, e := range n.Log() {
		shown = append(shown, e.Body)
	}
	if !slices.Equal(shown, []string{long, "b", "c", "d"}) || n.Numbers()[0].Waiting != 0 {
		t.Errorf("shown %q", shown)
	}
}

func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, func(c *phonesim.Config) {
		c.Numbers = []phonesim.Number{{Number: ours, PerSecond: 1, QueueFor: time.Millisecond, CountSegments: true}}
	})
	if got := n.send(t, korean, strings.Repeat("가", 1600)); got.Outcome != desk.SendAccepted { // 24 seconds' worth
		t.Fatalf("%+v", got)
	}
	late := n.send(t, korean, "x")
	if got := n.fate(t, late.ProviderID); got.Status != desk.ReceiptFailed || got.Code != 30001 {
		t.Errorf("after too long: %+v", got)
	}
	if err := n.SetNumber(phonesim.Number{Number: ours, PerSecond: 1, CountSegments: true}); err != nil {
		t.Fatal(err)
	}
	short := n.sender.Send(t.Context(), desk.OutgoingText{To: phone(t, korean), Body: "y", ValidFor: time.Second})
	if got := n.fate(t, short.ProviderID); got.Status != desk.ReceiptFailed || got.Code != 30036 {
		t.Errorf("after its validity: %+v", got)
	}
	fetched, err := n.sender.Fetch(t.Context(), short.ProviderID)
	if err != nil || fetched.Status != desk.ReceiptFailed || fetched.Code != 30036 {
		t.Errorf("%+v, %v", fetched, err)
	}
	if s := n.Numbers()[0]; s.Expired != 2 || s.Waiting != 0 || len(n.Log()) != 1 {
		t.Errorf("%+v", s)
	}
	if status := n.raw(t, account, url.Values{}); status != 400 {
		t.Errorf("status %d", status)
	}
}

// TestSeveralNumbers: each has its rules, its opt-outs and its webhook.
func TestSeveralNumbers(t *testing.T) {
	t.Parallel()
	const second = "+15005550010"
	n := newNetwork(t, func(c *phonesim.Config) {
		c.Numbers = []phonesim.Number{{Number: second, PerSecond: 1, Over: phonesim.OverRefuse}}
	})
	other := n.senderOf(t, second)
	p := phone(t, korean)
	if got := n.send(t, korean, "x"); got.Outcome != desk.SendAccepted {
		t.Fatalf("%+v", got)
	}
	for i, want := range []desk.SendOutcome{desk.SendAccepted, desk.SendSlowDown} {
		if got := other.Send(t.Context(), desk.OutgoingText{To: p, Body: "x"}); got.Outcome != want {
			t.Errorf("text %d by the second: %+v", i, got)
		}
	}
	n.clock.add(time.Second)
	n.TextTo(p, second, "STOP")
	take(t, n.texts)
	if got := other.Send(t.Context(), desk.OutgoingText{To: p, Body: "x"}); got.Code != 21610 {
		t.Errorf("after STOP to it: %+v", got)
	}
	if got := n.send(t, korean, "x"); got.Outcome != desk.SendAccepted {
		t.Errorf("STOP to another number: %+v", got)
	}
	if n.TextTo(p, "+15005550099", "x") != "" {
		t.Error("a text to a number that is not the account's was taken")
	}
	if stands := n.Numbers(); len(stands) != 2 || stands[0].Number.Number != ours || stands[1].Number.Number != second {
		t.Errorf("%+v", stands)
	}
}

func TestNumbersByHTTP(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	if status, _ := n.do(t, "PUT", "/sim/numbers/"+ours, "application/json", `{"per_second":7,"over":"refuse","queue_for_ms":1000}`); status != 204 {
		t.Errorf("status %d", status)
	}
	if status, _ := n.do(t, "PUT", "/sim/numbers/Jari", "application/json", `{"filtered":true}`); status != 204 {
		t.Errorf("another number: status %d", status)
	}
	_, body := n.do(t, "GET", "/sim/numbers", "", "")
	var list []struct {
		Number    string
		PerSecond int `json:"per_second"`
		Over      string
		Filtered  bool
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 2 || list[0].Number != ours || list[0].PerSecond != 7 ||
		list[0].Over != "refuse" || list[1].Number != "Jari" || list[1].Over != "wait" || !list[1].Filtered {
		t.Errorf("%v %s", err, body)
	}
	for _, bad := range []string{`{"per_second":-1}`, `{"over":"drop"}`, `{"queue_for_ms":9223372036854775807}`, `{"inbound_url":"x"}`, `{"rate":1}`} {
		if status, _ := n.do(t, "PUT", "/sim/numbers/"+ours, "application/json", bad); status != 400 {
			t.Errorf("%s: status %d", bad, status)
		}
	}
	if err := n.SetNumber(phonesim.Number{Number: "a b"}); !errors.Is(err, phonesim.ErrNumber) {
		t.Errorf("%v", err)
	}
	if n.Numbers()[0].PerSecond != 7 {
		t.Error("refused rules were taken")
	}
}
