package db

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
)

// A round sees only what was committed before it looked, while every recorded instant is taken before its commit. So
// somebody counts as passed over only who was certainly seen: an instant counts from the latest possible commit of its
// transaction on, and whoever became ready later is served by the next round, a moment later.
const (
	// writeMargin is for instants of short writes: they last at most writeTimeout (8 s, db.go), and clocks differ a little.
	writeMargin = 10 * time.Second
	// bulkMargin is for places (seal.go), for a round's pages (assign.go) and for proofs that are carried over (enrol.go), whose instant is
	// taken at the beginning, or in the course, of a transaction that may last a minute.
	bulkMargin = time.Minute
)

// given is one appointment as it was made.
type given struct {
	id      int64
	round   int64
	key     booking.OrderKey
	at      time.Time // the page's instant
	starts  time.Time
	slot    int64
	site    string
	reserve int16      // the reserve whose seat it is, counted from 1; 0: a seat for anybody
	aside   bool       // given by a promise that comes before the order: a later dose, or instead of what we took away
	ended   *time.Time // when it was given back
	decline bool
	lapsed  bool
	later   bool // of a later dose, which does not stand in the order of the first
}

// wait is a time during which somebody waited for a slot of the pool.
type wait struct {
	key        booking.OrderKey
	from, till time.Time
	class      *waitClass
	declined   []int64 // slots that were given back, or lapsed, by then or later: they are not offered to this person again
}

// waitClass is what people have in common who want the same: their wishes, cohort and, where it matters, region.
type waitClass struct {
	booking.Waiting
}

// mostClasses bounds the work for people with wishes: beyond it, people whose wishes few share are counted and not judged.
const mostClasses = 5000

func (a *auditor) readGiven(ctx context.Context, p poolRow) ([]given, error) {
	rows, err := a.tx.Query(ctx, `
SELECT a.id, a.round, a.arrival, a.tie, a.registration_id, a.made_at, s.starts_at, a.slot_id, si.code, CASE WHEN a.kept THEN s.reserve ELSE 0 END,
    a.dose > 1 OR a.cause IN ('moved', 'redated') OR EXISTS (SELECT FROM appointment b WHERE b.campaign_id = a.campaign_id AND b.registration_id = a.registration_id
        AND b.state = 'cancelled' AND b.cause IN ('site_closed', 'capacity', 'redated') AND b.changed_at = a.made_at),
    e.stored_at, coalesce(e.to_state = 'declined', false), coalesce(e.to_state = 'lapsed', false), a.dose > 1
FROM appointment a JOIN slot s ON s.id = a.slot_id JOIN site si ON si.id = s.site_id
LEFT JOIN appointment_event e ON e.appointment_id = a.id AND e.to_state NOT IN `+holds+`
WHERE a.pool_id = $1 ORDER BY a.round, a.made_at, a.id`, p.ID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (given, error) {
		var g given
		err := row.Scan(&g.id, &g.round, &g.key.Arrival, &g.key.Tie, (*[16]byte)(&g.key.ID), &g.at, &g.starts, &g.slot, &g.site, &g.reserve, &g.aside, &g.ended, &g.decline, &g.lapsed, &g.later)
		return g, err
	})
}

// roundBegins finds when each round looked at its first people, or an instant before. A page that changed nothing is not
// recorded: if that was the first one, the last that is known of the rounds before stands for it.
func (a *auditor) roundBegins(ctx context.Context, p poolRow, all []given) (map[int64]time.Time, error) {
	begun := map[int64]time.Time{}
	earliest := func(round int64, at time.Time) {
		if known, ok := begun[round]; !ok || at.Before(known) {
			begun[round] = at
		}
	}
	for _, g := range all {
		earliest(g.round, g.at)
	}
	rows, err := a.tx.Query(ctx, `SELECT number, min(at), max(at), min(page) = 0 FROM round WHERE pool_id = $1 GROUP BY number ORDER BY number`, p.ID)
	if err != nil {
		return nil, err
	}
	var number int64
	var first, last, before time.Time
	var whole bool
	_, err = pgx.ForEachRow(rows, []any{&number, &first, &last, &whole}, func() error {
		if !whole {
			first = before
		}
		earliest(number, first)
		before = last
		return nil
	})
	return begun, err
}

