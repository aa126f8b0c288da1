package db_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

func TestAuditOfAnHonestHistoryIsClean(t *testing.T) {
	t.Parallel()
	r := honest(t).audit(t)
	if r.Violations != 0 {
		t.Fatalf("violations in an honest history:\n%s", r.Text())
	}
	for _, l := range r.Laws {
		if shown := l.Law != 6 && l.Law != 11; shown != (l.Checked > 0) {
			t.Errorf("law %d: checked %d", l.Law, l.Checked)
		}
	}
}

func TestAuditOfAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	r, err := db.Audit(t.Context(), d.Pool, db.NewCampaigns(d.Pool, d.Master), db.AuditOptions{})
	if err != nil || r.Violations != 0 || len(r.Laws) != 11 {
		t.Fatalf("%v\n%s", err, r.Text())
	}
}

// breaks lists one breach for each check: what a fault in the code or in somebody's hand-written SQL could leave.
var breaks = []struct {
	name, first string
	law         int
	breach      func(t *testing.T, p *past)
}{
	{"text not handled", "text 1", 1, sql(`UPDATE inbound SET handled_at = NULL`)},
	{"erased with its number", "no entry or no place any more", 1, func(t *testing.T, p *past) {
		p.forget(t, 7)
		for _, table := range []string{"waiting", "decision", "message", "place"} {
			p.Exec(t, `DELETE FROM `+table+` WHERE registration_id = $1`, [16]byte(p.ids[7]))
		}
		p.Exec(t, `DELETE FROM registration WHERE id = $1`, [16]byte(p.ids[7]))
		p.Exec(t, `UPDATE place SET number = number - 1 WHERE number = 9`)
		p.Exec(t, `UPDATE queue SET sealed_to = 8`)
		p.Exec(t, `UPDATE walk SET walked_to = 8`)
	}},
	{"text handled late", "text 1", 1, sql(`UPDATE inbound SET arrival = arrival - interval '11 minutes'`)},
	{"text of a log handled late", "text 1", 1, sql(`UPDATE inbound SET via = 'log', arrival = arrival - interval '2 hours', found_at = handled_at - interval '11 minutes'`)},

	{"two appointments", "held two appointments", 2, func(t *testing.T, p *past) {
		p.Exec(t, `DROP INDEX appointment_one`)
		p.offer(t, 0)
	}},
	{"two places", "has two places", 2, func(t *testing.T, p *past) {
		p.Exec(t, `ALTER TABLE place DROP CONSTRAINT place_pkey`)
		p.place(t, p.ids[0])
	}},
	{"place of an alias", "another entry's", 2, func(t *testing.T, p *past) {
		var id booking.ID
		p.Scan(t, `SELECT id FROM registration WHERE alias_of IS NOT NULL AND withdrawn_at IS NULL`, nil, (*[16]byte)(&id))
		p.place(t, id)
		p.Exec(t, `INSERT INTO audit_log (campaign_id, registration_id, at, actor, act) VALUES ($1, $2, now(), 'app', 'register')`, p.campaign.ID, [16]byte(id))
		p.Exec(t, `INSERT INTO message (campaign_id, registration_id, kind, dedup, reference, state, priority_at, due_at, state_at, created_at)
			VALUES ($1, $2, 'registered', $3, 'AAAA', 'delivered', now(), now(), now(), now())`, p.campaign.ID, [16]byte(id), fmt.Sprintf("registered/%x", id[:]))
	}},
	{"alias of nobody", "does not exist", 2, sql(`UPDATE registration SET alias_of = gen_random_uuid() WHERE alias_of IS NOT NULL`)},
	{"corrected and neither held nor listed", "is not the key", 2, func(t *testing.T, p *past) {
		p.Exec(t, `DELETE FROM possible_duplicate WHERE reason = 'corrected'`)
		p.Exec(t, `UPDATE escalation SET closed_at = now() WHERE reason = 'corrected_duplicate'`)
	}},
	{"offer after the withdrawal", "given up", 2, func(t *testing.T, p *past) {
		p.Exec(t, `UPDATE registration SET withdrawn_at = withdrawn_at - interval '1 minute' WHERE id = $1`, [16]byte(p.ids[2]))
	}},
	{"appointment of somebody who left", "given up", 2, func(t *testing.T, p *past) { p.Exec(t, leaves("now()"), [16]byte(p.ids[0])) }},
	{"another person in the row", "is not the key", 2, func(t *testing.T, p *past) {
		ct, err := p.campaign.Keys.SealPerson(p.ids[0], dbtest.Person(99))
		ok(t, err)
		p.Exec(t, `UPDATE registration SET person_ct = $2 WHERE id = $1`, [16]byte(p.ids[0]), ct)
	}},
	{"another row's person", "cannot be read", 2, func(t *testing.T, p *past) {
		p.Exec(t, `UPDATE registration SET person_ct = (SELECT person_ct FROM registration WHERE id = $2) WHERE id = $1`, [16]byte(p.ids[0]), [16]byte(p.ids[1]))
	}},
	{"two generations", "lives too", 2, func(t *testing.T, p *past) {
		p.again(t, 4)
		p.announce(t)
		p.round(t)
		p.delivered(t)
	}},

	{"gap", "exactly its numbers", 3, sql(`UPDATE place SET number = number + 1 WHERE number = (SELECT max(number) FROM place)`)},
	{"a number twice", "exactly its numbers", 3, func(t *testing.T, p *past) { // and so one too few, with nobody behind out of order
		p.Exec(t, `ALTER TABLE place DROP CONSTRAINT place_queue_id_number_key`)
		p.Exec(t, `UPDATE place SET number = number - 1 WHERE number = 5`)
	}},
	{"a key without its arrival", "not where that arrived", 3, sql(`UPDATE place SET announced_arrival = arrival, arrival = arrival - interval '30 seconds',
		moved_at = now(), late = 'stamp' WHERE number = 6`)},
	{"another tie", "not where that arrived", 3, func(t *testing.T, p *past) {
		p.Exec(t, `UPDATE appointment SET tie = tie + 1 WHERE registration_id = $1`, [16]byte(p.ids[7]))
		p.Exec(t, `UPDATE place SET tie = tie + 1 WHERE registration_id = $1`, [16]byte(p.ids[7]))
	}},
	{"an offer without the proof", "had not proven the phone", 3, func(t *testing.T, p *past) {
		p.Exec(t, `UPDATE registration SET verify = 'before_offer' WHERE id = $1`, [16]byte(p.ids[7]))
	}},
	{"an offer before the first round", "before the first round", 3, sql(`UPDATE appointment SET made_at = made_at - interval '30 minutes' WHERE id = 4`)},
	{"numbers exchanged", "out of order", 3, func(t *testing.T, p *past) {
		p.Exec(t, `UPDATE place SET number = 1000 WHERE number = 2`)
		p.Exec(t, `UPDATE place SET number = 2 WHERE number = 3`)
		p.Exec(t, `UPDATE place SET number = 3 WHERE number = 1000`)
	}},
	{"late and not marked", "out of order", 3, sql(`UPDATE place SET late = ''`)},
	{"another key", "another order key", 3, sql(`UPDATE appointment SET tie = tie + 1 WHERE id = 1`)},
	{"passed over", "was left without", 3, func(t *testing.T, p *past) { p.forget(t, 4) }},
	{"passed over with a wish that was free", "was left without", 3, func(t *testing.T, p *past) {
		p.forget(t, 4)
		p.Exec(t, `UPDATE registration SET wishes = '{"Sites": ["south", "middle", "north"], "MaxKm": 0}' WHERE id = $1`, [16]byte(p.ids[4]))
	}},

	{"taken does not agree", "slot", 4, sql(`UPDATE slot SET taken = taken + 1 WHERE id = (SELECT min(id) FROM slot WHERE taken = 0)`)},
	{"over capacity", "slot", 4, func(t *testing.T, p *past) {
		p.Exec(t, `ALTER TABLE slot DROP CONSTRAINT slot_capacity`)
		p.Exec(t, `UPDATE slot SET capacity = 1 WHERE id = (SELECT min(id) FROM slot WHERE taken = 2)`)
	}},
	{"over capacity once", "slot", 4, func(t *testing.T, p *past) {
		ok(t, p.book.Withdraw(t.Context(), p.change(t, 0, "cancel")))
		p.delivered(t)
		p.Exec(t, `UPDATE slot SET capacity = 1 WHERE id = (SELECT slot_id FROM appointment WHERE registration_id = $1)`, [16]byte(p.ids[0]))
	}},

	{"registration not told", "never told of its registration", 5, func(t *testing.T, p *past) {
		p.Exec(t, `DELETE FROM message WHERE dedup = $1`, fmt.Sprintf("registered/%x", p.ids[0][:]))
	}},
	{"offer not told", "appointment 1: was never told", 5, sql(`DELETE FROM message WHERE dedup = 'offer/1'`)},
	{"answer not told", "the person not told", 5, sql(`DELETE FROM message WHERE kind = 'confirmed'`)},
	{"withdrawal not told", "the person not told", 5, sql(`DELETE FROM message WHERE kind = 'withdrawn'`)},
	{"withdrawal of somebody without a time not told", "was given up and the person not told", 5, func(t *testing.T, p *past) {
		p.forget(t, 7)
		ok(t, p.book.Withdraw(t.Context(), p.change(t, 7, "cancel")))
		p.delivered(t)
		p.Exec(t, `DELETE FROM message WHERE registration_id = $1 AND kind = 'withdrawn'`, [16]byte(p.ids[7]))
	}},
	{"offer told to another", "appointment 4: was never told", 5, sql(`UPDATE message SET registration_id = (SELECT registration_id FROM appointment WHERE id = 5) WHERE dedup = 'offer/4'`)},
	{"registration told to another", "never told of its registration", 5, func(t *testing.T, p *past) {
		p.Exec(t, `UPDATE message SET registration_id = $2 WHERE dedup = $1`, fmt.Sprintf("registered/%x", p.ids[0][:]), [16]byte(p.ids[1]))
	}},
	{"decision not recorded", "no round's record or no text says why", 5, func(t *testing.T, p *past) { p.noTime(t, "decision") }},
	{"no time and not told", "no round's record or no text says why", 5, func(t *testing.T, p *past) { p.noTime(t, "message") }},
	{"lapsed without a rule", "lapsed although no rule", 5, func(t *testing.T, p *past) {
		p.Exec(t, `UPDATE slot SET taken = taken - 1 WHERE id = (SELECT slot_id FROM appointment WHERE registration_id = $1)`, [16]byte(p.ids[7]))
		p.Exec(t, `UPDATE appointment SET state = 'lapsed', changed_at = now(), changed_by = 'job:lapse' WHERE registration_id = $1`, [16]byte(p.ids[7]))
		p.Exec(t, `INSERT INTO message (campaign_id, registration_id, appointment_id, kind, dedup, reference, state, priority_at, due_at, state_at, created_at)
			SELECT campaign_id, registration_id, id, 'lapsed', 'lapsed/' || id, 'AAAA', 'delivered', now(), now(), now(), now() FROM appointment WHERE registration_id = $1`, [16]byte(p.ids[7]))
		p.Exec(t, `INSERT INTO waiting (campaign_id, registration_id, pool_id, queue_id, arrival, tie, look)
			SELECT p.campaign_id, p.registration_id, q.pool_id, q.id, p.arrival, p.tie, true FROM place p JOIN queue q ON q.id = p.queue_id WHERE p.registration_id = $1`, [16]byte(p.ids[7]))
		p.round(t)
		p.delivered(t)
	}},
	{"fate not known", "message 1: has no known fate", 5, sql(`UPDATE message SET state = 'unknown' WHERE id = 1`)},
	{"nobody asked to call", "message 1: did not arrive", 5, sql(`UPDATE message SET state = 'failed' WHERE id = 1`)},

	{"offer expired and nobody asked to call", "came too late", 5, sql(`UPDATE message SET state = 'expired' WHERE dedup = 'offer/1'`)},

	{"sent again before the failure was known", "message 1: was sent more than once", 6, sql(`INSERT INTO send_attempt (message_id, claimed_at, outcome, failed_at, failed_code)
		VALUES (1, now() - interval '3 minutes', 'accepted', now(), 30003), (1, now() - interval '1 minute', 'accepted', NULL, NULL)`)},
	{"sent twice", "message 1: was sent more than once", 6, sql(`INSERT INTO send_attempt (message_id, claimed_at, outcome) VALUES (1, now(), 'accepted'), (1, now(), 'found')`)},

	{"arrived in the future", "arrived after it was stored", 7, func(t *testing.T, p *past) {
		p.Exec(t, `UPDATE registration SET stored_at = arrival - interval '1 second' WHERE id = $1`, [16]byte(p.ids[0]))
	}},

	{"an introduction for an arrival", "introduced itself as its arrival", 7, func(t *testing.T, p *past) {
		p.Exec(t, `UPDATE registration SET stored_at = received_at + interval '2 minutes', device = '\x00112233445566778899aabbccddeeff' WHERE id = $1`, [16]byte(p.ids[0]))
		p.introduction(t, `NULL`)
	}},

	{"unknown cohort", "no version of the rules", 8, sql(`UPDATE registration SET cohort = 'nobody' WHERE serial = 1`)},
	{"wrong refusal", "was refused although the announcement says eligible", 8, sql(`INSERT INTO alarm (campaign_id, kind, minute, first_at, last_at, count)
		SELECT id, 'wrong_refusal', '2021-07-19 11:00Z', '2021-07-19 11:00:01Z', '2021-07-19 11:00:59Z', 12 FROM campaign`)},
	{"unknown version", "no version of the rules", 8, sql(`UPDATE registration SET cohort_version = 9 WHERE serial = 1`)},
	{"before the opening", "no version of the rules", 8, sql(`
WITH r AS (UPDATE registration SET arrival = arrival - interval '2 hours', received_at = received_at - interval '2 hours' WHERE serial = 1 RETURNING id),
p AS (UPDATE place SET arrival = arrival - interval '2 hours' WHERE registration_id = (SELECT id FROM r))
UPDATE appointment SET arrival = arrival - interval '2 hours' WHERE registration_id = (SELECT id FROM r)`)},

	{"registration without a trail", "nobody registered it", 9, sql(`DELETE FROM audit_log WHERE id = (SELECT min(id) FROM audit_log WHERE act = 'register')`)},
	{"change without a trail", "changed without a line", 9, sql(`DELETE FROM audit_log WHERE act = 'appointment.confirmed'`)},
	{"change by another", "changed without a line", 9, sql(`UPDATE audit_log SET actor = 'somebody' WHERE act = 'appointment.declined'`)},
	{"proof without a trail", "verified without a line", 9, sql(`DELETE FROM audit_log WHERE act = 'verify.reply'`)},
	{"a proof without a code", "counts as proven by a code", 9, func(t *testing.T, p *past) {
		p.Exec(t, `INSERT INTO verification (campaign_id, registration_id, method, device, at, actor) VALUES ($1, $2, 'code', '\x00112233445566778899aabbccddeeff', now(), 'app')`,
			p.campaign.ID, [16]byte(p.ids[0]))
		p.Exec(t, `INSERT INTO audit_log (campaign_id, registration_id, at, actor, act) VALUES ($1, $2, now(), 'app', 'verify.code')`, p.campaign.ID, [16]byte(p.ids[0]))
	}},
	{"an introduced phone without a code", "no code that went to it", 9, func(t *testing.T, p *past) { p.introduction(t, `now()`) }},
	{"a removal without a trail", "was shut out from", 9, sql(`INSERT INTO device_removed (campaign_id, registration_id, device, proven, at, actor, operation_id)
		SELECT campaign_id, id, '\x00112233445566778899aabbccddeeff', true, now(), 'app', gen_random_uuid() FROM registration WHERE serial = 1`)},
	{"removals can be changed", "table device_removed", 9, sql(`GRANT UPDATE ON device_removed TO jari_app`)},
	{"campaign without a trail", "campaign 1 version 1", 9, sql(`DELETE FROM audit_log WHERE act = 'campaign.apply'`)},
	{"history gone round", "not what its history says", 9, func(t *testing.T, p *past) {
		p.Exec(t, `ALTER TABLE appointment DISABLE TRIGGER appointment_changed`)
		p.Exec(t, `UPDATE appointment SET state = 'offered' WHERE state = 'confirmed'`)
	}},
	{"earlier arrival without a trail", "took over an earlier arrival", 9, func(t *testing.T, p *past) {
		p.Exec(t, `UPDATE registration SET arrival = arrival - interval '30 seconds' WHERE id = $1`, [16]byte(p.ids[7]))
		p.Exec(t, `UPDATE place SET announced_arrival = arrival, arrival = arrival - interval '30 seconds', moved_at = now(), late = 'stamp' WHERE registration_id = $1`, [16]byte(p.ids[7]))
	}},
	{"withdrawal without a trail", "given up without a line", 9, sql(`DELETE FROM audit_log WHERE act = 'withdraw'`)},
	{"correction without a trail", "was changed without a line", 9, sql(`DELETE FROM audit_log WHERE act = 'correct' AND id = (SELECT max(id) FROM audit_log WHERE act = 'correct')`)},
	{"an impossible step", "a step in its history", 9, func(t *testing.T, p *past) {
		p.Exec(t, `INSERT INTO appointment_event (appointment_id, from_state, to_state, at, actor) SELECT a.id, s.f, s.t, now(), 'job:x'
			FROM appointment a, (VALUES ('offered', 'attended'), ('attended', 'offered')) AS s(f, t) WHERE a.registration_id = $1`, [16]byte(p.ids[7]))
	}},
	{"a round without a record", "left no record", 9, sql(`DELETE FROM round WHERE number = 1`)},
	{"history switched off", "trigger appointment_changed", 9, sql(`ALTER TABLE appointment DISABLE TRIGGER appointment_changed`)},
	{"history can be made up", "rows made in appointment_event", 9, sql(`GRANT INSERT ON appointment_event TO jari_app`)},
	{"people can be erased", "rows of registration", 9, sql(`GRANT DELETE ON registration TO jari_app`)},
	{"decisions can be changed", "table decision", 9, sql(`GRANT UPDATE ON decision TO jari_app`)},
	{"proofs can be changed", "table verification", 9, sql(`GRANT UPDATE ON verification TO jari_app`)},
	{"trail can be changed", "table audit_log", 9, sql(`GRANT UPDATE ON audit_log TO jari_app`)},
	{"trail can be shortened", "table appointment_event", 9, sql(`GRANT DELETE ON appointment_event TO jari_app`)},
	{"places can be changed", "table place", 9, sql(`GRANT UPDATE (number) ON place TO jari_app`)},

	{"made by nobody", "no history, or one without an actor", 9, func(t *testing.T, p *past) {
		p.Exec(t, `ALTER TABLE appointment_event DROP CONSTRAINT appointment_event_actor`)
		p.Exec(t, `UPDATE appointment_event SET actor = '' WHERE from_state = '' AND appointment_id = (SELECT min(appointment_id) FROM appointment_event)`)
	}},

	{"event of nothing", "belongs to nothing", 10, sql(`INSERT INTO appointment_event (appointment_id, from_state, to_state, at, actor) VALUES (999, '', 'offered', now(), 'somebody')`)},
	{"an appointment of no pool", "belongs to nothing", 10, func(t *testing.T, p *past) {
		p.Exec(t, `UPDATE appointment SET pool_id = 999 WHERE registration_id = $1`, [16]byte(p.ids[7]))
	}},
	{"looked at and forgotten", "is forgotten", 10, func(t *testing.T, p *past) {
		p.forget(t, 7)
		p.Exec(t, `DELETE FROM waiting`)
	}},
	{"woken and not looked at", "nobody does", 10, func(t *testing.T, p *past) {
		p.forget(t, 7)
		p.Exec(t, `UPDATE waiting SET look = true`)
	}},
	{"never sealed", "has no place yet", 10, func(t *testing.T, p *past) { p.apply(t, 9, time.Second) }},
	{"sending for ever", "message 1: is stuck", 10, sql(`UPDATE message SET state = 'sending' WHERE id = 1`)},
	{"receipt not applied", "receipt 1", 10, func(t *testing.T, p *past) {
		p.Exec(t, `UPDATE message SET provider_id = 'SM9' WHERE id = 1`)
		p.Exec(t, `INSERT INTO receipt (provider_id, status, received_at) VALUES ('SM9', 'delivered', now())`)
	}},
}

