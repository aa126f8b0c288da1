package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
)

func (a *app) explainCmd() *cobra.Command {
	var slug, lang string
	var text bool
	cmd := &cobra.Command{
		Use:   "explain TICKET",
		Short: "Say in plain words why a ticket has its appointment, or none, from what the rounds recorded",
		Args:  cobra.ExactArgs(1),
	}
	cmd.RunE = a.withHouse(func(ctx context.Context, h *house, args []string) error {
		if has := words.Builtin().Languages(); lang != "" && !slices.Contains(has, booking.Lang(lang)) {
			return fmt.Errorf("--lang %q: there are words in %v", lang, has)
		}
		d := newDesk(h, nil, nil, db.NewSwitchboard(h.pool, h.campaigns)) // nothing is stored
		c, id, err := findTicket(ctx, h, d, slug, args[0])
		if err != nil {
			return err
		}
		got, err := d.Explain(ctx, c, id, booking.Lang(lang))
		if err != nil {
			return err
		}
		out := strings.Join(got.Sentences, "\n")
		if text {
			out = got.Text
		}
		_, _ = fmt.Fprintln(a.out, out)
		return nil
	})
	cmd.Flags().StringVar(&slug, "campaign", "", "the campaign's short name (default: whichever has the ticket)")
	cmd.Flags().StringVar(&lang, "lang", "", "ko or en (default: the person's own)")
	cmd.Flags().BoolVar(&text, "text", false, "print the one text message that the person gets on asking")
	return cmd
}

// findTicket finds the entry of a ticket, in one campaign or in all. Tickets are made with each campaign's own key, so that one
// number can be a ticket of several: then the campaign must be named.
func findTicket(ctx context.Context, h *house, d *desk.Desk, slug, ticket string) (*desk.Campaign, booking.ID, error) {
	slugs := []string{slug}
	if slug == "" {
		slugs = nil
		for _, c := range h.campaigns.All() {
			slugs = append(slugs, c.Slug)
		}
	}
	var found *desk.Campaign
	var entry booking.ID
	for _, s := range slugs {
		c, id, err := d.ByTicket(ctx, s, ticket)
		switch booking.CodeOf(err) {
		case booking.CodeNoCampaign:
			return nil, entry, fmt.Errorf("there is no campaign %q", s)
		case booking.CodeInvalid:
			return nil, entry, booking.ErrTicket
		case booking.CodeUnauthorized:
			continue
		}
		if err != nil {
			return nil, entry, err
		}
		if found != nil {
			return nil, entry, fmt.Errorf("campaigns %s and %s both have this ticket: name one with --campaign", found.Slug, c.Slug)
		}
		found, entry = c, id
	}
	if found == nil {
		return nil, entry, errors.New("no entry has this ticket")
	}
	return found, entry, nil
}
