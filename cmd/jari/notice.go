package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
)

func (a *app) noticeCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "notice SLUG QUEUE LANG TEXT",
		Short: `Put a notice into a queue's public document, in one language; with an empty text ("") take it back`,
		Args:  cobra.ExactArgs(4),
		RunE: a.withCampaign(func(ctx context.Context, h *house, c *desk.Campaign, args []string) error {
			queue, lang, text := args[1], booking.Lang(args[2]), args[3]
			if err := db.SetNotice(ctx, h.pool, h.campaigns, c.Slug, queue, lang, text, operator(), h.clock.Now()); err != nil {
				return err
			}
			what := "stands in the public document within seconds, while a worker runs"
			if text == "" {
				what = "is taken back"
			}
			_, _ = fmt.Fprintf(a.out, "the notice for queue %s in %s %s\n", queue, lang, what)
			return nil
		}),
	}
}
