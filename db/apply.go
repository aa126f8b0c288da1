package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/vault"
)

// Applied says what an apply did.
type Applied struct {
	ID      int32
	Version int32
	Changed bool // false: the campaign stood like this already
	Slots   int  // slots of the campaign now
}

// ErrApply is returned when applying would take something away from somebody or change what must not change.
var ErrApply = errors.New("the campaign cannot be applied")

// Apply stores a campaign, or brings a stored one up to date. It is idempotent: the same content changes nothing. It
// never moves a place, lowers a capacity or a supply below what is taken, or removes a slot that somebody holds; it returns
// ErrApply with the reason instead, and nothing is changed. digest is the content's digest.
func Apply(ctx context.Context, pool *pgxpool.Pool, master *vault.Master, c *booking.Campaign, digest [32]byte, actor string, now time.Time) (Applied, error) {
	return ApplyWith(ctx, pool, master, c, digest, actor, now, ApplyOptions{})
}

// ApplyOptions say how a campaign is applied where it is not the ordinary way. As JSON they are what the audit trail keeps of it.
type ApplyOptions struct {
	// Forced: somebody was told that it would wrongly refuse people, and insisted. The audit trail says so.
	Forced bool `json:"forced,omitempty"`
	// Closing: a slot that would be dropped or made smaller than what is taken of it begins to close instead of the campaign being refused: nobody
	// new gets a seat of it, and everybody keeps theirs until Mover has moved them.
	Closing bool `json:"-"`
}

// ApplyWith is Apply with options.
func ApplyWith(ctx context.Context, pool *pgxpool.Pool, master *vault.Master, c *booking.Campaign, digest [32]byte, actor string, now time.Time, o ApplyOptions) (Applied, error) {
	var out Applied
	err := writeWithin(ctx, pool, 2*time.Minute, func(ctx context.Context, tx pgx.Tx) error {
		out = Applied{}
		// One apply at a time per campaign; the row may not exist yet, so the lock is on the name.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('campaign/' || $1))`, c.Slug); err != nil {
			return err
		}
		same, err := upsertCampaign(ctx, tx, master, c, digest, actor, now, o, &out)
		if err != nil {
			return err
		}
		if !same {
			if err := applyParts(ctx, tx, c, out.ID, now, o.Closing); err != nil {
				return err
			}
			if err := applyDraws(ctx, tx, master, c, out.ID, actor, now); err != nil {
				return err
			}
		}
		return tx.QueryRow(ctx, `SELECT count(*) FROM slot WHERE campaign_id = $1 AND capacity > 0`, out.ID).Scan(&out.Slots)
	})
	return out, err
}

func upsertCampaign(ctx context.Context, tx pgx.Tx, master *vault.Master, c *booking.Campaign, digest [32]byte, actor string, now time.Time, o ApplyOptions, out *Applied) (bool, error) {
	content, err := campaignToJSON(c)
	if err != nil {
		return false, err
	}
	var oldDigest, keys, oldContent []byte
	err = tx.QueryRow(ctx, `SELECT id, version, digest, keys_ct, content FROM campaign WHERE slug = $1`, c.Slug).
		Scan(&out.ID, &out.Version, &oldDigest, &keys, &oldContent)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		blob, err := master.Generate(c.Slug)
		if err != nil {
			return false, err
		}
		err = tx.QueryRow(ctx, `INSERT INTO campaign (slug, mode, digest, content, keys_ct, created_at, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id, version`, c.Slug, c.Mode, digest[:], content, blob, now).Scan(&out.ID, &out.Version)
		if err != nil {
			return false, err
		}
	case err != nil:
		return false, err
	case string(oldDigest) == string(digest[:]):
		return true, nil
	default:
		if err := sameCampaign(oldContent, c); err != nil {
			return false, err
		}
		if _, err := master.Open(c.Slug, keys); err != nil {
			return false, err
		}
		err = tx.QueryRow(ctx, `UPDATE campaign SET version = version + 1, mode = $2, digest = $3, content = $4, changed_at = $5
			WHERE id = $1 RETURNING version`, out.ID, c.Mode, digest[:], content, now).Scan(&out.Version)
		if err != nil {
			return false, err
		}
	}
	out.Changed = true
	if err := moveReminders(ctx, tx, out.ID, c); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `WITH v AS (INSERT INTO campaign_version (campaign_id, version, content, digest, actor, at) VALUES ($1, $2, $3, $4, $5, $6))
		INSERT INTO audit_log (campaign_id, at, actor, act, detail) VALUES ($1, $6, $5, 'campaign.apply', jsonb_build_object('version', $2::int, 'digest', encode($4, 'hex')) || $7::jsonb)`,
		out.ID, out.Version, content, digest[:], actor, now, o)
	return false, err
}

