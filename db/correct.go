package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// Correct implements desk.Book.
//
// A proven correction changes the row in place; a new identity becomes an alias of the entry, so that the person is found
// under both. An unproven one (only its own maker, only while nobody proved anything) moves the entry, with its arrival,
// to the corrected identity and gives the mistaken one up: whoever has that identity really must not find a stranger's
// entry in the way.
func (b *Book) Correct(ctx context.Context, c desk.Change, to desk.Correction, proven bool) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockEntry(ctx, tx, c); err != nil {
			return err
		}
		act := "correct"
		var err error
		if proven || to.NewID == c.ID {
			err = b.correctInPlace(ctx, tx, c, to)
		} else {
			act, err = "move", b.moveEntry(ctx, tx, c, to)
		}
		if err != nil {
			return err
		}
		return audit(ctx, tx, c, act, map[string]any{"identity_changed": to.NewID != c.ID})
	})
}

func (b *Book) correctInPlace(ctx context.Context, tx pgx.Tx, c desk.Change, to desk.Correction) error {
	if _, err := tx.Exec(ctx, `UPDATE registration SET person_ct = $3, region = $4 WHERE campaign_id = $1 AND id = $2`,
		c.Campaign, [16]byte(c.ID), to.PersonCT, to.Region); err != nil {
		return err
	}
	if to.NewID != c.ID {
		if err := alias(ctx, tx, c, to); err != nil {
			return err
		}
	}
	if err := replaceLookups(ctx, tx, c.Campaign, c.ID, to.Lookups); err != nil {
		return err
	}
	return b.tell(ctx, tx, c, words.Corrected, byOperation(c), desk.Message{Urgent: true})
}

// alias points the new identity to this entry. If somebody applied under it already, both stay and agents are told.
func alias(ctx context.Context, tx pgx.Tx, c desk.Change, to desk.Correction) error {
	tag, err := tx.Exec(ctx, `
INSERT INTO registration (campaign_id, id, queue_id, cohort, cohort_version, arrival, tie, door, actor, region, lang, verify, person_ct, generation, alias_of)
SELECT campaign_id, $3, queue_id, cohort, cohort_version, arrival, $4, door, $5, '', lang, verify, ''::bytea, $6, id
FROM registration WHERE campaign_id = $1 AND id = $2
ON CONFLICT DO NOTHING`, c.Campaign, [16]byte(c.ID), [16]byte(to.NewID), to.NewTie, c.Actor, to.Generation)
	if err != nil || tag.RowsAffected() == 1 {
		return err
	}
	return foundDuplicate(ctx, tx, c, to.NewID)
}

// foundDuplicate puts a pair on the agents' list, unless the other row is only an alias of this very entry.
func foundDuplicate(ctx context.Context, tx pgx.Tx, c desk.Change, other booking.ID) error {
	_, err := tx.Exec(ctx, `
INSERT INTO possible_duplicate (campaign_id, one, other, reason, found_at)
SELECT $1, least($2::uuid, $3::uuid), greatest($2::uuid, $3::uuid), 'corrected', $4
FROM registration r WHERE r.campaign_id = $1 AND r.id = $3 AND r.alias_of IS DISTINCT FROM $2
ON CONFLICT DO NOTHING`, c.Campaign, [16]byte(c.ID), [16]byte(other), c.At)
	return err
}

// moveEntry moves an unproven entry to its corrected identity. If somebody stands there already, that entry stays as it
// is: the mover becomes one more device that claims it, which tells it nothing.
//
// An open offer was made to the mistaken identity, so it is given back; the next round serves the corrected entry by its
// arrival, which it keeps.
func (b *Book) moveEntry(ctx context.Context, tx pgx.Tx, c desk.Change, to desk.Correction) error {
	switch id, err := b.move(ctx, tx, c, 0, booking.Cancelled); {
	case err == nil:
		if err := b.tell(ctx, tx, c, words.Cancelled, byOperation(c), desk.Message{Appointment: id}); err != nil {
			return err
		}
	case booking.CodeOf(err) != booking.CodeConflict:
		return err
	}
	if _, err := tx.Exec(ctx, `
INSERT INTO registration (campaign_id, id, queue_id, cohort, cohort_version, arrival, tie, door, actor, device, attested, region, wishes, lang, verify, person_ct, generation)
SELECT campaign_id, $3, queue_id, cohort, cohort_version, arrival, $4, door, actor, device, attested, $5, wishes, lang, verify, $6, $7
FROM registration WHERE campaign_id = $1 AND id = $2
ON CONFLICT DO NOTHING`, c.Campaign, [16]byte(c.ID), [16]byte(to.NewID), to.NewTie, to.Region, to.MoveCT, to.Generation); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
INSERT INTO claim (campaign_id, registration_id, device, arrival, door)
SELECT campaign_id, $3, device, arrival, door FROM registration WHERE campaign_id = $1 AND id = $2 AND device IS NOT NULL
ON CONFLICT DO NOTHING`, c.Campaign, [16]byte(c.ID), [16]byte(to.NewID)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE registration SET moved_to = $3 WHERE campaign_id = $1 AND id = $2`,
		c.Campaign, [16]byte(c.ID), [16]byte(to.NewID))
	return err
}

func replaceLookups(ctx context.Context, tx pgx.Tx, campaign int32, id booking.ID, lookups []desk.Lookup) error {
	// Without look-ups the background job makes them from the corrected row.
	tag, err := tx.Exec(ctx, `DELETE FROM lookup WHERE campaign_id = $1 AND registration_id = $2`, campaign, [16]byte(id))
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	for _, l := range lookups {
		if _, err := tx.Exec(ctx, `INSERT INTO lookup (campaign_id, kind, hash, registration_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			campaign, int16(l.Kind), l.Hash[:], [16]byte(id)); err != nil {
			return err
		}
	}
	return nil
}
