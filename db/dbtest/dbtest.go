// Package dbtest gives every test a database of its own on a real PostgreSQL, and a Redis database of its own.
//
// The first call in a process migrates a template once; each test gets a clone of it, which takes some hundredths of a
// second, and the clone is dropped when the test ends. Tests may be parallel. A package that uses it should have
//
//	func TestMain(m *testing.M) { dbtest.Main(m) }
//
// so that the template is dropped, and the servers stopped if this process started them. Package db imports nothing of
// this, so its own tests that use it are in package db_test.
package dbtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking/vault"
	"jari/db"
	"jari/db/private"
)

// DB is one test's database, migrated and empty.
type DB struct {
	name      string
	URL       string
	Pool      *pgxpool.Pool // under the program's role, as the program works
	Admin     *pgxpool.Pool // as the owner, to look at and to break what the program cannot
	MasterKey string        // as in JARI_MASTER_KEY
	Master    *vault.Master
}

// servers are the servers of this process, with the template that databases are cloned from.
type servers struct {
	databaseURL, redisURL string
	template              string
	admin                 *pgx.Conn  // on the server's own database: creates and drops clones
	mu                    sync.Mutex // one clone at a time: PostgreSQL copies a template for one at a time
	clones                atomic.Int64
	stop                  func()
}

// The servers are started once per process and live as long as it: package state is what is wanted here.
var shared = sync.OnceValues(startServers)

// started tells Main whether there is anything to stop.
var started atomic.Bool

const patience = 2 * time.Minute

// Main runs a package's tests and then removes what they needed. It ends the process.
func Main(m *testing.M) {
	code := m.Run()
	if started.Load() {
		if s, err := shared(); err == nil {
			s.close()
		}
	}
	os.Exit(code)
}

func startServers() (_ *servers, err error) {
	started.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s := &servers{template: "jari_" + strings.ToLower(rand.Text()[:12])}
	if s.databaseURL, s.redisURL, s.stop, err = private.Shared(ctx); err != nil {
		return nil, fmt.Errorf("servers for tests: %w", err)
	}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	if s.admin, err = pgx.Connect(ctx, s.databaseURL); err != nil {
		return nil, fmt.Errorf("connect to the test server: %w", err)
	}
	if _, err := s.admin.Exec(ctx, "CREATE DATABASE "+s.template); err != nil {
		return nil, fmt.Errorf("make the template: %w", err)
	}
	if _, err := db.Migrate(ctx, s.named(s.template)); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *servers) close() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, _ = s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+s.template+" WITH (FORCE)")
	_ = s.admin.Close(ctx)
	s.stop()
}

// named is the address of another database on the same server.
func (s *servers) named(name string) string {
	u, err := url.Parse(s.databaseURL)
	if err != nil {
		return s.databaseURL
	}
	u.Path = "/" + name
	return u.String()
}

// clone makes a database that begins as the source is.
func (s *servers) clone(ctx context.Context, source string) (string, error) {
	name := fmt.Sprintf("%s_%d", s.template, s.clones.Add(1))
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+source)
	return name, err
}

func (s *servers) drop(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	return err
}

// New makes a database for the test. It is dropped when the test ends.
func New(t testing.TB) *DB {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s.open(t, s.template, vault.NewMasterKey())
}

// Copy makes a database for the test with everything that is in d. It closes d's pools, because PostgreSQL copies only a
// database that nobody uses: d is good for nothing but further copies from then on.
func (d *DB) Copy(t testing.TB) *DB {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	d.Pool.Close()
	d.Admin.Close()
	return s.open(t, d.name, d.MasterKey)
}

func (s *servers) open(t testing.TB, source, masterKey string) *DB {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	name, err := s.clone(ctx, source)
	if err != nil {
		t.Fatalf("copy a database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.drop(name); err != nil {
			t.Logf("drop the test's database: %v", err)
		}
	})
	d := &DB{name: name, URL: s.named(name), MasterKey: masterKey}
	if d.Master, err = vault.NewMaster(d.MasterKey); err != nil {
		t.Fatal(err)
	}
	if d.Pool, err = db.Open(d.URL, 12); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Pool.Close)
	cfg, err := pgxpool.ParseConfig(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg.MaxConns = 4
	if d.Admin, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Admin.Close)
	return d
}

// Exec runs a statement as the owner: for what no part of the program may do.
func (d *DB) Exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := d.Admin.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", strings.TrimSpace(sql), err)
	}
}

// Scan reads one row as the owner: dest are pointers to what the query selects.
func (d *DB) Scan(t testing.TB, sql string, args []any, dest ...any) {
	t.Helper()
	if err := d.Admin.QueryRow(t.Context(), sql, args...).Scan(dest...); err != nil {
		t.Fatalf("%s: %v", strings.TrimSpace(sql), err)
	}
}

// Redis is the address of an empty Redis database that nobody else has been given, not even another process.
func Redis(t testing.TB) string {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	address, err := private.RedisDatabase(t.Context(), s.redisURL)
	if err != nil {
		t.Fatal(err)
	}
	return address
}
