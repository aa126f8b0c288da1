package db_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// second applies another campaign to the house's database, and lets the house know it.
func (h *house) second(t *testing.T) *desk.Campaign {
	t.Helper()
	c, set := dbtest.Campaign(t, h.DB, func(c *booking.Campaign) { c.Slug = "flu" })
	h.set, h.outbox = set, db.NewOutbox(h.Pool, set)
	return c
}

// text keeps a text for a campaign.
func (h *house) text(t *testing.T, c *desk.Campaign, sid string, shared bool) desk.Inbound {
	t.Helper()
	in := desk.Inbound{
		Campaign: c.ID, Provider: "twilio", ProviderSID: sid, From: dbtest.Person(1).Phone, Body: "예약", Arrival: h.Now().UTC(), Shared: shared,
		PhoneHash: c.Keys.Lookup(booking.LookupText(booking.LookupPhone, dbtest.Person(1))),
	}
	id, _, err := db.NewSwitchboard(h.Pool, h.set).Keep(t.Context(), in)
	ok(t, err)
	in.ID = id
	return in
}

// All campaigns text from the same numbers, so that two questions to one phone never have an answer number in common, whichever asks.
func TestAnswerNumbersOverAllCampaigns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	flu := h.second(t)
	campaigns := []*desk.Campaign{h.campaign, flu}
	taken := map[int]bool{}
	for i := range 12 {
		c := campaigns[i%2]
		in := h.text(t, c, fmt.Sprint("SM", i), true)
		m := desk.SayByText(in, words.WhichCampaign, booking.Korean, map[string]string{desk.ParamAbout: "1,2", desk.ParamChoices: "코로나|독감"})
		m.Dedup = fmt.Sprint("which/", i)
		ok(t, pgx.BeginFunc(t.Context(), h.Pool, func(tx pgx.Tx) error { return db.InsertMessages(t.Context(), tx, h.set, []desk.Message{m}, h.Now()) }))
		out := h.only(t)
		claim, sending, err := h.outbox.ClaimSend(t.Context(), out.id, out.n, h.Now())
		ok(t, err)
		if !sending || len(claim.Data.Choices) != 2 {
			t.Fatalf("%+v", claim)
		}
		for _, n := range []int{claim.Data.First, claim.Data.First + 1} {
			if taken[n] {
				t.Errorf("the number %d leads to two questions", n)
			}
			taken[n] = true
		}
		q, found, err := db.NewSwitchboard(h.Pool, h.set).Question(t.Context(), c.ID, in.PhoneHash, claim.Data.First+1)
		ok(t, err)
		if !found || q.Kind != desk.QuestionWhich || q.About != "1,2" || q.Span != 2 || q.Entry != (booking.ID{}) {
			t.Errorf("%+v", q)
		}
		h.pass(time.Minute)
	}
}

// A text that was kept for one campaign and is meant for another stands there with its own arrival, once, however often it is passed on.
func TestATextIsPassedOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	flu := h.second(t)
	board := db.NewSwitchboard(h.Pool, h.set)
	in := h.text(t, h.campaign, "SM1", true)
	if got, err := board.Inbound(t.Context(), in.ID); err != nil || !got.Shared {
		t.Fatalf("%+v %v", got, err)
	}
	copies := []desk.Inbound{desk.ForCampaign(flu, in)}
	h.pass(time.Hour)
	for range 2 {
		ids, err := board.PassOn(t.Context(), in, copies, h.Now())
		ok(t, err)
		got, err := board.Inbound(t.Context(), ids[0])
		ok(t, err)
		if got.Campaign != flu.ID || !got.Arrival.Equal(in.Arrival) || got.Handled || got.Shared || got.Body != in.Body || got.From != in.From || got.PhoneHash == in.PhoneHash {
			t.Errorf("%+v", got)
		}
	}
	if n := h.count(t, `SELECT count(*) FROM inbound WHERE handled_at IS NULL`); n != 1 {
		t.Errorf("%d texts wait, want the copy", n)
	}
	// An earlier delivery came in meanwhile: its arrival is the one that counts.
	late := h.text(t, h.campaign, "SM2", true)
	early := late
	early.Arrival = late.Arrival.Add(-time.Minute)
	_, _, err := board.Keep(t.Context(), early)
	ok(t, err)
	if _, err := board.PassOn(t.Context(), late, []desk.Inbound{desk.ForCampaign(flu, late)}, h.Now()); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("passed on with an arrival that no longer counts: %v", err)
	}
	if n := h.count(t, `SELECT count(*) FROM inbound`); n != 3 {
		t.Errorf("%d texts, want 3", n)
	}
}

