package client_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// To the millisecond: the opening that is waited for, the span of a draw, and what is left of a pause. Histories seldom come close.
func TestTheTwinCountsMomentsAlike(t *testing.T) {
	t.Parallel()
	w := newTwin(t)
	rapid.Check(t, func(r *rapid.T) {
		now := time.Date(2026, 7, 19, 20, 0, 0, rapid.IntRange(0, 999).Draw(r, "millisecond")*1e6, time.UTC)
		p := &pair{r: r, w: w, state: &client.State{Format: 1}, now: now, chance: rand.NewChaCha8([32]byte{1}), mood: calm}
		p.compare(command{Do: "new"}, nil, nil)
		p.tap("add", "")
		if len(p.state.People) == 0 {
			return // no randomness
		}
		p.spreads()
		if b, _, ok := p.state.Next(p.now); ok {
			p.compare(command{Do: "next", Batch: 0}, nil, map[string]any{"wait": 0, "request": b.Request, "sent": b.Sent()})
			p.batches = append(p.batches, b)
			p.early()
		}
		p.pauses()
	})
}

// moment is some time after an instant, to the nanosecond.
func moment(r *rapid.T, from time.Time, most time.Duration) contract.Instant {
	d := time.Duration(rapid.Float64Range(0, 1).Draw(r, "moment") * float64(most))
	exact := rapid.SampledFrom([]time.Duration{1, time.Microsecond, time.Millisecond, time.Second}).Draw(r, "as exact as")
	return from.Add(d.Round(exact)).Format(time.RFC3339Nano)
}

// spreads applies under a draw, by the server's clock.
func (p *pair) spreads() {
	p.ahead()
	closes := moment(p.r, p.now, 30*time.Millisecond)
	if rapid.Bool().Draw(p.r, "whether the window is long") {
		closes = moment(p.r, p.now, 40*time.Minute)
	}
	c := contract.Campaign{Campaign: "c", Cohorts: []contract.Cohort{{
		BornFrom: "", BornTo: "9", Order: "draw", Opens: moment(p.r, p.now.Add(-time.Millisecond), time.Millisecond), WindowCloses: &closes,
	}}}
	bytesOf, text := p.random()
	luck := dice(p.r)
	pen := client.Pen{State: p.state, Now: p.now, Random: bytes.NewReader(bytesOf), Dice: func() float64 { return luck }}
	pen.Campaign = func(contract.Slug) *contract.Campaign { return &c }
	id := p.state.People[0].ID
	p.compare(command{Do: "pen", Method: "apply", Args: []any{id}, Random: text, Dice: luck, Campaign: written(p.r, c)}, pen.Apply(id), nil)
}

// early is told how far the opening is away.
func (p *pair) early() {
	at, now := moment(p.r, p.now, 5*time.Second), moment(p.r, p.now, 2*time.Second)
	a := contract.SyncAnswer{Campaigns: map[string]string{}}
	for _, e := range p.batches[0].Sent() {
		entry := contract.SyncedEntry{}
		for _, id := range e.Operations {
			early := &contract.Problem{Code: "not_open_yet", Status: 403, At: &at, Now: &now}
			entry.Results = append(entry.Results, contract.SyncResult{OperationID: id, Problem: early})
		}
		a.Entries = append(a.Entries, entry)
	}
	luck := dice(p.r)
	p.compare(command{Do: "took", Value: written(p.r, a), Dice: luck}, p.state.Took(p.batches[0], a, p.now, luck), nil)
}

// pauses reads a record with any pause in it.
func (p *pair) pauses() {
	millis := rapid.SampledFrom([]string{"-5", "0", "1", "1500", "86400000", "34559999999", "34560000001", "9007199254740991"}).Draw(p.r, "millis")
	p.decode(jsontext.Value(`{"format":1,"people":[],"rest":{"from":"` + moment(p.r, p.now.Add(-2*time.Second), 3*time.Second) + `","millis":` + millis + `}}`))
	_, wait, _ := p.state.Next(p.now)
	p.compare(command{Do: "wait"}, nil, client.Millis(wait))
}
