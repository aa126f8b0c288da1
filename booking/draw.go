package booking

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A draw decides the order among all who applied within a window. Everything in it is text and SHA-256, so that a stranger
// can do it again with a few lines of script; "\n" is one byte, ids, secrets and hashes are lower-case hex:
//
//	commitment  = SHA-256("jari draw commitment v1\n" + secret + "\n")            published before the opening
//	list digest = SHA-256("jari draw list v1\n" + each id + "\n", ids sorted)     published before the value is drawn
//	seed        = SHA-256("jari draw seed v1\n" + secret + "\n" + value + "\n")   value: see PublicValue
//	lot         = HMAC-SHA-256(key: the seed's 32 bytes, message: the id's 32 characters)
//
// The entries stand in the order of their lots, smallest first. Whoever has the seed can make a lot with
//
//	printf %s ID | openssl dgst -sha256 -mac HMAC -macopt hexkey:SEED
const (
	drawCommitmentLabel = "jari draw commitment v1\n"
	drawListLabel       = "jari draw list v1\n"
	drawSeedLabel       = "jari draw seed v1\n"
)

// DrawSecret is drawn at random before the opening, and kept until the draw. Nobody outside can know the lots before it is
// published, and the public value keeps us from choosing it.
type DrawSecret [32]byte

// DrawID is the public name of an entry in a draw. It is the keyed hash of the registration's id: whoever knows a person
// cannot make it, and so cannot find the person in the published list (law 11).
type DrawID [16]byte

// DrawSeed decides all lots of a draw.
type DrawSeed [32]byte

// Lot is an entry's lot.
type Lot [32]byte

// Commitment is what is published of a secret beforehand: it fixes the secret and tells nothing about it.
func (s DrawSecret) Commitment() [32]byte {
	return sha256.Sum256([]byte(drawCommitmentLabel + hex.EncodeToString(s[:]) + "\n"))
}

// Seed makes the seed of a draw. value is as PublicValue returns it.
func (s DrawSecret) Seed(value string) DrawSeed {
	return sha256.Sum256([]byte(drawSeedLabel + hex.EncodeToString(s[:]) + "\n" + value + "\n"))
}

// Lot makes the lot of an entry. It depends on the seed and on this entry alone.
func (s DrawSeed) Lot(id DrawID) Lot {
	h := hmac.New(sha256.New, s[:])
	var text [2 * len(id)]byte
	hex.Encode(text[:], id[:])
	h.Write(text[:])
	var out Lot
	h.Sum(out[:0])
	return out
}

// Tie is the lot as the tie of an order key: its first 64 bits, moved so that signed numbers stand in the order of the
// lots. Among 1.5 million people two have the same with a chance below one in ten million; either order is then right.
func (l Lot) Tie() int64 { return int64(binary.BigEndian.Uint64(l[:8]) ^ 1<<63) }

// Compare is negative when l was drawn before o.
func (l Lot) Compare(o Lot) int { return bytes.Compare(l[:], o[:]) }

// Compare orders the ids of a list.
func (id DrawID) Compare(o DrawID) int { return bytes.Compare(id[:], o[:]) }

// String is the id as it is published: 32 characters of hex.
func (id DrawID) String() string { return hex.EncodeToString(id[:]) }

// ErrDrawID is returned for a text that is no draw id.
var ErrDrawID = errors.New("a draw id is 32 characters of lower-case hex")

// ParseDrawID is the reverse of String. It returns ErrDrawID.
func ParseDrawID(s string) (DrawID, error) {
	var id DrawID
	if len(s) != 2*len(id) || strings.ToLower(s) != s {
		return id, ErrDrawID
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return id, ErrDrawID
	}
	return id, nil
}

// DrawListDigest is the digest of a list of entries. It sorts the list. Nobody can add, leave out or change an entry
// afterwards without changing it.
func DrawListDigest(ids []DrawID) [32]byte {
	slices.SortFunc(ids, DrawID.Compare)
	h := sha256.New()
	h.Write([]byte(drawListLabel))
	line := make([]byte, 2*len(DrawID{})+1)
	line[len(line)-1] = '\n'
	for i := range ids {
		hex.Encode(line, ids[i][:])
		h.Write(line)
	}
	return [32]byte(h.Sum(nil))
}

// DrawOrder brings entries into the order of their lots.
func DrawOrder(seed DrawSeed, ids []DrawID) {
	type drawn struct {
		lot Lot
		id  DrawID
	}
	all := make([]drawn, len(ids))
	for i, id := range ids {
		all[i] = drawn{seed.Lot(id), id}
	}
	slices.SortFunc(all, func(a, b drawn) int { return a.lot.Compare(b.lot) })
	for i := range all {
		ids[i] = all[i].id
	}
}

// maxPublicValue bounds a public value, in bytes.
const maxPublicValue = 200

// ErrPublicValue is returned for a text that cannot be a draw's public value.
var ErrPublicValue = errors.New("a public value is letters from a to z, Hangul syllables and digits from 0 to 9, at most 200 bytes")

// PublicValue writes a public value in one way: letters and digits as they are read out, lower case, groups parted by one
// space, no zeros in front of a number. " 07, 12,19 " is "7 12 19". So whoever types it in has no choice of spelling, and
// with it no choice among seeds. Other letters and digits (７, é, a syllable in pieces), accents and what nobody sees (a soft hyphen)
// are refused, because they look like something else. It returns ErrPublicValue.
func PublicValue(text string) (string, error) {
	if !utf8.ValidString(text) || len(text) > maxPublicValue {
		return "", ErrPublicValue
	}
	lower := strings.ToLower(text)
	if strings.ContainsFunc(lower, func(r rune) bool {
		return !spelledOneWay(r) && unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.Cf, unicode.Co)
	}) {
		return "", ErrPublicValue
	}
	groups := strings.FieldsFunc(lower, func(r rune) bool { return !spelledOneWay(r) })
	for i, g := range groups {
		if strings.Trim(g, "0123456789") == "" {
			if groups[i] = strings.TrimLeft(g, "0"); groups[i] == "" {
				groups[i] = "0"
			}
		}
	}
	out := strings.Join(groups, " ")
	if out == "" || len(out) > maxPublicValue {
		return "", ErrPublicValue
	}
	return out, nil
}

// spelledOneWay reports whether a lower-case letter or a digit can be typed in one way only.
func spelledOneWay(r rune) bool {
	return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || '가' <= r && r <= '힣'
}
