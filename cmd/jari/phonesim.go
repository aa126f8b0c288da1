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
	var addr, inboundURL string
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
			return a.phonesim(cmd.Context(), c, addr, inboundURL)
		},
	}
	cmd.Flags().StringVar(&addr, "listen", "127.0.0.1:8090", "where to listen; a loopback address")
	cmd.Flags().StringVar(&inboundURL, "inbound", "", "where texts from phones are posted")
	return cmd
}

func (a *app) phonesim(ctx context.Context, c Config, addr, inboundURL string) error {
	log := a.logger(c.LogLevel)
	sim, err := phonesim.New(phonesim.Config{
		AccountSID: c.TwilioAccountSID, AuthToken: c.TwilioAuthToken, From: c.TwilioFrom, InboundURL: inboundURL, Log: log,
	})
	if err != nil {
		return err
	}
	l, err := listen(ctx, "--listen", addr)
	if err != nil {
		return err
	}
	sim.Start()
	defer sim.Stop()
	p := parts{failed: make(chan error, 1)}
	p.serve(api.NewHTTPServer(addr, sim, log), l)
	_, _ = fmt.Fprintf(a.out, "phones at http://%s\n", l.Addr())
	return p.untilDone(ctx)
}
