package db_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// past is a small honest history, made by the code that makes every history.
type past struct {
	*dbtest.DB
	campaign *desk.Campaign
	set      *db.Campaigns
	intake   *db.Intake
	book     *db.Book
	wanted   *booking.Campaign // as it was applied last, with its slots
	ids      []booking.ID      // by number of the invented person
}

func newPast(t *testing.T, opts ...dbtest.Options) *past {
	t.Helper()
	p := &past{DB: dbtest.New(t)}
	opts = append(opts, func(c *booking.Campaign) { p.wanted = c })
	p.campaign, p.set = dbtest.Campaign(t, p.DB, opts...)
	p.intake = db.NewIntake(p.Pool, db.IntakeOptions{})
	t.Cleanup(p.intake.Close)
	p.book = db.NewBook(p.Pool, p.set)
	return p
}

func (p *past) now(t *testing.T) time.Time {
	t.Helper()
	var now time.Time
	p.Scan(t, `SELECT clock_timestamp()`, nil, &now)
	return now
}

// apply lets the n-th invented person apply; ago is how long before now they arrived.
func (p *past) apply(t *testing.T, n int, ago time.Duration, change ...func(*desk.Application)) {
	t.Helper()
	a := dbtest.Application(t, p.campaign, dbtest.Person(n), p.now(t).Add(-ago), "secret")
	for _, f := range change {
		f(&a)
	}
	if _, err := p.intake.Store(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	for len(p.ids) <= n {
		p.ids = append(p.ids, booking.ID{})
	}
	p.ids[n] = a.ID
}

// announce seals and tells.
func (p *past) announce(t *testing.T) {
	t.Helper()
	if _, err := db.NewSealer(p.Pool, p.set, 100).SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.NewEnroller(p.Pool, p.set).EnrolPage(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
}

func (p *past) round(t *testing.T) {
	t.Helper()
	if _, err := db.NewAssigner(p.Pool, p.set, 3).RunRound(t.Context(), p.campaign.Queues[dbtest.Queue].Pool, "job:assign"); err != nil {
		t.Fatal(err)
	}
}

// delivered lets every text arrive.
func (p *past) delivered(t *testing.T) {
	t.Helper()
	p.Exec(t, `UPDATE message SET state = 'delivered', state_at = clock_timestamp()`)
}

func (p *past) change(t *testing.T, n int, kind string) desk.Change {
	t.Helper()
	return desk.Change{
		Campaign: p.campaign.ID, ID: p.ids[n], Operation: uuid.New(), Kind: kind,
		Digest: p.campaign.Keys.Digest(kind, nil), Actor: "phone", At: p.now(t),
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// correct gives the n-th person's entry other data.
func (p *past) correct(t *testing.T, n int, person booking.Person) {
	t.Helper()
	ok(t, p.book.Correct(t.Context(), p.change(t, n, "correct"), p.correction(t, n, person)))
}

// correction is what the desk makes of other data for the n-th person's entry.
func (p *past) correction(t *testing.T, n int, person booking.Person) desk.Correction {
	t.Helper()
	text, err := booking.Identity(p.campaign.Identity, person, 0)
	ok(t, err)
	k := p.campaign.Keys
	to := desk.Correction{NewID: k.ID(text), Region: dbtest.Region, Lookups: desk.Lookups(k, person)}
	again, err := booking.Identity(p.campaign.Identity, person, 1)
	ok(t, err)
	to.NewTie, to.Later = k.Tie(to.NewID), []booking.ID{k.ID(again)}
	to.PersonCT, err = k.SealPerson(p.ids[n], person)
	ok(t, err)
	return to
}

// text keeps a text and answers it.
func (p *past) text(t *testing.T) {
	t.Helper()
	phones := db.NewSwitchboard(p.Pool, p.set)
	person := dbtest.Person(0)
	in := desk.Inbound{
		Campaign: p.campaign.ID, Provider: "sim", ProviderSID: "SM1", PhoneHash: p.campaign.Keys.Lookup(booking.LookupText(booking.LookupPhone, person)),
		From: person.Phone, Body: "?", Arrival: p.now(t),
	}
	var err error
	in.ID, _, err = phones.Keep(t.Context(), in)
	ok(t, err)
	ok(t, phones.Finish(t.Context(), in, nil, []desk.Message{{Campaign: p.campaign.ID, Inbound: in.ID, Kind: string(words.Help), Dedup: "inbound/1", Urgent: true}}, p.now(t)))
}

// honest is a history with something of everything: people at once and late, a second device, a proof, an offer
// confirmed, declined and withdrawn, a correction of each kind, and more than one round.
func honest(t *testing.T) *past {
	t.Helper()
	p := newPast(t)
	for n := range 8 {
		p.apply(t, n, time.Minute-time.Duration(n)*time.Second)
	}
	p.apply(t, 3, time.Second, func(a *desk.Application) { a.Device = &vault.Device{1} })
	p.announce(t)
	p.apply(t, 8, 90*time.Second) // came by a slow way
	p.announce(t)
	// As if they had waited for longer than a seal may last, so that the order of the first round can be judged.
	p.Exec(t, `UPDATE place SET sealed_at = sealed_at - interval '2 minutes'`)
	ok(t, p.book.Verify(t.Context(), p.change(t, 0, "verify"), "reply", 0))
	p.round(t)
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "confirm"), 0, booking.Confirmed))
	ok(t, p.book.Answer(t.Context(), p.change(t, 1, "decline"), 0, booking.Declined))
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 2, "cancel")))
	other := dbtest.Person(5)
	other.Name = "홍길동"
	p.correct(t, 5, other)
	p.correct(t, 6, dbtest.Person(7)) // lives: 6 is held back
	p.correct(t, 3, dbtest.Person(2)) // was withdrawn: 3 takes the identity over
	p.text(t)
	p.announce(t)
	p.round(t)
	p.delivered(t)
	return p
}

// copied is the same history in a database of the test's own.
func (p *past) copied(t *testing.T) *past {
	t.Helper()
	p.intake.Close()
	q := &past{DB: p.Copy(t), ids: slices.Clone(p.ids)}
	q.set = db.NewCampaigns(q.Pool, q.Master)
	ok(t, q.set.Refresh(t.Context()))
	var err error
	q.campaign, err = q.set.BySlug(dbtest.Slug)
	ok(t, err)
	q.intake = db.NewIntake(q.Pool, db.IntakeOptions{})
	t.Cleanup(q.intake.Close)
	q.book = db.NewBook(q.Pool, q.set)
	return q
}

// left gives back the connections of a history that is over before the test is.
func (p *past) left() {
	p.intake.Close()
	p.Pool.Close()
	p.Admin.Close()
}

// audit looks at the history as it will be seen in an hour: whatever is unfinished then was left behind.
func (p *past) audit(t *testing.T) db.Report {
	t.Helper()
	r, err := db.Audit(t.Context(), p.Pool, p.set, db.AuditOptions{Now: p.now(t).Add(time.Hour)})
	ok(t, err)
	return r
}
