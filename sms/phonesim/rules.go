package phonesim

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"

	"jari/booking"
)

// maxBody is the longest text that Twilio takes, in characters.
const maxBody = 1600

// refusal is an error answer in Twilio's words. The texts repeat no number, unlike Twilio's.
type refusal struct {
	status  int
	code    int
	message string
}

// order is a request to send a text that kept the rules.
type order struct {
	to       booking.Phone
	from     string
	body     string
	callback string
	validFor time.Duration // 0: as long as the queue holds it
	key      string        // of a gateway's texts
}

// checkOrder applies the rules that Twilio publishes for creating a message, in the order To, From, Body.
func (s *Server) checkOrder(form url.Values) (order, *refusal) {
	refuse := func(code int, message string) (order, *refusal) {
		return order{}, &refusal{400, code, message}
	}
	if form.Get("To") == "" {
		return refuse(21604, "A 'To' phone number is required.")
	}
	to, err := booking.ParseE164(form.Get("To"))
	if err != nil {
		return refuse(21211, "Invalid 'To' Phone Number")
	}
	if form.Get("From") == "" {
		return refuse(21603, "A 'From' phone number is required.")
	}
	from := form.Get("From")
	if s.lines.of(from) == nil {
		return refuse(21606, "The 'From' phone number is not a valid, SMS-capable number of this account.")
	}
	body := form.Get("Body")
	if body == "" {
		return refuse(21602, "Message body is required.")
	}
	if utf8.RuneCountInString(body) > maxBody {
		return refuse(21617, "The concatenated message body exceeds the 1600 character limit")
	}
	if r := s.checkPhone(to, from); r != nil {
		return order{}, r
	}
	callback, _, _ := strings.Cut(form.Get("StatusCallback"), "#")
	if callback != "" && !isWebURL(callback) {
		return refuse(21609, "The 'StatusCallback' URL is not a valid URL")
	}
	o := order{to: to, from: from, body: body, callback: callback}
	if period := form.Get("ValidityPeriod"); period != "" {
		seconds, err := strconv.Atoi(period)
		if err != nil || seconds < 1 || seconds > 36000 {
			return refuse(21624, "Invalid validity period value")
		}
		o.validFor = time.Duration(seconds) * time.Second
	}
	return o, nil
}

// checkPhone refuses what is known beforehand never to arrive.
func (s *Server) checkPhone(to booking.Phone, from string) *refusal {
	if s.landline(to) == LandlineRefuses {
		return &refusal{400, codeNotMobile, "'To' number is not a valid mobile number"}
	}
	if slices.Contains(s.store.handset(to).OptedOutOf, from) {
		return &refusal{400, codeOptedOut, "Attempt to send to unsubscribed recipient"}
	}
	return nil
}

// unsendableInKorea returns the first character that Korean carriers do not carry: everything outside ASCII's printable
// characters, the line breaks and KS X 1001. The encoder knows the larger CP949, whose additional syllables have a byte
// below 0xA1.
func unsendableInKorea(body string) (rune, bool) {
	if clean, err := korean.EUCKR.NewEncoder().String(body); err == nil && isWansung(clean) {
		return 0, false
	}
	for _, r := range body { // the slow way, only to name the character
		one, err := korean.EUCKR.NewEncoder().String(string(r))
		if err != nil || !isWansung(one) {
			return r, true
		}
	}
	return 0, false
}

// isWansung reports whether a CP949 text keeps to ASCII and KS X 1001.
func isWansung(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F):
		case c >= 0xA1 && i+1 < len(s) && s[i+1] >= 0xA1:
			i++
		default:
			return false
		}
	}
	return true
}

// segments counts the parts of a text on the air. It takes every text outside ASCII for UCS-2, which is right for
// Korean and a little too many for Western letters.
func segments(body string) int {
	units, single, part := 0, 160, 153
	for _, r := range body {
		units++
		if r >= 0x80 {
			single, part = 70, 67
		}
		if r > 0xFFFF || strings.ContainsRune(`^{}\[]~|`, r) {
			units++
		}
	}
	if units <= single {
		return 1
	}
	return (units + part - 1) / part
}
