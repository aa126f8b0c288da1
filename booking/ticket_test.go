package booking_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"jari/booking"
)

const lastTicket = 999_999_999

func TestTickets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint32Range(0, lastTicket).Draw(t, "n")
		code := booking.NewTicket(n)
		if len(code) != booking.TicketDigits {
			t.Fatalf("%d has the code %q", n, code)
		}
		for _, written := range []string{code, booking.SpokenTicket(code), " " + code[:5] + " " + code[5:] + " "} {
			if got, err := booking.ParseTicket(written); err != nil || got != n {
				t.Fatalf("%q is read as %d, %v; want %d", written, got, err, n)
			}
		}
	})
}

func TestEveryWrongDigitIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := booking.NewTicket(rapid.Uint32Range(0, lastTicket).Draw(t, "n"))
		for i := range code {
			for d := byte('0'); d <= '9'; d++ {
				wrong := []byte(code)
				wrong[i] = d
				if _, err := booking.ParseTicket(string(wrong)); (err == nil) != (string(wrong) == code) {
					t.Fatalf("%s for %s: %v", wrong, code, err)
				}
			}
		}
	})
}

func TestEverySwapOfNeighboursIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := booking.NewTicket(rapid.Uint32Range(0, lastTicket).Draw(t, "n"))
		for i := range len(code) - 1 {
			wrong := []byte(code)
			wrong[i], wrong[i+1] = wrong[i+1], wrong[i]
			if _, err := booking.ParseTicket(string(wrong)); (err == nil) != (string(wrong) == code) {
				t.Fatalf("%s for %s: %v", wrong, code, err)
			}
		}
	})
}

func TestTicketTable(t *testing.T) {
	t.Parallel()
	// 572 has the check digit 4 in Damm's own example; zeroes in front do not change it.
	if got := booking.NewTicket(572); got != "0000005724" {
		t.Errorf("572 has the code %s", got)
	}
	if got := booking.SpokenTicket("0000005724"); got != "000-000-5724" {
		t.Errorf("spoken %s", got)
	}
	if got := booking.SpokenTicket("12"); got != "12" {
		t.Errorf("spoken %s", got)
	}
	for _, wrong := range []string{"", "5724", "00000005724", "000000572", "0000005724x", "０000005724", "0000005725", "0000005724\n"} {
		if _, err := booking.ParseTicket(wrong); !errors.Is(err, booking.ErrTicket) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
