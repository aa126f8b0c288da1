package booking_test

import (
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
)

// What a stranger gets with sha256sum and openssl, by the lines at the head of booking/draw.go. The secret is 32 times 01,
// the ids are 16 times aa and 16 times 05.
func TestDrawAsByHand(t *testing.T) {
	t.Parallel()
	var secret booking.DrawSecret
	var a, b booking.DrawID
	for i := range secret {
		secret[i] = 1
	}
	for i := range a {
		a[i], b[i] = 0xaa, 0x05
	}
	commitment, seed, list := secret.Commitment(), secret.Seed("3 7 12"), booking.DrawListDigest([]booking.DrawID{a, b})
	lot := seed.Lot(a)
	for _, c := range []struct {
		what string
		got  []byte
		want string
	}{
		{"commitment", commitment[:], "16fc0a05995895ffcbf7eb5a7887823b812ee4b22ba697c605a5c14780fe77ce"},
		{"seed", seed[:], "ac0446a022b72178030cb8a0bbe2bd7451b15fe4da65ff9d54beb0288966fa39"},
		{"list", list[:], "b3fa13e12ae0ee3bd9695efcb34cc2a95085e8f09b7294373c910677e2658c9a"},
		{"lot", lot[:], "ee608f0ddf6a642775908683cda3625c273ee6d4acf09f01053b4b123016acad"},
	} {
		if got := hex.EncodeToString(c.got); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

func drawIDs(t *rapid.T) []booking.DrawID {
	raw := rapid.SliceOfNDistinct(rapid.SliceOfN(rapid.Byte(), 16, 16), 2, 60, func(b []byte) string { return string(b) }).Draw(t, "ids")
	out := make([]booking.DrawID, len(raw))
	for i, b := range raw {
		out[i] = booking.DrawID(b)
	}
	return out
}

func drawSecret(t *rapid.T) booking.DrawSecret {
	return booking.DrawSecret(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "secret"))
}

// The order is a permutation of the entries, it is the order of the signed ties, and how the entries came in is nothing to it.
func TestDrawOrderDoesNotKnowWhoCameFirst(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ids, seed := drawIDs(t), drawSecret(t).Seed("7")
		one, other := slices.Clone(ids), rapid.Permutation(ids).Draw(t, "came")
		booking.DrawOrder(seed, one)
		booking.DrawOrder(seed, other)
		if !slices.Equal(one, other) {
			t.Fatal("the order depends on how the entries came in")
		}
		for i := 1; i < len(one); i++ {
			if seed.Lot(one[i-1]).Tie() > seed.Lot(one[i]).Tie() {
				t.Fatalf("number %d has a greater tie than number %d", i, i+1)
			}
		}
		slices.SortFunc(one, booking.DrawID.Compare)
		slices.SortFunc(ids, booking.DrawID.Compare)
		if !slices.Equal(one, ids) {
			t.Fatal("somebody was lost or made up")
		}
	})
}

// Another entry changes nobody's lot, only the digest; another value or secret changes every lot.
func TestLotsDependOnTheSeedAndTheEntryAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ids, secret := drawIDs(t), drawSecret(t)
		without := slices.Clone(ids[1:])
		all := slices.Clone(ids)
		seed := secret.Seed("7")
		booking.DrawOrder(seed, all)
		booking.DrawOrder(seed, without)
		if !slices.Equal(slices.DeleteFunc(slices.Clone(all), func(id booking.DrawID) bool { return id == ids[0] }), without) {
			t.Fatal("one entry changes the order of the others")
		}
		if booking.DrawListDigest(slices.Clone(all)) == booking.DrawListDigest(slices.Clone(without)) {
			t.Fatal("the digest does not see who is missing")
		}
		changed := secret
		changed[5] ^= 1
		for _, id := range ids {
			if secret.Seed("8").Lot(id) == seed.Lot(id) || changed.Seed("7").Lot(id) == seed.Lot(id) {
				t.Fatal("a lot outlives its seed")
			}
		}
		if changed.Commitment() == secret.Commitment() {
			t.Fatal("two secrets have one commitment")
		}
	})
}

