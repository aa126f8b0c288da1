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

GRANT SELECT, INSERT, UPDATE ON reminder_walk, news_walk TO jari_app;

-- +goose Down
DROP TABLE news_walk, reminder_walk;
DROP INDEX slot_day;
ALTER TABLE send_attempt DROP COLUMN failed_at, DROP COLUMN failed_code;
