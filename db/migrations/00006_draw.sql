-- The draw: lots instead of arrivals decide the order among all who applied in a window. Read with docs/decisions/0019-draw.md.

-- +goose Up

CREATE TABLE draw (
    queue_id          integer PRIMARY KEY REFERENCES queue, -- read by: seal, status, count, apply
    campaign_id       integer     NOT NULL REFERENCES campaign,
    secret_ct         bytea       NOT NULL, -- 32 random bytes under the campaign's data key, column "draw.secret", row = the queue's id
    commitment        bytea       NOT NULL CHECK (octet_length(commitment) = 32),
    committed_at      timestamptz NOT NULL,
    opens_at          timestamptz NOT NULL, -- every drawn place has this arrival
    window_closes     timestamptz NOT NULL CHECK (window_closes > opens_at), -- exclusive
    public_value_name text        NOT NULL CHECK (public_value_name <> ''),
    list_digest       bytea       CHECK (octet_length(list_digest) = 32),
    entries           integer     CHECK (entries >= 0),
    listed_at         timestamptz,
    listed_by         text,
    public_value      text        CHECK (public_value <> ''),
    drawn_at          timestamptz,
    drawn_by          text,
    CONSTRAINT draw_listed CHECK (num_nulls(list_digest, entries, listed_at, listed_by) IN (0, 4) AND listed_at >= window_closes),
    CONSTRAINT draw_drawn CHECK (num_nulls(public_value, drawn_at, drawn_by) IN (0, 3) AND (drawn_at IS NULL OR list_digest IS NOT NULL AND drawn_at > listed_at))
);

-- The list that the digest was made of, 16 bytes an entry, sorted: entries may be withdrawn afterwards, the list stays.
CREATE TABLE draw_list (
    queue_id integer NOT NULL REFERENCES draw,
    part     integer NOT NULL CHECK (part >= 0),
    ids      bytea   NOT NULL CHECK (octet_length(ids) > 0 AND octet_length(ids) % 16 = 0),
    PRIMARY KEY (queue_id, part) -- read by: seal, publish, audit
);

-- Each step is taken once, in its order, and what came before it stands. Commitment and secret cannot change at all: the program's role has no
-- right to, and this refuses it to everybody else.
-- +goose StatementBegin
CREATE FUNCTION draw_once() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.queue_id, NEW.campaign_id, NEW.secret_ct, NEW.commitment, NEW.committed_at)
        IS DISTINCT FROM (OLD.queue_id, OLD.campaign_id, OLD.secret_ct, OLD.commitment, OLD.committed_at)
      OR OLD.list_digest IS NOT NULL AND (NEW.opens_at, NEW.window_closes, NEW.public_value_name, NEW.list_digest, NEW.entries, NEW.listed_at, NEW.listed_by)
        IS DISTINCT FROM (OLD.opens_at, OLD.window_closes, OLD.public_value_name, OLD.list_digest, OLD.entries, OLD.listed_at, OLD.listed_by)
      OR OLD.public_value IS NOT NULL AND (NEW.public_value, NEW.drawn_at, NEW.drawn_by) IS DISTINCT FROM (OLD.public_value, OLD.drawn_at, OLD.drawn_by)
      OR NEW.public_value IS NOT NULL AND OLD.list_digest IS NULL THEN
        RAISE EXCEPTION 'a step of a draw is taken once, and in its order' USING ERRCODE = 'check_violation', CONSTRAINT = 'draw_once';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER draw_once BEFORE UPDATE ON draw FOR EACH ROW EXECUTE FUNCTION draw_once();

-- The program's role may not change a place. This is the second exception: whoever was placed by an arrival after the window, and is proven to have
-- arrived within it (a stamp, a journal), takes the key of the lot. The lot is computed again by the audit.
-- +goose StatementBegin
CREATE FUNCTION place_drawn(queue integer, ids uuid[], lots bigint[]) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE place p SET arrival = d.opens_at, tie = t.lot, announced_arrival = coalesce(p.announced_arrival, p.arrival), moved_at = clock_timestamp(),
        late = CASE WHEN p.late <> '' THEN p.late WHEN r.via <> '' THEN r.via ELSE 'stored_late' END
    FROM draw d, registration r, unnest(ids, lots) AS t(id, lot)
    WHERE d.queue_id = queue AND d.drawn_at IS NOT NULL AND p.queue_id = queue AND p.campaign_id = d.campaign_id AND p.registration_id = t.id
      AND r.campaign_id = p.campaign_id AND r.id = p.registration_id AND r.arrival < d.window_closes AND p.arrival > d.opens_at
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION place_drawn(integer, uuid[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION place_drawn(integer, uuid[], bigint[]) TO jari_app;

-- Before a draw nobody has a place, so the background goes by the serial: up to here it has told people of their registration. A serial that
-- became visible too late is found after the draw, by the places.
ALTER TABLE enrol_cursor ADD COLUMN serial bigint NOT NULL DEFAULT 0;

GRANT SELECT, INSERT ON draw, draw_list TO jari_app;
GRANT UPDATE (opens_at, window_closes, public_value_name, list_digest, entries, listed_at, listed_by, public_value, drawn_at, drawn_by) ON draw TO jari_app;

-- +goose Down
ALTER TABLE enrol_cursor DROP COLUMN serial;
DROP FUNCTION place_drawn(integer, uuid[], bigint[]);
DROP TABLE draw_list, draw;
DROP FUNCTION draw_once;
