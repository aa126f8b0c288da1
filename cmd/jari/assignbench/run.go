package assignbench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking/campaignfile"
	"jari/booking/vault"
	"jari/cmd/jari/bench"
	"jari/db"
	"jari/db/private"
)

// Options say what to measure.
type Options struct {
	People, Small, Skip int64 // the large run, the small one (0: none), and for how many SKIP LOCKED is tried (0: none)
	Sites               int
	Postgres            *private.Postgres
	Program             string // ours; its worker is a process of its own
	Out, Errs           io.Writer
	Profile             string
	Statements          bool // print PostgreSQL's own account of its time
}

// Result is one run from arrivals to appointments.
type Result struct {
	People       int64   `json:"people"`
	Work         Work    `json:"work"`
	PostgresCPU  float64 `json:"postgres_cpu_seconds"`
	Places       int64   `json:"places"`
	Appointments int64   `json:"appointments"`
	Events       int64   `json:"events"`
	AuditRows    int64   `json:"audit_rows"`
	Messages     int64   `json:"messages"`
	Waiting      int64   `json:"waiting"`
}

// Report is what is written as JSON.
type Report struct {
	Seconds         float64     `json:"seconds"`
	FloorSeconds    float64     `json:"floor_seconds"`
	RatioFloor      float64     `json:"ratio_floor"`
	RatioSkipLocked float64     `json:"ratio_skip_locked"` // at Skip people, assigning only
	PeakMiB         int64       `json:"peak_mib"`
	RatioTen        float64     `json:"ratio_ten"` // time of the large run over that of the small one
	Floor           []FloorPart `json:"floor"`
	Runs            []Result    `json:"runs"`
	Skip            *Skip       `json:"skip_locked,omitempty"`
	Cores           int         `json:"cores"`
	PostgreSQL      string      `json:"postgresql"`
}

// Skip compares the assigning alone, with places announced before.
type Skip struct {
	People   int64   `json:"people"`
	Ours     Work    `json:"ours"`
	Theirs   float64 `json:"seconds"`
	Assigned int64   `json:"assigned"`
}

// Run measures and prints a table.
func Run(ctx context.Context, o Options) (*Report, error) {
	r := &Report{Cores: runtime.NumCPU()}
	if o.Small > 0 {
		if err := o.measure(ctx, r, o.Small, false); err != nil {
			return nil, err
		}
	}
	if err := o.measure(ctx, r, o.People, true); err != nil {
		return nil, err
	}
	if o.Skip > 0 {
		if err := o.compare(ctx, r); err != nil {
			return nil, err
		}
	}
	if o.Small > 0 {
		r.RatioTen = r.Seconds / r.Runs[0].Work.Seconds
	}
	r.print(o)
	return r, nil
}

// town is a database with a campaign and its people.
type town struct {
	url, master string
	admin       *pgx.Conn
	pool        *pgxpool.Pool
	campaigns   *db.Campaigns
}

func (o Options) open(ctx context.Context, people int64) (_ *town, err error) {
	t := &town{master: vault.NewMasterKey()}
	if t.url, err = private.FreshDatabase(ctx, o.Postgres.URL(), "jari_assign"); err != nil {
		return nil, err
	}
	if _, err := db.Migrate(ctx, t.url); err != nil {
		return nil, err
	}
	if t.admin, err = pgx.Connect(ctx, t.url); err != nil {
		return nil, err
	}
	if t.pool, err = pgxpool.New(ctx, t.url); err != nil {
		return nil, err
	}
	master, err := vault.NewMaster(t.master)
	if err != nil {
		return nil, err
	}
	c, err := country(o.Sites, people, time.Now())
	if err != nil {
		return nil, err
	}
	if _, err := db.Apply(ctx, t.pool, master, c, campaignfile.Digest(c), "bench", time.Now()); err != nil {
		return nil, err
	}
	t.campaigns = db.NewCampaigns(t.pool, master)
	if err := t.campaigns.Refresh(ctx); err != nil {
		return nil, err
	}
	k, err := t.campaigns.BySlug(c.Slug)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := fill(ctx, t.admin, k, people); err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(o.Out, "%d people have applied (%.0f s) …\n", people, time.Since(began).Seconds())
	return t, nil
}

func (t *town) close(ctx context.Context) {
	t.pool.Close()
	_ = t.admin.Close(ctx)
}

