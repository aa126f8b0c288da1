package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking/desk"
)

const (
	// signEvery is how often a node that takes texts says so, and quiet after how long without a sign nobody did.
	signEvery = time.Second
	quiet     = 3 * time.Second
	// refusalsEnd is after how long without a refusal refusals are over, and their log is read.
	refusalsEnd = 10 * time.Second
)

// TextDoor writes one node's signs of life, and finds the times in which no node took texts. What it says is a time of our clock.
type TextDoor struct {
	pool     *pgxpool.Pool
	provider string
	span     int64 // the row of the present span; 0: none yet

	mu       sync.Mutex
	from, to time.Time // of the refusals that go on, or were the last
	fresh    bool      // and are not noted yet
}

// NewTextDoor makes it for one provider.
func NewTextDoor(pool *pgxpool.Pool, provider string) *TextDoor {
	return &TextDoor{pool: pool, provider: provider}
}

// Refused hears that a text which came at an instant was refused, because too many waited or it could not be stored. The next sign notes it as an outage: the
// provider may not try again, so its log is read. Refusals that follow one another soon are one outage, read when it is over.
func (d *TextDoor) Refused(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at.Sub(d.to) > refusalsEnd && !d.fresh {
		d.from, d.to = at, at
	}
	if at.Before(d.from) {
		d.from = at
	}
	if at.After(d.to) {
		d.to = at
	}
	d.fresh = true
}

// noteRefusals notes what Refused has heard since the last time. It ends a second later: the log knows seconds.
func (d *TextDoor) noteRefusals(ctx context.Context, now time.Time) error {
	d.mu.Lock()
	from, to, fresh := d.from, d.to, d.fresh
	d.fresh = false
	d.mu.Unlock()
	if !fresh {
		return nil
	}
	err := NewOutages(d.pool).Note(ctx, desk.Outage{Provider: d.provider, From: from, To: to.Add(time.Second)}, "refusals", now.Add(refusalsEnd))
	if err != nil {
		d.mu.Lock()
		d.fresh = true
		d.mu.Unlock()
	}
	return err
}

// Run gives a sign at once and then every second, until the context ends. Run it as soon as texts are taken.
func (d *TextDoor) Run(ctx context.Context, clock desk.Clock, report func(error)) {
	repeat(ctx, signEvery, 2*time.Second, report, func(ctx context.Context) error {
		now := clock.Now()
		if err := d.Sign(ctx, now); err != nil {
			return err
		}
		return d.noteRefusals(ctx, now)
	})
}

// Sign says that this node takes texts. After a pause in which it could not say so a new span begins: nobody knows whether it did.
func (d *TextDoor) Sign(ctx context.Context, now time.Time) error {
	if d.span != 0 {
		tag, err := d.pool.Exec(ctx, `UPDATE text_door SET seen_at = $2 WHERE id = $1 AND seen_at > $2::timestamptz - $3::interval AND seen_at <= $2`, d.span, now, quiet)
		if err != nil {
			return fmt.Errorf("sign of life of the text door: %w", err)
		}
		if tag.RowsAffected() == 1 {
			return nil
		}
	}
	err := d.pool.QueryRow(ctx, `INSERT INTO text_door (provider, started_at, seen_at) VALUES ($1, $2, $2) RETURNING id`, d.provider, now).Scan(&d.span)
	if err != nil {
		return fmt.Errorf("sign of life of the text door: %w", err)
	}
	return nil
}

// Stop says that this node takes no more texts from now on. Call it after Run has returned.
func (d *TextDoor) Stop(ctx context.Context, now time.Time) error {
	if err := d.noteRefusals(ctx, now); err != nil {
		return err
	}
	if d.span == 0 {
		return nil
	}
	_, err := d.pool.Exec(ctx, `UPDATE text_door SET seen_at = greatest(seen_at, $2), stopped_at = $2 WHERE id = $1 AND seen_at > $2::timestamptz - $3::interval`, d.span, now, quiet)
	return err
}

