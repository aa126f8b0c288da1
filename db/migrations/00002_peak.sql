-- The peak: how an application came in when it did not come straight from a door. Read with docs/decisions/0014-overload.md.

-- +goose Up
-- '' (straight from a door), 'stamp' (an arrival stamp gave the arrival) or 'journal' (it waited in a door's journal). Read by the seal, which says why a place
-- was announced late.
ALTER TABLE registration ADD COLUMN via text NOT NULL DEFAULT '' CHECK (via IN ('', 'stamp', 'journal'));
ALTER TABLE inbound ADD COLUMN via text NOT NULL DEFAULT '' CHECK (via IN ('', 'journal'));

-- +goose Down
ALTER TABLE inbound DROP COLUMN via;
ALTER TABLE registration DROP COLUMN via;
