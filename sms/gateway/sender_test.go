package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"jari/booking"
	"jari/booking/desk"
	"jari/sms/gateway"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const id0 = "aggregator:20210719-0"

func TestNewSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := gateway.Config{Name: "a", BaseURL: "https://sms.example", Secret: secret, From: number}
	if _, err := gateway.New(good); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*gateway.Config){
		"name":          func(c *gateway.Config) { c.Name = "a:b" },
		"32 characters": func(c *gateway.Config) { c.Secret = secret[:31] },
		"number":        func(c *gateway.Config) { c.From = "" },
		"https://":      func(c *gateway.Config) { c.BaseURL = "http://sms.example" },
		"https://host":  func(c *gateway.Config) { c.BaseURL = "https://sms.example/?a=b" },
		"address":       func(c *gateway.Config) { c.BaseURL = "sms.example" },
	} {
		c := good
		change(&c)
		if _, err := gateway.New(c); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret[:31]) {
			t.Errorf("%s: error %v", want, err)
		}
	}
	for _, local := range []string{"http://127.0.0.1:1", "http://[::1]:1/jari", "http://localhost:1"} {
		c := good
		c.BaseURL = local
		if _, err := gateway.New(c); err != nil {
			t.Errorf("%s: %v", local, err)
		}
	}
}

// A text whose fate nobody knows is asked about under its key, and is one text.
func TestSendOutcomes(t *testing.T) {
	t.Parallel()
	accepted := desk.SendResult{Outcome: desk.SendAccepted, ProviderID: id0}
	unknown := func(code int) desk.SendResult { return desk.SendResult{Outcome: desk.SendUnknown, Code: code} }
	refuse := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			io.WriteString(w, body)
		}
	}
	for name, c := range map[string]struct {
		trouble []http.HandlerFunc
		want    desk.SendResult
		asked   int // how often
		taken   int // how many texts there are
	}{
		"accepted":                  {nil, accepted, 1, 1},
		"taken, answer cut off":     {[]http.HandlerFunc{nil}, accepted, 2, 1},
		"taken, cut off for ever":   {[]http.HandlerFunc{nil, nil, nil}, unknown(0), 3, 1},
		"503 in HTML, then taken":   {[]http.HandlerFunc{refuse(503, "<html>")}, accepted, 2, 1},
		"500 and 500, then taken":   {[]http.HandlerFunc{status(500), status(500)}, accepted, 3, 1},
		"503 for ever":              {[]http.HandlerFunc{status(503), status(503), status(503)}, unknown(503), 3, 0},
		"under way, then there":     {[]http.HandlerFunc{status(409)}, accepted, 2, 1},
		"408, then taken":           {[]http.HandlerFunc{status(408)}, accepted, 2, 1},
		"an answer without an id":   {[]http.HandlerFunc{refuse(201, `{}`)}, accepted, 2, 1},
		"an answer with an odd id":  {[]http.HandlerFunc{refuse(201, `{"id":"../1"}`), refuse(200, `{"id":"a:b"}`), refuse(200, `{"id":"`+strings.Repeat("a", 101)+`"}`)}, unknown(201), 3, 0},
		"a redirect":                {[]http.HandlerFunc{status(307, "Location", "/"), status(302), status(308)}, unknown(307), 3, 0},
		"slow down":                 {[]http.HandlerFunc{status(429, "Retry-After", "7")}, desk.SendResult{Outcome: desk.SendSlowDown, Code: 429, RetryAfter: 7 * time.Second}, 1, 0},
		"slow down without more":    {[]http.HandlerFunc{status(429)}, desk.SendResult{Outcome: desk.SendSlowDown, Code: 429}, 1, 0},
		"slow down for ever":        {[]http.HandlerFunc{status(429, "Retry-After", "999999999")}, desk.SendResult{Outcome: desk.SendSlowDown, Code: 429, RetryAfter: time.Hour}, 1, 0},
		"slow down, negative":       {[]http.HandlerFunc{status(429, "Retry-After", "-5")}, desk.SendResult{Outcome: desk.SendSlowDown, Code: 429}, 1, 0},
		"opted out":                 {[]http.HandlerFunc{refuse(422, `{"reason":"opted_out"}`)}, desk.SendResult{Outcome: desk.SendRefused, Code: 21610, Permanent: true}, 1, 0},
		"filtered":                  {[]http.HandlerFunc{refuse(422, `{"reason":"filtered"}`)}, desk.SendResult{Outcome: desk.SendRefused, Code: 30007}, 1, 0},
		"a new reason":              {[]http.HandlerFunc{refuse(422, `{"reason":"moon"}`)}, desk.SendResult{Outcome: desk.SendRefused, Code: 30008}, 1, 0},
		"no reason":                 {[]http.HandlerFunc{refuse(400, `<html>`)}, desk.SendResult{Outcome: desk.SendRefused, Code: 400}, 1, 0},
		"not let in":                {[]http.HandlerFunc{status(401)}, desk.SendResult{Outcome: desk.SendNotSent, Code: 401}, 1, 0},
		"not found":                 {[]http.HandlerFunc{status(404)}, desk.SendResult{Outcome: desk.SendNotSent, Code: 404}, 1, 0},
		"unknown, then refused":     {[]http.HandlerFunc{cutOff, refuse(422, `{"reason":"landline"}`)}, desk.SendResult{Outcome: desk.SendRefused, Code: 30006, Permanent: true}, 2, 0},
		"unknown, then slow down":   {[]http.HandlerFunc{cutOff, status(429, "Retry-After", "7"), status(429)}, unknown(0), 3, 0},
		"unknown, then not let in":  {[]http.HandlerFunc{nil, status(403), status(403)}, unknown(0), 3, 1},
		"taken, slow down, there":   {[]http.HandlerFunc{nil, status(429)}, accepted, 3, 1},
		"connection closed at once": {[]http.HandlerFunc{cutOff}, accepted, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newReference(t, c.trouble...)
			got := g.sender(nil).Send(t.Context(), desk.OutgoingText{To: phone(t, "+821000001234"), Body: "x", Key: "k"})
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if asked, texts := g.seen(); asked != c.asked || len(texts) != c.taken {
				t.Errorf("asked %d times, %d texts, want %d and %d", asked, len(texts), c.asked, c.taken)
			}
		})
	}
}

