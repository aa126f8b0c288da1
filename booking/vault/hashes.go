package vault

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"jari/booking"
)

// Device is the keyed hash of a client's secret: what we keep instead of the secret.
type Device [16]byte

// Hash is a keyed hash of a look-up text.
type Hash [16]byte

// Equal compares in constant time.
func (d Device) Equal(o Device) bool { return subtle.ConstantTimeCompare(d[:], o[:]) == 1 }

// ID makes a registration's id from the canonical text of a person's identity (booking.Identity).
func (k *Keys) ID(identity string) booking.ID {
	s := k.sum("identity", []byte(identity))
	return booking.ID(s[:16])
}

// Tie makes the tie-breaker of a registration: nobody outside can predict or choose it.
func (k *Keys) Tie(id booking.ID) int64 {
	s := k.sum("tie", id[:])
	return int64(binary.BigEndian.Uint64(s[:8]))
}

// Lookup hashes a look-up text (booking.LookupText) or a network address.
func (k *Keys) Lookup(text string) Hash {
	s := k.sum("lookup", []byte(text))
	return Hash(s[:16])
}

// Phone hashes a number: under it a phone is found again, whoever it belongs to.
func (k *Keys) Phone(p booking.Phone) Hash {
	return k.Lookup(booking.LookupText(booking.LookupPhone, booking.Person{Phone: p}))
}

// Device hashes a client's secret.
func (k *Keys) Device(secret string) Device {
	s := k.sum("device", []byte(secret))
	return Device(s[:16])
}

// Digest hashes a request's content, so that the same operation id with other data is noticed.
func (k *Keys) Digest(kind string, content []byte) []byte {
	s := k.sum("digest/"+kind, content)
	return s[:16]
}

// Reference makes the opaque name under which one device knows one registration. The same device always gets the same
// reference, another device another one, and nobody can tell whether two references mean one person.
func (k *Keys) Reference(id booking.ID, device Device) (string, error) {
	ct, err := k.ref.EncryptDeterministically(append(id[:], device[:]...), []byte(k.slug))
	if err != nil {
		return "", fmt.Errorf("make a reference: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(ct), nil
}

// ErrReference is returned for a reference that this campaign did not make.
var ErrReference = errors.New("not a reference of this campaign")

// ParseReference is the reverse of Reference. It returns ErrReference.
func (k *Keys) ParseReference(ref string) (booking.ID, Device, error) {
	ct, err := base64.RawURLEncoding.Strict().DecodeString(ref)
	if err != nil || len(ref) > 128 {
		return booking.ID{}, Device{}, ErrReference
	}
	plain, err := k.ref.DecryptDeterministically(ct, []byte(k.slug))
	if err != nil || len(plain) != 32 {
		return booking.ID{}, Device{}, ErrReference
	}
	return booking.ID(plain[:16]), Device(plain[16:]), nil
}

// Code makes the verification code of one request: six digits. It is derived, so that no code is ever stored.
func (k *Keys) Code(id booking.ID, request int64) string {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(request))
	s := k.sum("code", id[:], n[:])
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(s[:8])%1_000_000)
}

// MessageReference makes the four characters that stand in a text, so that a message whose outcome is unknown can be
// found in the provider's list. Letters and digits that are not mistaken for each other.
func (k *Keys) MessageReference(dedup string) string {
	const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ" // without 0 O 1 I L
	s := k.sum("message", []byte(dedup))
	out := make([]byte, 4)
	for i := range out {
		out[i] = alphabet[int(s[i])%len(alphabet)]
	}
	return string(out)
}

// Ticket turns a registration's serial into its ticket code: a keyed permutation of the numbers below 10^9, so that
// codes are unique without an index and tell nothing about how many there are.
func (k *Keys) Ticket(serial int64) string {
	n := uint32(serial % 1_000_000_000)
	for {
		n = k.feistel(n, false)
		if n < 1_000_000_000 { // walk the cycle until the number has nine digits: 2^30 is 7 % more than 10^9
			return booking.NewTicket(n)
		}
	}
}

// Serial is the reverse of Ticket. It returns booking.ErrTicket.
func (k *Keys) Serial(ticket string) (int64, error) {
	n, err := booking.ParseTicket(ticket)
	if err != nil {
		return 0, err
	}
	for {
		n = k.feistel(n, true)
		if n < 1_000_000_000 {
			return int64(n), nil
		}
	}
}

// feistel permutes 30 bits with four rounds of the keyed hash over halves of 15 bits (Luby and Rackoff, 1988).
func (k *Keys) feistel(n uint32, back bool) uint32 {
	const mask = 1<<15 - 1
	left, right := n>>15&mask, n&mask
	for i := range uint32(4) {
		round := i
		if back {
			round = 3 - i
			left, right = right, left
		}
		s := k.sum("ticket", []byte{byte(round), byte(right >> 8), byte(right)})
		left, right = right, left^(uint32(s[0])<<8|uint32(s[1]))&mask
		if back {
			left, right = right, left
		}
	}
	return left<<15 | right
}

// DrawID makes the public name of an entry in a draw. Without the campaign's keys nobody can tell whose it is, not even
// with the person's data or the registration's id at hand.
func (k *Keys) DrawID(id booking.ID) booking.DrawID {
	s := k.sum("draw", id[:])
	return booking.DrawID(s[:16])
}
