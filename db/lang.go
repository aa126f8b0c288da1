package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

// SetLang implements desk.Book. There is nothing to tell: the next text is in the language.
func (b *Book) SetLang(ctx context.Context, c desk.Change, lang booking.Lang) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockEntry(ctx, tx, c); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE registration SET lang = $3 WHERE campaign_id = $1 AND id = $2`, c.Campaign, [16]byte(c.ID), string(lang)); err != nil {
			return err
		}
		return audit(ctx, tx, c, "lang", map[string]any{"lang": string(lang)})
	})
}