// sameCampaign refuses changes under which stored identities or people would no longer mean the same.
func sameCampaign(oldContent []byte, c *booking.Campaign) error {
	old, err := campaignFromJSON(oldContent)
	if err != nil {
		return err
	}
	switch {
	case old.Identity != c.Identity:
		return fmt.Errorf("%w: the identity rule (%s) cannot change once the campaign exists: it decides who is one person", ErrApply, old.Identity)
	case old.Mode == booking.Live && c.Mode == booking.Rehearsal:
		return fmt.Errorf("%w: a live campaign cannot become a rehearsal: its people would get no messages", ErrApply)
	case old.Mode == booking.Rehearsal && c.Mode == booking.Live:
		return fmt.Errorf("%w: going live wipes the rehearsal, which this version cannot do yet: load the live campaign under another slug", ErrApply)
	}
	return nil
}

func applyParts(ctx context.Context, tx pgx.Tx, c *booking.Campaign, id int32, now time.Time, closing bool) error {
	if _, err := tx.Exec(ctx, `INSERT INTO pool (campaign_id, code) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING`, id, c.Pools); err != nil {
		return err
	}
	if err := stopRounds(ctx, tx, id); err != nil {
		return err
	}
	if err := refuseOtherQueue(ctx, tx, c, id); err != nil {
		return err
	}
	for _, k := range c.Cohorts {
		_, err := tx.Exec(ctx, `
INSERT INTO queue (campaign_id, pool_id, code, opens_at, first_round_at)
SELECT $1, p.id, $2, $3, $4 FROM pool p WHERE p.campaign_id = $1 AND p.code = $5
ON CONFLICT (campaign_id, code) DO UPDATE SET opens_at = EXCLUDED.opens_at, first_round_at = EXCLUDED.first_round_at`, id, k.Queue, k.Opens, k.FirstRound, k.Pool)
		if err != nil {
			return err
		}
	}
	for _, cursor := range []string{"enrol_cursor", "walk"} {
		if _, err := tx.Exec(ctx, `INSERT INTO `+cursor+` (queue_id) SELECT id FROM queue WHERE campaign_id = $1 ON CONFLICT DO NOTHING`, id); err != nil {
			return err
		}
	}
	codes := make([]string, len(c.Sites))
	for i, s := range c.Sites {
		codes[i] = s.Code
	}
	if _, err := tx.Exec(ctx, `INSERT INTO site (campaign_id, code) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING`, id, codes); err != nil {
		return err
	}
	if err := applySlots(ctx, tx, c, id, now, closing); err != nil {
		return err
	}
	if err := applySupplies(ctx, tx, c, id); err != nil {
		return err
	}
	// The rules may be others now: whoever waits is looked at again.
	_, err := tx.Exec(ctx, `UPDATE waiting SET look = true, woken = woken + 1, since = clock_timestamp() WHERE campaign_id = $1`, id)
	return err
}

// refuseOtherQueue looks for queues that would change their pool.
func refuseOtherQueue(ctx context.Context, tx pgx.Tx, c *booking.Campaign, id int32) error {
	queues, pools := make([]string, len(c.Cohorts)), make([]string, len(c.Cohorts))
	for i, k := range c.Cohorts {
		queues[i], pools[i] = k.Queue, k.Pool
		if first := slices.Index(queues, k.Queue); pools[first] != k.Pool {
			return fmt.Errorf("%w: queue %s would belong to the pools %s and %s", ErrApply, k.Queue, pools[first], k.Pool)
		}
	}
	var queue string
	err := tx.QueryRow(ctx, `SELECT q.code FROM unnest($2::text[], $3::text[]) AS w(queue, pool) JOIN queue q ON q.campaign_id = $1 AND q.code = w.queue
		JOIN pool p ON p.id = q.pool_id WHERE p.code <> w.pool ORDER BY 1 LIMIT 1`, id, queues, pools).Scan(&queue)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: queue %s belongs to another pool; people in it wait for that pool's slots", ErrApply, queue)
}

// stopRounds ends the rounds that are under way and keeps new ones from beginning until the end of the transaction: what they know
// of slots, supplies and rules is about to change.
func stopRounds(ctx context.Context, tx pgx.Tx, campaign int32) error {
	pools, err := collect(ctx, tx, pgx.RowTo[int32], `SELECT id FROM pool WHERE campaign_id = $1`, campaign)
	if err != nil {
		return err
	}
	if err := turn(ctx, tx, pools...); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT FROM pool WHERE campaign_id = $1 ORDER BY id FOR UPDATE`, campaign); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE pool SET round = round + 1, busy_until = NULL WHERE campaign_id = $1 AND round > 0`, campaign)
	return err
}
