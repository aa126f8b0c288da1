package booking

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Phone is a telephone number in E.164 form ("+821000001234"). The zero value is "no phone".
//
// It masks itself: every verb of fmt, slog and encoding/json show only the country prefix and the last two digits, so that
// a number cannot reach a log or an answer by accident. E164 gives the whole number to the few places that dial, hash or
// encrypt it. (Package fmt cannot call methods of unexported fields: keep fields of this type exported.)
type Phone struct{ e164 string }

// ErrPhone is returned for a text that is not a whole telephone number.
var ErrPhone = errors.New("not a whole telephone number")

// ParseE164 accepts "+", a country code and 7 to 15 digits in all (ITU-T E.164, section 6). A Korean mobile number
// (+82 10) must have exactly eight digits more, because shorter ones pass general checks and then reach nobody.
func ParseE164(s string) (Phone, error) {
	if len(s) < 8 || len(s) > 16 || s[0] != '+' || s[1] == '0' {
		return Phone{}, ErrPhone
	}
	for _, c := range s[1:] {
		if c < '0' || c > '9' {
			return Phone{}, ErrPhone
		}
	}
	if strings.HasPrefix(s, "+8210") && len(s) != len("+821012345678") {
		return Phone{}, ErrPhone
	}
	if strings.HasPrefix(s, "+820") {
		return Phone{}, ErrPhone
	}
	return Phone{e164: s}, nil
}

// E164 returns the whole number. Never log it.
func (p Phone) E164() string { return p.e164 }

// IsZero reports whether there is no number.
func (p Phone) IsZero() bool { return p.e164 == "" }

// String masks the number: "+82********34".
func (p Phone) String() string {
	if len(p.e164) < 6 {
		return ""
	}
	return p.e164[:3] + strings.Repeat("*", len(p.e164)-5) + p.e164[len(p.e164)-2:]
}

// MaskPhone shows as much of a number as somebody needs who knows it: its last four digits ("010-****-5678"), of a short number the
// last two. "" for no number.
func MaskPhone(p Phone) string {
	if rest, korean := strings.CutPrefix(p.e164, "+8210"); korean && len(rest) == 8 {
		return "010-****-" + rest[4:]
	}
	keep := 4
	if len(p.e164) < 11 {
		keep = 2
	}
	if len(p.e164) < 6 {
		return ""
	}
	return p.e164[:3] + strings.Repeat("*", len(p.e164)-3-keep) + p.e164[len(p.e164)-keep:]
}

// SpokenPhone writes a number as its owner does, whole: "010-1234-5678", others in international form. It is for texts to whoever has
// just told us the number, who must see whether we read it right.
func SpokenPhone(p Phone) string {
	if rest, korean := strings.CutPrefix(p.e164, "+8210"); korean && len(rest) == 8 {
		return "010-" + rest[:4] + "-" + rest[4:]
	}
	return p.e164
}

// Format masks the number under every verb.
func (p Phone) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// LogValue masks the number in logs.
func (p Phone) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText masks the number in JSON and the like.
func (p Phone) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// CanText reports whether the number may receive texts. Only Korean numbers are told apart here: mobile numbers begin
// with 01, everything else is a fixed line, which is told by call. Elsewhere the provider's answer decides.
func (p Phone) CanText() bool {
	if strings.HasPrefix(p.e164, "+82") {
		return strings.HasPrefix(p.e164, "+821")
	}
	return p.e164 != ""
}
