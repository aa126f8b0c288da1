package twilio_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"jari/booking/desk"
	"jari/sms/twilio"
)

// webhooks reads what Twilio posts; nothing here needs its tokens.
var webhooks twilio.Webhooks

// oneOrMany reads a text or a list of texts.
type oneOrMany []string

func (v *oneOrMany) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*v = oneOrMany{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(v))
}

func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/twilio-signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Token   string
		Vectors []struct {
			Name, URL, Signature string
			Params               map[string]oneOrMany
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Vectors) == 0 {
		t.Fatal(err)
	}
	for _, v := range file.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			form := url.Values{}
			for key, values := range v.Params {
				form[key] = values
			}
			verify := func(signature string, tokens ...string) bool {
				return twilio.VerifySignature(tokens, v.URL, form, signature)
			}
			if !verify(v.Signature, file.Token) {
				t.Error("a known good signature was refused")
			}
			if !verify(v.Signature, "new", file.Token) {
				t.Error("the second token was not tried")
			}
			if verify(v.Signature, "new", "") || verify("", file.Token) || verify(v.Signature) {
				t.Error("a signature was accepted without its token")
			}
			form.Add("Digits", "9")
			if verify(v.Signature, file.Token) {
				t.Error("a changed form was accepted")
			}
		})
	}
}

func TestSignatureEdges(t *testing.T) {
	t.Parallel()
	form := url.Values{"B": {"2", "1", "2"}, "A": {"x"}}
	for signed, called := range map[string]string{
		"https://h/p?q=%41":         "https://h:443/p?q=%41", // the escape stays as it is
		"http://h:80/p":             "http://h/p",
		"https://[2001:db8::1]/p":   "https://[2001:db8::1]:443/p",
		"https://u:secret@h:443/p":  "https://u:secret@h/p",
		"https://h:8443?x=http://y": "https://h:8443?x=http://y",
	} {
		if !twilio.VerifySignature([]string{"t"}, called, form, twilio.Sign("t", signed, form)) {
			t.Errorf("signed %s, called %s", signed, called)
		}
	}
	// An empty token must never verify, not even what was signed with an empty token.
	if twilio.VerifySignature([]string{""}, "https://h/p", form, twilio.Sign("", "https://h/p", form)) {
		t.Error("an empty token was accepted")
	}
}

func TestParseInbound(t *testing.T) {
	t.Parallel()
	good := url.Values{"MessageSid": {sid}, "From": {"+821000001234"}, "To": {"+15005550006"}, "Body": {"예약 홍길동"}}
	with := func(key, value string) url.Values {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form.Set(key, value)
		return form
	}
	older := with("SmsSid", sid)
	older.Del("MessageSid")
	for name, c := range map[string]struct {
		form url.Values
		body string
		err  error
	}{
		"whole":        {good, "예약 홍길동", nil},
		"older name":   {older, "예약 홍길동", nil},
		"empty body":   {with("Body", ""), "", nil},
		"NUL and junk": {with("Body", "a\x00b\xff"), "ab\uFFFD", nil},
		"overlong":     {with("Body", strings.Repeat("가", 1700)), strings.Repeat("가", 1600), nil},
		"no id":        {with("MessageSid", ""), "", twilio.ErrForm},
		"odd id":       {with("MessageSid", "SM' OR 1=1"), "", twilio.ErrForm},
		"short code":   {with("From", "12345"), "", twilio.ErrForm},
		"no addressee": {with("To", ""), "", twilio.ErrForm},
	} {
		got, err := webhooks.ParseInbound(c.form)
		if !errors.Is(err, c.err) || got.Body != c.body {
			t.Errorf("%s: %q, %v", name, got.Body, err)
		}
		if err == nil && (got.ProviderID != sid || got.From.E164() != "+821000001234") {
			t.Errorf("%s: wrong fields", name)
		}
	}
}

func TestParseReceipt(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]desk.Receipt{
		"MessageSid=" + sid + "&MessageStatus=delivered":                   {ProviderID: sid, Status: desk.ReceiptDelivered},
		"SmsSid=" + sid + "&SmsStatus=sent":                                {ProviderID: sid, Status: desk.ReceiptSent},
		"MessageSid=" + sid + "&MessageStatus=undelivered&ErrorCode=30005": {ProviderID: sid, Status: desk.ReceiptUndelivered, Code: 30005},
		"MessageSid=" + sid + "&MessageStatus=failed&ErrorCode=-1":         {ProviderID: sid, Status: desk.ReceiptFailed},
	} {
		form, _ := url.ParseQuery(query)
		if got, err := webhooks.ParseReceipt(form); err != nil || got != want {
			t.Errorf("%s: %v, %v", query, got, err)
		}
	}
	for query, want := range map[string]error{
		"MessageStatus=sent":                          twilio.ErrForm,
		"MessageSid=" + sid + "&MessageStatus=melted": twilio.ErrStatus,
	} {
		form, _ := url.ParseQuery(query)
		if _, err := webhooks.ParseReceipt(form); !errors.Is(err, want) {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestAcceptedIsAnEmptyDocument(t *testing.T) {
	t.Parallel()
	var got struct {
		XMLName  xml.Name `xml:"Response"`
		Anything string   `xml:",innerxml"`
	}
	kind, body := webhooks.Accepted()
	if err := xml.Unmarshal(body, &got); err != nil || got.Anything != "" || kind != "text/xml; charset=utf-8" {
		t.Errorf("%s %q, %v", kind, body, err)
	}
}

func FuzzParseInbound(f *testing.F) {
	f.Add("MessageSid=" + sid + "&From=%2B821000001234&To=%2B15005550006&Body=%EC%98%88")
	f.Fuzz(func(t *testing.T, query string) {
		form, _ := url.ParseQuery(query)
		got, err := webhooks.ParseInbound(form)
		if err != nil {
			if got != (desk.IncomingText{}) {
				t.Error("an error with a value")
			}
			return
		}
		if len(got.ProviderID) != 34 || got.From.IsZero() || form.Get("To") == "" {
			t.Error("a field is missing")
		}
		if !utf8.ValidString(got.Body) || strings.ContainsRune(got.Body, 0) || utf8.RuneCountInString(got.Body) > twilio.MaxBody {
			t.Error("the body cannot be stored")
		}
	})
}

func FuzzParseReceipt(f *testing.F) {
	f.Add("MessageSid=" + sid + "&MessageStatus=delivered")
	f.Fuzz(func(t *testing.T, query string) {
		form, _ := url.ParseQuery(query)
		got, err := webhooks.ParseReceipt(form)
		if err == nil && (len(got.ProviderID) != 34 || got.Status == "" || got.Code < 0) {
			t.Error("a field is missing")
		}
	})
}
