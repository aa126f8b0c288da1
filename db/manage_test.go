package db_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// wants lets a phone want something by text, and sends the replies.
func (s *street) wants(t *testing.T, from booking.Phone, w desk.Want) []line {
	t.Helper()
	_, replies := s.asks(t, from, w, s.now(t))
	return replies
}

// asks keeps a text, handles it twice at once, as a webhook and a sweep may, and sends what there is to say.
func (s *street) asks(t *testing.T, from booking.Phone, w desk.Want, at time.Time) (desk.Inbound, []line) {
	t.Helper()
	s.sent++
	id, _, err := s.desk.KeepText(t.Context(), s.campaign, desk.Inbound{
		Campaign: s.campaign.ID, Provider: "sim", ProviderSID: fmt.Sprint("in", s.sent), From: from, Body: "?", Arrival: at,
	})
	ok(t, err)
	in, c, err := s.desk.Text(t.Context(), id)
	ok(t, err)
	for range 2 {
		replies, known, err := s.desk.ManageByText(t.Context(), c, in, w, in.Arrival, booking.Korean)
		ok(t, err)
		if !known {
			replies = []desk.Message{desk.SayByText(in, words.NoEntry, booking.Korean, nil)}
		}
		ok(t, s.desk.FinishText(t.Context(), in, nil, replies))
	}
	return in, s.post(t)
}

// answers lets a phone answer the latest question of a kind, with its n-th number.
func (s *street) answers(t *testing.T, from booking.Phone, kind words.Kind, n int) []line {
	t.Helper()
	return s.says(t, from, strconv.Itoa(s.first(t, from, kind)+n))
}

// looked lets the rounds look at whoever waits for that.
func (s *street) looked(t *testing.T) {
	t.Helper()
	s.rested(t)
	s.round(t)
	s.post(t)
}

func (s *street) entry(t *testing.T, n int) desk.Entry {
	t.Helper()
	e, err := s.book.Entry(t.Context(), s.campaign.ID, s.ids[n])
	ok(t, err)
	return e
}

var saturdays = desk.Wished{Weekdays: []time.Weekday{time.Saturday}, Times: []booking.DayTime{{From: 0, To: 720}}}

func TestWishesAreReadBackAndCountWhenAccepted(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	me := phoneOf(0)
	read := s.wants(t, me, desk.Want{Do: desk.DeedWish, Wished: saturdays})
	same(t, "read back", kinds(read, me), "wish_read")
	if want := "희망: 토요일, 오전. 맞으면 3번 답장"; len(read) != 1 || !strings.Contains(read[0].text, want) {
		t.Errorf("%+v without %q", read, want)
	}
	if !s.entry(t, 0).Wishes.None() {
		t.Fatal("the wishes changed before they were accepted")
	}
	// What is said later is added to; what was read back first can no longer be accepted then.
	same(t, "accepted", kinds(s.answers(t, me, words.WishRead, 0), me), "corrected")
	first := s.first(t, me, words.WishRead)
	if e := s.entry(t, 0); !slices.Equal(e.Wishes.Weekdays, saturdays.Weekdays) || len(e.Wishes.Times) != 1 || !e.Verified {
		t.Errorf("%+v, verified %t", e.Wishes, e.Verified)
	}
	same(t, "answered again", kinds(s.says(t, me, strconv.Itoa(first)), me), "status")
	s.wants(t, me, desk.Want{Do: desk.DeedWish, Wished: desk.Wished{Sites: []string{"north"}}})
	other := s.first(t, me, words.WishRead)
	s.wants(t, me, desk.Want{Do: desk.DeedWish, Wished: desk.Wished{AnyTime: true}})
	same(t, "the later one", kinds(s.answers(t, me, words.WishRead, 0), me), "corrected")
	same(t, "the earlier one", kinds(s.says(t, me, strconv.Itoa(other)), me), "not_now")
	if e := s.entry(t, 0); len(e.Wishes.Times) != 0 || len(e.Wishes.Weekdays) != 1 || len(e.Wishes.Sites) != 0 {
		t.Errorf("%+v", e.Wishes)
	}
	same(t, "without anything", kinds(s.wants(t, me, desk.Want{Do: desk.DeedWish}), me), "ask_wishes")
	same(t, "a stranger", kinds(s.wants(t, phoneOf(50), desk.Want{Do: desk.DeedWish, Wished: saturdays}), phoneOf(50)), "no_entry")
	s.clean(t)
}

