package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// An agent reads what was texted both ways, the newest first, with what became of each, without codes; and every look has a line in the trail.
func TestAThread(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.outbox.Over(twoNumbers())
	e := h.person(t, dbtest.Person(1))
	h.queue(t, desk.Message{Entry: e, Kind: string(words.Registered), Dedup: "a"})
	h.sent(t, "SM1")
	h.pass(time.Minute)
	h.inbound(t, dbtest.Person(1))
	h.inbound(t, dbtest.Person(2)) // somebody else's
	h.pass(time.Minute)
	h.queue(t, desk.Message{Entry: e, Kind: string(words.Welcome), Dedup: "b"})
	h.sent(t, "SM2")
	h.fell(t, "SM2", 30006)
	p := &past{DB: h.DB, campaign: h.campaign, set: h.set, book: db.NewBook(h.Pool, h.set)}
	read := func(ticket string) (desk.Thread, error) {
		return p.desk(t).Thread(t.Context(), dbtest.Slug, ticket, "agent:kim")
	}
	var serial int64
	h.Scan(t, `SELECT serial FROM registration`, nil, &serial)
	got, err := read(h.campaign.Keys.Ticket(serial))
	ok(t, err)
	if len(got.Texts) != 3 || got.More {
		t.Fatalf("%+v", got)
	}
	last, theirs, first := got.Texts[0], got.Texts[1], got.Texts[2]
	if last.Kind != string(words.Welcome) || last.Fate != "undelivered" || last.Code != 30006 || last.Failure != "number" || last.Said {
		t.Errorf("the last: %+v", last)
	}
	if !theirs.In || !theirs.Said || theirs.Text != "?" || theirs.Fate != "open" || theirs.Number != "sim" {
		t.Errorf("theirs: %+v", theirs)
	}
	if first.Fate != "accepted" || first.Failure != "" || first.Text == "" || first.Data.First != 1 {
		t.Errorf("the first: %+v", first)
	}
	if n := h.count(t, `SELECT count(*) FROM audit_log WHERE act = 'thread.read' AND actor = 'agent:kim' AND registration_id = $1`, [16]byte(*e)); n != 1 {
		t.Errorf("%d lines about the look", n)
	}
	if _, err := read(h.campaign.Keys.Ticket(serial + 1)); booking.CodeOf(err) != booking.CodeUnauthorized {
		t.Errorf("a ticket that nobody has: %v", err)
	}
}

// Old threads are cut, and say so.
func TestALongThread(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	var ms []desk.Message
	for i := range 60 {
		ms = append(ms, desk.Message{Entry: e, Dedup: string(rune('0' + i))})
	}
	h.queue(t, ms...)
	p := &past{DB: h.DB, campaign: h.campaign, set: h.set, book: db.NewBook(h.Pool, h.set)}
	var serial int64
	h.Scan(t, `SELECT serial FROM registration`, nil, &serial)
	got, err := p.desk(t).Thread(t.Context(), dbtest.Slug, h.campaign.Keys.Ticket(serial), "agent:kim")
	if err != nil || len(got.Texts) != 50 || !got.More {
		t.Errorf("%d texts, more: %v, %v", len(got.Texts), got.More, err)
	}
}

// A text that cannot be opened is one line that says so; the others are shown as they are.
func TestAThreadWithAnUnreadableText(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.person(t, dbtest.Person(1))
	h.inbound(t, dbtest.Person(1))
	h.pass(time.Minute)
	broken := h.inbound(t, dbtest.Person(1))
	h.Exec(t, `UPDATE inbound SET body_ct = decode('00ff', 'hex') || body_ct WHERE id = $1`, broken)
	h.pass(time.Minute)
	h.inbound(t, dbtest.Person(1))
	p := &past{DB: h.DB, campaign: h.campaign, set: h.set, book: db.NewBook(h.Pool, h.set)}
	var serial int64
	h.Scan(t, `SELECT serial FROM registration`, nil, &serial)
	got, err := p.desk(t).Thread(t.Context(), dbtest.Slug, h.campaign.Keys.Ticket(serial), "agent:kim")
	ok(t, err)
	if len(got.Texts) != 3 {
		t.Fatalf("%d texts", len(got.Texts))
	}
	for i, want := range []desk.ThreadText{{Text: "?", Fate: "open"}, {Fate: desk.FateUnreadable}, {Text: "?", Fate: "open"}} {
		if x := got.Texts[i]; x.Text != want.Text || x.Fate != want.Fate || !x.In || x.Unreadable() != (want.Text == "") {
			t.Errorf("text %d: %+v", i, x)
		}
	}
	if got.Texts[1].Inbound != broken {
		t.Errorf("the log would name text %d, not %d", got.Texts[1].Inbound, broken)
	}
}
