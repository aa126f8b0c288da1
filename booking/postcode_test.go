package booking_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"jari/booking"
)

func TestPostcodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		written, in, out string
	}{
		{"060-064", "06000", "06500"}, {"060-064", "06499", "05999"}, {"06", "06999", "07000"}, {"06234", "06234", "06235"}, {"06100-06120", "06120", "06121"},
	} {
		p, ok := booking.ParsePostcodes(c.written)
		if !ok || !p.Has(c.in) || p.Has(c.out) || p.String() != c.written {
			t.Errorf("%s: %v %v", c.written, p, ok)
		}
		for _, no := range []string{"", "0600", "060000", "0600o", "６００00"} {
			if p.Has(no) {
				t.Errorf("%s has %q", c.written, no)
			}
		}
	}
	for _, bad := range []string{"", "-", "06-", "-06", "064-060", "060-06", "060000", "06a", "060-064-068"} {
		if p, ok := booking.ParsePostcodes(bad); ok {
			t.Errorf("%q is read as %v", bad, p)
		}
	}
}

// Two ranges meet exactly when some postcode is in both.
func TestPostcodesMeet(t *testing.T) {
	t.Parallel()
	draw := rapid.Custom(func(t *rapid.T) booking.Postcodes {
		width := rapid.IntRange(1, 3).Draw(t, "digits")
		most := []int{9, 99, 999}[width-1]
		from := rapid.IntRange(0, most).Draw(t, "from")
		to := rapid.IntRange(from, most).Draw(t, "to")
		return booking.Postcodes{From: fmt.Sprintf("%0*d", width, from), To: fmt.Sprintf("%0*d", width, to)}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		meet := false
		for n := 0; n < 100_000 && !meet; n += 50 { // no range here ends within 50
			code := fmt.Sprintf("%05d", n)
			meet = a.Has(code) && b.Has(code)
		}
		if a.Meets(b) != meet || b.Meets(a) != meet {
			t.Fatalf("%s and %s: %v, %v", a, b, a.Meets(b), meet)
		}
	})
}