// What stayed unknown and is handed over again later, under the key of the copy, is still one text; another copy is another one.
func TestKeysOutliveACall(t *testing.T) {
	t.Parallel()
	g := newReference(t, nil, nil, nil)
	s := g.sender(nil)
	text := desk.OutgoingText{To: phone(t, "+821000001234"), Body: "first", Key: "1-0"}
	if got := s.Send(t.Context(), text); got.Outcome != desk.SendUnknown {
		t.Fatalf("outcome %d", got.Outcome)
	}
	text.Body = "the facts are others now"
	if got := s.Send(t.Context(), text); got.Outcome != desk.SendAccepted || got.ProviderID != id0 {
		t.Errorf("%+v", got)
	}
	if _, texts := g.seen(); len(texts) != 1 || texts[0].Text != "first" {
		t.Errorf("texts %v", texts)
	}
	text.Key = "1-1"
	if got := s.Send(t.Context(), text); got.Outcome != desk.SendAccepted || got.ProviderID == id0 {
		t.Errorf("%+v", got)
	}
	text.Key = "" // without a key of its own, each handing-over is another text
	s.Send(t.Context(), text)
	s.Send(t.Context(), text)
	if _, texts := g.seen(); len(texts) != 4 {
		t.Errorf("%d texts", len(texts))
	}
}

