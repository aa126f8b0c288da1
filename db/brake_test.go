package db_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

func brake(t *testing.T, d *dbtest.DB, c *desk.Campaign, what booking.Brake) {
	t.Helper()
	if fresh, err := db.SetBrake(t.Context(), d.Pool, c, what, "the worst night", "operator:kim", time.Now()); err != nil || !fresh {
		t.Fatalf("brake %s: new %t, %v", what, fresh, err)
	}
}

func release(t *testing.T, d *dbtest.DB, c *desk.Campaign, what booking.Brake) {
	t.Helper()
	if was, err := db.ReleaseBrake(t.Context(), d.Pool, c, what, "", "operator:lee", time.Now()); err != nil || !was {
		t.Fatalf("release %s: stood still %t, %v", what, was, err)
	}
}

func TestBrakesAreShownAndKept(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d)
	for _, what := range booking.Brakes() {
		brake(t, d, c, what)
	}
	if fresh, err := db.SetBrake(t.Context(), d.Pool, c, booking.BrakeCalls, "another reason", "operator:park", time.Now()); err != nil || fresh {
		t.Errorf("braked twice: new %t, %v", fresh, err)
	}
	if _, err := db.SetBrake(t.Context(), d.Pool, c, booking.BrakeCalls, strings.Repeat("가", 501), "operator:park", time.Now()); err == nil {
		t.Error("a reason of 501 characters was taken")
	}
	ok(t, set.Refresh(t.Context()))
	held, err := set.BySlug(dbtest.Slug)
	ok(t, err)
	for _, what := range booking.Brakes() {
		if !held.Braked(what) || c.Braked(what) {
			t.Errorf("%s: held %t; whoever reads the earlier one sees %t", what, held.Braked(what), c.Braked(what))
		}
	}
	shown, err := db.ListBrakes(t.Context(), d.Pool, "")
	ok(t, err)
	if len(shown) != 4 || shown[3].Actor != "operator:kim" || shown[3].Reason != "the worst night" || shown[3].Campaign != dbtest.Slug {
		t.Errorf("shown: %+v", shown)
	}
	release(t, d, c, booking.BrakeCalls)
	if was, err := db.ReleaseBrake(t.Context(), d.Pool, c, booking.BrakeCalls, "", "operator:lee", time.Now()); err != nil || was {
		t.Errorf("released twice: %t, %v", was, err)
	}
	ok(t, set.Refresh(t.Context()))
	if held, _ = set.BySlug(dbtest.Slug); held.Braked(booking.BrakeCalls) || !held.Braked(booking.BrakeIntake) {
		t.Errorf("held after the release: %v", held.Brakes)
	}
	var on, off int
	d.Scan(t, `SELECT count(*) FILTER (WHERE act = 'brake.on' AND actor = 'operator:kim'), count(*) FILTER (WHERE act = 'brake.off' AND actor = 'operator:lee') FROM audit_log`, nil, &on, &off)
	if on != 4 || off != 1 {
		t.Errorf("the trail has %d brakes and %d releases", on, off)
	}
}

