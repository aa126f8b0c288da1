package vault

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"jari/booking"
)

// ErrData is returned when a ciphertext cannot be opened: altered, moved to another row, or from other keys.
var ErrData = errors.New("stored personal data cannot be opened with this campaign's keys")

// person is the stored form; short names because there may be fifty million of them.
type person struct {
	Name   string `json:"n"`
	Born   string `json:"b"`
	Phone  string `json:"p"`
	Number string `json:"o,omitempty"`
}

// SealPerson encrypts a person for the row of one registration.
func (k *Keys) SealPerson(id booking.ID, p booking.Person) ([]byte, error) {
	return k.sealPerson("registration", id, p)
}

// SealIntroduced encrypts a person for the row of one introduction, where no registration's ciphertext can be opened, nor the other way
// round.
func (k *Keys) SealIntroduced(id booking.ID, p booking.Person) ([]byte, error) {
	return k.sealPerson("introduction", id, p)
}

func (k *Keys) sealPerson(column string, id booking.ID, p booking.Person) ([]byte, error) {
	plain, ok := plainPerson(p)
	if !ok {
		var err error
		if plain, err = json.Marshal(person{p.Name, p.Born.String(), p.Phone.E164(), p.Number}); err != nil {
			return nil, err
		}
	}
	return k.Seal(column, id[:], plain)
}

// plainPerson writes the stored form by hand where nothing needs escaping, which is nearly always: it is part of every
// application. ok is false for the others.
func plainPerson(p booking.Person) (_ []byte, ok bool) {
	for _, s := range []string{p.Name, p.Number} {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) {
			return nil, false
		}
	}
	b := make([]byte, 0, 128)
	b = append(append(b, `{"n":"`...), p.Name...)
	b = append(append(b, `","b":"`...), p.Born.String()...)
	b = append(append(b, `","p":"`...), p.Phone.E164()...)
	if p.Number != "" {
		b = append(append(b, `","o":"`...), p.Number...)
	}
	return append(b, `"}`...), true
}

// OpenPerson is the reverse of SealPerson. It returns ErrData.
func (k *Keys) OpenPerson(id booking.ID, ct []byte) (booking.Person, error) {
	return k.openPerson("registration", id, ct)
}

// OpenIntroduced is the reverse of SealIntroduced. It returns ErrData.
func (k *Keys) OpenIntroduced(id booking.ID, ct []byte) (booking.Person, error) {
	return k.openPerson("introduction", id, ct)
}

func (k *Keys) openPerson(column string, id booking.ID, ct []byte) (booking.Person, error) {
	plain, err := k.Open(column, id[:], ct)
	if err != nil {
		return booking.Person{}, err
	}
	var s person
	if err := json.Unmarshal(plain, &s); err != nil {
		return booking.Person{}, ErrData
	}
	p := booking.Person{Name: s.Name, Number: s.Number}
	if p.Born, err = booking.ParseDate(s.Born); err != nil {
		return booking.Person{}, ErrData
	}
	if s.Phone != "" {
		if p.Phone, err = booking.ParseE164(s.Phone); err != nil {
			return booking.Person{}, ErrData
		}
	}
	return p, nil
}

// Seal encrypts bytes for one column of one row: a ciphertext copied to another row or column cannot be opened there.
func (k *Keys) Seal(column string, row, plain []byte) ([]byte, error) {
	return k.data.Encrypt(plain, k.associated(column, row))
}

// Open is the reverse of Seal. It returns ErrData.
func (k *Keys) Open(column string, row, ct []byte) ([]byte, error) {
	plain, err := k.data.Decrypt(ct, k.associated(column, row))
	if err != nil {
		return nil, ErrData
	}
	return plain, nil
}

func (k *Keys) associated(column string, row []byte) []byte {
	return append([]byte(k.slug+"\x00"+column+"\x00"), row...)
}
