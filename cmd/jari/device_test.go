package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// openDoor starts the API alone: what a worker would do, the test does when it wants it done.
func (w *town) openDoor() {
	w.t.Helper()
	api, err := newAPI(context.WithoutCancel(w.t.Context()), w.config, slog.New(slog.DiscardHandler))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		stop, cancel := context.WithTimeout(context.Background(), stopTime)
		defer cancel()
		if err := api.Stop(stop); err != nil {
			w.t.Errorf("stop the API: %v", err)
		}
	})
	w.untilServing()
}

// holdRound announces the places of so many people and holds one round.
func (w *town) holdRound(people int) {
	w.t.Helper()
	sealer, assigner := db.NewSealer(w.db.Pool, w.campaigns, 500), db.NewAssigner(w.db.Pool, w.campaigns, 500)
	w.until("everybody to have a place", time.Minute, func() bool {
		if _, err := sealer.SealAll(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		var n int
		w.db.Scan(w.t, `SELECT count(*) FROM place`, nil, &n)
		return n >= people
	})
	pools, err := assigner.Pools(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range pools {
		if _, err := assigner.RunRound(w.t.Context(), p, "test"); err != nil {
			w.t.Fatal(err)
		}
	}
}

// appPhone is a device that runs the contract's client with a clock of its own, which moves only when the device would wait.
type appPhone struct {
	w      *town
	client *client.Client
	store  *client.Memory

	mu  sync.Mutex
	now time.Time
}

// newAppPhone makes a device that reaches the server through a transport. dice is its chance; it always draws the same.
func (w *town) newAppPhone(line client.Transport) *appPhone {
	w.t.Helper()
	p := &appPhone{w: w, store: &client.Memory{}, now: time.Now()}
	var err error
	p.client, err = client.Open(p.store, line, client.Outside{Now: p.clock, Dice: func() float64 { return 0.5 }})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// overHTTP reaches a server with a connection for each request, as a phone does that is mostly asleep.
func overHTTP(base string) *client.HTTP {
	line := client.NewHTTP(base, "ko")
	line.Client.Transport = &http.Transport{DisableKeepAlives: true}
	return line
}

func (p *appPhone) clock() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *appPhone) wait(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = p.now.Add(d)
}

// form is what is typed about a person.
func form(p booking.Person) client.Form {
	return client.Form{Person: contract.Person{Name: p.Name, BirthDate: p.Born.String(), Phone: p.Phone.E164()}, Region: dbtest.Region, Lang: "ko"}
}

// mostSyncs bounds how often a device tries before a test gives up.
const mostSyncs = 300

// until syncs until the device knows something. Waiting costs no time.
func (p *appPhone) until(ctx context.Context, what string, known func(*client.State) bool) error {
	var last error
	for range mostSyncs {
		wait, err := p.client.Sync(ctx)
		if err != nil {
			last = err
		}
		s, err := p.client.State()
		if err != nil {
			return err
		}
		if known(s) {
			return nil
		}
		p.wait(wait)
	}
	return fmt.Errorf("after %d syncs still not %s (last trouble: %w)", mostSyncs, what, last)
}

// handIn syncs until nothing is left to be sent.
func (p *appPhone) handIn(ctx context.Context) error {
	return p.until(ctx, "everything handed in", func(s *client.State) bool {
		for _, who := range s.People {
			if len(who.Outbox) > 0 {
				return false
			}
		}
		return true
	})
}

// look asks once more and until there is an answer.
func (p *appPhone) look(ctx context.Context) error {
	p.wait(25 * time.Hour)
	for range mostSyncs {
		wait, err := p.client.Sync(ctx)
		if err == nil {
			return nil
		}
		p.wait(wait)
	}
	return fmt.Errorf("no answer in %d syncs", mostSyncs)
}

// who is somebody on the device.
func (p *appPhone) who(id string) (client.Person, error) {
	s, err := p.client.State()
	if err != nil {
		return client.Person{}, err
	}
	for _, who := range s.People {
		if who.ID == id {
			return who, nil
		}
	}
	return client.Person{}, client.ErrNobody
}

// codeOf is the code that was texted to the phone on file: here it counts as sent when it is asked for.
func (p *appPhone) codeOf(ctx context.Context, reference contract.Reference) (string, error) {
	entry, device, err := p.w.campaign.Keys.ParseReference(reference)
	if err != nil {
		return "", err
	}
	var request int64
	err = p.w.db.Admin.QueryRow(ctx, `UPDATE code_request SET sent_at = clock_timestamp() WHERE id = (SELECT max(id) FROM code_request
		WHERE registration_id = $1 AND device = $2) RETURNING id`, [16]byte(entry), device[:]).Scan(&request)
	return p.w.campaign.Keys.Code(entry, request), err
}

func marshalled(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
