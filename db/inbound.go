package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// Keep implements desk.Switchboard.
func (s *Switchboard) Keep(ctx context.Context, in desk.Inbound) (int64, bool, error) {
	c, err := s.campaigns.ByID(in.Campaign)
	if err != nil {
		return 0, false, err
	}
	row := []byte(in.Provider + "/" + in.ProviderSID)
	from, err := c.Keys.Seal("inbound.from", row, []byte(in.From.E164()))
	if err != nil {
		return 0, false, err
	}
	body, err := c.Keys.Seal("inbound.body", row, []byte(in.Body))
	if err != nil {
		return 0, false, err
	}
	var id int64
	var fresh bool
	err = write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		// Of two deliveries of one text the earlier counts, until one of them is handled. xmax is 0 in a row that is new.
		err := tx.QueryRow(ctx, `INSERT INTO inbound (campaign_id, provider, provider_sid, phone_hash, from_ct, body_ct, arrival, via, shared)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (provider, provider_sid) DO UPDATE SET arrival = EXCLUDED.arrival, via = EXCLUDED.via
			WHERE inbound.handled_at IS NULL AND EXCLUDED.arrival < inbound.arrival RETURNING id, xmax = 0`,
			in.Campaign, in.Provider, in.ProviderSID, in.PhoneHash[:], from, body, in.Arrival, string(in.Via), in.Shared).Scan(&id, &fresh)
		if errors.Is(err, pgx.ErrNoRows) {
			fresh = false
			err = tx.QueryRow(ctx, `SELECT id FROM inbound WHERE provider = $1 AND provider_sid = $2`, in.Provider, in.ProviderSID).Scan(&id)
		}
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("keep a text: %w", err)
	}
	return id, fresh, nil
}

// Inbound implements desk.Switchboard.
func (s *Switchboard) Inbound(ctx context.Context, id int64) (desk.Inbound, error) {
	in := desk.Inbound{ID: id}
	var hash, from, body []byte
	err := s.pool.QueryRow(ctx, `SELECT campaign_id, provider, provider_sid, phone_hash, from_ct, body_ct, arrival, via, handled_at IS NOT NULL, shared
		FROM inbound WHERE id = $1`, id).Scan(&in.Campaign, &in.Provider, &in.ProviderSID, &hash, &from, &body, &in.Arrival, &in.Via, &in.Handled, &in.Shared)
	if errors.Is(err, pgx.ErrNoRows) {
		return in, booking.Fail(booking.CodeUnauthorized, nil)
	}
	if err != nil {
		return in, fmt.Errorf("read a text: %w", err)
	}
	in.PhoneHash = vault.Hash(hash)
	c, err := s.campaigns.ByID(in.Campaign)
	if err != nil {
		return in, err
	}
	if in.From, err = openSender(c, in.Provider, in.ProviderSID, from); err != nil {
		return in, err
	}
	plain, err := c.Keys.Open("inbound.body", []byte(in.Provider+"/"+in.ProviderSID), body)
	in.Body = string(plain)
	return in, err
}

// openSender decrypts who sent a text.
func openSender(c *desk.Campaign, provider, sid string, ct []byte) (booking.Phone, error) {
	plain, err := c.Keys.Open("inbound.from", []byte(provider+"/"+sid), ct)
	if err != nil {
		return booking.Phone{}, err
	}
	return booking.ParseE164(string(plain))
}

// OpenInbound lists kept texts that arrived before the instant and are not handled, oldest first, at most 200. A text
// that fails is tried again after 1, 2, 4 … seconds, up to nine hours, so that neither a full intake nor a fault of ours
// loses anybody; the audit shows what stays open. While a campaign's intake is braked its texts are left alone, so that none
// uses up its tries; they are listed as soon as it goes on.
func (s *Switchboard) OpenInbound(ctx context.Context, before time.Time) ([]int64, error) {
	var ids []int64
	err := write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `UPDATE inbound SET failures = failures + 1 WHERE id IN (
			SELECT id FROM inbound WHERE handled_at IS NULL AND failures < 15 AND arrival + make_interval(secs => power(2, failures) - 1) < $1
			AND NOT EXISTS (SELECT FROM brake b WHERE b.campaign_id = inbound.campaign_id AND b.what = 'intake')
			ORDER BY arrival LIMIT 200 FOR UPDATE SKIP LOCKED) RETURNING id`, before)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list open texts: %w", err)
	}
	slices.Sort(ids)
	return ids, nil
}
