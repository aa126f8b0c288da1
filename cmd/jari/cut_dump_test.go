package main

import (
	"fmt"
	"slices"
	"testing"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
	"jari/mobile-contract/client"
)

// obeys checks some laws: here nobody is told anything, because no worker runs.
func (w *town) obeys(laws ...int) {
	w.t.Helper()
	report, err := db.Audit(w.t.Context(), w.db.Pool, w.campaigns, db.AuditOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range report.Laws {
		if slices.Contains(laws, l.Law) && (l.Violations != 0 || l.Checked == 0) {
			w.t.Errorf("law %d: %d of %d, first %s", l.Law, l.Violations, l.Checked, l.First)
		}
	}
}

// dump is everything that the server has about the two people, and everything that the device knows, without what differs by nature. Of two
// copies of an application under way at once either may be stored first; the other's earlier arrival then counts (arrival.earlier).
func (c *cutCase) dump(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for i, name := range []string{"she", "he"} {
		p := dbtest.Person(2*c.n + i)
		text, err := booking.Identity(c.phone.w.campaign.Identity, p, 0)
		must(t, err)
		id := c.phone.w.campaign.Keys.ID(text)
		for what, sql := range map[string]string{
			"entries":      `SELECT string_agg(concat_ws(' ', region, wishes, generation, withdrawn_at IS NOT NULL, arrival <= received_at), ', ') FROM registration WHERE id = $1`,
			"claims":       `SELECT count(*)::text FROM claim WHERE registration_id = $1`,
			"operations":   `SELECT string_agg(n, ', ' ORDER BY n) FROM (SELECT kind || outcome || count(*) AS n FROM operation WHERE registration_id = $1 GROUP BY kind, outcome) o`,
			"proofs":       `SELECT string_agg(method, ', ') FROM verification WHERE registration_id = $1`,
			"codes":        `SELECT string_agg((used_at IS NOT NULL) || ' ' || tries, ', ') FROM code_request WHERE registration_id = $1`,
			"appointments": `SELECT string_agg(concat_ws(' ', a.state, s.code, (SELECT count(*) FROM appointment_event e WHERE e.appointment_id = a.id)), ', ') FROM appointment a JOIN slot ON slot.id = slot_id JOIN site s ON s.id = site_id WHERE registration_id = $1`,
			"messages":     `SELECT string_agg(n, ', ' ORDER BY n) FROM (SELECT kind || count(*) AS n FROM message WHERE registration_id = $1 GROUP BY kind) m`,
			"trail":        `SELECT string_agg(n, ', ' ORDER BY n) FROM (SELECT act || count(*) AS n FROM audit_log WHERE registration_id = $1 AND act <> 'arrival.earlier' GROUP BY act) l`,
			"swaps":        `SELECT count(*)::text FROM waiting WHERE registration_id = $1 AND swap_of IS NOT NULL`,
		} {
			var got *string
			c.phone.w.db.Scan(t, sql, []any{[16]byte(id)}, &got)
			if got != nil {
				out[name+": "+what] = *got
			}
		}
	}
	for name, id := range map[string]string{"she": c.she, "he": c.he} {
		who, err := c.phone.who(id)
		must(t, err)
		out[name+": knows"] = knows(who)
	}
	s, err := c.phone.client.State()
	must(t, err)
	for _, n := range s.Notices {
		out["notices"] += fmt.Sprintf("%s %s; ", n.Why, n.Kind)
	}
	return out
}

// knows is what a device knows of a person, without names and times.
func knows(p client.Person) string {
	text := fmt.Sprintf("outbox %d, applied %v, spent %v, wishes %s", len(p.Outbox), p.Applied, p.Spent, marshalled(p.Form.Wishes))
	if p.Told == nil {
		return text
	}
	told := *p.Told
	text += fmt.Sprintf(", %s, next %s, region %s, told wishes %s, swap %v", told.State, told.Next, marshalled(told.Region), marshalled(told.Wishes), told.SwapAsked != nil)
	if told.Appointment != nil {
		text += ", appointment " + told.Appointment.Site + " " + string(told.Appointment.State)
	}
	return text
}
