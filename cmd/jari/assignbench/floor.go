package assignbench

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// floorTables are what a person's way from arrival to offer writes, in the order in which it is written.
func floorTables() []string {
	return []string{"place", "audit_log", "appointment", "appointment_event", "message"}
}

// FloorPart is one table of the floor.
type FloorPart struct {
	Table   string  `json:"table"`
	Rows    int64   `json:"rows"`
	Seconds float64 `json:"seconds"`
}

// floor writes the rows that are there once more, into tables of the same columns, constraints and indexes, by one INSERT … SELECT
// each: the least that PostgreSQL must do for them.
func floor(ctx context.Context, conn *pgx.Conn) ([]FloorPart, float64, error) {
	var out []FloorPart
	sum := 0.0
	for _, table := range floorTables() {
		copied := "floor_" + table
		for _, sql := range []string{
			`DROP TABLE IF EXISTS ` + copied, `CREATE TABLE ` + copied + ` (LIKE ` + table + ` INCLUDING ALL)`, `CHECKPOINT`,
		} {
			if _, err := conn.Exec(ctx, sql); err != nil {
				return nil, 0, fmt.Errorf("floor of %s: %w", table, err)
			}
		}
		began := time.Now()
		tag, err := conn.Exec(ctx, `INSERT INTO `+copied+` OVERRIDING SYSTEM VALUE SELECT * FROM `+table)
		if err != nil {
			return nil, 0, fmt.Errorf("floor of %s: %w", table, err)
		}
		p := FloorPart{Table: table, Rows: tag.RowsAffected(), Seconds: time.Since(began).Seconds()}
		out, sum = append(out, p), sum+p.Seconds
	}
	return out, sum, nil
}
