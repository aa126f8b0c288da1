package sms_test

import (
	"slices"
	"testing"

	"jari/booking"
	"jari/booking/desk"
)

// Whose words say something else than the number is asked once more, and nothing changes; whose words go with it has answered.
func TestWordsBesideAnAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, want string }{
		// 3 come, 4 not, 5 already booked.
		{"3 네", "confirmed"}, {"네 3번이요", "confirmed"}, {"3번 갈게요", "confirmed"}, {"yes 3", "confirmed"}, {"③", "confirmed"}, {"삼번 갈게요", "confirmed"}, {"3번입니다 감사합니다", "confirmed"},
		{"4번 못가요", "declined"}, {"4 네", "declined"}, {"아니요 4번이요", "declined"}, {"4 can't come", "declined"}, {"5 이미 예약했어요", "noted"}, {"중복5", "noted"},
		{"3번 못가요", "offer"}, {"못가요 3", "offer"}, {"아니요 3", "offer"}, {"3 no", "offer"}, {"no 3", "offer"}, {"3 can't come", "offer"}, {"3 취소할게요", "offer"}, {"3번 맞나요? 네?", "help_own"}, {"3번 네?", "offer"}, {"3 ❌", "offer"}, {"3 이미 예약했어요", "offer"}, {"3 본인 아닙니다", "offer"},
		{"4번 갈게요", "offer"}, {"4 yes", "offer"}, {"4번 취소 안 할게요", "offer"}, {"4번 취소 되나요", "offer"}, {"5 갈게요", "offer"}, {"4 본인입니다", "offer"},
		// 1 it is me, 2 it is not.
		{"1 네", "welcome"}, {"1번 본인입니다", "welcome"}, {"네 1", "welcome"}, {"1번 갈게요", "welcome"}, {"2번 모르는 신청입니다", "refused"}, {"2 아니요", "refused"}, {"2 네", "refused"},
		{"1 아니요", "offer"}, {"1 모르는 신청입니다", "offer"}, {"2 본인입니다", "offer"}, {"2번 갈게요", "offer"}, {"2 이미 예약했어요", "offer"},
		// Neither.
		{"3명 예약", "ask_missing name,birth,region"}, {"3시에 갈게요", "swap_read"}, {"3 4", "help_own"}, {"7 갈게요", "unknown_number"},
	} {
		s := newStreet(t, seoul())
		s.text(at("20:00"), anna, "예약 680412 홍길동 강남구")
		e, _ := s.entry("홍길동", "1968-04-12", anna)
		s.house.ask(phone(anna), "verify", 1, e.ID, 0)
		s.house.ask(phone(anna), "offer", 3, e.ID, 77)
		s.house.entries[e.ID].Appointment = &desk.Appointment{ID: 77, State: booking.Offered, Site: "a", Starts: at("21:00")}
		if got := s.text(at("20:10"), anna, c.body); got != c.want {
			t.Errorf("%q: %q, want %q", c.body, got, c.want)
		}
		if c.want == "offer" && (s.house.entries[e.ID].Verified || s.house.entries[e.ID].Appointment.State != booking.Offered || len(s.house.notes) > 0 || slices.ContainsFunc(s.house.question, func(q desk.Question) bool { return q.Answered })) {
			t.Errorf("%q changed something: %v", c.body, s.house.notes)
		}
	}
}

// Whoever said that they come and texts "1번 못가요" is asked what shall become of the time; a contradiction of which nothing waits is told that nothing changed.
func TestAContradictionAfterTheAnswer(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	s.text(at("20:00"), anna, "예약 680412 홍길동 강남구")
	e, _ := s.entry("홍길동", "1968-04-12", anna)
	s.house.ask(phone(anna), "offer", 3, e.ID, 77)
	s.house.entries[e.ID].Appointment = &desk.Appointment{ID: 77, State: booking.Offered, Site: "a", Starts: at("21:00")}
	for _, c := range []struct{ body, want string }{
		{"3 네", "confirmed"}, {"3번 못가요", "cancel_read"}, {"3 아니요", "not_now"}, {"3번 갈게요", "status"},
	} {
		if got := s.text(at("20:10"), anna, c.body); got != c.want {
			t.Errorf("%q: %q, want %q", c.body, got, c.want)
		}
	}
	if got := s.house.entries[e.ID].Appointment.State; got != booking.Confirmed {
		t.Errorf("the time is %s", got)
	}
}

// What we read back is only done where the words beside the number say so, too.
func TestWordsBesideWhatWasReadBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, want string }{ // 10 withdraws, 11 changes nothing
		{"10 갈게요", "withdraw_read"}, {"10 아니요", "withdraw_read"}, {"11 못가요", "withdraw_read"}, {"11 아니요", "status"}, {"11번 갈게요", "status"}, {"11 네", "status"},
	} {
		s := newStreet(t, seoul())
		s.text(at("20:00"), anna, "예약 680412 홍길동 강남구")
		s.text(at("20:01"), anna, "신청 취소할게요")
		e, _ := s.entry("홍길동", "1968-04-12", anna)
		s.house.ask(phone(anna), desk.QuestionChoice, 10, e.ID, 0)
		s.house.question[0].Inbound = 2
		if c.want == "withdraw_read" { // an offer that comes in between is not what they were answering
			s.house.ask(phone(anna), "offer", 20, e.ID, 77)
			s.house.entries[e.ID].Appointment = &desk.Appointment{ID: 77, State: booking.Offered, Site: "a", Starts: at("21:00")}
		}
		if got := s.text(at("20:02"), anna, c.body); got != c.want {
			t.Errorf("%q: %q, want %q", c.body, got, c.want)
		}
	}
}

// A yes with its number is an answer, also from a phone to which we say nothing any more because its texts told us nothing.
func TestAnAnswerAfterSeveralHelps(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"네 1", "1 네", "네, 1번이요", "yes 1", "1번 갈게요"} {
		s := newStreet(t, seoul())
		s.text(at("20:00"), anna, "예약 680412 홍길동 강남구")
		e, _ := s.entry("홍길동", "1968-04-12", anna)
		s.house.ask(phone(anna), "verify", 1, e.ID, 0)
		for _, want := range []string{"help_own", "help_own", "help_own", ""} {
			if got := s.text(at("20:01"), anna, "운전 중이라"); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		if got := s.text(at("20:02"), anna, body); got != "welcome" || !s.house.entries[e.ID].Verified {
			t.Errorf("%q: %q", body, got)
		}
	}
}
