package jobs_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
	"jari/db/private"
	"jari/jobs"
)

// outboxWith makes an outbox with n pending messages to five people.
func outboxWith(t *testing.T, n int, opts ...dbtest.Options) (*dbtest.DB, *db.Outbox) {
	t.Helper()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d, opts...)
	intake := db.NewIntake(d.Pool, db.IntakeOptions{})
	defer intake.Close()
	people := make([][16]byte, 5)
	for i := range people {
		a := dbtest.Application(t, c, dbtest.Person(i), time.Now(), "secret")
		if _, err := intake.Store(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		people[i] = a.ID
	}
	seen := map[string]bool{}
	for i, made := 0, 0; made < n; i++ {
		dedup := "test/" + time.Duration(i).String()
		ref := c.Keys.MessageReference(dedup)
		if seen[ref] {
			continue // the count below goes by reference
		}
		seen[ref] = true
		d.Exec(t, `INSERT INTO message (campaign_id, registration_id, kind, dedup, reference, priority_at, due_at, state_at, created_at)
			VALUES ($1, $2, 'welcome', $3, $4, now(), now(), now(), now())`, c.ID, people[made%len(people)], dedup, ref)
		made++
	}
	return d, db.NewOutbox(d.Pool, set)
}

func count(t *testing.T, d *dbtest.DB, sql string) int {
	t.Helper()
	var n int
	d.Scan(t, sql, nil, &n)
	return n
}

// TestFlushAllInTheMiddle empties Redis again and again while messages go out: each one goes out once.
func TestFlushAllInTheMiddle(t *testing.T) {
	t.Parallel()
	const messages = 100
	d, outbox := outboxWith(t, messages, func(c *booking.Campaign) { c.Limits.TextsPerSecond = 40 })
	server, err := private.StartRedis(t.Context(), private.RedisOptions{Dir: filepath.Join(t.TempDir(), "redis")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Kill() })
	p := ports(&counted{})
	texts := &provider{sent: map[string]int{}}
	p.Outbox, p.Routes = outbox, by(texts)
	config := jobs.Config{
		Concurrency: 4, Relay: 100 * time.Millisecond, Sweep: 200 * time.Millisecond, Reconcile: 200 * time.Millisecond,
		QueuedAfter: time.Second, SendingAfter: 5 * time.Second,
	}
	for range 2 {
		startWorker(t, openRedis(t, server.URL()), config, p)
	}
	rdb := openRedis(t, server.URL())
	accepted := func() int { return count(t, d, `SELECT count(*) FROM message WHERE state = 'accepted'`) }
	for _, at := range []int{5, 25, 50, 80} {
		until(t, "messages sent", func() bool { return accepted() >= at })
		if err := rdb.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "all messages sent", func() bool { return accepted() == messages })
	texts.mu.Lock()
	defer texts.mu.Unlock()
	if len(texts.sent) != messages || texts.total != messages {
		t.Fatalf("%d texts of %d messages, want each of %d once", texts.total, len(texts.sent), messages)
	}
	if n := count(t, d, `SELECT count(*) FROM send_attempt`); n != messages {
		t.Fatalf("%d attempts, want %d", n, messages)
	}
}

// TestHangingProvider holds every call to the provider: places are sealed all the same, and Stop waits for the calls and
// stores their outcomes.
func TestHangingProvider(t *testing.T) {
	t.Parallel()
	d, outbox := outboxWith(t, 10)
	c := &counted{}
	p := ports(c)
	texts := &provider{sent: map[string]int{}, hold: make(chan struct{})}
	p.Outbox, p.Routes = outbox, by(texts)
	w, reg, _ := startWorker(t, openRedis(t, dbtest.Redis(t)), jobs.Config{Concurrency: 4, Seal: 100 * time.Millisecond}, p)
	until(t, "calls to the provider", func() bool { return texts.calls.Load() == 4 })
	before := c.sealed.Load()
	until(t, "seals meanwhile", func() bool { return c.sealed.Load() >= before+3 })
	soon, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := w.Stop(soon); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Stop did not wait for the calls: %v", err)
	}
	close(texts.hold)
	// The messages of one task were claimed together, and go out one after the other.
	until(t, "the outcomes of the calls", func() bool { return count(t, d, `SELECT count(*) FROM message WHERE state = 'accepted'`) == 10 })
	if n := count(t, d, `SELECT count(*) FROM message WHERE state = 'sending'`); n != 0 {
		t.Errorf("%d messages left in the middle", n)
	}
	stopWorker(t, w) // it waits for the first Stop's end
	if texts.calls.Load() != 10 {
		t.Errorf("%d calls to the provider", texts.calls.Load())
	}
	until(t, "ten messages counted", func() bool { return metric(t, reg, "jari_messages_total", "accepted") == 10 })
}

// TestTextThatCannotBeMade: a message without words ends on the agents' list, and no number or name in the log.
func TestTextThatCannotBeMade(t *testing.T) {
	t.Parallel()
	d, outbox := outboxWith(t, 1)
	d.Exec(t, `UPDATE message SET kind = 'nonsense'`)
	p := ports(&counted{})
	texts := &provider{sent: map[string]int{}}
	p.Outbox, p.Routes = outbox, by(texts)
	_, _, log := startWorker(t, openRedis(t, dbtest.Redis(t)), jobs.Config{}, p)
	until(t, "an escalation", func() bool { return count(t, d, `SELECT count(*) FROM escalation WHERE reason = 'refused'`) == 1 })
	if texts.calls.Load() != 0 {
		t.Error("the provider was called")
	}
	person := dbtest.Person(0)
	for _, secret := range []string{person.Name, person.Phone.E164(), strings.TrimPrefix(person.Phone.E164(), "+82")} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("personal data in the log: %s", log)
		}
	}
}

var (
	_ jobs.Outbox = (*db.Outbox)(nil)
	_ desk.Sender = (*provider)(nil)
)
