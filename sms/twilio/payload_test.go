package twilio_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"jari/booking/desk"
	"jari/sms/twilio"
)

// A webhook as Twilio posts it, with all that it says of place and carrier.
const (
	fullText = "ToCountry=US&ToState=CA&SmsMessageSid=" + sid + "&NumMedia=0&ToCity=&FromZip=&SmsSid=" + sid +
		"&FromState=&SmsStatus=received&FromCity=&Body=%EC%98%88%EC%95%BD+680412+%ED%99%8D%EA%B8%B8%EB%8F%99&FromCountry=KR&To=%2B15005550006&ToZip=94105&NumSegments=1" +
		"&MessageSid=" + sid + "&AccountSid=" + account + "&From=%2B821000001234&ApiVersion=2010-04-01"
	fullReceipt = "SmsSid=" + sid + "&SmsStatus=undelivered&MessageStatus=undelivered&To=%2B821000001234&MessageSid=" + sid + "&AccountSid=" + account +
		"&From=%2B15005550006&ApiVersion=2010-04-01&ErrorCode=30005&RawDlrDoneDate=2107191100&ChannelToAddress=%2B8210000XXXX"
)

// change replaces a piece of a payload that must be there.
func change(t *testing.T, payload, from, to string) string {
	t.Helper()
	if !strings.Contains(payload, from) {
		t.Fatalf("the payload has no %q", from)
	}
	return strings.Replace(payload, from, to, 1)
}

