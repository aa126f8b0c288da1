package booking_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"jari/booking"
)

func mustPhone(t interface {
	Helper()
	Fatalf(string, ...any)
}, s string) booking.Phone {
	t.Helper()
	p, err := booking.ParseE164(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return p
}

func TestParseE164(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in string
		ok bool
	}{
		{"+821000001234", true},
		{"+82100000123", false},   // 010 with seven digits reaches nobody
		{"+8210000012345", false}, // 010 with nine digits
		{"+8210", false},
		{"+82200001339", true},    // a fixed line in Seoul
		{"+82161230000", true},    // an old mobile number
		{"+8201000001234", false}, // the trunk zero kept
		{"+82010000123", false},
		{"+447700900123", true},
		{"+12025550123", true},
		{"+1234567", true}, // the shortest
		{"+123456", false},
		{"+123456789012345", true}, // the longest
		{"+1234567890123456", false},
		{"+0123456789", false},
		{"821000001234", false},
		{"01000001234", false},
		{"", false},
		{"+", false},
		{"+82 10 0000 1234", false},
		{"+82-1000001234", false},
		{"+82100000123a", false},
		{"+82100000１２３", false}, // full-width digits
		{"++82100000123", false},
	}
	for _, tt := range tests {
		p, err := booking.ParseE164(tt.in)
		if (err == nil) != tt.ok {
			t.Errorf("%q: %v, want ok %t", tt.in, err, tt.ok)
		}
		if want := map[bool]string{true: tt.in}[tt.ok]; p.E164() != want {
			t.Errorf("%q: kept %q", tt.in, p.E164())
		}
	}
}

// Eight digits after 010, no fewer and no more.
func TestKoreanMobileNumbersHaveEightDigitsMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rest := rapid.StringMatching(`[0-9]{0,12}`).Draw(t, "rest")
		if _, err := booking.ParseE164("+8210" + rest); (err == nil) != (len(rest) == 8) {
			t.Fatalf("+8210 and %d digits: %v", len(rest), err)
		}
	})
}

func TestPhoneMasksItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.StringMatching(`\+[1-9][0-9]{6,14}`).Draw(t, "number")
		p, err := booking.ParseE164(whole)
		if err != nil {
			t.Skip("not a number")
		}
		person := booking.Person{Name: "홍길동", Phone: p, Number: "AB123456"}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "phone", p, "person", person, "list", []booking.Phone{p}, "ptr", &p)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "phone", p, "list", []booking.Phone{p})
		shown := fmt.Sprintf("%v %+v %#v %s %q", p, p, p, p, p) +
			fmt.Sprintf("%v %+v %#v %s", person, person, person, person) +
			fmt.Sprintf("%v %+v %#v", []booking.Phone{p}, []booking.Person{person}, map[string]booking.Phone{"a": p}) +
			fmt.Sprintf("%v %+v %#v", &p, &person, struct{ P booking.Person }{person}) + log.String()
		for _, secret := range []string{whole, whole[1:], whole[3 : len(whole)-1], "길", "AB123456"} {
			if strings.Contains(shown, secret) {
				t.Fatalf("%q is shown in %s", secret, shown)
			}
		}
	})
}

func TestPersonMasksItselfInJSONLogs(t *testing.T) {
	t.Parallel()
	person := booking.Person{Name: "홍길동", Phone: mustPhone(t, "+821000001234"), Number: "AB123456"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "person", person, "phone", person.Phone)
	if s := log.String(); strings.Contains(s, "홍길동") || strings.Contains(s, "AB123456") || !strings.Contains(s, "+82********34") {
		t.Errorf("the log shows %s", s)
	}
}

func TestMaskPhoneShowsWhatSomebodyKnows(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"+821000005678": "010-****-5678", "+18005550100": "+18*****0100", "+6834000": "+68***00", "+82212345678": "+82*****5678",
	} {
		p, err := booking.ParseE164(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := booking.MaskPhone(p); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
	if got := booking.MaskPhone(booking.Phone{}); got != "" {
		t.Errorf("no number: %q", got)
	}
}

func TestPhoneMask(t *testing.T) {
	t.Parallel()
	if got := mustPhone(t, "+821000001234").String(); got != "+82********34" {
		t.Errorf("got %s", got)
	}
	if got := (booking.Phone{}).String(); got != "" {
		t.Errorf("no phone shows as %q", got)
	}
	if !(booking.Phone{}).IsZero() || mustPhone(t, "+821000001234").IsZero() {
		t.Error("IsZero is wrong")
	}
}

func TestCanText(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]bool{
		"+821000001234": true, "+82161230000": true, "+82200001339": false, "+82310000000": false, "+447700900123": true,
	} {
		if got := mustPhone(t, number).CanText(); got != want {
			t.Errorf("%s: %t", number, got)
		}
	}
	if (booking.Phone{}).CanText() {
		t.Error("no phone can be texted")
	}
}
