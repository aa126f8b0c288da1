package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"jari/booking/vault"
)

// copiesTaken counts, for each of the messages, the copies that a provider is known to have taken. What a message is tried for after one of them is
// another copy; a try before that, or after an unknown outcome, is for the same.
func copiesTaken(ctx context.Context, tx pgx.Tx, messages []int64) (map[int64]int, error) {
	rows, err := tx.Query(ctx, `SELECT message_id, count(*) FROM send_attempt WHERE message_id = ANY($1) AND outcome IN ('accepted', 'found') GROUP BY message_id`, messages)
	if err != nil {
		return nil, err
	}
	out := map[int64]int{}
	var message int64
	var n int
	_, err = pgx.ForEachRow(rows, []any{&message, &n}, func() error { out[message] = n; return nil })
	return out, err
}

// copyKey names a copy of a message for providers that take a repeated one once (desk.OutgoingText.Key). After a correction of the phone it is another
// copy. The phone's hash is keyed, so two installations at one provider do not meet in a key either.
func copyKey(message int64, taken int, phone vault.Hash) string {
	return fmt.Sprintf("%d-%d-%x", message, taken, phone[:6])
}