// Outages finds the times without a sign of life, and which of them are to be read up in a provider's log.
type Outages struct{ pool *pgxpool.Pool }

// NewOutages makes it.
func NewOutages(pool *pgxpool.Pool) *Outages { return &Outages{pool} }

// spansSQL are the spans of signs, each with how far those that began before it reach. $1 is now.
const spansSQL = `SELECT provider, started_at, max(seen_at) OVER (PARTITION BY provider ORDER BY started_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered
    FROM text_door WHERE seen_at > $1::timestamptz - interval '7 days'`

// settled is how long after a span's beginning it is known who else gave signs then.
const settled = 2 * quiet

// Find notes the outages that have ended, to be read up some time later. Noting one again changes nothing. Several at once are harmless.
//
// A span begins when a node starts or could give no sign for a while. So any gap before one is a time in which no node took texts, however short: a
// restart takes two seconds, and no provider tries again for long. Whether another node was there is known of a short one only a little later.
func (o *Outages) Find(ctx context.Context, now time.Time, after time.Duration) error {
	_, err := o.pool.Exec(ctx, `
INSERT INTO text_outage (provider, from_at, to_at, next_at)
SELECT provider, covered, started_at, started_at + $3::interval FROM (`+spansSQL+`) d
WHERE started_at > covered AND (started_at - covered > $2::interval OR started_at <= $1::timestamptz - $4::interval)
ON CONFLICT (provider, from_at) DO NOTHING`, now, quiet, after, settled)
	if err != nil {
		return fmt.Errorf("find outages of the text door: %w", err)
	}
	return nil
}

// unheard is the instant from which on people may have texted what we do not know yet: when an outage began that lasts, or whose log is not read to the end.
// ok is false where there is none. A provider that has been away for a day, or whose log cannot be read for a day, keeps nobody waiting any more: it may have
// been given up.
func unheard(ctx context.Context, q querier, now time.Time) (since time.Time, ok bool, err error) {
	var first *time.Time
	err = q.QueryRow(ctx, `SELECT min(since) FROM (
    SELECT max(seen_at) FROM text_door GROUP BY provider HAVING max(seen_at) < $1::timestamptz - $2::interval AND max(seen_at) > $1::timestamptz - interval '1 day'
    UNION ALL SELECT d.covered FROM (`+spansSQL+`) d WHERE d.started_at > d.covered AND d.started_at > $1::timestamptz - interval '1 day'
        AND NOT EXISTS (SELECT FROM text_outage o WHERE o.provider = d.provider AND o.from_at = d.covered)
    UNION ALL SELECT from_at FROM text_outage WHERE next_at IS NOT NULL AND to_at > $1::timestamptz - interval '1 day') u(since)`, now, quiet).Scan(&first)
	if err != nil || first == nil {
		return time.Time{}, false, err
	}
	return first.Add(-quiet), true, nil // what came just before the last sign may have been lost too
}

// Note notes an outage that no sign of life shows: the provider could not reach us although we were there. It is read up at an instant, now or later.
func (o *Outages) Note(ctx context.Context, out desk.Outage, by string, at time.Time) error {
	_, err := o.pool.Exec(ctx, `INSERT INTO text_outage (provider, from_at, to_at, next_at, noted_by) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (provider, from_at) DO UPDATE SET to_at = greatest(text_outage.to_at, EXCLUDED.to_at), readings = 0, next_at = EXCLUDED.next_at`,
		out.Provider, out.From, out.To, at, by)
	if err != nil {
		return fmt.Errorf("note an outage of the text door: %w", err)
	}
	return nil
}

