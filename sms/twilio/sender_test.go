package twilio_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"jari/booking"
	"jari/booking/desk"
	"jari/sms/twilio"
)

const (
	account = "AC00000000000000000000000000000001"
	token   = "0123456789abcdef"
	sid     = "SM0123456789abcdef0123456789abcdef"
	created = `{"sid":"` + sid + `","status":"queued","num_segments":"1","error_code":null}`
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func phone(t *testing.T, e164 string) booking.Phone {
	t.Helper()
	p, err := booking.ParseE164(e164)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// newSender returns a sender whose Twilio is the handler.
func newSender(t *testing.T, handler http.HandlerFunc, change func(*twilio.Config)) *twilio.Sender {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	config := twilio.Config{AccountSID: account, AuthToken: token, From: "+15005550006", BaseURL: server.URL}
	if change != nil {
		change(&config)
	}
	sender, err := twilio.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	return sender
}

func TestNewNamesTheMissingSetting(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config twilio.Config
		want   string
	}{
		{twilio.Config{AuthToken: token, From: "1"}, "AccountSID"},
		{twilio.Config{AccountSID: account, From: "1"}, "AuthToken"},
		{twilio.Config{AccountSID: account, AuthToken: token}, "From"},
		{twilio.Config{AccountSID: "AC/..", AuthToken: token, From: "1"}, "AccountSID"},
		{twilio.Config{AccountSID: account, AuthToken: "a b", From: "1"}, "AuthToken"},
		{twilio.Config{AccountSID: account, AuthToken: token, From: "1", BaseURL: "localhost:1"}, "BaseURL"},
		{twilio.Config{AccountSID: account, AuthToken: token, From: "1", BaseURL: "http://h/path"}, "BaseURL"},
	} {
		if _, err := twilio.New(c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one that names %s", err, c.want)
		}
	}
}

func TestSendRequest(t *testing.T) {
	t.Parallel()
	var got url.Values
	var path, user, pass string
	sender := newSender(t, func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		got, path = r.PostForm, r.URL.Path
		user, pass, _ = r.BasicAuth()
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, created)
	}, func(c *twilio.Config) { c.StatusCallback = "https://jari.example/receipts" })

	result := sender.Send(t.Context(), desk.OutgoingText{
		To: phone(t, "+821000001234"), Body: "안녕 [A1B2]", ValidFor: 90*time.Minute + time.Millisecond,
	})
	if diff := cmp.Diff(desk.SendResult{Outcome: desk.SendAccepted, ProviderID: sid}, result); diff != "" {
		t.Error(diff)
	}
	want := url.Values{
		"To": {"+821000001234"}, "From": {"+15005550006"}, "Body": {"안녕 [A1B2]"},
		"StatusCallback": {"https://jari.example/receipts"}, "ValidityPeriod": {"5401"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if path != "/2010-04-01/Accounts/"+account+"/Messages.json" || user != account || pass != token {
		t.Errorf("path %s, user %s", path, user)
	}
}

func TestSendOutcomes(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    desk.SendResult
	}{
		"accepted":         {answer(201, created), desk.SendResult{Outcome: desk.SendAccepted, ProviderID: sid}},
		"accepted, no id":  {answer(201, `{}`), desk.SendResult{Outcome: desk.SendUnknown, Code: 201}},
		"accepted, broken": {answer(201, `{"sid":`), desk.SendResult{Outcome: desk.SendUnknown, Code: 201}},
		"accepted, odd id": {answer(200, `{"sid":"ok"}`), desk.SendResult{Outcome: desk.SendUnknown, Code: 200}},
		"slow down": {answer(429, `{"code":20429,"status":429}`, "Retry-After", "7"),
			desk.SendResult{Outcome: desk.SendSlowDown, Code: 20429, RetryAfter: 7 * time.Second}},
		"slow down without more": {answer(429, ``), desk.SendResult{Outcome: desk.SendSlowDown, Code: 429}},
		"slow down until": {answer(429, ``, "Date", "Mon, 19 Jul 2021 11:00:00 GMT", "Retry-After", "Mon, 19 Jul 2021 11:00:30 GMT"),
			desk.SendResult{Outcome: desk.SendSlowDown, Code: 429, RetryAfter: 30 * time.Second}},
		"slow down for ever": {answer(429, ``, "Retry-After", "999999999"),
			desk.SendResult{Outcome: desk.SendSlowDown, Code: 429, RetryAfter: time.Hour}},
		"opted out": {answer(400, `{"code":21610,"status":400}`),
			desk.SendResult{Outcome: desk.SendRefused, Code: 21610, Permanent: true}},
		"bad number": {answer(400, `{"code":21211,"status":400}`),
			desk.SendResult{Outcome: desk.SendRefused, Code: 21211, Permanent: true}},
		"too long":        {answer(400, `{"code":21617}`), desk.SendResult{Outcome: desk.SendRefused, Code: 21617}},
		"refused in HTML": {answer(404, `<html>`), desk.SendResult{Outcome: desk.SendRefused, Code: 404}},
		"token rotated":   {answer(401, `{"code":20003,"status":401}`), desk.SendResult{Outcome: desk.SendNotSent, Code: 20003}},
		"suspended":       {answer(403, `{"code":20005,"status":403}`), desk.SendResult{Outcome: desk.SendNotSent, Code: 20005}},
		"403 in HTML":     {answer(403, `<html>`), desk.SendResult{Outcome: desk.SendNotSent, Code: 403}},
		"403 for a number": {answer(403, `{"code":21610,"status":403}`),
			desk.SendResult{Outcome: desk.SendRefused, Code: 21610, Permanent: true}},
		"408":         {answer(408, ``), desk.SendResult{Outcome: desk.SendUnknown, Code: 408}},
		"503 in HTML": {answer(503, `<html>sorry</html>`), desk.SendResult{Outcome: desk.SendUnknown, Code: 503}},
		"500 in JSON": {answer(500, `{"code":20500}`), desk.SendResult{Outcome: desk.SendUnknown, Code: 20500}},
		"redirect":    {answer(307, ``, "Location", "/again"), desk.SendResult{Outcome: desk.SendUnknown, Code: 307}},
		"closed without an answer": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			desk.SendResult{Outcome: desk.SendUnknown}},
		"cut off": {answer(201, created[:20], "Content-Length", "200"), desk.SendResult{Outcome: desk.SendUnknown}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sender := newSender(t, c.handler, nil)
			got := sender.Send(t.Context(), desk.OutgoingText{To: phone(t, "+821000001234"), Body: "x"})
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSendTimeoutIsUnknown(t *testing.T) {
	t.Parallel()
	sender := newSender(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // net/http notices a closed connection only once the body was read
		<-r.Context().Done()
	}, func(c *twilio.Config) { c.Timeout = time.Second })
	got := sender.Send(t.Context(), desk.OutgoingText{To: phone(t, "+821000001234"), Body: "x"})
	if got.Outcome != desk.SendUnknown {
		t.Errorf("outcome %d, want unknown", got.Outcome)
	}
}

func TestSendNotSent(t *testing.T) {
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
		"no such name":        {t.Context(), "http://jari.invalid"},
		"context ended first": {over, gone.URL},
		"no TLS there":        {t.Context(), "https://" + strings.TrimPrefix(plain.URL, "http://")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sender := newSender(t, nil, func(config *twilio.Config) { config.BaseURL = c.base })
			got := sender.Send(c.ctx, desk.OutgoingText{To: phone(t, "+821000001234"), Body: "x"})
			if got.Outcome != desk.SendNotSent {
				t.Errorf("outcome %d, want not sent", got.Outcome)
			}
		})
	}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	sender := newSender(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/Messages/"+sid+".json") {
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, `{"code":20404,"status":404}`)
			return
		}
		io.WriteString(w, `{"sid":"`+sid+`","to":"+821000001234","body":"hi","status":"undelivered","error_code":30005,
			"date_created":"Mon, 19 Jul 2021 11:00:00 +0000"}`)
	}, nil)
	got, err := sender.Fetch(t.Context(), sid)
	want := desk.SentText{
		ProviderID: sid, To: phone(t, "+821000001234"), Body: "hi", Status: desk.ReceiptUndelivered, Code: 30005,
		CreatedAt: time.Date(2021, 7, 19, 11, 0, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b booking.Phone) bool { return a == b })); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for _, unknown := range []string{"SMffffffffffffffffffffffffffffffff", "../Calls", ""} {
		if got, err := sender.Fetch(t.Context(), unknown); err != nil || got != (desk.SentText{}) {
			t.Errorf("unknown id: %v, %v", got, err)
		}
	}
}

