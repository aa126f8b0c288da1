package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"jari/api"
	"jari/booking/desk"
	"jari/db"
	"jari/db/journal"
	"jari/sms"
)

// doorJournal is the journal of an API process with the loop that replays it. Every method of a nil one does nothing.
type doorJournal struct {
	*journal.Journal
	keep   journal.Keep
	clock  desk.Clock
	cancel context.CancelFunc // nil before start
	wg     sync.WaitGroup
}

// openJournal opens the folder in the settings and gives it to the door. It returns nil when there is none.
func openJournal(h *house, door *sms.Door, registry prometheus.Registerer, log *slog.Logger) (*doorJournal, error) {
	if h.config.JournalDir == "" {
		log.Warn("there is no journal: while PostgreSQL is away, texts are refused and reach us only if the provider delivers them again; " +
			"set JARI_JOURNAL_DIR to a folder on a disk that outlives this process")
		return nil, nil //nolint:nilnil // no journal is not an error, and doorJournal's methods allow nil
	}
	j, err := h.openJournal(h.config.JournalDir, log)
	if err != nil {
		return nil, fmt.Errorf("JARI_JOURNAL_DIR: %w", err)
	}
	k := &doorJournal{Journal: j, keep: door.Replay, clock: h.clock}
	for _, c := range k.metrics() {
		if err := registry.Register(c); err != nil {
			return nil, errors.Join(fmt.Errorf("register the journal's metrics: %w", err), k.Close())
		}
	}
	door.UseJournal(j)
	return k, nil
}

// openJournal opens any journal's folder under this house's keys.
func (h *house) openJournal(dir string, log *slog.Logger) (*journal.Journal, error) {
	master, err := h.config.master()
	if err != nil {
		return nil, err
	}
	keys, err := master.Journal()
	if err != nil {
		return nil, err
	}
	return journal.Open(journal.Options{Dir: dir, Keys: keys, MaxBytes: int64(h.config.JournalMax) << 20, Log: log})
}

func (k *doorJournal) metrics() []prometheus.Collector {
	gauge := func(name, help string, value func(journal.Stats) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return value(k.Stats()) })
	}
	return []prometheus.Collector{
		gauge("jari_journal_records", "Texts and calls in the journal that are not in PostgreSQL yet.", func(s journal.Stats) float64 { return float64(s.Records) }),
		gauge("jari_journal_bytes", "Bytes of the journal's files.", func(s journal.Stats) float64 { return float64(s.Bytes) }),
		gauge("jari_journal_oldest_seconds", "How long the oldest of them has waited.", func(s journal.Stats) float64 {
			if s.Oldest.IsZero() {
				return 0
			}
			return max(0, k.clock.Now().Sub(s.Oldest).Seconds())
		}),
	}
}

// ready adds to the checks that something waits. That is no reason to take the node away: it is what replays.
func (k *doorJournal) ready(checks func(context.Context) []api.Check) func(context.Context) []api.Check {
	if k == nil {
		return checks
	}
	return func(ctx context.Context) []api.Check {
		c := api.Check{Name: "journal", OK: true}
		if s := k.Stats(); s.Records > 0 {
			c.Degraded, c.Detail = true, fmt.Sprintf("%s in the journal until PostgreSQL takes them", many(s.Records, "text or call waits", "texts or calls wait"))
			if s.Locked > 0 {
				c.Detail += fmt.Sprintf("; %d of them need another master key", s.Locked)
			}
		}
		return append(checks(ctx), c)
	}
}

// start replays in the background until stop.
func (k *doorJournal) start(ctx context.Context, log *slog.Logger) {
	if k == nil {
		return
	}
	ctx, k.cancel = context.WithCancel(context.WithoutCancel(ctx))
	k.wg.Go(func() {
		k.Run(ctx, k.keep, func(err error) { log.Warn("the journal is not replayed yet", "left", k.Stats().Records, "error", err) })
	})
}

