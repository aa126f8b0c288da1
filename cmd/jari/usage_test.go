package main

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"jari/booking/vault"
	"jari/db/dbtest"
)

// What is wrong is said together with what would be right.
func TestWhatIsWrongSaysWhatIsRight(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	dbtest.Campaign(t, d)
	with := func(more ...string) func(string) string {
		settings := map[string]string{"DATABASE_URL": d.URL, "JARI_MASTER_KEY": d.MasterKey}
		for i := 0; i < len(more); i += 2 {
			settings[more[i]] = more[i+1]
		}
		return func(name string) string { return settings[name] }
	}
	for name, c := range map[string]struct {
		args   []string
		getenv func(string) string
		want   []string
	}{
		"a misspelt command":       {[]string{"serv"}, noSettings, []string{`"serv"`, "did you mean serve?"}},
		"a misspelt part of it":    {[]string{"brake", "onn", "clinic", "rounds"}, noSettings, []string{`"onn"`, "did you mean off or on?"}},
		"no such part":             {[]string{"brake", "nothing"}, noSettings, []string{`"nothing"`, "jari brake --help"}},
		"an unknown flag":          {[]string{"audit", "--jsn"}, noSettings, []string{"--jsn", "jari audit --help"}},
		"too few arguments":        {[]string{"round", "show"}, noSettings, []string{"jari round show SLUG POOL", "jari round show --help"}},
		"no settings":              {[]string{"audit"}, noSettings, []string{"DATABASE_URL is not set", "JARI_MASTER_KEY is not set", "openssl"}},
		"no database address":      {[]string{"audit"}, with("DATABASE_URL", "here"), []string{"DATABASE_URL", "postgres://user:password@"}},
		"nobody at the address":    {[]string{"audit"}, with("DATABASE_URL", "postgres://a:b@127.0.0.1:1/c"), []string{"refused", "is PostgreSQL running"}},
		"migrating nothing":        {[]string{"migrate"}, with("DATABASE_URL", "postgres://a:b@127.0.0.1:1/c"), []string{"refused", "is PostgreSQL running"}},
		"no such database":         {[]string{"audit"}, with("DATABASE_URL", strings.Replace(d.URL, "/jari_", "/no_", 1)), []string{"does not exist", "DATABASE_URL"}},
		"another master key":       {[]string{"audit"}, with("JARI_MASTER_KEY", vault.NewMasterKey()), []string{"JARI_MASTER_KEYS_BEFORE"}},
		"a broken master key":      {[]string{"audit"}, with("JARI_MASTER_KEY", "short"), []string{"JARI_MASTER_KEY: 32 bytes"}},
		"an unknown campaign":      {[]string{"campaign", "show", "none"}, with(), []string{`no campaign "none"`, "jari campaign apply FILE"}},
		"its draw":                 {[]string{"draw", "close", "none", "queue"}, with(), []string{`no campaign "none"`, "jari campaign apply FILE"}},
		"its notice":               {[]string{"campaign", "notice", "none", "queue", "ko", "x"}, with(), []string{`no campaign "none"`, "jari campaign apply FILE"}},
		"an unknown queue":         {[]string{"draw", "close", dbtest.Slug, "none"}, with(), []string{`no queue "none"`}},
		"nobody to ask for health": {[]string{"healthcheck"}, with("JARI_INTERNAL_LISTEN", "127.0.0.1:1"), []string{"JARI_INTERNAL_LISTEN"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out lockedBuffer
			err := run(t.Context(), c.args, c.getenv, &out, &out)
			if err == nil {
				t.Fatalf("no error; it printed %q", out.String())
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v: it does not say %q", err, want)
				}
			}
		})
	}
}

// A server that has never seen jari has not even the role that the program works under.
func TestANewServerWantsMigrating(t *testing.T) {
	t.Parallel()
	err := advised(&pgconn.PgError{Code: pgerrcode.InvalidParameterValue, Message: `role "jari_app" does not exist`})
	if !strings.Contains(err.Error(), "jari migrate") {
		t.Error(err)
	}
	if other := errors.New("other"); advised(other) != other { //nolint:errorlint // the very same
		t.Error("another error is changed")
	}
}

// Ctrl-C before the end is said as that, ends the private servers too, and has a shell's exit code.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := &town{t: t}
	p := w.start("demo", "--once", "--people", "50", "--campaign", "../../examples/seoul-2021.yaml", "--dir", dir)
	w.until("people to apply", time.Minute, func() bool { return strings.Contains(p.out.String(), "applied") })
	p.signal(syscall.SIGINT)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	select {
	case <-p.done:
	case <-ctx.Done():
		t.Fatal("it does not end")
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 130 || !strings.Contains(p.out.String(), "jari: interrupted") {
		t.Errorf("exit code %d; it printed %s", code, p.out.String())
	}
}
