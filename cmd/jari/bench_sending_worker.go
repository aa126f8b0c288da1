package main

import (
	"errors"

	"github.com/spf13/cobra"

	"jari/booking/desk"
)

// benchTextsWorkerCmd is `jari work` with a limit on its routes, as jari bench-texts measures it.
func (a *app) benchTextsWorkerCmd() *cobra.Command {
	var perSecond int
	var profile string
	cmd := &cobra.Command{
		Use: "bench-texts-worker", Short: "A worker of jari bench-texts", Args: cobra.NoArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			c, err := loadConfig(a.getenv, needProcess)
			if err != nil {
				return err
			}
			stop, err := startProfile(profile)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, stop()) }()
			w, err := newWorkProcessOver(cmd.Context(), c, a.logger(c.LogLevel), func(routes desk.Routes) {
				for i := range routes {
					routes[i].PerSecond = perSecond
				}
			})
			if err != nil {
				return err
			}
			return w.untilDone(cmd.Context())
		},
	}
	cmd.Flags().IntVar(&perSecond, "per-second", 0, "texts a second that each route takes; 0: any number")
	cmd.Flags().StringVar(&profile, "profile", "", "a file for a processor profile")
	return cmd
}
