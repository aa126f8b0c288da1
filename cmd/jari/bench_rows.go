package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/cmd/jari/bench"
)

// rowColumns are those that the intake writes.
func rowColumns() []string {
	return []string{
		"campaign_id", "id", "queue_id", "cohort", "cohort_version", "arrival", "received_at", "tie", "door", "actor", "device", "attested",
		"region", "lang", "verify", "person_ct", "generation",
	}
}

// fill stores n people as if they had applied in the last half hour, with real hashes and ciphertexts, and seals them: the
// intake is measured on a table of the size that it has in the middle of an opening.
func (t *benchTown) fill(ctx context.Context, n int64) error {
	const hands = 2
	began := time.Now().Add(-30 * time.Minute)
	errs := make([]error, hands)
	var wg sync.WaitGroup
	first := t.next.Add(n) - n
	for h := range int64(hands) {
		wg.Go(func() { errs[h] = t.fillPart(ctx, first+h*n/hands, first+(h+1)*n/hands, began) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return fmt.Errorf("fill the table: %w", err)
		}
	}
	for _, sql := range []string{
		`INSERT INTO place (campaign_id, registration_id, queue_id, number, arrival, tie, sealed_at)
		 SELECT campaign_id, id, queue_id, row_number() OVER (PARTITION BY queue_id ORDER BY arrival, tie, id), arrival, tie, clock_timestamp() FROM registration`,
		`UPDATE queue q SET scan_from = (SELECT coalesce(max(serial), 0) FROM registration),
		 sealed_to = (SELECT count(*) FROM registration r WHERE r.queue_id = q.id)`,
		`VACUUM ANALYZE registration, place`, `ANALYZE`, `CHECKPOINT`,
	} {
		if _, err := t.admin.Exec(ctx, sql); err != nil {
			return fmt.Errorf("fill the table: %w", err)
		}
	}
	return nil
}

func (t *benchTown) fillPart(ctx context.Context, from, to int64, began time.Time) error {
	conn, err := pgx.Connect(ctx, t.config.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	n := from
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"registration"}, rowColumns(), pgx.CopyFromFunc(func() ([]any, error) {
		if n >= to {
			return nil, nil
		}
		row, err := t.row(n, began.Add(time.Duration(n)*500*time.Microsecond).Truncate(time.Microsecond))
		n++
		return row, err
	}))
	return err
}

// row makes one row as the desk and the intake would.
func (t *benchTown) row(n int64, arrival time.Time) ([]any, error) {
	p, err := bench.Invent(n).Person()
	if err != nil {
		return nil, err
	}
	cohort, err := booking.Eligible(t.campaign.Campaign, p.Born, time.Now())
	if err != nil {
		return nil, err
	}
	text, err := booking.Identity(t.campaign.Identity, p, 0)
	if err != nil {
		return nil, err
	}
	k := t.campaign.Keys
	id := k.ID(text)
	device := k.Device(bench.Secret(n))
	ct, err := k.SealPerson(id, p)
	if err != nil {
		return nil, err
	}
	return []any{
		t.campaign.ID, [16]byte(id), t.campaign.Queues[cohort.Queue].ID, cohort.Code, t.campaign.Version, arrival, arrival, k.Tie(id),
		string(desk.DoorApp), "app", device[:], false, t.campaign.Regions[0].Code, string(booking.Korean), string(cohort.Verify), ct, int16(0),
	}, nil
}
