package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

const (
	typeSend = "send"
	// sendTimeout holds a call to the provider (10 s) and two writes.
	sendTimeout = 30 * time.Second
	// sendRetries is for workers that died and databases that were away before the claim. After that the sweep comes.
	sendRetries = 5
)

// sendPayload names a message and which handing-over of it this is. An earlier task of the message finds that its number
// no longer fits, and does nothing.
type sendPayload struct {
	ID int64 `json:"id"`
	N  int   `json:"n"`
}

func newSend(id int64, n int, queue string) (*asynq.Task, []asynq.Option, error) {
	payload, err := json.Marshal(sendPayload{ID: id, N: n})
	return asynq.NewTask(typeSend, payload), []asynq.Option{
		asynq.TaskID(fmt.Sprintf("%s:%d:%d", typeSend, id, n)), asynq.Queue(queue), asynq.MaxRetry(sendRetries), asynq.Timeout(sendTimeout),
	}, err
}

// sender hands single messages to the provider.
type sender struct {
	outbox   Outbox
	provider desk.Sender
	clock    desk.Clock
	log      *slog.Logger
	metrics  *metrics
}

// handle sends one message. An error means that the claim or the storing of the outcome failed; trying again is safe in
// both cases, because only a message that is still queued can be claimed.
func (s *sender) handle(ctx context.Context, task *asynq.Task) error {
	var p sendPayload
	if err := json.Unmarshal(task.Payload(), &p); err != nil {
		return fmt.Errorf("read a send task: %w", asynq.SkipRetry)
	}
	began := time.Now()
	fate, err := s.outbox.Deliver(ctx, p.ID, p.N, s.clock, s.send)
	s.metrics.ran(typeSend, began, err)
	s.metrics.fate(fate, 1)
	if err != nil {
		s.log.Warn("a message could not be sent; it is tried again", "message", p.ID, "error", err)
	}
	return err
}

// send makes the text and calls the provider. A text that cannot be made is refused like one that the provider refuses:
// it ends on the agents' list and not in silence.
func (s *sender) send(ctx context.Context, kind words.Kind, lang booking.Lang, data words.Data, text desk.OutgoingText) desk.SendResult {
	body, err := words.Render(kind, lang, data)
	if err != nil {
		s.log.Error("a message has no text", "kind", kind, "lang", lang, "error", err)
		return desk.SendResult{Outcome: desk.SendRefused}
	}
	text.Body = body
	return s.provider.Send(ctx, text)
}
