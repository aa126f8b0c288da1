package db_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// Of two deliveries of one text the earlier arrival counts, whichever is stored first, until one is handled.
func TestTheEarlierDeliveryCounts(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	phones := db.NewSwitchboard(p.Pool, p.set)
	at := p.now(t).Add(-10 * time.Minute)
	text := desk.Inbound{Campaign: p.campaign.ID, Provider: "twilio", ProviderSID: "SM1", From: dbtest.Person(1).Phone, Body: "예약"}
	keep := func(arrival time.Time, via desk.Via, wantFresh bool) desk.Inbound {
		t.Helper()
		text.Arrival, text.Via = arrival, via
		id, fresh, err := phones.Keep(t.Context(), text)
		ok(t, err)
		if fresh != wantFresh {
			t.Errorf("fresh is %v", fresh)
		}
		in, err := phones.Inbound(t.Context(), id)
		ok(t, err)
		return in
	}
	second := keep(at.Add(time.Minute), desk.ViaDoor, true) // at another node
	first := keep(at, desk.ViaJournal, false)               // replayed
	if first.ID != second.ID || !first.Arrival.Equal(at) || first.Via != desk.ViaJournal {
		t.Errorf("%+v", first)
	}
	if again := keep(at.Add(time.Minute), desk.ViaDoor, false); !again.Arrival.Equal(at) || again.Via != desk.ViaJournal {
		t.Errorf("a later delivery changed it: %+v", again)
	}
	// Whoever read it before the earlier delivery came handles it again.
	if err := phones.Finish(t.Context(), second, nil, nil, p.now(t)); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("finished with an arrival that no longer counts: %v", err)
	}
	ok(t, phones.Finish(t.Context(), first, nil, nil, p.now(t)))
	ok(t, phones.Finish(t.Context(), second, nil, nil, p.now(t))) // handled: nothing more to do
	if handled := keep(at.Add(-time.Minute), desk.ViaDoor, false); !handled.Handled || !handled.Arrival.Equal(at) {
		t.Errorf("a text that is handled was changed: %+v", handled)
	}
}

// Whatever a telephone can send is kept as it came, and read again for whoever sent it, wherever that is.
func TestOddTextsAreKept(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	phones := db.NewSwitchboard(p.Pool, p.set)
	for i, body := range []string{"", strings.Repeat("😀", 1600), "مرحبا بالعالم", "예약\n\t\u202e", strings.Repeat("x", 1600)} {
		from, err := booking.ParseE164([]string{"+18005550100", "+442079460000", "+9647701234567", "+2348012345678", "+6834000"}[i])
		ok(t, err)
		id, _, err := phones.Keep(t.Context(), desk.Inbound{
			Campaign: p.campaign.ID, Provider: "twilio", ProviderSID: fmt.Sprint("SM", i), From: from, Body: body, Arrival: p.now(t),
		})
		ok(t, err)
		if in, err := phones.Inbound(t.Context(), id); err != nil || in.Body != body || in.From != from {
			t.Errorf("text %d: %d bytes came back of %d: %v", i, len(in.Body), len(body), err)
		}
	}
}

// A late text moves the entry of whoever was registered by a later one. It makes none, and whoever gave up after it came
// gains nothing by it.
func TestALateTextCountsForAnEntryThatStands(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	clock := db.NewClock()
	ok(t, clock.Sample(t.Context(), p.Pool))
	d := desk.New(desk.Ports{Campaigns: p.set, Intake: p.intake, Book: p.book, Phones: db.NewSwitchboard(p.Pool, p.set), Clock: clock})
	at := p.now(t).Add(-40 * time.Minute)
	who := desk.Applying{Person: dbtest.Person(1), Region: dbtest.Region, Lang: booking.Korean}
	in := func(sid string, arrival time.Time) desk.Inbound {
		id, _, err := d.KeepText(t.Context(), p.campaign, desk.Inbound{
			Campaign: p.campaign.ID, Provider: "twilio", ProviderSID: sid, From: who.Person.Phone, Body: "예약", Arrival: arrival,
		})
		ok(t, err)
		kept, _, err := d.Text(t.Context(), id)
		ok(t, err)
		return kept
	}
	stands := func(want ...time.Time) {
		t.Helper()
		var n int
		p.Scan(t, `SELECT count(*) FROM registration`, nil, &n)
		if n != len(want) {
			t.Fatalf("%d entries, want %d", n, len(want))
		}
		for generation, w := range want {
			var got time.Time
			p.Scan(t, `SELECT arrival FROM registration ORDER BY serial LIMIT 1 OFFSET $1`, []any{generation}, &got)
			if !got.Equal(w) {
				t.Errorf("generation %d stands at %s, want %s", generation, got, w)
			}
		}
	}
	ok(t, d.CreditByText(t.Context(), p.campaign, in("0", at), who))
	stands()
	later := in("2", at.Add(2*time.Minute))
	_, completed, err := d.RegisterByText(t.Context(), p.campaign, later, []time.Time{later.Arrival}, who)
	if ok(t, err); !completed {
		t.Fatal("not registered")
	}
	ok(t, d.CreditByText(t.Context(), p.campaign, in("1", at.Add(time.Minute)), who))
	stands(at.Add(time.Minute))

	var id [16]byte
	p.Scan(t, `SELECT id FROM registration`, nil, &id)
	ok(t, p.book.Withdraw(t.Context(), desk.Change{
		Campaign: p.campaign.ID, ID: id, Operation: uuid.New(), Kind: "cancel", Digest: p.campaign.Keys.Digest("cancel", id[:]), Actor: "app", At: p.now(t),
	}))
	ok(t, d.CreditByText(t.Context(), p.campaign, in("0", at), who))
	replies, _, err := d.RegisterByText(t.Context(), p.campaign, later, []time.Time{at, later.Arrival}, who) // asked for before it was given up
	if ok(t, err); len(replies) != 1 || replies[0].Kind != "status" {
		t.Errorf("%+v", replies)
	}
	stands(at.Add(time.Minute))
	again := in("3", p.now(t))
	_, _, err = d.RegisterByText(t.Context(), p.campaign, again, []time.Time{again.Arrival}, who)
	ok(t, err)
	ok(t, d.CreditByText(t.Context(), p.campaign, in("0", at), who))
	stands(at.Add(time.Minute), again.Arrival)
}
