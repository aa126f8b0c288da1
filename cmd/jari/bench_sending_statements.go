package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// track lets PostgreSQL keep account of its statements, from the moment of release on.
func (t *textsTown) track(ctx context.Context) error {
	if !t.o.statements {
		return nil
	}
	_, err := t.admin.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset()`)
	return err
}

// statements prints where PostgreSQL's time went.
func (t *textsTown) statements(ctx context.Context, messages int) error {
	if !t.o.statements {
		return nil
	}
	rows, err := t.admin.Query(ctx, `SELECT calls, rows, (total_exec_time + total_plan_time) * 1000, left(regexp_replace(query, '\s+', ' ', 'g'), 130) FROM pg_stat_statements
		WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY total_exec_time DESC LIMIT 25`)
	if err != nil {
		return err
	}
	var calls, n int64
	var micros float64
	var query string
	_, err = pgx.ForEachRow(rows, []any{&calls, &n, &micros, &query}, func() error {
		_, err := fmt.Fprintf(t.out, "%7d calls %7d rows %8.0f µs a call %6.1f µs a message  %s\n", calls, n, micros/float64(calls), micros/float64(messages), query)
		return err
	})
	return err
}
