package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/booking/words"
)

// Correct implements desk.Book. The row changes in place; a new identity becomes an alias of the entry, so that the
// person is found under both.
func (b *Book) Correct(ctx context.Context, c desk.Change, to desk.Correction) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockForRounds(ctx, tx, c); err != nil {
			return err
		}
		if err := b.correctInPlace(ctx, tx, c, to); err != nil {
			return err
		}
		return audit(ctx, tx, c, "correct", map[string]any{"identity_changed": to.NewID != c.ID})
	})
}

func (b *Book) correctInPlace(ctx context.Context, tx pgx.Tx, c desk.Change, to desk.Correction) error {
	if _, err := tx.Exec(ctx, `UPDATE registration SET person_ct = $3, region = $4 WHERE campaign_id = $1 AND id = $2`,
		c.Campaign, [16]byte(c.ID), to.PersonCT, to.Region); err != nil {
		return err
	}
	if to.NewID != c.ID {
		if err := b.alias(ctx, tx, c, to); err != nil {
			return err
		}
	}
	if err := replaceLookups(ctx, tx, c.Campaign, c.ID, to.Lookups); err != nil {
		return err
	}
	if phone, known := phoneIn(to.Lookups); known {
		if err := endOwnHelper(ctx, tx, c, phone); err != nil {
			return err
		}
		if _, err := takeBackRefusal(ctx, tx, c, true, &phone); err != nil {
			return err
		}
	}
	// The region may be another one, and with it what is near.
	if err := wake(ctx, tx, c.Campaign, c.ID); err != nil {
		return err
	}
	return b.tell(ctx, tx, c, words.Corrected, byOperation(c), desk.Message{Urgent: true})
}

// alias points the new identity to this entry. One that was withdrawn is taken over, and one that another entry has left again is passed over to the next
// generation, as whoever applies does. If somebody lives under it, or applied again, nobody is told and nothing is taken from them: this
// entry, whose data now say the same, is held back from rounds until an agent has looked, because one identity must not get two appointments.
func (b *Book) alias(ctx context.Context, tx pgx.Tx, c desk.Change, to desk.Correction) error {
	made, err := makeAlias(ctx, tx, c, to, to.NewID, to.Generation)
	if err != nil || made {
		return err
	}
	tag, err := tx.Exec(ctx, `UPDATE registration SET alias_of = $3 WHERE campaign_id = $1 AND id = $2 AND alias_of IS NULL AND withdrawn_at IS NOT NULL
		AND NOT EXISTS (SELECT FROM registration l WHERE l.campaign_id = $1 AND l.id = ANY($4) AND l.id <> $3 AND l.alias_of IS DISTINCT FROM $3 AND l.withdrawn_at IS NULL)`,
		c.Campaign, [16]byte(to.NewID), [16]byte(c.ID), to.Later)
	if err != nil || tag.RowsAffected() == 1 {
		return err
	}
	return b.aliasLater(ctx, tx, c, to)
}

// makeAlias makes a row that says that an id leads to this entry, unless there is a row.
func makeAlias(ctx context.Context, tx pgx.Tx, c desk.Change, to desk.Correction, id booking.ID, generation int) (bool, error) {
	tag, err := tx.Exec(ctx, `
INSERT INTO registration (campaign_id, id, queue_id, cohort, cohort_version, arrival, received_at, tie, door, actor, region, lang, verify, person_ct, generation, alias_of)
SELECT campaign_id, $3, queue_id, cohort, cohort_version, arrival, received_at, $4, door, $5, '', lang, verify, ''::bytea, $6, id
FROM registration WHERE campaign_id = $1 AND id = $2
ON CONFLICT DO NOTHING`, c.Campaign, [16]byte(c.ID), [16]byte(id), to.NewTie, c.Actor, generation)
	return tag.RowsAffected() == 1, err
}

// aliasLater goes through the generations of an identity under which there is a row already.
func (b *Book) aliasLater(ctx context.Context, tx pgx.Tx, c desk.Change, to desk.Correction) error {
	own := false
	for g, id := range append([]booking.ID{to.NewID}, to.Later...) {
		if g > 0 && !own {
			if made, err := makeAlias(ctx, tx, c, to, id, g); err != nil || made {
				return err
			}
		}
		var of *[16]byte
		var gone bool
		err := tx.QueryRow(ctx, `SELECT alias_of, withdrawn_at IS NOT NULL FROM registration WHERE campaign_id = $1 AND id = $2 FOR UPDATE`, c.Campaign, [16]byte(id)).Scan(&of, &gone)
		switch {
		case errors.Is(err, pgx.ErrNoRows): // nobody applied since this entry had these data the last time
			return nil
		case err != nil:
			return err
		case of != nil && *of == c.ID:
			own = true
			continue
		}
		lives := of == nil && !gone
		if of != nil {
			if lives, err = b.holds(ctx, tx, c.Campaign, *of, id); err != nil {
				return err
			}
		}
		if lives {
			return foundDuplicate(ctx, tx, c, id)
		}
	}
	return nil
}

// holds reports whether an entry that lives has the data of an identity.
func (b *Book) holds(ctx context.Context, tx pgx.Tx, campaign int32, entry, id booking.ID) (bool, error) {
	e, err := readEntry(ctx, tx, campaign, entry)
	if err != nil || e.Withdrawn {
		return false, err
	}
	k, err := b.campaigns.ByID(campaign)
	if err != nil {
		return false, err
	}
	return !desk.Left(k, e, id), nil
}

// foundDuplicate puts a pair on the agents' list, unless the other row is only an alias of this very entry.
func foundDuplicate(ctx context.Context, tx pgx.Tx, c desk.Change, other booking.ID) error {
	tag, err := tx.Exec(ctx, `
INSERT INTO possible_duplicate (campaign_id, one, other, reason, found_at)
SELECT $1, least($2::uuid, $3::uuid), greatest($2::uuid, $3::uuid), 'corrected', $4
FROM registration r WHERE r.campaign_id = $1 AND r.id = $3 AND r.alias_of IS DISTINCT FROM $2
ON CONFLICT DO NOTHING`, c.Campaign, [16]byte(c.ID), [16]byte(other), c.At)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO escalation (campaign_id, registration_id, reason, opened_at) VALUES ($1, $2, 'corrected_duplicate', $3)`,
		c.Campaign, [16]byte(c.ID), c.At)
	return err
}

// phoneIn is the phone's hash among a person's look-up hashes.
func phoneIn(lookups []desk.Lookup) (phone vault.Hash, known bool) {
	for _, l := range lookups {
		if l.Kind == booking.LookupPhone {
			return l.Hash, true
		}
	}
	return phone, false
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
