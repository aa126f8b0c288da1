package db

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/booking/words"
)

// paramHelper names the helper whom a text to the person is about.
const paramHelper = "helper"

// SetHelper implements desk.Book. How many a phone helps is counted under a lock on the phone.
func (b *Book) SetHelper(ctx context.Context, c desk.Change, h desk.Helper, limit int) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockEntry(ctx, tx, c); err != nil {
			return err
		}
		if err := lockName(ctx, tx, "helper/"+hex.EncodeToString(h.Phone[:])); err != nil {
			return err
		}
		var same bool
		var others int
		err := tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE registration_id = $3) > 0, count(*) FILTER (WHERE registration_id <> $3)
			FROM helper WHERE campaign_id = $1 AND phone_hash = $2 AND ended_at IS NULL`, c.Campaign, h.Phone[:], [16]byte(c.ID)).Scan(&same, &others)
		switch {
		case err != nil || same:
			return err
		case others >= limit:
			return booking.Fail(booking.CodeConflict, nil) // and no limit that passes: trying again would not help
		}
		return b.nameHelper(ctx, tx, c, h)
	})
}

// nameHelper puts a helper in the place of the one before, and tells each of the three what concerns them.
func (b *Book) nameHelper(ctx context.Context, tx pgx.Tx, c desk.Change, h desk.Helper) error {
	before, err := endHelper(ctx, tx, c, 0, "replaced")
	if err != nil {
		return err
	}
	if err := b.tellHelper(ctx, tx, c, words.HelperOver, before); err != nil {
		return err
	}
	var id int64
	if err := tx.QueryRow(ctx, `INSERT INTO helper (campaign_id, registration_id, phone_hash, phone_ct, since, actor) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		c.Campaign, [16]byte(c.ID), h.Phone[:], h.CT, c.At, c.Actor).Scan(&id); err != nil {
		return err
	}
	if err := b.tellHelper(ctx, tx, c, words.HelperNamed, id); err != nil {
		return err
	}
	if err := b.tell(ctx, tx, c, words.HelperSet, fmt.Sprintf("helper/%d/set", id), desk.Message{Urgent: true, Params: map[string]string{paramHelper: strconv.FormatInt(id, 10)}}); err != nil {
		return err
	}
	return audit(ctx, tx, c, "helper", map[string]any{"helper": id})
}

// EndHelper implements desk.Book.
func (b *Book) EndHelper(ctx context.Context, c desk.Change, helper int64, why string) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockEntry(ctx, tx, c); err != nil {
			return err
		}
		ended, err := endHelper(ctx, tx, c, helper, why)
		if err != nil || ended == 0 {
			return err
		}
		if err := b.tellHelper(ctx, tx, c, words.HelperOver, ended); err != nil {
			return err
		}
		return b.tell(ctx, tx, c, words.HelperGone, fmt.Sprintf("helper/%d/gone", ended), desk.Message{Urgent: c.Actor != desk.ActorHelper})
	})
}

// tellHelper queues a message about a helper's part to that helper; 0 is nobody.
func (b *Book) tellHelper(ctx context.Context, tx pgx.Tx, c desk.Change, kind words.Kind, helper int64) error {
	if helper == 0 {
		return nil
	}
	return b.tell(ctx, tx, c, kind, fmt.Sprintf("%s/%d", kind, helper), desk.Message{Helper: helper, Urgent: c.Actor == desk.ActorHelper})
}

// endHelper ends an entry's helper, if it is this one or 0 is asked for, with a line in the trail. It returns whose part
// ended; 0 when nobody's did. The caller holds the entry.
func endHelper(ctx context.Context, tx pgx.Tx, c desk.Change, helper int64, why string) (int64, error) {
	var ended int64
	err := tx.QueryRow(ctx, `UPDATE helper SET ended_at = $4, ended_stored_at = clock_timestamp(), ended = $5
		WHERE campaign_id = $1 AND registration_id = $2 AND ended_at IS NULL AND ($3 = 0 OR id = $3)
		RETURNING id`, c.Campaign, [16]byte(c.ID), helper, c.At, why).Scan(&ended)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return ended, audit(ctx, tx, c, "helper.end", map[string]any{"helper": ended, "why": why})
}

// readHelpers reads who helps these entries.
func readHelpers(ctx context.Context, tx pgx.Tx, campaign int32, entries [][16]byte) (map[booking.ID]int64, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, `SELECT registration_id, id FROM helper WHERE campaign_id = $1 AND ended_at IS NULL AND registration_id = ANY($2)`, campaign, entries)
	if err != nil {
		return nil, err
	}
	out := map[booking.ID]int64{}
	var entry booking.ID
	var id int64
	_, err = pgx.ForEachRow(rows, []any{(*[16]byte)(&entry), &id}, func() error { out[entry] = id; return nil })
	return out, err
}

// endOwnHelper ends a helper whose phone a correction has made the person's own: one phone gets each text once.
func endOwnHelper(ctx context.Context, tx pgx.Tx, c desk.Change, phone vault.Hash) error {
	var own int64
	err := tx.QueryRow(ctx, `SELECT id FROM helper WHERE campaign_id = $1 AND registration_id = $2 AND ended_at IS NULL AND phone_hash = $3`,
		c.Campaign, [16]byte(c.ID), phone[:]).Scan(&own)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = endHelper(ctx, tx, c, own, "own_phone")
	return err
}

// readHelper makes the helper the addressee of what is theirs, and finds the number that a text to the person speaks of. What a helper was
// to be told is stale when their part has ended meanwhile; the last text, about a withdrawal, is not.
func (l *letter) readHelper(ctx context.Context, q querier, c *desk.Campaign, m outgoing) error {
	id := m.helper
	if s := m.params[paramHelper]; s != "" {
		var err error
		if id, err = strconv.ParseInt(s, 10, 64); err != nil {
			return errors.New("read a message: its param \"helper\" is not a number")
		}
	}
	if id == 0 {
		return nil
	}
	var ct []byte
	var ended string
	if err := q.QueryRow(ctx, `SELECT phone_ct, coalesce(ended, '') FROM helper WHERE id = $1 AND campaign_id = $2 AND registration_id = $3`,
		id, m.campaign, [16]byte(*m.entry)).Scan(&ct, &ended); err != nil {
		return fmt.Errorf("read helper %d: %w", id, err)
	}
	phone, err := desk.OpenHelper(c.Keys, *m.entry, ct)
	if err != nil {
		return err
	}
	if m.helper == 0 {
		l.data.Helper = booking.MaskPhone(phone)
		return nil
	}
	l.stale = l.stale || m.kind != words.HelperOver && ended != "" && ended != "withdrawn"
	l.to = phone
	return nil
}
