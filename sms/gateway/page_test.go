package gateway_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"jari/booking/desk"
	"jari/sms/gateway"
)

// blocks are the examples of docs/gateway.md of one kind, in their order.
func blocks(t *testing.T, kind string) []string {
	t.Helper()
	page, err := os.ReadFile("../../docs/gateway.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+kind+"\n(.*?)\n```\n").FindAllSubmatch(page, -1) {
		out = append(out, string(m[1]))
	}
	if len(out) == 0 {
		t.Fatalf("docs/gateway.md has no example of %s", kind)
	}
	return out
}

// example is the page's signed request.
func example(t *testing.T) (*http.Request, []byte) {
	t.Helper()
	head, body, _ := strings.Cut(blocks(t, "http")[0], "\n\n")
	req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return req, []byte(body)
}

// The page's example is signed as the page says, also with the shell.
func TestThePagesExampleIsSigned(t *testing.T) {
	t.Parallel()
	req, body := example(t)
	key := blocks(t, "secret")[0]
	seconds, err := strconv.ParseInt(req.Header.Get("Jari-Timestamp"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(seconds, 0)
	if want := gateway.Sign(key, at, req.Method, req.RequestURI, body); want != req.Header.Get("Jari-Signature") {
		t.Errorf("the page has %s, it is %s", req.Header.Get("Jari-Signature"), want)
	}
	page, err := os.ReadFile("../../docs/gateway.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^    (printf 'v1.*)$`).FindSubmatch(page)
	if line == nil {
		t.Fatal("docs/gateway.md has no line for a shell")
	}
	shell := exec.CommandContext(t.Context(), "sh", "-c", string(line[1]))
	shell.Env = append(os.Environ(), "BODY="+string(body), "SECRET="+key)
	out, err := shell.CombinedOutput()
	if err != nil || !strings.Contains(string(out), strings.TrimPrefix(req.Header.Get("Jari-Signature"), "v1=")) {
		t.Errorf("the shell says %s, %v", out, err)
	}
	for _, c := range []struct {
		name string
		now  time.Time
		do   func(r *http.Request, body *[]byte)
		want bool
	}{
		{"as it is", at, nil, true},
		{"five minutes later", at.Add(gateway.Window), nil, true},
		{"five minutes before", at.Add(-gateway.Window), nil, true},
		{"too late", at.Add(gateway.Window + time.Second), nil, false},
		{"too early", at.Add(-gateway.Window - time.Second), nil, false},
		{"another time", at, func(r *http.Request, _ *[]byte) { r.Header.Set("Jari-Timestamp", strconv.FormatInt(seconds+1, 10)) }, false},
		{"no time", at, func(r *http.Request, _ *[]byte) { r.Header.Del("Jari-Timestamp") }, false},
		{"another method", at, func(r *http.Request, _ *[]byte) { r.Method = http.MethodPut }, false},
		{"another path", at, func(r *http.Request, _ *[]byte) { r.RequestURI += "?x=1" }, false},
		{"another body", at, func(_ *http.Request, b *[]byte) { *b = append(*b, '\n') }, false},
		{"two signatures", at, func(r *http.Request, _ *[]byte) {
			r.Header.Set("Jari-Signature", "v1=00, "+r.Header.Get("Jari-Signature"))
		}, true},
		{"another version", at, func(r *http.Request, _ *[]byte) {
			r.Header.Set("Jari-Signature", strings.Replace(r.Header.Get("Jari-Signature"), "v1", "v2", 1))
		}, false},
		{"no signature", at, func(r *http.Request, _ *[]byte) { r.Header.Del("Jari-Signature") }, false},
	} {
		req, body := example(t)
		if c.do != nil {
			c.do(req, &body)
		}
		if got := gateway.Verify([]string{"another secret of the same length, or longer", key}, c.now, req.Header, req.Method, req.RequestURI, body); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	// A secret that is too short never verifies, not even what was signed with it.
	req.Header.Set("Jari-Signature", gateway.Sign("", at, req.Method, req.RequestURI, body))
	if gateway.Verify([]string{""}, at, req.Header, req.Method, req.RequestURI, body) {
		t.Error("an empty secret was accepted")
	}
}

// What we send is what the page shows, byte for byte.
func TestWeSendWhatThePageShows(t *testing.T) {
	t.Parallel()
	want, body := example(t)
	var shown struct{ To, From, Text string }
	if err := json.Unmarshal(body, &shown); err != nil {
		t.Fatal(err)
	}
	var got *http.Request
	var gotBody []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		gotBody, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, blocks(t, "json")[0])
	}))
	t.Cleanup(server.Close)
	key, err := strconv.Unquote(want.Header.Get("Idempotency-Key"))
	if err != nil {
		t.Fatal(err)
	}
	sender, err := gateway.New(gateway.Config{
		Name: "aggregator", BaseURL: server.URL + "/jari/", Secret: blocks(t, "secret")[0], From: shown.From, Now: func() time.Time { return began },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	result := sender.Send(t.Context(), desk.OutgoingText{To: phone(t, shown.To), Body: shown.Text, ValidFor: 90 * time.Minute, Key: key})
	if diff := cmp.Diff(desk.SendResult{Outcome: desk.SendAccepted, ProviderID: "aggregator:20210719-000001"}, result); diff != "" {
		t.Error(diff)
	}
	if !bytes.Equal(body, gotBody) {
		t.Errorf("the page has\n%s\nwe send\n%s", body, gotBody)
	}
	for _, name := range []string{"Content-Type", "Idempotency-Key", "Jari-Timestamp", "Jari-Signature"} {
		if got.Header.Get(name) != want.Header.Get(name) {
			t.Errorf("%s: the page has %q, we send %q", name, want.Header.Get(name), got.Header.Get(name))
		}
	}
}

// Each other example of the page is read as the page says.
func TestThePagesOtherExamples(t *testing.T) {
	t.Parallel()
	examples := blocks(t, "json")
	if len(examples) != 5 {
		t.Fatalf("the page has %d examples, five are tested", len(examples))
	}
	sender := func(body string) *gateway.Sender {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("page") {
				body = `{"texts":[]}`
			}
			io.WriteString(w, body)
		}))
		t.Cleanup(server.Close)
		s, err := gateway.New(gateway.Config{Name: "aggregator", BaseURL: server.URL, Secret: secret, From: number})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}
	const id = "aggregator:20210719-000001"
	if got, err := sender(examples[0]).Fetch(t.Context(), id); err != nil || got.ProviderID != id || got.Status != desk.ReceiptAccepted || got.CreatedAt.IsZero() {
		t.Errorf("a text: %+v, %v", got, err)
	}
	if got, err := sender(examples[1]).List(t.Context(), phone(t, "+821000001234"), began); err != nil || len(got) != 1 || got[0].Status != desk.ReceiptDelivered {
		t.Errorf("a list: %+v, %v", got, err)
	}
	hooks := webhooks(t)
	if got, err := hooks.ParseReceipt(fields(t, examples[2])); err != nil || got != (desk.Receipt{ProviderID: id, Status: desk.ReceiptUndelivered, Code: 30003}) {
		t.Errorf("a receipt: %+v, %v", got, err)
	}
	in, err := hooks.ParseInbound(fields(t, examples[3]))
	if err != nil || in.ProviderID != "20210719-900001" || in.From.E164() != "+821000001234" || in.Body != "예약 680412 홍길동 강남구" {
		t.Errorf("a text from a person: %+v, %v", in, err)
	}
	if got, err := sender(examples[4]).Received(t.Context(), began, began.Add(time.Minute)); err != nil || len(got) != 1 || got[0].ProviderID != in.ProviderID || got[0].Body != in.Body {
		t.Errorf("the log: %+v, %v", got, err)
	}
}