func TestSilenceIsUnknown(t *testing.T) {
	t.Parallel()
	tries := make(chan struct{}, 9)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		tries <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	s, err := gateway.New(gateway.Config{Name: "a", BaseURL: server.URL, Secret: secret, From: number, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	began := time.Now()
	if got := s.Send(t.Context(), desk.OutgoingText{To: phone(t, "+821000001234"), Body: "x"}); got.Outcome != desk.SendUnknown {
		t.Errorf("outcome %d", got.Outcome)
	}
	if took := time.Since(began); took > 3*time.Second || len(tries) < 2 {
		t.Errorf("%d tries in %s", len(tries), took)
	}
}

func TestNotSent(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		base string
	}{
		"connection refused":  {t.Context(), gone.URL},
		"no such name":        {t.Context(), "https://jari.invalid"},
		"context ended first": {over, gone.URL},
		"no TLS there":        {t.Context(), "https://" + strings.TrimPrefix(plain.URL, "http://")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := gateway.New(gateway.Config{Name: "a", BaseURL: c.base, Secret: secret, From: number, Timeout: time.Second})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			if got := s.Send(c.ctx, desk.OutgoingText{To: phone(t, "+821000001234"), Body: "x"}); got.Outcome != desk.SendNotSent {
				t.Errorf("outcome %d, want not sent", got.Outcome)
			}
		})
	}
}

func TestFetchAndList(t *testing.T) {
	t.Parallel()
	g := newReference(t)
	s := g.sender(nil)
	to, other := phone(t, "+821000001234"), phone(t, "+821000005678")
	for i := range 5 {
		s.Send(t.Context(), desk.OutgoingText{To: to, Body: fmt.Sprint("text ", i), Key: fmt.Sprint(i)})
		s.Send(t.Context(), desk.OutgoingText{To: other, Body: "x", Key: fmt.Sprint("other ", i)})
	}
	g.change(func() { g.texts[0].State, g.texts[0].Reason = "undelivered", "landline" })
	same := cmp.Comparer(func(a, b booking.Phone) bool { return a == b })
	got, err := s.Fetch(t.Context(), id0)
	want := desk.SentText{ProviderID: id0, To: to, Body: "text 0", Status: desk.ReceiptUndelivered, Code: 30006, CreatedAt: began}
	if diff := cmp.Diff(want, got, same); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for _, unknown := range []string{"aggregator:99", "20210719-0", "other:20210719-0", "SM0123456789abcdef0123456789abcdef", "aggregator:../received", "aggregator:..", "aggregator:", ""} {
		if got, err := s.Fetch(t.Context(), unknown); err != nil || got != (desk.SentText{}) {
			t.Errorf("%q: %v, %v", unknown, got, err)
		}
	}
	list, err := s.List(t.Context(), to, began.Add(4*time.Second))
	if err != nil || len(list) != 3 || list[0].Body != "text 4" || list[2].Body != "text 2" {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := s.List(t.Context(), booking.Phone{}, began); err == nil {
		t.Error("a list without a number must be refused")
	}
}

func TestReceived(t *testing.T) {
	t.Parallel()
	g := newReference(t)
	at := func(s float64) time.Time { return began.Add(time.Duration(s * float64(time.Second))) }
	for i, r := range []struct {
		at         float64
		from, text string
	}{
		{-1, "+821000001234", "before"}, {0, "010-0000-1234", "a"}, {0.5, "821000005678", "b"}, {0.5, "+821000001234", "c"}, {1, "12345", "a short code"},
		{2.1, "01000005678", "d\x00"}, {2.9, "", "nobody"}, {3, "+821000001234", "after"},
	} {
		g.log = append(g.log, text{ID: fmt.Sprint("r", i), From: r.from, To: number, Text: r.text, Received: at(r.at)})
	}
	for _, page := range []int{0, 1, 2, 3} {
		g.change(func() { g.page = page })
		list, err := g.sender(nil).Received(t.Context(), at(0.4), at(2.2))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range list {
			got = append(got, r.ProviderID+r.From.E164()+r.Body+r.To)
		}
		want := []string{"r1+821000001234a" + number, "r2+821000005678b" + number, "r3+821000001234c" + number, "r5+821000005678d" + number}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d: %s", page, diff)
		}
	}
}