// Due takes the outage that waits longest to be read up, and leaves it alone for a while: should the reading fail, it is due again then. ok is false
// when there is none.
func (o *Outages) Due(ctx context.Context, now time.Time, again time.Duration) (out desk.Outage, ok bool, err error) {
	err = o.pool.QueryRow(ctx, `UPDATE text_outage SET next_at = $1::timestamptz + $2::interval WHERE id =
		(SELECT id FROM text_outage WHERE next_at <= $1 ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, provider, from_at, to_at`, now, again).
		Scan(&out.ID, &out.Provider, &out.From, &out.To)
	if errors.Is(err, pgx.ErrNoRows) {
		return out, false, nil
	}
	if err == nil {
		out.Near, err = o.near(ctx, out, now)
	}
	if err != nil {
		return out, false, fmt.Errorf("look for an outage to read up: %w", err)
	}
	return out, true, nil
}

// near lists what other outages the log of one shows texts of. Whoever reads both late would take the other's texts for some from outside.
func (o *Outages) near(ctx context.Context, out desk.Outage, now time.Time) ([]desk.Outage, error) {
	return collect(ctx, o.pool, func(row pgx.CollectableRow) (x desk.Outage, err error) {
		x.Provider = out.Provider
		return x, row.Scan(&x.From, &x.To)
	}, `SELECT from_at, to_at FROM text_outage WHERE provider = $1 AND id <> $2 AND from_at < $4 AND to_at > $3
		UNION ALL SELECT max(seen_at), $5 FROM text_door WHERE provider = $1 HAVING max(seen_at) < $5::timestamptz - $6::interval ORDER BY 1`,
		out.Provider, out.ID, out.From.Add(-2*desk.LogMargin), out.To.Add(2*desk.LogMargin), now, quiet)
}

// readings is how often a log is read for one outage: an absent text proves nothing before two readings.
const readings = 2

// Read notes that an outage was read up, and how many texts that brought. It is read again once, after the given time.
func (o *Outages) Read(ctx context.Context, out desk.Outage, kept int, now time.Time, again time.Duration) error {
	_, err := o.pool.Exec(ctx, `UPDATE text_outage SET readings = readings + 1, kept = kept + $2,
		next_at = CASE WHEN readings + 1 < $5 THEN $3::timestamptz + $4::interval END WHERE id = $1`, out.ID, kept, now, again, readings)
	if err != nil {
		return fmt.Errorf("note that an outage was read up: %w", err)
	}
	return nil
}

// ownTime is how long after a second a text of it may come to our door by itself, without having been delivered twice.
const ownTime = 3 * time.Second

// loggedPage is how many texts of a log one transaction keeps.
const loggedPage = 1000

// KeepLogged implements desk.Switchboard.
func (s *Switchboard) KeepLogged(ctx context.Context, texts []desk.Inbound, ended time.Time) (int, error) {
	all := 0
	if len(texts) == 0 {
		return 0, nil
	}
	last, err := s.lastTaken(ctx, texts[0].Provider, ended)
	if err != nil {
		return 0, err
	}
	for page := range slices.Chunk(texts, loggedPage) {
		rows := make([]kept, len(page))
		for i, in := range page {
			in.Arrival = behind(in.Arrival, last)
			if rows[i], err = s.seal(in); err != nil {
				return all, err
			}
		}
		slices.SortFunc(rows, func(a, b kept) int { return strings.Compare(a.in.ProviderSID, b.in.ProviderSID) })
		n, err := s.keepLoggedPage(ctx, rows, ended)
		if all += n; err != nil {
			return all, fmt.Errorf("keep the texts of a log: %w", err)
		}
	}
	return all, nil
}

// lastWithin is how many of the latest texts are looked through for the last one that our own door took before an outage: what comes in some minutes.
const lastWithin = 500_000

// lastTaken is the arrival of the last text of a provider that our own door took before an instant; zero where there is none.
func (s *Switchboard) lastTaken(ctx context.Context, provider string, before time.Time) (time.Time, error) {
	var last *time.Time
	err := s.pool.QueryRow(ctx, `SELECT max(arrival) FROM inbound WHERE id > (SELECT coalesce(max(id), 0) - $3 FROM inbound) AND provider = $1 AND via = '' AND arrival < $2`,
		provider, before, lastWithin).Scan(&last)
	if err != nil || last == nil {
		return time.Time{}, err
	}
	return *last, nil
}