// cohortRule is the strictest that a cohort's rules ever were, so that nobody counts as passed over who at some time
// could not be served.
type cohortRule struct {
	first    time.Time
	notice   time.Duration
	declines int
}

func (a *auditor) cohortRules(campaign int32) map[string]cohortRule {
	out := map[string]cohortRule{}
	for _, v := range a.versions {
		if v.campaign != campaign {
			continue
		}
		for _, k := range v.content.Cohorts {
			r, known := out[k.Code]
			if !known {
				r.declines = max(k.Declines, 1)
			}
			r.declines, r.notice = min(r.declines, max(k.Declines, 1)), max(r.notice, k.Notice)
			if k.FirstRound.After(r.first) {
				r.first = k.FirstRound
			}
			out[k.Code] = r
		}
	}
	return out
}

// readWaits finds who waited when, since they last changed their wishes. A household waits for seats together and is not judged by
// single ones. Whoever is held back, because their corrected identity belongs to another living entry or the phone on file knows nothing of the
// application, does not wait.
func (a *auditor) readWaits(ctx context.Context, p poolRow, all []given) ([]wait, error) {
	rules := a.cohortRules(p.Campaign)
	had := map[booking.ID][]given{}
	for _, g := range all {
		if !g.later {
			had[g.key.ID] = append(had[g.key.ID], g)
		}
	}
	rows, err := a.tx.Query(ctx, `
SELECT p.arrival, p.tie, p.registration_id, r.cohort, r.region, r.wishes::text,
    greatest(greatest(p.sealed_at, p.moved_at) + @bulk::interval, greatest(q.first_round_at, w.at, CASE WHEN NOT h.held THEN h.closed_at END,
        CASE WHEN r.verify <> 'by_offer' AND NOT r.attested THEN v.stored_at END) + @write::interval),
    least(r.withdrawn_at, CASE WHEN h.held THEN h.opened_at END, @now::timestamptz + interval '1 day') - @bulk::interval - @write::interval,
    s.slot_id, s.made_at + @bulk::interval, s.starts_at - @bulk::interval
FROM queue q JOIN place p ON p.queue_id = q.id
JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id
LEFT JOIN (SELECT campaign_id, registration_id, min(CASE WHEN actor = '`+actorEnrol+`' THEN stored_at + @bulk::interval - @write::interval ELSE stored_at END) AS stored_at
    FROM verification GROUP BY 1, 2) v ON v.campaign_id = r.campaign_id AND v.registration_id = r.id
LEFT JOIN (SELECT campaign_id, registration_id, max(at) AS at FROM audit_log WHERE act IN ('wishes', 'correct') GROUP BY 1, 2) w ON w.campaign_id = r.campaign_id AND w.registration_id = r.id
LEFT JOIN (SELECT campaign_id, registration_id, bool_or(closed_at IS NULL) AS held, min(opened_at) AS opened_at, max(closed_at) AS closed_at
    FROM (SELECT campaign_id, registration_id, opened_at, closed_at FROM escalation WHERE reason = 'corrected_duplicate'
        UNION ALL SELECT campaign_id, registration_id, least(refused_at, stored_at), undone_stored_at FROM refusal) o GROUP BY 1, 2) h ON h.campaign_id = r.campaign_id AND h.registration_id = r.id
LEFT JOIN (SELECT x.campaign_id, x.registration_id, a.slot_id, a.made_at, o.starts_at FROM waiting x JOIN appointment a ON a.id = x.swap_of JOIN slot o ON o.id = a.slot_id
    WHERE x.dose = 1) s ON s.campaign_id = r.campaign_id AND s.registration_id = r.id
WHERE q.pool_id = @pool AND r.wishes->>'Household' IS NULL AND (r.alias_of IS NULL OR r.withdrawn_at IS NOT NULL)
  AND (r.verify = 'by_offer' OR r.attested OR v.stored_at IS NOT NULL)`,
		pgx.NamedArgs{"pool": p.ID, "now": a.info.At, "write": writeMargin, "bulk": bulkMargin})
	if err != nil {
		return nil, err
	}
	var out []wait
	var w wait
	var cohort, region string
	var wishes *string
	var swapped *int64
	var made, starts *time.Time // of the appointment that would be given up
	classes := classes{known: map[classKey]*waitClass{}}
	_, err = pgx.ForEachRow(rows, []any{&w.key.Arrival, &w.key.Tie, (*[16]byte)(&w.key.ID), &cohort, &region, &wishes, &w.from, &w.till, &swapped, &made, &starts}, func() error {
		rule, known := rules[cohort]
		if !known {
			return nil // law 8 tells of it
		}
		var err error
		if w.class, err = classes.of(cohort, region, wishes, rule.notice); err != nil || w.class == nil {
			return err
		}
		w.from = latestOf(w.from, rule.first.Add(writeMargin))
		out = appendWaits(out, w, rule.declines, had[w.key.ID])
		if swapped != nil {
			out = appendSwap(out, w, *swapped, *made, *starts, rule.declines, had[w.key.ID])
		}
		return nil
	})
	a.info.Unjudged += classes.beyond
	return out, err
}

