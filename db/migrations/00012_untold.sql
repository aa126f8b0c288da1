-- What happens when a text does not arrive, and what people hear from us unasked. Read with docs/decisions/0026-delivery.md.

-- +goose Up

-- A copy that is known not to have arrived, and the code that said so: what is tried next goes by all of them.
ALTER TABLE send_attempt ADD COLUMN failed_at timestamptz, ADD COLUMN failed_code integer,
    ADD CONSTRAINT send_attempt_failed CHECK ((failed_at IS NULL) = (failed_code IS NULL));

-- How far the reminders of a day's appointments have come. Who has an appointment on that day only since then was told of it then.
CREATE TABLE reminder_walk (
    campaign_id integer     NOT NULL REFERENCES campaign,
    reminder    text        NOT NULL CHECK (reminder IN ('day_before', 'morning')),
    day         date        NOT NULL, -- of the appointments, in the campaign's zone
    after_start timestamptz NOT NULL,
    after_slot  bigint      NOT NULL DEFAULT 0,
    after_id    bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, reminder, day)
);
CREATE INDEX slot_day ON slot (campaign_id, starts_at, id); -- read by: reminders

-- How far the news of a week have come among those who wait.
CREATE TABLE news_walk (
    queue_id     integer NOT NULL REFERENCES queue,
    week         date    NOT NULL, -- its Monday, in the campaign's zone
    after_number bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (queue_id, week)
);

CREATE INDEX inbound_phone ON inbound (campaign_id, phone_hash, id); -- read by: threads

-- An operator's correction of texts that were wrong: drafted by one, approved by another.
CREATE TABLE correction (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id   integer     NOT NULL REFERENCES campaign,
    selection     jsonb       NOT NULL, -- which texts were wrong
    words         jsonb       NOT NULL, -- what the operators say, in each language; never personal data
    digest        bytea       NOT NULL CHECK (octet_length(digest) = 32), -- of the selection, the words and every text that was selected
    drafted_at    timestamptz NOT NULL,
    drafted_by    text        NOT NULL CHECK (drafted_by <> ''),
    approved_at   timestamptz,
    approved_by   text        CHECK (approved_by <> drafted_by),
    after_message bigint      NOT NULL DEFAULT 0, -- whoever got a wrong text up to this one has their correction
    ended_at      timestamptz,
    CHECK ((approved_at IS NULL) = (approved_by IS NULL)),
    CHECK (approved_at IS NOT NULL OR after_message = 0 AND ended_at IS NULL)
);

GRANT SELECT, INSERT, UPDATE ON reminder_walk, news_walk TO jari_app;
GRANT SELECT, INSERT, UPDATE (approved_at, approved_by, after_message, ended_at) ON correction TO jari_app;

-- +goose Down
-- What is still to be said has no words any more.
UPDATE message SET state = 'expired', state_at = clock_timestamp() WHERE kind IN ('correction', 'reminder', 'news') AND state IN ('pending', 'queued');
DROP TABLE correction, news_walk, reminder_walk;
DROP INDEX inbound_phone;
DROP INDEX slot_day;
ALTER TABLE send_attempt DROP COLUMN failed_at, DROP COLUMN failed_code;
