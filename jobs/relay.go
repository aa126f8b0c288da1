package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/hibiken/asynq"

	"jari/booking/desk"
	"jari/booking/words"
)

// relayTask lets due messages go into the task queue, as fast as campaigns and routes allow. Messages whose task cannot be enqueued
// stay queued in the database, and the sweep brings them back.
func relayTask(c Config, p Ports, client *asynq.Client, m *metrics) *periodic {
	hand := func(ctx context.Context, ms []desk.Released) (int, error) {
		n := 0
		for _, b := range batches(ms, p.Routes, c.Batch) {
			if err := enqueueSend(ctx, client, b); err != nil {
				return n, err
			}
			n += len(b.turns)
		}
		return n, nil
	}
	return &periodic{name: "relay", every: c.Relay, timeout: 30 * time.Second, run: func(ctx context.Context, _ int32) error {
		n, err := p.Outbox.Release(ctx, p.Clock.Now(), p.Routes, c.Window, c.Relay, hand)
		m.count("released", n)
		return err
	}}
}

func enqueueSend(ctx context.Context, client *asynq.Client, b batch) error {
	task, opts, err := newSend(b.turns, b.queue)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, enqueueTimeout)
	defer cancel()
	if _, err = client.EnqueueContext(ctx, task, opts...); errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}

// batch are messages that one task sends.
type batch struct {
	queue string
	turns []desk.Turn
}

// batches makes tasks of messages, each of one queue and route, in their order. A route with a limit gets tasks that last a quarter of a second, so that
// what is more urgent is not behind much.
func batches(ms []desk.Released, routes desk.Routes, most int) []batch {
	var out []batch
	open := map[[2]string]int{} // by queue and route, from 1
	for _, m := range ms {
		key, size := [2]string{queueFor(m.Kind, m.Urgent), m.Route}, most
		if r, ok := routes.Named(m.Route); ok && r.PerSecond > 0 {
			size = min(most, max(1, r.PerSecond/4))
		}
		i := open[key]
		if i == 0 || len(out[i-1].turns) >= size {
			out = append(out, batch{queue: key[0]})
			i = len(out)
			open[key] = i
		}
		out[i-1].turns = append(out[i-1].turns, m.Turn)
	}
	return out
}

// queueFor sorts messages by how soon somebody waits for them.
func queueFor(kind words.Kind, urgent bool) string {
	switch {
	case urgent:
		return queueCritical
	case kind == words.Registered, kind == words.Welcome, kind == words.NoTime:
		return queueBulk
	default:
		return queueDefault
	}
}
