package phonesim

import (
	"net/url"
	"strconv"
	"strings"
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
	body     string
	callback string
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
	if form.Get("From") != s.config.From {
		return refuse(21606, "The 'From' phone number is not a valid, SMS-capable number of this account.")
	}
	body := form.Get("Body")
	if body == "" {
		return refuse(21602, "Message body is required.")
	}
	if utf8.RuneCountInString(body) > maxBody {
		return refuse(21617, "The concatenated message body exceeds the 1600 character limit")
	}
	if !to.CanText() {
		return refuse(21614, "'To' number is not a valid mobile number")
	}
	if s.store.isOptedOut(to) {
		return refuse(21610, "Attempt to send to unsubscribed recipient")
	}
	callback, _, _ := strings.Cut(form.Get("StatusCallback"), "#")
	if callback != "" && !isWebURL(callback) {
		return refuse(21609, "The 'StatusCallback' URL is not a valid URL")
	}
	if period := form.Get("ValidityPeriod"); period != "" {
		if seconds, err := strconv.Atoi(period); err != nil || seconds < 1 || seconds > 36000 {
			return refuse(20001, "ValidityPeriod must be between 1 and 36000 seconds")
		}
	}
	return order{to: to, body: body, callback: callback}, nil
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

// optWord says whether a text is one of Twilio's default opt-out or opt-in words, alone and in any case.
func optWord(body string) (out, in bool) {
	switch strings.ToUpper(strings.TrimSpace(body)) {
	case "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT":
		return true, false
	case "START", "YES", "UNSTOP":
		return false, true
	}
	return false, false
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
