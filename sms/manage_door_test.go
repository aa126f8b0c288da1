package sms_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// What is managed by text neither begins an application nor disturbs one that is under way; where the phone has no application, a text that could
// belong to one does.
func TestManagingDisturbsNoApplication(t *testing.T) {
	t.Parallel()
	s := newStreet(t, centres())
	for _, c := range []struct{ body, want string }{
		{"토요일 오전", "no_entry"},
		{"예약 680412", "ask_missing name,region"},
		{"이름 고쳐주세요", "ask_missing name,region"}, // of the application that is under way
		{"이름을 홍길순으로 고쳐주세요", "ask_missing region"},
		{"취소", "ask_missing region"},
		{"사람하고 통화하고 싶어요", "call_owed"},
		{"강남구", "registered"},
		{"못 가요", "withdraw_read"},
		{"토요일 오전", "wish_read"},
		{"이름이 틀렸어요", "ask_correction"},
		{"이름을 홍길동으로 고쳐주세요", "correct_read"},
		{"예약 700203 김철수", "ask_missing region"},
		{"희망", "ask_wishes"},
		{"서초구", "registered"},
		{"토요일 오전", "which_person"},
		{"김철수 토요일 오전", "wish_read"},
		{"다시 보내주세요", "status; status"},
		{"English", "lang_set"},
		{"같이 가고 싶어요", "together_read"},
	} {
		if got := s.text(at("20:01"), anna, c.body); got != c.want {
			t.Errorf("%q: %q, want %q", c.body, got, c.want)
		}
	}
	s.arrival("홍길순", "1968-04-12", anna, at("20:01"))
	if len(s.house.calls) != 1 || !s.house.calls[0].order.Equal(at("20:01")) || s.house.calls[0].reason != desk.CallAsked {
		t.Errorf("%+v", s.house.calls)
	}
}

// A call stands in the order of the first contact, which may be an earlier text of an application under way.
func TestACallKeepsTheFirstContact(t *testing.T) {
	t.Parallel()
	s := newStreet(t, centres())
	s.text(at("20:01"), anna, "예약")
	s.text(at("20:09"), anna, "상담원 연결해 주세요")
	s.text(at("20:10"), helper, "전화 주세요")
	if c := s.house.calls; len(c) != 2 || !c[0].order.Equal(at("20:01")) || !c[1].order.Equal(at("20:10")) {
		t.Errorf("%+v", c)
	}
}

// Two texts at the same moment, each handled by several workers, are read back once each, and a text that was held up on its way is as well.
func TestManagingAtTheSameMoment(t *testing.T) {
	t.Parallel()
	s := newStreet(t, centres())
	s.text(at("20:00"), anna, "예약 680412 홍길동 강남구")
	before := len(s.house.outbox)
	d := desk.New(desk.Ports{Campaigns: s.house, Intake: s.house, Book: memoryBook{memoryHouse: s.house}, Phones: s.house, Clock: s.house})
	for i, body := range []string{"토요일 오전", "강남만", "못 가요"} {
		if _, _, err := d.KeepText(t.Context(), s.house.campaign, inbound(fmt.Sprint("m", i), body, at("20:05").Add(-time.Duration(i)*time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			for booking.CodeOf(s.door.Handle(context.WithoutCancel(t.Context()), int64(2+i%3))) == booking.CodeConflict {
			}
		})
	}
	wg.Wait()
	kinds := map[string]int{}
	for _, m := range s.house.outbox[before:] {
		kinds[m.Kind]++
	}
	if len(s.house.proposed) != 3 || kinds["wish_read"] != 2 || kinds["withdraw_read"] != 1 || len(kinds) != 2 {
		t.Errorf("%d proposals, %v", len(s.house.proposed), kinds)
	}
}

// The words of the provider stop texts and touch nothing else; we answer none but the one that begins them anew.
func TestTheProvidersWords(t *testing.T) {
	t.Parallel()
	s := newStreet(t, centres())
	s.text(at("20:00"), anna, "예약 680412 홍길동 강남구")
	for _, word := range []string{"STOP", "stop.", "수신거부", "문자 그만 보내세요", "stop texting me"} {
		s.house.stopped, s.house.started = map[vault.Hash]time.Time{}, map[vault.Hash]time.Time{}
		if got := s.text(at("20:01"), anna, word); got != "" || len(s.house.stopped) != 1 {
			t.Errorf("%q: %q, %v", word, got, s.house.stopped)
		}
		if got := s.text(at("20:02"), anna, "START"); got != "status" {
			t.Errorf("after %q: %q", word, got)
		}
	}
	for _, word := range []string{"수신동의", "문자 다시 받을게요", "text me again please"} { // whoever stopped in words of their own comes back in words of their own
		s.text(at("20:02"), anna, "수신거부")
		if got := s.text(at("20:03"), anna, word); got != "status" {
			t.Errorf("%q: %q", word, got)
		}
		if got := s.text(at("20:03"), anna, word); got == "" { // said once more, it is no riddle
			t.Errorf("%q again: nothing", word)
		}
	}
	for _, word := range []string{"HELP", "INFO", "YES"} {
		if got := s.text(at("20:03"), anna, word); got != "" {
			t.Errorf("%q: %q", word, got)
		}
	}
	if e, _ := s.entry("홍길동", "1968-04-12", anna); e.Withdrawn {
		t.Error("a word of the provider withdrew an application")
	}
}
