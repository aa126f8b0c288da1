package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// kept is a text on its way into the table.
type kept struct {
	in         desk.Inbound
	from, body []byte
}

// stood is where a text stands.
type stood struct {
	id    int64
	fresh bool
}

// Keep implements desk.Switchboard. Texts that come together are stored together, each by its provider's id.
func (s *Switchboard) Keep(ctx context.Context, in desk.Inbound) (int64, bool, error) {
	k, err := s.seal(in)
	if err != nil {
		return 0, false, err
	}
	got, err := s.keeping.ask(ctx, k)
	if err != nil && booking.CodeOf(err) == "" {
		err = fmt.Errorf("keep a text: %w", err)
	}
	return got.id, got.fresh, err
}

// seal encrypts what a text says and who sent it.
func (s *Switchboard) seal(in desk.Inbound) (kept, error) {
	c, err := s.campaigns.ByID(in.Campaign)
	if err != nil {
		return kept{}, err
	}
	k, row := kept{in: in}, []byte(in.Provider+"/"+in.ProviderSID)
	if k.from, err = c.Keys.Seal("inbound.from", row, []byte(in.From.E164())); err != nil {
		return kept{}, err
	}
	k.body, err = c.Keys.Seal("inbound.body", row, []byte(in.Body))
	return k, err
}

// Waiting is how many texts wait to be stored.
func (s *Switchboard) Waiting() int { return s.keeping.len() }

// insertTextsSQL stores texts (textColumns), whichever way they came. What follows says what becomes of those that are there already.
const insertTextsSQL = `
INSERT INTO inbound (campaign_id, provider, provider_sid, phone_hash, from_ct, body_ct, arrival, via, shared, found_at)
SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::bytea[], $7::timestamptz[], $8::text[], $9::bool[], $10::timestamptz[])
ON CONFLICT (provider, provider_sid)`

// Of two deliveries of one text the earlier counts, until one of them is handled. xmax is 0 in a row that is new.
const keepTextsSQL = insertTextsSQL + ` DO UPDATE SET arrival = EXCLUDED.arrival, via = EXCLUDED.via
WHERE inbound.handled_at IS NULL AND EXCLUDED.arrival < inbound.arrival
RETURNING provider, provider_sid, id, xmax = 0`

// keepBatch stores texts, sorted by the key on which they can meet, each once: one statement, which commits by itself.
func (s *Switchboard) keepBatch(ctx context.Context, texts []kept) ([]done[stood], error) {
	sorted := slices.Clone(texts)
	slices.SortStableFunc(sorted, func(a, b kept) int {
		return cmp.Or(strings.Compare(a.in.Provider, b.in.Provider), strings.Compare(a.in.ProviderSID, b.in.ProviderSID), a.in.Arrival.Compare(b.in.Arrival))
	})
	sorted = slices.CompactFunc(sorted, func(a, b kept) bool { return keyOfText(a) == keyOfText(b) })
	found := make(map[textKey]stood, len(sorted))
	rows, err := s.keepPool.Query(ctx, keepTextsSQL, textColumns(sorted)...)
	if err != nil {
		return nil, err
	}
	if err := scanStood(rows, found); err != nil {
		return nil, err
	}
	if err := s.findKept(ctx, sorted, found); err != nil {
		return nil, err
	}
	out, told := make([]done[stood], len(texts)), make(map[textKey]bool, len(texts))
	for i, t := range texts {
		k := keyOfText(t)
		at := found[k]
		at.fresh = at.fresh && !told[k] // of two deliveries in one batch one is new
		out[i].result, told[k] = at, true
	}
	return out, nil
}

// findKept reads where the texts stand that were there before.
func (s *Switchboard) findKept(ctx context.Context, texts []kept, found map[textKey]stood) error {
	var provider, sid []string
	for _, t := range texts {
		if _, ok := found[keyOfText(t)]; !ok {
			provider, sid = append(provider, t.in.Provider), append(sid, t.in.ProviderSID)
		}
	}
	if len(sid) == 0 {
		return nil
	}
	rows, err := s.keepPool.Query(ctx, `SELECT i.provider, i.provider_sid, i.id, false FROM unnest($1::text[], $2::text[]) AS t(p, s)
		CROSS JOIN LATERAL (SELECT provider, provider_sid, id FROM inbound WHERE provider = t.p AND provider_sid = t.s LIMIT 1) i`, provider, sid)
	if err != nil {
		return err
	}
	return scanStood(rows, found)
}

// textKey is by what a text is known: the provider and its id there.
type textKey struct{ provider, sid string }

func keyOfText(t kept) textKey { return textKey{t.in.Provider, t.in.ProviderSID} }

func scanStood(rows pgx.Rows, found map[textKey]stood) error {
	var k textKey
	var at stood
	_, err := pgx.ForEachRow(rows, []any{&k.provider, &k.sid, &at.id, &at.fresh}, func() error {
		found[k] = at
		return nil
	})
	return err
}

