package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"jari/booking"
	"jari/cmd/jari/bench"
	"jari/db"
	"jari/jobs"
)

// oneInTen is how often a webhook is delivered again: the provider missed our answer.
const oneInTen = 10

// texts measures the text door beside the app's, on the same server and over as many connections: signed webhooks, each an application in one
// text, one in ten of them delivered again. Afterwards all are handled, by one worker, and counted.
func (b *benchmark) texts(ctx context.Context) (*bench.Texts, error) {
	s, err := b.server(ctx, "group", 0)
	if err != nil {
		return nil, err
	}
	stop := func() error { return s.Stop(context.WithoutCancel(ctx)) }
	t := &bench.Texts{Connections: b.o.connections[0]}
	var sent atomic.Int64 // different texts
	for n := range b.o.rounds {
		for _, kind := range []string{"group", "text"} {
			var r bench.Round
			if kind == "text" {
				r, err = b.measure(ctx, s, kind, bench.Load{
					Addr: s.addr, Connections: t.Connections, Warm: b.o.warm, For: b.o.length, Request: b.town.webhooks(s.addr, &sent), Enough: b.enough(answered),
				})
			} else {
				r, err = b.round(ctx, s, kind, t.Connections)
			}
			if err != nil {
				return nil, errors.Join(err, stop())
			}
			r.Round = n + 1
			t.Rounds = append(t.Rounds, r)
			b.say("  round %d, %d connections, %-5s %7.0f/s  p50 %6.1f ms  p99 %6.1f ms  server %.0f µs, PostgreSQL %.0f µs  (%d refused, %d other, %d broken)",
				n+1, t.Connections, kind, r.PerSecond, r.P50, r.P99, r.Server, r.Database, r.Refused, r.Other, r.Broken)
		}
	}
	if err := stop(); err != nil {
		return nil, err
	}
	t.App = bench.PerSecond(t.Rounds, "group")
	t.Stored = bench.PerSecond(t.Rounds, "text") * (oneInTen - 1) / oneInTen
	t.Ratio, t.Sent = ratio(t.Stored, t.App), sent.Load()
	return t, b.drain(ctx, t)
}

// drain lets a worker handle what the server has left, and counts what there is then.
func (b *benchmark) drain(ctx context.Context, t *bench.Texts) error {
	if err := b.town.admin.QueryRow(ctx, `SELECT count(*), count(handled_at) FROM inbound`).Scan(&t.Kept, &t.ByDoor); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, b.o.program, "bench-drain", "--profile", b.profileOf("drain"))
	cmd.Env, cmd.Stderr = environmentOf(b.town.config, b.town.getenv), b.errs
	before, _ := bench.FamilyCPU(b.town.postgres.Pid())
	var after time.Duration
	if err := reportOf(cmd, func(out io.Reader) error {
		err := json.NewDecoder(out).Decode(&t.Drained)
		after, _ = bench.FamilyCPU(b.town.postgres.Pid()) // while its connections stand: what has ended is no longer counted
		return err
	}); err != nil {
		return fmt.Errorf("handle the texts (the log is above): %w", err)
	}
	if n := time.Duration(t.Drained.Handled); n > 0 {
		used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		t.Drained.Worker, t.Drained.Database = float64((used/n).Nanoseconds())/1000, float64(((after-before)/n).Nanoseconds())/1000
	}
	if err := b.town.admin.QueryRow(ctx, `SELECT (SELECT count(*) FROM inbound WHERE handled_at IS NULL), (SELECT count(*) FROM registration WHERE door = 'sms'),
		(SELECT count(*) FROM message WHERE kind = 'registered')`).Scan(&t.Open, &t.Registered, &t.Told); err != nil {
		return err
	}
	b.say("  %d texts kept, %d handled by the door, %d by a worker in %.1f s (%.0f/s; worker %.0f µs, PostgreSQL %.0f µs each); %d people registered, %d open",
		t.Kept, t.ByDoor, t.Drained.Handled, t.Drained.Seconds, t.Drained.PerSecond(), t.Drained.Worker, t.Drained.Database, t.Registered, t.Open)
	if t.Kept != t.Sent || t.Registered != t.Sent || t.Open != 0 {
		return fmt.Errorf("%d people texted: %d texts are kept, %d people are registered, %d texts are not handled", t.Sent, t.Kept, t.Registered, t.Open)
	}
	return nil
}

// reportOf runs a command that reports and then ends with its input.
func reportOf(cmd *exec.Cmd, read func(io.Reader) error) error {
	hold, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = read(out)
	_ = hold.Close()
	return errors.Join(cmd.Wait(), err)
}

// profileOf is the file for a processor profile; empty: none.
func (b *benchmark) profileOf(what string) string {
	if b.o.profile == "" {
		return ""
	}
	return filepath.Join(b.o.profile, what+".pprof")
}

// webhooks makes requests, each with the text of somebody who has not been there; every tenth is the one before, delivered again.
func (t *benchTown) webhooks(addr string, sent *atomic.Int64) func() func() []byte {
	path := inboundAt("twilio") + "/" + t.campaign.Slug
	account := bench.NewTextAccount(t.config.TwilioAuthToken, t.config.PublicURL+path, t.config.TwilioFrom, t.campaign.Regions[0].Names[booking.Korean])
	return func() func() []byte {
		text, of, who := bench.NewText(addr, path, account), 0, int64(0)
		return func() []byte {
			if of++; of%oneInTen != 0 {
				who = t.next.Add(1)
				sent.Add(1)
			}
			return text.For(who)
		}
	}
}

// benchDrainCmd handles what texts are kept and not handled, as `jari work` does, and does nothing else.
func (a *app) benchDrainCmd() *cobra.Command {
	var profile string
	cmd := &cobra.Command{
		Use: "bench-drain", Short: "The worker of jari bench's texts", Args: cobra.NoArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			c, err := loadConfig(a.getenv, needProcess)
			if err != nil {
				return err
			}
			e, err := newEngine(cmd.Context(), c, a.logger(c.LogLevel), db.IntakeOptions{Flushers: 1}, nil)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, inTime(cmd.Context(), stopTime, e.Stop)) }()
			stop, err := startProfile(profile)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, stop()) }()
			began := time.Now()
			n, err := jobs.DrainTexts(cmd.Context(), e.house.clock, 0, e.texts.OpenInbound, e.door.Handle)
			if err != nil {
				return err
			}
			if err := json.NewEncoder(a.out).Encode(bench.Drained{Handled: int64(n), Seconds: time.Since(began).Seconds()}); err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, os.Stdin) // until the reader has looked at what it wants to see
			return err
		},
	}
	cmd.Flags().StringVar(&profile, "profile", "", "a file for a processor profile")
	return cmd
}