func TestAuditFindsEachBreach(t *testing.T) {
	t.Parallel()
	history := honest(t)
	if r := history.audit(t); r.Violations != 0 {
		t.Fatalf("violations before any breach:\n%s", r.Text())
	}
	for _, b := range breaks {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			p := history.copied(t)
			b.breach(t, p)
			r := p.audit(t)
			for _, l := range r.Laws {
				if (l.Law == b.law) != (l.Violations > 0) {
					t.Errorf("law %d: %d violations", l.Law, l.Violations)
				}
				if l.Law == b.law && !strings.Contains(l.First, b.first) {
					t.Errorf("first offender %q, expected %q in it", l.First, b.first)
				}
			}
			if t.Failed() {
				t.Log("\n" + r.Text())
			}
		})
	}
}

// sql is a breach of one statement.
func sql(statement string) func(t *testing.T, p *past) {
	return func(t *testing.T, p *past) {
		t.Helper()
		p.Exec(t, statement)
	}
}

// A batch introduces somebody and, half a minute later, applies: both have the instant at which it came.
func TestAuditOfABatchThatTookItsTime(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.apply(t, 0, time.Minute)
	p.announce(t)
	p.Exec(t, `UPDATE registration SET stored_at = received_at + interval '35 seconds', device = '\x00112233445566778899aabbccddeeff'`)
	p.introduction(t, `NULL`)
	p.clean(t)
}

