package sms_test

import (
	"testing"

	"jari/booking"
	"jari/booking/desk"
)

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ raw, country, want string }{
		{"010-1234-5678", "KR", "+821012345678"},
		{"01012345678", "KR", "+821012345678"},
		{" 010 1234 5678 ", "KR", "+821012345678"},
		{"010.1234.5678", "KR", "+821012345678"},
		{"(010) 1234-5678", "KR", "+821012345678"},
		{"０１０－１２３４－５６７８", "KR", "+821012345678"},
		{"010–1234–5678", "KR", "+821012345678"},
		{"+82 10 1234 5678", "KR", "+821012345678"},
		{"+82 10-1234-5678", "US", "+821012345678"},
		{"+82 010-1234-5678", "KR", "+821012345678"},
		{"0082 10 1234 5678", "KR", "+821012345678"},
		{"02-312-4567", "KR", "+8223124567"},
		{"031-1234-5678", "KR", "+823112345678"},
		{"(415) 867-5309", "US", "+14158675309"},
		{"010-1234-567", "KR", ""}, // 010 has exactly eight digits more
		{"010-1234-56789", "KR", ""},
		{"+82101234567", "KR", ""},
		{"680412", "KR", ""},
		{"112", "KR", ""},
		{"", "KR", ""},
		{"+", "KR", ""},
		{"010-1234-5678 ext 9", "KR", ""},
		{"010-CALL-NOW", "KR", ""},
		{"4158675309", "KR", ""},
		{"00000000000000000000000000000000000000000000000000000000", "KR", ""},
	} {
		got, err := desk.ParsePhone(c.raw, c.country)
		if got.E164() != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q in %s: %q %v, want %q", c.raw, c.country, got.E164(), err, c.want)
		}
	}
}

func TestPhoneCountry(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{"+82": "KR", "+8210": "KR", "+1": "US", "+44": "GB", "+999": "", "": "", "+": "", "x": ""} {
		if got := desk.PhoneCountry(&booking.Campaign{Limits: booking.Limits{AllowedPrefixes: []string{prefix}}}); got != want {
			t.Errorf("%q: %q, want %q", prefix, got, want)
		}
	}
}
