// Command jari is the whole of Jari in one binary: the API with its doors (serve), the background workers (work), and
// what operators need: migrate, campaign, agent, audit, and a demonstration. This package is wiring only; the rules are
// in package booking.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // time zones also where the system has none (a container from scratch)

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	interrupted := ctx.Err() != nil && errors.Is(err, context.Canceled)
	stop()
	switch {
	case err == nil:
	case interrupted:
		fmt.Fprintf(os.Stderr, "jari: interrupted: %v\n", err)
		os.Exit(130) // as a shell says it
	case errors.Is(err, errFound):
		os.Exit(1) // what was found is printed already
	default:
		fmt.Fprintf(os.Stderr, "jari: %v\n", err)
		os.Exit(2)
	}
}

// errFound ends a command with exit code 1 after it has printed what it found: violations, not a failure of the command.
var errFound = errors.New("found")

// app is what every command gets: where settings come from and where output goes.
type app struct {
	getenv func(string) string
	out    io.Writer
	errs   io.Writer
}

// run is main without the process: the end-to-end tests call it too.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	a := &app{getenv: getenv, out: stdout, errs: stderr}
	root := &cobra.Command{
		Use:           "jari",
		Short:         "Jari (자리): a booking system for the days when everybody wants the same thing at the same minute",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(a.serveCmd(), a.workCmd(), a.migrateCmd(), a.campaignCmd(), a.brakeCmd(), a.roundCmd(), a.agentCmd(), a.explainCmd(), a.seriesCmd(), a.auditCmd(), a.journalCmd(), a.drawCmd(), a.settingsCmd(),
		a.healthcheckCmd(), a.demoCmd(), a.phonesimCmd(), a.benchCmd(), a.benchServerCmd(), a.benchDrainCmd(), a.benchAssignCmd(), a.benchAssignWorkerCmd(), a.benchTextsCmd(), a.benchTextsWorkerCmd(), a.rushCmd(), a.contractCmd(), a.textsCmd())
	strict(root)
	return root.ExecuteContext(ctx)
}

// strict makes a command and those below it say what is right when something is wrong, and a group of commands refuse what is
// none of its own: a misspelt command must not look as if it had done something.
func strict(cmd *cobra.Command) {
	help := "see " + cmd.CommandPath() + " --help"
	args := cmd.Args
	if cmd.HasSubCommands() {
		args, cmd.SuggestionsMinimumDistance = cobra.NoArgs, 2
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	} else {
		help = "usage: " + cmd.UseLine() + "; " + help
	}
	cmd.Args = func(cmd *cobra.Command, given []string) error {
		err := args(cmd, given)
		if err == nil {
			return nil
		}
		if cmd.HasSubCommands() {
			if like := cmd.SuggestionsFor(given[0]); len(like) > 0 {
				return fmt.Errorf("%w (did you mean %s?)", err, strings.Join(like, " or "))
			}
		}
		return fmt.Errorf("%w (%s)", err, help)
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w (%s)", err, help) })
	for _, sub := range cmd.Commands() {
		strict(sub)
	}
}

// logger writes JSON lines. Phones, names and texts never reach it: the types that carry them mask themselves.
func (a *app) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(a.errs, &slog.HandlerOptions{Level: level}))
}

func (a *app) settingsCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "settings",
		Short: "Print all settings as they are read from the environment, secrets masked",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := loadConfig(a.getenv, 0)
			c.print(a.out)
			return err
		},
	}
}
