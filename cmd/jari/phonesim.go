package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"jari/api"
	"jari/sms/phonesim"
)

// phonesimCmd runs the simulated phone network alone, for development and for tests of separate processes.
func (a *app) phonesimCmd() *cobra.Command {
	var addr string
	var sim phonesim.Config
	cmd := &cobra.Command{
		Use:    "phonesim",
		Short:  "Run the simulated phone network (development and tests only: it has no password)",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(a.getenv, needTwilio)
			if err != nil {
				return err
			}
			return a.phonesim(cmd.Context(), c, addr, sim)
		},
	}
	cmd.Flags().StringVar(&addr, "listen", "127.0.0.1:8090", "where to listen; a loopback address")
	cmd.Flags().StringVar(&sim.InboundURL, "inbound", "", "where texts from phones are posted")
	cmd.Flags().DurationVar(&sim.ListLag, "list-lag", 0, "after which a text appears in lists; 0 is 5 s, as at Twilio")
	cmd.Flags().IntVar(&sim.Workers, "workers", 0, "that post receipts and texts at once; 0 is 16")
	return cmd
}

func (a *app) phonesim(ctx context.Context, c Config, addr string, p phonesim.Config) error {
	log := a.logger(c.LogLevel)
	p.AccountSID, p.AuthToken, p.From, p.Log = c.TwilioAccountSID, c.TwilioAuthToken, c.TwilioFrom, log
	sim, err := phonesim.New(p)
	if err != nil {
		return err
	}
	l, err := listen(ctx, "--listen", addr)
	if err != nil {
		return err
	}
	sim.Start()
	defer sim.Stop()
	all := parts{failed: make(chan error, 1)}
	all.serve(api.NewHTTPServer(addr, sim, log), l)
	_, _ = fmt.Fprintf(a.out, "phones at http://%s\n", l.Addr())
	return all.untilDone(ctx)
}