type classKey struct{ cohort, region, wishes string }

// classes puts people together who want the same.
type classes struct {
	known  map[classKey]*waitClass
	beyond int64 // people who were not judged, because too many wishes differ
}

func (c *classes) of(cohort, region string, wishes *string, notice time.Duration) (*waitClass, error) {
	k := classKey{cohort: cohort}
	var w booking.Wishes
	if wishes != nil {
		k.wishes = *wishes
		if err := json.Unmarshal([]byte(*wishes), &w); err != nil {
			return nil, err
		}
		if w.MaxKm > 0 {
			k.region = region
		}
	}
	if got := c.known[k]; got != nil {
		return got, nil
	}
	if len(c.known) == mostClasses {
		c.beyond++
		return nil, nil
	}
	made := &waitClass{booking.Waiting{Cohort: cohort, Region: k.region, Wishes: w, Notice: notice}}
	c.known[k] = made
	return made, nil
}

// appendWaits cuts one person's time at the pool into the parts without an appointment. The margins at its ends are taken
// off already.
func appendWaits(out []wait, whole wait, declines int, had []given) []wait {
	part, end := whole, whole.till
	for _, g := range had {
		if g.decline || g.lapsed {
			part.declined = append(part.declined, g.slot)
		}
	}
	for _, g := range had {
		part.till = g.at
		if end.Before(part.till) {
			part.till = end
		}
		if part.from.Before(part.till) {
			out = append(out, part)
		}
		if g.decline {
			declines--
		}
		if g.ended == nil || declines <= 0 {
			return out
		}
		part.from = latestOf(part.from, g.at, g.ended.Add(writeMargin)) // what a text asks for has the instant of the text
	}
	if part.till = end; part.from.Before(part.till) {
		out = append(out, part)
	}
	return out
}

// appendSwap adds the time since when somebody with an appointment has an open wish for another one: the wishes' own, which asking for it
// writes down. What was wished for before and is over leaves no row, and is not judged.
func appendSwap(out []wait, w wait, slot int64, made, starts time.Time, declines int, had []given) []wait {
	w.declined = []int64{slot}
	for _, g := range had {
		if g.decline || g.lapsed {
			w.declined = append(w.declined, g.slot)
		}
		if g.decline {
			declines--
		}
	}
	w.from = latestOf(w.from, made)
	if starts.Before(w.till) {
		w.till = starts
	}
	if declines > 0 && w.from.Before(w.till) {
		out = append(out, w)
	}
	return out
}

func latestOf(all ...time.Time) time.Time { return slices.MaxFunc(all, time.Time.Compare) }
