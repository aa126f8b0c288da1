package db_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// A worker was away when its task was due, and takes it up at night.
func TestATaskThatComesLateWakesNobodyAtNight(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *booking.Campaign) { c.Limits.QuietFrom, c.Limits.QuietTo = 21, 8 })
	e := h.person(t, dbtest.Person(1))
	h.at = time.Date(2030, 3, 4, 20, 59, 59, 0, h.campaign.Zone)
	id := h.queue(t, desk.Message{Entry: e}, desk.Message{Entry: e, Urgent: true})
	if got := h.release(t); len(got) != 2 {
		t.Fatalf("released %v, want both", got)
	}
	h.at = time.Date(2030, 3, 4, 23, 30, 0, 0, h.campaign.Zone)
	if c, ok, err := h.outbox.ClaimSend(t.Context(), id[0], 1, h.Now()); ok || err != nil {
		t.Errorf("an unasked text leaves at night: %v, fate %q, %v", ok, c.Fate, err)
	}
	if _, ok, err := h.outbox.ClaimSend(t.Context(), id[1], 1, h.Now()); !ok || err != nil {
		t.Errorf("an answer does not leave at night (%v)", err)
	}
	h.at = time.Date(2030, 3, 5, 8, 0, 0, 0, h.campaign.Zone)
	if m := h.only(t); m.id != id[0] {
		t.Error("the text does not leave in the morning")
	}
}

// What was written long before it was due is asked about like any other text.
func TestAnOldMessageIsAskedAbout(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.queue(t, desk.Message{Entry: h.person(t, dbtest.Person(1)), Due: h.Now().Add(30 * 24 * time.Hour)})[0]
	h.pass(30 * 24 * time.Hour)
	if fate, _ := h.deliver(t, accepted("SM1")); fate != "accepted" {
		t.Fatal(fate)
	}
	b := &bookOfTexts{texts: []desk.SentText{{ProviderID: "SM1", Status: desk.ReceiptDelivered}}}
	h.pass(10 * time.Minute)
	h.reconcile(t, b)
	h.wantState(t, id, "delivered")
}

// Whoever has gone is not told that there is no time yet.
func TestNoTimeIsNotToldToWhoeverHasGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	id := h.queue(t, desk.Message{Entry: e, Kind: string(words.NoTime), Params: map[string]string{"reason": "full"}})[0]
	h.Exec(t, `UPDATE registration SET withdrawn_at = now() WHERE id = $1`, [16]byte(*e))
	fate, _ := h.deliver(t, accepted("SM1"))
	if fate != "expired" {
		t.Errorf("%d: %s", id, fate)
	}
}

// Of two copies the one that lives counts.
func TestOfTwoCopiesTheOneThatArrivedCounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := dbtest.Person(1)
	id, _ := h.unknown(t, p, "", "m")
	failed := h.copyOf(p, "m", "SM1", desk.ReceiptUndelivered)
	failed.Code = 30003
	b := &bookOfTexts{texts: []desk.SentText{failed, h.copyOf(p, "m", "SM2", desk.ReceiptDelivered)}}
	h.pass(time.Minute)
	h.reconcile(t, b)
	h.wantState(t, id, "delivered")
}

// A route whose provider is away keeps the others' messages of unknown fate not waiting.
func TestAProviderThatIsAwayKeepsNoOthersWaiting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	away, there := &bookOfTexts{away: true}, &bookOfTexts{}
	var ms []desk.Message
	for i := range 150 {
		ms = append(ms, desk.Message{Entry: e, Dedup: fmt.Sprint("away/", i)})
	}
	h.queue(t, ms...)
	h.Exec(t, `UPDATE message SET state = 'unknown', route = 'away'`)
	h.Exec(t, `INSERT INTO send_attempt (message_id, claimed_at, outcome, route) SELECT id, $1, 'unknown', 'away' FROM message`, h.Now())
	id := h.queue(t, desk.Message{Entry: e, Dedup: "there"})[0]
	h.Exec(t, `UPDATE message SET state = 'unknown', route = 'there', state_at = $2 WHERE id = $1`, id, h.Now().Add(time.Second))
	h.Exec(t, `INSERT INTO send_attempt (message_id, claimed_at, outcome, route) VALUES ($1, $2, 'unknown', 'there')`, id, h.Now())
	routes := desk.Routes{{Name: "away", Sender: away}, {Name: "there", Sender: there}}
	for range 3 {
		h.pass(2 * time.Minute)
		if _, err := h.outbox.Reconcile(t.Context(), h, routes, time.Minute, 30*time.Second, 10*time.Minute); err == nil {
			t.Error("nobody hears that a provider is away")
		}
	}
	h.wantState(t, id, "pending")
}