func TestAWishWithATimeIsForAnotherOne(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	me := phoneOf(0)
	s.round(t)
	s.post(t)
	same(t, "nothing to keep", kinds(s.wants(t, me, desk.Want{Do: desk.DeedKeep}), me), "status")
	same(t, "read back", kinds(s.wants(t, me, desk.Want{Do: desk.DeedSwap, Wished: desk.Wished{Sites: []string{"south"}}}), me), "swap_read")
	if s.entry(t, 0).SwapAsked {
		t.Fatal("asked for before it was accepted")
	}
	same(t, "accepted", kinds(s.answers(t, me, words.SwapRead, 0), me), "swap_noted")
	if e := s.entry(t, 0); !e.SwapAsked || e.Appointment == nil || !e.Appointment.State.Open() {
		t.Errorf("%+v", e)
	}
	same(t, "kept", kinds(s.wants(t, me, desk.Want{Do: desk.DeedKeep}), me), "swap_dropped")
	s.wants(t, me, desk.Want{Do: desk.DeedWish, Wished: desk.Wished{Sites: []string{"middle"}}}) // with a time that is the same
	same(t, "accepted", kinds(s.answers(t, me, words.SwapRead, 0), me), "swap_noted")
	s.round(t)
	same(t, "the round", kinds(s.post(t), me), "changed")
	if e := s.entry(t, 0); e.Appointment.Site != "middle" {
		t.Errorf("%+v", e.Appointment)
	}
	s.clean(t)
}

func TestICannotComeIsAskedAbout(t *testing.T) {
	t.Parallel()
	for n, want := range []struct{ reply, state string }{{"declined", "declined"}, {"withdrawn", "cancelled"}, {"status", "offered"}} {
		t.Run(want.reply, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, 1)
			me := phoneOf(0)
			s.round(t)
			s.post(t)
			same(t, "asked", kinds(s.wants(t, me, desk.Want{Do: desk.DeedCancel}), me), "cancel_read")
			if e := s.entry(t, 0); e.Appointment.State != booking.Offered || e.Withdrawn {
				t.Fatal("something changed before the answer")
			}
			same(t, "answered", kinds(s.answers(t, me, words.CancelRead, n), me), want.reply)
			var state string
			s.Scan(t, `SELECT state FROM appointment`, nil, &state)
			if e := s.entry(t, 0); state != want.state || e.Withdrawn != (n == 1) {
				t.Errorf("%s, withdrawn %t", state, e.Withdrawn)
			}
			again := kinds(s.answers(t, me, words.CancelRead, n), me)
			if n == 1 { // nobody is left who could be asked
				same(t, "again", again, "not_now")
			} else {
				same(t, "again", again, "status")
			}
			s.looked(t)
			s.clean(t)
		})
	}
}

func TestWithoutATimeOnlyTheApplicationCanBeGivenUp(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	me := phoneOf(0)
	same(t, "asked", kinds(s.wants(t, me, desk.Want{Do: desk.DeedCancel}), me), "withdraw_read")
	same(t, "no", kinds(s.answers(t, me, words.WithdrawRead, 1), me), "status")
	s.wants(t, me, desk.Want{Do: desk.DeedWithdraw})
	same(t, "yes", kinds(s.answers(t, me, words.WithdrawRead, 0), me), "withdrawn")
	same(t, "after that", kinds(s.wants(t, me, desk.Want{Do: desk.DeedWish, Wished: saturdays}), me), "no_entry")
	s.clean(t)
}

