package db

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// Assigner gives slots to people in the order of their key, one round at a time per pool.
type Assigner struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	page      int
}

// NewAssigner makes an assigner. page is how many people one transaction looks at.
func NewAssigner(pool *pgxpool.Pool, campaigns desk.Campaigns, page int) *Assigner {
	return &Assigner{pool: pool, campaigns: campaigns, page: page}
}

// Pools lists the pools of all campaigns.
func (a *Assigner) Pools(context.Context) ([]int32, error) {
	var out []int32
	for _, c := range a.campaigns.All() {
		for _, q := range c.Queues {
			if !slices.Contains(out, q.Pool) {
				out = append(out, q.Pool)
			}
		}
	}
	return out, nil
}

// RoundResult says what a round did.
type RoundResult struct{ Looked, Assigned, Unmatched int }

// RunRound walks the whole pool once, from the first who waits, page by page. Every page's transaction locks the pool's
// row and checks that the round is still this one, so that a second assigner, whatever the reason for it, writes nothing.
func (a *Assigner) RunRound(ctx context.Context, pool int32, actor string) (RoundResult, error) {
	var sum RoundResult
	r, err := a.begin(ctx, pool, actor)
	if err != nil || r.number == 0 {
		return sum, err
	}
	for ctx.Err() == nil {
		p, err := a.runPage(ctx, r)
		if err != nil {
			return sum, fmt.Errorf("assign pool %d, page %d: %w", pool, r.page, err)
		}
		sum.Looked += p.looked
		sum.Assigned += p.assigned
		sum.Unmatched += p.unmatched
		if p.last {
			break
		}
	}
	return sum, nil
}

// round is one walk through a pool.
type round struct {
	campaign *desk.Campaign
	pool     int32
	number   int64
	page     int
	free     map[int64]int     // what the round may still give; nil before the first page
	after    *booking.OrderKey // the last key looked at
	actor    string
}

type pageResult struct {
	looked, assigned, unmatched int
	last                        bool
}

// begin opens a round if none is under way and anybody can be served at all: otherwise nothing is written and its number
// is 0.
func (a *Assigner) begin(ctx context.Context, pool int32, actor string) (*round, error) {
	r := &round{pool: pool, actor: actor}
	err := write(ctx, a.pool, func(ctx context.Context, tx pgx.Tx) error {
		var campaign int32
		var number int64
		var busy bool
		if err := tx.QueryRow(ctx, `SELECT campaign_id, round, coalesce(busy_until > clock_timestamp(), false) FROM pool WHERE id = $1 FOR UPDATE`,
			pool).Scan(&campaign, &number, &busy); err != nil || busy {
			return err
		}
		c, err := a.campaigns.ByID(campaign)
		if err != nil {
			return err
		}
		r.campaign = c
		people, err := waitingPeople(ctx, tx, r, 1)
		if err != nil || len(people) == 0 {
			return err
		}
		r.number = number + 1
		return r.hold(ctx, tx, false)
	})
	if err != nil {
		return r, fmt.Errorf("begin a round of pool %d: %w", pool, err)
	}
	return r, nil
}

// roundRests is how long a round may rest between two pages before another one may begin. A new round must not cut off one
// that is under way, or whoever stands behind a page's length of people without a match would never be reached; and a
// round whose assigner died must not hold the pool for long.
const roundRests = 30 * time.Second

// hold marks the round as under way, or as ended.
func (r *round) hold(ctx context.Context, tx pgx.Tx, ended bool) error {
	_, err := tx.Exec(ctx, `UPDATE pool SET round = $2, busy_until = CASE WHEN $3 THEN NULL ELSE clock_timestamp() + make_interval(secs => $4) END WHERE id = $1`,
		r.pool, r.number, ended, roundRests.Seconds())
	return err
}

func (a *Assigner) runPage(ctx context.Context, r *round) (pageResult, error) {
	var res pageResult
	next := *r
	err := writeWithin(ctx, a.pool, time.Minute, func(ctx context.Context, tx pgx.Tx) error {
		next, res = *r, pageResult{last: true}
		var current int64
		var now time.Time
		if err := tx.QueryRow(ctx, `SELECT round, clock_timestamp() FROM pool WHERE id = $1 FOR UPDATE`, r.pool).Scan(&current, &now); err != nil {
			return err
		}
		if current != r.number {
			return nil // another round has begun: it looks at everybody again
		}
		people, err := waitingPeople(ctx, tx, r, a.page)
		if err != nil {
			return err
		}
		if len(people) == 0 {
			return r.hold(ctx, tx, true)
		}
		free, err := freeSlots(ctx, tx, r.pool, now)
		if err != nil {
			return err
		}
		free = next.limit(free)
		decisions := booking.Assign(r.campaign.Campaign, now, candidates(people), free)
		if decisions, err = stillWanted(ctx, tx, r.campaign.ID, decisions); err != nil {
			return err
		}
		if err := a.writePage(ctx, tx, r, now, people, decisions, count(free), &res); err != nil {
			return err
		}
		next.spend(decisions)
		next.page++
		next.after = &people[len(people)-1].Key
		res.last = len(people) < a.page
		return next.hold(ctx, tx, res.last)
	})
	if err == nil {
		*r = next
	}
	return res, err
}

