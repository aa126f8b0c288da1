package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/cmd/jari/crowd"
	"jari/cmd/jari/load"
	"jari/db"
)

// account is what became of the people who should have an entry.
type account struct {
	entries, appointments, told, messages int
	lost                                  int // expected, and not there
	silent                                int // waiting, and not told why
	open                                  int // messages whose fate is not known yet
	untold                                int // texts that did not arrive, and nobody is to call about them
}

// settled reports whether everybody is accounted for.
func (a account) settled() bool { return a.lost == 0 && a.silent == 0 && a.open == 0 && a.untold == 0 }

// runCrowd lets the crowd apply, waits until everybody is accounted for, prints the table and runs the audit.
func (d *demoHouse) runCrowd(ctx context.Context, out io.Writer, people *crowd.Crowd) (bool, error) {
	house, c := d.api.house, d.campaign
	if err := load.Pause(ctx, c.Cohorts[0].Opens.Sub(house.clock.Now())); err != nil {
		return false, err
	}
	begun := time.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		people.Run(ctx)
	}()
	got, err := d.watch(ctx, c, people, done)
	<-done
	if err != nil {
		return false, err
	}
	_, _ = fmt.Fprintf(out, "\n%d people in %s\n\n", people.Size(), time.Since(begun).Round(time.Second))
	if err := d.table(ctx, out, c, people, got); err != nil {
		return false, err
	}
	report, err := db.Audit(ctx, house.pool, house.campaigns, db.AuditOptions{Grace: time.Second})
	if err != nil {
		return false, err
	}
	_, _ = fmt.Fprintf(out, "\n%s", report.Text())
	if got.settled() {
		_, _ = fmt.Fprintf(out, "\nEverybody is accounted for.\n")
	} else {
		_, _ = fmt.Fprintf(out, "\nNot everybody is accounted for: %d lost, %d waiting without a word, %d texts without a fate, %d texts that did not arrive and are nobody's task.\n",
			got.lost, got.silent, got.open, got.untold)
	}
	return got.settled() && report.Violations == 0, nil
}

// watch shows progress until everybody is accounted for, nothing has moved for a while, or patience ends.
func (d *demoHouse) watch(ctx context.Context, c *desk.Campaign, people *crowd.Crowd, done <-chan struct{}) (account, error) {
	show := progress(os.Stderr)
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	end := time.Now().Add(demoPatience)
	expected := expectedIDs(c, people.Expected())
	quiet, last := 0, account{}
	for {
		select {
		case <-ctx.Done():
			return account{}, ctx.Err()
		case <-tick.C:
		}
		got, err := d.account(ctx, c, expected)
		if err != nil {
			return got, err
		}
		show(float64(people.Done()+got.appointments+got.told)/float64(2*people.Size()),
			fmt.Sprintf("applied %d · places %d · appointments %d · texts open %d", people.Done(), got.entries, got.appointments, got.open))
		if got == last {
			quiet++
		} else {
			quiet, last = 0, got
		}
		select {
		case <-done:
			// Replies to texts take a moment: everything must have been still for three seconds. What has not moved for
			// a minute will not move any more; the report says what is missing.
			if got.settled() && quiet >= 6 || quiet >= 120 || time.Now().After(end) {
				show(1, "")
				return got, nil
			}
		default:
		}
	}
}

// expectedIDs computes the registrations that must exist, as the campaign's identity rule makes them.
func expectedIDs(c *desk.Campaign, people []booking.Person) [][16]byte {
	var out [][16]byte
	for _, p := range people {
		if text, err := booking.Identity(c.Identity, p, 0); err == nil {
			out = append(out, c.Keys.ID(text))
		}
	}
	return out
}