func (o Options) measure(ctx context.Context, r *Report, people int64, large bool) error {
	t, err := o.open(ctx, people)
	if err != nil {
		return err
	}
	defer t.close(ctx)
	before, err := bench.FamilyCPU(o.Postgres.Pid())
	if err != nil {
		return err
	}
	res := Result{People: people}
	if o.Statements {
		if _, err := t.admin.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset()`); err != nil {
			return err
		}
	}
	if res.Work, err = o.worker(ctx, t, false); err != nil {
		return err
	}
	after, err := bench.FamilyCPU(o.Postgres.Pid())
	if err != nil {
		return err
	}
	res.PostgresCPU = (after - before).Seconds()
	err = t.admin.QueryRow(ctx, `SELECT (SELECT count(*) FROM place), (SELECT count(*) FROM appointment), (SELECT count(*) FROM appointment_event),
		(SELECT count(*) FROM audit_log), (SELECT count(*) FROM message), (SELECT count(*) FROM waiting), version()`).
		Scan(&res.Places, &res.Appointments, &res.Events, &res.AuditRows, &res.Messages, &res.Waiting, &r.PostgreSQL)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(o.Out, "%d people: %.1f s\n", people, res.Work.Seconds)
	if o.Statements {
		if err := o.statements(ctx, t); err != nil {
			return err
		}
	}
	if res.Places != people || res.Appointments+res.Waiting != people {
		return fmt.Errorf("of %d people %d have a place, %d an appointment, %d wait: nobody may be missing", people, res.Places, res.Appointments, res.Waiting)
	}
	r.Runs = append(r.Runs, res)
	if !large {
		return nil
	}
	r.Seconds, r.PeakMiB = res.Work.Seconds, res.Work.PeakMiB
	if r.Floor, r.FloorSeconds, err = floor(ctx, t.admin); err != nil {
		return err
	}
	r.RatioFloor = r.Seconds / r.FloorSeconds
	return nil
}

func (o Options) compare(ctx context.Context, r *Report) error {
	s := &Skip{People: o.Skip}
	for _, ours := range []bool{true, false} {
		t, err := o.open(ctx, o.Skip)
		if err != nil {
			return err
		}
		if _, err := db.NewSealer(t.pool, t.campaigns, 2500).SealAll(ctx); err != nil {
			return err
		}
		if _, err := t.admin.Exec(ctx, `CHECKPOINT`); err != nil {
			return err
		}
		if ours {
			s.Ours, err = o.worker(ctx, t, true)
		} else {
			k, _ := t.campaigns.BySlug("bench-assign")
			var took time.Duration
			s.Assigned, took, err = skipLocked(ctx, t.pool, k)
			s.Theirs = took.Seconds()
		}
		t.close(ctx)
		if err != nil {
			return err
		}
	}
	r.Skip, r.RatioSkipLocked = s, s.Theirs/s.Ours.Seconds
	return nil
}

// worker runs a worker in a process of its own, so that its memory is its own.
func (o Options) worker(ctx context.Context, t *town, sealed bool) (Work, error) {
	args := []string{"bench-assign-worker"}
	if sealed {
		args = append(args, "--sealed")
	}
	if o.Profile != "" {
		args = append(args, "--profile", o.Profile)
	}
	cmd := exec.Command(o.Program, args...) //nolint:noctx // stopped below, and with this process
	cmd.Env = []string{"DATABASE_URL=" + t.url, "JARI_MASTER_KEY=" + t.master}
	for _, name := range []string{"GOGC", "GOMEMLIMIT", "JARI_SEAL_PAGE", "JARI_ASSIGN_PAGE"} {
		if v := os.Getenv(name); v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, o.Errs
	p, err := private.StartProcess(cmd, syscall.SIGKILL)
	if err != nil {
		return Work{}, fmt.Errorf("start the worker: %w", err)
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
		return Work{}, ctx.Err()
	}
	if !p.State().Success() {
		return Work{}, fmt.Errorf("the worker: %v (its log is above)", p.State())
	}
	var w Work
	return w, json.NewDecoder(&out).Decode(&w)
}

// statements prints where PostgreSQL's time went.
func (o Options) statements(ctx context.Context, t *town) error {
	rows, err := t.admin.Query(ctx, `SELECT calls, total_exec_time / 1000, left(regexp_replace(query, '\s+', ' ', 'g'), 110) FROM pg_stat_statements
		WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY total_exec_time DESC LIMIT 16`)
	if err != nil {
		return err
	}
	var calls int64
	var seconds float64
	var query string
	_, err = pgx.ForEachRow(rows, []any{&calls, &seconds, &query}, func() error {
		_, err := fmt.Fprintf(o.Out, "%8d calls %8.2f s  %s\n", calls, seconds, query)
		return err
	})
	return err
}

func (r *Report) print(o Options) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(o.Out, format+"\n", args...) }
	say("")
	for _, x := range r.Runs {
		say("%10d people  %7.1f s (places %.1f s), worker %.1f s and %d MiB, PostgreSQL %.1f s of a core, %d rounds; %d appointments, %d wait",
			x.People, x.Work.Seconds, x.Work.SealSeconds, x.Work.CPUSeconds, x.Work.PeakMiB, x.PostgresCPU, x.Work.Rounds, x.Appointments, x.Waiting)
	}
	for _, p := range r.Floor {
		say("%10d rows    %7.1f s  INSERT … SELECT into %s", p.Rows, p.Seconds, p.Table)
	}
	if r.Skip != nil {
		say("%10d people  %7.1f s  assigning only; with SKIP LOCKED %.1f s (%d served)", r.Skip.People, r.Skip.Ours.Seconds, r.Skip.Theirs, r.Skip.Assigned)
	}
	say("")
	say("%-38s %10s  %s", "what", "measured", "goal")
	say("%-38s %10.1f  ≤ 90 (further goal 45)", "seconds", r.Seconds)
	say("%-38s %10d  ≤ 1024", "worker's peak, MiB", r.PeakMiB)
	say("%-38s %10.2f  ≤ 2", "seconds / floor", r.RatioFloor)
	if r.Skip != nil {
		say("%-38s %10.2f  ≥ 2", "SKIP LOCKED / assigning", r.RatioSkipLocked)
	}
	if r.RatioTen > 0 {
		say("%-38s %10.2f  ≤ 12", fmt.Sprintf("%d / %d people", o.People, o.Small), r.RatioTen)
	}
}
