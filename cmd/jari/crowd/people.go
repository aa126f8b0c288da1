// Package crowd is a crowd of invented people who all want the same thing in the same minute. They apply by app, by
// text and through agents, over real HTTP; some tap twice, lose their connection, apply at two doors, apply for their
// mother, or get everything wrong. They read the texts that reach their phones and answer them. Some phones then get into trouble: switched off,
// full, a fixed line after all, out of service, behind a filter, opted out.
//
// The crowd knows the system only from outside.
package crowd

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"jari/booking"
	"jari/cmd/jari/load"
	"jari/mobile-contract/client"
)

// twist is what is special about how somebody applies.
type twist int

const (
	plain         twist = iota
	doubleTap           // sends the same application twice at once
	cutConnection       // loses the connection before the answer, and tries again
	twoDoors            // applies by app and by text
	tooYoung            // belongs to no cohort
	badPhone            // a number with a digit missing
	badJSON             // an app with a fault
	motherOfTwo         // is applied for by two children, from their own phones
	landline            // has only a fixed line; an agent enters it
)

// member is one invented person.
type member struct {
	n      int
	person booking.Person
	region booking.Region
	lang   booking.Lang
	door   string
	twist  twist

	trouble trouble // of the phone, later; mostly none

	mu       sync.Mutex
	fallen   bool           // the trouble has come
	app      *client.Client // nil until one is used
	verified bool
}

var latin = []string{"Jane Doe", "John Smith", "Mary Major", "Alex Sample", "Kim Example"}

// invent makes n people for a campaign. The same seed makes the same people.
func invent(n int, seed uint64, c *booking.Campaign) []*member {
	r := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // invented people, not secrets
	out := make([]*member, 0, n+n/50)
	for i := range n {
		m := &member{n: i, door: door(r), region: c.Regions[r.IntN(len(c.Regions))], lang: booking.Korean}
		m.person = booking.Person{Name: load.Name(r), Born: birthday(r, c), Phone: load.Phone(uint64(i))}
		if r.IntN(20) == 0 {
			m.lang, m.person.Name = booking.English, latin[r.IntN(len(latin))]
		}
		m.twist = pickTwist(r, m.door)
		adapt(m, r)
		out = append(out, m)
	}
	out = append(out, namesakes(out)...)
	for _, m := range out {
		m.trouble = troubleOf(m)
	}
	return out
}

func door(r *rand.Rand) string {
	switch k := r.IntN(100); {
	case k < 60:
		return "app"
	case k < 90:
		return "sms"
	}
	return "agent"
}

func pickTwist(r *rand.Rand, door string) twist {
	k := r.IntN(100)
	switch {
	case door == "agent" && k < 8:
		return landline
	case k < 2:
		return tooYoung
	case door == "app" && k < 9:
		return doubleTap
	case door == "app" && k < 16:
		return cutConnection
	case door == "app" && k < 20:
		return twoDoors
	case door == "app" && k < 22:
		return badPhone
	case door == "app" && k < 24:
		return badJSON
	case door == "sms" && k < 5:
		return motherOfTwo
	}
	return plain
}

func adapt(m *member, r *rand.Rand) {
	switch m.twist {
	case tooYoung:
		m.person.Born = booking.Date{Year: 1999, Month: time.Month(1 + r.IntN(12)), Day: 1 + r.IntN(28)}
	case landline:
		m.person.Phone = load.MustPhone(fmt.Sprintf("+8220000%04d", m.n%10_000))
	}
}

// children are the phones of those who apply for their mother: a brother's and a sister's.
func (m *member) children() []booking.Phone {
	if m.twist != motherOfTwo {
		return nil
	}
	return []booking.Phone{load.Phone(uint64(5_000_000 + m.n)), load.Phone(uint64(7_000_000 + m.n))}
}

// birthday draws a day on which somebody of some cohort was born.
func birthday(r *rand.Rand, c *booking.Campaign) booking.Date {
	k := c.Cohorts[r.IntN(len(c.Cohorts))]
	return load.Birthday(r, k.BornFrom, k.BornTo)
}

// namesakes adds a second person with the same name and birth date, and another phone, for every 500th plain one.
func namesakes(people []*member) []*member {
	var out []*member
	for _, m := range people {
		if m.n%500 == 3 && (m.twist == plain || m.twist == doubleTap) {
			twin := &member{n: len(people) + len(out), person: m.person, region: m.region, lang: m.lang, door: m.door}
			twin.person.Phone = load.Phone(uint64(twin.n))
			out = append(out, twin)
		}
	}
	return out
}