func (d *demoHouse) account(ctx context.Context, c *desk.Campaign, expected [][16]byte) (account, error) {
	var a account
	err := d.api.house.pool.QueryRow(ctx, `
WITH e AS (SELECT DISTINCT unnest($2::uuid[]) AS id),
s AS (SELECT e.id, r.id IS NOT NULL AS there, p.number IS NOT NULL AS placed,
        EXISTS (SELECT FROM appointment a WHERE a.campaign_id = $1 AND a.registration_id = e.id AND a.state IN ('offered', 'confirmed')) AS given,
        EXISTS (SELECT FROM message m WHERE m.campaign_id = $1 AND m.registration_id = e.id AND m.kind IN ('no_time', 'declined')) AS told,
        r.attested OR EXISTS (SELECT FROM verification v WHERE v.campaign_id = $1 AND v.registration_id = e.id) AS ready
      FROM e LEFT JOIN registration r ON r.campaign_id = $1 AND r.id = e.id LEFT JOIN place p ON p.campaign_id = $1 AND p.registration_id = e.id)
SELECT count(*) FILTER (WHERE placed), count(*) FILTER (WHERE given), count(*) FILTER (WHERE told AND NOT given),
    count(*) FILTER (WHERE NOT there), count(*) FILTER (WHERE there AND (NOT placed OR NOT ready OR NOT given AND NOT told)),
    (SELECT count(*) FROM message WHERE campaign_id = $1),
    (SELECT count(*) FROM message WHERE campaign_id = $1 AND state NOT IN ('delivered', 'undelivered', 'failed', 'suppressed', 'expired')
        AND NOT (state = 'pending' AND due_at > now() + interval '1 minute')), -- to be tried later: its fate up to now is known
    (SELECT count(*) FROM message m WHERE campaign_id = $1 AND state IN ('undelivered', 'failed') AND helper_id IS NULL AND registration_id = ANY ($2::uuid[])
        AND NOT EXISTS (SELECT FROM escalation e WHERE e.campaign_id = $1 AND e.registration_id = m.registration_id)
        AND NOT EXISTS (SELECT FROM callback b WHERE b.campaign_id = $1 AND b.registration_id = m.registration_id)) FROM s`,
		c.ID, expected).Scan(&a.entries, &a.appointments, &a.told, &a.lost, &a.silent, &a.messages, &a.open, &a.untold)
	if err != nil {
		return a, fmt.Errorf("count what became of the crowd: %w", err)
	}
	return a, nil
}

// table prints what happened, per door, and what became of it.
func (d *demoHouse) table(ctx context.Context, out io.Writer, c *desk.Campaign, people *crowd.Crowd, got account) error {
	pool := d.api.house.pool
	registered := map[string]int{}
	rows, err := pool.Query(ctx, `SELECT door, count(*) FROM registration WHERE campaign_id = $1 AND alias_of IS NULL GROUP BY door`, c.ID)
	if err != nil {
		return err
	}
	var door string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&door, &n}, func() error { registered[door] = n; return nil }); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "door\ttried\tregistered\talready there\trefused\twhy")
	tallies := people.Tallies()
	for _, door := range slices.Sorted(maps.Keys(tallies)) {
		t := tallies[door]
		refused, why := 0, []string{}
		for _, code := range slices.Sorted(maps.Keys(t.Refused)) {
			refused += t.Refused[code]
			why = append(why, fmt.Sprintf("%s %d", code, t.Refused[code]))
		}
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%s\n", door, t.Tried, registered[door], t.Tried-registered[door]-refused-t.Failed, refused, strings.Join(why, ", "))
	}
	_ = w.Flush()
	if err := d.fates(ctx, out, c, got); err != nil {
		return err
	}
	return d.inTrouble(ctx, out, c, people)
}

func (d *demoHouse) fates(ctx context.Context, out io.Writer, c *desk.Campaign, got account) error {
	pool := d.api.house.pool
	var states, calls, items, doubles string
	err := pool.QueryRow(ctx, `
SELECT (SELECT coalesce(string_agg(state || ' ' || n, ', ' ORDER BY state), 'none') FROM (SELECT state, count(*) AS n FROM message WHERE campaign_id = $1 GROUP BY state) s),
    (SELECT count(*)::text FROM callback WHERE campaign_id = $1 AND closed_at IS NULL),
    (SELECT count(*)::text FROM escalation WHERE campaign_id = $1 AND closed_at IS NULL),
    (SELECT coalesce(sum(extra), 0)::text FROM send_attempt a JOIN message m ON m.id = a.message_id WHERE m.campaign_id = $1)`, c.ID).Scan(&states, &calls, &items, &doubles)
	if err != nil {
		return err
	}
	var median, p99 float64
	var duplicates int
	err = pool.QueryRow(ctx, `
SELECT coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY s), 0), coalesce(percentile_cont(0.99) WITHIN GROUP (ORDER BY s), 0),
    (SELECT count(*) FROM possible_duplicate WHERE campaign_id = $1)
FROM (SELECT extract(epoch FROM min(made_at) - min(arrival))::float8 AS s FROM appointment WHERE campaign_id = $1 GROUP BY registration_id) t`, c.ID).Scan(&median, &p99, &duplicates)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "\nappointments %d, waiting and told why %d, possible duplicates for agents %d\n", got.appointments, got.told, duplicates)
	_, _ = fmt.Fprintf(out, "texts by fate: %s (known doubles %s); calls owed: %s; on the agents' list: %s\n", states, doubles, calls, items)
	_, _ = fmt.Fprintf(out, "first contact to appointment: median %.1f s, 99th percentile %.1f s (the first round is %s after the opening)\n", median, p99, demoFirstRound)
	return nil
}