func TestListKeepsToSince(t *testing.T) {
	t.Parallel()
	var query url.Values
	sender := newSender(t, func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.Query()
		io.WriteString(w, `{"messages":[
			{"sid":"SM2","to":"+821000001234","body":"new","status":"queued","date_created":"Mon, 19 Jul 2021 11:00:05 +0000"},
			{"sid":"SM1","to":"+821000001234","body":"old","status":"sent","date_created":"Mon, 19 Jul 2021 11:00:04 +0000"}]}`)
	}, nil)
	since := time.Date(2021, 7, 19, 11, 0, 5, 900_000_000, time.UTC) // Twilio shows 11:00:05 for 11:00:05.95
	list, err := sender.List(t.Context(), phone(t, "+821000001234"), since)
	if err != nil || len(list) != 1 || list[0].ProviderID != "SM2" || list[0].Status != desk.ReceiptAccepted {
		t.Errorf("list %v, error %v", list, err)
	}
	if diff := cmp.Diff(url.Values{"To": {"+821000001234"}, "PageSize": {"200"}}, query); diff != "" {
		t.Error(diff)
	}
}

// A page of something on the way is no empty list: read as one, it would have the text sent a second time.
func TestWhatIsNoListIsAnError(t *testing.T) {
	t.Parallel()
	for body, wrong := range map[string]bool{`{}`: true, `null`: true, `{"status":"ok"}`: true, `{"messages":null}`: true, ``: true, `<html>`: true, `{"messages":[]}`: false} {
		sender := newSender(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }, nil)
		if list, err := sender.List(t.Context(), phone(t, "+821000001234"), time.Time{}); (err != nil) != wrong || len(list) != 0 {
			t.Errorf("%q: list %v, error %v", body, list, err)
		}
	}
}

