package db

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// fresh is how long anything that a person was told unasked makes news superfluous. It is a little less than a week, so that whoever
// hears on Tuesdays still does when a run was late.
const fresh = 6 * 24 * time.Hour

// early lets a week's walk end a little before the week does, so that nobody at the end is left out because a run was late.
const early = 1.05

// News tells those who wait that they still do, and why, once a week at most and only when nothing else was told them for as long.
// Whoever has or had a time since they wait, is not verified where that is asked for, knows nothing of the application, wants no texts or is to be
// called anyway is passed over.
//
// A week's walk through the places of a queue goes as fast as the week's hours that are not quiet pass, so the texts spread over all of
// them, and everybody hears at about the same hour of each week. News leave after everything else and never take the second half of a day's cap.
type News struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	page      int
}

// NewNews makes it. page is how many places one transaction looks at.
func NewNews(pool *pgxpool.Pool, campaigns desk.Campaigns, page int) *News {
	return &News{pool: pool, campaigns: campaigns, page: page}
}

// Tell makes the news that it is time for and returns how many. Several at once are harmless.
func (n *News) Tell(ctx context.Context, now time.Time) (int, error) {
	total := 0
	for _, c := range n.campaigns.All() {
		told, err := n.tell(ctx, c, now)
		total += told
		if err != nil {
			return total, fmt.Errorf("tell news to those who wait: %w", err)
		}
	}
	return total, ctx.Err()
}

func (n *News) tell(ctx context.Context, c *desk.Campaign, now time.Time) (int, error) {
	limits := c.Limits.WithDefaults()
	if c.NoNews || c.Over(now) || c.Braked(booking.BrakeSending) || limits.Quiet(now.In(c.Zone)) {
		return 0, nil
	}
	spent, err := spentOn(ctx, n.pool, c, now)
	if err != nil || spent >= limits.TextsPerDay/2 {
		return 0, err
	}
	total, most := 0, limits.TextsPerSecond*int(time.Minute/time.Second)/2 // of one run: after an outage they do not come all at once
	for _, q := range c.Queues {
		for ctx.Err() == nil && total < most {
			told, more, err := n.newsPage(ctx, c, q.ID, now)
			total += told
			if err != nil {
				return total, err
			}
			if !more {
				break
			}
		}
	}
	return total, ctx.Err()
}

// newsPage tells the next people of a queue. more is false when the week's walk is where it should be by now.
func (n *News) newsPage(ctx context.Context, c *desk.Campaign, queue int32, now time.Time) (told int, more bool, err error) {
	monday, gone := booking.WeekGone(now, c.Limits, c.Zone)
	year, week := now.In(c.Zone).ISOWeek()
	err = writeWithin(ctx, n.pool, pageLimit, func(ctx context.Context, tx pgx.Tx) error {
		told, more = 0, false
		if _, err := tx.Exec(ctx, `INSERT INTO news_walk (queue_id, week) VALUES ($1, $2) ON CONFLICT DO NOTHING`, queue, monday.UTC()); err != nil {
			return err
		}
		var after, sealed int64
		err := tx.QueryRow(ctx, `SELECT w.after_number, q.sealed_to FROM news_walk w JOIN queue q ON q.id = w.queue_id WHERE w.queue_id = $1 AND w.week = $2 FOR UPDATE OF w`,
			queue, monday.UTC()).Scan(&after, &sealed)
		if err != nil {
			return err
		}
		to := min(int64(math.Ceil(min(1, gone*early)*float64(sealed))), after+int64(n.page))
		if to <= after {
			return nil
		}
		people, err := readQuiet(ctx, tx, queue, after, to, now)
		if err != nil {
			return err
		}
		messages := make([]desk.Message, len(people))
		for i := range people {
			messages[i] = desk.Message{
				Campaign: c.ID, Entry: &people[i], Kind: string(words.News), Dedup: fmt.Sprintf("news/%s/%d-W%02d", hex.EncodeToString(people[i][:]), year, week),
				Due: now, UsefulUntil: now.Add(fresh / 2), Last: true,
			}
		}
		told, more = len(people), to == after+int64(n.page)
		if err := insertMessages(ctx, tx, n.campaigns, messages, now); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE news_walk SET after_number = $3 WHERE queue_id = $1 AND week = $2`, queue, monday.UTC(), to)
		return err
	})
	return told, more, err
}

// readQuiet reads who of these places waits and has heard nothing for long.
func readQuiet(ctx context.Context, tx pgx.Tx, queue int32, after, to int64, now time.Time) ([]booking.ID, error) {
	return collect(ctx, tx, func(row pgx.CollectableRow) (id booking.ID, err error) {
		return id, row.Scan((*[16]byte)(&id))
	}, `
SELECT r.id FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id
WHERE p.queue_id = $1 AND p.number > $2 AND p.number <= $3 AND r.withdrawn_at IS NULL AND r.alias_of IS NULL
  AND (r.verify = 'by_offer' OR r.attested OR EXISTS (SELECT FROM verification v WHERE v.campaign_id = r.campaign_id AND v.registration_id = r.id))
  AND NOT EXISTS (SELECT FROM appointment a WHERE a.campaign_id = r.campaign_id AND a.registration_id = r.id AND a.state IN `+holds+`)
  AND NOT EXISTS (SELECT FROM refusal f WHERE f.campaign_id = r.campaign_id AND f.registration_id = r.id AND f.undone_at IS NULL)
  AND NOT EXISTS (SELECT FROM callback k WHERE k.campaign_id = r.campaign_id AND k.registration_id = r.id AND k.closed_at IS NULL AND 'untold' = ANY (k.reasons))
  AND NOT `+stoppedOf("r.campaign_id", "r.id")+`
  AND NOT EXISTS (SELECT FROM message m WHERE m.campaign_id = r.campaign_id AND m.registration_id = r.id
    AND m.helper_id IS NULL AND m.inbound_id IS NULL AND m.kind <> 'code' AND m.created_at > $4)
ORDER BY p.number`, queue, after, to, now.Add(-fresh))
}