// A text is held until its campaign is named; then it waits no more.
func TestATextIsHeld(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	flu := h.second(t)
	board := db.NewSwitchboard(h.Pool, h.set)
	in := h.text(t, h.campaign, "SM1", true)
	held := func(want int) {
		t.Helper()
		got, err := board.Held(t.Context(), h.campaign.ID, in.PhoneHash, in.Arrival.Add(-time.Hour), desk.HeldText{})
		ok(t, err)
		if len(got) != want {
			t.Errorf("%d texts are held, want %d", len(got), want)
		}
	}
	held(0)
	ok(t, board.Hold(t.Context(), in))
	held(0) // not before its sender was asked
	ok(t, board.Finish(t.Context(), in, nil, nil, h.Now()))
	held(1)
	_, err := board.PassOn(t.Context(), in, []desk.Inbound{desk.ForCampaign(flu, in)}, h.Now())
	ok(t, err)
	held(0)
}

// Held texts are listed page by page, each once and in their order, also those of one instant.
func TestManyTextsAreHeld(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.second(t)
	const texts = 250
	phone := h.campaign.Keys.Phone(dbtest.Person(1).Phone)
	h.Exec(t, `INSERT INTO inbound (campaign_id, provider, provider_sid, phone_hash, from_ct, body_ct, arrival, shared, held, handled_at)
		SELECT $1, 'sim', n::text, $2, '\x00', '\x00', $3::timestamptz - (n / 3) * interval '1 second', true, true, $3 FROM generate_series(0, $4 - 1) n`,
		h.campaign.ID, phone[:], h.Now(), texts)
	board := db.NewSwitchboard(h.Pool, h.set)
	var all []desk.HeldText
	for pages := 0; ; pages++ {
		var last desk.HeldText
		if len(all) > 0 {
			last = all[len(all)-1]
		}
		page, err := board.Held(t.Context(), h.campaign.ID, phone, h.Now().Add(-time.Hour), last)
		ok(t, err)
		if len(page) == 0 {
			break
		}
		if all = append(all, page...); pages > texts {
			t.Fatal("there is no end")
		}
	}
	sorted := slices.IsSortedFunc(all, func(a, b desk.HeldText) int { return cmp.Or(a.Arrival.Compare(b.Arrival), cmp.Compare(a.ID, b.ID)) })
	if each := len(slices.Compact(slices.Clone(all))); each != texts || len(all) != texts || !sorted {
		t.Errorf("%d texts of %d, %d listed, in their order: %v", each, texts, len(all), sorted)
	}
}

// Nobody's conversation is forgotten while a text waits of which nobody knows yet whose it is.
func TestAnUndecidedTextKeepsConversations(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	flu := h.second(t)
	board := db.NewSwitchboard(h.Pool, h.set)
	first := h.text(t, flu, "SM1", false)
	ok(t, board.Finish(t.Context(), first, &desk.Conversation{FirstAt: h.Now(), Expires: h.Now().Add(time.Minute), State: []byte("x")}, nil, h.Now()))
	waits := h.text(t, h.campaign, "SM2", true) // within the minute
	h.pass(time.Hour)
	ok(t, board.Forget(t.Context(), h.Now()))
	if n := h.count(t, `SELECT count(*) FROM contact`); n != 1 {
		t.Error("a conversation was forgotten to which a text may belong")
	}
	ok(t, board.Finish(t.Context(), waits, nil, nil, h.Now()))
	ok(t, board.Forget(t.Context(), h.Now()))
	if n := h.count(t, `SELECT count(*) FROM contact`); n != 0 {
		t.Error("a conversation was kept for nobody")
	}
}

// A reminder comes at the opening as it is now, and not when its cohort is gone.
func TestAReminderMovesWithTheOpening(t *testing.T) {
	t.Parallel()
	var wanted *booking.Campaign
	h := newHouse(t, func(c *booking.Campaign) { wanted = c; c.Cohorts[0].Opens = c.Cohorts[0].Opens.Add(3 * time.Hour) })
	in := h.text(t, h.campaign, "SM1", false)
	m := desk.SayByText(in, words.Opened, booking.Korean, map[string]string{desk.ParamAbout: dbtest.Cohort})
	m.Due, m.UsefulUntil, m.Urgent, m.Dedup = wanted.Cohorts[0].Opens, wanted.Cohorts[0].Closes, false, "opened"
	h.queue(t, m)
	if out := h.release(t); len(out) != 0 {
		t.Fatal("a reminder went before the opening")
	}
	wanted.Cohorts[0].Opens = wanted.Cohorts[0].Opens.Add(2 * time.Hour)
	_, h.set = dbtest.Apply(t, h.DB, wanted)
	h.outbox = db.NewOutbox(h.Pool, h.set)
	h.pass(2*time.Hour + time.Minute)
	if out := h.release(t); len(out) != 0 {
		t.Fatal("a reminder went at the opening that was put off")
	}
	h.pass(2 * time.Hour)
	out := h.only(t)
	claim, sending, err := h.outbox.ClaimSend(t.Context(), out.id, out.n, h.Now())
	if err != nil || !sending || claim.Text.To != in.From {
		t.Errorf("%+v %v", claim, err)
	}
}
