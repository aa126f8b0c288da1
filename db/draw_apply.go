package db

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/vault"
)

// applyDraws makes the commitment of every drawn queue that has none, and brings what may still change up to date. Once a
// window is open, its opening, its end and the public value's name stand, and whether the queue is drawn at all.
func applyDraws(ctx context.Context, tx pgx.Tx, master *vault.Master, c *booking.Campaign, id int32, actor string, now time.Time) error {
	return eachDraw(c, id, func(d draws) error { return applyDraw(ctx, tx, master, d, actor, now) })
}

// refuseDraws looks for queues whose draw may not become what the campaign says.
func refuseDraws(ctx context.Context, tx pgx.Tx, c *booking.Campaign, id int32, now time.Time) error {
	return eachDraw(c, id, func(d draws) error {
		_, _, err := refuseDraw(ctx, tx, d, now)
		return err
	})
}

// eachDraw calls f for every queue with the rule that it is to have.
func eachDraw(c *booking.Campaign, id int32, f func(draws) error) error {
	done := map[string]bool{}
	for _, k := range c.Cohorts {
		if done[k.Queue] {
			continue
		}
		done[k.Queue] = true
		rule, drawn, err := booking.QueueDraw(c, k.Queue)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrApply, err)
		}
		if err := f(draws{c, id, k.Queue, rule, drawn}); err != nil {
			return err
		}
	}
	return nil
}

// draws is a queue of a campaign with its rule, as it is to be.
type draws struct {
	campaign *booking.Campaign
	id       int32
	queue    string
	rule     booking.DrawRule
	drawn    bool
}

// drawChange is what applying does about the draw of a queue.
type drawChange int

const (
	drawStands drawChange = iota // as it is, or there is none
	drawCommits
	drawMoves // its times, or the public value's name
)

// refuseDraw says what applying would do about a queue's draw, or why it may not (ErrApply). It changes nothing. A queue that is
// not there yet has the id 0.
func refuseDraw(ctx context.Context, tx pgx.Tx, d draws, now time.Time) (change drawChange, queue int32, err error) {
	var opens, window *time.Time
	var name *string
	var applied bool
	err = tx.QueryRow(ctx, `SELECT q.id, d.opens_at, d.window_closes, d.public_value_name, EXISTS (SELECT FROM registration r WHERE r.campaign_id = $1 AND r.queue_id = q.id)
		FROM queue q LEFT JOIN draw d ON d.queue_id = q.id WHERE q.campaign_id = $1 AND q.code = $2`, d.id, d.queue).Scan(&queue, &opens, &window, &name, &applied)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return drawStands, 0, err
	}
	if opens == nil || window == nil || name == nil {
		switch {
		case !d.drawn:
			return drawStands, queue, nil
		case !now.Before(d.rule.Opens):
			return drawStands, queue, lateDraw(d)
		case applied:
			return drawStands, queue, fmt.Errorf("%w: people stand in queue %s in the order of their arrival; a draw needs a queue of its own", ErrApply, d.queue)
		}
		return drawCommits, queue, nil
	}
	old := booking.DrawRule{Opens: *opens, Window: *window, PublicValue: *name}
	switch {
	case d.drawn && old.Opens.Equal(d.rule.Opens) && old.Window.Equal(d.rule.Window) && old.PublicValue == d.rule.PublicValue:
		return drawStands, queue, nil
	case !d.drawn:
		return drawStands, queue, fmt.Errorf("%w: queue %s has published the commitment of its draw; it cannot go by arrival any more", ErrApply, d.queue)
	case !now.Before(old.Opens):
		return drawStands, queue, fmt.Errorf("%w: the window of queue %s is open: its opening, its end and the public value's name stand", ErrApply, d.queue)
	case !now.Before(d.rule.Opens):
		return drawStands, queue, lateDraw(d)
	}
	return drawMoves, queue, nil
}

func applyDraw(ctx context.Context, tx pgx.Tx, master *vault.Master, d draws, actor string, now time.Time) error {
	change, queue, err := refuseDraw(ctx, tx, d, now)
	switch {
	case err != nil || change == drawStands:
		return err
	case change == drawCommits:
		return commitDraw(ctx, tx, master, d, queue, actor, now)
	}
	_, err = tx.Exec(ctx, `UPDATE draw SET opens_at = $2, window_closes = $3, public_value_name = $4 WHERE queue_id = $1`,
		queue, d.rule.Opens, d.rule.Window, d.rule.PublicValue)
	return err
}

func lateDraw(d draws) error {
	return fmt.Errorf("%w: the window of queue %s is open already: a commitment that is made after the opening proves nothing", ErrApply, d.queue)
}

// commitDraw draws the secret and keeps it encrypted; its commitment is published with the queue's document.
func commitDraw(ctx context.Context, tx pgx.Tx, master *vault.Master, d draws, queue int32, actor string, now time.Time) error {
	var blob []byte
	if err := tx.QueryRow(ctx, `SELECT keys_ct FROM campaign WHERE id = $1`, d.id).Scan(&blob); err != nil {
		return err
	}
	keys, err := master.Open(d.campaign.Slug, blob)
	if err != nil {
		return err
	}
	var secret booking.DrawSecret
	if _, err := rand.Read(secret[:]); err != nil {
		return errors.New("there is no randomness")
	}
	ct, err := keys.Seal(drawSecretColumn, drawRow(queue), secret[:])
	if err != nil {
		return err
	}
	commitment := secret.Commitment()
	_, err = tx.Exec(ctx, `
WITH d AS (INSERT INTO draw (queue_id, campaign_id, secret_ct, commitment, committed_at, opens_at, window_closes, public_value_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8))
INSERT INTO audit_log (campaign_id, at, actor, act, detail) VALUES ($2, $5, $9, 'draw.commit', jsonb_build_object('queue', $10::text, 'commitment', encode($4, 'hex')))`,
		queue, d.id, ct, commitment[:], now, d.rule.Opens, d.rule.Window, d.rule.PublicValue, actor, d.queue)
	return err
}
