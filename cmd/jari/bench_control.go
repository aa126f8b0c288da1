package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"jari/cmd/jari/bench"
	"jari/cmd/jari/load"
)

// answers asks a real server once for everything that the plain one is to answer, and writes it to a file.
func (b *benchmark) answers(ctx context.Context) (string, error) {
	if b.file != "" {
		return b.file, nil
	}
	s, err := b.server(ctx, "bare", 0)
	if err != nil {
		return "", err
	}
	defer func() { _ = s.Stop(context.WithoutCancel(ctx)) }()
	receipt, err := b.copyAnswer(ctx, http.MethodPost, s.addr, b.town.path(), string(bodyOf(b.town.applications(s.addr)()())))
	if err != nil {
		return "", err
	}
	count, err := b.copyAnswer(ctx, http.MethodGet, s.addr, b.queuePath(), "")
	for deadline := time.Now().Add(30 * time.Second); err != nil && time.Now().Before(deadline); { // the first count takes a moment
		time.Sleep(100 * time.Millisecond)
		count, err = b.copyAnswer(ctx, http.MethodGet, s.addr, b.queuePath(), "")
	}
	if err != nil {
		return "", err
	}
	text, err := json.Marshal([]plainAnswer{receipt, count})
	if err != nil {
		return "", err
	}
	file := filepath.Join(b.o.dir, "answers.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return "", err
	}
	b.file = file
	return file, nil
}

// bodyOf is a prepared request's body.
func bodyOf(request []byte) []byte {
	_, body, _ := strings.Cut(string(request), "\r\n\r\n")
	return []byte(body)
}

func (b *benchmark) copyAnswer(ctx context.Context, method, addr, path, body string) (plainAnswer, error) {
	out := plainAnswer{Method: method, Path: path, Header: map[string]string{}}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+addr+path, strings.NewReader(body))
	if err != nil {
		return out, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+bench.Secret(0))
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return out, err
	}
	defer func() { _ = res.Body.Close() }()
	var text strings.Builder
	if err := res.Write(&text); err != nil {
		return out, err
	}
	if res.StatusCode != http.StatusOK {
		return out, fmt.Errorf("%s %s: %s", method, path, text.String())
	}
	_, out.Body, _ = strings.Cut(text.String(), "\r\n\r\n")
	for name := range maps.Keys(res.Header) {
		switch name {
		case "Content-Type", "Content-Length", "Date", "Connection":
		default:
			out.Header[name] = res.Header.Get(name)
		}
	}
	return out, nil
}

func (b *benchmark) queuePath() string {
	return "/v1/campaigns/" + b.town.campaign.Slug + "/queues/" + b.town.campaign.Cohorts[0].Queue
}

// queue measures polls of the public count against handlers that answer the same bytes.
func (b *benchmark) queue(ctx context.Context) (*bench.Queue, error) {
	group, err := b.server(ctx, "group", 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = group.Stop(context.WithoutCancel(ctx)) }()
	plain, err := b.server(ctx, "plain", 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = plain.Stop(context.WithoutCancel(ctx)) }()
	q := &bench.Queue{}
	for n := range b.o.rounds {
		for _, k := range []struct {
			kind, path string
			s          *benchChild
		}{{"gin", b.queuePath(), plain}, {"std", stdPrefix + b.queuePath(), plain}, {"group", b.queuePath(), group}} {
			r, bytes, err := b.polls(ctx, k.s, k.kind, k.path)
			if err != nil {
				return nil, err
			}
			r.Round, q.Bytes = n+1, bytes
			q.Rounds = append(q.Rounds, r)
			b.say("  round %d, %-5s %7.0f/s  %.1f µs each", n+1, k.kind, r.PerSecond, r.Server)
		}
	}
	q.Jari, q.Gin, q.Standard = bench.PerSecond(q.Rounds, "group"), bench.PerSecond(q.Rounds, "gin"), bench.PerSecond(q.Rounds, "std")
	q.OverGin, q.OverStandard = ratio(q.Jari, q.Gin), ratio(q.Jari, q.Standard)
	load := func() error {
		r, _, err := b.polls(ctx, group, "group", b.queuePath())
		q.Polls = r.Answered
		return err
	}
	q.Transactions, q.Idle, err = b.databaseWork(ctx, load)
	return q, err
}

