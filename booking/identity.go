package booking

import "strings"

// Identity returns the canonical text that identifies a person under the campaign's rule, to be put through the
// campaign's keyed hash. generation counts how often this person gave up an entry and applied again: 0 for the first.
// It is an error when the rule's fields are missing. The text is personal data: hash it, never store or log it.
func Identity(rule IdentityRule, p Person, generation int) (string, error) {
	suffix := ""
	for range generation {
		suffix += "\x00again"
	}
	if rule == ByNumber {
		if p.Number == "" {
			return "", Invalid("/person/number")
		}
		return "number\x00" + FoldNumber(p.Number) + suffix, nil
	}
	switch {
	case p.Phone.IsZero():
		return "", Invalid("/person/phone")
	case p.Born.IsZero():
		return "", Invalid("/person/birth_date")
	case FoldName(p.Name) == "":
		return "", Invalid("/person/name")
	}
	return "pbn\x00" + p.Phone.E164() + "\x00" + p.Born.String() + "\x00" + FoldName(p.Name) + suffix, nil
}

// LookupKind says what a look-up hash was made of.
type LookupKind int16

const (
	LookupPhone      LookupKind = 1 // phone: who is reached at this number
	LookupNameBirth  LookupKind = 2 // name and birth date: a possible duplicate from another phone
	LookupPhoneBirth LookupKind = 3 // phone and birth date: a possible duplicate under another spelling
)

// LookupText returns the canonical text of a look-up, to be put through the campaign's keyed hash.
func LookupText(kind LookupKind, p Person) string {
	switch kind {
	case LookupPhone:
		return "phone\x00" + p.Phone.E164()
	case LookupNameBirth:
		return "name_birth\x00" + FoldName(p.Name) + "\x00" + p.Born.String()
	case LookupPhoneBirth:
		return "phone_birth\x00" + p.Phone.E164() + "\x00" + p.Born.String()
	}
	panic("booking: unknown kind of look-up")
}

// FoldNumber is the form of an official number that identity compares: "ab 1" and "AB1" are the same.
func FoldNumber(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(s), ""))
}