func TestPublicValueIsWrittenInOneWay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"7, 12, 19": "7 12 19", " 07-12-19.": "7 12 19", "7 12  19\n": "7 12 19", "000": "0", "Bitcoin Block ABC0": "bitcoin block abc0",
		"코스피 2,650.15": "코스피 2 650 15", "": "", " ,;": "", string([]byte{0xff}): "",
		// What looks like another value would be a choice of seeds for whoever types it in.
		"７ 12 19": "", "٧ 12": "", "7² 12": "", "12\u200b3": "", "12\u00ad3": "", "7\u0301 12": "", "café 1": "", "cafe\u0301 1": "",
		"\u110f\u1169\u1109\u1173\u1111\u1175 2": "", "ｋ 2": "", "\uf914 2": "", "𝟕 2": "", "\u212a 2": "k 2", "İ 2": "i 2",
	} {
		got, err := booking.PublicValue(text)
		if got != want || (err != nil) != (want == "") || err != nil && !errors.Is(err, booking.ErrPublicValue) {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		value, err := booking.PublicValue(rapid.String().Draw(t, "text"))
		if err != nil {
			return
		}
		if again, err := booking.PublicValue(value); err != nil || again != value {
			t.Fatalf("%q becomes %q (%v)", value, again, err)
		}
	})
}

func TestDrawIDs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for _, id := range drawIDs(t) {
			if back, err := booking.ParseDrawID(id.String()); err != nil || back != id {
				t.Fatalf("%s becomes %s (%v)", id, back, err)
			}
		}
	})
	for _, s := range []string{"", "aa", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "gggggggggggggggggggggggggggggggg", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		if _, err := booking.ParseDrawID(s); !errors.Is(err, booking.ErrDrawID) {
			t.Errorf("%q is taken for an id: %v", s, err)
		}
	}
}

func TestQueueDraw(t *testing.T) {
	t.Parallel()
	at := time.Date(2021, 7, 19, 11, 0, 0, 0, time.UTC)
	cohort := booking.Cohort{
		Code: "a", Queue: "q", Order: booking.ByDraw, Opens: at, Window: at.Add(time.Hour), FirstRound: at.Add(2 * time.Hour), PublicValue: "lottery",
	}
	for name, c := range map[string]struct {
		change func(a, b *booking.Cohort)
		drawn  bool
		bad    bool
	}{
		"two that agree":    {func(_, _ *booking.Cohort) {}, true, false},
		"both by arrival":   {func(a, b *booking.Cohort) { a.Order, b.Order = booking.ByArrival, "" }, false, false},
		"a mix":             {func(a, _ *booking.Cohort) { a.Order = booking.ByArrival }, false, true},
		"a mix, turned":     {func(_, b *booking.Cohort) { b.Order = booking.ByArrival }, false, true},
		"another queue":     {func(_, b *booking.Cohort) { b.Queue, b.Order = "other", booking.ByArrival }, true, false},
		"another window":    {func(_, b *booking.Cohort) { b.Window = b.Window.Add(1) }, false, true},
		"another opening":   {func(_, b *booking.Cohort) { b.Opens = b.Opens.Add(1) }, false, true},
		"another value":     {func(_, b *booking.Cohort) { b.PublicValue = "weather" }, false, true},
		"no value":          {func(a, b *booking.Cohort) { a.PublicValue, b.PublicValue = "", "" }, false, true},
		"an empty window":   {func(a, b *booking.Cohort) { a.Window, b.Window = a.Opens, a.Opens }, false, true},
		"a round before it": {func(a, b *booking.Cohort) { a.FirstRound, b.FirstRound = at, at }, false, true},
	} {
		a, b := cohort, cohort
		b.Code = "b"
		c.change(&a, &b)
		rule, drawn, err := booking.QueueDraw(&booking.Campaign{Cohorts: []booking.Cohort{a, b}}, "q")
		if drawn != c.drawn || (err != nil) != c.bad || err != nil && !errors.Is(err, booking.ErrDrawRule) {
			t.Errorf("%s: drawn %t, %v", name, drawn, err)
		}
		if drawn && (!rule.In(at) || rule.In(rule.Window) || rule.PublicValue != "lottery") {
			t.Errorf("%s: %+v", name, rule)
		}
	}
}
