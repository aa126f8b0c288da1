package bench

import (
	"bytes"
	"fmt"

	"jari/booking"
	"jari/cmd/jari/load"
)

// Someone is one invented person as a request carries it: every part has the same length for everybody, so that requests
// are made by overwriting.
type Someone struct {
	Name  string // three Hangul syllables
	Born  string // within the years 1962 to 1971
	Phone string // begins with 010-0, which nobody has
}

// given is how many given names have two syllables.
const given = int64(len(load.GivenNames) - 1)

// Invent makes the n-th person: the same one for the same n, another identity for another.
func Invent(n int64) Someone {
	return Someone{
		Name:  load.Surnames[n%20] + load.GivenNames[n/20%given],
		Born:  fmt.Sprintf("%04d-%02d-%02d", 1962+n/load.Phones%10, 1+n%12, 1+n%28), // where phones begin again, birthdays differ
		Phone: load.Phone(uint64(n)).E164(),
	}
}

// Person is the same for those who store without a request.
func (s Someone) Person() (booking.Person, error) {
	born, err := booking.ParseDate(s.Born)
	if err != nil {
		return booking.Person{}, err
	}
	phone, err := booking.ParseE164(s.Phone)
	return booking.Person{Name: s.Name, Born: born, Phone: phone}, err
}

// Secret is the n-th device's.
func Secret(n int64) string { return fmt.Sprintf("bench-device-secret-%023d", n) }

// Application is a prepared request to apply, with the places that differ from person to person.
type Application struct {
	request                  []byte
	operation, secret, phone int // where the digits end
	born, name               int // where they begin
}

// NewApplication prepares a request. Each connection has one of its own.
func NewApplication(host, path, region string) *Application {
	s := Invent(0)
	body := fmt.Sprintf(`{"operation_id":"00000000-0000-4000-8000-%012d","region":%q,"lang":"ko","person":{"name":%q,"birth_date":%q,"phone":%q}}`,
		0, region, s.Name, s.Born, s.Phone)
	r := load.Post(host, path, Secret(0), []byte(body), "User-Agent: jari-bench")
	after := func(mark string) int { return bytes.Index(r, []byte(mark)) + len(mark) }
	return &Application{
		request:   r,
		operation: after("-4000-8000-") + 12,
		secret:    after(Secret(0)),
		phone:     after(s.Phone),
		born:      after(`"birth_date":"`),
		name:      after(`"name":"`),
	}
}

// For makes it the n-th person's request. The bytes are valid until the next call.
func (a *Application) For(n int64) []byte {
	digits(a.request[a.operation-12:a.operation], n)
	digits(a.request[a.secret-23:a.secret], n)
	digits(a.request[a.phone-7:a.phone], n%load.Phones)
	digits(a.request[a.born:a.born+4], 1962+n/load.Phones%10)
	digits(a.request[a.born+5:a.born+7], 1+n%12)
	digits(a.request[a.born+8:a.born+10], 1+n%28)
	copy(a.request[a.name:], load.Surnames[n%20])
	copy(a.request[a.name+3:], load.GivenNames[n/20%given])
	return a.request
}

// digits writes n into the whole of at, with leading zeros.
func digits(at []byte, n int64) {
	for i := len(at) - 1; i >= 0; i-- {
		at[i] = byte('0' + n%10)
		n /= 10
	}
}
