//go:build journeys

package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/words"
	"jari/sms/phonesim"
)

// shownText is a text on a phone, and the message that it was made from.
type shownText struct {
	sid, body string
	kind      words.Kind
	message   int64
}

// unread lists the texts that an act brings, as far as they have come. Two of a kind are in the order in which they were made, because the
// network may exchange them.
func (v *voice) unread(a act) (found []shownText) {
	v.stage.t.Helper()
	var all []shownText
	if len(a.reads) > 0 {
		for _, e := range v.stage.phones.Inbox(v.phones[a.who]) {
			if !v.seen[e.ID] {
				all = append(all, v.stage.madeFrom(e))
			}
		}
	}
	slices.SortStableFunc(all, func(a, b shownText) int { return cmp.Compare(a.message, b.message) })
	for _, kind := range a.reads {
		if i := slices.IndexFunc(all, func(t shownText) bool { return t.kind == kind }); i >= 0 {
			found = append(found, all[i])
			all = slices.Delete(all, i, i+1)
		}
	}
	return found
}

// madeFrom finds the message behind a text; there is none as long as it is not on record that it was handed over.
func (s *stage) madeFrom(e phonesim.Entry) shownText {
	s.t.Helper()
	t := shownText{sid: e.ID, body: e.Body, kind: fromProvider}
	if strings.HasPrefix(e.Body, "[자리]") || strings.HasPrefix(e.Body, "Jari:") {
		s.scan(`SELECT coalesce(max(kind), ''), coalesce(max(id), 0) FROM message WHERE provider_id = $1`, []any{e.ID}, &t.kind, &t.message)
	}
	return t
}

// entries lists who was registered from the voice's phones, and where they live.
func (v *voice) entries() []string {
	v.stage.t.Helper()
	c := v.stage.campaign
	var out []string
	for _, phone := range v.phones {
		hash := c.Keys.Lookup(booking.LookupText(booking.LookupPhone, booking.Person{Phone: phone}))
		rows, err := v.stage.box.api.house.pool.Query(v.stage.t.Context(), `SELECT r.id, r.person_ct, r.region FROM phone_entry p
			JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id WHERE p.campaign_id = $1 AND p.phone_hash = $2`, c.ID, hash[:])
		if err != nil {
			v.stage.t.Fatal(err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
			ID     [16]byte
			CT     []byte
			Region string
		}])
		if err != nil {
			v.stage.t.Fatal(err)
		}
		for _, f := range found {
			p, err := c.Keys.OpenPerson(f.ID, f.CT)
			if err != nil {
				v.stage.t.Fatal(err)
			}
			out = append(out, fmt.Sprintf("%s, born %s, %s", p.Name, p.Born, f.Region))
		}
	}
	slices.Sort(out)
	return out
}

// What differs between two tellings of the same: numbers, days, and references.
var (
	reference = regexp.MustCompile(`\([A-Z0-9]{4}\)`)
	tellings  = regexp.MustCompile(`[\d:/,-]+|\([월화수목금토일]\)|오전|오후|낮|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b|am\b|pm\b| noon\b`)
)

// sense is a text without what differs between two phones that were told the same.
func sense(text string) string {
	return tellings.ReplaceAllString(reference.ReplaceAllString(text, ""), "")
}
