package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"jari/booking"
	"jari/booking/campaignfile"
	"jari/db"
)

// movePage is how many people one transaction moves.
const movePage = 200

// applying is how a campaign file is applied.
type applying struct {
	move, dryRun, force bool
	forced              bool // it was known to be wrong
}

func (a *app) campaignApplyCmd() *cobra.Command {
	var how applying
	cmd := &cobra.Command{
		Use:   "apply FILE",
		Short: "Show what a campaign file changes, and store it; applying the same file again changes nothing",
		Long: `Show what a campaign file changes, and store it.

A file under which people would be refused who were told to come is refused, unless --force is given.

A file that would take a slot from somebody is refused. With --move these people are moved: of each slot that closes or becomes smaller the
last in order lose theirs first, get the best free slot by their own wishes, and are told why in one text; whom nothing suits waits, in the
order of arrival. Stopped anywhere, the same command goes on.`,
		Args: cobra.ExactArgs(1),
		RunE: a.withHouse(func(ctx context.Context, h *house, args []string) error {
			c, forced, err := rehearsed(a.out, args[0], how.force, h.clock.Now())
			if err != nil {
				return err
			}
			how.forced = forced
			return how.apply(ctx, a.out, h, c)
		}),
	}
	cmd.Flags().BoolVar(&how.move, "move", false, "move people whose slot is dropped or made smaller")
	cmd.Flags().BoolVar(&how.force, "force", false, "apply even if people would be refused who were told to come; the audit trail keeps it")
	cmd.Flags().BoolVar(&how.dryRun, "dry-run", false, "only show what would change; fails as applying would if the file is refused")
	return cmd
}

// applyCampaign stores a campaign that takes nothing from anybody.
func applyCampaign(ctx context.Context, out io.Writer, h *house, c *booking.Campaign) error {
	return applying{}.apply(ctx, out, h, c)
}

func (how applying) apply(ctx context.Context, out io.Writer, h *house, c *booking.Campaign) error {
	digest := campaignfile.Digest(c)
	plan, err := db.PlanApply(ctx, h.pool, c, digest, h.clock.Now())
	if err != nil {
		return err
	}
	printPlan(out, plan)
	if how.dryRun {
		_, _ = fmt.Fprintln(out, "nothing was changed")
	}
	if plan.Refused != nil || how.dryRun {
		return plan.Refused
	}
	if plan.People > 0 && !how.move {
		return fmt.Errorf("%w: %s would lose their slot; --move moves them and tells them", db.ErrApply, many(plan.People, "person", "people"))
	}
	master, err := h.config.master()
	if err != nil {
		return err
	}
	got, err := db.ApplyWith(ctx, h.pool, master, c, digest, operator(), h.clock.Now(), db.ApplyOptions{Forced: how.forced, Closing: how.move})
	if err != nil {
		return err
	}
	what := "stands like this already: nothing changed"
	if got.Changed {
		what = "stored"
	}
	_, _ = fmt.Fprintf(out, "campaign %s (%s), version %d, %s, %s: %s\n", c.Slug, c.Mode, got.Version, many(len(c.Sites), "site", "sites"), many(got.Slots, "slot", "slots"), what)
	if err := h.campaigns.Refresh(ctx); err != nil {
		return err
	}
	if !how.move {
		return nil
	}
	return movePeople(ctx, out, h, c.Slug)
}

func movePeople(ctx context.Context, out io.Writer, h *house, slug string) error {
	c, err := h.campaigns.BySlug(slug)
	if err != nil {
		return err
	}
	sum, err := db.NewMover(h.pool, h.campaigns, movePage).Move(ctx, c, operator(), func(m db.Moved) {
		_, _ = fmt.Fprintf(out, "moved %s so far, waiting: %d\n", many(m.Moved, "person", "people"), m.Waiting)
	})
	if err != nil {
		return fmt.Errorf("%w; the same command goes on where it stopped", err)
	}
	_, _ = fmt.Fprintf(out, "moved %s to another slot; %d found nothing that suits and %s for the next\n", many(sum.Moved, "person", "people"), sum.Waiting, verb(sum.Waiting, "waits", "wait"))
	return nil
}

func printPlan(out io.Writer, p db.Plan) {
	if p.New {
		_, _ = fmt.Fprintln(out, "a new campaign")
		return
	}
	if p.Same {
		if p.Unfinished > 0 {
			_, _ = fmt.Fprintf(out, "%s still to be moved: --move goes on\n", many(p.Unfinished, "person is", "people are"))
		}
		return
	}
	for _, d := range p.Differences {
		_, _ = fmt.Fprintln(out, d)
	}
	s := p.Slots
	_, _ = fmt.Fprintf(out, "slots ahead: %d added, %d dropped, %d larger, %d smaller; seats in them: %d, were %d\n", s.Added, s.Dropped, s.Larger, s.Smaller, s.SeatsAfter, s.SeatsBefore)
	for _, site := range p.Sites {
		_, _ = fmt.Fprintf(out, "%s: %s in %s %s to be moved\n", site.Site, many(site.People, "person", "people"), many(site.Slots, "slot", "slots"), verb(site.People, "has", "have"))
	}
}
