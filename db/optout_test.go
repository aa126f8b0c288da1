package db_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
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
	listed := s.int(t, `SELECT count(*) FROM escalation`)
	same(t, "the phone", kinds(s.says(t, phoneOf(0), "조회"), phoneOf(0)))
	if n := s.int(t, `SELECT count(*) FROM escalation`); n != listed {
		t.Error("agents are asked to answer what can be asked again")
	}
	same(t, "who starts again", kinds(s.stops(t, phoneOf(0), false, s.now(t)), phoneOf(0)), "status")
}

// A provider that says so only in a receipt is heard as well; a phone that was corrected since is not meant.
func TestAReceiptSaysThatAPhoneHasOptedOut(t *testing.T) {
	t.Parallel()
	for name, corrected := range map[string]bool{"the phone on file": false, "a phone from before a correction": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			e := h.person(t, dbtest.Person(1))
			h.queue(t, desk.Message{Entry: e})
			h.sent(t, "SM1")
			if corrected {
				h.Exec(t, `INSERT INTO audit_log (campaign_id, registration_id, at, actor, act, detail) VALUES ($1, $2, $3, 'agent', 'correct', '{}')`,
					h.campaign.ID, [16]byte(*e), h.Now().Add(time.Second))
			}
			h.pass(time.Minute)
			h.fell(t, "SM1", 21610)
			h.fell(t, "SM1", 21610)
			want := map[bool]int{false: 1}[corrected]
			if n := h.count(t, `SELECT count(*) FROM opt_out WHERE stopped_at IS NOT NULL AND started_at IS NULL`); n != want {
				t.Errorf("%d phones have opted out, want %d", n, want)
			}
			h.wantTrail(t, "texts.stopped", want)
			h.wantUntold(t, 1, 1)
		})
	}
}

// stopped lets the n-th person's phone want no texts by a number of ours; "" is all of them.
func (p *past) stopped(t *testing.T, n int, route string) {
	t.Helper()
	phone := p.helper(t, n).Phone
	p.Exec(t, `INSERT INTO opt_out (campaign_id, phone_hash, route, stopped_at) VALUES ($1, $2, $3, now())`, p.campaign.ID, phone[:], route)
}

// What is not told to whoever wants no texts, because it can be asked again, leaves the audit clean; what they must know is owed a call.
func TestTheAuditKnowsWhoWantsNoTexts(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	me := phoneOf(0)
	s.stops(t, me, true, s.now(t))
	same(t, "a question", kinds(s.says(t, me, "조회"), me))
	h := &house{DB: s.DB, campaign: s.campaign, set: s.set, outbox: db.NewOutbox(s.Pool, s.set), at: s.now(t)}
	s.Exec(t, `UPDATE message SET state = 'delivered' WHERE state = 'accepted'`)
	if n := s.int(t, `SELECT count(*) FROM message WHERE state = 'undelivered'`); n == 0 {
		t.Fatal("nothing was held back")
	}
	h.wantLaws(t)
	s.round(t)
	s.post(t)
	h.wantLaws(t)
	s.Exec(t, `UPDATE callback SET messages = '{}'`)
	s.Exec(t, `DELETE FROM escalation`)
	r, err := db.Audit(t.Context(), h.Pool, h.set, db.AuditOptions{Now: h.Now().Add(time.Hour)})
	ok(t, err)
	if !slices.ContainsFunc(r.Laws, func(l db.LawResult) bool { return l.Law == 5 && l.Violations == 1 }) {
		t.Error("an offer that nobody will tell is not noticed")
	}
}

// Whoever wants no texts is called about a text that was wrong.
func TestACorrectionToWhoWantsNoTextsIsACall(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	s.stopped(t, 0, "")
	s.Exec(t, `INSERT INTO correction (campaign_id, selection, words, digest, drafted_at, drafted_by, approved_at, approved_by)
		VALUES ($1, '{}', '{"ko": "틀렸습니다"}', decode(repeat('00', 32), 'hex'), now(), 'a', now(), 'b')`, s.campaign.ID)
	h := &house{DB: s.DB, campaign: s.campaign, set: s.set, outbox: db.NewOutbox(s.Pool, s.set), at: s.now(t)}
	h.queue(t, desk.Message{Entry: &s.ids[0], Kind: string(words.Correction), Params: map[string]string{"correction": "1"}})
	h.wantFate(t, "undelivered")
	if s.owed(t, "untold") != 1 {
		t.Error("nobody will call about it")
	}
}

// At a number that campaigns share, START goes to all. Whoever has an application in one of them is not told by the others that there is none; whoever has
// none is told so once.
func TestWhoStartsAgainAtASharedNumber(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	flu, set := dbtest.Campaign(t, s.DB, func(c *booking.Campaign) { c.Slug = "flu" })
	s.set = set
	s.desk = s.past.desk(t)
	for phone, want := range map[booking.Phone]string{phoneOf(0): "status", phoneOf(50): "no_entry"} {
		var said []string
		for n, stop := range []bool{true, false} {
			for _, c := range []*desk.Campaign{s.campaign, flu} {
				in := desk.ForCampaign(c, desk.Inbound{Provider: "sim", ProviderSID: fmt.Sprint(phone.E164(), n), From: phone, Body: "?", Arrival: s.now(t)})
				id, _, err := s.desk.KeepText(t.Context(), c, in)
				ok(t, err)
				in, _, err = s.desk.Text(t.Context(), id)
				ok(t, err)
				replies, err := s.desk.StopByText(t.Context(), c, in, stop, booking.Korean)
				ok(t, err)
				for _, m := range replies {
					said = append(said, m.Kind)
				}
			}
		}
		if len(said) != 1 || said[0] != want {
			t.Errorf("told %q, want %q once", said, want)
		}
	}
}
