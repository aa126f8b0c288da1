package sms_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jari/booking/desk"
	"jari/sms"
)

// let lets a text in without handling it in the same breath.
func (s *street) let(when time.Time, from, body string) {
	s.t.Helper()
	s.house.set(when)
	if w := s.post(hooks+"/seoul", s.door.Inbound(hooks), s.form(from, body), nil); w.Code != http.StatusOK {
		s.t.Fatalf("%q: %d", body, w.Code)
	}
}

// Whoever texts alone is answered at once; the texts of one phone are handled in their order; what there is no room for is the sweep's.
func TestHandsHandleBehindTheAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStreet(t, seoul())
		var busy atomic.Bool
		s.door.UseHands(sms.Hands{Lanes: 1, Lane: 3, Busy: busy.Load})
		s.door.Start()
		began := time.Now()
		s.let(at("20:00"), anna, "예약 680412 홍길동 강남구")
		synctest.Wait()
		if s.arrival("홍길동", "1968-04-12", anna, at("20:00")); len(s.house.outbox) != 1 || time.Since(began) > time.Second {
			t.Fatalf("%d replies after %s", len(s.house.outbox), time.Since(began))
		}
		// While so many texts come that keeping them needs the machine, nothing is handled; a lane holds three, and one is in a hand.
		busy.Store(true)
		for i, body := range []string{"예약 김철수", "670101", "강남구", "예약", "조회"} {
			s.let(at("20:10").Add(time.Duration(i)*time.Minute), helper, body)
			synctest.Wait()
		}
		if len(s.house.outbox) != 1 {
			t.Fatalf("%d replies while the door is busy", len(s.house.outbox))
		}
		busy.Store(false)
		time.Sleep(time.Second) // of the bubble's clock
		synctest.Wait()
		s.arrival("김철수", "1967-01-01", helper, at("20:10"))
		open := 0
		for _, in := range s.house.inbound {
			if !in.Handled {
				open++
			}
		}
		if open != 1 {
			t.Errorf("%d texts are left to the sweep, want the one for which there was no room", open)
		}
		// Busy for long: the text is left to the sweep.
		busy.Store(true)
		s.let(at("20:20"), "+821000005555", "예약")
		time.Sleep(10 * time.Second)
		busy.Store(false)
		time.Sleep(time.Second)
		synctest.Wait()
		if last := s.house.inbound[len(s.house.inbound)-1]; last.Handled {
			t.Error("a text was handled that the sweep is at")
		}
		s.let(at("20:21"), "+821000006666", "예약")
		s.door.Stop(context.WithoutCancel(t.Context())) // handles what waits
		if last := s.house.inbound[len(s.house.inbound)-1]; !last.Handled {
			t.Error("a text was left although there was time")
		}
	})
}

// listed is a provider's log.
type listed struct {
	texts        []desk.ReceivedText
	since, until time.Time
}

func (l *listed) Received(_ context.Context, since, until time.Time) ([]desk.ReceivedText, error) {
	l.since, l.until = since, until
	return l.texts, nil
}

// What people texted while no node was there is kept with its seconds in the log, without resident numbers, and handled in that order.
func TestTheLogOfAnOutage(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	o := desk.Outage{Provider: "twilio", From: at("20:05"), To: at("20:10")}
	received := func(sid, from, body string, when time.Time) desk.ReceivedText {
		return desk.ReceivedText{IncomingText: desk.IncomingText{ProviderID: sid, From: phone(from), Body: body}, To: ours, At: when}
	}
	log := &listed{texts: []desk.ReceivedText{
		received("SM1", anna, "예약 680412-1234567 홍길동", at("20:06").Add(7*time.Second)),
		received("SM2", anna, "강남구", at("20:06").Add(30*time.Second)),
		received("SM3", "+821000005555", "예약 680413 홍길순 강남구", at("20:10").Add(3*time.Second)),
		received("SM4", "+821000006666", "예약 680414 김영희 강남구", at("20:04")),
		received("SM5", "+821000007777", "예약 680415 이영수 강남구", at("20:11")),
	}}
	s.house.set(at("20:10").Add(90 * time.Second))
	for _, want := range []int{4, 0} {
		if n, err := s.door.Recover(t.Context(), log, o, desk.NumberFor{}); n != want || err != nil {
			t.Fatalf("%d texts were missing (%v), want %d", n, err, want)
		}
	}
	if !log.since.Equal(at("20:03")) || !log.until.Equal(at("20:12")) {
		t.Errorf("read from %v to %v", log.since, log.until)
	}
	for id := range int64(4) {
		if err := s.door.Handle(t.Context(), id+1); err != nil {
			t.Fatal(err)
		}
	}
	s.arrival("홍길동", "1968-04-12", anna, at("20:06").Add(7*time.Second))
	s.arrival("홍길순", "1968-04-13", "+821000005555", at("20:10"))                     // the provider's clock is ahead
	s.arrival("김영희", "1968-04-14", "+821000006666", at("20:10").Add(90*time.Second)) // lost while we were there: known since now
	if _, there := s.entry("이영수", "1968-04-15", "+821000007777"); there {
		t.Error("a text that may be on its way was taken from the log")
	}
	for _, in := range s.house.inbound {
		if in.Via != desk.ViaLog || strings.Contains(in.Body, "234567") {
			t.Errorf("text %d: via %q, %q", in.ID, in.Via, in.Body)
		}
	}
}
