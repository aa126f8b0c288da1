package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
)

// correctionPage is how many wrong texts one transaction corrects.
const correctionPage = 500

func (a *app) correctCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "correct",
		Short: "Correct a text that was wrong, to exactly those who got it",
		Long: `Correct a text that was wrong, to exactly those who got it. Mend its cause first, or stop it: jari brake on SLUG sending.

  jari texts correct draft SLUG --kind not_eligible --from "2021-07-12 00:00" --to "2021-07-12 06:10" \
      --say "ko=신청하실 수 없다는 문자는 잘못이었습니다. 지금 신청하실 수 있습니다."
  jari texts correct show SLUG ID                        # what it comes to now
  jari texts correct approve SLUG ID --digest D          # by another operator; sends it

Whoever got the wrong text gets one correction, however many they got: the person, the helper who reads along, and phones without an entry.
A text that never left, or is known not to have arrived, is none of them. The words must fit into one text together with the person's name.`,
	}
	cmd.AddCommand(a.correctDraftCmd(), a.correctShowCmd(), a.correctApproveCmd())
	return cmd
}

func (a *app) correctDraftCmd() *cobra.Command {
	var w db.WrongTexts
	var kind, from, to, slot string
	var say []string
	cmd := &cobra.Command{
		Use:   "draft SLUG",
		Short: "Say which texts were wrong and what to tell instead; sends nothing",
		Args:  cobra.ExactArgs(1),
		RunE: a.withCampaign(func(ctx context.Context, h *house, c *desk.Campaign, _ []string) error {
			w.Kind = words.Kind(kind)
			var err error
			for _, at := range []struct {
				flag, text string
				to         *time.Time
			}{{"--from", from, &w.From}, {"--to", to, &w.To}, {"--slot", slot, &w.Slot}} {
				if *at.to, err = localTime(at.text, c.Zone); err != nil {
					return fmt.Errorf("%s: %w", at.flag, err)
				}
			}
			own, err := ownWords(c, say)
			if err != nil {
				return err
			}
			v, err := db.NewCorrector(h.pool, h.campaigns, correctionPage).Draft(ctx, c, w, own, operator(), h.clock.Now())
			if err != nil {
				return err
			}
			return printCorrection(a.out, c, v)
		}),
	}
	f := cmd.Flags()
	f.StringVar(&kind, "kind", "", "the kind of the wrong texts, such as offer, cancelled, no_time, not_eligible")
	f.StringVar(&from, "from", "", "when the first of them left, YYYY-MM-DD HH:MM[:SS] in the campaign's zone, inclusive")
	f.StringVar(&to, "to", "", "when the last of them had left, exclusive")
	f.StringVar(&w.Site, "site", "", "only about appointments at this site")
	f.StringVar(&slot, "slot", "", "only about appointments that start then")
	f.StringVar(&w.Route, "route", "", "only those that left by this number of ours")
	f.StringVar(&w.Cause, "cause", "", "only those about a change with this cause, such as site_closed")
	f.StringArrayVar(&say, "say", nil, "what to tell, LANGUAGE=WORDS, once for each language of the campaign")
	for _, name := range []string{"kind", "from", "to", "say"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func (a *app) correctShowCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "show SLUG ID",
		Short: "Show a draft and what it comes to now",
		Args:  cobra.ExactArgs(2),
		RunE: a.withCorrection(func(ctx context.Context, k *db.Corrector, _ *house, c *desk.Campaign, id int32) error {
			v, err := k.Show(ctx, c, id)
			if err != nil {
				return err
			}
			return printCorrection(a.out, c, v)
		}),
	}
}

func (a *app) correctApproveCmd() *cobra.Command {
	var digest string
	cmd := &cobra.Command{
		Use:   "approve SLUG ID",
		Short: "Send exactly what the digest stands for, if it still comes to that; another operator than who drafted it",
		Args:  cobra.ExactArgs(2),
		RunE: a.withCorrection(func(ctx context.Context, k *db.Corrector, h *house, c *desk.Campaign, id int32) error {
			n, err := k.Approve(ctx, c, id, digest, operator(), h.clock.Now(), func(n int) { _, _ = fmt.Fprintf(a.out, "%d so far\n", n) })
			switch {
			case errors.Is(err, db.ErrNoCorrection), errors.Is(err, db.ErrSameOperator), errors.Is(err, db.ErrOtherDigest):
				return err
			case err != nil:
				return fmt.Errorf("%w; %s on their way, the same command goes on where it stopped", err, many(n, "correction is", "corrections are"))
			}
			_, _ = fmt.Fprintf(a.out, "%s on their way, outside quiet hours and at the campaign's pace\n", many(n, "correction is", "corrections are"))
			return nil
		}),
	}
	cmd.Flags().StringVar(&digest, "digest", "", "as jari texts correct draft or show printed it")
	_ = cmd.MarkFlagRequired("digest")
	return cmd
}

