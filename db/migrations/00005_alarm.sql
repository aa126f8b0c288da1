-- Alarms: what ought never to happen and did, counted by the minute. Read with docs/decisions/0009-campaigns.md.

-- +goose Up

CREATE TABLE alarm (
    campaign_id integer     NOT NULL REFERENCES campaign,
    kind        text        NOT NULL CHECK (kind IN ('wrong_refusal')), -- refused somebody who was announced to be eligible
    minute      timestamptz NOT NULL CHECK (date_trunc('minute', minute, 'UTC') = minute), -- the bucket, of our clock
    first_at    timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    count       bigint      NOT NULL CHECK (count > 0), -- of all nodes
    PRIMARY KEY (campaign_id, kind, minute), -- read by: readiness, audit
    CHECK (minute <= first_at AND first_at <= last_at)
);

-- Buckets grow and are never taken back.
GRANT SELECT, INSERT, UPDATE ON alarm TO jari_app;

-- +goose Down
DROP TABLE alarm;
