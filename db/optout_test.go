package db_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
)

// stops lets a phone say that it wants no more texts, or wants them again, at an instant.
func (s *street) stops(t *testing.T, from booking.Phone, stop bool, at time.Time) []line {
	t.Helper()
	s.sent++
	id, _, err := s.desk.KeepText(t.Context(), s.campaign, desk.Inbound{Campaign: s.campaign.ID, Provider: "sim", ProviderSID: "stop" + at.String(), From: from, Body: "?", Arrival: at})
	ok(t, err)
	in, c, err := s.desk.Text(t.Context(), id)
	ok(t, err)
	for range 2 { // handled twice
		replies, err := s.desk.StopByText(t.Context(), c, in, stop, booking.Korean)
		ok(t, err)
		ok(t, s.desk.FinishText(t.Context(), in, nil, replies))
	}
	return s.post(t)
}

// Whoever wants no texts loses nothing, gets none, and is called about what they must know.
func TestWhoWantsNoTextsIsCalled(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	me := phoneOf(0)
	same(t, "who stops", kinds(s.stops(t, me, true, s.now(t)), me))
	s.round(t)
	same(t, "afterwards", kinds(s.post(t), me))
	if e := s.entry(t, 0); e.Withdrawn || e.Appointment == nil || e.Appointment.State != booking.Offered {
		t.Error("it cost the place or the appointment")
	}
	if s.owed(t, "untold") != 1 || s.item(t, "opted_out") != 1 {
		t.Error("nobody will call about the appointment")
	}
	if n := s.int(t, `SELECT count(*) FROM callback WHERE cardinality(messages) = 1`); n != 1 {
		t.Error("the call does not know what is to be told")
	}
	same(t, "a question", kinds(s.says(t, me, "조회"), me)) // the provider would not let an answer through
	if s.owed(t, "untold") != 1 {
		t.Error("a call about what can be asked again")
	}
	explained, err := s.desk.Explain(t.Context(), s.campaign, s.ids[0], booking.Korean)
	if ok(t, err); !slices.ContainsFunc(explained.Sentences, func(one string) bool { return strings.Contains(one, "문자를 받지 않") }) {
		t.Errorf("an agent is not told: %v", explained.Sentences)
	}
	same(t, "who starts again", kinds(s.stops(t, me, false, s.now(t)), me), "status")
	same(t, "a question", kinds(s.says(t, me, "조회"), me), "status")
	s.clean(t)
}

// The latest word counts, in whatever order the texts are handled.
func TestStopAndStartInAnyOrder(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	me := phoneOf(0)
	at := s.now(t)
	s.stops(t, me, false, at)
	s.stops(t, me, true, at.Add(-time.Minute)) // was held up on its way
	same(t, "after a stop that came late", kinds(s.says(t, me, "조회"), me), "status")
	s.stops(t, me, true, at.Add(time.Second))
	s.stops(t, me, false, at.Add(-time.Second))
	same(t, "after a start that came late", kinds(s.says(t, me, "조회"), me))
	if n := s.int(t, `SELECT count(*) FROM audit_log WHERE act = 'texts.stopped'`); n != 1 {
		t.Errorf("%d lines in the trail", n)
	}
}

// What the provider says of a phone counts for the number of ours that it said it of.
func TestTheProviderSaysThatAPhoneHasOptedOut(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	s.round(t)
	clock := db.NewClock()
	ok(t, clock.Sample(t.Context(), s.Pool))
	outbox := db.NewOutbox(s.Pool, s.set)
	_, err := outbox.ReleaseEach(t.Context(), clock.Now().Add(time.Second), 1000, time.Second, func(ctx context.Context, id int64, n int, _ words.Kind, _ bool) error {
		_, err := outbox.DeliverOne(ctx, id, n, clock, func(context.Context, words.Kind, booking.Lang, words.Data, desk.OutgoingText) desk.SendResult {
			return desk.SendResult{Outcome: desk.SendRefused, Code: 21610, Permanent: true}
		})
		return err
	})
	ok(t, err)
	if n := s.int(t, `SELECT count(*) FROM opt_out WHERE stopped_at IS NOT NULL AND started_at IS NULL`); n != 1 {
		t.Errorf("%d phones have opted out, want 1", n)
	}
	same(t, "the phone", kinds(s.says(t, phoneOf(0), "조회"), phoneOf(0)))
	same(t, "who starts again", kinds(s.stops(t, phoneOf(0), false, s.now(t)), phoneOf(0)), "status")
}
