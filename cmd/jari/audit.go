package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"jari/db"
)

func (a *app) auditCmd() *cobra.Command {
	var asJSON bool
	var grace time.Duration
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Check the laws against recorded history, while the system runs; exit 1 if one does not hold",
		Args:  cobra.NoArgs,
	}
	cmd.RunE = a.withHouse(func(ctx context.Context, h *house, _ []string) error {
		report, err := db.Audit(ctx, h.pool, h.campaigns, db.AuditOptions{Grace: grace})
		if err != nil {
			return err
		}
		if asJSON {
			if err := encode(a.out, report); err != nil {
				return err
			}
		} else {
			_, _ = fmt.Fprint(a.out, report.Text())
		}
		if report.Violations > 0 {
			return errFound
		}
		return nil
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().DurationVar(&grace, "grace", 10*time.Minute, "how long work may be under way before it counts as stuck")
	return cmd
}