func TestCorrectionsByText(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	me, next := phoneOf(0), phoneOf(80)
	same(t, "to what", kinds(s.wants(t, me, desk.Want{Do: desk.DeedCorrect, Field: "name"}), me), "ask_correction")
	read := s.wants(t, me, desk.Want{Do: desk.DeedCorrect, Name: "홍길순", Born: "1951-02-03"})
	if len(read) != 1 || !strings.Contains(read[0].text, "홍길순") || !strings.Contains(read[0].text, "1951.2.3") {
		t.Errorf("not read back in full: %+v", read)
	}
	same(t, "accepted", kinds(s.answers(t, me, words.CorrectRead, 0), me), "corrected")
	person := func() booking.Person {
		p, err := s.campaign.Keys.OpenPerson(s.ids[0], s.entry(t, 0).PersonCT)
		ok(t, err)
		return p
	}
	if p := person(); p.Name != "홍길순" || p.Born.String() != "1951-02-03" || p.Phone != me {
		t.Error("not corrected")
	}
	same(t, "who would not be eligible", kinds(s.wants(t, me, desk.Want{Do: desk.DeedCorrect, Born: "2021-01-01"}), me), "not_eligible")
	same(t, "a country that is not texted", kinds(s.wants(t, me, desk.Want{Do: desk.DeedCorrect, Phone: "+14155550100"}), me), "ask_correction")
	// The phone moves when the old one has answered, and both are told.
	s.wants(t, me, desk.Want{Do: desk.DeedCorrect, Phone: next.E164()})
	if person().Phone != me {
		t.Fatal("moved before it was accepted")
	}
	read = s.answers(t, me, words.CorrectRead, 0)
	same(t, "the old phone", kinds(read, me), "phone_moved")
	same(t, "the new phone", kinds(read, next), "corrected")
	if person().Phone != next {
		t.Error("not moved")
	}
	same(t, "the old phone afterwards", kinds(s.wants(t, me, desk.Want{Do: desk.DeedWish, Wished: saturdays}), me), "no_entry")
	same(t, "an old answer", kinds(s.answers(t, me, words.CorrectRead, 0), me), "not_now")
	same(t, "the new phone", kinds(s.wants(t, next, desk.Want{Do: desk.DeedWish, Wished: saturdays}), next), "wish_read")
	s.clean(t)
}

func TestAHelperByText(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	me, son := phoneOf(0), phoneOf(70)
	same(t, "who", kinds(s.wants(t, me, desk.Want{Do: desk.DeedHelper}), me), "ask_helper")
	same(t, "the own phone", kinds(s.wants(t, me, desk.Want{Do: desk.DeedHelper, Phone: me.E164()}), me), "ask_helper")
	same(t, "nobody to remove", kinds(s.wants(t, me, desk.Want{Do: desk.DeedNoHelper}), me), "status")
	s.wants(t, me, desk.Want{Do: desk.DeedHelper, Phone: son.E164()})
	read := s.answers(t, me, words.HelperRead, 0)
	same(t, "the person", kinds(read, me), "helper_set")
	same(t, "the helper", kinds(read, son), "helper_named")
	s.round(t)
	s.post(t)
	// A helper may give the time back, and no more.
	for _, w := range []desk.Want{
		{Do: desk.DeedWish, Wished: saturdays}, {Do: desk.DeedCorrect, Name: "홍길순"}, {Do: desk.DeedWithdraw}, {Do: desk.DeedHelper, Phone: phoneOf(71).E164()},
		{Do: desk.DeedLang, Lang: booking.English}, {Do: desk.DeedTogether, Size: 2},
	} {
		same(t, "the helper who wants "+string(w.Do), kinds(s.wants(t, son, w), son), "helper_may_not")
	}
	same(t, "the helper", kinds(s.wants(t, son, desk.Want{Do: desk.DeedCancel}), son), "decline_read")
	read = s.answers(t, son, words.DeclineRead, 0)
	same(t, "the person", kinds(read, me), "declined")
	if n := s.int(t, `SELECT count(*) FROM appointment_event WHERE to_state = 'declined' AND actor = $1`, desk.ActorHelper); n != 1 {
		t.Error("not by the helper")
	}
	same(t, "no time to give back", kinds(s.wants(t, son, desk.Want{Do: desk.DeedCancel}), son), "helper_may_not")
	s.wants(t, me, desk.Want{Do: desk.DeedNoHelper})
	read = s.answers(t, me, words.HelperEndRead, 0)
	same(t, "the helper", kinds(read, son), "helper_over")
	same(t, "the person", kinds(read, me), "helper_gone")
	// And a helper steps back.
	s.wants(t, me, desk.Want{Do: desk.DeedHelper, Phone: son.E164()})
	s.answers(t, me, words.HelperRead, 0)
	s.wants(t, son, desk.Want{Do: desk.DeedNoHelper})
	read = s.answers(t, son, words.HelperEndRead, 0)
	same(t, "the helper", kinds(read, son), "helper_over")
	same(t, "the person", kinds(read, me), "helper_gone")
	s.looked(t)
	s.clean(t)
}