func TestPayloadsOfTexts(t *testing.T) {
	t.Parallel()
	const good, bodyField = "+821000001234", "Body=%EC%98%88%EC%95%BD+680412+%ED%99%8D%EA%B8%B8%EB%8F%99"
	const mms = "MM0123456789abcdef0123456789abcdef"
	with := func(from, to string) string { return change(t, fullText, from, to) }
	body := func(to string) string { return with(bodyField, "Body="+to) }
	for name, c := range map[string]struct {
		payload string
		from    string // empty: it is of no use
		body    string
		id      string // empty: sid
	}{
		"whole":                          {fullText, good, "예약 680412 홍길동", ""},
		"with what is new tomorrow":      {fullText + "&Quantum=1&MessageSid2=x&From2=%2B1", good, "예약 680412 홍길동", ""},
		"with a messaging service":       {fullText + "&MessagingServiceSid=MG00000000000000000000000000000000", good, "예약 680412 홍길동", ""},
		"with an opt-out":                {body("STOP") + "&OptOutType=STOP", good, "STOP", ""},
		"a picture and no word":          {change(t, body(""), "NumMedia=0", "NumMedia=1") + "&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2Fm&MediaContentType0=image%2Fjpeg", good, "", ""},
		"a picture's own kind of id":     {strings.ReplaceAll(fullText, sid, mms) + "&MediaUrl0=x", good, "예약 680412 홍길동", mms},
		"no body at all":                 {with(bodyField+"&", ""), good, "", ""},
		"only spaces":                    {body("+%C2%A0"), good, " \u00A0", ""},
		"two lines":                      {body("a%0D%0Ab"), good, "a\r\nb", ""},
		"a plus and a percent sign":      {body("1%2B1%25"), good, "1+1%", ""},
		"full-width digits":              {body("%EF%BC%96%EF%BC%98"), good, "６８", ""},
		"emoji of several parts":         {body("%F0%9F%91%A8%E2%80%8D%F0%9F%91%A9"), good, "👨\u200d👩", ""},
		"letters in parts":               {body("%E1%84%92%E1%85%A9%E1%86%BC"), good, "\u1112\u1169\u11BC", ""}, // as a Mac writes it; made whole further on
		"EUC-KR":                         {body("%BF%B9%BE%E0"), good, "\uFFFD", ""},
		"Latin-1":                        {body("caf%E9"), good, "caf\uFFFD", ""},
		"a NUL":                          {body("a%00b"), good, "ab", ""},
		"half a pair":                    {body("%ED%A0%BDx"), good, "\uFFFDx", ""},
		"the body twice":                 {fullText + "&Body=other", good, "예약 680412 홍길동", ""},
		"the sender twice":               {fullText + "&From=%2B14155550000", good, "예약 680412 홍길동", ""},
		"the older name of the id":       {change(t, with("&MessageSid="+sid, ""), "SmsMessageSid="+sid+"&", ""), good, "예약 680412 홍길동", ""},
		"an odd newer, a good older id":  {with("&MessageSid="+sid, "&MessageSid=x"), good, "예약 680412 홍길동", ""},
		"a number abroad":                {with("From=%2B821000001234", "From=%2B447700900123"), "+447700900123", "예약 680412 홍길동", ""},
		"to a short code":                {with("To=%2B15005550006", "To=12345"), good, "예약 680412 홍길동", ""},
		"no id":                          {strings.ReplaceAll(fullText, sid, ""), "", "", ""},
		"a call's id":                    {strings.ReplaceAll(fullText, sid, "CA"+sid[2:]), "", "", ""},
		"an id that is too long":         {strings.ReplaceAll(fullText, sid, sid+"0"), "", "", ""},
		"no sender":                      {with("&From=%2B821000001234", ""), "", "", ""},
		"a plus that became a space":     {with("From=%2B821000001234", "From=+821000001234"), "", "", ""},
		"a national number":              {with("From=%2B821000001234", "From=01000001234"), "", "", ""},
		"a number behind 00":             {with("From=%2B821000001234", "From=00821000001234"), "", "", ""},
		"a number with hyphens":          {with("From=%2B821000001234", "From=%2B82-10-0000-1234"), "", "", ""},
		"a Korean number one digit less": {with("From=%2B821000001234", "From=%2B82100000123"), "", "", ""},
		"from a name":                    {with("From=%2B821000001234", "From=KDCA"), "", "", ""},
		"from a short code":              {with("From=%2B821000001234", "From=1339"), "", "", ""},
		"from another channel":           {with("From=%2B821000001234", "From=whatsapp%3A%2B821000001234"), "", "", ""},
		"from nobody":                    {with("From=%2B821000001234", "From=Anonymous"), "", "", ""},
		"to nobody":                      {with("To=%2B15005550006", "To="), "", "", ""},
	} {
		form, err := url.ParseQuery(c.payload)
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := webhooks.ParseInbound(form)
		if c.from == "" {
			if !errors.Is(err, twilio.ErrForm) || got != (desk.IncomingText{}) {
				t.Errorf("%s: %v, %v", name, got.From, err)
			}
			continue
		}
		if c.id == "" {
			c.id = sid
		}
		if err != nil || got.From.E164() != c.from || got.Body != c.body || got.ProviderID != c.id {
			t.Errorf("%s: from %s, %q, id %q, %v", name, got.From.E164(), got.Body, got.ProviderID, err)
		}
	}
}

