// Package db is Jari on PostgreSQL: migrations, the group-commit intake, the clock, and the adapters of the desk's and the
// jobs' ports. PostgreSQL is the truth; everything else may be lost.
//
// Start with migrations/00001_house.sql, then intake.go (how an application is stored), seal.go (how it gets its place),
// assign.go (how it gets its slot) and outbox_*.go (how the person is told).
package db

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Role is the database role that the program works under: it may add to the audit trail but never change it.
const Role = "jari_app"

// writeTimeout bounds one short write. It is longer than the statement timeout, so that the server gives up first and
// the connection stays usable.
const writeTimeout = 8 * time.Second

// Open connects a pool. maxConns bounds the connections of this process. The server itself is not asked yet: a process
// must be able to start while PostgreSQL is away. The error is about the settings only.
func Open(url string, maxConns int32) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read DATABASE_URL: it is not a PostgreSQL address: %w", maskURL(err))
	}
	cfg.MaxConns = maxConns
	cfg.MinIdleConns = min(2, maxConns)
	cfg.MaxConnLifetime = time.Hour
	cfg.MaxConnLifetimeJitter = 10 * time.Minute
	cfg.PingTimeout = 2 * time.Second
	p := cfg.ConnConfig.RuntimeParams
	p["application_name"] = "jari"
	p["timezone"] = "UTC"
	p["statement_timeout"] = "6000"
	p["lock_timeout"] = "4000"
	p["idle_in_transaction_session_timeout"] = "10000"
	cfg.ConnConfig.ConnectTimeout = 3 * time.Second
	// In the middle of a COPY PostgreSQL waits for its client whatever the timeouts say: a worker whose machine is gone would hold its pool
	// for as long as the system lets a silent connection stand, which is two hours.
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SET ROLE "+Role+"; SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3")
		return err
	}
	return pgxpool.NewWithConfig(context.Background(), cfg)
}

// maskURL keeps a malformed address, which may hold a password, out of error texts.
func maskURL(err error) error {
	var pe *pgconn.ParseConfigError
	if errors.As(err, &pe) {
		return errors.New("expected postgres://user:password@host:port/name")
	}
	return err
}

// Migrate brings the schema up to date. Several at once are safe: one works, the others wait. It returns the version.
func Migrate(ctx context.Context, url string) (int64, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return 0, fmt.Errorf("read DATABASE_URL: %w", maskURL(err))
	}
	sqldb := stdlib.OpenDB(*cfg)
	defer func() { _ = sqldb.Close() }()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return 0, err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return 0, err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, sqldb, files, goose.WithSessionLocker(locker))
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return 0, fmt.Errorf("migrate the database: %w", err)
	}
	return p.GetDBVersion(ctx)
}

// SchemaVersion is the version that this program needs.
func SchemaVersion() int64 {
	names, _ := fs.Glob(migrations, "migrations/*.sql")
	last, _, _ := strings.Cut(strings.TrimPrefix(slices.Max(names), "migrations/"), "_")
	n, _ := strconv.ParseInt(last, 10, 64)
	return n
}

// CheckSchema returns an error that says what to do when the database is behind (or away).
func CheckSchema(ctx context.Context, pool *pgxpool.Pool) error {
	var v int64
	err := pool.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&v)
	if sqlState(err) == pgerrcode.UndefinedTable {
		v, err = 0, nil
	}
	if err != nil {
		return fmt.Errorf("ask PostgreSQL for the schema version: %w", err)
	}
	if v < SchemaVersion() {
		return fmt.Errorf("the database schema has version %d, this program needs %d: run jari migrate", v, SchemaVersion())
	}
	return nil
}

// Away reports whether an error means that PostgreSQL is away, full, shutting down or hanging, and not that a statement
// is wrong: doing it again later can help.
func Away(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, pgx.ErrNoRows) {
		return false
	}
	if s := sqlState(err); s != "" {
		return pgerrcode.IsConnectionException(s) || pgerrcode.IsInsufficientResources(s) || pgerrcode.IsOperatorIntervention(s) || s == pgerrcode.LockNotAvailable
	}
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) || errors.As(err, &connect) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || pgconn.Timeout(err)
}

func sqlState(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}

// again reports whether a transaction failed for a reason that goes away by doing it again: a deadlock, a serialization
// failure, or a plan made stale by a migration.
func again(err error) bool {
	switch sqlState(err) {
	case pgerrcode.DeadlockDetected, pgerrcode.SerializationFailure, pgerrcode.FeatureNotSupported:
		return true
	}
	return false
}

// write runs a short transaction to its end even if the caller hangs up: a context that ends in the middle would close
// the connection, and a storm of them starves the pool. It is tried three times when that can help.
func write(ctx context.Context, pool *pgxpool.Pool, f func(ctx context.Context, tx pgx.Tx) error) error {
	return writeWithin(ctx, pool, writeTimeout, f)
}

// writeWithin is write with a time limit of its own, for bulk work.
func writeWithin(ctx context.Context, pool *pgxpool.Pool, limit time.Duration, f func(ctx context.Context, tx pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	return retried(ctx, func() error {
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			if limit > writeTimeout {
				if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL statement_timeout = %d", limit.Milliseconds())); err != nil {
					return err
				}
			}
			return f(ctx, tx)
		})
	})
}

// retried runs a transaction up to three times, as long as doing it again can help.
func retried(ctx context.Context, run func() error) error {
	var err error
	for attempt := range 3 {
		if err = run(); err == nil || !again(err) {
			return err
		}
		pause := time.NewTimer(time.Duration(attempt+1)*5*time.Millisecond + rand.N(5*time.Millisecond)) //nolint:gosec // jitter
		select {
		case <-ctx.Done():
			pause.Stop()
			return err
		case <-pause.C:
		}
	}
	return err
}

// repeat runs something at once and then every interval until the context ends, for limit at most each time. Errors are passed
// to report, and the next time is awaited.
func repeat(ctx context.Context, every, limit time.Duration, report func(error), run func(ctx context.Context) error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		once, cancel := context.WithTimeout(ctx, limit)
		if err := run(once); err != nil && ctx.Err() == nil {
			report(err)
		}
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// lockName takes a lock that ends with the transaction, on what has no row of its own: an operation that is not recorded yet,
// what is counted before it is added to, a provider's id, which a receipt may bring before we know whose it is.
func lockName(ctx context.Context, tx pgx.Tx, name string) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, name)
	return err
}

// lockNames is lockName for several, in an order that all keep to.
func lockNames(ctx context.Context, tx pgx.Tx, names []string) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(k) FROM (SELECT DISTINCT hashtextextended(n, 0) AS k FROM unnest($1::text[]) AS n ORDER BY 1) t`, names)
	return err
}
