package booking_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
)

func drawPerson(t *rapid.T, label string) booking.Person {
	// Few names, dates and phones, so that people often agree in one or two of them.
	name := rapid.SampledFrom([]string{"홍길동", "홍길", "동홍길", "김산", "Hong Gildong", "Gildong Hong", "Jane Doe"}).Draw(t, label+" name")
	born := booking.Date{Year: 1968, Month: time.Month(rapid.IntRange(1, 3).Draw(t, label+" month")), Day: rapid.IntRange(1, 3).Draw(t, label+" day")}
	phone := rapid.SampledFrom([]string{"+821000000001", "+821000000002", "+8220000000", "+447700900101"}).Draw(t, label+" phone")
	number := rapid.SampledFrom([]string{"A1", "A2", "A"}).Draw(t, label+" number")
	return booking.Person{Name: name, Born: born, Phone: mustPhone(t, phone), Number: number}
}

func mustIdentity(t interface {
	Helper()
	Fatalf(string, ...any)
}, rule booking.IdentityRule, p booking.Person, generation int) string {
	t.Helper()
	s, err := booking.Identity(rule, p, generation)
	if err != nil {
		t.Fatalf("%v: %v", p, err)
	}
	return s
}

func TestDifferentPeopleNeverMeet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawPerson(t, "a"), drawPerson(t, "b")
		ga, gb := rapid.IntRange(0, 3).Draw(t, "ga"), rapid.IntRange(0, 3).Draw(t, "gb")
		same := ga == gb && a.Phone == b.Phone && a.Born == b.Born && a.Name == b.Name
		if got := mustIdentity(t, booking.ByPhoneBirthName, a, ga) == mustIdentity(t, booking.ByPhoneBirthName, b, gb); got != same {
			t.Fatalf("by phone, birth and name they meet: %t, want %t", got, same)
		}
		same = ga == gb && a.Number == b.Number
		if got := mustIdentity(t, booking.ByNumber, a, ga) == mustIdentity(t, booking.ByNumber, b, gb); got != same {
			t.Fatalf("by number they meet: %t, want %t", got, same)
		}
		if mustIdentity(t, booking.ByNumber, a, ga) == mustIdentity(t, booking.ByPhoneBirthName, b, gb) {
			t.Fatal("two rules meet")
		}
	})
}

// Ways of writing one name, with a letter kept and everything else free, are one person.
func TestSpellingsMeet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPerson(t, "p")
		q := p
		q.Name = ""
		for _, r := range p.Name {
			if r != ' ' {
				q.Name += string(r) + rapid.SampledFrom([]string{"", "", " ", "-", ".", "·"}).Draw(t, "between")
			}
		}
		if rapid.Bool().Draw(t, "capitals") {
			q.Name = upper(q.Name)
		}
		if mustIdentity(t, booking.ByPhoneBirthName, p, 0) != mustIdentity(t, booking.ByPhoneBirthName, q, 0) {
			t.Fatalf("%q and %q do not meet", p.Name, q.Name)
		}
		for _, kind := range []booking.LookupKind{booking.LookupPhone, booking.LookupNameBirth, booking.LookupPhoneBirth} {
			if booking.LookupText(kind, p) != booking.LookupText(kind, q) {
				t.Fatalf("look-up %d of %q and %q differs", kind, p.Name, q.Name)
			}
		}
	})
}

func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

func TestIdentityNeedsItsFields(t *testing.T) {
	t.Parallel()
	whole := booking.Person{Name: "홍길동", Born: day("1968-04-12"), Phone: mustPhone(t, "+821000000001"), Number: "A1"}
	tests := []struct {
		rule  booking.IdentityRule
		drop  func(*booking.Person)
		field string // empty: no refusal
	}{
		{booking.ByPhoneBirthName, func(p *booking.Person) { p.Phone = booking.Phone{} }, "/person/phone"},
		{booking.ByPhoneBirthName, func(p *booking.Person) { p.Born = booking.Date{} }, "/person/birth_date"},
		{booking.ByPhoneBirthName, func(p *booking.Person) { p.Name = " - " }, "/person/name"},
		{booking.ByPhoneBirthName, func(p *booking.Person) { p.Number = "" }, ""},
		{booking.ByNumber, func(p *booking.Person) { p.Number = "" }, "/person/number"},
		{booking.ByNumber, func(p *booking.Person) { *p = booking.Person{Number: "A1"} }, ""},
	}
	for i, tt := range tests {
		p := whole
		tt.drop(&p)
		_, err := booking.Identity(tt.rule, p, 0)
		var field string
		var refused *booking.Error
		if errors.As(err, &refused) {
			field = refused.Field
		}
		if field != tt.field || (err == nil) != (tt.field == "") {
			t.Errorf("case %d: %v, want %q", i, err, tt.field)
		}
	}
}

func TestLookupsOfDifferentKindsNeverMeet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawPerson(t, "a"), drawPerson(t, "b")
		kinds := []booking.LookupKind{booking.LookupPhone, booking.LookupNameBirth, booking.LookupPhoneBirth}
		for _, k := range kinds {
			for _, l := range kinds {
				same := k == l
				switch k {
				case booking.LookupPhone:
					same = same && a.Phone == b.Phone
				case booking.LookupNameBirth:
					same = same && a.Name == b.Name && a.Born == b.Born
				case booking.LookupPhoneBirth:
					same = same && a.Phone == b.Phone && a.Born == b.Born
				}
				if got := booking.LookupText(k, a) == booking.LookupText(l, b); got != same {
					t.Fatalf("kinds %d and %d meet: %t, want %t", k, l, got, same)
				}
			}
		}
	})
}