func TestPayloadsOfReceipts(t *testing.T) {
	t.Parallel()
	with := func(from, to string) string { return change(t, fullReceipt, from, to) }
	status := func(word string) string {
		return change(t, with("&MessageStatus=undelivered", "&MessageStatus="+word), "&ErrorCode=30005", "")
	}
	failed := desk.Receipt{ProviderID: sid, Status: desk.ReceiptUndelivered, Code: 30005}
	at := func(s desk.ReceiptStatus) desk.Receipt { return desk.Receipt{ProviderID: sid, Status: s} }
	for name, c := range map[string]struct {
		payload string
		want    desk.Receipt
		err     error
	}{
		"whole":                   {fullReceipt, failed, nil},
		"with what is new":        {fullReceipt + "&Quantum=1&ErrorMessage=x", failed, nil},
		"only the older name":     {with("&MessageStatus=undelivered", ""), failed, nil},
		"both names, different":   {with("SmsStatus=undelivered", "SmsStatus=sent"), failed, nil},
		"the state twice":         {fullReceipt + "&MessageStatus=delivered", failed, nil},
		"queued":                  {status("queued"), at(desk.ReceiptAccepted), nil},
		"sent":                    {status("sent"), at(desk.ReceiptSent), nil},
		"delivered":               {status("delivered"), at(desk.ReceiptDelivered), nil},
		"read":                    {status("read"), at(desk.ReceiptDelivered), nil},
		"failed":                  {status("failed"), at(desk.ReceiptFailed), nil},
		"canceled":                {status("canceled"), at(desk.ReceiptFailed), nil},
		"no code":                 {with("ErrorCode=30005", "ErrorCode="), desk.Receipt{ProviderID: sid, Status: desk.ReceiptUndelivered}, nil},
		"a code that is a word":   {with("ErrorCode=30005", "ErrorCode=none"), desk.Receipt{ProviderID: sid, Status: desk.ReceiptUndelivered}, nil},
		"a code that is too long": {with("ErrorCode=30005", "ErrorCode=30005000000000000000000"), desk.Receipt{ProviderID: sid, Status: desk.ReceiptUndelivered}, nil},
		"a code below nothing":    {with("ErrorCode=30005", "ErrorCode=-30005"), desk.Receipt{ProviderID: sid, Status: desk.ReceiptUndelivered}, nil},
		"of a text from a person": {status("received"), desk.Receipt{}, twilio.ErrStatus},
		"in capitals":             {status("DELIVERED"), desk.Receipt{}, twilio.ErrStatus},
		"partially delivered":     {status("partially_delivered"), desk.Receipt{}, twilio.ErrStatus},
		"a new state":             {status("melted"), desk.Receipt{}, twilio.ErrStatus},
		"no state":                {change(t, with("&MessageStatus=undelivered", ""), "&SmsStatus=undelivered", ""), desk.Receipt{}, twilio.ErrStatus},
		"no id":                   {strings.ReplaceAll(fullReceipt, sid, ""), desk.Receipt{}, twilio.ErrForm},
		"another provider's id":   {strings.ReplaceAll(fullReceipt, sid, "kr%3A20210719-1"), desk.Receipt{}, twilio.ErrForm},
	} {
		form, err := url.ParseQuery(c.payload)
		if err != nil {
			t.Fatal(name, err)
		}
		if got, err := webhooks.ParseReceipt(form); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// A request is believed when Twilio signed it for the address that it was configured with, port and query included.
func TestWebhooksAreBelieved(t *testing.T) {
	t.Parallel()
	const base, path, js = "https://jari.example:8443/kr", "/webhooks/twilio/inbound/seoul", `{"MessageSid":"` + sid + `","Body":"예약"}`
	const formKind, jsonKind = "application/x-www-form-urlencoded", "application/json"
	hooks := twilio.NewWebhooks(base, "new", "", "old")
	form, err := url.ParseQuery(fullText)
	if err != nil {
		t.Fatal(err)
	}
	digest := func(body string) string {
		sum := sha256.Sum256([]byte(body))
		return hex.EncodeToString(sum[:])
	}
	of := func(signed string, fields url.Values) string { return twilio.Sign("new", signed, fields) }
	for name, c := range map[string]struct {
		called, kind, body, signature string
		want                          bool
	}{
		"a form":                        {path, formKind, fullText, of(base+path, form), true},
		"with its charset":              {path, formKind + "; charset=UTF-8", fullText, of(base+path, form), true},
		"with the token before":         {path, formKind, fullText, twilio.Sign("old", base+path, form), true},
		"with no token":                 {path, formKind, fullText, twilio.Sign("", base+path, form), false},
		"with a query":                  {path + "?a=%41&b=", formKind, fullText, of(base+path+"?a=%41&b=", form), true},
		"with the query written anew":   {path + "?a=A&b=", formKind, fullText, of(base+path+"?a=%41&b=", form), false},
		"without its query":             {path, formKind, fullText, of(base+path+"?a=1", form), false},
		"signed without the port":       {path, formKind, fullText, of("https://jari.example/kr"+path, form), true},
		"signed with another port":      {path, formKind, fullText, of("https://jari.example:9443/kr"+path, form), false},
		"signed as the proxy called it": {path, formKind, fullText, of("http://10.0.0.1:8080"+path, form), false},
		"another host":                  {path, formKind, fullText, of("https://evil.example:8443/kr"+path, form), false},
		"another campaign":              {"/webhooks/twilio/inbound/busan", formKind, fullText, of(base+path, form), false},
		"the path in other letters":     {"/webhooks/twilio/inbound/%73eoul", formKind, fullText, of(base+path, form), false},
		"a field more":                  {path, formKind, fullText + "&x=1", of(base+path, form), false},
		"a field less":                  {path, formKind, strings.Replace(fullText, "&ToZip=94105", "", 1), of(base+path, form), false},
		"a field's second value":        {path, formKind, fullText + "&Body=2", of(base+path, form), false},
		"no form although it says so":   {path, formKind, "a=%zz", of(base+path, nil), false},
		"no signature":                  {path, formKind, fullText, "", false},
		"JSON":                          {path + "?bodySHA256=" + digest(js), jsonKind, js, of(base+path+"?bodySHA256="+digest(js), nil), true},
		"JSON, digest in capitals":      {path + "?bodySHA256=" + strings.ToUpper(digest(js)), jsonKind, js, of(base+path+"?bodySHA256="+strings.ToUpper(digest(js)), nil), true},
		"JSON with more in the query":   {path + "?x=1&bodySHA256=" + digest(js), jsonKind, js, of(base+path+"?x=1&bodySHA256="+digest(js), nil), true},
		"JSON, another body":            {path + "?bodySHA256=" + digest(js), jsonKind, js + " ", of(base+path+"?bodySHA256="+digest(js), nil), false},
		"JSON, another digest":          {path + "?bodySHA256=" + digest(js+" "), jsonKind, js + " ", of(base+path+"?bodySHA256="+digest(js), nil), false},
		"JSON without a digest":         {path, jsonKind, js, of(base+path, nil), false},
		"JSON, half a digest":           {path + "?bodySHA256=" + digest(js)[:32], jsonKind, js, of(base+path+"?bodySHA256="+digest(js)[:32], nil), false},
		"JSON, an empty digest":         {path + "?bodySHA256=", jsonKind, js, of(base+path+"?bodySHA256=", nil), false},
		"a form that calls itself JSON": {path, jsonKind, fullText, of(base+path, form), false},
		"JSON that calls itself a form": {path + "?bodySHA256=" + digest(js), formKind, js, of(base+path+"?bodySHA256="+digest(js), nil), false},
		"no kind":                       {path, "", fullText, of(base+path, form), false},
	} {
		r := httptest.NewRequest(http.MethodPost, c.called, strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		r.Header.Set(twilio.SignatureHeader, c.signature)
		if got := hooks.Verify(r, []byte(c.body)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if hooks.Name() != "twilio" || hooks.Named("second").Name() != "second" {
		t.Error("the name is another one")
	}
}

// FuzzVerify: no header, address or body makes an unsigned request a signed one.
func FuzzVerify(f *testing.F) {
	f.Add("/webhooks/twilio/receipts", "application/x-www-form-urlencoded", "", []byte(fullReceipt))
	f.Add("/r?bodySHA256=00", "application/json", "AAAA", []byte(`{}`))
	hooks := twilio.NewWebhooks("https://jari.example", "a token of tests", "")
	f.Fuzz(func(t *testing.T, target, kind, signature string, body []byte) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			t.Skip()
		}
		r := &http.Request{Method: http.MethodPost, URL: u, RequestURI: target, Header: http.Header{}}
		r.Header.Set("Content-Type", kind)
		r.Header.Set(twilio.SignatureHeader, signature)
		if hooks.Verify(r, body) {
			t.Error("believed")
		}
	})
}
