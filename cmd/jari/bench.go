package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jari/cmd/jari/bench"
)

// benchOptions are the flags of jari bench, and what follows from them.
type benchOptions struct {
	rounds, seconds int
	connections     []int
	pools           []int
	rows            int64
	only            []string
	quick           bool
	dir, json       string
	campaign        string
	program         string
	profile         string
	held            int // connections whose memory is measured

	warm, length time.Duration
	reported     time.Duration // how long PostgreSQL's sessions may keep their counts to themselves
	fullAt       int           // applications a second that an intake which refuses stores all the same
	least        int64         // answers that a load counts at least, however slow the machine
}

func benchParts() []string {
	return []string{"peak", "texts", "controls", "queue", "cap", "refusal", "memory"}
}

func (a *app) benchCmd() *cobra.Command {
	var o benchOptions
	cmd := &cobra.Command{
		Use: "bench", Short: "Measure the intake against what it could be, on private servers", Args: cobra.NoArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.complete(); err != nil {
				return err
			}
			return a.bench(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.rounds, "rounds", 5, "rounds; each loads every server once")
	f.IntVar(&o.seconds, "seconds", 8, "how long a server is loaded in a round")
	f.IntSliceVar(&o.connections, "connections", []int{1000, 256}, "numbers of connections to measure the doors at")
	f.Int64Var(&o.rows, "rows", 1_000_000, "entries that are in the table before")
	f.IntSliceVar(&o.pools, "pools", []int{8, 16, 32, 64}, "connections to PostgreSQL that (b) may try")
	f.StringSliceVar(&o.only, "only", nil, "measure these only: "+strings.Join(benchParts(), ", "))
	f.BoolVar(&o.quick, "quick", false, "small numbers, to see that it works; the figures mean nothing")
	f.StringVar(&o.campaign, "campaign", "examples/seoul-2021.yaml", "the campaign that people apply to")
	f.StringVar(&o.program, "program", "", "the jari whose servers are measured; this one if empty")
	f.StringVar(&o.dir, "dir", ".local/bench", "where the private servers keep their data; emptied at each start")
	f.StringVar(&o.json, "json", ".local/bench-intake.json", "where the figures are written")
	f.StringVar(&o.profile, "profile", "", "a folder for processor profiles of the servers, one for each kind and number of connections")
	f.IntVar(&o.held, "held", 20_000, "connections whose memory is measured")
	return cmd
}

// complete checks the options and adds what follows from them.
func (o *benchOptions) complete() error {
	for _, part := range o.only {
		if !slices.Contains(benchParts(), part) {
			return fmt.Errorf("--only: there is no %q: choose from %s", part, strings.Join(benchParts(), ", "))
		}
	}
	if o.rounds < 1 || o.seconds < 1 || o.rows < 0 || o.held < 1 || len(o.connections) == 0 || slices.Min(o.connections) < 1 {
		return errors.New("--rounds, --seconds, --connections and --held are at least 1")
	}
	o.warm, o.length = 1500*time.Millisecond, time.Duration(o.seconds)*time.Second
	o.reported, o.fullAt = 1500*time.Millisecond, 1
	if o.quick {
		o.rounds, o.rows, o.connections, o.held, o.pools = 1, 2000, []int{32}, 200, []int{8}
		o.warm, o.length = 100*time.Millisecond, 300*time.Millisecond
		o.reported, o.fullAt, o.least = 100*time.Millisecond, 20, 20
	}
	return nil
}

// spareFiles are those that a process has open beside its connections; the API keeps 200 for its own needs.
const spareFiles = 250

// room is how many connections a server may take.
func (o *benchOptions) room() int { return max(o.held, slices.Max(o.connections)) + 10 }

// benchmark is one run of jari bench.
type benchmark struct {
	out, errs io.Writer
	o         benchOptions
	town      *benchTown
	started   int // servers so far
	report    bench.Report
	file      string // the plain server's answers, once they are known
}

func (a *app) bench(ctx context.Context, o benchOptions) (err error) {
	b := &benchmark{out: a.out, errs: a.errs, o: o, town: &benchTown{getenv: a.getenv}}
	if err := b.prepare(); err != nil {
		return err
	}
	if err := b.raiseFiles(); err != nil {
		return err
	}
	b.say("Starting a private PostgreSQL and Redis …")
	defer func() { err = errors.Join(err, inTime(ctx, stopTime, b.town.Stop)) }()
	if err := b.town.start(ctx, b.o.dir, b.o.campaign); err != nil {
		return err
	}
	b.say("Storing %d entries …", o.rows)
	if err := b.town.fill(ctx, o.rows); err != nil {
		return err
	}
	for _, part := range benchParts() {
		if len(o.only) > 0 && !slices.Contains(o.only, part) {
			continue
		}
		b.say("Measuring: %s", part)
		if err = b.part(ctx, part); err != nil {
			err = fmt.Errorf("measure %s: %w", part, err)
			break // what was measured before is worth showing
		}
	}
	return errors.Join(err, b.show())
}

// prepare makes the paths absolute, since servers work elsewhere, and removes what an earlier run left in their way.
func (b *benchmark) prepare() (err error) {
	if err := canWrite(b.o.json); err != nil {
		return err
	}
	if b.o.dir, err = filepath.Abs(b.o.dir); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(b.o.dir, "journal")); err != nil {
		return err
	}
	if b.o.program == "" {
		if b.o.program, err = os.Executable(); err != nil {
			return err
		}
	}
	if b.o.profile != "" {
		if b.o.profile, err = filepath.Abs(b.o.profile); err != nil {
			return err
		}
		if err := os.MkdirAll(b.o.profile, 0o750); err != nil {
			return err
		}
	}
	return nil
}