// TestReadErrorsHoldNoNumber: the client library's errors hold the URL and Twilio's text; ours must not.
func TestReadErrorsHoldNoNumber(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	unreachable := newSender(t, nil, func(c *twilio.Config) { c.BaseURL = gone.URL })
	refusing := newSender(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"code":21211,"status":400,"message":"+821000001234 is not valid"}`)
	}, nil)
	broken := newSender(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"messages":[{"to":"+821000001234"}]}`)
	}, nil)
	for _, sender := range []*twilio.Sender{unreachable, refusing, broken} {
		_, err := sender.List(t.Context(), phone(t, "+821000001234"), time.Time{})
		if err == nil || strings.Contains(err.Error(), "1234") {
			t.Errorf("error %v", err)
		}
	}
	if _, err := refusing.List(t.Context(), booking.Phone{}, time.Time{}); err == nil {
		t.Error("a list without a number must be refused")
	}
}

func TestStatusAndCodes(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]desk.ReceiptStatus{
		"queued": desk.ReceiptAccepted, "accepted": desk.ReceiptAccepted, "scheduled": desk.ReceiptAccepted,
		"sending": desk.ReceiptAccepted, "sent": desk.ReceiptSent, "delivered": desk.ReceiptDelivered,
		"read": desk.ReceiptDelivered, "undelivered": desk.ReceiptUndelivered, "failed": desk.ReceiptFailed,
		"canceled": desk.ReceiptFailed, "received": "", "": "",
	} {
		if got, ok := twilio.Status(word); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", word, got, ok)
		}
	}
	for code, want := range map[int]bool{
		21211: true, 21610: true, 21614: true, 30004: true, 30005: true, 30006: true, 30007: true,
		0: false, 21408: false, 30003: false, 30008: false, 20429: false,
	} {
		if twilio.PermanentCode(code) != want {
			t.Errorf("code %d: want permanent %v", code, want)
		}
	}
}