// A brake in the middle of sending: nothing leaves until it goes on, and each message leaves once.
func TestBrakedSendingLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	var ms []desk.Message
	for i := range 40 {
		ms = append(ms, desk.Message{Entry: e, Urgent: i%4 == 0, Dedup: "brake/" + string(rune('a'+i))})
	}
	id := h.queue(t, ms...)
	var sent atomic.Int64
	deliver := func(m handed) string {
		fate, err := h.outbox.DeliverOne(t.Context(), m.id, m.n, h, func(context.Context, words.Kind, booking.Lang, words.Data, desk.OutgoingText) desk.SendResult {
			return desk.SendResult{Outcome: desk.SendAccepted, ProviderID: "SM" + uuid.NewString() + string(rune(sent.Add(1)))}
		})
		if err != nil {
			t.Error(err)
		}
		return fate
	}
	queued := h.release(t)
	if len(queued) < 4 {
		t.Fatalf("%d released", len(queued))
	}
	claimed, isOurs, err := h.outbox.ClaimSend(t.Context(), queued[0].id, queued[0].n, h.Now())
	if err != nil || !isOurs {
		t.Fatalf("claimed %t, %v", isOurs, err)
	}
	if fate := deliver(queued[1]); fate != "accepted" {
		t.Fatalf("fate %q", fate)
	}
	brake(t, h.DB, h.campaign, booking.BrakeSending)
	if n, err := h.outbox.UnderWay(t.Context(), h.campaign.ID); err != nil || n != 1 {
		t.Errorf("%d under way, %v", n, err)
	}
	if _, err := h.outbox.FinishSend(t.Context(), claimed, desk.SendResult{Outcome: desk.SendAccepted, ProviderID: "SMunderway"}, h.Now()); err != nil {
		t.Error(err)
	}
	var wg sync.WaitGroup
	for _, m := range queued[2:] { // their tasks are in Redis already
		wg.Go(func() {
			if fate := deliver(m); fate != db.FateBraked {
				t.Errorf("message %d: %q", m.id, fate)
			}
			if fate := deliver(m); fate != "" {
				t.Errorf("message %d has left its task: %q", m.id, fate)
			}
		})
	}
	wg.Wait()
	for range 5 {
		h.pass(time.Minute)
		if got := h.release(t); len(got) != 0 {
			t.Fatalf("%d were released under the brake", len(got))
		}
		if _, _, err := h.outbox.Sweep(t.Context(), h.Now(), time.Second, time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if n := sent.Load(); n != 1 {
		t.Fatalf("%d texts left", n)
	}
	release(t, h.DB, h.campaign, booking.BrakeSending)
	for range 60 {
		h.pass(time.Second)
		for _, m := range h.release(t) {
			wg.Go(func() { deliver(m) })
			wg.Go(func() { deliver(m) }) // the task comes twice
		}
		wg.Wait()
	}
	if n := h.count(t, `SELECT count(*) FROM message WHERE state = 'accepted'`); n != len(id) {
		t.Errorf("%d of %d texts left in the end", n, len(id))
	}
	if n := h.count(t, `SELECT count(*) FROM send_attempt`); n != len(id) {
		t.Errorf("%d attempts for %d messages", n, len(id))
	}
	if n := sent.Load(); int(n) != len(id)-1 { // the one under way was answered by hand
		t.Errorf("the provider was called %d times", n)
	}
}

// A brake between two pages of a round: the page that is written stands, the next round goes on behind it.
func TestBrakedRoundStopsAtTheNextPage(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	for i := range 9 {
		p.apply(t, i, time.Duration(20-i)*time.Second)
	}
	p.announce(t)
	pool := p.campaign.Queues[dbtest.Queue].Pool
	p.Exec(t, `CREATE FUNCTION pull() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
		INSERT INTO brake VALUES ((SELECT campaign_id FROM pool WHERE id = NEW.pool_id), 'rounds', now(), 'test', '') ON CONFLICT DO NOTHING; RETURN NEW; END $$`)
	p.Exec(t, `CREATE TRIGGER pull AFTER INSERT ON round FOR EACH ROW WHEN (NEW.page = 0 AND NEW.number = 1) EXECUTE FUNCTION pull()`)
	a := db.NewAssigner(p.Pool, p.set, 2)
	if r, err := a.RunRound(t.Context(), pool, "job:assign"); err != nil || r.Assigned != 2 {
		t.Fatalf("a round that was braked after its first page: %+v, %v", r, err)
	}
	for range 2 {
		if r, err := a.RunRound(t.Context(), pool, "job:assign"); err != nil || r.Looked != 0 {
			t.Fatalf("a round under the brake: %+v, %v", r, err)
		}
	}
	if still, err := db.AwaitPages(t.Context(), p.Pool, p.campaign, time.Second); still || err != nil {
		t.Errorf("a page is under way: %t, %v", still, err)
	}
	release(t, p.DB, p.campaign, booking.BrakeRounds)
	if r, err := a.RunRound(t.Context(), pool, "job:assign"); err != nil || r.Assigned != 7 {
		t.Fatalf("the round after the brake: %+v, %v", r, err)
	}
	p.clean(t)
}

// AwaitPages does not wait for ever for a page that hangs.
func TestAwaitPagesGivesUp(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.holding(t, `SELECT FROM pool FOR UPDATE`, nil, func() {
		if still, err := db.AwaitPages(t.Context(), p.Pool, p.campaign, 50*time.Millisecond); !still || err != nil {
			t.Errorf("still %t, %v", still, err)
		}
	})
}

// Whoever is refused under the brake keeps the arrival, at every door.
func TestBrakedIntakeKeepsArrivals(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	stamps, err := p.Master.Stamps()
	ok(t, err)
	clock := db.NewClock()
	ok(t, clock.Sample(t.Context(), p.Pool))
	phones := db.NewSwitchboard(p.Pool, p.set)
	d := desk.New(desk.Ports{Campaigns: p.set, Intake: p.intake, Book: p.book, Phones: phones, Clock: clock, Stamps: stamps})
	brake(t, p.DB, p.campaign, booking.BrakeIntake)
	ok(t, p.set.Refresh(t.Context()))

	arrival := clock.Now().Truncate(time.Microsecond)
	a := desk.Applying{Person: dbtest.Person(1), Region: dbtest.Region, Lang: booking.Korean, Secret: "secret", Operation: uuid.New()}
	_, err = d.Register(t.Context(), dbtest.Slug, desk.Entrance{Door: desk.DoorApp, Actor: "app", Received: arrival}, &a)
	var refused *booking.Error
	if !errors.As(err, &refused) || refused.Code != booking.CodeOverloaded || refused.Stamp == "" {
		t.Fatalf("an application under the brake: %v", err)
	}
	_, err = d.Register(t.Context(), dbtest.Slug, desk.Entrance{Door: desk.DoorAgent, Actor: "agent:kim", Received: arrival},
		&desk.Applying{Person: dbtest.Person(3), Region: dbtest.Region, Lang: booking.Korean, Attested: true, Operation: uuid.New()})
	if booking.CodeOf(err) != booking.CodeOverloaded {
		t.Errorf("an agent under the brake: %v", err)
	}
	in := p.keptText(t, phones, 2, arrival.Add(time.Millisecond))
	byText := func() error {
		_, c, err := d.Text(t.Context(), in.ID)
		ok(t, err)
		_, _, err = d.RegisterByText(t.Context(), c, in, []time.Time{in.Arrival}, desk.Applying{Person: dbtest.Person(2), Region: dbtest.Region, Lang: booking.Korean})
		return err
	}
	if err := byText(); booking.CodeOf(err) != booking.CodeOverloaded {
		t.Errorf("a text under the brake: %v", err)
	}
	for range 20 { // hours of sweeps use up no tries
		if open, err := phones.OpenInbound(t.Context(), arrival.Add(12*time.Hour), arrival.Add(12*time.Hour)); err != nil || len(open) != 0 {
			t.Fatalf("open under the brake: %v, %v", open, err)
		}
	}
	if n := p.int(t, `SELECT count(*) FROM registration`); n != 0 {
		t.Fatalf("%d people were stored under the brake", n)
	}

	release(t, p.DB, p.campaign, booking.BrakeIntake)
	ok(t, p.set.Refresh(t.Context()))
	a.Stamp = refused.Stamp
	for range 2 {
		got, err := d.Register(t.Context(), dbtest.Slug, desk.Entrance{Door: desk.DoorApp, Actor: "app", Received: clock.Now()}, &a)
		if err != nil || got.Stamp != booking.StampCounted || !got.At.Equal(arrival) {
			t.Fatalf("after the brake: %+v, %v", got, err)
		}
	}
	if open, err := phones.OpenInbound(t.Context(), arrival.Add(time.Minute), arrival.Add(time.Minute)); err != nil || len(open) != 1 || open[0].ID != in.ID {
		t.Fatalf("open after the brake: %v, %v", open, err)
	}
	ok(t, byText())
	if n := p.int(t, `SELECT count(*) FROM registration WHERE arrival IN ($1, $2)`, arrival, in.Arrival); n != 2 {
		t.Errorf("%d of 2 people have the arrival that they came with", n)
	}
}

// What waits because of a brake is not lost: the audit says nothing, and does when there was none.
func TestAuditKnowsBrakes(t *testing.T) {
	t.Parallel()
	for _, braked := range []bool{true, false} {
		p := newPast(t)
		p.apply(t, 0, time.Minute)
		p.announce(t)
		p.keptText(t, db.NewSwitchboard(p.Pool, p.set), 1, p.now(t).Add(-time.Hour))
		p.Exec(t, `UPDATE message SET due_at = now() - interval '1 hour', created_at = now() - interval '1 hour'`)
		if braked {
			brake(t, p.DB, p.campaign, booking.BrakeSending)
			brake(t, p.DB, p.campaign, booking.BrakeIntake)
		}
		look := func() bool {
			r, err := db.Audit(t.Context(), p.Pool, p.set, db.AuditOptions{Now: p.now(t)})
			ok(t, err)
			return r.Laws[0].Violations == 0 && r.Laws[4].Violations == 0
		}
		if look() != braked {
			t.Errorf("braked %t: the audit is content: %t", braked, !braked)
		}
		if !braked {
			continue
		}
		release(t, p.DB, p.campaign, booking.BrakeSending)
		release(t, p.DB, p.campaign, booking.BrakeIntake)
		if !look() {
			t.Error("what is let go is given no time")
		}
		p.Exec(t, `UPDATE audit_log SET at = at - interval '1 hour' WHERE act LIKE 'brake%'`)
		if look() {
			t.Error("what has not moved long after a brake is not found")
		}
	}
}

// keptText keeps a text of the n-th invented person.
func (p *past) keptText(t *testing.T, phones *db.Switchboard, n int, at time.Time) desk.Inbound {
	t.Helper()
	person := dbtest.Person(n)
	in := desk.Inbound{
		Campaign: p.campaign.ID, Provider: "sim", ProviderSID: uuid.NewString(), From: person.Phone, Body: "?", Arrival: at.Truncate(time.Microsecond),
		PhoneHash: p.campaign.Keys.Lookup(booking.LookupText(booking.LookupPhone, person)),
	}
	var err error
	in.ID, _, err = phones.Keep(t.Context(), in)
	ok(t, err)
	return in
}