func textColumns(texts []kept) []any {
	n := len(texts)
	campaign, provider, sid, hash := make([]int32, n), make([]string, n), make([]string, n), make([][]byte, n)
	from, body, arrival, via := make([][]byte, n), make([][]byte, n), make([]time.Time, n), make([]string, n)
	shared, found := make([]bool, n), make([]*time.Time, n)
	for i := range texts {
		t := &texts[i]
		campaign[i], provider[i], sid[i], hash[i] = t.in.Campaign, t.in.Provider, t.in.ProviderSID, t.in.PhoneHash[:]
		from[i], body[i], arrival[i], via[i], shared[i] = t.from, t.body, t.in.Arrival, string(t.in.Via), t.in.Shared
		if !t.in.Found.IsZero() {
			found[i] = &t.in.Found
		}
	}
	return []any{campaign, provider, sid, hash, from, body, arrival, via, shared, found}
}

// Inbound implements desk.Switchboard.
func (s *Switchboard) Inbound(ctx context.Context, id int64) (desk.Inbound, error) {
	r, err := s.reading.ask(ctx, id)
	if err != nil {
		return desk.Inbound{ID: id}, err
	}
	in := r.in
	c, err := s.campaigns.ByID(in.Campaign)
	if err != nil {
		return in, err
	}
	if in.From, err = openSender(c, in.Provider, in.ProviderSID, r.from); err != nil {
		return in, err
	}
	in.Body, err = openBody(c, in.Provider, in.ProviderSID, r.body)
	return in, err
}

// readBatch reads kept texts, still closed.
func (s *Switchboard) readBatch(ctx context.Context, ids []int64) ([]done[kept], error) {
	rows, err := s.pool.Query(ctx, `SELECT id, campaign_id, provider, provider_sid, phone_hash, from_ct, body_ct, arrival, via, handled_at IS NOT NULL, shared, found_at, heard
		FROM inbound WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	found := make(map[int64]kept, len(ids))
	for rows.Next() {
		var k kept
		var hash []byte
		var listed *time.Time
		if err := rows.Scan(&k.in.ID, &k.in.Campaign, &k.in.Provider, &k.in.ProviderSID, &hash, &k.from, &k.body, &k.in.Arrival, &k.in.Via, &k.in.Handled, &k.in.Shared, &listed, &k.in.Heard); err != nil {
			rows.Close()
			return nil, fmt.Errorf("read texts: %w", err)
		}
		k.in.PhoneHash = vault.Hash(hash)
		if listed != nil {
			k.in.Found = *listed
		}
		found[k.in.ID] = k
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	out := make([]done[kept], len(ids))
	for i, id := range ids {
		k, ok := found[id]
		if out[i].result = k; !ok {
			out[i].err = booking.Fail(booking.CodeUnauthorized, nil)
		}
	}
	return out, nil
}

// openSender decrypts who sent a text.
func openSender(c *desk.Campaign, provider, sid string, ct []byte) (booking.Phone, error) {
	plain, err := c.Keys.Open("inbound.from", []byte(provider+"/"+sid), ct)
	if err != nil {
		return booking.Phone{}, err
	}
	return booking.ParseE164(string(plain))
}

// openBody decrypts what a text says.
func openBody(c *desk.Campaign, provider, sid string, ct []byte) (string, error) {
	plain, err := c.Keys.Open("inbound.body", []byte(provider+"/"+sid), ct)
	return string(plain), err
}

// openPage is how many texts one sweep takes at once, and sweepLease how long it has them for itself: far longer than handling them
// takes, and short enough that a worker that died keeps nobody waiting long.
const (
	openPage   = 1024
	sweepLease = 10 * time.Second
)

// OpenInbound takes kept texts that arrived before the instant and are not handled, oldest first, a page of them. What it takes is left
// alone by others for some seconds. A text that fails is tried again after 10 s at least, and later after 16, 32, 64 …, up to nine hours, so that
// neither a full intake nor a fault of ours loses anybody; the audit shows what stays open. While a campaign's intake is braked its texts are left alone, so
// that none uses up its tries; they are listed as soon as it goes on.
func (s *Switchboard) OpenInbound(ctx context.Context, before, now time.Time) ([]desk.OpenText, error) {
	var open []desk.OpenText
	err := write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `WITH taken AS (UPDATE inbound SET failures = failures + 1,
			look_at = $2::timestamptz + greatest($3::interval, make_interval(secs => power(2, failures))) WHERE id IN (
			SELECT id FROM inbound WHERE handled_at IS NULL AND failures < 15 AND arrival < $1 AND coalesce(look_at <= $2, true)
			AND NOT EXISTS (SELECT FROM brake b WHERE b.campaign_id = inbound.campaign_id AND b.what = 'intake')
			ORDER BY arrival, id LIMIT $4 FOR UPDATE SKIP LOCKED) RETURNING id, phone_hash, arrival)
			SELECT id, phone_hash FROM taken ORDER BY arrival, id`, before, now, sweepLease, openPage)
		if err != nil {
			return err
		}
		open = open[:0]
		var o desk.OpenText
		var hash []byte
		_, err = pgx.ForEachRow(rows, []any{&o.ID, &hash}, func() error {
			o.Phone = vault.Hash(hash)
			open = append(open, o)
			return nil
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list open texts: %w", err)
	}
	return open, nil
}
