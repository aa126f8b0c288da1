package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/hibiken/asynq"

	"jari/booking/words"
)

// relayTask lets due messages go into the task queue, at the provider's pace. A message whose task cannot be enqueued
// stays queued in the database, and the sweep brings it back.
func relayTask(c Config, p Ports, client *asynq.Client, m *metrics) *periodic {
	hand := func(ctx context.Context, id int64, n int, kind words.Kind, urgent bool) error {
		task, opts, err := newSend(id, n, queueFor(kind, urgent))
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
	return &periodic{name: "relay", every: c.Relay, timeout: 30 * time.Second, run: func(ctx context.Context, _ int32) error {
		n, err := p.Outbox.Release(ctx, p.Clock.Now(), c.Window, c.Relay, hand)
		m.count("released", n)
		return err
	}}
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