// What is not whole is an error, never a shorter list; and no error holds a number.
func TestWhatIsNoAnswerIsAnError(t *testing.T) {
	t.Parallel()
	good := `{"id":"1","from":"+821000001234","to":"1","text":"x","received_at":"2021-07-19T11:00:00Z"}`
	for name, body := range map[string]string{
		"nothing": ``, "HTML": `<html>+821000001234`, "no list": `{}`, "null": `null`, "a list of null": `{"messages":null,"texts":null}`, "a list": `[]`,
		"no id":     `{"messages":[{"to":"+821000001234","state":"sent","created_at":"2021-07-19T11:00:00Z"}],"texts":[{"from":"+821000001234","received_at":"2021-07-19T11:00:00Z"}]}`,
		"no time":   `{"messages":[{"id":"1","to":"+821000001234","state":"sent"}],"texts":[{"id":"1","from":"+821000001234"}]}`,
		"odd time":  `{"messages":[{"created_at":"+821000001234"}],"texts":[{"received_at":"+821000001234"}]}`,
		"odd state": `{"messages":[{"id":"1","to":"+821000001234","state":"melted","created_at":"2021-07-19T11:00:00Z"}],"texts":5}`,
		"no end":    `{"messages":5,"texts":[` + good + `],"next":"again"}`,
		"cut off":   `{"messages":[` + good,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }))
		t.Cleanup(server.Close)
		s, err := gateway.New(gateway.Config{Name: "a", BaseURL: server.URL, Secret: secret, From: number})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		_, fetch := s.Fetch(t.Context(), "a:1")
		list, listErr := s.List(t.Context(), phone(t, "+821000001234"), began)
		log, logErr := s.Received(t.Context(), began, began.Add(time.Hour))
		if len(list) > 0 || len(log) > 0 {
			t.Errorf("%s: %v %v", name, list, log)
		}
		for _, err := range []error{fetch, listErr, logErr} {
			if err == nil || strings.Contains(err.Error(), "1234") {
				t.Errorf("%s: error %v", name, err)
			}
		}
	}
	for _, code := range []int{401, 404, 429, 500, 503} {
		server := httptest.NewServer(status(code))
		t.Cleanup(server.Close)
		s, err := gateway.New(gateway.Config{Name: "a", BaseURL: server.URL, Secret: secret, From: number})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		if _, err := s.List(t.Context(), phone(t, "+821000001234"), began); err == nil {
			t.Errorf("a list with status %d", code)
		}
		if _, err := s.Received(t.Context(), began, began); err == nil {
			t.Errorf("a log with status %d", code)
		}
	}
}

// Who has another secret is not let in, and neither is a clock that is wrong; the text is good all the same.
func TestSecretsAndClocks(t *testing.T) {
	t.Parallel()
	g := newReference(t)
	for name, c := range map[string]struct {
		change func(*gateway.Config)
		want   desk.SendOutcome
	}{
		"the secret before": {func(c *gateway.Config) { c.Secret = before }, desk.SendAccepted},
		"another secret":    {func(c *gateway.Config) { c.Secret = strings.Repeat("x", 32) }, desk.SendNotSent},
		"a clock that is wrong": {func(c *gateway.Config) {
			c.Now = func() time.Time { return began.Add(6 * time.Minute) }
		}, desk.SendNotSent},
	} {
		if got := g.sender(c.change).Send(t.Context(), desk.OutgoingText{To: phone(t, "+821000001234"), Body: "x"}); got.Outcome != c.want {
			t.Errorf("%s: outcome %d", name, got.Outcome)
		}
	}
}
