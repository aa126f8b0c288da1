package sandbox

import (
	"fmt"
	"time"

	"jari/booking"
)

// Cases, by name. What happens is told by each person's What.
const (
	caseOverloaded = "overloaded-once"
	caseCut        = "cut-answer"
	caseUnverified = "unverified"
	caseKnown      = "known"
	caseDuplicate  = "possible-duplicate"
	caseFull       = "full"
)

// Person is somebody to whom the same always happens, in the campaign of examples/sandbox.yaml. Who it is goes by birth date and
// phone; a name may be written as one likes, except where the case is about the name.
type Person struct {
	Case   string
	What   string
	Region string
	booking.Person
	// Before is who has to be entered before the first call, for the case to be true.
	Before *booking.Person
}

// Free are the numbers that texts arrive at beside the people's: +821000002000 to +821000002499. Nobody has them: in Korea
// 010-0000 is not assigned.
const (
	freeFrom = 2000
	freeTo   = 2500 // exclusive
)

func phone(n int) booking.Phone {
	p, err := booking.ParseE164(fmt.Sprintf("+82100000%04d", n))
	if err != nil {
		panic(err) // the pattern is a number
	}
	return p
}

func born(year int, month time.Month, day int) booking.Date {
	return booking.Date{Year: year, Month: month, Day: day}
}

// People are the magic people.
func People() []Person {
	who := func(name string, born booking.Date, n int) booking.Person {
		return booking.Person{Name: name, Born: born, Phone: phone(n)}
	}
	before := func(name string, born booking.Date, n int) *booking.Person {
		p := who(name, born, n)
		return &p
	}
	return []Person{
		{Case: "ordinary", Region: "gangnam", Person: who("홍길동", born(1968, 4, 12), 1000),
			What: "Nothing special: applies, proves the phone, has an offer some seconds later. Everybody born 1960 to 1979 with a phone from +821000002000 to +821000002499 is like this."},
		{Case: "early", Region: "gangnam", Person: who("김이른", born(1957, 3, 1), 1001),
			What: "not_open_yet: the cohort opens a day after the sandbox has started. Move the clock by 90000 seconds to open it."},
		{Case: "closed", Region: "gangnam", Person: who("박지난", born(1945, 8, 15), 1002),
			What: "closed: the cohort has closed a day before the sandbox started."},
		{Case: "too-young", Region: "gangnam", Person: who("이어린", born(2015, 5, 5), 1003),
			What: "not_eligible: no cohort takes this birth date."},
		{Case: caseFull, Region: "gangnam", Person: who("최만원", born(1952, 6, 25), 1004), Before: before("먼저온", born(1951, 1, 1), 1104),
			What: "Is registered, and told within seconds that there is no time yet: the only seat went to somebody who came before."},
		{Case: caseOverloaded, Region: "gangnam", Person: who("정다시", born(1965, 7, 7), 1005),
			What: "503 with a stamp at the first application with a secret. The repetition is stored; with the stamp it has the first try's arrival."},
		{Case: caseCut, Region: "gangnam", Person: who("강끊김", born(1966, 9, 9), 1006),
			What: "The application is stored, and its first answer breaks off in the middle, once for each operation id; also in a sync."},
		{Case: caseDuplicate, Region: "gangnam", Person: who("조동명", born(1967, 10, 3), 1007), Before: before("조동명", born(1967, 10, 3), 1107),
			What: "An entry with the same name and birth date from another phone exists. Both are served, and agents see the pair; the device is told nothing of it."},
		{Case: caseKnown, Region: "gangnam", Person: who("윤대신", born(1963, 2, 14), 1008), Before: before("윤대신", born(1963, 2, 14), 1008),
			What: "Another device has applied for this person before. The answer does not show it; whoever proves the phone by code takes the entry over, with its arrival."},
		{Case: caseUnverified, Region: "gangnam", Person: who("장무음", born(1964, 11, 11), 1009),
			What: "Texts never arrive at this phone, codes neither: the person stays unverified and gets no offer."},
		{Case: "offered", Region: "gangnam", Person: who("임바로", born(1982, 12, 24), 1010),
			What: "Has an offer within seconds, without having proven the phone before. Prove it to see the offer."},
		{Case: "lapsed", Region: "gangnam", Person: who("한늦음", born(1987, 1, 19), 1011),
			What: "Has an offer within seconds that lapses when it is not answered for two hours. Move the clock by 90000 seconds to see it lapse."},
		{Case: "drawn", Region: "gangnam", Person: who("오추첨", born(1992, 5, 8), 1012),
			What: "The queue is drawn: the place is unknown until the draw. Move the clock by 7200 seconds; the draw is then held, and an offer follows."},
	}
}

// Reached are the phones that texts arrive at: those of all people but one, and the free numbers.
func Reached(people []Person) []booking.Phone {
	var out []booking.Phone
	for _, p := range people {
		if p.Case != caseUnverified {
			out = append(out, p.Phone)
		}
		if p.Before != nil && p.Before.Phone != p.Phone {
			out = append(out, p.Before.Phone)
		}
	}
	for n := freeFrom; n < freeTo; n++ {
		out = append(out, phone(n))
	}
	return out
}

// of finds the person of a case.
func of(people []Person, name string) booking.Person {
	for _, p := range people {
		if p.Case == name {
			return p.Person
		}
	}
	return booking.Person{}
}
