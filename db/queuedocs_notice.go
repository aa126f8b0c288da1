package db

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
)

// mostNotice is how many characters a notice may have; the table has the same bound.
const mostNotice = 500

// SetNotice puts what the operator has to say into a queue's public document, in one language. An empty text takes it
// back. The audit trail keeps every one.
func SetNotice(ctx context.Context, pool *pgxpool.Pool, campaigns desk.Campaigns, slug, queue string, lang booking.Lang, text, actor string, at time.Time) error {
	c, err := campaigns.BySlug(slug)
	if err != nil {
		return fmt.Errorf("there is no campaign %q: %w", slug, err)
	}
	q, ok := c.Queues[queue]
	switch {
	case !ok:
		return fmt.Errorf("campaign %s has no queue %q", slug, queue)
	case !slices.Contains(c.Langs, lang):
		return fmt.Errorf("campaign %s is in %v, not in %q", slug, c.Langs, lang)
	case !utf8.ValidString(text) || utf8.RuneCountInString(text) > mostNotice:
		return fmt.Errorf("a notice has at most %d characters; this one has %d", mostNotice, utf8.RuneCountInString(text))
	}
	err = write(ctx, pool, func(ctx context.Context, tx pgx.Tx) error {
		sql := `INSERT INTO queue_notice (queue_id, lang, text, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (queue_id, lang) DO UPDATE SET text = EXCLUDED.text, at = EXCLUDED.at`
		args := []any{q.ID, lang, text, at}
		if text == "" {
			sql, args = `DELETE FROM queue_notice WHERE queue_id = $1 AND lang = $2`, args[:2]
		}
		if _, err := tx.Exec(ctx, sql, args...); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO audit_log (campaign_id, at, actor, act, detail) VALUES ($1, $2, $3, 'queue.notice', $4)`,
			c.ID, at, actor, map[string]any{"queue": queue, "lang": lang, "text": text})
		return err
	})
	if err != nil {
		return fmt.Errorf("store a notice: %w", err)
	}
	return nil
}
