package twilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what Twilio signs with; HMAC-SHA1 is not broken
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// SignatureHeader is the request header that carries Twilio's signature.
const SignatureHeader = "X-Twilio-Signature"

// digestParameter is the parameter of the address that holds the digest of a body that is no form.
const digestParameter = "bodySHA256"

// sameDigest reports whether a body has the digest that the address names, in hexadecimal.
func sameDigest(named string, body []byte) bool {
	want, err := hex.DecodeString(named)
	got := sha256.Sum256(body)
	return err == nil && hmac.Equal(want, got[:])
}

// Sign returns the signature that Twilio puts on a form post: base64(HMAC-SHA1(token, URL + every key and value)), keys
// sorted, the values of a repeated key sorted and each used once. SHA-1 is Twilio's choice; as an HMAC it holds.
func Sign(token, publicURL string, form url.Values) string {
	var b strings.Builder
	b.WriteString(publicURL)
	keys := make([]string, 0, len(form))
	for key := range form {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		values := slices.Clone(form[key])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			b.WriteString(key)
			b.WriteString(value)
		}
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(b.String()))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// VerifySignature reports whether a form post was signed with one of the tokens (two while a token is being changed).
// publicURL is the configured public base and the raw request URI, exactly as Twilio called it: behind a proxy the
// request's own host is not what Twilio signed. Twilio sometimes signs with the port and sometimes without, so both are
// tried. Empty tokens never match anything. The comparison takes constant time.
func VerifySignature(tokens []string, publicURL string, form url.Values, header string) bool {
	for _, token := range tokens {
		if token == "" {
			continue
		}
		for _, candidate := range portVariants(publicURL) {
			if hmac.Equal([]byte(Sign(token, candidate, form)), []byte(header)) {
				return true
			}
		}
	}
	return false
}

// portVariants returns the URL as it is, without its port, and with the scheme's own port if it names none. It cuts the
// text and does not parse and print it again, because printing may change an escape and with it the signature.
func portVariants(raw string) []string {
	scheme, rest, found := strings.Cut(raw, "://")
	if !found {
		return []string{raw}
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, tail := rest[:end], rest[end:]
	// A colon inside the brackets of an IPv6 address is not a port's.
	if colon := strings.LastIndexByte(host, ':'); colon > strings.LastIndexByte(host, ']') &&
		colon > strings.LastIndexByte(host, '@') {
		return []string{raw, scheme + "://" + host[:colon] + tail}
	}
	port := ":443"
	if strings.EqualFold(scheme, "http") {
		port = ":80"
	}
	return []string{raw, scheme + "://" + host + port + tail}
}