// introduction lets a device have introduced the first person when they applied.
func (p *past) introduction(t *testing.T, verified string) {
	t.Helper()
	p.Exec(t, `INSERT INTO introduction (campaign_id, registration_id, device, person_ct, phone_hash, region, lang, introduced_at, verified_at)
		SELECT campaign_id, id, '\x00112233445566778899aabbccddeeff', person_ct, '\x00112233445566778899aabbccddeeff', '', lang, received_at, `+verified+` FROM registration WHERE id = $1`,
		[16]byte(p.ids[0]))
}

// offer gives somebody a free slot, with everything that belongs to it.
func (p *past) offer(t *testing.T, n int) {
	t.Helper()
	var id int64
	p.Scan(t, `
WITH s AS (UPDATE slot SET taken = taken + 1 WHERE id = (SELECT max(id) FROM slot WHERE taken = 0) RETURNING id, pool_id),
a AS (INSERT INTO appointment (campaign_id, registration_id, slot_id, pool_id, round, state, arrival, tie, made_at, changed_at, changed_by)
    SELECT p.campaign_id, p.registration_id, s.id, s.pool_id, 9, 'offered', p.arrival, p.tie, now(), now(), 'somebody' FROM s, place p
    WHERE p.registration_id = $1 RETURNING id)
SELECT id FROM a`, []any{[16]byte(p.ids[n])}, &id)
	p.Exec(t, `INSERT INTO round (pool_id, number, page, at, version, free_before, looked_at, assigned, unmatched, actor)
		SELECT pool_id, round, page, made_at, 1, 1, 1, 1, 0, 'somebody' FROM appointment WHERE id = $1 ON CONFLICT DO NOTHING`, id)
	p.Exec(t, `INSERT INTO audit_log (campaign_id, registration_id, at, actor, act, detail) VALUES ($1, $2, now(), 'somebody', 'appointment.offered', $3)`,
		p.campaign.ID, [16]byte(p.ids[n]), map[string]any{"appointment": id})
	p.Exec(t, `INSERT INTO message (campaign_id, registration_id, appointment_id, kind, dedup, reference, state, priority_at, due_at, state_at, created_at)
		VALUES ($1, $2, $3, 'offer', $4, 'AAAA', 'delivered', now(), now(), now(), now())`, p.campaign.ID, [16]byte(p.ids[n]), id, fmt.Sprintf("offer/%d", id))
}

