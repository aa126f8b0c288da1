-- The life of an appointment after it was given: lapses, swaps, moves, later doses. Read with docs/decisions/0020-life.md.

-- +goose Up

-- Who missed an appointment of a series waits for another one of the same dose. So missed no longer stands in the way of a new one;
-- it still uses its seat.
DROP INDEX appointment_one;
CREATE UNIQUE INDEX appointment_one ON appointment (campaign_id, registration_id, dose) WHERE state IN ('offered', 'confirmed', 'attended'); -- law 2 for appointments. Read by: assign, status
DROP INDEX appointment_over;
CREATE INDEX appointment_over ON appointment (campaign_id, registration_id, id) WHERE state IN ('missed', 'declined', 'lapsed', 'cancelled'); -- read by: status, decline limit

-- A slot that is closing: the capacity that it is to have. It falls with every person who is moved, never below what is taken.
ALTER TABLE slot
    ADD COLUMN target        integer CHECK (target >= 0),
    ADD COLUMN lowered_after bigint; -- the last event when its capacity last fell. Read by: audit, which knows no capacity before
CREATE INDEX slot_closing ON slot (campaign_id, id) WHERE target IS NOT NULL; -- read by: moves

-- The clock of an offer that may lapse, from its known delivery on. Only cohorts with a lapse have rows.
CREATE TABLE lapse (
    campaign_id    integer     NOT NULL,
    appointment_id bigint      PRIMARY KEY,
    delivered_at   timestamptz NOT NULL,
    at             timestamptz NOT NULL
);
CREATE INDEX lapse_due ON lapse (campaign_id, at, appointment_id); -- read by: lapse
CREATE TABLE lapse_cursor (
    campaign_id integer PRIMARY KEY REFERENCES campaign,
    read_to     timestamptz NOT NULL -- deliveries up to here have their clock
);
CREATE INDEX message_told ON message (campaign_id, state_at, id) WHERE kind = 'offer' AND state = 'delivered'; -- read by: lapse

-- A shift of later doses, so that one that was cut off goes on and moves nobody twice.
CREATE TABLE redate (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id integer     NOT NULL REFERENCES campaign,
    site        text        NOT NULL, -- '' for all
    from_day    date        NOT NULL,
    to_day      date        NOT NULL CHECK (to_day >= from_day),
    days        integer     NOT NULL CHECK (days <> 0),
    begun_at    timestamptz NOT NULL,
    -- how far it has come: the day's turn, and the order key of the last who was looked at
    after_turn    integer     NOT NULL DEFAULT -1,
    after_arrival timestamptz NOT NULL DEFAULT '-infinity',
    after_tie     bigint      NOT NULL DEFAULT 0,
    after_entry   uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    last_id     bigint      NOT NULL,           -- appointments after this one did not exist when it began
    ended_at    timestamptz,
    actor       text        NOT NULL CHECK (actor <> '')
);
CREATE UNIQUE INDEX redate_open ON redate (campaign_id) WHERE ended_at IS NULL; -- one at a time

GRANT SELECT, INSERT, UPDATE, DELETE ON lapse TO jari_app; -- a clock that has run out is taken away
GRANT SELECT, INSERT, UPDATE ON lapse_cursor, redate TO jari_app;

-- +goose Down
DROP TABLE redate, lapse_cursor, lapse;
DROP INDEX message_told, slot_closing;
ALTER TABLE slot DROP COLUMN lowered_after, DROP COLUMN target;
DROP INDEX appointment_over;
CREATE INDEX appointment_over ON appointment (campaign_id, registration_id, id) WHERE state IN ('declined', 'lapsed', 'cancelled');
DROP INDEX appointment_one;
CREATE UNIQUE INDEX appointment_one ON appointment (campaign_id, registration_id, dose) WHERE state IN ('offered', 'confirmed', 'attended', 'missed');
