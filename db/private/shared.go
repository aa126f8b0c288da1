package private

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// The variables that hand running servers to tests. The tests empty what they are given, so these are never the
// variables that a system in use reads.
const (
	TestDatabaseURL = "JARI_TEST_DATABASE_URL"
	TestRedisURL    = "JARI_TEST_REDIS_URL"
)

// stopLimit is how long stopping a pair of servers may take in all.
const stopLimit = 20 * time.Second

// pairPrefix begins the names of the temporary folders of pairs.
const pairPrefix = "jari-servers-"

// Pair is a PostgreSQL and a Redis that live in one temporary folder, for tests.
type Pair struct {
	Postgres *Postgres
	Redis    *Redis
	folder   string
}

// StartPair starts both servers in a new temporary folder, quick rather than durable. Stop removes the folder.
func StartPair(ctx context.Context) (_ *Pair, err error) {
	removeAbandoned(filepath.Join(os.TempDir(), pairPrefix+"*"), time.Now().Add(-time.Hour))
	folder, err := os.MkdirTemp("", pairPrefix)
	if err != nil {
		return nil, err
	}
	pair := &Pair{folder: folder}
	defer func() {
		if err != nil {
			err = errors.Join(err, pair.Stop())
		}
	}()
	// A shared folder below which each server has its own must let the servers' user through too.
	if err := os.Chmod(folder, 0o711); err != nil { //nolint:gosec // passing through is the purpose
		return nil, err
	}
	pair.Postgres, err = StartPostgres(ctx, PostgresOptions{
		Dir: filepath.Join(folder, "postgres"), Temporary: true,
		// Test packages run at the same time, each with several pools.
		Settings: map[string]string{"max_connections": "500"},
	})
	if err != nil {
		return nil, err
	}
	if pair.Redis, err = StartRedis(ctx, RedisOptions{Dir: filepath.Join(folder, "redis")}); err != nil {
		return nil, err
	}
	return pair, nil
}

// Stop ends both servers and removes their folder.
func (p *Pair) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	var errs []error
	if p.Redis != nil {
		errs = append(errs, p.Redis.Stop(ctx))
	}
	if p.Postgres != nil {
		errs = append(errs, p.Postgres.Stop(ctx))
	}
	return errors.Join(append(errs, os.RemoveAll(p.folder))...)
}

// removeAbandoned removes the folders of pairs whose process was killed and could not do so: last changed before the
// given time, and with nobody holding the lock in them.
func removeAbandoned(pattern string, before time.Time) {
	folders, err := filepath.Glob(pattern)
	if err != nil {
		return // a fixed pattern: cannot happen
	}
	for _, folder := range folders {
		info, err := os.Lstat(folder)
		if err != nil || !info.IsDir() || info.ModTime().After(before) {
			continue
		}
		// Another user's folder cannot be locked by us, so it stays.
		if lock, err := lockFolder(filepath.Join(folder, "postgres")); err == nil {
			_ = os.RemoveAll(folder) // what is left is tried again next time
			lock.Close()
		}
	}
}

// Shared gives a test package its servers: those named in the environment (`make test` starts one pair for all
// packages), or a pair of its own. Call it once, in TestMain, and stop when the tests are done. Other packages may be
// using the same servers at the same time: make a database for each test in the one, and take a database number for
// each from [RedisDatabase] in the other. A test that harms a server starts its own.
func Shared(ctx context.Context) (databaseURL, redisURL string, stop func(), err error) {
	databaseURL, redisURL = os.Getenv(TestDatabaseURL), os.Getenv(TestRedisURL)
	if databaseURL != "" && redisURL != "" {
		return databaseURL, redisURL, func() {}, nil
	}
	if databaseURL != "" || redisURL != "" {
		return "", "", nil, fmt.Errorf("set both %s and %s, or neither", TestDatabaseURL, TestRedisURL)
	}
	pair, err := StartPair(ctx)
	if err != nil {
		return "", "", nil, err
	}
	// Nothing is lost if stopping fails: the servers end with this process.
	return pair.Postgres.URL(), pair.Redis.URL(), func() { _ = pair.Stop() }, nil
}

// RedisDatabase is the URL of a numbered database on the same Redis that no other caller has been given, not even in
// another process. It is empty on a Redis that was started for this run of the tests.
func RedisDatabase(ctx context.Context, redisURL string) (string, error) {
	options, err := redis.ParseURL(redisURL)
	if err != nil {
		return "", errors.New("the Redis URL cannot be read") // the error would quote the password
	}
	options.DB = 0
	client := redis.NewClient(options)
	defer client.Close()
	number, err := client.Incr(ctx, "jari:test:last-database").Result()
	if err != nil {
		return "", fmt.Errorf("take a Redis database: %w", err)
	}
	address, err := url.Parse(redisURL)
	if err != nil {
		return "", errors.New("the Redis URL cannot be read")
	}
	address.Path = "/" + strconv.FormatInt(number, 10)
	return address.String(), nil
}
