package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"jari/booking/desk"
)

// OnePage numbers one page of each queue and forgets the rest, as a sealer does that is killed.
func (s *Sealer) OnePage(ctx context.Context) (int, error) {
	now, err := s.look(ctx)
	if err != nil {
		return 0, err
	}
	sealed := 0
	for _, q := range s.view.queues {
		if q.draw.pending() || len(q.waiting) == 0 {
			continue
		}
		due := q.sortDue(now.Add(-q.campaign.Settle).UnixMicro())
		n, _, err := s.number(ctx, q, q.draw.together(q.waiting[:min(s.page, due)]))
		sealed += n
		if err != nil {
			return sealed, err
		}
	}
	s.view = nil
	return sealed, nil
}

// AuditWithin counts violations as the audit sees them from inside a transaction that is not committed.
func AuditWithin(ctx context.Context, tx pgx.Tx, campaigns desk.Campaigns) (int64, error) {
	a, err := newAuditor(ctx, tx, campaigns, AuditOptions{})
	if err != nil {
		return 0, err
	}
	r := Report{Laws: laws()}
	err = a.run(ctx, &r)
	return r.Laws[2].Violations + r.Laws[8].Violations, err
}
