-- The peak: how an application came in when it did not come straight from a door. Read with docs/decisions/0014-overload.md.

-- +goose Up
-- '' (straight from a door), 'stamp' (an arrival stamp gave the arrival) or 'journal' (it waited in a door's journal). Read by the seal, which says why a place
-- was announced late.
ALTER TABLE registration ADD COLUMN via text NOT NULL DEFAULT '' CHECK (via IN ('', 'stamp', 'journal'));
ALTER TABLE inbound ADD COLUMN via text NOT NULL DEFAULT '' CHECK (via IN ('', 'journal'));

-- The order key may become earlier after the place was announced: a stamp or a journal proves an arrival of the same person that comes to
-- light late. The number stays; the person is served by the earlier key from then on. Read by: audit.
ALTER TABLE place ADD COLUMN announced_arrival timestamptz; -- the arrival when the number was given; NULL: the same as now
ALTER TABLE place ADD COLUMN moved_at timestamptz;          -- since when the earlier one counts

-- The program's role may not change a place. This is the one exception: a place takes over the arrival of its registration, if that is earlier.
-- +goose StatementBegin
CREATE FUNCTION place_earlier(campaign integer, ids uuid[]) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE place p SET arrival = r.arrival, announced_arrival = coalesce(p.announced_arrival, p.arrival), moved_at = clock_timestamp(),
        late = CASE WHEN p.late <> '' THEN p.late WHEN r.via <> '' THEN r.via ELSE 'stored_late' END
    FROM registration r
    WHERE p.campaign_id = campaign AND p.registration_id = ANY (ids)
      AND r.campaign_id = p.campaign_id AND r.id = p.registration_id AND r.arrival < p.arrival
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION place_earlier(integer, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION place_earlier(integer, uuid[]) TO jari_app;

-- What applications met that were not the first of their person: takes over earlier arrivals, keeps what other devices claim, and says how each entry
-- stands. One call, because under load every round trip waits for its turn on a busy node. It waits for no lock for long, because the new
-- applications of the batch wait for it; and it keeps to look-ups whatever the statistics say: at an opening they are those of an empty table.
-- +goose StatementBegin
CREATE FUNCTION intake_met(campaigns integer[], ids uuid[], arrivals timestamptz[], cohorts text[], vias text[], devices bytea[], doors text[])
RETURNS TABLE (campaign integer, id uuid, serial bigint, received_at timestamptz, device bytea, withdrawn_at timestamptz, alias_of uuid,
    proven boolean, claimed_by bytea, claimed_at timestamptz, claim_proven boolean)
LANGUAGE plpgsql SET lock_timeout = '4s' SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    moved record;
BEGIN
    -- Locked in the order of the ids, as the seal does it, and changed in a second statement, which sees what the seal wrote while this one waited.
    PERFORM FROM (SELECT c, i, k, min(a) AS a FROM unnest(campaigns, ids, cohorts, arrivals) AS t(c, i, k, a) GROUP BY c, i, k) e
        JOIN registration r ON r.campaign_id = e.c AND r.id = e.i AND r.cohort = e.k AND e.a < r.arrival
        WHERE r.withdrawn_at IS NULL AND r.alias_of IS NULL
        ORDER BY r.campaign_id, r.id FOR NO KEY UPDATE OF r;
    IF FOUND THEN
        FOR moved IN
            WITH now_earlier AS (
                UPDATE registration r SET arrival = e.a, via = e.v
                FROM (SELECT DISTINCT ON (c, i, k) c, i, k, a, v FROM unnest(campaigns, ids, cohorts, arrivals, vias) AS t(c, i, k, a, v) ORDER BY c, i, k, a) e
                WHERE r.campaign_id = e.c AND r.id = e.i AND r.cohort = e.k AND e.a < r.arrival AND r.withdrawn_at IS NULL AND r.alias_of IS NULL
                RETURNING r.campaign_id, r.id
            ), trail AS (
                INSERT INTO audit_log (campaign_id, registration_id, at, actor, act)
                SELECT n.campaign_id, n.id, clock_timestamp(), 'intake', 'arrival.earlier' FROM now_earlier n
            )
            SELECT n.campaign_id AS c, array_agg(n.id) AS i FROM now_earlier n GROUP BY n.campaign_id
        LOOP
            PERFORM place_earlier(moved.c, moved.i);
        END LOOP;
    END IF;
    INSERT INTO claim (campaign_id, registration_id, device, arrival, door)
    SELECT DISTINCT ON (c, i, d) c, i, d, least(a, clock_timestamp()), w
    FROM unnest(campaigns, ids, devices, arrivals, doors) AS t(c, i, d, a, w) JOIN registration r ON r.campaign_id = c AND r.id = i
    WHERE d IS NOT NULL AND r.device IS DISTINCT FROM d AND r.alias_of IS NULL AND r.withdrawn_at IS NULL
    ORDER BY c, i, d, a
    ON CONFLICT DO NOTHING;
    RETURN QUERY
        SELECT r.campaign_id, r.id, r.serial, r.received_at, r.device, r.withdrawn_at, r.alias_of,
            EXISTS (SELECT FROM verification v WHERE v.campaign_id = r.campaign_id AND v.registration_id = r.id AND v.device = r.device),
            k.device, k.arrival,
            EXISTS (SELECT FROM verification v WHERE v.campaign_id = r.campaign_id AND v.registration_id = r.id AND v.device = k.device)
        FROM (SELECT DISTINCT c, i, d FROM unnest(campaigns, ids, devices) AS t(c, i, d)) t
        JOIN registration r ON r.campaign_id = t.c AND r.id = t.i
        LEFT JOIN claim k ON k.campaign_id = r.campaign_id AND k.registration_id = r.id AND k.device = t.d
            AND r.device IS DISTINCT FROM t.d AND r.alias_of IS NULL;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION intake_met(integer[], uuid[], timestamptz[], text[], text[], bytea[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION intake_met(integer[], uuid[], timestamptz[], text[], text[], bytea[], text[]) TO jari_app;

-- +goose Down
DROP FUNCTION intake_met(integer[], uuid[], timestamptz[], text[], text[], bytea[], text[]);
DROP FUNCTION place_earlier;
ALTER TABLE place DROP COLUMN moved_at, DROP COLUMN announced_arrival;
ALTER TABLE inbound DROP COLUMN via;
ALTER TABLE registration DROP COLUMN via;
