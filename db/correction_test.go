package db_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// wrongTold is a history in which some got a wrong text: the first person two, the fourth and the helper one each, the second's did not arrive, the
// third's has not left.
func wrongTold(t *testing.T) (*past, *house) {
	t.Helper()
	p := newPast(t)
	for n := range 4 {
		p.apply(t, n, time.Minute)
	}
	helper := p.helper(t, 9)
	var err error
	helper.CT, err = p.campaign.Keys.Seal("helper", p.ids[3][:], []byte(dbtest.Person(9).Phone.E164()))
	ok(t, err)
	ok(t, p.book.SetHelper(t.Context(), p.change(t, 3, "helper"), helper, 6))
	p.delivered(t)
	h := &house{DB: p.DB, campaign: p.campaign, set: p.set, outbox: db.NewOutbox(p.Pool, p.set), at: p.now(t).Truncate(time.Microsecond)}
	h.wrong(t, p, 0, "a", "SM1")
	h.pass(time.Second)
	h.wrong(t, p, 0, "b", "SM2")
	h.wrong(t, p, 1, "c", "SM3")
	h.fell(t, "SM3", 30006)
	h.wrong(t, p, 3, "d", "SM4")
	h.pass(time.Minute)
	h.queue(t, desk.Message{Entry: &p.ids[2], Kind: string(words.Withdrawn), Dedup: "e"})
	return p, h
}

// wrong lets the n-th person, and whoever reads along, get a text that will turn out to be wrong.
func (h *house) wrong(t *testing.T, p *past, n int, dedup, providerID string) {
	t.Helper()
	h.queue(t, desk.Message{Entry: &p.ids[n], Kind: string(words.Withdrawn), Dedup: dedup})
	for i, m := range h.release(t) {
		as := providerID + strings.Repeat("copy", i)
		fate, err := h.outbox.DeliverOne(t.Context(), m.id, m.n, h, func(context.Context, words.Kind, booking.Lang, words.Data, desk.OutgoingText) desk.SendResult {
			return accepted(as)
		})
		if err != nil || fate != "accepted" {
			t.Fatalf("fate %q, %v", fate, err)
		}
	}
}

func (h *house) wrongTexts() db.WrongTexts {
	return db.WrongTexts{Kind: words.Withdrawn, From: h.Now().Add(-2 * time.Minute), To: h.Now()}
}

// unheard is nobody who listens to the progress.
func unheard(int) {}

func TestACorrectionReachesExactlyThoseWhoGotAWrongText(t *testing.T) {
	t.Parallel()
	p, h := wrongTold(t)
	k := db.NewCorrector(p.Pool, p.set, 2)
	say := booking.Names{booking.Korean: "앞의 문자는 잘못 나갔습니다. 신청은 그대로입니다.", booking.English: "Our last text was wrong. Your application stands."}
	v, err := k.Draft(t.Context(), h.campaign, h.wrongTexts(), say, "operator:kim", h.Now())
	ok(t, err)
	if v.Texts != 4 || v.People != 2 || v.Helpers != 1 || v.Others != 0 || v.Waiting != 1 || v.Maybe != 0 || len(v.Samples) != 3 || v.Digest != v.Drafted {
		t.Fatalf("%+v", v)
	}
	if s := v.Samples[0]; s.Who != booking.MaskName(dbtest.Person(0).Name) || s.Phone != booking.MaskPhone(dbtest.Person(0).Phone) || s.Data.Words != say[booking.Korean] {
		t.Errorf("%+v", s)
	}
	for actor, digest := range map[string]string{"operator:kim": v.Digest, "operator:lee": v.Digest[1:] + "0"} {
		_, err := k.Approve(t.Context(), h.campaign, v.ID, digest, actor, h.Now(), unheard)
		if want := map[bool]error{true: db.ErrSameOperator, false: db.ErrOtherDigest}[actor == "operator:kim"]; !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", actor, err, want)
		}
	}
	for _, want := range []int{3, 0} { // again: nobody is told twice
		n, err := k.Approve(t.Context(), h.campaign, v.ID, v.Digest, "operator:lee", h.Now(), unheard)
		if err != nil || n != want {
			t.Fatalf("%d told, %v, want %d", n, err, want)
		}
	}
	if n := p.int(t, `SELECT count(*) FROM message WHERE kind = 'correction' AND (registration_id = $1 AND helper_id IS NULL
		OR registration_id = $2 AND helper_id IS NULL OR registration_id = $2 AND helper_id IS NOT NULL)`, [16]byte(p.ids[0]), [16]byte(p.ids[3])); n != 3 {
		t.Errorf("%d corrections to the three who got a wrong text", n)
	}
	h.wantTrail(t, "correction.draft", 1)
	h.wantTrail(t, "correction.approve", 1)
	if v, err = k.Show(t.Context(), h.campaign, v.ID); err != nil || v.ApprovedBy != "operator:lee" || !v.Ended {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := k.Show(t.Context(), h.campaign, v.ID+1); !errors.Is(err, db.ErrNoCorrection) {
		t.Errorf("a draft that there is not: %v", err)
	}
}

