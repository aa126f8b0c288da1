package db

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/drawfile"
)

// unlistedOnTime marks in a record an entry that is not in the list although its place is not late: its lot is behind all
// others that had a number then.
const unlistedOnTime = "not_listed"

// PublishDraw makes the public record of a draw, with the secret, once everybody on the list has a number, and has keep put it
// where it belongs; only then the audit trail notes it. keep may be called again with the same record. It returns ErrNoDraw,
// ErrDraw, or keep's error, after which nothing is changed.
func PublishDraw(ctx context.Context, pool *pgxpool.Pool, campaigns desk.Campaigns, slug, queue, actor string, keep func(drawfile.Record) error) (drawfile.Record, error) {
	c, id, err := drawnQueue(campaigns, slug, queue)
	if err != nil {
		return drawfile.Record{}, err
	}
	var r drawfile.Record
	err = inDraw(ctx, pool, func(ctx context.Context, tx pgx.Tx) error {
		// A lock would hold the sealer up; one snapshot for all readings is enough.
		if _, err := tx.Exec(ctx, `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`); err != nil {
			return err
		}
		d, err := readDraw(ctx, tx, c, id, "")
		if err != nil {
			return err
		}
		if err := published(ctx, tx, c, id, d); err != nil {
			return err
		}
		r = recordOf(c.Slug, queue, d)
		if r.Entries, err = recordEntries(ctx, tx, c, id, d); err != nil {
			return err
		}
		if err := keep(r); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO audit_log (campaign_id, at, actor, act, detail) VALUES ($1, clock_timestamp(), $2, 'draw.publish', jsonb_build_object('queue', $3::text))`,
			c.ID, actor, queue)
		return err
	})
	if err != nil {
		return drawfile.Record{}, fmt.Errorf("publish the draw of queue %s: %w", queue, err)
	}
	return r, nil
}

// published refuses while somebody who drew a lot has no number.
func published(ctx context.Context, tx pgx.Tx, c *desk.Campaign, queue int32, d DrawState) error {
	if d.Value == "" {
		return fmt.Errorf("%w: it was not drawn yet, and until then the secret is a secret", ErrDraw)
	}
	var missing int64
	err := tx.QueryRow(ctx, `SELECT count(*) FROM registration r LEFT JOIN place p ON p.campaign_id = r.campaign_id AND p.registration_id = r.id
		WHERE r.campaign_id = $1 AND r.queue_id = $2 AND r.arrival < $3 AND r.alias_of IS NULL AND r.withdrawn_at IS NULL AND p.number IS NULL AND r.stored_at < $4`,
		c.ID, queue, d.Window, d.DrawnAt).Scan(&missing)
	if err == nil && missing > 0 {
		err = fmt.Errorf("%w: entries without a number yet: %d; a worker gives them", ErrDraw, missing)
	}
	return err
}

func recordOf(slug, queue string, d DrawState) drawfile.Record {
	utc := func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
	return drawfile.Record{
		Format: drawfile.Format, Campaign: slug, Queue: queue, Opens: utc(d.Opens), Window: utc(d.Window),
		Commitment: hex.EncodeToString(d.Commitment), CommittedAt: utc(d.CommittedAt), PublicValueName: d.PublicValue,
		ListDigest: hex.EncodeToString(d.Digest), ListedAt: utc(d.ListedAt), Secret: hex.EncodeToString(d.Secret[:]),
		PublicValue: d.Value, DrawnAt: utc(d.DrawnAt), Listed: int(d.Entries),
	}
}

// recordEntries reads who has a number, in the order of the numbers, and then those of the list who have none.
func recordEntries(ctx context.Context, tx pgx.Tx, c *desk.Campaign, queue int32, d DrawState) ([]drawfile.Entry, error) {
	list, err := readList(ctx, tx, queue)
	if err != nil {
		return nil, err
	}
	unnumbered := make(map[booking.DrawID]bool, d.Entries)
	for ids := range slices.Chunk(list, len(booking.DrawID{})) {
		unnumbered[booking.DrawID(ids)] = true
	}
	rows, err := tx.Query(ctx, `SELECT p.number, p.late, p.registration_id FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id
		WHERE p.queue_id = $1 AND r.arrival < $2 ORDER BY p.number`, queue, d.Window)
	if err != nil {
		return nil, err
	}
	out := make([]drawfile.Entry, 0, d.Entries)
	var number int64
	var late string
	var id booking.ID
	_, err = pgx.ForEachRow(rows, []any{&number, &late, (*[16]byte)(&id)}, func() error {
		lot := c.Keys.DrawID(id)
		switch {
		case unnumbered[lot]:
			delete(unnumbered, lot)
			late = ""
		case late == "":
			late = unlistedOnTime
		}
		out = append(out, drawfile.Entry{ID: lot.String(), Number: number, Late: late})
		return nil
	})
	if err != nil {
		return nil, err
	}
	numbered := len(out)
	for lot := range unnumbered {
		out = append(out, drawfile.Entry{ID: lot.String()})
	}
	slices.SortFunc(out[numbered:], func(a, b drawfile.Entry) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}
