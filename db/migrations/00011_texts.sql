-- Senders, calls that we owe, outages of the text door. Read with docs/decisions/0026-delivery.md.

-- +goose Up

-- By which of our numbers a text goes, and which have failed for good. NULL: not decided yet.
ALTER TABLE message ADD COLUMN route text, ADD COLUMN tried text[] NOT NULL DEFAULT '{}';
ALTER TABLE send_attempt ADD COLUMN route text;

-- The pace of one number of ours, over all campaigns and workers.
CREATE TABLE sender_pace (
    route      text        PRIMARY KEY,
    next_at    timestamptz NOT NULL, -- when the next text may leave
    slow_until timestamptz           -- the provider asked us to wait until then
) WITH (fillfactor = 50);

-- A call that we owe somebody: because a text cannot tell them, or because they asked. One open call a person (or a phone without an entry):
-- further reasons add to it, and the earliest order key stays.
CREATE TABLE callback (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id     integer     NOT NULL,
    registration_id uuid,        -- NULL: a phone without an entry
    phone_hash      bytea       NOT NULL CHECK (octet_length(phone_hash) = 16),
    inbound_id      bigint,      -- the text that asked for it; its sender is called where there is no entry
    reasons         text[]      NOT NULL CHECK (cardinality(reasons) > 0), -- untold, asked, not_me, too_many
    messages        bigint[]    NOT NULL DEFAULT '{}', -- what must be told by it
    order_at        timestamptz NOT NULL, -- the order key's arrival: the contact or the entry that earned the call
    due_at          timestamptz NOT NULL,
    opened_at       timestamptz NOT NULL,
    closed_at       timestamptz,
    closed_by       text        CHECK (closed_by <> ''),
    outcome         text,
    CHECK (num_nulls(closed_at, closed_by, outcome) IN (0, 3)),
    CHECK (registration_id IS NOT NULL OR inbound_id IS NOT NULL)
);
CREATE UNIQUE INDEX callback_person ON callback (campaign_id, registration_id) WHERE closed_at IS NULL AND registration_id IS NOT NULL; -- read by: owing a call
CREATE UNIQUE INDEX callback_phone ON callback (campaign_id, phone_hash) WHERE closed_at IS NULL AND registration_id IS NULL;           -- read by: owing a call
CREATE INDEX callback_open ON callback (campaign_id, order_at, id) WHERE closed_at IS NULL;                                           -- read by: the list

GRANT SELECT, INSERT, UPDATE ON sender_pace TO jari_app;
GRANT SELECT, INSERT, UPDATE (reasons, messages, order_at, due_at, closed_at, closed_by, outcome) ON callback TO jari_app;

-- +goose Down
DROP TABLE callback;
DROP TABLE sender_pace;
ALTER TABLE send_attempt DROP COLUMN route;
ALTER TABLE message DROP COLUMN route, DROP COLUMN tried;
