// Command with-servers runs a command with a PostgreSQL and a Redis of its own: it starts both in a temporary folder,
// names them to the command in JARI_TEST_DATABASE_URL and JARI_TEST_REDIS_URL, and stops them when the command ends. Its
// exit code is the command's. When both variables are set already, those servers are used.
//
//	with-servers -- go test ./...
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"jari/db/private"
)

func main() {
	os.Exit(run(os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// exitFailed is for failures of this command itself, told apart from those of the one it runs.
const exitFailed = 125

func run(args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(stderr, "usage: with-servers -- COMMAND [ARGUMENT]...")
		return exitFailed
	}
	// Registered before the servers start, so that Ctrl-C while they do so also stops them.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	var added []string
	if getenv(private.TestDatabaseURL) == "" || getenv(private.TestRedisURL) == "" {
		pair, err := private.StartPair(context.Background())
		if err != nil {
			fmt.Fprintln(stderr, "with-servers:", err)
			return exitFailed
		}
		defer func() {
			if err := pair.Stop(); err != nil {
				fmt.Fprintln(stderr, "with-servers: stop the servers:", err)
			}
		}()
		added = []string{
			private.TestDatabaseURL + "=" + pair.Postgres.URL(),
			private.TestRedisURL + "=" + pair.Redis.URL(),
		}
	}
	return runCommand(args, added, signals, stdout, stderr)
}

// runCommand runs the command to its end, hands on the signals that come meanwhile, and returns its exit code.
func runCommand(args, added []string, signals <-chan os.Signal, stdout, stderr io.Writer) int {
	cmd := exec.Command(args[0], args[1:]...) //nolint:gosec // to run what it is told to is its purpose
	cmd.Env = append(os.Environ(), added...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(stderr, "with-servers:", err)
		return exitFailed
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			// From a terminal the command gets Ctrl-C by itself; a second one does no harm.
			_ = cmd.Process.Signal(s)
		case err := <-ended:
			return exitCode(err, stderr)
		}
	}
}

func exitCode(err error, stderr io.Writer) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &exit):
		fmt.Fprintln(stderr, "with-servers:", err)
		return exitFailed
	case exit.ExitCode() >= 0:
		return exit.ExitCode()
	}
	// Ended by a signal: as a shell would say it.
	if status, ok := exit.Sys().(syscall.WaitStatus); ok {
		return 128 + int(status.Signal())
	}
	return exitFailed
}