// behind is the arrival of a text in a log, whose time is a whole second, when our door still took texts in that second: they came before it went away, and
// this one did not.
func behind(at, last time.Time) time.Time {
	if at.Nanosecond() == 0 && !at.After(last) && last.Before(at.Add(time.Second)) {
		return last.Add(time.Microsecond)
	}
	return at
}

// keepLoggedPage keeps what is missing. Of what we have it moves what our own door took after the outage had ended, though the provider had it before: it is
// handled (again) with its earlier arrival, and so is the copy of whatever campaign it was passed on to; whoever was answered then is not answered again.
// What the log has at the end or, clamped to that, a few seconds later came to our door in its own time: its arrival stays, and with it the order of those who texted then. So does what came within ownTime of the second
// in which the outage ended: a log that knows only seconds cannot say on which side of the end it lies.
//
// A text to a shared number that was passed on, or is held until its campaign is named, is not handled again: for whom it is was decided or asked by what was
// on record then, and would be asked anew by what is on record now. Its copies carry its arrival, those to come too.
func (s *Switchboard) keepLoggedPage(ctx context.Context, rows []kept, ended time.Time) (n int, err error) {
	columns, ends := textColumns(rows), []string{""}
	for _, c := range s.campaigns.All() {
		ends = append(ends, "/"+c.Slug)
	}
	err = write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		fresh, err := tx.Exec(ctx, insertTextsSQL+` DO NOTHING`, columns...)
		if err != nil {
			return err
		}
		// Locked by a statement of its own, so that the next one sees the copies that were made until then.
		if _, err := tx.Exec(ctx, `SELECT FROM inbound i JOIN unnest($1::text[], $2::text[]) AS t(provider, sid) ON i.provider = t.provider AND i.provider_sid = t.sid
			WHERE i.shared AND i.via = '' AND i.arrival > $3 ORDER BY i.id FOR UPDATE OF i`, columns[1], columns[2], ended); err != nil {
			return err
		}
		moved, err := tx.Exec(ctx, `UPDATE inbound i SET arrival = t.arrival, via = 'log', found_at = t.found, heard = handled_at IS NOT NULL, failures = 0, look_at = NULL,
				handled_at = CASE WHEN i.shared AND (i.held OR EXISTS (SELECT FROM unnest($5::text[]) AS o(ending) JOIN inbound k ON k.provider = t.provider
					AND k.provider_sid = t.sid || o.ending WHERE o.ending <> '')) THEN handled_at END
			FROM unnest($1::text[], $2::text[], $3::timestamptz[], $6::timestamptz[]) AS t(provider, sid, arrival, found) CROSS JOIN unnest($5::text[]) AS e(ending)
			WHERE i.provider = t.provider AND i.provider_sid = t.sid || e.ending AND i.via = '' AND i.arrival > $4 AND t.arrival < $4
				AND (t.arrival <= $4::timestamptz - interval '1 second' OR i.arrival - t.arrival > $7::interval)`, columns[1], columns[2], columns[6], ended, ends, columns[9], ownTime)
		n = int(fresh.RowsAffected() + moved.RowsAffected())
		return err
	})
	return n, err
}

// LastCampaign implements desk.Switchboard.
func (s *Switchboard) LastCampaign(ctx context.Context, provider string) (int32, bool, error) {
	var id int32
	var shared bool
	// What was passed on has a slash in its id, and says nothing of the number.
	err := s.pool.QueryRow(ctx, `SELECT campaign_id, shared FROM inbound WHERE provider = $1 AND via <> 'log' AND strpos(provider_sid, '/') = 0
		ORDER BY id DESC LIMIT 1`, provider).Scan(&id, &shared)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("find the campaign of a number: %w", err)
	}
	return id, !shared, nil
}
