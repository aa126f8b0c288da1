package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"jari/booking/desk"
	"jari/db"
)

func (a *app) roundCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "round",
		Short: "Look at what the next round would give to whom, and approve it",
		Long: `Look at what the next round would give, and approve exactly that.

  jari brake on SLUG rounds          # otherwise rounds go on by themselves
  jari round show SLUG POOL          # how many, where, how far, what notice; ends with a fingerprint of every decision
  jari round approve SLUG POOL --fingerprint …
  jari brake off SLUG rounds`,
	}
	cmd.AddCommand(a.roundShowCmd(), a.roundApproveCmd())
	return cmd
}

func (a *app) roundShowCmd() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show SLUG POOL",
		Short: "Work out the next round of a pool and print it; gives nothing to anybody",
		Args:  cobra.ExactArgs(2),
		RunE: a.withCampaign(func(ctx context.Context, h *house, c *desk.Campaign, args []string) error {
			v, err := db.NewAssigner(h.pool, h.campaigns, h.config.AssignPage).ShowRound(ctx, c.Slug, args[1])
			if err != nil {
				return err
			}
			if asJSON {
				return encode(a.out, v)
			}
			return printRound(a.out, v)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func (a *app) roundApproveCmd() *cobra.Command {
	var fingerprint string
	cmd := &cobra.Command{
		Use:   "approve SLUG POOL --fingerprint F",
		Short: "Hold exactly the round that was shown, also while rounds are braked; refuse if one decision is another one now",
		Args:  cobra.ExactArgs(2),
		RunE: a.withCampaign(func(ctx context.Context, h *house, c *desk.Campaign, args []string) error {
			r, err := db.NewAssigner(h.pool, h.campaigns, h.config.AssignPage).ApproveRound(ctx, c.Slug, args[1], fingerprint, operator())
			if r.Looked > 0 || err == nil {
				_, _ = fmt.Fprintf(a.out, "looked at %s; %d %s a time now, %d %s none\n", many(r.Looked, "person", "people"), r.Assigned, verb(r.Assigned, "has", "have"), r.Unmatched, verb(r.Unmatched, "has", "have"))
			}
			return err
		}),
	}
	cmd.Flags().StringVar(&fingerprint, "fingerprint", "", "as jari round show printed it")
	_ = cmd.MarkFlagRequired("fingerprint") // fails only for a flag that does not exist
	return cmd
}

func printRound(out io.Writer, v db.RoundView) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	line("The next round of pool %s, campaign %s, as of %s", v.Pool, v.Campaign, v.At.Local().Format("2006-01-02 15:04:05 MST"))
	switch {
	case v.UnderWay:
		line("A round is under way: look again when it has ended (jari brake on %s rounds ends it).", v.Campaign)
	case !v.Braked:
		line("Rounds are not braked: it begins by itself within seconds.")
	}
	if v.Pages == 0 {
		line("There is nothing to do: nobody is new, nobody has changed anything, nothing has become free.")
		return w.Flush()
	}
	line("")
	line("people looked at\t%d", v.Looked)
	line("get a time\t%d\t%s at their first choice", v.Served, share(v.FirstChoice, v.Served))
	for _, why := range slices.Sorted(maps.Keys(v.Unmatched)) {
		line("get none: %s\t%d", why, v.Unmatched[why])
	}
	if v.Gone > 0 {
		line("wait no more\t%d", v.Gone)
	}
	line("")
	line("site\tget a time\tfree before\tfree after")
	for _, s := range v.Sites {
		line("%s\t%d\t%d\t%d", s.Site, s.Served, s.FreeBefore, s.FreeAfter)
	}
	if v.Served > 0 {
		d := v.Distance
		line("")
		line("how far (known for %d)\tmedian %.1f km\t90 %% within %.1f km\tlongest %.1f km", d.Known, km(d.Median), km(d.P90), km(d.Longest))
		line("beyond 10 km\t%d\tbeyond 20 km\t%d", d.Beyond10Km, d.Beyond20Km)
		line("notice\tshortest %.1f h\tmedian %.1f h", float64(v.Notice.Shortest)/60, float64(v.Notice.Median)/60)
	}
	line("")
	line("fingerprint of every decision\t%s", v.Fingerprint)
	line("to hold exactly this round: jari round approve %s %s --fingerprint %s", v.Campaign, v.Pool, v.Fingerprint)
	return w.Flush()
}

func km(metres int) float64 { return float64(metres) / 1000 }

func share(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}
