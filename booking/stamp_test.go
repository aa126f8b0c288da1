package booking_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
)

var (
	stampNow   = time.Date(2021, 7, 19, 11, 0, 0, 250_000, time.UTC)
	stampRound = stampNow.Add(15 * time.Minute)
)

func ring(t testing.TB, keys ...byte) *booking.StampRing {
	t.Helper()
	var all [][]byte
	for _, k := range keys {
		all = append(all, bytes.Repeat([]byte{k}, 32))
	}
	r, err := booking.NewStampRing(all...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func stampedRequest() booking.Stamped {
	return booking.Stamped{Campaign: "seoul-2021", Operation: [16]byte{1}, Device: [16]byte{2}, Identity: booking.ID{3}}
}

func TestAStampCountsForItsOwnRequestAlone(t *testing.T) {
	t.Parallel()
	r := ring(t, 1)
	stamp := r.Make(stampedRequest(), stampNow, stampRound)
	for name, change := range map[string]func(*booking.Stamped){
		"another campaign":  func(s *booking.Stamped) { s.Campaign = "seoul-2022" },
		"another operation": func(s *booking.Stamped) { s.Operation[15]++ },
		"another device":    func(s *booking.Stamped) { s.Device[0]++ },
		"no device":         func(s *booking.Stamped) { s.Device = [16]byte{} },
		"another person":    func(s *booking.Stamped) { s.Identity[7]++ },
		"parts that are moved": func(s *booking.Stamped) {
			s.Operation, s.Device = s.Device, s.Operation
		},
	} {
		of := stampedRequest()
		change(&of)
		if at, got := r.Open(stamp, of, stampNow, stampRound); got != booking.StampInvalid || !at.IsZero() {
			t.Errorf("%s: %s, %s", name, got, at)
		}
	}
	if at, got := r.Open(stamp, stampedRequest(), stampNow.Add(time.Second), stampRound); got != booking.StampCounted || !at.Equal(stampNow) {
		t.Errorf("its own request: %s, %s", got, at)
	}
}

func TestAStampLivesUntilTheFirstRoundAndADay(t *testing.T) {
	t.Parallel()
	r := ring(t, 1)
	for name, c := range map[string]struct {
		round time.Time
		life  time.Duration
	}{
		"a round soon":       {stampRound, booking.StampLife},
		"a round next month": {stampNow.AddDate(0, 1, 0), 31 * 24 * time.Hour},
	} {
		stamp := r.Make(stampedRequest(), stampNow, c.round)
		if _, got := r.Open(stamp, stampedRequest(), stampNow.Add(c.life), stampRound); got != booking.StampCounted {
			t.Errorf("%s: at its end it is %s", name, got)
		}
		if _, got := r.Open(stamp, stampedRequest(), stampNow.Add(c.life+time.Microsecond), stampRound); got != booking.StampExpired {
			t.Errorf("%s: after its end it is %s", name, got)
		}
	}
}

// Another node's clock may run ahead by its bound: nobody arrives in the future.
func TestAStampFromTheFutureIsNow(t *testing.T) {
	t.Parallel()
	r := ring(t, 1)
	stamp := r.Make(stampedRequest(), stampNow.Add(200*time.Millisecond), stampRound)
	if at, got := r.Open(stamp, stampedRequest(), stampNow, stampRound); got != booking.StampCounted || !at.Equal(stampNow) {
		t.Errorf("%s, %s", got, at)
	}
}

func TestStampKeysRotate(t *testing.T) {
	t.Parallel()
	before, after := ring(t, 1), ring(t, 2, 1)
	stamp := before.Make(stampedRequest(), stampNow, stampRound)
	if _, got := after.Open(stamp, stampedRequest(), stampNow, stampRound); got != booking.StampCounted {
		t.Errorf("an earlier key's stamp is %s", got)
	}
	stamp = after.Make(stampedRequest(), stampNow, stampRound)
	if _, got := ring(t, 1, 2).Open(stamp, stampedRequest(), stampNow, stampRound); got != booking.StampCounted {
		t.Errorf("a node that knows the new key but signs with the old one says %s", got)
	}
	if _, got := before.Open(stamp, stampedRequest(), stampNow, stampRound); got != booking.StampInvalid {
		t.Errorf("a node that does not know the key says %s", got)
	}
	if _, err := booking.NewStampRing(); err == nil {
		t.Error("an empty ring was accepted")
	}
	if _, err := booking.NewStampRing([]byte("short")); err == nil {
		t.Error("a short key was accepted")
	}
}

// No other text than the one that was made counts: not one with a letter changed, cut, doubled or put into another case.
func TestNoOtherTextIsAStamp(t *testing.T) {
	t.Parallel()
	r := ring(t, 1)
	stamp := r.Make(stampedRequest(), stampNow, stampRound)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/\n\x00"
	for i := range stamp {
		for _, l := range letters {
			other := stamp[:i] + string(l) + stamp[i+1:]
			if _, got := r.Open(other, stampedRequest(), stampNow, stampRound); other != stamp && got != booking.StampInvalid {
				t.Fatalf("letter %d as %q: %s", i, l, got)
			}
		}
	}
	for _, other := range []string{"", stamp[1:], stamp[:len(stamp)-1], stamp + "A", stamp + stamp, stamp + "=", strings.ToLower(stamp)} {
		if _, got := r.Open(other, stampedRequest(), stampNow, stampRound); got != booking.StampInvalid {
			t.Errorf("%q: %s", other, got)
		}
	}
}

func TestStampsKeepTheMicrosecond(t *testing.T) {
	t.Parallel()
	r := ring(t, 9)
	rapid.Check(t, func(t *rapid.T) {
		of := booking.Stamped{Campaign: rapid.StringMatching(`[a-z0-9-]{1,63}`).Draw(t, "campaign")}
		copy(of.Operation[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "operation"))
		copy(of.Device[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "device"))
		copy(of.Identity[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "identity"))
		arrival := stampNow.Add(time.Duration(rapid.Int64Range(0, 1<<40).Draw(t, "µs")) * time.Microsecond)
		at, got := r.Open(r.Make(of, arrival, stampRound), of, arrival.Add(time.Hour), stampRound)
		if got != booking.StampCounted || !at.Equal(arrival) {
			t.Fatalf("%s, %s instead of %s", got, at, arrival)
		}
	})
}

// Nothing that was not made here ever counts.
func FuzzStamp(f *testing.F) {
	r := ring(f, 1)
	good := r.Make(stampedRequest(), stampNow, stampRound)
	f.Add(good)
	f.Add(good[:49] + "A")
	f.Add(ring(f, 2).Make(stampedRequest(), stampNow, stampRound))
	f.Add("")
	f.Fuzz(func(t *testing.T, stamp string) {
		at, got := r.Open(stamp, stampedRequest(), stampNow, stampRound)
		if got == booking.StampCounted && stamp != good {
			t.Errorf("%q counts, as of %s", stamp, at)
		}
	})
}