// limit leaves of what is free now only what was free when the round began: what is given back, or added, in the middle
// of a round must not go to somebody late in the order while others before them wait. The next round gives it.
func (r *round) limit(free []booking.FreeSlot) []booking.FreeSlot {
	if r.free == nil {
		r.free = make(map[int64]int, len(free))
		for _, s := range free {
			r.free[s.ID] = s.Free
		}
		return free
	}
	r.free = maps.Clone(r.free) // the round keeps its own until the page is committed
	for i := range free {
		free[i].Free = min(free[i].Free, r.free[free[i].ID])
	}
	return free
}

func (r *round) spend(given []booking.Match) {
	for _, d := range given {
		if d.SlotID != 0 {
			r.free[d.SlotID]--
		}
	}
}

func count(free []booking.FreeSlot) int64 {
	var n int64
	for _, s := range free {
		n += int64(s.Free)
	}
	return n
}

// stillWanted locks the entries that are to get a slot and takes the slot from those that were withdrawn since
// they were read: an offer to somebody who has just left would stay open for ever. The lock waits for changes of an
// entry and makes later ones see the offer.
func stillWanted(ctx context.Context, tx pgx.Tx, campaign int32, decisions []booking.Match) ([]booking.Match, error) {
	var id [][16]byte
	for _, d := range decisions {
		if d.SlotID != 0 {
			id = append(id, d.Key.ID)
		}
	}
	rows, err := tx.Query(ctx, `SELECT id FROM registration WHERE campaign_id = $1 AND id = ANY($2)
		AND withdrawn_at IS NULL AND alias_of IS NULL ORDER BY id FOR KEY SHARE`, campaign, id)
	if err != nil {
		return nil, err
	}
	here := make(map[booking.ID]bool, len(id))
	var one booking.ID
	if _, err := pgx.ForEachRow(rows, []any{(*[16]byte)(&one)}, func() error { here[one] = true; return nil }); err != nil {
		return nil, err
	}
	for i := range decisions {
		if d := &decisions[i]; d.SlotID != 0 && !here[d.Key.ID] {
			d.SlotID, d.Reason = 0, ""
		}
	}
	return decisions, nil
}

// candidate is somebody who waits, with what the messages need.
type candidate struct {
	booking.Waiting
	told bool // was told "no time yet" for the entry before
}

func candidates(people []candidate) []booking.Waiting {
	out := make([]booking.Waiting, len(people))
	for i, p := range people {
		out[i] = p.Waiting
	}
	return out
}

