package db

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// Corrector corrects texts that were wrong, to exactly those who got them. One operator drafts: which texts, and what is to be said. What that
// comes to has a digest. Another operator approves that digest, and only if it still comes to the same. Then everybody gets one correction,
// however many wrong texts they got, at the pace of all texts.
type Corrector struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	page      int
}

// NewCorrector makes a corrector. page is how many wrong texts one transaction goes through.
func NewCorrector(pool *pgxpool.Pool, campaigns desk.Campaigns, page int) *Corrector {
	return &Corrector{pool: pool, campaigns: campaigns, page: page}
}

var (
	// ErrNoCorrection is returned where a campaign has no such draft.
	ErrNoCorrection = errors.New("there is no such draft")
	// ErrSameOperator is returned to whoever approves their own draft.
	ErrSameOperator = errors.New("whoever drafted a correction cannot approve it: another operator must")
	// ErrOtherDigest is returned when what was approved is not what would be sent.
	ErrOtherDigest = errors.New("this is not the digest of what would be sent now: look at it again, or draft anew")
	// ErrNobody is returned for a selection that nobody got a text of.
	ErrNobody = errors.New("nobody got such a text")
	// ErrOpenTime is returned for a time that has not passed yet: more wrong texts could come into it.
	ErrOpenTime = errors.New("the time of the wrong texts must lie in the past")
)

// WrongTexts says which texts were wrong: those of a kind that left within a time, and whatever else is not zero. A text that never left, or is
// known not to have arrived, is none of them.
type WrongTexts struct {
	Kind  words.Kind
	From  time.Time // when they left, inclusive
	To    time.Time // exclusive
	Site  string    // of the appointment that they told of
	Slot  time.Time // its start
	Route string    // by which of our numbers
	Cause string    // why we changed something
}

// CorrectionView is a draft with what it comes to now.
type CorrectionView struct {
	ID         int32
	Wrong      WrongTexts
	Words      booking.Names
	Texts      int // wrong ones that left
	Maybe      int // of them those of which nobody knows yet whether they arrived
	People     int // who get a correction: the persons,
	Helpers    int // who read along with them,
	Others     int // and phones without an entry
	Waiting    int // texts of the kind that have not left, and would say the same
	Digest     string
	Drafted    string // the digest of what was drafted
	DraftedBy  string
	ApprovedBy string // "" while nobody has
	Ended      bool
	Samples    []CorrectionSample
}

// CorrectionSample is one who would get the correction, as an operator may see it.
type CorrectionSample struct {
	Who   string // the person, masked; "" for a phone without an entry
	Phone string // masked
	Lang  booking.Lang
	Data  words.Data
}

// wrongSQL are the wrong texts and who got them: whoever gets two has the same key. What is unknown may have arrived, and so may
// a further copy that we know of.
const wrongSQL = `
FROM message m
LEFT JOIN appointment a ON a.id = m.appointment_id LEFT JOIN slot s ON s.id = a.slot_id LEFT JOIN site si ON si.id = s.site_id
LEFT JOIN inbound i ON i.id = m.inbound_id AND m.registration_id IS NULL
WHERE m.campaign_id = @campaign AND m.kind = @kind AND m.id > @after
  AND (@site = '' OR si.code = @site) AND (@slot::timestamptz IS NULL OR s.starts_at = @slot) AND (@cause = '' OR m.params->>'cause' = @cause)
  AND EXISTS (SELECT FROM send_attempt t WHERE t.message_id = m.id AND t.claimed_at >= @from AND t.claimed_at < @to
    AND (m.state NOT IN ('undelivered', 'failed') AND t.outcome IN ('claimed', 'accepted', 'found', 'unknown') AND t.failed_at IS NULL OR t.extra > 0) AND (@route = '' OR t.route = @route))`

// wrongKey tells those who got wrong texts apart.
const wrongKey = `CASE WHEN m.helper_id IS NOT NULL THEN 'helper/' || m.helper_id WHEN m.registration_id IS NOT NULL THEN 'entry/' || m.registration_id
    ELSE 'phone/' || encode(i.phone_hash, 'hex') END`

func (w WrongTexts) args(campaign int32, after int64) pgx.NamedArgs {
	var slot *time.Time
	if !w.Slot.IsZero() {
		slot = &w.Slot
	}
	return pgx.NamedArgs{
		"campaign": campaign, "kind": string(w.Kind), "from": w.From, "to": w.To, "site": w.Site, "slot": slot, "route": w.Route, "cause": w.Cause, "after": after,
	}
}

