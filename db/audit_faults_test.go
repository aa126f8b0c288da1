package db_test

import (
	"context"
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// The faults here were in the code once and broke a law only when two things met; the audit would have found each.

// blocked waits until something waits for a lock; it fails when that ends without.
func (p *past) blocked(t *testing.T, done <-chan error) {
	t.Helper()
	p.waiting(t, done, 1)
}

// waiting waits until so many wait for a lock.
func (p *past) waiting(t *testing.T, done <-chan error, many int) {
	t.Helper()
	for n := 0; n < many; {
		select {
		case err := <-done:
			t.Fatalf("it waited for nobody: %v", err)
		default:
			p.Scan(t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`, nil, &n)
		}
	}
}

// holding runs during while the owner holds what the statement locks or changes, then commits.
func (p *past) holding(t *testing.T, statement string, args []any, during func()) {
	t.Helper()
	tx, err := p.Admin.Begin(t.Context())
	ok(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = tx.Exec(t.Context(), statement, args...)
	ok(t, err)
	during()
	ok(t, tx.Commit(t.Context()))
}

func (p *past) inRound(t *testing.T, page int) <-chan error {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		_, err := db.NewAssigner(p.Pool, p.set, page).RunRound(t.Context(), p.campaign.Queues[dbtest.Queue].Pool, "job:assign")
		done <- err
	}()
	return done
}

func TestNobodyWhoIsLeavingGetsAnOffer(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.apply(t, 0, time.Second)
	p.apply(t, 1, time.Second)
	p.announce(t)
	var done <-chan error
	left := make(chan error, 1)
	// The entry is being withdrawn: no appointment was seen, and nothing is committed yet.
	p.holding(t, `LOCK TABLE audit_log`, nil, func() {
		go func() { left <- p.book.Withdraw(t.Context(), p.change(t, 0, "cancel")) }()
		p.blocked(t, left)
		done = p.inRound(t, 100)
		p.waiting(t, done, 2)
	})
	ok(t, <-left)
	ok(t, <-done)
	var offers, taken int
	p.Scan(t, `SELECT count(*) FILTER (WHERE registration_id = $1), (SELECT sum(taken) FROM slot) FROM appointment`, []any{[16]byte(p.ids[0])}, &offers, &taken)
	if offers != 0 || taken != 1 {
		t.Errorf("%d offers to somebody who had left, %d slots taken by one who stayed", offers, taken)
	}
}

func TestASlotGivenBackInARoundGoesToTheFirst(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.Capacity(1), func(c *booking.Campaign) { c.Slots = c.Slots[:1] })
	p.apply(t, 0, time.Minute)
	p.announce(t)
	p.round(t)
	p.apply(t, 1, 20*time.Second)
	p.apply(t, 2, 10*time.Second)
	p.announce(t)
	p.Exec(t, `UPDATE place SET sealed_at = sealed_at - interval '2 minutes'`)
	var done <-chan error
	// The first page, with person 1, is decided and not written yet when person 0 gives the slot back.
	p.holding(t, `LOCK TABLE round`, nil, func() {
		done = p.inRound(t, 1)
		p.blocked(t, done)
		ok(t, p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined))
	})
	ok(t, <-done)
	p.round(t)
	var holder booking.ID
	p.Scan(t, `SELECT registration_id FROM appointment WHERE state = 'offered'`, nil, (*[16]byte)(&holder))
	if holder != p.ids[1] {
		t.Error("the slot went to somebody who stood behind another who waits")
	}
	p.delivered(t)
	if r := p.audit(t); r.Violations != 0 {
		t.Error("\n" + r.Text())
	}
}

func TestALongSettleWindowLeavesNobodyBehind(t *testing.T) {
	t.Parallel()
	p := newPast(t, func(c *booking.Campaign) { c.Settle = 5 * time.Minute })
	p.apply(t, 0, 4*time.Minute)
	p.Exec(t, `UPDATE registration SET stored_at = arrival`)
	p.announce(t) // too early to number
	p.Exec(t, `UPDATE registration SET arrival = arrival - interval '2 minutes', stored_at = stored_at - interval '2 minutes'`)
	p.announce(t)
	var places int
	p.Scan(t, `SELECT count(*) FROM place`, nil, &places)
	if places != 1 {
		t.Errorf("%d places, expected 1", places)
	}
}