// Every state and every reason of the page is known, and none besides.
func TestThePagesWords(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/gateway.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "## What became of it")
	rest, _, _ = strings.Cut(rest, "`GET BASE")
	codes := map[string]int{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`[a-z_`, ]+`) \\|").FindAllStringSubmatch(rest, -1) {
		for _, word := range regexp.MustCompile("[a-z_]+").FindAllString(row[1], -1) {
			r, err := webhooks(t).ParseReceipt(fields(t, `{"id":"1","state":"failed","reason":"`+word+`"}`))
			if word == "state" || word == "reason" {
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", word, err)
			}
			if _, err := webhooks(t).ParseReceipt(fields(t, `{"id":"1","state":"`+word+`"}`)); err == nil {
				codes[word] = 0
				continue
			}
			codes[word] = r.Code
		}
	}
	want := map[string]int{
		"accepted": 0, "sent": 0, "delivered": 0, "undelivered": 0, "failed": 0,
		"not_a_number": 21211, "unknown_number": 30005, "landline": 30006, "not_mobile": 21614, "opted_out": 21610, "unreachable": 30003, "full": 30003,
		"blocked": 30004, "filtered": 30007, "expired": 30036, "queue_full": 30001, "country": 21408, "sender": 21606, "too_long": 21617, "other": 30008,
	}
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Error(diff)
	}
}
