-- The text door: sweeps that several workers share, signs of life, outages. Read with docs/decisions/0010-texts.md and 0026-delivery.md.

-- +goose Up

-- Until when a sweep leaves an unhandled text alone: another one has just taken it, or handling it failed. NULL: nobody has looked.
ALTER TABLE inbound ADD COLUMN look_at timestamptz;

-- What a provider's log said of a text: when it gave us the text, or an earlier arrival for one that we had; and whether that one had been handled by then, so
-- that its sender has been answered.
ALTER TABLE inbound ADD COLUMN found_at timestamptz, ADD COLUMN heard boolean NOT NULL DEFAULT false;

-- What was read from the provider's log after an outage came by "log". NOT VALID: what stands satisfied the narrower rule, and need not be read under a lock.
ALTER TABLE inbound DROP CONSTRAINT inbound_via_check,
    ADD CONSTRAINT inbound_via_check CHECK (via IN ('', 'journal', 'log')) NOT VALID;
ALTER TABLE registration DROP CONSTRAINT registration_via_check,
    ADD CONSTRAINT registration_via_check CHECK (via IN ('', 'stamp', 'journal', 'log')) NOT VALID;

-- A span of time in which a node took texts without a break. A node that comes back after a pause begins another one. One row for each start of a node:
-- no index, so that the sign of life each second writes nothing else.
CREATE TABLE text_door (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider   text        NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL CHECK (seen_at >= started_at), -- the last sign of life
    stopped_at timestamptz           -- when it ended in order
) WITH (fillfactor = 50);

-- A time in which no node took texts, and what was read of it from the provider's log.
CREATE TABLE text_outage (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider     text        NOT NULL,
    from_at      timestamptz NOT NULL,
    to_at        timestamptz NOT NULL CHECK (to_at > from_at),
    readings     smallint    NOT NULL DEFAULT 0,
    next_at      timestamptz,            -- when the log is to be read (again); NULL: never again
    kept         integer     NOT NULL DEFAULT 0, -- texts that only the log had
    noted_by     text        NOT NULL DEFAULT 'signs', -- or an operator, who knows that we could not be reached
    UNIQUE (provider, from_at)
);

GRANT SELECT, INSERT, UPDATE (seen_at, stopped_at) ON text_door TO jari_app;
GRANT SELECT, INSERT, UPDATE (to_at, readings, next_at, kept) ON text_outage TO jari_app;

-- +goose Down
DROP TABLE text_outage;
DROP TABLE text_door;
ALTER TABLE registration DROP CONSTRAINT registration_via_check,
    ADD CONSTRAINT registration_via_check CHECK (via IN ('', 'stamp', 'journal')) NOT VALID;
ALTER TABLE inbound DROP CONSTRAINT inbound_via_check,
    ADD CONSTRAINT inbound_via_check CHECK (via IN ('', 'journal')) NOT VALID;
ALTER TABLE inbound DROP COLUMN look_at, DROP COLUMN found_at, DROP COLUMN heard;
