package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"jari/booking/desk"
	"jari/booking/drawfile"
	"jari/db"
)

func (a *app) drawCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "draw", Short: "Draw the order of a queue by lot, and check a draw"}
	cmd.AddCommand(a.drawCloseCmd(), a.drawRunCmd(), a.drawPublishCmd(), a.drawVerifyCmd())
	return cmd
}

func (a *app) drawCloseCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "close SLUG QUEUE",
		Short: "Close the list of those who take part and publish its digest; before that, replay every journal",
		Args:  cobra.ExactArgs(2),
		RunE: a.withCampaign(func(ctx context.Context, h *house, c *desk.Campaign, args []string) error {
			d, err := db.CloseDraw(ctx, h.pool, h.campaigns, c.Slug, args[1], operator())
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(a.out, "%s, digest %x; it stands in the queue's public document within seconds, while a worker runs\n", many(int(d.Entries), "entry", "entries"), d.Digest)
			_, _ = fmt.Fprintf(a.out, "when it does, and not before, wait for: %s\n", d.PublicValue)
			return nil
		}),
	}
}

func (a *app) drawRunCmd() *cobra.Command {
	var value string
	cmd := &cobra.Command{
		Use:   `run SLUG QUEUE --value "…"`,
		Short: "Take the public value and give everybody on the list a number by lot; safe to repeat",
		Args:  cobra.ExactArgs(2),
	}
	cmd.RunE = a.withCampaign(func(ctx context.Context, h *house, c *desk.Campaign, args []string) error {
		d, err := db.RunDraw(ctx, h.pool, h.campaigns, c.Slug, args[1], value, operator())
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(a.out, "drawn with %q at %s\n", d.Value, d.DrawnAt.UTC().Format("2006-01-02 15:04:05 MST"))
		n, err := db.NewSealer(h.pool, h.campaigns, h.config.SealPage).SealAll(ctx)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(a.out, "%s given here; workers give what is left\n", many(n, "number was", "numbers were"))
		return nil
	})
	cmd.Flags().StringVar(&value, "value", "", "the public value; only its letters and digits count")
	_ = cmd.MarkFlagRequired("value")
	return cmd
}

func (a *app) drawPublishCmd() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "publish SLUG QUEUE --out FILE",
		Short: "Write the public record of a draw, with the secret, from which anybody can draw again",
		Args:  cobra.ExactArgs(2),
	}
	cmd.RunE = a.withCampaign(func(ctx context.Context, h *house, c *desk.Campaign, args []string) error {
		r, err := db.PublishDraw(ctx, h.pool, h.campaigns, c.Slug, args[1], operator(), func(r drawfile.Record) error { return writeRecord(path, r) })
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(a.out, "%s: %s\n", path, many(len(r.Entries), "entry", "entries"))
		return nil
	})
	cmd.Flags().StringVar(&path, "out", "", "where to write the record")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

// writeRecord writes a record, whole or not at all.
func writeRecord(path string, r drawfile.Record) error {
	err := writeFile(path, 0o644, func(f io.Writer) error {
		w := bufio.NewWriter(f)
		return errors.Join(drawfile.Write(w, r), w.Flush())
	})
	if err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	return nil
}

func (a *app) drawVerifyCmd() *cobra.Command {
	var seen drawfile.Seen
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Draw again from a public record alone, and say what held; exit 1 at the first thing that does not",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer func() { _ = f.Close() }()
			r, err := drawfile.Read(bufio.NewReader(f))
			if err != nil {
				return err
			}
			return a.verifyDraw(r, seen)
		},
	}
	cmd.Flags().StringVar(&seen.Commitment, "commitment", "", "the commitment as you saw it before the opening")
	cmd.Flags().StringVar(&seen.Digest, "digest", "", "the list's digest as you saw it before the value was known")
	return cmd
}

func (a *app) verifyDraw(r drawfile.Record, seen drawfile.Seen) error {
	held, err := drawfile.Verify(r, seen)
	if errors.Is(err, drawfile.ErrSeen) {
		return err
	}
	for _, line := range held {
		_, _ = fmt.Fprintln(a.out, line)
	}
	if err != nil {
		_, _ = fmt.Fprintln(a.out, err)
		return errFound
	}
	if seen.Commitment == "" {
		_, _ = fmt.Fprintln(a.out, "Not checked: that the commitment was public before the opening. Give the one that you saw with --commitment.")
	}
	if seen.Digest == "" {
		_, _ = fmt.Fprintln(a.out, "Not checked: that the digest was public before the value was known. Give the one that you saw with --digest.")
	}
	_, _ = fmt.Fprintf(a.out, "Not checked: that this name of the value (%s) and this window (%s to %s) were public before the opening. That is not in the file: compare them with what was announced.\n",
		r.PublicValueName, r.Opens, r.Window)
	_, _ = fmt.Fprintln(a.out, "Not checked, because no file can show it: that the value is what the public saw, and that each entry is a real person.")
	return nil
}
