package db

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// collect reads all rows of a query.
func collect[T any](ctx context.Context, q querier, to pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, to)
}

// takenSQL is the last number that a sequence has given out. One that was never used has as its last_value the number that it gives out first.
const takenSQL = `last_value - (NOT is_called)::int`
