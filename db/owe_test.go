package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// A person is owed one call at a time, however many reasons there are, and it keeps its earliest order.
func TestOneCallAPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	board := db.NewSwitchboard(h.Pool, h.set)
	e := h.person(t, dbtest.Person(1))
	in := desk.Inbound{ID: 1, Campaign: h.campaign.ID, PhoneHash: h.campaign.Keys.Lookup(booking.LookupText(booking.LookupPhone, dbtest.Person(1)))}
	owe := func(entry *booking.ID, order time.Time, reason desk.CallReason) {
		t.Helper()
		if err := board.OweCall(t.Context(), in, entry, order, reason, h.Now()); err != nil {
			t.Fatal(err)
		}
	}
	owe(e, h.Now(), desk.CallAsked)
	owe(e, h.Now().Add(-time.Hour), desk.CallNotMe)
	owe(e, h.Now().Add(time.Hour), desk.CallAsked)
	owe(nil, h.Now(), desk.CallTooMany)
	owe(nil, h.Now(), desk.CallTooMany)
	if n := h.count(t, `SELECT count(*) FROM callback`); n != 2 {
		t.Fatalf("%d calls are owed, want one to the person and one to the phone", n)
	}
	if n := h.count(t, `SELECT count(*) FROM callback WHERE reasons = '{asked,not_me}' AND order_at < opened_at`); n != 1 {
		t.Error("the reasons or the earliest order were lost")
	}
	if n := h.count(t, `SELECT count(*) FROM audit_log WHERE act = 'callback.opened'`); n != 2 {
		t.Errorf("%d lines in the trail, want 2", n)
	}
}
