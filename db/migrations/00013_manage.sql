-- What a person manages by text: what was understood is kept until it is accepted; a phone may ask for no more texts. Read with
-- docs/decisions/0029-managing-by-text.md.

-- +goose Up

-- What we understood of a text, to be carried out when the person answers the number that we texted. One for each text: the first reading
-- counts, so that what is accepted is what was read back. Personal data, therefore sealed.
CREATE TABLE proposal (
    inbound_id  bigint      PRIMARY KEY REFERENCES inbound, -- read by: letters, answers
    campaign_id integer     NOT NULL,
    content_ct  bytea       NOT NULL, -- under the campaign's data key, column "proposal", row = inbound_id
    made_at     timestamptz NOT NULL
);

-- A question may ask which of several people or deeds is meant.
ALTER TABLE question DROP CONSTRAINT question_kind_check, ADD CONSTRAINT question_kind_check CHECK (kind IN ('verify', 'offer', 'helper', 'choice'));
ALTER TABLE question DROP CONSTRAINT question_span_check, ADD CONSTRAINT question_span_check CHECK (span BETWEEN 1 AND 6);

-- Which text answered: handled once more, it does the same again and not what a second answer does.
ALTER TABLE question ADD COLUMN answered_by bigint;

-- Whoever wants no more texts at a phone. Both instants are kept and the later one counts, so that texts may be handled in any order. Opted
-- out is no withdrawal: it touches neither place nor appointment.
CREATE TABLE opt_out (
    campaign_id integer     NOT NULL,
    phone_hash  bytea       NOT NULL CHECK (octet_length(phone_hash) = 16),
    route       text        NOT NULL, -- '': the person said so, for all of our numbers; otherwise the provider says so of one
    stopped_at  timestamptz,
    started_at  timestamptz,
    CHECK (num_nonnulls(stopped_at, started_at) > 0),
    PRIMARY KEY (campaign_id, phone_hash, route) -- read by: every claim of a message, explanations
) WITH (fillfactor = 80);

GRANT SELECT, INSERT ON proposal TO jari_app;
GRANT SELECT, INSERT, UPDATE (stopped_at, started_at) ON opt_out TO jari_app;

-- +goose Down
DROP TABLE opt_out;
ALTER TABLE question DROP COLUMN answered_by;
DELETE FROM question WHERE kind = 'choice';
ALTER TABLE question DROP CONSTRAINT question_kind_check, ADD CONSTRAINT question_kind_check CHECK (kind IN ('verify', 'offer', 'helper'));
ALTER TABLE question DROP CONSTRAINT question_span_check, ADD CONSTRAINT question_span_check CHECK (span BETWEEN 1 AND 3);
DROP TABLE proposal;
