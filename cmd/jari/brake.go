package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
)

// pagePatience is how long `jari brake on … rounds` waits for the page that is being written.
const pagePatience = 25 * time.Second

func (a *app) brakeCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "brake",
		Short: "Stop and resume a part of a campaign's work; nothing is lost and nothing is done twice",
		Long: `Stop and resume a part of a campaign's work. What stands still is done later, once, in the same order.

  intake   new applications are refused as under overload: apps get a stamp that keeps their arrival, texts are kept
           and handled later with their own arrival, agents get the same refusal
  rounds   nobody is given a time by a round; a round that is under way ends before its next page
           (see jari round show and jari round approve)
  sending  no text leaves, not even an answer or a verification code; what was queued is put back
  calls    no call is made (nothing calls yet: the brake is kept and shown)

Every node follows within some seconds. A process is as ready as before.`,
	}
	on := a.brakeSwitch("on", "Stop a part of a campaign's work", brakeOn)
	off := a.brakeSwitch("off", "Let it go on", brakeOff)
	cmd.AddCommand(on, off, &cobra.Command{
		Use:   "show [SLUG]",
		Short: "Show what stands still, since when, by whom and why",
		Args:  cobra.MaximumNArgs(1),
		RunE: a.withHouse(func(ctx context.Context, h *house, args []string) error {
			slug := ""
			if len(args) == 1 {
				slug = args[0]
				if _, err := h.named(slug); err != nil {
					return err
				}
			}
			return showBrakes(ctx, a.out, h, slug)
		}),
	})
	return cmd
}

type brakeFunc func(ctx context.Context, out io.Writer, h *house, c *desk.Campaign, what booking.Brake, reason string) error

func (a *app) brakeSwitch(use, short string, do brakeFunc) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   use + " SLUG intake|rounds|sending|calls",
		Short: short,
		Args:  cobra.ExactArgs(2),
		RunE: a.withCampaign(func(ctx context.Context, h *house, c *desk.Campaign, args []string) error {
			what, err := booking.ParseBrake(args[1])
			if err != nil {
				return fmt.Errorf("there is no brake %q: it is intake, rounds, sending or calls", args[1])
			}
			return do(ctx, a.out, h, c, what, reason)
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for everybody who looks later (500 characters)")
	return cmd
}

func brakeOn(ctx context.Context, out io.Writer, h *house, c *desk.Campaign, what booking.Brake, reason string) error {
	fresh, err := db.SetBrake(ctx, h.pool, c, what, reason, operator(), h.clock.Now())
	if err != nil {
		return err
	}
	if !fresh {
		_, _ = fmt.Fprintf(out, "%s of campaign %s stood still already, since before:\n", what, c.Slug)
		return showBrakes(ctx, out, h, c.Slug)
	}
	_, _ = fmt.Fprintf(out, "%s of campaign %s %s still\n", what, c.Slug, agrees(what, "stands", "stand"))
	return brakeEffect(ctx, out, h, c, what)
}

// agrees is the form of a verb that agrees with a brake's name: sending stands still, rounds stand still.
func agrees(what booking.Brake, one, more string) string {
	if what == booking.BrakeRounds || what == booking.BrakeCalls {
		return more
	}
	return one
}

// brakeEffect says what the brake does not hold yet.
func brakeEffect(ctx context.Context, out io.Writer, h *house, c *desk.Campaign, what booking.Brake) error {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	switch what {
	case booking.BrakeIntake:
		say("every node refuses applications within some seconds; whoever is refused keeps their arrival")
	case booking.BrakeRounds:
		still, err := db.AwaitPages(ctx, h.pool, c, pagePatience)
		if err != nil {
			return err
		}
		if still {
			say("one page of a round is still being written after %s; it is the last one", pagePatience)
			return nil
		}
		say("nobody is given a time by a round from now on")
	case booking.BrakeSending:
		n, err := db.NewOutbox(h.pool, h.campaigns).UnderWay(ctx, c.ID)
		if err != nil {
			return err
		}
		say("no further text leaves, codes and answers included; %d are being handed to the provider at this moment and cannot be called back", n)
	case booking.BrakeCalls:
		say("nothing calls yet: the brake is kept and shown, and changes nothing today")
	}
	return nil
}

func brakeOff(ctx context.Context, out io.Writer, h *house, c *desk.Campaign, what booking.Brake, reason string) error {
	was, err := db.ReleaseBrake(ctx, h.pool, c, what, reason, operator(), h.clock.Now())
	if err != nil {
		return err
	}
	if !was {
		_, _ = fmt.Fprintf(out, "%s of campaign %s did not stand still: nothing changed\n", what, c.Slug)
		return nil
	}
	_, _ = fmt.Fprintf(out, "%s of campaign %s %s on, on every node within some seconds\n", what, c.Slug, agrees(what, "goes", "go"))
	return nil
}

func showBrakes(ctx context.Context, out io.Writer, h *house, slug string) error {
	brakes, err := db.ListBrakes(ctx, h.pool, slug)
	if err != nil {
		return err
	}
	if len(brakes) == 0 {
		_, _ = fmt.Fprintln(out, "nothing stands still")
	}
	for _, b := range brakes {
		reason := b.Reason
		if reason == "" {
			reason = "no reason given"
		}
		_, _ = fmt.Fprintf(out, "%s\t%s\tsince %s (%s)\tby %s\t%s\n", b.Campaign, b.What, b.Since.Local().Format(time.RFC3339),
			h.clock.Now().Sub(b.Since).Round(time.Second), b.Actor, reason)
	}
	return nil
}
