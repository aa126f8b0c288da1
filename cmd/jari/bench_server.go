package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"jari/booking/desk"
)

// benchServerCmd runs what `jari bench` measures: `jari serve` with another intake, or plain handlers to compare with. It
// is told by its standard input when to profile, and ends with it.
func (a *app) benchServerCmd() *cobra.Command {
	var intake, answers string
	cmd := &cobra.Command{
		Use: "bench-server", Short: "One server of jari bench", Args: cobra.NoArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if intake == "plain" {
				return a.benchPlain(cmd.Context(), answers)
			}
			c, err := loadConfig(a.getenv, needProcess)
			if err != nil {
				return err
			}
			over, err := benchIntake(intake)
			if err != nil {
				return err
			}
			p, err := newAPIOver(cmd.Context(), c, a.logger(c.LogLevel), apiOver{intake: over})
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintln(a.out, p.addr)
			ctx, cancel := context.WithCancel(cmd.Context())
			go obey(os.Stdin, a.errs, cancel)
			return p.untilDone(ctx)
		},
	}
	cmd.Flags().StringVar(&intake, "intake", "group", "bare (answers at once), one (a transaction for each request), group (the real one), plain (no server of ours)")
	cmd.Flags().StringVar(&answers, "answers", "", "plain: a file with the answers, as JSON")
	return cmd
}

// obey reads orders, one a line: "profile FILE", "stop". The end of the orders is the end of the server, so that it never
// outlives who started it.
func obey(orders io.Reader, errs io.Writer, end context.CancelFunc) {
	defer end()
	var stopProfile func() error
	lines := bufio.NewScanner(orders)
	for lines.Scan() {
		order, file, _ := strings.Cut(lines.Text(), " ")
		var err error
		switch {
		case order == "profile" && stopProfile == nil:
			stopProfile, err = startProfile(file)
		case order == "stop" && stopProfile != nil:
			err, stopProfile = stopProfile(), nil
		}
		if err != nil {
			_, _ = fmt.Fprintf(errs, "profile: %v\n", err)
		}
	}
}

// benchIntake is what is put over the real intake.
func benchIntake(kind string) (intakeOver, error) {
	switch kind {
	case "group":
		return nil, nil
	case "bare":
		return func(_ *house, real desk.Intake) desk.Intake { return bareIntake{real} }, nil
	case "one":
		return func(h *house, real desk.Intake) desk.Intake { return oneIntake{real, h.pool} }, nil
	}
	return nil, fmt.Errorf("--intake %q: expected bare, one, group or plain", kind)
}

// bareIntake answers at once and stores nothing: what is left is the cost of everything else.
type bareIntake struct{ desk.Intake }

// Store implements desk.Intake.
func (bareIntake) Store(_ context.Context, a desk.Application) (desk.Stored, error) {
	return desk.Stored{New: true, Own: a.Device != nil, Serial: 1, Arrival: a.Arrival}, nil
}

// oneIntake stores each application in a transaction of its own, as a program without group commit does: BEGIN, the same
// INSERT for one row, COMMIT.
type oneIntake struct {
	desk.Intake
	pool *pgxpool.Pool
}

const insertOneSQL = `
INSERT INTO registration (campaign_id, id, queue_id, cohort, cohort_version, arrival, received_at, tie, door, actor, device, attested,
    region, wishes, lang, verify, person_ct, generation, via)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12, NULL, $13, $14, $15, $16, $17)
ON CONFLICT (campaign_id, id) DO NOTHING
RETURNING serial`

// Store implements desk.Intake. The people of a measurement have no wishes and come once.
func (o oneIntake) Store(ctx context.Context, a desk.Application) (desk.Stored, error) {
	tx, err := o.pool.Begin(ctx)
	if err != nil {
		return desk.Stored{}, err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	var device []byte
	if a.Device != nil {
		device = a.Device[:]
	}
	s := desk.Stored{New: true, Own: a.Device != nil, Arrival: a.Arrival}
	err = tx.QueryRow(ctx, insertOneSQL, a.Campaign, [16]byte(a.ID), a.Queue, a.Cohort, a.Version, a.Arrival, a.Tie, string(a.Door), a.Actor, device,
		a.Attested, a.Region, string(a.Lang), string(a.Verify), a.PersonCT, int16(a.Generation), string(a.Via)).Scan(&s.Serial)
	if err != nil {
		return desk.Stored{}, err
	}
	return s, tx.Commit(ctx)
}
