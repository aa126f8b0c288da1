package phonesim_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"jari/booking/desk"
	"jari/sms/phonesim"
)

// do sends a request to the simulator and returns the answer's status and body, after redirects.
func (n *network) do(t *testing.T, method, path, kind, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, n.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

func TestFaultsByHTTP(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	status, _ := n.do(t, "PUT", "/sim/faults", "application/json",
		`{"rate_receipt_twice":0.5,"hang_for_ms":1,"receipt_delay_max_ms":20,"hang_next":1}`)
	want := phonesim.Faults{RateReceiptTwice: 0.5, HangFor: time.Millisecond, ReceiptDelayMax: 20 * time.Millisecond}
	if status != 204 || n.Faults() != want {
		t.Errorf("status %d, faults %+v", status, n.Faults())
	}
	if _, body := n.do(t, "GET", "/sim/faults", "", ""); !strings.Contains(body, `"hang_next":1`) {
		t.Errorf("faults %s", body)
	}
	if got := n.send(t, korean, "x").Outcome; got != desk.SendUnknown {
		t.Errorf("outcome %d", got)
	}
	for _, bad := range []string{`{"rate_429":2}`, `{"rate_429":-1}`, `{"rate_420":1}`, `{"hang_for_ms":9223372036854775807}`,
		`{"receipt_delay_min_ms":5}`, `{} {}`, `[]`} {
		if status, _ := n.do(t, "PUT", "/sim/faults", "application/json", bad); status != 400 {
			t.Errorf("%s: status %d", bad, status)
		}
	}
	if n.Faults() != want {
		t.Error("refused faults were taken")
	}
}

func TestTextsLogAndThreadByHTTP(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	status, body := n.do(t, "POST", "/sim/texts", "application/json", `{"from":"+821000001234","body":"예약"}`)
	var answer struct{ SID string }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 202 || take(t, n.texts).ProviderID != answer.SID {
		t.Errorf("status %d, %v", status, err)
	}
	if status, _ := n.do(t, "POST", "/sim/texts/"+answer.SID+"/redeliver", "", ""); status != 202 {
		t.Errorf("redeliver: status %d", status)
	}
	if take(t, n.texts).ProviderID != answer.SID {
		t.Error("redelivered another text")
	}
	for _, bad := range []string{`{"from":"1234","body":"x"}`, `{"from":"+821000001234","body":"` + strings.Repeat("a", 1601) + `"}`} {
		if status, _ := n.do(t, "POST", "/sim/texts", "application/json", bad); status != 400 {
			t.Errorf("status %d", status)
		}
	}
	for _, text := range []string{"하나", "둘"} {
		n.send(t, korean, text)
	}
	_, log := n.do(t, "GET", "/sim/log", "", "")
	lines := bufio.NewScanner(strings.NewReader(log))
	var bodies []string
	for lines.Scan() {
		var entry struct{ ID, To, From, Body, At string }
		if err := json.Unmarshal(lines.Bytes(), &entry); err != nil || entry.To != korean || entry.From != ours {
			t.Errorf("%v", err)
		}
		bodies = append(bodies, entry.Body)
	}
	if strings.Join(bodies, ",") != "하나,둘" {
		t.Errorf("log %q", bodies)
	}
}

// TestOtherSitesCannotPost: a page on another site must not write texts with a visitor's browser.
func TestOtherSitesCannotPost(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	req, err := http.NewRequestWithContext(t.Context(), "POST", n.base+"/sim/texts", strings.NewReader("from=010-0000-1234&body=x"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden || n.Counts().Inbound != 0 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// BenchmarkSend is one text with both receipts, over real HTTP in both directions.
func BenchmarkSend(b *testing.B) {
	n := newNetwork(b, func(c *phonesim.Config) { c.MaxMessages = 50_000 })
	go func() {
		for {
			select {
			case <-n.receipts:
			case <-b.Context().Done():
				return
			}
		}
	}()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n.send(b, korean, "자리: 7월 19일 20:00 [A1B2]")
		}
	})
	b.StopTimer()
	n.Stop()
}
