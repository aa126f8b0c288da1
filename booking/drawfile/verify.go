package drawfile

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"jari/booking"
)

// ErrMismatch is returned for a record that does not agree with itself, or with what was seen before.
var ErrMismatch = errors.New("the record does not hold")

// ErrSeen is returned for something that was seen and is not a hash: it was copied wrongly, and nothing was compared with it.
var ErrSeen = errors.New("what was seen cannot be compared")

// Seen is what somebody wrote down from the public document while the draw was under way; empty: nothing. Spaces around it and
// capitals do not matter.
type Seen struct {
	Commitment string // before the opening
	Digest     string // before the value was drawn
}

// Verify does the draw again from the record alone. It returns one sentence for each thing that held, and ErrMismatch with
// the first that did not, or ErrSeen.
func Verify(r Record, seen Seen) ([]string, error) {
	for _, s := range []struct {
		what string
		text *string
	}{{"commitment", &seen.Commitment}, {"digest", &seen.Digest}} {
		var err error
		if *s.text, err = hash(s.what, *s.text); err != nil {
			return nil, err
		}
	}
	v := verifier{r: r}
	for _, step := range []func(Seen) error{v.times, v.commitment, v.list, v.order, v.late} {
		if err := step(seen); err != nil {
			return v.held, err
		}
	}
	return v.held, nil
}

// hash is a hash as the record writes it.
func hash(what, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	h := strings.ToLower(strings.TrimSpace(text))
	if b, err := hex.DecodeString(h); err != nil || len(b) != 32 {
		return "", fmt.Errorf("%w: the %s %q is not 64 hexadecimal digits (0 to 9, a to f); copy it again from where it was published", ErrSeen, what, text)
	}
	return h, nil
}

type verifier struct {
	r      Record
	held   []string
	seed   booking.DrawSeed
	ids    []booking.DrawID // of all entries
	listed []int            // indexes of the digest's entries
	others []int            // of the late ones
	last   int64            // the last number of a listed entry
}

func (v *verifier) holds(format string, args ...any) {
	v.held = append(v.held, fmt.Sprintf(format, args...))
}

func mismatch(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrMismatch}, args...)...)
}

// times holds the steps to their order.
func (v *verifier) times(Seen) error {
	var before time.Time
	for _, s := range []string{v.r.CommittedAt, v.r.Opens, v.r.Window, v.r.ListedAt, v.r.DrawnAt} {
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return mismatch("%q is not an instant", s)
		}
		if !at.After(before) {
			return mismatch("the steps are out of order: %s is not after %s", s, before.Format(time.RFC3339Nano))
		}
		before = at
	}
	v.holds("The record says: committed %s, window %s to %s, list closed %s, drawn %s. The steps are in their order.",
		v.r.CommittedAt, v.r.Opens, v.r.Window, v.r.ListedAt, v.r.DrawnAt)
	return nil
}

// commitment checks that the secret is the one that was committed to, and makes the seed.
func (v *verifier) commitment(seen Seen) error {
	secret, err := hex.DecodeString(v.r.Secret)
	if err != nil || len(secret) != len(booking.DrawSecret{}) {
		return mismatch("the secret is not 32 bytes of hex")
	}
	s := booking.DrawSecret(secret)
	commitment := s.Commitment()
	if hex.EncodeToString(commitment[:]) != v.r.Commitment {
		return mismatch("the secret belongs to the commitment %x, not to %s", commitment, v.r.Commitment)
	}
	if seen.Commitment != "" && seen.Commitment != v.r.Commitment {
		return mismatch("the commitment is %s, and %s was seen", v.r.Commitment, seen.Commitment)
	}
	value, err := booking.PublicValue(v.r.PublicValue)
	if err != nil || value != v.r.PublicValue {
		return mismatch("the public value %q is not written in the one way that is allowed", v.r.PublicValue)
	}
	v.seed = s.Seed(value)
	v.holds("The secret is the one of the commitment %s.", v.r.Commitment)
	v.holds("The seed is %x: the secret together with %q, which must be: %s.", v.seed, value, v.r.PublicValueName)
	return nil
}

// list checks the ids and the digest.
func (v *verifier) list(seen Seen) error {
	v.ids = make([]booking.DrawID, len(v.r.Entries))
	var inDigest []booking.DrawID
	for i, e := range v.r.Entries {
		var err error
		if v.ids[i], err = booking.ParseDrawID(e.ID); err != nil {
			return mismatch("entry %d: %v", i+1, err)
		}
		if e.Late == "" {
			v.listed, inDigest = append(v.listed, i), append(inDigest, v.ids[i])
		} else {
			v.others = append(v.others, i)
		}
	}
	all := slices.Clone(v.ids)
	slices.SortFunc(all, booking.DrawID.Compare)
	for i := 1; i < len(all); i++ {
		if all[i] == all[i-1] {
			return mismatch("the id %s stands there twice", all[i])
		}
	}
	digest := booking.DrawListDigest(inDigest)
	if hex.EncodeToString(digest[:]) != v.r.ListDigest {
		return mismatch("the list's digest is %x, not %s", digest, v.r.ListDigest)
	}
	if len(inDigest) != v.r.Listed {
		return mismatch("the list has %s, not %d", entries(len(inDigest)), v.r.Listed)
	}
	if seen.Digest != "" && seen.Digest != v.r.ListDigest {
		return mismatch("the digest is %s, and %s was seen", v.r.ListDigest, seen.Digest)
	}
	v.holds("The list of %s has the digest %s: nobody was added, left out or changed since it was closed.", entries(len(inDigest)), v.r.ListDigest)
	return nil
}

// order draws the lots again. Entries of the list have the numbers from 1 on, without a gap, in the order of their lots.
func (v *verifier) order(Seen) error {
	type drawn struct {
		lot   booking.Lot
		entry int
	}
	lots := make([]drawn, 0, len(v.listed))
	for _, i := range v.listed {
		if v.r.Entries[i].Number != 0 {
			lots = append(lots, drawn{v.seed.Lot(v.ids[i]), i})
		}
	}
	slices.SortFunc(lots, func(a, b drawn) int { return a.lot.Compare(b.lot) })
	for n, l := range lots {
		want, e := int64(n)+1, v.r.Entries[l.entry]
		swapped := n > 0 && e.Number == want-1 && lots[n-1].lot.Tie() == l.lot.Tie() || // an order key has room for 64 bits of a lot
			n+1 < len(lots) && e.Number == want+1 && lots[n+1].lot.Tie() == l.lot.Tie()
		if e.Number != want && !swapped {
			return mismatch("entry %s has the lot %x and should be number %d; it is number %d", e.ID, l.lot[:8], want, e.Number)
		}
	}
	v.last = int64(len(lots))
	if v.last > 0 {
		v.holds("All lots were drawn again: the numbers 1 to %d are in the order of the lots.", v.last)
	} else {
		v.holds("Nobody of the list has a number: there was nothing to draw.")
	}
	if gone := len(v.listed) - len(lots); gone > 0 {
		v.holds("%s of the list %s no number: withdrawn, says the record, before theirs was announced.", entries(gone), have(gone))
	}
	return nil
}
