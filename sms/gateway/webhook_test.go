package gateway_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"jari/booking/desk"
	"jari/sms/gateway"
)

func webhooks(t testing.TB) gateway.Webhooks {
	t.Helper()
	w, err := gateway.NewWebhooks(gateway.Receiving{
		Name: "aggregator", PublicURL: "https://jari.example/kr/", Secrets: []string{secret, before}, Country: "82", Now: func() time.Time { return began },
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// fields are those of a JSON object, as the text door hands them on.
func fields(t testing.TB, object string) url.Values {
	t.Helper()
	var m map[string]string
	if err := json.Unmarshal([]byte(object), &m); err != nil {
		t.Fatal(err)
	}
	form := url.Values{}
	for k, v := range m {
		form.Set(k, v)
	}
	return form
}

func TestNewWebhooksSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]gateway.Receiving{
		"name":          {Name: "", Secrets: []string{secret}},
		"no secret":     {Name: "a"},
		"32 characters": {Name: "a", Secrets: []string{secret, ""}},
		"address":       {Name: "a", Secrets: []string{secret}, PublicURL: "https://%zz"},
	} {
		if _, err := gateway.NewWebhooks(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const called, body = "/webhooks/aggregator/inbound/seoul", `{"id":"1"}`
	for name, c := range map[string]struct {
		secret, target string
		at             time.Time
		want           bool
	}{
		"as the gateway called it":    {secret, "/kr" + called, began, true},
		"with the secret before":      {before, "/kr" + called, began.Add(-4 * time.Minute), true},
		"as the proxy called it":      {secret, called, began, false},
		"another secret":              {strings.Repeat("x", 32), "/kr" + called, began, false},
		"old":                         {secret, "/kr" + called, began.Add(-6 * time.Minute), false},
		"another campaign":            {secret, "/kr/webhooks/aggregator/inbound/busan", began, false},
		"a receipt as a text":         {secret, "/kr/webhooks/aggregator/receipts", began, false},
		"what we sent, coming back":   {secret, "/jari/messages", began, false},
		"with a query it did not ask": {secret, "/kr" + called + "?a=b", began, false},
	} {
		r := httptest.NewRequest(http.MethodPost, called, strings.NewReader(body))
		signed := httptest.NewRequest(http.MethodPost, c.target, nil)
		gateway.SignRequest(signed, c.secret, c.at, []byte(body))
		r.Header = signed.Header
		if got := webhooks(t).Verify(r, []byte(body)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestParseInbound(t *testing.T) {
	t.Parallel()
	const good = "+821000001234"
	for name, c := range map[string]struct {
		payload  string // a form, or JSON's fields
		from     string // empty: it is refused
		body, id string
	}{
		"whole":             {`{"id":"1","from":"+821000001234","to":"16001339","text":"예약 홍길동","received_at":"2021-07-19T11:00:00Z"}`, good, "예약 홍길동", "1"},
		"more than we know": {`{"id":"1","from":"+821000001234","text":"x","carrier":"SKT","media":"2","dcs":"8"}`, good, "x", "1"},
		"national":          {`{"id":"1","from":"01000001234","text":"x"}`, good, "x", "1"},
		"with hyphens":      {`{"id":"1","from":"010-0000-1234","text":"x"}`, good, "x", "1"},
		"without plus":      {`{"id":"1","from":"821000001234","text":"x"}`, good, "x", "1"},
		"zero too many":     {`{"id":"1","from":"8201000001234","text":"x"}`, good, "x", "1"},
		"behind 00":         {`{"id":"1","from":"00821000001234","text":"x"}`, good, "x", "1"},
		"in brackets":       {`{"id":"1","from":"(02) 120-0000","text":"x"}`, "+8221200000", "x", "1"},
		"abroad":            {`{"id":"1","from":"+14158675309","text":"x"}`, "+14158675309", "x", "1"},
		"abroad behind 00":  {`{"id":"1","from":"0014158675309","text":"x"}`, "", "", ""}, // or 001 and a number? a guess would be a stranger
		"abroad, no plus":   {`{"id":"1","from":"14158675309","text":"x"}`, "", "", ""},
		"a short code":      {`{"id":"1","from":"1339","text":"x"}`, "", "", ""},
		"our own kind":      {`{"id":"1","from":"16001339","text":"x"}`, "", "", ""},
		"a name":            {`{"id":"1","from":"KDCA","text":"x"}`, "", "", ""},
		"wide digits":       {`{"id":"1","from":"０１０00001234","text":"x"}`, "", "", ""},
		"no sender":         {`{"id":"1","text":"x"}`, "", "", ""},
		"no id":             {`{"from":"+821000001234","text":"x"}`, "", "", ""},
		"odd id":            {`{"id":"a/b","from":"+821000001234","text":"x"}`, "", "", ""},
		"endless id":        {`{"id":"` + strings.Repeat("1", 101) + `","from":"+821000001234","text":"x"}`, "", "", ""},
		"picture alone":     {`{"id":"1","from":"+821000001234","media":"1"}`, good, "", "1"},
		"empty":             {`{"id":"1","from":"+821000001234","text":""}`, good, "", "1"},
		"emoji":             {`{"id":"1","from":"+821000001234","text":"👍🏽"}`, good, "👍🏽", "1"},
		"NUL":               {`{"id":"1","from":"+821000001234","text":"a\u0000b"}`, good, "ab", "1"},
		"too long":          {`{"id":"1","from":"+821000001234","text":"` + strings.Repeat("가", 2100) + `"}`, good, strings.Repeat("가", 2000), "1"},
		"a form":            {"id=1&from=%2B821000001234&text=%EC%98%88%EC%95%BD&to=16001339", good, "예약", "1"},
		"a form, plus lost": {"id=1&from=+821000001234&text=x", good, "x", "1"}, // it became a space
		"a form in EUC-KR":  {"id=1&from=%2B821000001234&text=%BF%B9%BE%E0", good, "\uFFFD", "1"},
		"a form, repeated":  {"id=1&id=2&from=%2B821000001234&from=x&text=a&text=b", good, "a", "1"},
	} {
		var form url.Values
		if strings.HasPrefix(c.payload, "{") {
			form = fields(t, c.payload)
		} else {
			var err error
			if form, err = url.ParseQuery(c.payload); err != nil {
				t.Fatal(err)
			}
		}
		got, err := webhooks(t).ParseInbound(form)
		if c.from == "" {
			if !errors.Is(err, gateway.ErrForm) || got != (desk.IncomingText{}) {
				t.Errorf("%s: %v, %v", name, got.From, err)
			}
			continue
		}
		if err != nil || got.From.E164() != c.from || got.Body != c.body || got.ProviderID != c.id {
			t.Errorf("%s: %s %q %q, %v", name, got.From.E164(), got.Body, got.ProviderID, err)
		}
	}
}

func TestParseReceipt(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]desk.Receipt{
		`{"id":"1","state":"accepted"}`:                                                     {ProviderID: "aggregator:1", Status: desk.ReceiptAccepted},
		`{"id":"1","state":"delivered","at":"2021-07-19T11:00:00Z","carrier":"KT"}`:         {ProviderID: "aggregator:1", Status: desk.ReceiptDelivered},
		`{"id":"1","state":"sent","reason":"landline"}`:                                     {ProviderID: "aggregator:1", Status: desk.ReceiptSent},
		`{"id":"1","state":"undelivered","reason":"full"}`:                                  {ProviderID: "aggregator:1", Status: desk.ReceiptUndelivered, Code: 30003},
		`{"id":"1","state":"failed"}`:                                                       {ProviderID: "aggregator:1", Status: desk.ReceiptFailed, Code: 30008},
		`{"id":"` + strings.Repeat("1", 100) + `","state":"failed","reason":"` + "가" + `"}`: {ProviderID: "aggregator:" + strings.Repeat("1", 100), Status: desk.ReceiptFailed, Code: 30008},
		`{"id":"SM0123456789abcdef0123456789abcdef","state":"delivered"}`:                   {ProviderID: "aggregator:SM0123456789abcdef0123456789abcdef", Status: desk.ReceiptDelivered},
	} {
		if got, err := webhooks(t).ParseReceipt(fields(t, payload)); err != nil || got != want {
			t.Errorf("%s: %v, %v", payload, got, err)
		}
	}
	for payload, want := range map[string]error{
		`{"state":"sent"}`:            gateway.ErrForm,
		`{"id":"","state":"sent"}`:    gateway.ErrForm,
		`{"id":"a b","state":"sent"}`: gateway.ErrForm,
		`{"id":"1"}`:                  gateway.ErrState,
		`{"id":"1","state":"SENT"}`:   gateway.ErrState,
		`{"id":"1","state":"melted"}`: gateway.ErrState,
	} {
		if got, err := webhooks(t).ParseReceipt(fields(t, payload)); !errors.Is(err, want) || got != (desk.Receipt{}) {
			t.Errorf("%s: %v, %v", payload, got, err)
		}
	}
}

func FuzzWebhook(f *testing.F) {
	f.Add("id=1&from=01000001234&text=%EC%98%88")
	f.Add("id=1&state=undelivered&reason=landline")
	f.Add("id=1&from=00821000001234&text=%FF%00")
	hooks := webhooks(f)
	f.Fuzz(func(t *testing.T, query string) {
		form, _ := url.ParseQuery(query)
		in, err := hooks.ParseInbound(form)
		switch {
		case err != nil && in != (desk.IncomingText{}):
			t.Error("an error with a value")
		case err == nil && (in.ProviderID == "" || in.From.IsZero()):
			t.Error("a field is missing")
		case err == nil && (!utf8.ValidString(in.Body) || strings.ContainsRune(in.Body, 0) || utf8.RuneCountInString(in.Body) > gateway.MaxBody):
			t.Error("the body cannot be stored")
		}
		receipt, err := hooks.ParseReceipt(form)
		if (err == nil) != (receipt.Status.Rank() > 0 && strings.HasPrefix(receipt.ProviderID, "aggregator:")) {
			t.Errorf("%v, %v", receipt, err)
		}
	})
}

// FuzzVerify: no header and no body makes an unsigned request a signed one.
func FuzzVerify(f *testing.F) {
	f.Add("1626692400", "v1=00", []byte("{}"))
	f.Add("-1", ",,v1=", []byte(""))
	hooks := webhooks(f)
	f.Fuzz(func(t *testing.T, stamp, signature string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/webhooks/aggregator/receipts", nil)
		r.Header.Set(gateway.TimestampHeader, stamp)
		r.Header.Set(gateway.SignatureHeader, signature)
		if hooks.Verify(r, body) {
			t.Error("believed")
		}
	})
}

// answering is a transport whose every answer has one body.
type answering []byte

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(a)), Request: r}, nil
}

// FuzzAnswers: whatever a gateway answers is read whole or is an error.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"messages":[{"id":"1","state":"sent","to":"01000001234","created_at":"2021-07-19T11:00:00Z"}],"texts":[{"id":"2","from":"1339","received_at":"2021-07-19T11:00:00Z"}]}`))
	to := phone(f, "+821000001234")
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := gateway.New(gateway.Config{Name: "a", BaseURL: "https://sms.example", Secret: secret, From: number, Country: "82", Timeout: time.Millisecond, Transport: answering(body)})
		if err != nil {
			t.Fatal(err)
		}
		sent := s.Send(t.Context(), desk.OutgoingText{To: to, Body: "x"})
		if (sent.Outcome == desk.SendAccepted) != (sent.ProviderID != "") {
			t.Errorf("%+v", sent)
		}
		if one, err := s.Fetch(t.Context(), "a:1"); err == nil && (one.ProviderID != "a:1" || one.Status.Rank() == 0 || one.To.IsZero()) {
			t.Errorf("%+v", one)
		}
		list, err := s.List(t.Context(), to, began)
		if err != nil && list != nil {
			t.Error("a list with an error")
		}
		log, err := s.Received(t.Context(), began, began.AddDate(1, 0, 0))
		if err != nil && log != nil {
			t.Error("a log with an error")
		}
		for _, r := range log {
			if r.From.IsZero() || r.ProviderID == "" || !utf8.ValidString(r.Body) {
				t.Errorf("%+v", r)
			}
		}
	})
}
