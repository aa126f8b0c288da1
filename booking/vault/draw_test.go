package vault_test

import (
	"bytes"
	"testing"

	"jari/booking"
)

// The id is the same each time, another one in another campaign, and shows nothing of the registration's id or tie.
func TestDrawIDTellsNothing(t *testing.T) {
	t.Parallel()
	one, other := keys(t, "one"), keys(t, "one")
	seen := map[booking.DrawID]bool{}
	for n := range 100 {
		id := booking.ID{byte(n), 1, 2, 3}
		draw := one.DrawID(id)
		if draw != one.DrawID(id) || draw == other.DrawID(id) || seen[draw] {
			t.Fatalf("entry %d is called %s", n, draw)
		}
		seen[draw] = true
		if bytes.Contains(draw[:], id[:4]) || one.Lookup(string(id[:])) == [16]byte(draw) {
			t.Errorf("entry %d can be told from %s", n, draw)
		}
	}
}
