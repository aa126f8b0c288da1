package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"jari/booking/desk"
	"jari/db"
	"jari/sms/twilio"
)

func (a *app) textsFetchCmd() *cobra.Command {
	var from, to, provider string
	fetch := &cobra.Command{
		Use:   "fetch --from TIME --to TIME",
		Short: "Let the workers read the provider's log for a time in which it could not reach us",
		Long: `Let the workers read the provider's log for a time in which it could not reach us. A time in which no node took texts is found and read
up without this; it is for what nobody here can know: a line that was cut in front of us, a webhook address that was wrong.

What only the log has is kept with the provider's time, so say no longer a time than is true: for those minutes you vouch for the
provider's clock. Texts of just before and after that never came count from now. Repeating it is safe.`,
		Args: cobra.NoArgs,
		RunE: a.withHouse(func(ctx context.Context, h *house, _ []string) error {
			o, err := outageOf(from, to, h.clock.Now())
			if err != nil {
				return err
			}
			o.Provider = provider
			return noteOutage(ctx, a.out, h, o)
		}),
	}
	fetch.Flags().StringVar(&from, "from", "", "since when, 2027-03-01T20:00:00+09:00")
	fetch.Flags().StringVar(&to, "to", "", "until when")
	fetch.Flags().StringVar(&provider, "provider", twilio.Webhooks{}.Name(), "whose log")
	return fetch
}

// outageOf reads the two times.
func outageOf(from, to string, now time.Time) (desk.Outage, error) {
	begin, err := time.Parse(time.RFC3339, from)
	if err != nil {
		return desk.Outage{}, errors.New("--from: expected a time such as 2027-03-01T20:00:00+09:00")
	}
	end, err := time.Parse(time.RFC3339, to)
	if err != nil {
		return desk.Outage{}, errors.New("--to: expected a time such as 2027-03-01T20:01:00+09:00")
	}
	if !end.After(begin) || end.After(now) {
		return desk.Outage{}, errors.New("--to: after --from, and not in the future")
	}
	return desk.Outage{From: begin.UTC(), To: end.UTC()}, nil
}

func noteOutage(ctx context.Context, out io.Writer, h *house, o desk.Outage) error {
	if err := db.NewOutages(h.pool).Note(ctx, o, operator(), h.clock.Now()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "The workers read the log of %s from %s to %s now, and once more in a minute.\n", o.Provider, o.From.Format(time.RFC3339), o.To.Format(time.RFC3339))
	return err
}
