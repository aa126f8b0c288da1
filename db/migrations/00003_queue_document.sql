-- The seal at scale, and the public count of a queue. Read with docs/decisions/0016-seal-and-count.md.

-- +goose Up

-- read by: seal, which must see entries whose arrival became earlier after it had read them. Holds nobody else, so an
-- ordinary application writes nothing here.
CREATE INDEX registration_moved ON registration (serial) WHERE arrival <> received_at;

-- The BRIN index is of no use for ranges that are not summarised, and at a peak autovacuum, which comes once a minute,
-- leaves them all behind. The seal calls this. It never waits: while a vacuum holds the table, the vacuum does the work.
-- +goose StatementBegin
CREATE FUNCTION registration_summarize() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    LOCK TABLE registration IN SHARE UPDATE EXCLUSIVE MODE NOWAIT;
    RETURN brin_summarize_new_values('registration_serial_brin'::regclass);
EXCEPTION
    WHEN lock_not_available THEN RETURN -1;
END
$$;
-- +goose StatementEnd

-- What the seal has read and not yet numbered, once a second: for estimates, which must cost a status nothing.
CREATE TABLE queue_backlog (
    queue_id integer PRIMARY KEY REFERENCES queue, -- read by: status, count
    base     bigint   NOT NULL, -- the last place when this was counted
    arrivals bigint[] NOT NULL, -- microseconds, ascending, at most 64
    counts   bigint[] NOT NULL, -- how many stood in the queue up to there, beyond base
    CHECK (cardinality(arrivals) = cardinality(counts) AND cardinality(arrivals) <= 64)
) WITH (fillfactor = 30);

-- The public count, as every API node hands it out. One writer at a time holds the row.
CREATE TABLE queue_document (
    queue_id      integer PRIMARY KEY REFERENCES queue,
    version       bigint      NOT NULL DEFAULT 0, -- one more with every change of body; the ETag
    body          bytea       NOT NULL DEFAULT '',
    counted       jsonb       NOT NULL DEFAULT '{}', -- what is known of each block of places
    turn          integer     NOT NULL DEFAULT 0,    -- the block that is counted next
    next_count_at timestamptz NOT NULL DEFAULT '-infinity', -- counting rests until then, in proportion to what it cost
    offers_after  bigint      NOT NULL DEFAULT 0,    -- appointments up to this one are in offers
    offers        jsonb       NOT NULL DEFAULT '{}'  -- appointments made, by minute; the last ones only
) WITH (fillfactor = 50);

-- What the operator has to say to a queue, in each language.
CREATE TABLE queue_notice (
    queue_id integer     NOT NULL REFERENCES queue,
    lang     text        NOT NULL,
    text     text        NOT NULL CHECK (length(text) BETWEEN 1 AND 500),
    at       timestamptz NOT NULL,
    PRIMARY KEY (queue_id, lang)
);

GRANT SELECT, INSERT, UPDATE ON queue_backlog, queue_document TO jari_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON queue_notice TO jari_app; -- a notice may be taken back; the audit trail keeps who and when
REVOKE EXECUTE ON FUNCTION registration_summarize() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION registration_summarize() TO jari_app;

-- +goose Down
DROP TABLE queue_notice, queue_document, queue_backlog;
DROP FUNCTION registration_summarize;
DROP INDEX registration_moved;