// waitingPeople reads the next people of a pool in the order of their key: those with a place, ready, without an
// appointment that is open or done, within the decline limit, in a queue whose first round has come. Each queue is read
// along its own index and the pages are merged.
func waitingPeople(ctx context.Context, tx pgx.Tx, r *round, limit int) ([]candidate, error) {
	var out []candidate
	for _, k := range queuesOf(r.campaign, r.pool) {
		got, err := waitingInQueue(ctx, tx, r, k, limit)
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	slices.SortFunc(out, func(a, b candidate) int { return a.Key.Compare(b.Key) })
	return out[:min(limit, len(out))], nil
}

type queueRule struct {
	id       int32
	notice   map[string]time.Duration // by cohort
	cohorts  []string
	declines []int32 // how many offers may be declined, by the cohort at the same index
}

// queuesOf lists the pool's queues with their rules, in a fixed order.
func queuesOf(c *desk.Campaign, pool int32) []queueRule {
	var out []queueRule
	for _, q := range c.Queues {
		if q.Pool != pool {
			continue
		}
		rule := queueRule{id: q.ID, notice: map[string]time.Duration{}}
		for _, k := range c.Cohorts {
			// All cohorts: one may enter another queue by now, and its people here keep their rules.
			rule.notice[k.Code] = k.Notice
			rule.cohorts, rule.declines = append(rule.cohorts, k.Code), append(rule.declines, int32(max(k.Declines, 1)))
		}
		out = append(out, rule)
	}
	slices.SortFunc(out, func(a, b queueRule) int { return cmp.Compare(a.id, b.id) })
	return out
}

func waitingInQueue(ctx context.Context, tx pgx.Tx, r *round, q queueRule, limit int) ([]candidate, error) {
	var begun bool // asked first: until then everybody in the queue would be looked at in vain, and that is at the peak
	if err := tx.QueryRow(ctx, `SELECT first_round_at <= clock_timestamp() FROM queue WHERE id = $1`, q.id).Scan(&begun); err != nil || !begun {
		return nil, err
	}
	after := booking.OrderKey{Arrival: time.Unix(0, 0)}
	if r.after != nil {
		after = *r.after
	}
	rows, err := tx.Query(ctx, `
SELECT p.arrival, p.tie, p.registration_id, r.cohort, r.region, r.wishes,
    ARRAY(SELECT a.slot_id FROM appointment a WHERE a.campaign_id = p.campaign_id AND a.registration_id = p.registration_id AND a.state = 'declined'),
    EXISTS (SELECT FROM message m WHERE m.campaign_id = p.campaign_id AND m.registration_id = p.registration_id AND m.kind = 'no_time')
FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id
JOIN queue q ON q.id = p.queue_id
WHERE p.queue_id = $1 AND (p.arrival, p.tie, p.registration_id) > ($2, $3, $4) AND q.first_round_at <= clock_timestamp()
  AND r.withdrawn_at IS NULL AND r.alias_of IS NULL
  AND (r.verify = 'by_offer' OR r.attested OR EXISTS (SELECT FROM verification v WHERE v.campaign_id = p.campaign_id AND v.registration_id = p.registration_id))
  AND NOT EXISTS (SELECT FROM appointment a WHERE a.campaign_id = p.campaign_id AND a.registration_id = p.registration_id
                  AND a.state IN ('offered', 'confirmed', 'attended', 'missed'))
  AND (SELECT count(*) FROM appointment a WHERE a.campaign_id = p.campaign_id AND a.registration_id = p.registration_id AND a.state = 'declined')
      < coalesce((SELECT t.most FROM unnest($5::text[], $7::int[]) AS t(cohort, most) WHERE t.cohort = r.cohort), 1)
  AND NOT EXISTS (SELECT FROM escalation e WHERE e.campaign_id = p.campaign_id AND e.registration_id = p.registration_id
                  AND e.reason = 'corrected_duplicate' AND e.closed_at IS NULL)
ORDER BY p.arrival, p.tie, p.registration_id LIMIT $6`, q.id, after.Arrival, after.Tie, [16]byte(after.ID), q.cohorts, limit, q.declines)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []candidate
	for rows.Next() {
		var p candidate
		var cohort string
		var wishes []byte
		if err := rows.Scan(&p.Key.Arrival, &p.Key.Tie, (*[16]byte)(&p.Key.ID), &cohort, &p.Region, &wishes, &p.Declined, &p.told); err != nil {
			return nil, err
		}
		if wishes != nil {
			if err := json.Unmarshal(wishes, &p.Wishes); err != nil {
				return nil, err
			}
		}
		p.Notice = q.notice[cohort]
		out = append(out, p)
	}
	return out, rows.Err()
}

func freeSlots(ctx context.Context, tx pgx.Tx, pool int32, now time.Time) ([]booking.FreeSlot, error) {
	rows, err := tx.Query(ctx, `SELECT s.id, si.code, s.starts_at, s.capacity - s.taken FROM slot s JOIN site si ON si.id = s.site_id
		WHERE s.pool_id = $1 AND s.taken < s.capacity AND s.starts_at > $2`, pool, now)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []booking.FreeSlot
	for rows.Next() {
		var s booking.FreeSlot
		if err := rows.Scan(&s.ID, &s.Site, &s.Starts, &s.Free); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// writePage writes everything that one page decided: slots, appointments, messages, audit rows and the round's record.
func (a *Assigner) writePage(ctx context.Context, tx pgx.Tx, r *round, now time.Time, people []candidate, decisions []booking.Match, free int64, res *pageResult) error {
	var given []booking.Match
	var messages []desk.Message
	for i, d := range decisions {
		if d.SlotID != 0 {
			given = append(given, d)
			continue
		}
		res.unmatched++
		if !people[i].told && d.Reason != "" { // without a reason: gone meanwhile
			messages = append(messages, noTime(r.campaign.ID, d, now))
		}
	}
	res.looked, res.assigned = len(people), len(given)
	if err := takeSlots(ctx, tx, given); err != nil {
		return err
	}
	offers, err := makeAppointments(ctx, tx, r, given, now)
	if err != nil {
		return err
	}
	if err := insertMessages(ctx, tx, a.campaigns, append(messages, offers...), now); err != nil {
		return err
	}
	if res.assigned == 0 && len(messages) == 0 {
		return nil // the same people, still without a time: no need to record it every second
	}
	last := people[len(people)-1].Key
	_, err = tx.Exec(ctx, `INSERT INTO round (pool_id, number, page, at, version, free_before, looked_at, assigned, unmatched, last_arrival, last_tie, actor)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, r.pool, r.number, r.page, now, r.campaign.Version, free, res.looked, res.assigned, res.unmatched,
		last.Arrival, last.Tie, r.actor)
	return err
}

// takeSlots raises what is taken, one guarded update per slot, in the order of slots so that two transactions cannot
// wait for each other in a circle. The CHECK on the table stands behind it.
func takeSlots(ctx context.Context, tx pgx.Tx, given []booking.Match) error {
	counts := map[int64]int32{}
	for _, d := range given {
		counts[d.SlotID]++
	}
	var id []int64
	for s := range counts {
		id = append(id, s)
	}
	slices.Sort(id)
	n := make([]int32, len(id))
	for i, s := range id {
		n[i] = counts[s]
	}
	if _, err := tx.Exec(ctx, `SELECT id FROM slot WHERE id = ANY($1) ORDER BY id FOR UPDATE`, id); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `UPDATE slot s SET taken = s.taken + t.n FROM unnest($1::bigint[], $2::int[]) AS t(id, n)
		WHERE s.id = t.id AND s.taken + t.n <= s.capacity`, id, n)
	if err != nil {
		return err
	}
	if int(tag.RowsAffected()) != len(id) {
		return fmt.Errorf("%d of %d slots were taken meanwhile", len(id)-int(tag.RowsAffected()), len(id))
	}
	return nil
}

func makeAppointments(ctx context.Context, tx pgx.Tx, r *round, given []booking.Match, now time.Time) ([]desk.Message, error) {
	var id [][16]byte
	var slot, tie []int64
	var arrival []time.Time
	for _, d := range given {
		id, slot = append(id, d.Key.ID), append(slot, d.SlotID)
		arrival, tie = append(arrival, d.Key.Arrival), append(tie, d.Key.Tie)
	}
	rows, err := tx.Query(ctx, `
WITH made AS (
    INSERT INTO appointment (campaign_id, registration_id, slot_id, pool_id, round, state, arrival, tie, made_at, changed_at, changed_by)
    SELECT $1, t.id, t.slot, $2, $3, 'offered', t.arrival, t.tie, $4, $4, $5
    FROM unnest($6::uuid[], $7::bigint[], $8::timestamptz[], $9::bigint[]) WITH ORDINALITY AS t(id, slot, arrival, tie, n) ORDER BY t.n
    RETURNING id, registration_id, slot_id
), trail AS (
    INSERT INTO audit_log (campaign_id, registration_id, at, actor, act, detail)
    SELECT $1, registration_id, $4, $5, 'appointment.offered', jsonb_build_object('appointment', id, 'slot', slot_id, 'round', $3::bigint) FROM made
)
SELECT m.id, m.registration_id, s.starts_at FROM made m JOIN slot s ON s.id = m.slot_id`,
		r.campaign.ID, r.pool, r.number, now, r.actor, id, slot, arrival, tie)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []desk.Message
	for rows.Next() {
		m := desk.Message{Campaign: r.campaign.ID, Entry: &booking.ID{}, Kind: string(words.Offer), Due: now}
		if err := rows.Scan(&m.Appointment, (*[16]byte)(m.Entry), &m.UsefulUntil); err != nil {
			return nil, err
		}
		m.Dedup = fmt.Sprintf("offer/%d", m.Appointment)
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b desk.Message) int { return bytes.Compare(a.Entry[:], b.Entry[:]) })
	return out, rows.Err()
}

func noTime(campaign int32, d booking.Match, now time.Time) desk.Message {
	id := d.Key.ID
	return desk.Message{
		Campaign: campaign, Entry: &id, Kind: string(words.NoTime), Dedup: fmt.Sprintf("no_time/%x", id[:]), Due: now,
		Params: map[string]string{"reason": string(d.Reason)},
	}
}
