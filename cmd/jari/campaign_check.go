package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"jari/booking"
	"jari/booking/campaignfile"
	"jari/booking/rehearse"
)

func (a *app) campaignCheckCmd() *cobra.Command {
	var page string
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Rehearse a campaign before it opens: who may apply when, seats, doses, texts; exit 1 if something is wrong",
		Long: `Rehearse a campaign file before it opens, without a database. Every birth date since 1900 applies the minute before, at and
after every opening and closing, and the answers are compared with what the file says was announced. Then seats and doses
are compared with the people expected, and the texts with the time there is for them. Exit 1 means that something is wrong:
people would be turned away although they were told to come, or be told too late.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return checkCampaign(a.out, args[0], page, time.Now())
		},
	}
	cmd.Flags().StringVar(&page, "html", "", "also write the report as one HTML page")
	return cmd
}

func checkCampaign(out io.Writer, file, page string, now time.Time) error {
	c, lines, err := campaignfile.LoadLines(file)
	var problems campaignfile.Problems
	if errors.As(err, &problems) {
		_, _ = fmt.Fprintf(out, "%v\n%d wrong: the file cannot be read as a campaign\n", problems, len(problems))
		return errFound
	}
	if err != nil {
		return err
	}
	r := rehearse.Check(c, lines, booking.DateOf(now, c.Zone))
	if err := r.WriteText(out); err != nil {
		return err
	}
	if page != "" {
		// A report for others to read, without personal data.
		if err := writeFile(page, 0o644, r.WritePage); err != nil {
			return err
		}
	}
	if r.Errors() > 0 {
		return errFound
	}
	return nil
}

// errEligible stops an apply: the campaign would refuse people who were told that they may apply.
var errEligible = errors.New("the campaign is not applied, because it would turn people away who were told to come (above): correct the file, or apply it with --force, which the audit trail keeps")

// rehearsed loads a campaign for applying and checks who may apply when. With force, what is wrong is only shown; overridden
// says that there was something.
func rehearsed(out io.Writer, file string, force bool, now time.Time) (c *booking.Campaign, overridden bool, err error) {
	c, lines, err := campaignfile.LoadLines(file)
	if err != nil {
		return nil, false, err
	}
	r := rehearse.Eligibility(c, lines, booking.DateOf(now, c.Zone))
	if r.Errors() == 0 {
		return c, false, nil
	}
	if err := r.WriteFindings(out); err != nil {
		return nil, false, err
	}
	if !force {
		return nil, false, errEligible
	}
	return c, true, nil
}
