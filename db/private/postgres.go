package private

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	postgresUser     = "jari"
	postgresDatabase = "jari"
)

// PostgresOptions says how to start a PostgreSQL.
type PostgresOptions struct {
	// Dir holds everything of the server: the data folder "data" and, beside it, the password and the server's log.
	// It is made when it is not there. What is in it from an earlier run is used again. Required.
	Dir string
	// Durable makes a commit wait for the disk, as in production. Without it commits are quicker and a crash of the
	// machine (not of the server) can lose them: for tests.
	Durable bool
	// Temporary makes Stop remove the folder with everything in it.
	Temporary bool
	// Settings are added to the server's settings and win over those of this package.
	Settings map[string]string
	// Port to listen on. Defaults to one that is free, another one at each start.
	Port int
}

// Postgres is a running PostgreSQL of our own.
type Postgres struct {
	server
	data      string
	temporary bool
}

// StartPostgres starts a PostgreSQL and returns when it answers and has the database that URL names. It ends with this
// process at the latest. An error that is [ErrMissing] says that PostgreSQL is not installed.
func StartPostgres(ctx context.Context, options PostgresOptions) (*Postgres, error) {
	p := &Postgres{temporary: options.Temporary}
	if err := p.open(ctx, options); err != nil {
		return nil, fmt.Errorf("start a private PostgreSQL: %w", err)
	}
	return p, nil
}

func (p *Postgres) open(ctx context.Context, options PostgresOptions) (err error) {
	as, err := serverAccount()
	if err != nil {
		return err
	}
	dir, err := enterableFolder(options.Dir, as)
	if err != nil {
		return err
	}
	if p.server, err = newServer(dir, as); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = p.release()
		}
	}()
	p.data = filepath.Join(dir, "data")
	major, err := dataMajor(p.data)
	if err != nil {
		return err
	}
	programs, err := findPostgres(ctx, major)
	if err != nil {
		return err
	}
	if err := clearStalePid(ctx, p.data); err != nil {
		return err
	}
	password, err := keptPassword(dir)
	if err != nil {
		return err
	}
	if major == 0 {
		if err := initialise(ctx, programs, dir, p.data, password, as, options.Durable); err != nil {
			return err
		}
	}
	return p.start(ctx, options.Port, "postgres.log", func(port int) program {
		args := []string{"-D", p.data}
		for _, setting := range postgresSettings(port, options) {
			args = append(args, "-c", setting)
		}
		// SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
		return program{exec.Command(programs.postgres(), args...), syscall.SIGINT, postgresURL(port, password, postgresDatabase),
			func(ctx context.Context) error { return ensureDatabase(ctx, postgresURL(port, password, "postgres")) }}
	})
}

func postgresURL(port int, password, database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(postgresUser, password),
		Host: "127.0.0.1:" + strconv.Itoa(port), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// ensureDatabase connects, which shows that the server is ready, and makes our database if it is not there.
func ensureDatabase(ctx context.Context, maintenanceURL string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, maintenanceURL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var exists bool
	const query = "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)"
	if err := conn.QueryRow(ctx, query, postgresDatabase).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+postgresDatabase)
	return err
}

// FreshDatabase makes an empty database of the name on a server, in place of an earlier one that nobody uses any more, and returns its
// address. One that is in use is left as it is: two programs on one server must not empty it under each other.
func FreshDatabase(ctx context.Context, server, name string) (string, error) {
	address, err := url.Parse(server)
	if err != nil || address.Host == "" {
		return "", errors.New("the address of PostgreSQL cannot be read: expected postgres://user:password@host:5432/name") // the error would quote the password
	}
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", fmt.Errorf("make the database %s: %w", name, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name} {
		_, err := conn.Exec(ctx, sql)
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code == pgerrcode.ObjectInUse {
			return "", fmt.Errorf("the database %s on this server is in use by another running process: stop that one, or name another server", name)
		}
		if err != nil {
			return "", fmt.Errorf("make the database %s: %w", name, err)
		}
	}
	address.Path = "/" + name
	return address.String(), nil
}

// postgresSettings are the server's settings as "name=value".
func postgresSettings(port int, options PostgresOptions) []string {
	settings := map[string]string{
		"listen_addresses":        "127.0.0.1",
		"port":                    strconv.Itoa(port),
		"unix_socket_directories": "", // a socket needs no password where it could be reached
		"max_connections":         "200",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"jit":                     "off",   // all our queries are short; compiling them costs more than it gains
		"log_error_verbosity":     "terse", // details quote the rows, which are people's
	}
	if !options.Durable {
		settings["fsync"] = "off"
		settings["full_page_writes"] = "off"
	}
	maps.Copy(settings, options.Settings)
	list := make([]string, 0, len(settings))
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		list = append(list, name+"="+settings[name])
	}
	return list
}

// Stop shuts the server down without waiting for its clients; when ctx ends first, harder. The data stays,
// unless it was to be temporary.
func (p *Postgres) Stop(ctx context.Context) error {
	err := p.Process.Stop(ctx, syscall.SIGINT, syscall.SIGQUIT)
	if p.temporary && p.State() != nil {
		err = errors.Join(err, os.RemoveAll(p.dir))
	}
	return errors.Join(err, p.release())
}

// Kill ends the server as a crash would, and returns when nothing of it is left, so that it can be started again on the
// same folder. For tests of what a crash does.
func (p *Postgres) Kill() error {
	p.Process.Kill()
	// Its children notice by themselves, a moment later.
	_, err := waitUnused(context.Background(), p.data, p.Pid())
	return errors.Join(err, p.release())
}