// place announces another number.
func (p *past) place(t *testing.T, id booking.ID) {
	t.Helper()
	p.Exec(t, `
INSERT INTO place (campaign_id, registration_id, queue_id, number, arrival, tie, late, sealed_at)
SELECT r.campaign_id, r.id, q.id, q.sealed_to + 1, r.arrival, r.tie, 'stored_late', now() FROM registration r JOIN queue q ON q.id = r.queue_id WHERE r.id = $1`, [16]byte(id))
	p.Exec(t, `UPDATE queue SET sealed_to = sealed_to + 1`)
}

// forget takes somebody's offer out of history, as if they had been passed over.
func (p *past) forget(t *testing.T, n int) {
	t.Helper()
	var id int64
	p.Scan(t, `SELECT id FROM appointment WHERE registration_id = $1`, []any{[16]byte(p.ids[n])}, &id)
	p.Exec(t, `DELETE FROM message WHERE appointment_id = $1`, id)
	p.Exec(t, `DELETE FROM appointment_event WHERE appointment_id = $1`, id)
	p.Exec(t, `DELETE FROM audit_log WHERE detail->>'appointment' = $1`, fmt.Sprint(id))
	p.Exec(t, `UPDATE slot SET taken = taken - 1 WHERE id = (SELECT slot_id FROM appointment WHERE id = $1)`, id)
	p.Exec(t, `DELETE FROM appointment WHERE id = $1`, id)
	p.Exec(t, `INSERT INTO waiting (campaign_id, registration_id, pool_id, queue_id, arrival, tie, look, reason)
		SELECT p.campaign_id, p.registration_id, q.pool_id, q.id, p.arrival, p.tie, false, 'no_slots' FROM place p JOIN queue q ON q.id = p.queue_id
		WHERE p.registration_id = $1 ON CONFLICT DO NOTHING`, [16]byte(p.ids[n]))
	p.Exec(t, `INSERT INTO decision (campaign_id, registration_id, dose, pool_id, round, page, reason, at)
		SELECT campaign_id, registration_id, dose, pool_id, 1, 0, reason, now() FROM waiting WHERE registration_id = $1`, [16]byte(p.ids[n]))
	p.Exec(t, `INSERT INTO message (campaign_id, registration_id, kind, dedup, reference, state, priority_at, due_at, state_at, created_at)
		VALUES ($1, $2, 'no_time', $3, 'AAAA', 'delivered', now(), now(), now(), now())`, p.campaign.ID, [16]byte(p.ids[n]), fmt.Sprintf("no_time/%x", p.ids[n][:]))
}

