package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"jari/booking"
	"jari/cmd/jari/crowd"
	"jari/db/dbtest"
)

// faultRun lets a crowd through separate processes while something is done to them, and then holds the laws against what
// the database and the phones say.
func faultRun(t *testing.T, people int, trouble func(ctx context.Context, w *town, workers []*process)) {
	t.Helper()
	w := newTown(t, dbtest.BeforeOffer, dbtest.Capacity(people), func(c *booking.Campaign) {
		// People as the crowd invents them: those born in 1999 are refused, and no birth year is of two centuries.
		c.Cohorts[0].BornFrom, c.Cohorts[0].BornTo = booking.Date{Year: 1930, Month: 1, Day: 1}, booking.Date{Year: 1990, Month: 12, Day: 31}
	})
	w.start("serve")
	workers := []*process{w.start("work"), w.start("work")}
	w.untilServing()
	token := agentToken(w)
	cr := crowd.New(crowd.Config{
		People: people, Seed: 7, URL: w.apiURL, AgentToken: token, Campaign: w.campaign.Campaign, Phones: w.phones, At: 32, Over: 8 * time.Second,
	})
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		cr.Run(ctx)
	}()
	trouble(ctx, w, workers)
	<-done
	d := &demoHouse{api: &apiProcess{engine: &engine{house: &house{pool: w.db.Pool}}}}
	expected := expectedIDs(w.campaign, cr.Expected())
	var got, last account
	still := 0
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what became of the crowd: %+v\n%s", got, w.unfinished(expected))
			w.logLost(cr.Expected())
		}
	})
	w.until("everybody to be accounted for", 2*time.Minute, func() bool {
		var err error
		if got, err = d.account(t.Context(), w.campaign, expected); err != nil {
			t.Fatal(err)
		}
		if still++; got != last {
			still, last = 0, got
		}
		return got.settled() && still > 40
	})
	w.audited()
	w.eachTextOnce()
	for door, tally := range cr.Tallies() {
		if tally.Failed > 0 {
			t.Errorf("%d people at the door %s never got an answer", tally.Failed, door)
		}
	}
}

// unfinished says, for a failed run, in which states people and messages stopped.
func (w *town) unfinished(expected [][16]byte) string {
	var s string
	err := w.db.Admin.QueryRow(context.Background(), `
SELECT concat_ws(E'\n', (SELECT 'texts: ' || string_agg(kind || ' ' || state || ' ' || n, ', ') FROM (SELECT kind, state, count(*) n FROM message GROUP BY 1, 2) m),
    (SELECT 'people: ' || string_agg(door || ' verified=' || v || ' appointment=' || a || ' ' || n, ', ') FROM (
        SELECT r.door, EXISTS (SELECT FROM verification v WHERE v.registration_id = r.id) v, coalesce((SELECT max(state) FROM appointment a WHERE a.registration_id = r.id), '-') a, count(*) n
        FROM registration r WHERE r.id = ANY($1) GROUP BY 1, 2, 3) p),
    (SELECT 'inbound not handled: ' || count(*) FROM inbound WHERE handled_at IS NULL))`, expected).Scan(&s)
	if err != nil {
		return err.Error()
	}
	return s
}

// logLost shows what the phones of those without an entry were told. They are invented people.
func (w *town) logLost(people []booking.Person) {
	for _, p := range people {
		var there bool
		id := expectedIDs(w.campaign, []booking.Person{p})
		err := w.db.Admin.QueryRow(context.Background(), `SELECT EXISTS (SELECT FROM registration WHERE id = $1)`, id[0]).Scan(&there)
		if err == nil && !there {
			for _, e := range w.phones.Inbox(p.Phone) {
				w.t.Logf("lost: %s %s was told %q", p.Name, p.Born, e.Body)
			}
		}
	}
}

func agentToken(w *town) string {
	w.t.Helper()
	out := &lockedBuffer{}
	env := map[string]string{}
	for _, e := range environment(w.config) {
		k, v, _ := strings.Cut(e, "=")
		env[k] = v
	}
	if err := run(w.t.Context(), []string{"agent", "add", "test", "Test agent"}, func(k string) string { return env[k] }, out, out); err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(out.String())
}

// eachTextOnce compares what the handsets showed with the messages: every text once, or as often as it is counted as a
// known double. A text carries its message's reference, so a second copy of one message has the same body.
func (w *town) eachTextOnce() {
	w.t.Helper()
	shown := map[string]int{}
	for _, e := range w.phones.Log() {
		if strings.HasPrefix(e.Body, "[자리] ") || strings.HasPrefix(e.Body, "Jari: ") { // not what the provider says to STOP
			shown[e.To.E164()+"\n"+e.Body]++
		}
	}
	copies := 0
	for _, n := range shown {
		copies += n - 1
	}
	var known, reached int
	w.db.Scan(w.t, `SELECT (SELECT coalesce(sum(extra), 0) FROM send_attempt), (SELECT count(*) FROM message
		WHERE provider_id IS NOT NULL AND state NOT IN ('undelivered', 'failed'))`, nil, &known, &reached)
	if copies > known {
		w.t.Errorf("%d texts were shown a second time, %d of them are known", copies, known)
	}
	if len(shown) != reached {
		w.t.Errorf("the phones showed %d different texts, %d messages were accepted and not reported as undelivered", len(shown), reached)
	}
	if reached == 0 {
		w.t.Error("no text reached any phone: nothing was tried")
	}
}

func TestRedisLosesEverything(t *testing.T) {
	t.Parallel()
	faultRun(t, 250, func(ctx context.Context, w *town, _ []*process) {
		o, err := redis.ParseURL(w.config.RedisURL)
		if err != nil {
			t.Fatal(err)
		}
		c := redis.NewClient(o)
		defer func() { _ = c.Close() }()
		for range 8 {
			pause(ctx, time.Second)
			if err := c.FlushAll(ctx).Err(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestWorkersAreKilled(t *testing.T) {
	t.Parallel()
	faultRun(t, 250, func(ctx context.Context, w *town, workers []*process) {
		for i := range 4 {
			pause(ctx, 1500*time.Millisecond)
			workers[i%2].kill()
			workers[i%2] = w.start("work")
		}
	})
}

func TestTheProviderHangs(t *testing.T) {
	t.Parallel()
	faultRun(t, 250, func(ctx context.Context, w *town, _ []*process) {
		for range 4 {
			pause(ctx, time.Second)
			w.phones.HangNext(5)
			w.phones.SlowDownNext(5)
			w.phones.BreakNext(3)
		}
		faults := w.phones.Faults()
		faults.RateReceiptTwice, faults.RateReceiptShuffled = 0.3, 0.3
		if err := w.phones.SetFaults(faults); err != nil {
			t.Error(err)
		}
	})
}

// pause lets the run go on for a while before the next trouble: what happens in that time differs from run to run, and
// the laws must hold in all of them.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
