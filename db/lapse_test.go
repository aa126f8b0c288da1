package db_test

import (
	"sync"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// lapsing lets silence end an offer two hours after it was delivered.
func lapsing(c *booking.Campaign) {
	for i := range c.Cohorts {
		c.Cohorts[i].Lapse = 2 * time.Hour
	}
}

// offered lets so many people apply, get a place and, as far as there is room, an appointment.
func (p *past) offered(t *testing.T, people int) {
	t.Helper()
	for n := range people {
		p.apply(t, n, time.Duration(people-n)*time.Minute)
	}
	p.announce(t)
	p.round(t)
}

// arrived says since when the n-th person's offer is known to have reached the phone, or what else became of it.
func (p *past) arrived(t *testing.T, n int, state string, ago time.Duration) {
	t.Helper()
	p.Exec(t, `UPDATE message SET state = $2, state_at = $3 WHERE registration_id = $1 AND kind IN ('offer', 'changed', 'moved', 'redated')`, [16]byte(p.ids[n]), state, p.now(t).Add(-ago))
}

// stands is the n-th person's latest appointment: its state and slot.
func (p *past) stands(t *testing.T, n int) (state string, slot int64) {
	t.Helper()
	p.Scan(t, `SELECT state, slot_id FROM appointment WHERE registration_id = $1 ORDER BY id DESC LIMIT 1`, []any{[16]byte(p.ids[n])}, &state, &slot)
	return state, slot
}

func (p *past) messages(t *testing.T, n int, kind string) int {
	t.Helper()
	return p.int(t, `SELECT count(*) FROM message WHERE registration_id = $1 AND kind = $2`, [16]byte(p.ids[n]), kind)
}

func TestOffersLapseOnlyAfterKnownDelivery(t *testing.T) {
	t.Parallel()
	p := newPast(t, lapsing)
	p.offered(t, 6)
	p.delivered(t)
	p.arrived(t, 0, "delivered", 3*time.Hour)
	p.arrived(t, 1, "delivered", time.Hour)
	p.arrived(t, 2, "undelivered", 3*time.Hour)
	p.arrived(t, 3, "unknown", 3*time.Hour)
	p.arrived(t, 4, "delivered", 3*time.Hour)
	ok(t, p.book.Answer(t.Context(), p.change(t, 4, "confirm"), 0, booking.Confirmed))
	p.arrived(t, 5, "delivered", 3*time.Hour)
	p.Exec(t, `INSERT INTO escalation (campaign_id, registration_id, message_id, reason, opened_at)
		SELECT campaign_id, registration_id, id, 'undelivered', now() FROM message WHERE registration_id = ANY($1) AND kind = 'offer'`, [][16]byte{p.ids[5], p.ids[2]})
	_, slot := p.stands(t, 0)
	lapser := db.NewLapser(p.Pool, p.set, 1)
	n, err := lapser.Lapse(t.Context(), "job:lapse", p.now(t))
	if err != nil || n != 1 {
		t.Fatalf("%d offers lapsed (%v), want that of the one who was reached and said nothing", n, err)
	}
	for n, want := range []string{"lapsed", "offered", "offered", "offered", "confirmed", "offered"} {
		if state, _ := p.stands(t, n); state != want {
			t.Errorf("person %d: %s, want %s", n, state, want)
		}
	}
	if p.messages(t, 0, "lapsed") != 1 || p.int(t, `SELECT count(*) FROM message WHERE kind = 'lapsed'`) != 1 {
		t.Error("who lost the time was not told once, or somebody else was")
	}
	if n := p.int(t, `SELECT count(*) FROM waiting WHERE look AND registration_id = $1`, [16]byte(p.ids[0])); n != 1 {
		t.Error("who lost the time does not wait to be looked at")
	}
	p.round(t)
	if state, again := p.stands(t, 0); state != "offered" || again == slot {
		t.Errorf("after the next round: %s, slot %d; the lapsed one was %d and is not offered again", state, again, slot)
	}
	if n, err := lapser.Lapse(t.Context(), "job:lapse", p.now(t)); n != 0 || err != nil {
		t.Errorf("a second run ended %d offers (%v)", n, err)
	}
	p.clean(t)
}

// Whoever let a slot lapse is not passed over when somebody later in order gets that very slot.
func TestALapsedSlotGoesToTheNextInOrder(t *testing.T) {
	t.Parallel()
	p := newPast(t, lapsing, func(c *booking.Campaign) { c.Cohorts[0].FirstRound = c.Cohorts[0].Opens.Add(time.Minute) })
	p.offered(t, seats+1)
	p.arrived(t, 3, "delivered", 3*time.Hour)
	_, slot := p.stands(t, 3)
	if n, err := db.NewLapser(p.Pool, p.set, 10).Lapse(t.Context(), "job:lapse", p.now(t)); n != 1 || err != nil {
		t.Fatalf("%d offers lapsed (%v)", n, err)
	}
	// As if everything had happened half an hour ago: the audit leaves a margin after each instant.
	p.Exec(t, `UPDATE appointment_event SET stored_at = stored_at - interval '30 minutes'`)
	p.Exec(t, `UPDATE place SET sealed_at = sealed_at - interval '40 minutes'`)
	p.Exec(t, `UPDATE appointment SET made_at = made_at - interval '35 minutes'`)
	p.Exec(t, `UPDATE round SET at = at - interval '35 minutes'`)
	p.round(t)
	if state, got := p.stands(t, seats); state != "offered" || got != slot {
		t.Fatalf("who waited: %s, slot %d, want the one that lapsed, %d", state, got, slot)
	}
	if state, _ := p.stands(t, 3); state != "lapsed" {
		t.Fatalf("who let it lapse: %s", state)
	}
	p.clean(t)
}

func TestSilenceIsNeverCountedAsADecline(t *testing.T) {
	t.Parallel()
	p := newPast(t, lapsing)
	p.offered(t, 1)
	lapser := db.NewLapser(p.Pool, p.set, 10)
	for range 4 {
		p.arrived(t, 0, "delivered", 3*time.Hour)
		if n, err := lapser.Lapse(t.Context(), "job:lapse", p.now(t)); n != 1 || err != nil {
			t.Fatalf("%d offers lapsed (%v)", n, err)
		}
		p.round(t)
	}
	if state, _ := p.stands(t, 0); state != "offered" {
		t.Errorf("after four offers that nobody answered: %s; the fifth is given all the same", state)
	}
	if n := p.int(t, `SELECT count(*) FROM escalation WHERE reason = 'silent'`); n != 1 {
		t.Errorf("%d items on the agents' list, want one", n)
	}
	if n := p.int(t, `SELECT count(DISTINCT slot_id) FROM appointment`); n != 5 {
		t.Errorf("five offers were of %d slots", n)
	}
	p.clean(t)
}

func TestARuleThatGivesMoreTimeMovesTheClock(t *testing.T) {
	t.Parallel()
	p := newPast(t, lapsing)
	p.offered(t, 1)
	p.arrived(t, 0, "delivered", time.Hour)
	lapser := func() *db.Lapser { return db.NewLapser(p.Pool, p.set, 10) }
	if n, err := lapser().Lapse(t.Context(), "job:lapse", p.now(t)); n != 0 || err != nil {
		t.Fatalf("%d offers lapsed after one of two hours (%v)", n, err)
	}
	ok(t, p.reapply(t, false, func(c *booking.Campaign) { c.Cohorts[0].Lapse = 5 * time.Hour }))
	if n, err := lapser().Lapse(t.Context(), "job:lapse", p.now(t).Add(3*time.Hour)); n != 0 || err != nil {
		t.Fatalf("%d offers lapsed after four of five hours (%v)", n, err)
	}
	ok(t, p.reapply(t, false, func(c *booking.Campaign) { c.Cohorts[0].Lapse = 0 }))
	if n, err := lapser().Lapse(t.Context(), "job:lapse", p.now(t).Add(9*time.Hour)); n != 0 || err != nil {
		t.Fatalf("%d offers lapsed where silence costs nothing (%v)", n, err)
	}
	p.clean(t)
}

func TestLapsersAndAnswersRace(t *testing.T) {
	t.Parallel()
	const people = 12
	p := newPast(t, lapsing, dbtest.Capacity(1))
	p.offered(t, people)
	p.delivered(t)
	p.Exec(t, `UPDATE message SET state_at = clock_timestamp() - interval '3 hours' WHERE kind = 'offer'`)
	var wg sync.WaitGroup
	now := p.now(t)
	for range 3 {
		wg.Go(func() {
			if _, err := db.NewLapser(p.Pool, p.set, 2).Lapse(t.Context(), "job:lapse", now); err != nil {
				t.Error(err)
			}
		})
	}
	for n := range people {
		c := p.change(t, n, "confirm")
		wg.Go(func() {
			if err := p.book.Answer(t.Context(), c, 0, booking.Confirmed); err != nil && booking.CodeOf(err) != booking.CodeConflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := p.int(t, `SELECT count(*) FROM appointment WHERE state NOT IN ('lapsed', 'confirmed')`); n != 0 {
		t.Errorf("%d offers neither lapsed nor were confirmed", n)
	}
	if a, b := p.int(t, `SELECT count(*) FROM appointment WHERE state = 'lapsed'`), p.int(t, `SELECT count(*) FROM message WHERE kind = 'lapsed'`); a != b {
		t.Errorf("%d lapsed, %d were told", a, b)
	}
	p.round(t)
	p.clean(t)
}

// The answer came in time, and we have not handled it yet (a lost wake-up, a full worker, a brake on the intake that the sweep heeds).
func TestAnAnswerThatIsNotDealtWithKeepsTheOffer(t *testing.T) {
	t.Parallel()
	p := newPast(t, lapsing)
	p.offered(t, 1)
	p.arrived(t, 0, "delivered", 3*time.Hour)
	phones := db.NewSwitchboard(p.Pool, p.set)
	brake(t, p.DB, p.campaign, booking.BrakeIntake)
	p.keptText(t, phones, 0, p.now(t).Add(-150*time.Minute)) // half an hour after delivery, of two hours
	ids, err := phones.OpenInbound(t.Context(), p.now(t), p.now(t))
	ok(t, err)
	n, err := db.NewLapser(p.Pool, p.set, 10).Lapse(t.Context(), "job:lapse", p.now(t))
	ok(t, err)
	if n != 0 {
		t.Errorf("the sweep lists %d texts of a braked intake; the person's text lies there unhandled since 90 minutes before the deadline, and the offer lapsed", len(ids))
	}
}

// The answer may lie in a text to a shared number that another campaign keeps, under a hash that means nothing here.
func TestAnUndecidedTextKeepsTheOffer(t *testing.T) {
	t.Parallel()
	p := newPast(t, lapsing)
	p.offered(t, 1)
	p.arrived(t, 0, "delivered", 3*time.Hour)
	other, set := dbtest.Campaign(t, p.DB, func(c *booking.Campaign) { c.Slug = "other" })
	phones := db.NewSwitchboard(p.Pool, set)
	in := desk.Inbound{Campaign: other.ID, Provider: "twilio", ProviderSID: "SM1", From: dbtest.Person(0).Phone, Body: "1", Arrival: p.now(t).Add(-150 * time.Minute), Shared: true}
	var err error
	in.ID, _, err = phones.Keep(t.Context(), in)
	ok(t, err)
	lapse := func(want int) {
		t.Helper()
		if n, err := db.NewLapser(p.Pool, set, 10).Lapse(t.Context(), "job:lapse", p.now(t)); n != want || err != nil {
			t.Errorf("%d offers lapsed (%v), want %d", n, err, want)
		}
	}
	lapse(0)
	in, err = phones.Inbound(t.Context(), in.ID)
	ok(t, err)
	ok(t, phones.Finish(t.Context(), in, nil, nil, p.now(t)))
	lapse(1)
}

// Whoever got an offer while silence cost nothing keeps it in silence, whatever rule comes later, and comes back.
func TestALapseCountsForNewOffersOnly(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	lapse := func(hours int, want int) {
		t.Helper()
		if n, err := db.NewLapser(p.Pool, p.set, 10).Lapse(t.Context(), "job:lapse", p.now(t).Add(time.Duration(hours)*time.Hour)); n != want || err != nil {
			t.Errorf("%d offers lapsed (%v), want %d", n, err, want)
		}
	}
	offer := func(n int) {
		p.apply(t, n, time.Minute)
		p.announce(t)
		p.round(t)
	}
	offer(0)
	p.arrived(t, 0, "delivered", 3*time.Hour)
	ok(t, p.reapply(t, false, lapsing))
	lapse(0, 0)
	offer(1)
	p.arrived(t, 1, "delivered", 0)
	lapse(1, 0)
	lapse(3, 1)
	ok(t, p.reapply(t, false, func(c *booking.Campaign) { c.Cohorts[0].Lapse = 0 }))
	offer(2)
	p.arrived(t, 2, "delivered", 0)
	ok(t, p.reapply(t, false, lapsing))
	lapse(9, 0)
	for n, want := range []string{"offered", "lapsed", "offered"} {
		var first string
		p.Scan(t, `SELECT state FROM appointment WHERE registration_id = $1 ORDER BY id LIMIT 1`, []any{[16]byte(p.ids[n])}, &first)
		if first != want {
			t.Errorf("person %d: %s, want %s", n, first, want)
		}
	}
	p.clean(t)
}

// A page that has to be written twice (a deadlock, a changed plan) is not passed over.
func TestAPageOfClocksThatIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := newPast(t, lapsing)
	p.offered(t, 2)
	lapse := func() {
		t.Helper()
		_, err := db.NewLapser(p.Pool, p.set, 1).Lapse(t.Context(), "job:lapse", p.now(t))
		ok(t, err)
	}
	lapse()
	p.arrived(t, 0, "delivered", 4*time.Hour)
	p.arrived(t, 1, "delivered", 3*time.Hour)
	p.Exec(t, `CREATE SEQUENCE tries; GRANT USAGE ON tries TO jari_app`)
	p.Exec(t, `CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN IF nextval(''tries'') = 1 THEN RAISE EXCEPTION ''once'' USING ERRCODE = ''serialization_failure''; END IF; RETURN NEW; END'`)
	p.Exec(t, `CREATE TRIGGER fail_once BEFORE INSERT ON lapse FOR EACH ROW EXECUTE FUNCTION fail_once()`)
	lapse()
	lapse()
	if n := p.int(t, `SELECT count(*) FROM appointment WHERE state = 'lapsed'`); n != 2 {
		t.Errorf("%d offers lapsed, want 2", n)
	}
}

// Who answers while our door is away answers in time: nobody's offer lapses before the provider's log was read.
func TestNoOfferLapsesWhileTheTextDoorIsAway(t *testing.T) {
	t.Parallel()
	p := newPast(t, lapsing)
	p.offered(t, 2)
	p.delivered(t)
	p.arrived(t, 0, "delivered", 3*time.Hour)                // its clock ran out an hour ago,
	p.arrived(t, 1, "delivered", 3*time.Hour+40*time.Minute) // and this one's before the door went away
	lapser, outages := db.NewLapser(p.Pool, p.set, 10), db.NewOutages(p.Pool)
	lapse := func(when string, want int) {
		t.Helper()
		if n, err := lapser.Lapse(t.Context(), "job:lapse", p.now(t)); n != want || err != nil {
			t.Errorf("%s: %d offers lapsed (%v), want %d", when, n, err, want)
		}
	}
	ok(t, db.NewTextDoor(p.Pool, "twilio").Sign(t.Context(), p.now(t).Add(-90*time.Minute)))
	lapse("away", 1)
	back := db.NewTextDoor(p.Pool, "twilio")
	ok(t, back.Sign(t.Context(), p.now(t)))
	lapse("back", 0)
	ok(t, outages.Find(t.Context(), p.now(t), 0))
	lapse("noted", 0)
	for range 2 {
		o, due, err := outages.Due(t.Context(), p.now(t).Add(time.Second), 0)
		if ok(t, err); !due {
			t.Fatal("nobody reads the log")
		}
		lapse("not read to the end", 0)
		ok(t, outages.Read(t.Context(), o, 0, p.now(t), 0))
	}
	ok(t, back.Sign(t.Context(), p.now(t)))
	lapse("read", 1)
}
