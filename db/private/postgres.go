package private

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
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
	// Log gets a line on what happens. Defaults to none.
	Log *slog.Logger
}

// Postgres is a running PostgreSQL of our own.
type Postgres struct {
	process   *process
	dir       string
	data      string
	url       string
	temporary bool
	lock      *os.File
	unlock    once
}

// StartPostgres starts a PostgreSQL and returns when it answers and has the database that URL names. It ends with this
// process at the latest. An error that is [ErrMissing] says that PostgreSQL is not installed.
func StartPostgres(ctx context.Context, options PostgresOptions) (_ *Postgres, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("start a private PostgreSQL: %w", err)
		}
	}()
	if options.Dir == "" {
		return nil, errors.New("no folder was given")
	}
	log := options.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	as, err := serverAccount()
	if err != nil {
		return nil, err
	}
	dir, err := enterableFolder(options.Dir, as, log)
	if err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			lock.Close()
		}
	}()

	data := filepath.Join(dir, "data")
	major, err := dataMajor(data)
	if err != nil {
		return nil, err
	}
	programs, err := findPostgres(ctx, major)
	if err != nil {
		return nil, err
	}
	if err := clearStalePid(ctx, data); err != nil {
		return nil, err
	}
	password, err := keptPassword(dir)
	if err != nil {
		return nil, err
	}
	if major == 0 {
		if err := initialise(ctx, programs, dir, data, password, as, options.Durable); err != nil {
			return nil, err
		}
	}
	p := &Postgres{dir: dir, data: data, temporary: options.Temporary, lock: lock}
	if err := p.start(ctx, programs, as, password, options); err != nil {
		return nil, err
	}
	log.Info("PostgreSQL runs", "version", programs.major, "folder", dir, "pid", p.Pid(), "durable", options.Durable)
	return p, nil
}

// start runs the server, again on another port when somebody was quicker at the first.
func (p *Postgres) start(ctx context.Context, programs postgresPrograms, as account, password string, options PostgresOptions) error {
	logPath := filepath.Join(p.dir, "postgres.log")
	for attempt := 1; ; attempt++ {
		port := options.Port
		if port == 0 {
			var err error
			if port, err = freePort(ctx); err != nil {
				return err
			}
		}
		err := p.startOn(ctx, port, programs, as, password, logPath, options)
		if err == nil {
			return nil
		}
		taken := errors.Is(err, errEndedEarly) && portTaken(ctx, port)
		switch {
		case taken && options.Port != 0:
			return fmt.Errorf("port %d is taken", port)
		case taken && attempt < portAttempts:
			continue
		}
		return fmt.Errorf("%w; the end of its log (%s):\n%s", err, logPath, lastLines(logPath))
	}
}

func (p *Postgres) startOn(ctx context.Context, port int, programs postgresPrograms, as account, password, logPath string, options PostgresOptions) error {
	logFile, err := openLog(logPath)
	if err != nil {
		return err
	}
	defer logFile.Close() // the server has its own by then

	args := []string{"-D", p.data}
	for _, setting := range postgresSettings(port, options) {
		args = append(args, "-c", setting)
	}
	cmd := exec.Command(programs.postgres(), args...)
	cmd.Dir = "/"
	cmd.Env = serverEnvironment()
	cmd.Stdout, cmd.Stderr = logFile, logFile
	as.runAs(cmd)
	// SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
	if p.process, err = startProcess(cmd, syscall.SIGINT); err != nil {
		return err
	}
	p.url = postgresURL(port, password, postgresDatabase)
	err = p.process.waitReady(ctx, func(ctx context.Context) error {
		return ensureDatabase(ctx, postgresURL(port, password, "postgres"))
	})
	if err != nil && !p.process.ended() {
		p.process.kill()
	}
	return err
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
	for name, value := range settings {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// serverEnvironment has none of this process's variables: PGDATA and others would change what the server does, and
// secrets have no business there.
func serverEnvironment() []string {
	return []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
}

// URL is the connection string for the database, with the password: treat it as a secret.
func (p *Postgres) URL() string { return p.url }

// Pid is the process id of the server's first process.
func (p *Postgres) Pid() int { return p.process.pid() }

// Dir is the folder in use. It differs from the one asked for when the server's user could not enter that.
func (p *Postgres) Dir() string { return p.dir }

// Done is closed when the server has ended, whatever ended it.
func (p *Postgres) Done() <-chan struct{} { return p.process.done }

// Stop shuts the server down without waiting for its clients; when ctx ends first, harder. The data stays,
// unless it was to be temporary.
func (p *Postgres) Stop(ctx context.Context) error {
	err := p.process.stop(ctx, syscall.SIGINT, syscall.SIGQUIT)
	if p.temporary && p.process.ended() {
		err = errors.Join(err, os.RemoveAll(p.dir))
	}
	return errors.Join(err, p.release())
}

// Kill ends the server as a crash would, and returns when nothing of it is left, so that it can be started again on the
// same folder. For tests of what a crash does.
func (p *Postgres) Kill() error {
	p.process.kill()
	// Its children notice by themselves, a moment later.
	_, err := waitUnused(context.Background(), p.data, p.Pid())
	return errors.Join(err, p.release())
}

func (p *Postgres) release() error {
	return p.unlock.do(p.lock.Close)
}
