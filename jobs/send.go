package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"

	"jari/booking/desk"
	"jari/booking/words"
)

const (
	typeSend = "send"
	// SendTasks is how many send tasks a worker runs at once. Most wait, for their instants or for a call to end; calls have a bound of their own.
	SendTasks = 16
	// sendTimeout holds the wait for the instants, a call to the provider (10 s) and two writes.
	sendTimeout = 45 * time.Second
	// sendRetries is for workers that died and databases that were away before the claim. After that the sweep comes.
	sendRetries = 5
)

// sendPayload names messages and which handing-over of each this is: pairs of id and number. An earlier task of a message finds that its number
// no longer fits, and does nothing for it.
type sendPayload struct {
	Turns [][2]int64 `json:"turns"`
}

func newSend(turns []desk.Turn, queue string) (*asynq.Task, []asynq.Option, error) {
	var p sendPayload
	for _, t := range turns {
		p.Turns = append(p.Turns, [2]int64{t.Message, int64(t.N)})
	}
	payload, err := json.Marshal(p)
	return asynq.NewTask(typeSend, payload), []asynq.Option{ // each message is in one task under each number, so the first names the task
		asynq.TaskID(fmt.Sprintf("%s:%d:%d", typeSend, turns[0].Message, turns[0].N)), asynq.Queue(queue), asynq.MaxRetry(sendRetries), asynq.Timeout(sendTimeout),
	}, err
}

// sender hands messages to their providers.
type sender struct {
	outbox  Outbox
	routes  desk.Routes
	clock   desk.Clock
	fresh   time.Duration
	calls   chan struct{} // holds one for each call by routes without a limit
	urgent  chan struct{} // the same for answers and codes, which wait for no others
	log     *slog.Logger
	metrics *metrics
}

func newSender(c Config, p Ports, log *slog.Logger, m *metrics) *sender {
	return &sender{
		outbox: p.Outbox, routes: p.Routes, clock: p.Clock, fresh: c.SendingAfter / 3, log: log, metrics: m,
		calls: make(chan struct{}, c.Concurrency), urgent: make(chan struct{}, max(1, c.Concurrency/2)),
	}
}

// handle sends the messages of a task. An error means that the claim or the storing of an outcome failed; trying again is safe in
// both cases, because only a message that is still queued can be claimed.
func (s *sender) handle(ctx context.Context, task *asynq.Task) error {
	var p sendPayload
	if err := json.Unmarshal(task.Payload(), &p); err != nil || len(p.Turns) == 0 {
		return fmt.Errorf("read a send task: %w", asynq.SkipRetry)
	}
	turns := make([]desk.Turn, len(p.Turns))
	for i, t := range p.Turns {
		turns[i] = desk.Turn{Message: t[0], N: int(t[1])}
	}
	began := time.Now()
	fates, err := s.outbox.Deliver(ctx, turns, s.routes, s.clock, s.fresh, s.send)
	s.metrics.ran(typeSend, began, err)
	for fate, n := range fates {
		s.metrics.fate(fate, n)
	}
	if err != nil {
		s.log.Warn("messages could not be sent; they are tried again", "first", turns[0].Message, "messages", len(turns), "error", err)
	}
	return err
}

// errPanic stands for a panic in the making or sending of one text: the others of its task go on.
var errPanic = errors.New("a panic")

// send makes the text and calls the provider. A text that cannot be made is refused like one that the provider refuses:
// it ends on the agents' list and not in silence.
func (s *sender) send(ctx context.Context, l desk.Letter) (r desk.SendResult) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("a text could not be made or sent", "kind", l.Kind, "lang", l.Lang, "error", errPanic)
			r = desk.SendResult{Outcome: desk.SendUnknown}
		}
	}()
	body, err := words.Render(l.Kind, l.Lang, l.Data)
	if err != nil {
		s.log.Error("a message has no text", "kind", l.Kind, "lang", l.Lang, "error", err)
		return desk.SendResult{Outcome: desk.SendRefused}
	}
	l.Text.Body = body
	if l.Route.PerSecond == 0 { // a limited route's pace bounds its calls, and a wait would miss the instant
		calls := s.calls
		if l.Urgent {
			calls = s.urgent
		}
		select {
		case calls <- struct{}{}:
			defer func() { <-calls }()
		case <-ctx.Done():
			return desk.SendResult{Outcome: desk.SendNotSent}
		}
	}
	if s.clock.Now().After(l.Before) {
		return desk.SendResult{Outcome: desk.SendNotSent}
	}
	return l.Route.Sender.Send(ctx, l.Text)
}