// A number that several campaigns share is not kept by the first of them.
func TestACampaignKeepsNoOtherFromANumber(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	_, _ = dbtest.Campaign(t, d)
	c, set := dbtest.Campaign(t, d, func(c *booking.Campaign) { c.Slug = "second" })
	all := set.All()
	if len(all) != 2 || all[1].ID != c.ID {
		t.Fatal(len(all))
	}
	routes := desk.Routes{{Name: "long", PerSecond: 1}}
	houses := make([]*house, 2)
	for i, c := range all {
		houses[i] = &house{DB: d, campaign: c, set: set, outbox: db.NewOutbox(d.Pool, set).Over(routes), at: time.Now().Truncate(time.Microsecond)}
	}
	first, second := houses[0], houses[1]
	e := first.person(t, dbtest.Person(1))
	var ms []desk.Message
	for i := range 100 {
		ms = append(ms, desk.Message{Entry: e, Dedup: fmt.Sprint("mass/", i)})
	}
	first.queue(t, ms...)
	code := second.queue(t, desk.Message{Entry: second.person(t, dbtest.Person(2)), Urgent: true})[0]
	first.pass(time.Second)
	got := first.release(t)
	if len(got) == 0 || got[0].id != code {
		t.Errorf("released %v, want %d first", got, code)
	}
	h := second.queue(t, desk.Message{Entry: second.person(t, dbtest.Person(3)), Dedup: "other"})[0]
	for range 4 { // they take turns
		first.Exec(t, `UPDATE message SET state = 'accepted' WHERE state = 'queued'`)
		first.pass(time.Second)
		if got = first.release(t); len(got) > 0 && got[0].id == h {
			return
		}
	}
	t.Error("the second campaign's text never has its turn")
}

// What a day's limit held back wakes nobody when the next day begins, not even an answer: by then nobody waits for it.
func TestTheNextDaysTextsWaitForTheMorning(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *booking.Campaign) {
		c.Limits.QuietFrom, c.Limits.QuietTo, c.Limits.TextsPerPhoneDay = 21, 8, 1
	})
	e := h.person(t, dbtest.Person(1))
	h.at = time.Date(2030, 3, 4, 15, 0, 0, 0, h.campaign.Zone)
	h.queue(t, desk.Message{Entry: e, Urgent: true}, desk.Message{Entry: e, Urgent: true})
	var held int64
	for _, m := range h.release(t) {
		if c, _, err := h.outbox.ClaimSend(t.Context(), m.id, m.n, h.Now()); err != nil {
			t.Fatal(err)
		} else if c.Fate == db.FateCapped {
			held = m.id
		}
	}
	h.at = time.Date(2030, 3, 5, 7, 59, 59, 0, h.campaign.Zone)
	if got := h.release(t); len(got) != 0 {
		t.Errorf("released %v at night", got)
	}
	h.pass(time.Second)
	if m := h.only(t); m.id != held {
		t.Errorf("released %d, want %d", m.id, held)
	}
}

// A copy of which we heard only after it was given up for lost has told something wrong, too.
func TestALateCopyIsCorrectedToo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := dbtest.Person(1)
	h.queue(t, desk.Message{Entry: h.person(t, p), Kind: string(words.Welcome), Dedup: "m"})
	m := h.only(t)
	first, ok, err := h.outbox.ClaimSend(t.Context(), m.id, m.n, h.Now())
	if err != nil || !ok {
		t.Fatal(err)
	}
	from := h.Now()
	h.pass(time.Minute)
	if _, _, err := h.outbox.Sweep(t.Context(), h.Now(), time.Minute, time.Minute); err != nil {
		t.Fatal(err)
	}
	b := &bookOfTexts{}
	for range 2 {
		h.pass(time.Minute)
		h.reconcile(t, b)
	}
	to := h.Now()
	h.pass(time.Minute)
	h.sent(t, "SM2")
	if _, err := h.outbox.FinishSend(t.Context(), first, accepted("SM1"), h.Now()); err != nil {
		t.Fatal(err)
	}
	k := db.NewCorrector(h.Pool, h.set, 10)
	h.pass(time.Minute)
	v, err := k.Draft(t.Context(), h.campaign, db.WrongTexts{Kind: words.Welcome, From: from, To: to}, booking.Names{"ko": "정정"}, "kim", h.Now())
	if err != nil || v.People != 1 {
		t.Errorf("%d people, %v", v.People, err)
	}
}