// stop replays what is left, if it was started, in at most half of the time that there is, because others have to stop too.
// What is left then stays where it is, and the error says so.
func (k *doorJournal) stop(ctx context.Context) (err error) {
	if k == nil {
		return nil
	}
	if k.cancel != nil {
		k.cancel()
		k.wg.Wait()
		patience := stopTime / 2
		if deadline, ok := ctx.Deadline(); ok {
			patience = time.Until(deadline) / 2
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		_, err = k.Drain(ctx, k.keep, patience)
	}
	return errors.Join(err, k.Close())
}

func (a *app) journalCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "journal", Short: "Show and replay what a door has written down while PostgreSQL was away"}
	cmd.AddCommand(&cobra.Command{
		Use:   "show DIR",
		Short: "Say what stands in a journal's folder: counts, ages, bytes, nothing personal",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := loadConfig(a.getenv, needMaster)
			if err != nil {
				return err
			}
			return showJournal(a.out, c, args[0], time.Now())
		},
	}, &cobra.Command{
		Use:   "replay DIR",
		Short: "Store a journal's records in PostgreSQL with their own arrivals, on any machine with the same master key; repeating it is safe",
		Args:  cobra.ExactArgs(1),
		RunE: a.withHouse(func(ctx context.Context, h *house, args []string) error {
			return replayJournal(ctx, a.out, h, args[0], a.logger(h.config.LogLevel))
		}),
	})
	return cmd
}

// replayPatience is how long a replay goes on without storing anything.
const replayPatience = 10 * time.Second

// replayJournal stores the records and leaves handling them to the workers' sweep, so that it needs no settings of a
// provider.
func replayJournal(ctx context.Context, out io.Writer, h *house, dir string, log *slog.Logger) error {
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("there is no journal: %w", err) // and none is made
	}
	j, err := h.openJournal(dir, log)
	if errors.Is(err, journal.ErrInUse) {
		return fmt.Errorf("%w: that process replays it by itself; stop it first if it cannot", err)
	}
	if err != nil {
		return err
	}
	before := j.Stats()
	d := newDesk(h, nil, nil, db.NewSwitchboard(h.pool, h.campaigns))
	done, err := j.Drain(ctx, func(ctx context.Context, in desk.Inbound) (bool, error) {
		_, fresh, err := d.KeepJournalled(ctx, in)
		return fresh, err
	}, replayPatience)
	_, _ = fmt.Fprintf(out, "%d records in %s: %d are in the database now, %d of them were not there before\n", before.Records, dir, done.Kept, done.Fresh)
	if err := errors.Join(err, j.Close()); err != nil {
		return err
	}
	damaged, refused, err := journal.Aside(dir)
	if err == nil && refused > 0 {
		err = fmt.Errorf("%d files with texts or calls that are refused stand in %s as *.refused, and why is in the log: bring back their campaign, or the "+
			"program version that wrote them, and replay again", refused, dir)
	}
	if err == nil && damaged > 0 {
		err = fmt.Errorf("all that can be read is in the database, and %d damaged files stand in %s: move them away and keep them, to find out what "+
			"could not be read", damaged, dir)
	}
	return err
}

func showJournal(out io.Writer, c Config, dir string, now time.Time) error {
	master, err := c.master()
	if err != nil {
		return err
	}
	keys, err := master.Journal()
	if err != nil {
		return err
	}
	found, err := journal.Show(dir, keys)
	if err != nil {
		return err
	}
	records, locked, refused, size := 0, 0, 0, int64(0)
	for _, f := range found.Files {
		records, locked, size = records+f.Records, locked+f.Locked, size+f.Bytes
		if f.Refused {
			refused++
		}
		_, _ = fmt.Fprintf(out, "%s: %d records, %d bytes%s\n", f.Name, f.Records, f.Bytes, remarks(f, now))
	}
	_, _ = fmt.Fprintf(out, "%d records in %d files, %d bytes; %d records need another master key; %d refused files and %d damaged files were set aside\n",
		records, len(found.Files), size, locked, refused, found.Damaged)
	return nil
}

func remarks(f journal.File, now time.Time) string {
	var s string
	if !f.Oldest.IsZero() {
		s += fmt.Sprintf(", arrived %s to %s (the oldest %s ago)", f.Oldest.Format(time.RFC3339), f.Newest.Format(time.RFC3339), now.Sub(f.Oldest).Round(time.Second))
	}
	if f.Locked > 0 {
		s += fmt.Sprintf(", %d under another master key", f.Locked)
	}
	if f.Unfinished > 0 {
		s += fmt.Sprintf(", %d bytes of an unfinished write at the end", f.Unfinished)
	}
	if f.Refused {
		s += ", REFUSED: some of them cannot be stored as things are, and why is in the log"
	}
	if f.Damaged {
		s += ", DAMAGED: only what can be read is counted"
	}
	return s
}
