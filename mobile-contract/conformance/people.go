package conformance

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// person is somebody invented, or one of the sandbox's magic people.
type person struct{ name, born, phone, region string }

func (p person) body() object { return object{"name": p.name, "birth_date": p.born, "phone": p.phone} }

// in adds the region to a body, where there is one.
func (p person) in(body object) object {
	if p.region == "" {
		return body
	}
	return body.with("region", p.region)
}

// people invents them: new ones in each run, so that a server can be tried again.
type people struct {
	next  atomic.Uint64
	first uint64
	scene scene
}

// numbers are phone numbers that belong to nobody: so many from the first on, without the plus sign.
type numbers struct{ first, count uint64 }

// numbersOf are the numbers that texts arrive at in a sandbox; where it names none, those that begin with 010-0, which nobody has.
func numbersOf(first, last string) numbers {
	one, err := strconv.ParseUint(strings.TrimPrefix(first, "+"), 10, 64)
	other, err2 := strconv.ParseUint(strings.TrimPrefix(last, "+"), 10, 64)
	if err != nil || err2 != nil || other < one {
		return numbers{82_10_0000_0000, 10_000_000}
	}
	return numbers{one, other - one + 1}
}

func newPeople(c scene) *people { return &people{first: randomNumber() % c.phones.count, scene: c} }

func randomNumber() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return binary.BigEndian.Uint64(b[:]) >> 1
}

// phone is a number that no magic person has, another one each time.
func (p *people) phone() string {
	for {
		number := fmt.Sprintf("+%d", p.scene.phones.first+(p.first+p.next.Add(1))%p.scene.phones.count)
		taken := false
		for _, magic := range p.scene.cast {
			taken = taken || magic.phone == number
		}
		if !taken {
			return number
		}
	}
}

// born is somebody of a cohort.
func (p *people) born(k cohort) person {
	surnames := []rune("김이박최정강조윤장임한오서신권황안송류홍")
	syllables := []rune("가나다라마바사아자차하기도리미보빈선수연영우유은인재정주준지진태현혜호훈희")
	pick := func(of []rune) string { return string(of[randomNumber()%uint64(len(of))]) }
	day := k.from
	if days := uint64(k.to.Sub(k.from) / (24 * time.Hour)); days > 0 {
		day = k.from.AddDate(0, 0, int(randomNumber()%(days+1)))
	}
	for len(k.digits) > 0 && !slices.Contains(k.digits, day.Day()%10) && day.Before(k.to) {
		day = day.AddDate(0, 0, 1)
	}
	who := person{name: pick(surnames) + pick(syllables) + pick(syllables), born: day.Format(time.DateOnly), phone: p.phone()}
	if len(p.scene.regions) > 0 {
		who.region = p.scene.regions[0]
	}
	return who
}

// anybody is somebody who can apply now.
func (p *people) anybody() person { return p.born(p.scene.open) }

// newSecret makes what a device keeps: 24 random bytes.
func newSecret() string {
	b := make([]byte, 24)
	_, _ = rand.Read(b) // it never fails
	return base64.RawURLEncoding.EncodeToString(b)
}