// Draft keeps a correction for another operator to approve, and returns what it comes to. It returns ErrOpenTime and ErrNobody.
func (k *Corrector) Draft(ctx context.Context, c *desk.Campaign, w WrongTexts, say booking.Names, actor string, now time.Time) (CorrectionView, error) {
	if w.To.After(now) || !w.From.Before(w.To) {
		return CorrectionView{}, ErrOpenTime
	}
	v := CorrectionView{Wrong: w, Words: say, DraftedBy: actor}
	selection, err := json.Marshal(w)
	if err != nil {
		return v, err
	}
	err = k.look(ctx, func(ctx context.Context, tx pgx.Tx) error {
		digest, err := k.see(ctx, tx, c, &v)
		if err != nil {
			return err
		}
		if v.Texts == 0 {
			return ErrNobody
		}
		if err := tx.QueryRow(ctx, `INSERT INTO correction (campaign_id, selection, words, digest, drafted_at, drafted_by) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
			c.ID, selection, say, digest, now, actor).Scan(&v.ID); err != nil {
			return err
		}
		v.Drafted = v.Digest
		return auditMessage(ctx, tx, subject{campaign: c.ID}, actor, "correction.draft", map[string]any{"correction": v.ID, "kind": w.Kind, "texts": v.Texts, "digest": v.Digest}, now)
	})
	if err != nil {
		return v, fmt.Errorf("draft a correction: %w", err)
	}
	return v, nil
}

// Show returns a draft and what it comes to now. It returns ErrNoCorrection.
func (k *Corrector) Show(ctx context.Context, c *desk.Campaign, id int32) (CorrectionView, error) {
	var v CorrectionView
	err := k.look(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		if v, err = readCorrection(ctx, tx, c, id); err != nil {
			return err
		}
		_, err = k.see(ctx, tx, c, &v)
		return err
	})
	if err != nil {
		return v, fmt.Errorf("read a correction: %w", err)
	}
	return v, nil
}

// look sees one instant, and may take as long as the audit: a nation's texts are gone through.
func (k *Corrector) look(ctx context.Context, do func(context.Context, pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, k.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL statement_timeout = %d; SET LOCAL idle_in_transaction_session_timeout = 0", auditLimit.Milliseconds())); err != nil {
			return err
		}
		return do(ctx, tx)
	})
}

func readCorrection(ctx context.Context, tx pgx.Tx, c *desk.Campaign, id int32) (CorrectionView, error) {
	v := CorrectionView{ID: id}
	var selection, digest []byte
	err := tx.QueryRow(ctx, `SELECT selection, words, digest, drafted_by, coalesce(approved_by, ''), ended_at IS NOT NULL FROM correction WHERE campaign_id = $1 AND id = $2`,
		c.ID, id).Scan(&selection, &v.Words, &digest, &v.DraftedBy, &v.ApprovedBy, &v.Ended)
	if errors.Is(err, pgx.ErrNoRows) {
		return v, ErrNoCorrection
	}
	if err != nil {
		return v, err
	}
	v.Drafted = hex.EncodeToString(digest)
	return v, json.Unmarshal(selection, &v.Wrong)
}

// Approve holds the draft against what it comes to now and, if nothing differs, tells everybody. Stopped anywhere, the same again goes on and
// tells nobody twice; progress hears how many have been told so far. It returns ErrNoCorrection, ErrSameOperator and ErrOtherDigest.
func (k *Corrector) Approve(ctx context.Context, c *desk.Campaign, id int32, digest, actor string, now time.Time, progress func(int)) (int, error) {
	var w WrongTexts
	err := k.look(ctx, func(ctx context.Context, tx pgx.Tx) error {
		v, err := readCorrection(ctx, tx, c, id)
		if err != nil {
			return err
		}
		w = v.Wrong
		switch {
		case v.DraftedBy == actor:
			return ErrSameOperator
		case digest != v.Drafted:
			return ErrOtherDigest
		case v.ApprovedBy != "": // goes on
			return nil
		}
		if _, err := k.see(ctx, tx, c, &v); err != nil {
			return err
		}
		if v.Digest != digest {
			return ErrOtherDigest
		}
		if _, err := tx.Exec(ctx, `UPDATE correction SET approved_at = $2, approved_by = $3 WHERE id = $1 AND approved_at IS NULL`, id, now, actor); err != nil {
			return err
		}
		return auditMessage(ctx, tx, subject{campaign: c.ID}, actor, "correction.approve", map[string]any{"correction": id, "texts": v.Texts, "digest": digest}, now)
	})
	if err != nil {
		return 0, fmt.Errorf("approve a correction: %w", err)
	}
	total := 0
	for ctx.Err() == nil {
		told, more, err := k.tellPage(ctx, c, id, w, now)
		total += told
		if err != nil {
			return total, fmt.Errorf("tell a correction: %w", err)
		}
		if !more {
			return total, nil
		}
		progress(total)
	}
	return total, ctx.Err()
}