// What somebody approves is what somebody has seen.
func TestACorrectionThatWouldReachOthers(t *testing.T) {
	t.Parallel()
	p, h := wrongTold(t)
	k := db.NewCorrector(p.Pool, p.set, 100)
	v, err := k.Draft(t.Context(), h.campaign, h.wrongTexts(), booking.Names{booking.Korean: "잘못 나갔습니다."}, "operator:kim", h.Now())
	ok(t, err)
	h.fell(t, "SM2", 30006)
	if _, err := k.Approve(t.Context(), h.campaign, v.ID, v.Digest, "operator:lee", h.Now(), unheard); !errors.Is(err, db.ErrOtherDigest) {
		t.Fatalf("approved although one text did not arrive: %v", err)
	}
	if n := p.int(t, `SELECT count(*) FROM message WHERE kind = 'correction'`); n != 0 {
		t.Errorf("%d were told", n)
	}
	if _, err := k.Draft(t.Context(), h.campaign, db.WrongTexts{Kind: words.Withdrawn, From: h.Now(), To: h.Now().Add(time.Hour)}, nil, "operator:kim", h.Now()); !errors.Is(err, db.ErrOpenTime) {
		t.Errorf("a time that has not passed: %v", err)
	}
}

// Whoever texted us and has no entry is corrected too, once a phone, in their language: they were told that they may not apply.
func TestACorrectionToPhonesWithoutAnEntry(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for n, lang := range []string{"en", "en", "ko"} {
		in := h.inbound(t, dbtest.Person(max(n, 1)))
		h.queue(t, desk.Message{Inbound: in, Kind: string(words.NotEligible), Urgent: true, Params: map[string]string{"lang": lang}, Dedup: string("abc"[n])})
		h.sent(t, string("abc"[n]))
		h.pass(time.Second)
	}
	k := db.NewCorrector(h.Pool, h.set, 1)
	say := booking.Names{booking.Korean: "신청하실 수 있습니다.", booking.English: "You may apply after all."}
	w := db.WrongTexts{Kind: words.NotEligible, From: h.Now().Add(-time.Hour), To: h.Now()}
	v, err := k.Draft(t.Context(), h.campaign, w, say, "operator:kim", h.Now())
	if err != nil || v.Texts != 3 || v.Others != 2 || v.People != 0 {
		t.Fatalf("%+v, %v", v, err)
	}
	if n, err := k.Approve(t.Context(), h.campaign, v.ID, v.Digest, "operator:lee", h.Now(), unheard); err != nil || n != 2 {
		t.Fatalf("%d told, %v", n, err)
	}
	h.pass(time.Second)
	h.Exec(t, `UPDATE message SET state = 'delivered' WHERE kind = 'correction' AND params->>'lang' = 'ko'`)
	if fate, said := h.deliver(t, accepted("SM1")); fate != "accepted" || said.Words != say[booking.English] {
		t.Errorf("fate %q, said %+v", fate, said)
	}
}
