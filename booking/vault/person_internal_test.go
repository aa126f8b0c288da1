package vault

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"jari/booking"
)

// What is written by hand reads as what was written by the library.
func TestAPersonByHandReadsTheSame(t *testing.T) {
	t.Parallel()
	phone, err := booking.ParseE164("+821000001234")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		p := booking.Person{
			Name: rapid.String().Draw(t, "name"), Number: rapid.String().Draw(t, "number"), Phone: phone, Born: booking.Date{Year: 1968, Month: 4, Day: 12},
		}
		plain, ok := plainPerson(p)
		if !ok {
			return // the library writes it
		}
		var got person
		if err := json.Unmarshal(plain, &got); err != nil {
			t.Fatalf("%s: %v", plain, err)
		}
		if want := (person{p.Name, "1968-04-12", "+821000001234", p.Number}); got != want {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
	for _, name := range []string{`"`, `\`, "\n", "\xff"} {
		if _, ok := plainPerson(booking.Person{Name: name}); ok {
			t.Errorf("%q needs escaping", name)
		}
	}
}
