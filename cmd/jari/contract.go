package main

import (
	"context"

	"github.com/spf13/cobra"

	"jari/mobile-contract/conformance"
)

func (a *app) contractCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "contract", Short: "Hold a server against the contract"}
	cmd.AddCommand(a.contractTestCmd())
	return cmd
}

func (a *app) contractTestCmd() *cobra.Command {
	var c conformance.Config
	var asJSON, strictly bool
	cmd := &cobra.Command{
		Use:   "test",
		Short: "Try a running server's promises from outside, and print a table of what it keeps",
		Long: `Try what the contract promises on a running server, from outside: repetitions, cut connections, batches in pieces, forged
stamps, strangers, conflicts, recovery. Every answer is also held against openapi.yaml.

A sandbox (jari serve --sandbox) can be tried wholly: its texts can be read and its clock moved. Elsewhere the checks that need this
are shown as not tried, --campaign names a rehearsal, and the invented people stay in it. A live campaign is refused.

Exit code 0: no check failed; 1: one failed, or, with --strict, was not tried; 2: the server could not be tried at all.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.contractTest(cmd.Context(), c, asJSON, strictly)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.URL, "url", "http://127.0.0.1:8080", "where the contract's paths begin")
	f.StringVar(&c.Campaign, "campaign", "", "the campaign's short name (default: the one that a sandbox names)")
	f.StringSliceVar(&c.Only, "only", nil, "names of checks, separated by commas (default: all)")
	f.DurationVar(&c.Timeout, "timeout", 0, "how long one check may take (default 1m)")
	f.BoolVar(&asJSON, "json", false, "print JSON instead of the table")
	f.BoolVar(&strictly, "strict", false, "what could not be tried counts as a failure")
	return cmd
}

func (a *app) contractTest(ctx context.Context, c conformance.Config, asJSON, strictly bool) error {
	report, err := conformance.Run(ctx, c)
	if err != nil {
		return err
	}
	if asJSON {
		if err := report.JSON(a.out); err != nil {
			return err
		}
	} else {
		report.Print(a.out)
	}
	if !report.Holds(strictly) {
		return errFound
	}
	return nil
}
