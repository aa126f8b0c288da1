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
		"two halves of another person": {
			[]said{{"20:00", "예약 김철수"}, {"20:01", "670101 강남구"}, {"20:02", "예약 680412 홍길동 강남구"}}, []int{2, 0, 1},
			map[string]string{kim: "20:00", hong: "20:02"},
		},
		"another person's half, and the rest in answer": {
			[]said{{"20:00", "예약 김철수"}, {"20:02", "예약 680412 홍길동 강남구"}, {"20:10", "670101 강남구"}}, []int{1, 0, 2},
			map[string]string{kim: "20:00", hong: "20:02"},
		},
		"another person's half, then a word": {
			[]said{{"20:00", "예약 김철수"}, {"20:01", "강남구"}, {"20:02", "예약 680412 홍길동 강남구"}, {"20:10", "670101"}}, []int{2, 0, 1, 3},
			map[string]string{kim: "20:00", hong: "20:02"},
		},
		"a name late, and the date of another": {
			[]said{{"20:00", "예약 홍길동"}, {"20:01", "670101"}, {"20:02", "예약 680412 홍길동 강남구"}, {"20:10", "김철수 강남구"}}, []int{2, 0, 1, 3},
			map[string]string{kim: "20:01", hong: "20:00"},
		},
		"everything, while another begins": {
			[]said{{"20:00", "예약 670101 김철수 강남구"}, {"20:01", "예약 680412 홍길동"}, {"20:02", "강남구"}}, []int{1, 0, 2},
			map[string]string{kim: "20:00", hong: "20:01"},
		},
		"the date corrected": {[]said{{"20:00", "예약 680413 강남구"}, {"20:01", "예약 680412 강남구"}, {"20:02", "홍길동"}}, []int{1, 0, 2}, map[string]string{hong: "20:00"}},
		"the date corrected between": {
			[]said{{"20:00", "예약 680413"}, {"20:01", "예약 680412"}, {"20:02", "강남구"}, {"20:03", "홍길동"}}, []int{0, 2, 1, 3}, map[string]string{hong: "20:00"},
		},
		"the name late": {[]said{{"20:00", "예약 홍길동"}, {"20:01", "680412 강남구"}, {"20:02", "예약"}}, []int{1, 2, 0}, map[string]string{hong: "20:00"}},
		"completed by a text before the opening": {
			[]said{{"19:59", "예약 홍길동 680412"}, {"20:01", "예약 강남구"}}, []int{1, 0}, map[string]string{hong: "20:01"},
		},
		"halves of two people": {
			[]said{{"20:00", "예약 김철수"}, {"20:01", "예약 680412 홍길동"}, {"20:02", "강남구"}}, []int{1, 0, 2}, map[string]string{hong: "20:00"},
		},
		"a question late, nobody completed": {
			[]said{{"20:00", "조회"}, {"20:01", "예약 680412 홍길동"}, {"20:02", "강남구"}}, []int{1, 0, 2}, map[string]string{hong: "20:01"},
		},
		"a name in half width": {[]said{{"20:00", "예약"}, {"20:01", "예약 680412 ｶﾅｺ 강남구"}}, []int{1, 0}, map[string]string{"カナコ 1968-04-12": "20:00"}},
		"a question late":      {[]said{{"20:00", "조회"}, {"20:01", "예약 680412 홍길동 강남구"}}, []int{1, 0}, map[string]string{hong: "20:01"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, seoul())
			for n, i := range c.order {
				text := c.texts[i]
				id, _, err := s.desk.KeepText(t.Context(), s.house.campaign, inbound(fmt.Sprint(i), text.body, at(text.at)))
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

// Whoever gave up asked for nothing more by a text that came before that, whenever it is handled.
func TestALateTextOfSomebodyWhoGaveUp(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]string{"a lone word": "예약", "everything": "예약 680412 홍길동 강남구"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, seoul())
			handle := func(sid, when, body string) {
				id, _, err := s.desk.KeepText(t.Context(), s.house.campaign, inbound(sid, body, at(when)))
				if err == nil {
					err = s.door.Handle(t.Context(), id)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			handle("2", "20:01", "예약 680412 홍길동 강남구")
			s.house.withdraw(at("20:05"))
			handle("1", "20:00", late)
			if len(s.house.entries) != 1 {
				t.Fatalf("%d entries, want the one that was given up", len(s.house.entries))
			}
			if n := len(s.house.outbox); n != 1 && (name == "a lone word" || s.house.outbox[1].Kind != "status") {
				t.Errorf("%d messages: %+v", n, s.house.outbox)
			}
			handle("3", "20:06", "예약 680412 홍길동 강남구") // and may apply again
			if len(s.house.entries) != 2 {
				t.Errorf("%d entries after applying again, want 2", len(s.house.entries))
			}
			handle("0", "20:00", "예약")
			for id, e := range s.house.entries {
				if want := at("20:06"); e.Generation == 1 && !e.Arrival.Equal(want) {
					t.Errorf("%x stands at %s, want %s", id, e.Arrival, want)
				}
			}
		})
	}
}

// A second delivery, which was stored first, gives way to the first one until it is handled.
func TestTheFirstDeliveryCounts(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	const body = "예약 680412 홍길동 강남구"
	keep := func(when string) int64 {
		id, _, err := s.desk.KeepText(t.Context(), s.house.campaign, inbound("1", body, at(when)))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	keep("20:05")
	if err := s.door.Handle(t.Context(), keep("20:00")); err != nil {
		t.Fatal(err)
	}
	s.arrival("홍길동", "1968-04-12", anna, at("20:00"))
}