// show prints the table and writes the figures.
func (b *benchmark) show() error {
	b.report.Machine = b.machine()
	b.report.Options = bench.Options{Rounds: b.o.rounds, Seconds: b.o.seconds, Rows: b.o.rows, Quick: b.o.quick}
	b.report.Print(b.out)
	if err := writeJSON(b.o.json, b.report); err != nil {
		return err
	}
	b.say("\nEvery round: %s", b.o.json)
	return nil
}

// raiseFiles makes room for all connections. Memory is measured at as many as there is room for.
func (b *benchmark) raiseFiles() error {
	got, err := bench.RaiseFiles(uint64(max(b.o.held, slices.Max(b.o.connections)) + spareFiles))
	if !errors.Is(err, bench.ErrFiles) || int(got) < slices.Max(b.o.connections)+spareFiles {
		return err
	}
	b.o.held = int(got) - spareFiles
	b.say("%v. Memory will be measured at %d connections.", err, b.o.held)
	return nil
}

func (b *benchmark) part(ctx context.Context, part string) (err error) {
	r := &b.report
	switch part {
	case "peak":
		for _, n := range b.o.connections {
			p, err := b.peak(ctx, n)
			if err != nil {
				return err
			}
			r.Peaks = append(r.Peaks, *p)
		}
		first := r.Peaks[0]
		r.Bare, r.OneInsert, r.Jari, r.RatioBare, r.RatioOneInsert = first.Bare, first.OneInsert, first.Jari, first.RatioBare, first.RatioOneInsert
	case "texts":
		r.Texts, err = b.texts(ctx)
	case "controls":
		r.Controls, err = b.controls(ctx)
	case "queue":
		r.Queue, err = b.queue(ctx)
	case "cap":
		r.Cap, err = b.limited(ctx)
	case "refusal":
		r.Refusal, err = b.refusal(ctx)
	case "memory":
		r.Memory, err = b.memory(ctx)
	}
	return err
}

func (b *benchmark) machine() bench.Machine {
	return bench.Machine{
		CPU: bench.Processor(), Cores: runtime.NumCPU(), MemoryMiB: bench.MemoryMiB(), Kernel: bench.Kernel(),
		Go: runtime.Version(), PostgreSQL: b.town.version, Settings: peakSettings(),
	}
}
