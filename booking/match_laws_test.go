package booking_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"jari/booking"
)

func matchAll(b *booking.Board, waiting []booking.Waiting) []booking.Match {
	var out []booking.Match
	for _, w := range waiting {
		out = b.Match(out, w)
	}
	return out
}

// No slot, reserve or supply gives more than it has; only what suits is given; and nobody is left without a slot that was
// free and suited when it was their turn.
func TestBoardHoldsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlay(t)
		b, left := p.board(), p.naive()
		for _, w := range p.waiting {
			suits := func(s booking.FreeSlot) bool {
				return left.supplied(s) && left.seats(w, s) > 0 && left.late(w, s) && left.hasNeeds(w, s) && left.atWantedSite(w, s) && left.suits(w, s)
			}
			before := slices.Clone(left.slots)
			for _, m := range b.Match(nil, w) {
				if m.SlotID == 0 {
					if i := slices.IndexFunc(left.slots, suits); len(w.Members) == 0 && i >= 0 && left.slots[i].Site != "site-x" {
						t.Fatalf("%+v got nothing (%s), and there was %+v", w, m.Reason, left.slots[i])
					}
					continue
				}
				i := slices.IndexFunc(before, func(s booking.FreeSlot) bool { return s.ID == m.SlotID })
				if i < 0 || !suits(before[i]) || m.Kept && !left.opens(w, before[i]) {
					t.Fatalf("%+v got %+v", w, m)
				}
				left.change(m, -1)
				if s := left.slots[i]; s.Free < 0 || s.Kept < 0 || s.Supply != 0 && left.supply[s.Supply] < 0 {
					t.Fatalf("%+v was given more often than it has seats or supply", before[i])
				}
			}
		}
	})
}

// The order of Add does not matter, who stands further back changes nothing for those in front, and a round that rests in
// between goes on as if it had not.
func TestBoardGivesTheSameAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlay(t)
		all := matchAll(p.board(), p.waiting)
		p.slots = rapid.Permutation(p.slots).Draw(t, "other order")
		k := rapid.IntRange(0, len(p.waiting)).Draw(t, "some")
		b := p.board()
		some := matchAll(b, p.waiting[:k])
		if !slices.Equal(some, all[:len(some)]) {
			t.Fatalf("without those behind: %+v, with them %+v", some, all)
		}
		if rest := matchAll(b, p.waiting[k:]); !slices.Equal(rest, all[len(some):]) {
			t.Fatalf("the second half: %+v, in one go %+v", rest, all[len(some):])
		}
	})
}

// What was given back is given again in the same way, from any point of a round on.
func TestBoardTakesSeatsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlay(t)
		k := rapid.IntRange(0, len(p.waiting)).Draw(t, "some")
		b := p.board()
		matchAll(b, p.waiting[:k])
		left := b.Left()
		first := matchAll(b, p.waiting[k:])
		for _, m := range rapid.Permutation(first).Draw(t, "back") {
			b.GiveBack(m)
		}
		if b.Left() != left {
			t.Fatalf("%d left, before there were %d", b.Left(), left)
		}
		if again := matchAll(b, p.waiting[k:]); !slices.Equal(again, first) {
			t.Fatalf("again: %+v, first %+v", again, first)
		}
	})
}
