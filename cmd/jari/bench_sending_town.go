package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os/exec"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/words"
	"jari/cmd/jari/bench"
	"jari/cmd/jari/load"
	"jari/cmd/jari/textbench"
)

// textsTown is what texts leave from in a measurement: a durable PostgreSQL, a Redis, people with appointments, an API that takes receipts,
// workers and phones, each in a process of its own.
type textsTown struct {
	benchTown
	o       textsOptions
	mode    string
	out     io.Writer
	errs    io.Writer
	network textbench.Phones
	phones  *child
	api     *child
	workers []*child
	route   []string // flags of the workers
}

// open starts everything with the messages braked.
func (t *textsTown) open(ctx context.Context, messages, limit int) (err error) {
	settings := peakSettings()
	if t.o.statements {
		settings["shared_preload_libraries"] = "pg_stat_statements"
	}
	if err := t.connect(ctx, t.o.dir, settings); err != nil {
		return err
	}
	c := &t.config
	c.LogLevel = slog.LevelError
	// A provider's list shows a text after some seconds.
	lag := 5 * time.Second
	c.SendTimeout, c.StuckAfter, c.ReconcileAfter, c.ReconcileAgain = 2*time.Second, 9*time.Second, 8*time.Second, 5*time.Second
	if t.o.quick {
		lag = time.Second
		c.SendTimeout, c.StuckAfter, c.ReconcileAfter, c.ReconcileAgain = time.Second, 4*time.Second, 3*time.Second, time.Second
	}
	if err := t.people(ctx, messages); err != nil {
		return err
	}
	for _, addr := range []*string{&c.Listen, &c.InternalListen, &c.TwilioBaseURL} { // each is taken in a moment
		if *addr, err = freeAddr(ctx); err != nil {
			return err
		}
	}
	c.PublicURL = "http://" + c.Listen
	phones := c.TwilioBaseURL
	c.TwilioBaseURL = "http://" + phones
	t.network = textbench.Phones{URL: c.TwilioBaseURL}
	if t.phones, err = t.run(ctx, phones, "phonesim", "--listen", phones, "--list-lag", lag.String(), "--workers", "64"); err != nil {
		return err
	}
	if t.api, err = t.run(ctx, c.Listen, "serve"); err != nil {
		return err
	}
	if limit > 0 {
		t.route = []string{"--per-second", strconv.Itoa(limit)}
	}
	if t.mode == "faults" {
		if err := t.network.SetFaults(ctx, textbench.Faults{
			Rate429: 0.05, Rate503HTML: 0.02, RateAcceptThenHang: 0.01, RateReceiptTwice: 1, RateReceiptShuffled: 1, HangForMS: 3000,
		}); err != nil {
			return err
		}
	}
	t.workers = make([]*child, t.o.workers)
	for i := range t.workers {
		if err := t.startWorker(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// people stores people with places, appointments and a braked message each. It is nobody's campaign but this measurement's, and live, because
// a rehearsal reaches listed phones only.
func (t *textsTown) people(ctx context.Context, n int) error {
	k, err := rushCampaign(time.Now().Add(-time.Hour), time.Second, nil)
	if err != nil {
		return err
	}
	k.Mode = booking.Live
	k.Limits.TextsPerSecond, k.Limits.TextsPerDay = 100_000, 10*n
	for i := range k.Slots {
		k.Slots[i].Capacity = n
	}
	if t.campaign, err = t.apply(ctx, io.Discard, k, func(time.Time) {}); err != nil {
		return err
	}
	if err := t.fill(ctx, int64(n)); err != nil {
		return err
	}
	for _, sql := range []string{
		`UPDATE enrol_cursor SET enrolled_to = (SELECT count(*) FROM place)`, // as if they had been told that they are registered
		`INSERT INTO brake (campaign_id, what, since, actor) SELECT id, 'sending', now(), 'bench' FROM campaign`,
		`INSERT INTO appointment (campaign_id, registration_id, slot_id, pool_id, round, state, arrival, tie, made_at, changed_at, changed_by)
		 SELECT p.campaign_id, p.registration_id, s.id, s.pool_id, 1, 'offered', p.arrival, p.tie, now(), now(), 'bench'
		 FROM place p JOIN (SELECT id, pool_id, row_number() OVER (ORDER BY id) - 1 AS k, count(*) OVER () AS n FROM slot) s ON p.number % s.n = s.k`,
	} {
		if _, err := t.admin.Exec(ctx, sql); err != nil {
			return fmt.Errorf("make appointments: %w", err)
		}
	}
	if t.o.kind == string(words.Confirmed) {
		if err := t.confirm(ctx); err != nil {
			return fmt.Errorf("confirm appointments: %w", err)
		}
	}
	return t.messages(ctx)
}

// confirm goes page by page: the trigger that writes history looks each changed row up among all of the statement.
func (t *textsTown) confirm(ctx context.Context) error {
	for {
		tag, err := t.admin.Exec(ctx, `UPDATE appointment SET state = 'confirmed' WHERE id IN (SELECT id FROM appointment WHERE state = 'offered' LIMIT 500)`)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
	}
}

// messages stores a message for each appointment.
func (t *textsTown) messages(ctx context.Context) error {
	rows, err := t.admin.Query(ctx, `SELECT a.id, a.registration_id, s.starts_at FROM appointment a JOIN slot s ON s.id = a.slot_id`)
	if err != nil {
		return err
	}
	var out [][]any
	var id int64
	var entry [16]byte
	var starts time.Time
	now := time.Now()
	if _, err := pgx.ForEachRow(rows, []any{&id, &entry, &starts}, func() error {
		dedup := fmt.Sprintf("%s/%d", t.o.kind, id)
		out = append(out, []any{t.campaign.ID, entry, id, t.o.kind, dedup, t.campaign.Keys.MessageReference(dedup), starts, now, now, now})
		return nil
	}); err != nil {
		return err
	}
	columns := []string{"campaign_id", "registration_id", "appointment_id", "kind", "dedup", "reference", "priority_at", "due_at", "state_at", "created_at"}
	if _, err := t.admin.CopyFrom(ctx, pgx.Identifier{"message"}, columns, pgx.CopyFromRows(out)); err != nil {
		return fmt.Errorf("store messages: %w", err)
	}
	for _, sql := range []string{`VACUUM ANALYZE`, `CHECKPOINT`, `SET enable_seqscan = off`} {
		if _, err := t.admin.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// run starts a process of ours and waits until it listens.
func (t *textsTown) run(ctx context.Context, addr string, args ...string) (*child, error) {
	cmd := exec.Command(t.o.program, args...) //nolint:noctx // stopped in order, and with this process
	cmd.Env, cmd.Stdout, cmd.Stderr = environmentOf(t.config, t.getenv), io.Discard, t.errs
	p, err := startChild("jari "+args[0], cmd)
	if err != nil {
		return nil, err
	}
	t.later(p.Stop)
	return p, t.until(ctx, args[0]+" to listen", func() (bool, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err != nil {
			return false, p.ended()
		}
		return true, conn.Close()
	})
}

func (t *textsTown) startWorker(ctx context.Context, i int) (err error) {
	if t.config.InternalListen, err = freeAddr(ctx); err != nil {
		return err
	}
	args := append([]string{"bench-texts-worker"}, t.route...)
	if t.o.profile != "" && i == 0 && t.workers[0] == nil && t.mode == t.o.modes[0] {
		args = append(args, "--profile", t.o.profile)
	}
	t.workers[i], err = t.run(ctx, t.config.InternalListen, args...)
	return err
}

func (t *textsTown) stopWorkers(ctx context.Context) error {
	var errs []error
	for _, w := range t.workers {
		errs = append(errs, w.Stop(ctx))
	}
	return errors.Join(errs...)
}

// release lets the messages go.
func (t *textsTown) release(ctx context.Context) error {
	if err := t.track(ctx); err != nil {
		return err
	}
	_, err := t.admin.Exec(ctx, `DELETE FROM brake`)
	return err
}

// killTwice kills a worker as a power cut would, when a quarter and when the half of the messages were accepted, and starts another one each time.
func (t *textsTown) killTwice(ctx context.Context, messages int) (int, error) {
	for k, share := range []int{4, 2} {
		if err := t.until(ctx, "the time to kill a worker", func() (bool, error) {
			c, err := t.network.Counts(ctx)
			return int(c.Accepted) >= messages/share, err
		}); err != nil {
			return k, err
		}
		i := k % len(t.workers)
		t.workers[i].Kill()
		if err := t.startWorker(ctx, i); err != nil {
			return k, err
		}
	}
	return 2, nil
}

// untilSettled waits until each message's fate is known. The question costs next to nothing: it is asked while others are measured.
func (t *textsTown) untilSettled(ctx context.Context) error {
	var open bool
	return t.until(ctx, "all fates", func() (bool, error) {
		err := t.admin.QueryRow(ctx, `SELECT EXISTS (SELECT FROM message WHERE state = 'pending' AND campaign_id = $1)
			OR EXISTS (SELECT FROM message WHERE state IN ('queued', 'sending', 'unknown', 'accepted', 'sent'))`, t.campaign.ID).Scan(&open)
		return !open, err
	})
}

// until asks again and again, for five minutes at most.
func (t *textsTown) until(ctx context.Context, what string, ok func() (bool, error)) error {
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); {
		if there, err := ok(); err != nil || there {
			return err
		}
		if err := load.Pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("waited five minutes in vain for %s", what)
}

// used is the processor time of the processes so far.
func (t *textsTown) used() (map[string]time.Duration, error) {
	out := map[string]time.Duration{}
	var errs []error
	add := func(name string, of func(pid int) (time.Duration, error), pid int) {
		cpu, err := of(pid)
		out[name] += cpu
		errs = append(errs, err)
	}
	add("phones", bench.CPU, t.phones.Pid())
	add("api", bench.CPU, t.api.Pid())
	add("postgres", bench.FamilyCPU, t.postgres.Pid())
	for _, w := range t.workers {
		add("worker", bench.CPU, w.Pid())
	}
	return out, errors.Join(errs...)
}
