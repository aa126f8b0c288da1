package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"jari/api"
	"jari/sms/phonesim"
)

// The secret that a simulated gateway shares with its installation, and the one before while that is being changed.
const (
	gatewaySecret       = "JARI_GATEWAY_SECRET"
	gatewaySecretBefore = "JARI_GATEWAY_SECRET_BEFORE"
)

// phonesimCmd runs the simulated phone network alone, for development and for tests of separate processes.
func (a *app) phonesimCmd() *cobra.Command {
	var f phonesimFlags
	cmd := &cobra.Command{
		Use:   "phonesim",
		Short: "Run the simulated phone network (development and tests only: it has no password)",
		Long: `Run the simulated phone network, for development and tests only: its pages have no password. It speaks as Twilio does, for the account and number in
Twilio's variables; with --gateway it is a gateway of docs/gateway.md instead, asked at /gateway, for the numbers of --number and with the secret in
` + gatewaySecret + ` (and ` + gatewaySecretBefore + `, while that is being changed).`,
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, sim, err := f.read(a.getenv)
			if err != nil {
				return err
			}
			return a.phonesim(cmd.Context(), c, f.addr, sim)
		},
	}
	cmd.Flags().StringVar(&f.addr, "listen", "127.0.0.1:8090", "where to listen; a loopback address")
	cmd.Flags().StringVar(&f.sim.InboundURL, "inbound", "", "where texts from phones are posted")
	cmd.Flags().DurationVar(&f.sim.ListLag, "list-lag", 0, "after which a text appears in lists; 0 is 5 s, as at Twilio")
	cmd.Flags().IntVar(&f.sim.Workers, "workers", 0, "that post receipts and texts at once; 0 is 16")
	cmd.Flags().BoolVar(&f.gateway, "gateway", false, "speak docs/gateway.md, and not as Twilio does")
	cmd.Flags().StringVar(&f.receipts, "receipts", "", "where a gateway posts what became of texts")
	cmd.Flags().StringSliceVar(&f.numbers, "number", nil, "of a gateway: NUMBER, or NUMBER=ADDRESS where its texts are posted elsewhere than at --inbound; several by comma")
	return cmd
}

type phonesimFlags struct {
	sim      phonesim.Config
	addr     string
	gateway  bool
	receipts string
	numbers  []string
}

// read puts flags and environment together. All that is wrong is told at once.
func (f *phonesimFlags) read(getenv func(string) string) (Config, phonesim.Config, error) {
	sim := f.sim
	if !f.gateway {
		c, err := loadConfig(getenv, needTwilio)
		if f.receipts != "" || len(f.numbers) > 0 {
			err = errors.Join(err, errors.New("--receipts and --number are for --gateway: Twilio is told with each text, and by TWILIO_FROM"))
		}
		sim.AccountSID, sim.AuthToken, sim.From = c.TwilioAccountSID, c.TwilioAuthToken, c.TwilioFrom
		return c, sim, err
	}
	c, err := loadConfig(getenv, 0)
	sim.Gateway = &phonesim.Gateway{ReceiptsURL: f.receipts}
	for _, name := range []string{gatewaySecret, gatewaySecretBefore} {
		if secret := strings.TrimSpace(getenv(name)); secret != "" {
			sim.Gateway.Secrets = append(sim.Gateway.Secrets, secret)
		} else if name == gatewaySecret {
			err = errors.Join(err, fmt.Errorf("%s is not set: the secret that the gateway and the installation share; make one with: openssl rand -hex 32", name))
		}
	}
	for _, one := range f.numbers {
		number, address, _ := strings.Cut(one, "=")
		sim.Numbers = append(sim.Numbers, phonesim.Number{Number: number, InboundURL: address})
	}
	if len(sim.Numbers) == 0 {
		return c, sim, errors.Join(err, errors.New("--number is missing: a number that texts come from, and that people text"))
	}
	sim.From = sim.Numbers[0].Number
	return c, sim, err
}

func (a *app) phonesim(ctx context.Context, c Config, addr string, p phonesim.Config) error {
	log := a.logger(c.LogLevel)
	p.Log = log
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
