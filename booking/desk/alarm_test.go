package desk_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// bell notes what it hears.
type bell struct{ rung []desk.Door }

func (b *bell) WronglyRefused(_ *desk.Campaign, door desk.Door) { b.rung = append(b.rung, door) }

// ward is one campaign; what a refusal must not reach is left out, and would panic.
type ward struct {
	desk.Campaigns
	desk.Book
	campaign *desk.Campaign
	entry    desk.Entry
}

func (w *ward) BySlug(string) (*desk.Campaign, error) { return w.campaign, nil }
func (w *ward) ByID(int32) (*desk.Campaign, error)    { return w.campaign, nil }
func (w *ward) Entry(context.Context, int32, booking.ID) (desk.Entry, error) {
	return w.entry, nil
}

// Glance finds that every device has proven the phone.
func (w *ward) Glance(context.Context, int32, booking.ID, vault.Device) (desk.Glance, error) {
	return desk.Glance{Proven: true, Entry: &w.entry.ID}, nil
}

var kst = time.FixedZone("KST", 9*3600)

func at(day, hour int) time.Time { return time.Date(2021, 7, day, hour, 0, 0, 0, kst) }

func born(year int) booking.Date { return booking.Date{Year: year, Month: 5, Day: 5} }

// newWard is July 2021 with the bug of that night: 53- and 54-year-olds were announced for the 19th, 20:00, and are let in
// six hours later.
func newWard(t *testing.T) (*ward, *desk.Desk, *bell) {
	t.Helper()
	master, err := vault.NewMaster(vault.NewMasterKey())
	if err != nil {
		t.Fatal(err)
	}
	blob, err := master.Generate("july")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := master.Open("july", blob)
	if err != nil {
		t.Fatal(err)
	}
	years := func(from, to int) (booking.Date, booking.Date) {
		return booking.Date{Year: from, Month: 1, Day: 1}, booking.Date{Year: to, Month: 12, Day: 31}
	}
	group := func(code string, from, to int, opens time.Time) booking.Cohort {
		k := booking.Cohort{Code: code, Queue: code, Opens: opens, Closes: at(24, 18)}
		k.BornFrom, k.BornTo = years(from, to)
		return k
	}
	c := &booking.Campaign{
		ID: 1, Slug: "july", Zone: kst, Langs: []booking.Lang{booking.Korean}, Identity: booking.ByPhoneBirthName, Limits: booking.Limits{}.WithDefaults(),
		Cohorts: []booking.Cohort{group("55-59", 1962, 1966, at(12, 0)), group("53-54", 1967, 1968, at(20, 2))},
	}
	for i, opens := range []time.Time{at(12, 0), at(19, 20)} {
		a := booking.Announcement{BornFrom: c.Cohorts[i].BornFrom, BornTo: c.Cohorts[i].BornTo, Opens: opens, Closes: at(24, 18)}
		c.Announced = append(c.Announced, a)
	}
	w, b := &ward{campaign: &desk.Campaign{Campaign: c, Keys: keys}}, &bell{}
	return w, desk.New(desk.Ports{Campaigns: w, Book: w, Alarm: b}), b
}

func person(t *testing.T, year int) booking.Person {
	t.Helper()
	phone, err := booking.ParseE164("+821000000001")
	if err != nil {
		t.Fatal(err)
	}
	return booking.Person{Name: "홍길동", Born: born(year), Phone: phone}
}

func TestRegisterRaisesTheAlarm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		year  int
		when  time.Time
		code  booking.Code
		alarm bool
	}{
		{"before the announced hour", 1967, at(19, 19), booking.CodeNotOpenYet, false},
		{"in the six hours", 1967, at(19, 23), booking.CodeNotOpenYet, true},
		{"after the closing", 1967, at(24, 18), booking.CodeClosed, false},
		{"who was not announced", 1980, at(19, 23), booking.CodeNotEligible, false},
	}
	for _, tt := range tests {
		_, d, b := newWard(t)
		_, err := d.Register(t.Context(), "july", desk.Entrance{Door: desk.DoorAgent, Received: tt.when}, &desk.Applying{Person: person(t, tt.year), Lang: booking.Korean})
		if booking.CodeOf(err) != tt.code || (len(b.rung) == 1) != tt.alarm || tt.alarm && b.rung[0] != desk.DoorAgent {
			t.Errorf("%s: %v, rung %v", tt.name, err, b.rung)
		}
	}
}

func TestATextRaisesTheAlarm(t *testing.T) {
	t.Parallel()
	w, d, b := newWard(t)
	p := person(t, 1968)
	in := desk.Inbound{Campaign: 1, From: p.Phone, Arrival: at(19, 21)}
	replies, completed, err := d.RegisterByText(t.Context(), w.campaign, in, []time.Time{at(19, 19), at(19, 21)}, desk.Applying{Person: p})
	if err != nil || completed || len(replies) != 1 || replies[0].Kind != "not_open_yet" {
		t.Errorf("%v, %t, %v", replies, completed, err)
	}
	if diff := cmp.Diff([]desk.Door{desk.DoorSMS}, b.rung); diff != "" {
		t.Error(diff)
	}
}

// A correction is judged by the entry's arrival: who was announced then and is refused now was wrongly refused.
func TestACorrectionRaisesTheAlarm(t *testing.T) {
	t.Parallel()
	for arrival, rings := range map[time.Time]int{at(19, 22): 1, at(19, 18): 0} {
		w, d, b := newWard(t)
		p := person(t, 1966)
		identity, err := booking.Identity(w.campaign.Identity, p, 0)
		if err != nil {
			t.Fatal(err)
		}
		id, device := w.campaign.Keys.ID(identity), w.campaign.Keys.Device("secret")
		w.entry = desk.Entry{Campaign: 1, ID: id, Arrival: arrival}
		reference, err := w.campaign.Keys.Reference(id, device)
		if err != nil {
			t.Fatal(err)
		}
		p.Born = born(1967)
		err = d.Correct(t.Context(), desk.Entrance{Door: desk.DoorApp, Received: at(22, 12)},
			desk.Holding{Campaign: "july", Reference: reference, Secret: "secret", Operation: uuid.New()}, p, "")
		if booking.CodeOf(err) != booking.CodeNotOpenYet || len(b.rung) != rings {
			t.Errorf("arrived %s: %v, rung %v", arrival, err, b.rung)
		}
	}
}

// Without anybody to hear it, a refusal is a refusal.
func TestNobodyNeedsToHear(t *testing.T) {
	t.Parallel()
	w, _, _ := newWard(t)
	d := desk.New(desk.Ports{Campaigns: w, Book: w})
	_, err := d.Register(t.Context(), "july", desk.Entrance{Door: desk.DoorApp, Received: at(19, 23)}, &desk.Applying{Person: person(t, 1967), Lang: booking.Korean})
	if booking.CodeOf(err) != booking.CodeNotOpenYet {
		t.Error(err)
	}
}
