package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"jari/api"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// asked counts the statements that a pool is asked.
type asked struct{ n atomic.Int32 }

func (a *asked) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if !strings.HasPrefix(q.SQL, "SET ") { // of a new connection
		a.n.Add(1)
	}
	return ctx
}

func (a *asked) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// publicDoor is an API over a real database, of which the test knows each statement.
func publicDoor(t *testing.T, d *dbtest.DB) (url string, statements *asked) {
	t.Helper()
	_, set := dbtest.Campaign(t, d)
	statements = &asked{}
	config := d.Pool.Config()
	config.ConnConfig.Tracer = statements
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	clock := db.NewClock()
	if err := clock.Sample(t.Context(), d.Pool); err != nil {
		t.Fatal(err)
	}
	book := db.NewBook(pool, set)
	server, err := api.New(api.Config{
		Desk:   desk.New(desk.Ports{Campaigns: set, Book: book, Clock: clock}),
		Agents: db.NewAgents(d.Pool, clock), Queues: db.NewQueueDocs(d.Pool, set),
		Ready: func(context.Context) []api.Check { return nil },
		Log:   slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(), Away: db.Away,
	})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server.Public())
	t.Cleanup(web.Close)
	return web.URL, statements
}

func read(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.StatusCode, string(body)
}

// However many ask what is free at a site, the database is asked once; the list of campaigns never asks it. While the database is away the
// count that there is goes on being told, with its instant.
func TestManyWhoAskForFreeTimesCostOneQuery(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	url, statements := publicDoor(t, d)
	path := url + "/v1/campaigns/" + dbtest.Slug + "/sites/" + dbtest.Site + "/free-times"
	var all sync.WaitGroup
	var bodies sync.Map
	for range 300 {
		all.Go(func() {
			status, body := read(t, path)
			if status != http.StatusOK {
				t.Errorf("%d %s", status, body)
			}
			bodies.Store(body, true)
		})
	}
	all.Wait()
	n := 0
	bodies.Range(func(body, _ any) bool {
		n++
		var free struct {
			Times []struct{ Free int }
		}
		if err := json.Unmarshal([]byte(fmt.Sprint(body)), &free); err != nil || len(free.Times) != dbtest.PerSite || free.Times[0].Free != dbtest.PerSlot {
			t.Errorf("%v: %v", body, err)
		}
		return true
	})
	if statements.n.Load() != 1 || n != 1 {
		t.Errorf("%d statements and %d different answers for 300 requests", statements.n.Load(), n)
	}
	for _, nothing := range []string{"mars", strings.Repeat("x", 60), "%00", "north%2f..%2fsouth"} {
		if status, body := read(t, url+"/v1/campaigns/"+dbtest.Slug+"/sites/"+nothing+"/free-times"); status != http.StatusNotFound {
			t.Errorf("%s: %d %s", nothing, status, body)
		}
	}
	if status, body := read(t, url+"/v1/campaigns"); status != http.StatusOK || !strings.Contains(body, `"campaign":"`+dbtest.Slug+`"`) {
		t.Errorf("the list: %d %s", status, body)
	}
	if statements.n.Load() != 1 {
		t.Errorf("%d statements", statements.n.Load())
	}
}

// While what the count needs cannot be read, whoever asks is told to come again, soon, and not as late as those who apply.
func TestFreeTimesWhileTheDatabaseHangs(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	url, _ := publicDoor(t, d)
	tx, err := d.Admin.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), `LOCK TABLE slot IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	status, body := read(t, url+"/v1/campaigns/"+dbtest.Slug+"/sites/"+dbtest.Site+"/free-times")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, `"code":"overloaded"`) || strings.Contains(body, "stamp") {
		t.Errorf("%d %s", status, body)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("an answer after %s", took)
	}
}
