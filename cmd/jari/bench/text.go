package bench

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what the provider signs with
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"net/url"
	"slices"

	"jari/cmd/jari/load"
	"jari/sms/twilio"
)

// TextAccount is what a provider's webhooks are made of.
type TextAccount struct {
	Token     string // signs
	PublicURL string // of the webhook, as the provider calls it
	From      string // our number
	Region    string // a region's name, as people write it
	run       string // the beginning of all ids of this run
}

// NewTextAccount makes an account whose texts have ids of their own.
func NewTextAccount(token, publicURL, from, region string) TextAccount {
	var raw [10]byte
	_, _ = rand.Read(raw[:])
	return TextAccount{Token: token, PublicURL: publicURL, From: from, Region: region, run: hex.EncodeToString(raw[:])}
}

// Text is a prepared webhook with an application in one text, with the places that differ from person to person. Every request is signed as the
// provider signs it.
type Text struct {
	request, signed  []byte
	inRequest, plain textPlaces
	signature        int // where it begins in the request
	mac              hash.Hash
	sum              []byte
}

// textPlaces are where one form of the text has what differs.
type textPlaces struct {
	ids               []int // where the digits of the ids end
	phone, born, name int   // where the digits end; where the date and the name begin
	escaped           bool
}

// NewText prepares a webhook. Each connection has one of its own.
func NewText(host, path string, a TextAccount) *Text {
	s := Invent(0)
	sid := "SM" + a.run + "000000000000"
	form := url.Values{
		"MessageSid": {sid}, "SmsSid": {sid}, "SmsMessageSid": {sid}, "SmsStatus": {"received"}, "AccountSid": {"AC00000000000000000000000000000000"},
		"ApiVersion": {"2010-04-01"}, "From": {s.Phone}, "To": {a.From}, "Body": {fmt.Sprintf("예약 620101 %s %s", s.Name, a.Region)}, "NumMedia": {"0"}, "NumSegments": {"1"},
	}
	signature := twilio.Sign(a.Token, a.PublicURL, form)
	body := form.Encode()
	request := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nContent-Length: %d\r\n"+
		"%s: %s\r\nI-Twilio-Idempotency-Token: 00000000-0000-4000-8000-000000000000\r\nUser-Agent: TwilioProxy/1.1\r\n\r\n%s", path, host, len(body), twilio.SignatureHeader, signature, body)
	t := &Text{request: request, mac: hmac.New(sha1.New, []byte(a.Token)), signature: bytes.Index(request, []byte(signature))}
	t.signed = append(t.signed, a.PublicURL...)
	for _, key := range slices.Sorted(maps.Keys(form)) {
		t.signed = append(append(t.signed, key...), form.Get(key)...)
	}
	t.inRequest, t.plain = placesIn(t.request, a, s, url.QueryEscape), placesIn(t.signed, a, s, func(s string) string { return s })
	return t
}

func placesIn(b []byte, a TextAccount, s Someone, write func(string) string) textPlaces {
	p := textPlaces{escaped: len(write("가")) > len("가")}
	end := func(mark string) int { return bytes.Index(b, []byte(mark)) + len(mark) }
	p.phone, p.born = end(write(s.Phone)), end(write("예약 "))
	p.name = p.born + 6 + len(write(" "))
	id := a.run + "000000000000"
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte(id))
		if i < 0 {
			return p
		}
		at += i + len(id)
		p.ids = append(p.ids, at)
	}
}

// For makes it the n-th person's text. The bytes are valid until the next call.
func (t *Text) For(n int64) []byte {
	t.inRequest.write(t.request, n)
	t.plain.write(t.signed, n)
	t.mac.Reset()
	t.mac.Write(t.signed)
	t.sum = t.mac.Sum(t.sum[:0])
	base64.StdEncoding.Encode(t.request[t.signature:], t.sum)
	return t.request
}

func (p textPlaces) write(b []byte, n int64) {
	for _, end := range p.ids {
		digits(b[end-12:end], n)
	}
	digits(b[p.phone-7:p.phone], n%load.Phones)
	digits(b[p.born:p.born+2], 62+n/load.Phones%10)
	digits(b[p.born+2:p.born+4], 1+n%12)
	digits(b[p.born+4:p.born+6], 1+n%28)
	at := p.put(b, p.name, load.Surnames[n%20])
	p.put(b, at, load.GivenNames[n/20%given])
}

// put writes Hangul as it is, or escaped.
func (p textPlaces) put(b []byte, at int, s string) int {
	if !p.escaped {
		return at + copy(b[at:], s)
	}
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		b[at], b[at+1], b[at+2] = '%', digits[s[i]>>4], digits[s[i]&15]
		at += 3
	}
	return at
}
