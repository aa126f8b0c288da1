package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"jari/booking"
	"jari/db"
)

func (a *app) seriesCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "series", Short: "Change the later appointments of a series in bulk"}
	var s db.Shift
	var from, to string
	var dryRun bool
	shift := &cobra.Command{
		Use:   "shift SLUG",
		Short: "Move the later appointments of some days to slots so many days later, and tell everybody",
		Long: `Move the later appointments of some days to slots so many days later, at the same site and, where it can be, the same time of day.

How many there are, and where, is printed first. Whoever has no slot then keeps the appointment and is listed. Stopped anywhere, the same
command goes on and moves nobody twice.`,
		Args: cobra.ExactArgs(1),
		RunE: a.withHouse(func(ctx context.Context, h *house, args []string) error {
			var err error
			if s.From, err = booking.ParseDate(from); err != nil {
				return fmt.Errorf("--from: %w", err)
			}
			if s.To, err = booking.ParseDate(to); err != nil {
				return fmt.Errorf("--to: %w", err)
			}
			return a.shiftSeries(ctx, h, args[0], s, dryRun)
		}),
	}
	f := shift.Flags()
	f.StringVar(&s.Site, "site", "", "only at this site; all sites if left out")
	f.StringVar(&from, "from", "", "the first day of the appointments, YYYY-MM-DD")
	f.StringVar(&to, "to", "", "the last day of the appointments, YYYY-MM-DD")
	f.IntVar(&s.Days, "days", 0, "how many days later; earlier if negative")
	f.BoolVar(&dryRun, "dry-run", false, "only show how many, and where")
	for _, name := range []string{"from", "to", "days"} {
		_ = shift.MarkFlagRequired(name)
	}
	cmd.AddCommand(shift)
	return cmd
}

func (a *app) shiftSeries(ctx context.Context, h *house, slug string, s db.Shift, dryRun bool) error {
	c, err := h.named(slug)
	if err != nil {
		return err
	}
	r := db.NewRedater(h.pool, h.campaigns, movePage)
	plan, err := r.Plan(ctx, c, s, h.clock.Now())
	if err != nil {
		return err
	}
	people := 0
	for _, p := range plan {
		people += p.People
		_, _ = fmt.Fprintf(a.out, "%s: %s in %s\n", p.Site, many(p.People, "appointment", "appointments"), many(p.Slots, "slot", "slots"))
	}
	_, _ = fmt.Fprintf(a.out, "%s from %s to %s %s %+d %s\n", many(people, "appointment", "appointments"), s.From, s.To, verb(people, "goes", "go"), s.Days, verb(max(s.Days, -s.Days), "day", "days"))
	if dryRun {
		_, _ = fmt.Fprintln(a.out, "nothing was changed")
		return nil
	}
	got, err := r.Run(ctx, c, s, operator(), func(moved int) { _, _ = fmt.Fprintf(a.out, "moved %d so far\n", moved) })
	if err != nil {
		return fmt.Errorf("%w; the same command goes on where it stopped", err)
	}
	_, _ = fmt.Fprintf(a.out, "moved %d; %d %s because no slot was free\n", got.Moved, len(got.Kept), verb(len(got.Kept), "keeps theirs", "keep theirs"))
	for _, k := range got.Kept {
		_, _ = fmt.Fprintf(a.out, "keeps %s %s: ticket %s\n", k.Site, k.Starts.In(c.Zone).Format("2006-01-02 15:04"), booking.SpokenTicket(k.Ticket))
	}
	return nil
}