// noTime lets somebody find nothing free, and takes one of the traces away that this leaves.
func (p *past) noTime(t *testing.T, trace string) {
	t.Helper()
	p.apply(t, 9, time.Second, wishing(booking.Wishes{NotAfter: booking.Date{Year: 2000, Month: 1, Day: 1}}))
	p.announce(t)
	p.round(t)
	p.delivered(t)
	if r := p.audit(t); r.Violations != 0 {
		t.Fatal("\n" + r.Text())
	}
	p.Exec(t, `DELETE FROM `+trace+` WHERE registration_id = $1 `+map[string]string{"message": "AND kind = 'no_time'", "decision": ""}[trace], [16]byte(p.ids[9]))
}

// leaves withdraws the entry $1 at an instant, with everything that belongs to it but the end of an appointment.
func leaves(at string) string {
	return `WITH r AS (UPDATE registration SET withdrawn_at = ` + at + ` WHERE id = $1 RETURNING campaign_id, id, withdrawn_at),
		l AS (INSERT INTO audit_log (campaign_id, registration_id, at, actor, act) SELECT campaign_id, id, withdrawn_at, 'phone', 'withdraw' FROM r)
		INSERT INTO message (campaign_id, registration_id, kind, dedup, reference, state, priority_at, due_at, state_at, created_at)
		SELECT campaign_id, id, 'withdrawn', 'cancel/' || id, 'AAAA', 'delivered', now(), now(), now(), withdrawn_at FROM r`
}

