package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/db/dbtest"
)

var answerNumber = regexp.MustCompile(`(?:본인이시면|오시면|참석) ?(\d{1,2})`)

func text010(p booking.Phone) string { return "010" + strings.TrimPrefix(p.E164(), "+8210") }

// Brother and sister apply for one mother by text, each from a phone of their own, naming hers.
func TestBrotherAndSisterForOneMother(t *testing.T) {
	t.Parallel()
	w := newTown(t, dbtest.BeforeOffer)
	w.open()
	mother, brother, sister := dbtest.Person(10).Phone, dbtest.Person(11).Phone, dbtest.Person(12).Phone
	region, _ := w.campaign.Region(dbtest.Region)
	body := "예약 570412 김순자 " + region.Names.In(booking.Korean) + " " + text010(mother)
	w.phones.Text(brother, body)
	w.phones.Text(sister, body)
	told := []string{w.shown(brother, "본인 전화"), w.shown(sister, "본인 전화")}
	for i := range told {
		told[i] = told[i][:strings.LastIndex(told[i], "(")] // all but the reference
	}
	if told[0] != told[1] {
		t.Errorf("the brother reads %q, the sister %q", told[0], told[1])
	}
	no := answerNumber.FindStringSubmatch(w.shown(mother, "본인이시면"))
	w.phones.Text(mother, no[1])
	offer := answerNumber.FindStringSubmatch(w.shown(mother, "못오시면"))
	w.phones.Text(mother, offer[1])
	w.shown(mother, "확정")
	var entries, places, appointments, asked int
	w.until("one confirmed appointment", time.Minute, func() bool {
		w.db.Scan(t, `SELECT (SELECT count(*) FROM registration), (SELECT count(*) FROM place), (SELECT count(*) FROM appointment WHERE state = 'confirmed'),
			(SELECT count(*) FROM message WHERE kind = 'registered')`, nil, &entries, &places, &appointments, &asked)
		return appointments == 1
	})
	if entries != 1 || places != 1 || asked != 1 {
		t.Errorf("%d entries, %d places, %d questions to the mother; want one of each", entries, places, asked)
	}
}

// Two people with one name and one birth date, on two phones: both are served, and agents see the pair.
func TestNamesakesAreBothServed(t *testing.T) {
	t.Parallel()
	w := newTown(t) // answering the offer is the proof
	w.open()
	a, b := dbtest.Person(20), dbtest.Person(21)
	b.Name, b.Born = a.Name, a.Born
	for i, p := range []booking.Person{a, b} {
		if r := w.call("POST", w.registrations(), secretOf([]string{"a", "b"}[i]), application(p)); r.status != 200 {
			t.Fatalf("register: %v", r.body)
		}
	}
	w.shown(a.Phone, "못오시면")
	w.shown(b.Phone, "못오시면")
	w.until("two appointments, and one pair for agents", time.Minute, func() bool { // pairs are found in the background
		var appointments, pairs int
		w.db.Scan(t, `SELECT (SELECT count(*) FROM appointment WHERE state = 'offered'), (SELECT count(*) FROM possible_duplicate WHERE reason = 'name_birth')`,
			nil, &appointments, &pairs)
		return appointments == 2 && pairs == 1
	})
}
