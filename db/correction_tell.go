package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/booking/words"
)

// paramCorrection names the correction whose words a text says.
const paramCorrection = "correction"

// correctionSamples is how many are shown before a correction is approved.
const correctionSamples = 5

// wrong is one wrong text and who got it.
type wrong struct {
	outgoing
	key string
}

// see goes through everything that a draft selects, and returns the digest of it.
func (k *Corrector) see(ctx context.Context, tx pgx.Tx, c *desk.Campaign, v *CorrectionView) ([]byte, error) {
	content, err := json.Marshal([]any{v.Wrong, v.Words})
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "jari correction 1\n%d %s\n", c.ID, content)
	seen := map[string]bool{}
	for after := int64(0); ; {
		all, err := readWrong(ctx, tx, v.Wrong.args(c.ID, after), k.page)
		if err != nil {
			return nil, err
		}
		for _, w := range all {
			_, _ = fmt.Fprintln(sum, w.id)
			after = w.id
			if v.Texts++; seen[w.key] {
				continue
			}
			seen[w.key] = true
			v.count(w)
			if err := v.show(ctx, tx, c, w); err != nil {
				return nil, err
			}
		}
		if len(all) < k.page {
			break
		}
	}
	digest := sum.Sum(nil)
	v.Digest = hex.EncodeToString(digest)
	err = tx.QueryRow(ctx, `SELECT (SELECT count(*) `+wrongSQL+` AND m.state IN ('sending', 'unknown')),
		(SELECT count(*) FROM message WHERE campaign_id = @campaign AND kind = @kind AND state IN ('pending', 'queued'))`, v.Wrong.args(c.ID, 0)).Scan(&v.Maybe, &v.Waiting)
	return digest, err
}

func (v *CorrectionView) count(w wrong) {
	switch {
	case w.helper != 0:
		v.Helpers++
	case w.entry != nil:
		v.People++
	default:
		v.Others++
	}
}

// show keeps some of those who would be told.
func (v *CorrectionView) show(ctx context.Context, tx pgx.Tx, c *desk.Campaign, w wrong) error {
	if len(v.Samples) == correctionSamples {
		return nil
	}
	m := w.outgoing
	m.kind, m.params = words.Correction, map[string]string{"lang": w.params["lang"]}
	m.reference = c.Keys.MessageReference(w.key)
	l, err := readLetter(ctx, tx, c, m)
	if errors.Is(err, vault.ErrData) {
		return nil
	}
	if err != nil {
		return err
	}
	l.data.Words = v.Words.In(l.lang)
	v.Samples = append(v.Samples, CorrectionSample{Who: l.data.Masked, Phone: booking.MaskPhone(l.to), Lang: l.lang, Data: l.data})
	return nil
}

func readWrong(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs, limit int) ([]wrong, error) {
	args["limit"] = limit
	return collect(ctx, tx, func(row pgx.CollectableRow) (wrong, error) {
		var w wrong
		var entry *[16]byte
		var lang string
		err := row.Scan(&w.id, &w.campaign, &entry, &w.helper, &w.inbound, &w.appointment, &lang, &w.key)
		w.entry, w.params = (*booking.ID)(entry), map[string]string{"lang": lang}
		return w, err
	}, `SELECT m.id, m.campaign_id, m.registration_id, coalesce(m.helper_id, 0), coalesce(m.inbound_id, 0), coalesce(m.appointment_id, 0), coalesce(m.params->>'lang', ''), `+wrongKey+wrongSQL+`
ORDER BY m.id LIMIT @limit`, args)
}

// tellPage tells those who got the next wrong texts.
func (k *Corrector) tellPage(ctx context.Context, c *desk.Campaign, id int32, w WrongTexts, now time.Time) (told int, more bool, err error) {
	err = writeWithin(ctx, k.pool, pageLimit, func(ctx context.Context, tx pgx.Tx) error {
		told, more = 0, false
		var after int64
		var ended bool
		err := tx.QueryRow(ctx, `SELECT after_message, ended_at IS NOT NULL FROM correction WHERE id = $1 FOR UPDATE`, id).Scan(&after, &ended)
		if err != nil || ended {
			return err
		}
		all, err := readWrong(ctx, tx, w.args(c.ID, after), k.page)
		if err != nil {
			return err
		}
		messages, err := untoldYet(ctx, tx, c.ID, id, all, now)
		if err != nil {
			return err
		}
		if err := insertMessages(ctx, tx, k.campaigns, messages, now); err != nil {
			return err
		}
		told, more = len(messages), len(all) == k.page
		if len(all) > 0 {
			after = all[len(all)-1].id
		}
		_, err = tx.Exec(ctx, `UPDATE correction SET after_message = $2, ended_at = CASE WHEN $3 THEN NULL ELSE $4::timestamptz END WHERE id = $1`, id, after, more, now)
		return err
	})
	return told, more, err
}

// untoldYet makes the corrections of those who have none of this one yet. Who got the wrong text gets the correction: the person, the helper who read along,
// or the phone that had texted us.
func untoldYet(ctx context.Context, tx pgx.Tx, campaign int32, id int32, all []wrong, now time.Time) ([]desk.Message, error) {
	first := map[string]wrong{}
	var purposes []string
	for _, w := range all {
		purpose := fmt.Sprintf("correction/%d/%s", id, w.key)
		if _, twice := first[purpose]; !twice {
			first[purpose], purposes = w, append(purposes, purpose)
		}
	}
	fresh, err := collect(ctx, tx, pgx.RowTo[string], `SELECT t.purpose FROM unnest($2::text[]) WITH ORDINALITY AS t(purpose, n)
		WHERE NOT EXISTS (SELECT FROM message m WHERE m.campaign_id = $1 AND m.dedup = t.purpose) ORDER BY t.n`, campaign, purposes)
	if err != nil {
		return nil, err
	}
	out := make([]desk.Message, len(fresh))
	for i, purpose := range fresh {
		w := first[purpose]
		out[i] = desk.Message{
			Campaign: campaign, Entry: w.entry, Helper: w.helper, Kind: string(words.Correction), Dedup: purpose, Due: now,
			Params: map[string]string{paramCorrection: strconv.Itoa(int(id))},
		}
		if w.entry == nil { // otherwise it would count as the answer to a text
			out[i].Inbound, out[i].Params["lang"] = w.inbound, w.params["lang"]
		}
	}
	return out, nil
}

// readCorrectionWords reads what the operators say.
func (l *letter) readCorrectionWords(ctx context.Context, q querier, c *desk.Campaign, m outgoing) error {
	if m.kind != words.Correction || m.params[paramCorrection] == "" {
		return nil
	}
	id, err := strconv.ParseInt(m.params[paramCorrection], 10, 32)
	if err != nil {
		return errors.New("read a message: its param \"correction\" is not a number")
	}
	var say booking.Names
	if err := q.QueryRow(ctx, `SELECT words FROM correction WHERE campaign_id = $1 AND id = $2 AND approved_at IS NOT NULL`, c.ID, id).Scan(&say); err != nil {
		return fmt.Errorf("read correction %d: %w", id, err)
	}
	l.data.Words = say.In(l.lang)
	return nil
}