// again lets somebody whose entry stands apply as if they had withdrawn.
func (p *past) again(t *testing.T, n int) {
	t.Helper()
	p.apply(t, n, time.Second, func(a *desk.Application) {
		text, err := booking.Identity(p.campaign.Identity, dbtest.Person(n), 1)
		ok(t, err)
		a.Generation, a.ID = 1, p.campaign.Keys.ID(text)
		a.Tie = p.campaign.Keys.Tie(a.ID)
		a.PersonCT, err = p.campaign.Keys.SealPerson(a.ID, dbtest.Person(n))
		ok(t, err)
	})
}

func TestAuditOfTextsThatWaitForTheMorning(t *testing.T) {
	t.Parallel()
	p := newPast(t, func(c *booking.Campaign) { c.Limits.QuietFrom, c.Limits.QuietTo = 0, 23 })
	p.apply(t, 0, time.Second)
	p.announce(t)
	p.Exec(t, `UPDATE message SET created_at = created_at - interval '1 hour', due_at = due_at - interval '1 hour'`)
	zone := p.campaign.Zone
	night := time.Now().In(zone)
	night = time.Date(night.Year(), night.Month(), night.Day(), 12, 0, 0, 0, zone).Add(dbtest.Day)
	look := func() int64 {
		r, err := db.Audit(t.Context(), p.Pool, p.set, db.AuditOptions{Now: night})
		ok(t, err)
		return r.Laws[4].Violations
	}
	if n := look(); n != 0 {
		t.Errorf("%d texts count as lost that wait for the end of quiet hours", n)
	}
	p.Exec(t, `UPDATE message SET urgent = true`)
	if n := look(); n != 1 {
		t.Errorf("%d urgent texts count as lost, expected 1", n)
	}
}

