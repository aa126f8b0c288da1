package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// lookup is where names are looked for. It begins with public, because that is where tables are made; there is no clock, so the
// clock of the schema sandbox is found before PostgreSQL's own.
const lookup = "public,sandbox,pg_catalog"

// schema is a second clock. PostgreSQL's remains the clock: this one is ahead of it by what stands in one row, and
// everything in this database that asks for the time by its plain name asks this one.
const schema = `
CREATE SCHEMA sandbox;
CREATE TABLE sandbox.clock (forward interval NOT NULL);
CREATE FUNCTION sandbox.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT pg_catalog.clock_timestamp() + (SELECT forward FROM sandbox.clock)';
CREATE FUNCTION sandbox.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT pg_catalog.statement_timestamp() + (SELECT forward FROM sandbox.clock)';
CREATE FUNCTION sandbox.transaction_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT pg_catalog.transaction_timestamp() + (SELECT forward FROM sandbox.clock)';
CREATE FUNCTION sandbox.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT pg_catalog.now() + (SELECT forward FROM sandbox.clock)';
GRANT USAGE ON SCHEMA sandbox TO PUBLIC;
GRANT SELECT ON sandbox.clock TO PUBLIC;`

// follow makes the functions that the migrations have tied to a path of their own look for the clock as everybody does.
const follow = `
DO $$ DECLARE f regprocedure; BEGIN
    FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND EXISTS (SELECT FROM unnest(proconfig) s WHERE s LIKE 'search_path=%') LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = public, sandbox, pg_catalog, pg_temp', f);
    END LOOP;
END $$`

// Prepare makes the clock in an empty database, before anything else is made there, and returns the address under which
// everybody must use the database from now on. The clock then shows what start makes of PostgreSQL's time, which must not be earlier.
func Prepare(ctx context.Context, address string, start func(real time.Time) time.Time) (string, error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", fmt.Errorf("make the sandbox's clock: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var now time.Time
	if err := conn.QueryRow(ctx, `SELECT pg_catalog.clock_timestamp()`).Scan(&now); err != nil {
		return "", fmt.Errorf("make the sandbox's clock: %w", err)
	}
	forward := start(now).Sub(now)
	if forward < 0 {
		return "", errors.New("the sandbox's clock cannot run behind PostgreSQL's")
	}
	if _, err := conn.Exec(ctx, schema); err != nil {
		return "", fmt.Errorf("make the sandbox's clock: %w", err)
	}
	if _, err := conn.Exec(ctx, `INSERT INTO sandbox.clock (forward) VALUES (make_interval(secs => $1))`, forward.Seconds()); err != nil {
		return "", fmt.Errorf("set the sandbox's clock: %w", err)
	}
	return withPath(address)
}

// withPath names the path in the address itself, so that every connection has it, whoever makes it.
func withPath(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", errors.New("the address of PostgreSQL cannot be read: expected postgres://user:password@host:5432/name") // the error would quote the password
	}
	q := u.Query()
	q.Set("options", strings.TrimSpace(q.Get("options")+" -c search_path="+lookup))
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // PostgreSQL's own programs take a plus sign for itself
	return u.String(), nil
}

// Follow makes what the migrations have made follow the clock. It is called after them.
func Follow(ctx context.Context, address string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("make the database follow the sandbox's clock: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, follow); err != nil {
		return fmt.Errorf("make the database follow the sandbox's clock: %w", err)
	}
	return nil
}