func (b *benchmark) polls(ctx context.Context, s *benchChild, kind, path string) (bench.Round, int64, error) {
	request := load.Get(s.addr, path, "", "User-Agent: jari-bench")
	var from, to costs
	got, err := bench.Run(ctx, bench.Load{
		Addr: s.addr, Connections: b.o.connections[len(b.o.connections)-1], Warm: b.o.warm, For: b.o.length,
		Request: func() func() []byte { return func() []byte { return request } },
		Begin:   func() { from = b.costs(s) }, End: func() { to = b.costs(s) }, Enough: b.enough(answered),
	})
	if err != nil {
		return bench.Round{}, 0, err
	}
	return roundOf(kind, got, from, to), got.Bytes, nil
}

// databaseWork counts PostgreSQL's transactions during a load, and during the same time without.
func (b *benchmark) databaseWork(ctx context.Context, load func() error) (during, idle int64, err error) {
	var at [3]int64
	if at[0], err = b.town.transactions(ctx, b.o.reported); err != nil {
		return 0, 0, err
	}
	began := time.Now()
	if err = load(); err != nil {
		return 0, 0, err
	}
	took := time.Since(began)
	if at[1], err = b.town.transactions(ctx, b.o.reported); err != nil {
		return 0, 0, err
	}
	time.Sleep(took)
	at[2], err = b.town.transactions(ctx, b.o.reported)
	return at[1] - at[0], at[2] - at[1], err
}

// controls lets PostgreSQL's own tool do the same insert, at the best of several numbers of clients.
func (b *benchmark) controls(ctx context.Context) (*bench.Controls, error) {
	c := &bench.Controls{PgbenchTrials: map[string]float64{}}
	program, err := b.pgbench()
	if err != nil {
		c.PgbenchMissing = err.Error()
		b.say("  %v", err)
		return c, nil
	}
	script := filepath.Join(b.o.dir, "insert.sql")
	row, err := b.town.row(0, time.Now())
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(script, []byte(pgbenchScript(row)), 0o600); err != nil {
		return nil, err
	}
	for _, clients := range b.o.pools {
		rate, err := b.runPgbench(ctx, program, script, clients)
		if err != nil {
			return nil, err
		}
		c.PgbenchTrials[strconv.Itoa(clients)] = rate
		if rate > c.Pgbench {
			c.Pgbench, c.PgbenchClients = rate, clients
		}
		b.say("  pgbench, %d clients: %.0f/s", clients, rate)
	}
	return c, nil
}

// pgbench finds the program beside the server that runs.
func (b *benchmark) pgbench() (string, error) {
	if server, err := bench.Program(b.town.postgres.Pid()); err == nil {
		if p, err := exec.LookPath(filepath.Join(filepath.Dir(server), "pgbench")); err == nil {
			return p, nil
		}
	}
	p, err := exec.LookPath("pgbench")
	if err != nil {
		return "", fmt.Errorf("not measured: pgbench is not on this machine (Debian has it in postgresql, Red Hat in postgresql-contrib)")
	}
	return p, nil
}

// pgbenchScript inserts a row of the same sizes under a random id, one statement each.
func pgbenchScript(row []any) string {
	ct, device := len(row[15].([]byte)), len(row[10].([]byte))
	return fmt.Sprintf(`INSERT INTO registration (campaign_id, id, queue_id, cohort, cohort_version, arrival, received_at, tie, door, actor, device, attested, region, lang, verify, person_ct, generation)
VALUES (%d, gen_random_uuid(), %d, '%s', %d, now(), now(), 4711, 'app', 'app', '\x%s', false, '%s', 'ko', '%s', '\x%s', 0) ON CONFLICT (campaign_id, id) DO NOTHING RETURNING serial;
`, row[0], row[2], row[3], row[4], strings.Repeat("ab", device), row[12], row[14], strings.Repeat("cd", ct))
}

var tps = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)

func (b *benchmark) runPgbench(ctx context.Context, program, script string, clients int) (float64, error) {
	to := b.town.admin.Config()
	length := []string{"-T", strconv.Itoa(max(1, int(b.o.length.Seconds()/2)))}
	if b.o.least > 0 { // by their number: a slow machine may not do one in a second, and then pgbench says no rate
		length = []string{"-t", strconv.FormatInt(b.o.least, 10)}
	}
	cmd := exec.CommandContext(ctx, program, append(length, "-n", "-M", "prepared", "-f", script, "-c", strconv.Itoa(clients), "-j", "2")...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "PGHOST=" + to.Host, fmt.Sprintf("PGPORT=%d", to.Port), "PGUSER=" + to.User, "PGPASSWORD=" + to.Password, "PGDATABASE=" + to.Database}
	out, err := cmd.CombinedOutput()
	m := tps.FindSubmatch(out)
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	if m == nil {
		return 0, fmt.Errorf("pgbench said no rate:\n%s", out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}
