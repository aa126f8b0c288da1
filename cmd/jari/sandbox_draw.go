package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"jari/booking"
	"jari/db"
)

// sandboxValue is the public value of the sandbox's draws.
const sandboxValue = "sandbox"

// holdDraws does what an operator does with a draw, as soon as it is time by the sandbox's clock.
func (s *sandboxHouse) holdDraws(ctx context.Context, log *slog.Logger) {
	open := map[string]bool{}
	for _, k := range s.campaign.Cohorts {
		if k.Order == booking.ByDraw {
			open[k.Queue] = true
		}
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for len(open) > 0 {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for queue := range open {
			switch err := s.draw(ctx, queue); {
			case err == nil:
				delete(open, queue)
			case !errors.Is(err, db.ErrDraw): // not its turn yet is no trouble
				log.Warn("draw", "queue", queue, "error", err)
			}
		}
	}
}

func (s *sandboxHouse) draw(ctx context.Context, queue string) error {
	h := s.work.house
	if _, err := db.CloseDraw(ctx, h.pool, h.campaigns, s.campaign.Slug, queue, operator()); err != nil {
		return err
	}
	_, err := db.RunDraw(ctx, h.pool, h.campaigns, s.campaign.Slug, queue, sandboxValue, operator())
	return err
}
