package sms_test

import "testing"

// Whoever is too late is told so as soon as the birth date says it, and not asked for what would change nothing.
func TestALoneBirthDateAfterTheClosing(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	const early, unborn, unknown = "+821000005555", "+821000006666", "+821000007777"
	s.text(at("22:58"), early, "예약")
	for _, c := range []struct{ when, from, body, want string }{
		{"23:30", anna, "예약 680412 홍길동 강남구", "closed"},
		{"23:31", anna, "68년 4월 12일", "closed"},
		{"23:31", anna, "홍길동", "closed"},
		{"23:31", anna, "취소", "closed"},
		{"23:32", anna, "680412 강남국", "closed"},
		{"23:33", bora, "68년 4월 12일", "closed"}, // who was never told
		{"23:34", bora, "예약 홍길동", "closed"},
		{"23:35", bora, "680412", "closed"},
		{"23:36", unknown, "예약 홍길동", "ask_missing birth,region"},  // nobody knows yet
		{"23:01", early, "68년 4월 12일", "ask_missing name,region"}, // who came before it
		{"23:02", early, "홍길동 강남구", "registered"},
		{"23:03", unborn, "80년 4월 12일", "ask_missing name,region"}, // not eligible is another matter
	} {
		if got := s.text(at(c.when), c.from, c.body); got != c.want {
			t.Errorf("%q: %q, want %q", c.body, got, c.want)
		}
	}
	s.arrival(hong, "1968-04-12", early, at("22:58"))
	if len(s.house.entries) != 1 {
		t.Errorf("%d entries", len(s.house.entries))
	}
	var told int
	for _, m := range s.house.outbox {
		if m.Kind == "closed" {
			if told++; m.Params["at"] != s.house.outbox[1].Params["at"] || m.Params["lang"] != "ko" {
				t.Errorf("%v", m.Params)
			}
		}
	}
	if told != 8 {
		t.Errorf("told %d times", told)
	}
}

// A text that came in time and is handled after "closed" was said counts as it would have in order.
func TestATextInTimeAfterClosed(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	if got := s.text(at("23:01"), anna, "680412"); got != "closed" {
		t.Fatal(got)
	}
	id, _, err := s.desk.KeepText(t.Context(), s.house.campaign, inbound("late", "예약 홍길동 강남구", at("22:59")))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.door.Handle(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	s.arrival(hong, "1968-04-12", anna, at("22:59"))
}
