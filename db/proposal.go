package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// Propose implements desk.Switchboard.
func (s *Switchboard) Propose(ctx context.Context, in desk.Inbound, content []byte, at time.Time) ([]byte, error) {
	var kept []byte
	err := write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO proposal (inbound_id, campaign_id, content_ct, made_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			in.ID, in.Campaign, content, at)
		if err == nil {
			kept, err = readProposal(ctx, tx, in.ID) // in a statement of its own, which sees what another one committed meanwhile
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keep a proposal: %w", err)
	}
	return kept, nil
}

// Proposal implements desk.Switchboard.
func (s *Switchboard) Proposal(ctx context.Context, inbound int64) ([]byte, error) {
	ct, err := readProposal(ctx, s.pool, inbound)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, booking.Fail(booking.CodeUnauthorized, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("read a proposal: %w", err)
	}
	return ct, nil
}

func readProposal(ctx context.Context, q querier, inbound int64) (ct []byte, err error) {
	err = q.QueryRow(ctx, `SELECT content_ct FROM proposal WHERE inbound_id = $1`, inbound).Scan(&ct)
	return ct, err
}

// readProposal fills in what a text reads back: exactly what will be done when it is accepted.
func (l *letter) readProposal(ctx context.Context, f *facts, c *desk.Campaign, m outgoing, e desk.Entry) error {
	if h := e.Wishes.Household; h != nil && m.kind == words.HouseholdCode {
		l.data.Code, l.data.Size = h.Code, h.Size
	}
	if !m.kind.Chosen() || m.inbound == 0 {
		return nil
	}
	ct, err := readProposal(ctx, f, m.inbound)
	if err != nil {
		return fmt.Errorf("read what a text reads back: %w", err)
	}
	p, err := desk.OpenProposal(c.Keys, m.inbound, ct)
	if err != nil {
		return err
	}
	l.choices = len(p.Choices)
	for _, id := range proposedFor(p) {
		name, err := f.maskedName(ctx, c, id)
		if err != nil {
			return err
		}
		l.data.Names = append(l.data.Names, name)
	}
	first := p.Choices[0]
	if first.Wishes != nil {
		l.data.Wished = words.WishOf(c.Campaign, l.lang, *first.Wishes)
		l.data.Said = words.WishOf(c.Campaign, l.lang, first.Want.Wished.On(booking.Wishes{}))
		if h := first.Wishes.Household; h != nil {
			l.data.Size = h.Size
		}
	}
	if strings.ContainsFunc(first.Want.Name, func(r rune) bool { return unicode.Is(unicode.Hangul, r) }) && slices.Contains(c.Langs, booking.Korean) {
		l.lang = booking.Korean // in other letters nobody could see whether we read the name right
	}
	l.data.News = news(c, l.lang, first.Want)
	return nil
}

// proposedFor lists whom a proposal's text names: each choice's person, or all who come along.
func proposedFor(p desk.Proposal) []booking.ID {
	first := p.Choices[0]
	if len(first.Others) > 0 {
		return append([]booking.ID{first.Entry}, first.Others...)
	}
	ids := make([]booking.ID, len(p.Choices))
	for i, choice := range p.Choices {
		ids[i] = choice.Entry
	}
	return ids
}

func (f *facts) maskedName(ctx context.Context, c *desk.Campaign, id booking.ID) (string, error) {
	e, err := f.entry(ctx, c.ID, id)
	if err != nil {
		return "", err
	}
	p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
	return booking.MaskName(p.Name), err
}

// news is what a correction or the naming of a helper says that is new. It goes to the phone that has just texted it.
func news(c *desk.Campaign, lang booking.Lang, w desk.Want) words.NewData {
	n := words.NewData{Name: w.Name}
	if born, err := booking.ParseDate(w.Born); err == nil {
		n.Born = born
	}
	if phone, err := booking.ParseE164(w.Phone); err == nil {
		n.Phone = booking.SpokenPhone(phone)
	}
	if r, ok := c.Region(w.Region); ok {
		n.Region = r.Names.In(lang)
	}
	return n
}
