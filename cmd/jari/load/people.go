package load

import (
	"fmt"
	"math/rand/v2"

	"jari/booking"
)

// Surnames and GivenNames make 400 names. All given names have two syllables, but the last, which has one.
var (
	Surnames   = [...]string{"김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신", "권", "황", "안", "송", "류", "홍"}
	GivenNames = [...]string{"길동", "영희", "철수", "순자", "영수", "정숙", "미경", "상철", "경희", "성호", "은주", "동현", "명숙", "재호", "말순", "춘자", "기영", "보람", "하늘", "산"}
)

// Name draws a name.
func Name(r *rand.Rand) string {
	return Surnames[r.IntN(len(Surnames))] + GivenNames[r.IntN(len(GivenNames))]
}

// Phones is how many numbers there are that begin with 010-0, which nobody has.
const Phones = 10_000_000

// Phone is one of them; beyond the last it begins again.
func Phone(n uint64) booking.Phone { return MustPhone(fmt.Sprintf("+82100%07d", n%Phones)) }

// MustPhone reads a number that is known to be one.
func MustPhone(e164 string) booking.Phone {
	p, err := booking.ParseE164(e164)
	if err != nil {
		panic("load: " + e164)
	}
	return p
}

// Birthday draws a day from the first to the last.
func Birthday(r *rand.Rand, first, last booking.Date) booking.Date {
	return first.Add(r.IntN(last.Since(first) + 1))
}
