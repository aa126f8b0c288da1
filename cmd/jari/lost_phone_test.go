package main

import (
	"slices"
	"testing"

	"jari/db/dbtest"
	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// Somebody loses the phone. A new device comes back to the entry by proving the phone on file, sees the place that was kept, and shuts the
// lost one out, which deletes what it knows.
func TestALostPhoneIsShutOut(t *testing.T) {
	t.Parallel()
	w := newTown(t, dbtest.Capacity(10))
	w.openDoor()
	lost, fresh := w.newAppPhone(overHTTP(w.apiURL)), w.newAppPhone(overHTTP(w.apiURL))
	person := form(dbtest.Person(7))
	with := func(p *appPhone, first func(client.Pen, string) error) string {
		var id string
		must(t, p.client.Write(func(pen client.Pen) (err error) {
			id, err = pen.Add(dbtest.Slug, person)
			return err
		}))
		must(t, p.client.Write(func(pen client.Pen) error { return first(pen, id) }))
		must(t, p.handIn(t.Context()))
		must(t, p.client.Write(func(pen client.Pen) error { return pen.RequestCode(id) }))
		must(t, p.handIn(t.Context()))
		who, err := p.who(id)
		must(t, err)
		code, err := p.codeOf(t.Context(), who.Reference)
		must(t, err)
		must(t, p.client.Write(func(pen client.Pen) error { return pen.Verify(id, code) }))
		must(t, p.handIn(t.Context()))
		return id
	}
	old := with(lost, client.Pen.Apply)
	w.holdRound(1)
	again := with(fresh, client.Pen.Recover)
	must(t, fresh.look(t.Context()))
	who, err := fresh.who(again)
	must(t, err)
	if who.Told == nil || who.Told.State != contract.StateOffered || who.Told.Place == nil || who.Told.Place.Number == nil {
		t.Fatalf("the new device is told %s", marshalled(who.Told))
	}
	must(t, fresh.client.Write(func(p client.Pen) error {
		return p.RemoveDevices(again, contract.DeviceRemovalRequestDevicesOthers)
	}))
	must(t, fresh.handIn(t.Context()))
	must(t, lost.client.Write(func(p client.Pen) error { return p.Cancel(old) })) // whoever found it
	must(t, lost.look(t.Context()))
	s, err := lost.client.State()
	must(t, err)
	if len(s.People) != 0 || !slices.ContainsFunc(s.Notices, func(n client.Notice) bool { return n.Why == client.Gone }) {
		t.Errorf("the lost phone still knows %s", marshalled(s))
	}
	must(t, fresh.look(t.Context()))
	if who, err = fresh.who(again); err != nil || who.Told.State != contract.StateOffered {
		t.Errorf("after whoever found the phone tried to withdraw: %v %s", err, marshalled(who.Told))
	}
	// Whose phone this is not any more: the device itself goes.
	must(t, fresh.client.Write(func(p client.Pen) error { return p.RemoveDevices(again, contract.DeviceRemovalRequestDevicesThis) }))
	must(t, fresh.until(t.Context(), "nobody left", func(s *client.State) bool { return len(s.People) == 0 }))
}
