package sms_test

import (
	"fmt"
	"testing"
	"time"
)

// Whatever the order in which the texts of one phone are handled, the first contact decides, and people do not mix.
func TestTextsThatAreHandledLate(t *testing.T) {
	t.Parallel()
	type said struct {
		at   string
		body string
	}
	const hong, kim = "홍길동 1968-04-12", "김철수 1967-01-01"
	for name, c := range map[string]struct {
		texts []said
		order []int
		want  map[string]string // person → arrival
	}{
		"a lone word, then everything":      {[]said{{"20:00", "예약"}, {"20:01", "예약 680412 홍길동 강남구"}}, []int{1, 0}, map[string]string{hong: "20:00"}},
		"half, then the other half":         {[]said{{"20:00", "예약 홍길동"}, {"20:01", "680412 강남구"}}, []int{1, 0}, map[string]string{hong: "20:00"}},
		"everything twice":                  {[]said{{"20:00", "예약 680412 홍길동 강남구"}, {"20:01", "예약 680412 홍길동 강남구"}}, []int{1, 0}, map[string]string{hong: "20:00"}},
		"before the opening":                {[]said{{"19:59", "예약"}, {"20:01", "예약 680412 홍길동 강남구"}}, []int{1, 0}, map[string]string{hong: "20:01"}},
		"two late ones, the first too soon": {[]said{{"19:59", "예약"}, {"20:00", "예약"}, {"20:01", "예약 680412 홍길동 강남구"}}, []int{2, 0, 1}, map[string]string{hong: "20:00"}},
		"two late ones, in disorder":        {[]said{{"20:00", "예약"}, {"20:02", "예약"}, {"20:05", "예약 680412 홍길동 강남구"}}, []int{2, 1, 0}, map[string]string{hong: "20:00"}},
		"another person before":             {[]said{{"20:00", "예약 670101 김철수 강남구"}, {"20:01", "예약 680412 홍길동 강남구"}}, []int{1, 0}, map[string]string{kim: "20:00", hong: "20:01"}},
		"another person begun meanwhile": {
			[]said{{"20:00", "680412 강남구"}, {"20:01", "예약 680412 홍길동 강남구"}, {"20:02", "예약 김철수"}, {"20:03", "670101 강남구"}}, []int{1, 2, 0, 3},
			map[string]string{hong: "20:00", kim: "20:02"},
		},
		"a conversation of its own": {[]said{{"20:00", "예약"}, {"20:40", "예약 680412 홍길동 강남구"}}, []int{1, 0}, map[string]string{hong: "20:40"}},
		"a conversation of its own, before one that is open": {
			[]said{{"20:00", "예약 홍길동"}, {"20:40", "680412 강남구"}, {"20:41", "홍길동"}}, []int{1, 0, 2}, map[string]string{hong: "20:40"},
		},
		"a question late": {[]said{{"20:00", "조회"}, {"20:01", "예약 680412 홍길동 강남구"}}, []int{1, 0}, map[string]string{hong: "20:01"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, seoul())
			for n, i := range c.order {
				text := c.texts[i]
				id, _, err := s.desk.KeepText(t.Context(), s.house.campaign, "twilio", fmt.Sprint(i), phone(anna), text.body, at(text.at))
				if err != nil {
					t.Fatal(err)
				}
				s.house.set(at("20:50").Add(time.Duration(n) * time.Second))
				if err := s.door.Handle(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			}
			for who, when := range c.want {
				var name, born string
				if _, err := fmt.Sscan(who, &name, &born); err != nil {
					t.Fatal(err)
				}
				s.arrival(name, born, anna, at(when))
			}
			if len(s.house.entries) != len(c.want) {
				t.Errorf("%d entries, want %d", len(s.house.entries), len(c.want))
			}
			registered := 0
			for _, m := range s.house.outbox {
				if m.Kind == "registered" {
					registered++
				}
			}
			if registered != len(c.want) {
				t.Errorf("%d times registered, want %d", registered, len(c.want))
			}
		})
	}
}