// A message whose person cannot be read any more cannot be asked about: an agent must look, as when it had not left yet.
func TestAnUnknownMessageThatCannotBeReadIsLookedAt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, _ := h.unknown(t, dbtest.Person(1), "", "m")
	h.Exec(t, `UPDATE registration SET person_ct = '\x00'`)
	h.pass(time.Minute)
	h.reconcile(t, &bookOfTexts{})
	h.wantState(t, id, "failed")
	if n := h.count(t, `SELECT count(*) FROM escalation WHERE reason = 'unreadable' AND message_id = $1`, id); n != 1 {
		t.Error("no agent looks")
	}
}

// Two ways to owe somebody a call at the same time, by another phone each because it was corrected between them, owe one.
func TestTwoPhonesOfAPersonOweOneCall(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	board := db.NewSwitchboard(h.Pool, h.set)
	var wg sync.WaitGroup
	for n := range 16 {
		wg.Go(func() {
			in := desk.Inbound{ID: 1, Campaign: h.campaign.ID, PhoneHash: h.campaign.Keys.Phone(dbtest.Person(n).Phone)}
			if err := board.OweCall(t.Context(), in, e, h.Now(), desk.CallAsked, h.Now()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := h.count(t, `SELECT count(*) FROM callback`); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

// A provider that takes texts and neither says so nor lists them does not make us send one every two minutes for ever.
func TestWhatStaysUnknownIsSentMoreAndMoreRarely(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.queue(t, desk.Message{Entry: h.person(t, dbtest.Person(1))})
	b := &bookOfTexts{}
	copies := 0
	for range 120 { // two hours
		if got := h.release(t); len(got) == 1 {
			copies++
			if _, err := h.outbox.DeliverOne(t.Context(), got[0].id, got[0].n, h, func(context.Context, words.Kind, booking.Lang, words.Data, desk.OutgoingText) desk.SendResult {
				return desk.SendResult{Outcome: desk.SendUnknown}
			}); err != nil {
				t.Fatal(err)
			}
		}
		h.pass(time.Minute)
		h.reconcile(t, b)
	}
	if copies < 5 || copies > 8 {
		t.Errorf("%d copies in two hours, want 5 to 8", copies)
	}
}

// What nobody may be called about, and only says again what was said, still stands on the agents' list.
func TestARepeatThatCannotBeCalledIsListed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	h.untold(t, desk.Message{Entry: e, Kind: string(words.Welcome)})
	h.queue(t, desk.Message{Entry: e, Kind: string(words.News), Dedup: "news"})
	h.sent(t, "SM9")
	h.Exec(t, `UPDATE registration SET person_ct = '\x00'`)
	h.fell(t, "SM9", 30005)
	if n := h.count(t, `SELECT count(*) FROM message m WHERE m.state = 'undelivered' AND NOT EXISTS (SELECT FROM escalation e WHERE e.message_id = m.id)
		AND NOT EXISTS (SELECT FROM callback k WHERE m.id = ANY (k.messages))`); n != 0 {
		t.Errorf("%d are told by nobody", n)
	}
}

// A text whose use ends before its instant does not leave.
func TestATextLeavesNotAfterItsUse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.outbox.Over(desk.Routes{{Name: "long", PerSecond: 1}})
	e := h.person(t, dbtest.Person(1))
	h.queue(t, desk.Message{Entry: e}, desk.Message{Entry: e, UsefulUntil: h.Now().Add(time.Second)})
	for _, m := range h.release(t) {
		if c, ok, err := h.outbox.ClaimSend(t.Context(), m.id, m.n, h.Now()); err != nil {
			t.Fatal(err)
		} else if ok && m.id == 2 {
			t.Errorf("it leaves %v after it was of use", c.Instant.Sub(h.Now())-time.Second)
		}
	}
}