// withCorrection runs a command whose arguments name a campaign and a draft.
func (a *app) withCorrection(f func(ctx context.Context, k *db.Corrector, h *house, c *desk.Campaign, id int32) error) func(*cobra.Command, []string) error {
	return a.withCampaign(func(ctx context.Context, h *house, c *desk.Campaign, args []string) error {
		id, err := strconv.ParseInt(args[1], 10, 32)
		if err != nil {
			return fmt.Errorf("%q is not the number of a draft", args[1])
		}
		return f(ctx, db.NewCorrector(h.pool, h.campaigns, correctionPage), h, c, int32(id))
	})
}

// localTime reads an instant as an operator writes it; "" is none.
func localTime(s string, zone *time.Location) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: write YYYY-MM-DD HH:MM or YYYY-MM-DD HH:MM:SS, in the campaign's zone (%s)", s, zone)
}

// ownWords reads the operator's words and holds them against what a text can be.
func ownWords(c *desk.Campaign, say []string) (booking.Names, error) {
	own := booking.Names{}
	for _, s := range say {
		lang, text, ok := strings.Cut(s, "=")
		if _, twice := own[booking.Lang(lang)]; !ok || twice {
			return nil, fmt.Errorf("--say %q: write LANGUAGE=WORDS, each language once", s)
		}
		own[booking.Lang(lang)] = strings.TrimSpace(text)
	}
	for _, lang := range c.Langs {
		if err := words.CheckOwn(lang, own[lang]); err != nil {
			return nil, fmt.Errorf("--say %s=%s: %w", lang, own[lang], err)
		}
	}
	if len(own) != len(c.Langs) {
		return nil, fmt.Errorf("--say: the campaign's languages are %v, and no other", c.Langs)
	}
	return own, nil
}

func printCorrection(out io.Writer, c *desk.Campaign, v db.CorrectionView) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	at := func(t time.Time) string { return t.In(c.Zone).Format("2006-01-02 15:04:05") }
	line("Correction %d of campaign %s, drafted by %s", v.ID, c.Slug, v.DraftedBy)
	line("wrong texts\t%s that left from %s until %s%s", v.Wrong.Kind, at(v.Wrong.From), at(v.Wrong.To), furtherOf(c, v.Wrong))
	line("got by somebody\t%d, of %d of them nobody knows yet whether they arrived", v.Texts, v.Maybe)
	line("corrections\t%d: %d to the persons, %d to helpers, %d to phones without an entry", v.People+v.Helpers+v.Others, v.People, v.Helpers, v.Others)
	if v.Waiting > 0 {
		line("not yet left\t%d of the kind: they may say the same. Mend the cause, or: jari brake on %s sending", v.Waiting, c.Slug)
	}
	for _, s := range v.Samples {
		text, err := words.Render(words.Correction, s.Lang, s.Data)
		if err != nil {
			return err
		}
		line("for instance\t%s %s\t%s", s.Phone, s.Who, text)
	}
	line("digest\t%s", v.Digest)
	switch {
	case v.Ended:
		line("Approved by %s, and sent.", v.ApprovedBy)
	case v.ApprovedBy != "":
		line("Approved by %s and not sent to all yet: the same jari texts correct approve goes on.", v.ApprovedBy)
	case v.Digest != v.Drafted:
		line("It comes to something else than what was drafted (%s): draft it anew.", v.Drafted)
	default:
		line("Nothing is sent yet. Another operator: jari texts correct approve %s %d --digest %s", c.Slug, v.ID, v.Digest)
	}
	return w.Flush()
}

// furtherOf says what else narrows the selection.
func furtherOf(c *desk.Campaign, w db.WrongTexts) string {
	var b strings.Builder
	for _, further := range []struct{ name, value string }{{"site", w.Site}, {"route", w.Route}, {"cause", w.Cause}} {
		if further.value != "" {
			fmt.Fprintf(&b, ", %s %s", further.name, further.value)
		}
	}
	if !w.Slot.IsZero() {
		fmt.Fprintf(&b, ", slot %s", w.Slot.In(c.Zone).Format("2006-01-02 15:04"))
	}
	return b.String()
}
