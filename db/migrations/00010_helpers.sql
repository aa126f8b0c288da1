-- A helper gets copies and may answer; whoever is told at their own number may refuse. Read with docs/decisions/0023-helpers.md.

-- +goose Up

-- One phone at a time may read along with an entry and answer its offers. Ended rows stay: a copy says to whom it went.
CREATE TABLE helper (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- read by: letters, answers
    campaign_id     integer     NOT NULL,
    registration_id uuid        NOT NULL,
    phone_hash      bytea       NOT NULL CHECK (octet_length(phone_hash) = 16),
    phone_ct        bytea       NOT NULL, -- under the campaign's data key, column "helper", row = the registration
    since           timestamptz NOT NULL,
    stored_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor           text        NOT NULL CHECK (actor <> ''),
    ended_at        timestamptz,
    ended_stored_at timestamptz,
    ended           text        CHECK (ended IN ('replaced', 'removed', 'declined', 'withdrawn', 'own_phone')),
    CHECK (num_nulls(ended_at, ended_stored_at, ended) IN (0, 3))
);
CREATE UNIQUE INDEX helper_one ON helper (campaign_id, registration_id) WHERE ended_at IS NULL; -- read by: status, outbox
CREATE INDEX helper_phone ON helper (campaign_id, phone_hash) WHERE ended_at IS NULL;           -- read by: text door, limit

ALTER TABLE message ADD COLUMN helper_id bigint; -- the helper who is told instead of the phone on file

-- How many answer numbers a question took when it was asked; NULL: one from before (3 for an offer, 1 for the others).
ALTER TABLE question ADD COLUMN span smallint CHECK (span BETWEEN 1 AND 3);
ALTER TABLE question DROP CONSTRAINT question_kind_check, ADD CONSTRAINT question_kind_check CHECK (kind IN ('verify', 'offer', 'helper'));

-- Whoever has the phone on file said that the application is not theirs. It holds an entry back and is undone by the same phone; what was once so stays.
CREATE TABLE refusal (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id     integer     NOT NULL,
    registration_id uuid        NOT NULL,
    phone_hash      bytea       NOT NULL CHECK (octet_length(phone_hash) = 16),
    refused_at      timestamptz NOT NULL,
    stored_at       timestamptz NOT NULL DEFAULT clock_timestamp(), -- a round can have seen it at most a write's time later
    actor           text        NOT NULL CHECK (actor <> ''),
    undone_at       timestamptz,
    undone_stored_at timestamptz,
    undone_by       text        CHECK (undone_by <> ''),
    CHECK (num_nulls(undone_at, undone_stored_at, undone_by) IN (0, 3))
);
CREATE UNIQUE INDEX refusal_open ON refusal (campaign_id, registration_id) WHERE undone_at IS NULL; -- read by: assign, outbox, status

GRANT SELECT, INSERT, UPDATE (ended_at, ended_stored_at, ended) ON helper TO jari_app;
GRANT SELECT, INSERT, UPDATE (undone_at, undone_stored_at, undone_by) ON refusal TO jari_app;

-- +goose Down
DROP TABLE refusal;
DELETE FROM question WHERE kind = 'helper';
ALTER TABLE question DROP CONSTRAINT question_kind_check, ADD CONSTRAINT question_kind_check CHECK (kind IN ('verify', 'offer'));
ALTER TABLE question DROP COLUMN span;
-- Nobody else is told what was for a helper.
UPDATE message SET state = 'expired', state_at = clock_timestamp() WHERE helper_id IS NOT NULL AND state IN ('pending', 'queued');
ALTER TABLE message DROP COLUMN helper_id;
DROP TABLE helper;