func TestAuditCountsKnownDoublesAsInformation(t *testing.T) {
	t.Parallel()
	p := honest(t)
	p.Exec(t, `INSERT INTO send_attempt (message_id, claimed_at, outcome, extra) VALUES (1, now(), 'found', 2)`)
	r := p.audit(t)
	if r.Violations != 0 || r.Info.KnownDoubles != 2 {
		t.Fatalf("known doubles %d\n%s", r.Info.KnownDoubles, r.Text())
	}
}

func TestAuditWithoutKeysSaysSo(t *testing.T) {
	t.Parallel()
	p := honest(t)
	r, err := db.Audit(t.Context(), p.Pool, db.NewCampaigns(p.Pool, p.Master), db.AuditOptions{})
	ok(t, err)
	if len(r.Info.Unopened) != 1 || r.Info.Unopened[0] != dbtest.Slug {
		t.Errorf("unopened %v", r.Info.Unopened)
	}
}

func TestReportRendering(t *testing.T) {
	t.Parallel()
	p := honest(t)
	p.Exec(t, `UPDATE message SET state = 'sending' WHERE id = 1`)
	r := p.audit(t)
	lines := strings.Split(strings.TrimSpace(r.Text()), "\n")
	if len(lines) != 1+11+1+1 || !strings.Contains(r.Text(), "first: message 1: is stuck") || lines[len(lines)-1] != "1 violation" {
		t.Errorf("text:\n%s", r.Text())
	}
	raw, err := json.Marshal(r)
	ok(t, err)
	var shape struct {
		Violations int
		Laws       []map[string]any
	}
	ok(t, json.Unmarshal(raw, &shape))
	for _, field := range []string{"law", "name", "checked", "violations"} {
		if _, has := shape.Laws[9][field]; !has {
			t.Errorf("no field %q in %s", field, raw)
		}
	}
	if shape.Violations != 1 || shape.Laws[0]["shown_by"] == nil || shape.Laws[9]["first"] == nil {
		t.Errorf("json: %s", raw)
	}
}
