//go:build browser

package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// person is somebody invented: free for one test alone, so that tests may run beside each other.
type person struct {
	name, born string
	phone      string // +821000002000
}

// typed is the phone as people write it: 010-0000-2000.
func (p person) typed() string {
	n := "0" + p.phone[len("+82"):]
	return n[:3] + "-" + n[3:7] + "-" + n[7:]
}

// words are what a person may be recognised by, in the forms that the app or a person writes them in.
func (p person) words() []string {
	return []string{p.name, p.born, strings.ReplaceAll(p.born, "-", ""), p.phone, p.phone[1:], p.typed(), strings.ReplaceAll(p.typed(), "-", "")}
}

// newPerson takes the next free phone. Everybody has another name and birth date, so that no two look like one.
func (b *sandbox) newPerson(s *stage) person {
	s.Helper()
	n := int(b.taken.Add(1)) - 1
	if n >= 500 {
		s.Fatal("the sandbox has 500 free phones, and all are taken")
	}
	const first, second = "가나다라마바사아자차", "영호순자철희민수진경"
	given := string([]rune(first)[n/10%10]) + string([]rune(second)[n%10])
	return person{
		name: string([]rune("김이박최정")[n/100]) + given, phone: fmt.Sprintf("+82100000%04d", 2000+n),
		born: time.Date(1960, 1, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 7*n).Format(time.DateOnly),
	}
}

// magic is the person of a case, to whom the same always happens. On the shared sandbox each is for one scenario.
func (b *sandbox) magic(s *stage, name string) person {
	s.Helper()
	var out struct {
		People []struct {
			Case   string
			Person struct {
				Name      string
				BirthDate string `json:"birth_date"`
				Phone     string
			}
		}
	}
	b.call(s, http.MethodGet, "/sandbox/people", nil, &out)
	for _, p := range out.People {
		if p.Case == name {
			return person{p.Person.Name, p.Person.BirthDate, p.Person.Phone}
		}
	}
	s.Fatalf("the sandbox has no %s", name)
	return person{}
}

// texts are what has reached a phone, oldest first.
func (b *sandbox) texts(s *stage, phone string) []string {
	s.Helper()
	var out struct{ Texts []string }
	b.call(s, http.MethodGet, "/sandbox/texts?phone="+url.QueryEscape(phone), nil, &out)
	return out.Texts
}

// text sends one from a phone to us.
func (b *sandbox) text(s *stage, phone, words string) {
	s.Helper()
	b.call(s, http.MethodPost, "/sandbox/texts", map[string]string{"phone": phone, "text": words}, nil)
}

// code waits until a phone has as many codes, and is the last of them.
func (b *sandbox) code(s *stage, phone string, many int) (code string) {
	s.Helper()
	s.until(fmt.Sprintf("code %d on the phone", many), func() bool {
		codes := codesIn(b.texts(s, phone))
		if len(codes) < many {
			return false
		}
		code = codes[len(codes)-1]
		return true
	})
	return code
}

// codesIn are the codes that texts hold.
func codesIn(texts []string) []string {
	form := regexp.MustCompile(`\b\d{6}\b`)
	var out []string
	for _, text := range texts {
		if found := form.FindString(text); found != "" {
			out = append(out, found)
		}
	}
	return out
}
