package client

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"jari/mobile-contract/contract"
)

// Client is a device: a state, the store that keeps it, and the way to the server. It is safe for concurrent use; one sync is under way at
// a time.
type Client struct {
	store     Store
	transport Transport
	outside   Outside
	syncing   chan struct{} // holds a token while a sync is under way

	mu        sync.Mutex
	state     *State
	saved     []byte            // as the store has it
	held      map[string]string // whom it has: the secrets by local id
	documents map[string]*document
}

// Outside is what a device takes from around it; a field that is left out is the real thing.
type Outside struct {
	Now    func() time.Time
	Random io.Reader
	Dice   func() float64
}

// stateName is under what name the state is stored.
const stateName = "state"

// Open reads what the store holds. It returns ErrDamaged or ErrNewer when that cannot be used; nothing is overwritten then.
func Open(store Store, transport Transport, outside Outside) (*Client, error) {
	if outside.Now == nil {
		outside.Now = time.Now
	}
	if outside.Random == nil {
		outside.Random = cryptorand.Reader
	}
	if outside.Dice == nil {
		outside.Dice = rand.Float64
	}
	c := &Client{store: store, transport: transport, outside: outside, syncing: make(chan struct{}, 1), documents: map[string]*document{}}
	b, restored, err := store.Load(stateName)
	if err != nil {
		return nil, fmt.Errorf("read what is stored: %w", err)
	}
	if b == nil {
		c.state = &State{Format: format}
		return c, nil
	}
	if c.state, err = decode(b); err != nil {
		return nil, err
	}
	c.hold(b)
	if restored {
		c.state.mistrust()
		c.state.note(Notice{Why: Restored})
		return c, c.commit()
	}
	return c, nil
}

// Write does what the person does. When it returns nil, everything that do wrote is on the disk; otherwise nothing of it was done. It
// returns do's error, or ErrNotSaved.
func (c *Client) Write(do func(Pen) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := Pen{State: c.state, Now: c.outside.Now(), Random: c.outside.Random, Dice: c.outside.Dice, Campaign: c.campaign}
	if err := do(p); err != nil {
		return errors.Join(err, c.undo())
	}
	return c.commit()
}

// commit stores the state, or goes back to the stored one.
func (c *Client) commit() error {
	b, err := encode(c.state)
	if err != nil {
		return errors.Join(err, c.undo())
	}
	if bytes.Equal(b, c.saved) {
		return nil
	}
	if err := c.store.Save(stateName, b, c.forgets()); err != nil {
		return errors.Join(fmt.Errorf("%w: %w", ErrNotSaved, err), c.undo())
	}
	c.hold(b)
	return nil
}

// forgets reports whether somebody who is stored is not in the state any more, or with another secret.
func (c *Client) forgets() bool {
	for id, secret := range c.held {
		if now := c.state.person(id); now == nil || now.Secret != secret {
			return true
		}
	}
	return false
}

// hold remembers whom the stored state holds.
func (c *Client) hold(b []byte) {
	c.saved, c.held = b, map[string]string{}
	for _, p := range c.state.People {
		c.held[p.ID] = p.Secret
	}
}

func (c *Client) undo() error {
	if c.saved == nil {
		c.state = &State{Format: format}
		return nil
	}
	s, err := decode(c.saved)
	if err == nil {
		c.state = s
	}
	return err
}

// State is a copy of what the device knows.
func (c *Client) State() (*State, error) {
	c.mu.Lock()
	b := c.saved
	c.mu.Unlock()
	if b == nil {
		return &State{Format: format}, nil
	}
	return decode(b)
}

// Sync sends what is due and fetches what has changed, in one request, and says in how long there will be something to do again. An error
// says why the request had no usable answer or the answer could not be stored; nothing is lost by it, and wait holds nevertheless.
func (c *Client) Sync(ctx context.Context) (wait time.Duration, err error) {
	select {
	case c.syncing <- struct{}{}:
		defer func() { <-c.syncing }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	b, body, wait, err := c.next()
	if err != nil || body == nil {
		return wait, err
	}
	a, err := c.transport.Sync(ctx, body)
	return c.took(b, a, err)
}

// next makes the request that is due, if any, and stores that it may have been sent.
func (c *Client) next() (Batch, []byte, time.Duration, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, wait, ok := c.state.Next(c.outside.Now())
	if !ok {
		return b, nil, wait, nil
	}
	c.state.Sending(b)
	if err := c.commit(); err != nil {
		return b, nil, fullPause, err
	}
	body, err := json.Marshal(b.Request, json.Deterministic(true))
	if err != nil {
		return b, nil, mostPause, fmt.Errorf("write a request: %w", err)
	}
	return b, body, 0, nil
}

// took takes an answer or its absence.
func (c *Client) took(b Batch, a Answer, failed error) (time.Duration, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, dice := c.outside.Now(), c.outside.Dice()
	if failed == nil && !a.Date.IsZero() {
		c.state.Ahead = int64(a.Date.Sub(now) / time.Second)
	}
	if failed == nil && a.Status == http.StatusOK {
		var answer contract.SyncAnswer
		if answer, failed = ReadAnswer(a); failed == nil {
			failed = c.state.Took(b, answer, now, dice)
		}
		if failed == nil {
			c.stale(answer.Campaigns)
		}
	} else if failed == nil {
		failed = refusal(a)
	}
	if failed != nil {
		c.state.Failed(b, failureOf(a), now, dice)
	}
	unsaved := c.commit()
	_, wait, _ := c.state.Next(now) // 0 when something is due
	if unsaved != nil {
		wait = max(wait, fullPause) // the answer was not taken, and will be asked for again
	}
	return wait, errors.Join(failed, unsaved)
}

// ReadAnswer reads the body of a 200. It returns ErrAnswer for anything that is not the contract's, such as a login page on the way.
func ReadAnswer(a Answer) (contract.SyncAnswer, error) {
	var out contract.SyncAnswer
	if !a.JSON {
		return out, ErrAnswer
	}
	if err := json.Unmarshal(a.Body, &out); err != nil {
		return contract.SyncAnswer{}, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return out, nil
}

// refusal says what the server answered instead.
func refusal(a Answer) error {
	if p := failureOf(a).Problem; p != nil {
		return fmt.Errorf("the server answered %d %s", a.Status, p.Code)
	}
	return fmt.Errorf("the server answered %d", a.Status)
}

// failureOf reads an answer that is no 200. The zero Answer is none at all.
func failureOf(a Answer) Failure {
	f := Failure{Status: a.Status, RetryAfter: a.RetryAfter}
	var p contract.Problem
	if a.JSON && a.Status >= 400 && json.Unmarshal(a.Body, &p) == nil && p.Code != "" {
		f.Problem = &p
	}
	return f
}
