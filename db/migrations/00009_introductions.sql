-- A device says for whom it speaks without applying: to prepare before the opening, and to come back with a new phone at any time. A device can
-- be shut out. Read with docs/decisions/0003-identity.md.

-- +goose Up

-- Keyed as a claim is, by the identity's hash, whether or not there is an entry under it. It gives no arrival and no place.
CREATE TABLE introduction (
    campaign_id     integer     NOT NULL,
    registration_id uuid        NOT NULL, -- under which the person is or would be entered
    device          bytea       NOT NULL CHECK (octet_length(device) = 16),
    person_ct       bytea       NOT NULL, -- sealed for its own column: it cannot be taken for a registration's
    phone_hash      bytea       NOT NULL CHECK (octet_length(phone_hash) = 16), -- of the phone in person_ct, which codes are texted to
    region          text        NOT NULL,
    wishes          jsonb,
    lang            text        NOT NULL,
    introduced_at   timestamptz NOT NULL, -- the first time; what the device is told; never changes
    verified_at     timestamptz,          -- since when the device has proven the phone in person_ct; another phone clears it
    PRIMARY KEY (campaign_id, registration_id, device) -- read by: status, enrol, whoever applies for a known person
);
-- read by: the removal of other devices
CREATE INDEX introduction_phone ON introduction (campaign_id, phone_hash) WHERE verified_at IS NOT NULL;

-- A device that may neither see nor change an entry any more.
CREATE TABLE device_removed (
    campaign_id     integer     NOT NULL,
    registration_id uuid        NOT NULL,
    device          bytea       NOT NULL CHECK (octet_length(device) = 16),
    proven          boolean     NOT NULL, -- it had proven the phone on file: only then may an answer depend on there being an entry
    at              timestamptz NOT NULL,
    actor           text        NOT NULL CHECK (actor <> ''),
    operation_id    uuid        NOT NULL, -- the removal's
    PRIMARY KEY (campaign_id, registration_id, device) -- read by: status, every operation of a device
);

GRANT SELECT, INSERT, UPDATE, DELETE ON introduction TO jari_app; -- who is removed is forgotten
GRANT SELECT, INSERT ON device_removed TO jari_app;

-- Whoever applies for a person who stands already, as before, and now also how each device stands: "bound" to what it was told when it introduced
-- itself (or was removed), because it has not proven the phone of an entry that ended since, or "removed" by somebody who had proven the phone. intake_met stays
-- for programs that do not know introductions yet.
-- +goose StatementBegin
CREATE FUNCTION intake_known(campaigns integer[], ids uuid[], arrivals timestamptz[], cohorts text[], vias text[], devices bytea[], doors text[])
RETURNS TABLE (campaign integer, id uuid, serial bigint, received_at timestamptz, device bytea, withdrawn_at timestamptz, alias_of uuid,
    proven boolean, claimed_by bytea, claimed_at timestamptz, claim_proven boolean, asked_by bytea, bound boolean, removed boolean)
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
    -- An entry that ended takes no new claims, but from a device that has introduced itself or was removed: it goes on being told what it was told.
    INSERT INTO claim (campaign_id, registration_id, device, arrival, door)
    SELECT DISTINCT ON (c, i, d) c, i, d, least(a, clock_timestamp()), w
    FROM unnest(campaigns, ids, devices, arrivals, doors) AS t(c, i, d, a, w) JOIN registration r ON r.campaign_id = c AND r.id = i
    WHERE d IS NOT NULL AND r.device IS DISTINCT FROM d AND (r.alias_of IS NULL AND r.withdrawn_at IS NULL
        OR EXISTS (SELECT FROM introduction n WHERE n.campaign_id = c AND n.registration_id = i AND n.device = d)
        OR EXISTS (SELECT FROM device_removed x WHERE x.campaign_id = c AND x.registration_id = i AND x.device = d))
    ORDER BY c, i, d, a
    ON CONFLICT DO NOTHING;
    RETURN QUERY
        SELECT r.campaign_id, r.id, r.serial, r.received_at, r.device, r.withdrawn_at, r.alias_of,
            EXISTS (SELECT FROM verification v WHERE v.campaign_id = r.campaign_id AND v.registration_id = r.id AND v.device = r.device),
            k.device, k.arrival,
            EXISTS (SELECT FROM verification v WHERE v.campaign_id = r.campaign_id AND v.registration_id = r.id AND v.device = k.device),
            t.d,
            (EXISTS (SELECT FROM introduction n WHERE n.campaign_id = t.c AND n.registration_id = t.i AND n.device = t.d)
                OR EXISTS (SELECT FROM device_removed x WHERE x.campaign_id = t.c AND x.registration_id = t.i AND x.device = t.d))
                AND NOT EXISTS (SELECT FROM registration e JOIN verification v ON v.campaign_id = e.campaign_id AND v.registration_id = e.id AND v.device = t.d
                    WHERE e.campaign_id = r.campaign_id AND e.withdrawn_at IS NOT NULL
                        AND e.id = CASE WHEN r.withdrawn_at IS NULL THEN coalesce(r.alias_of, r.id) ELSE r.id END),
            EXISTS (SELECT FROM device_removed x WHERE x.campaign_id = t.c AND x.registration_id = t.i AND x.device = t.d AND x.proven)
        FROM (SELECT DISTINCT c, i, d FROM unnest(campaigns, ids, devices) AS t(c, i, d)) t
        JOIN registration r ON r.campaign_id = t.c AND r.id = t.i
        LEFT JOIN claim k ON k.campaign_id = r.campaign_id AND k.registration_id = r.id AND k.device = t.d AND r.device IS DISTINCT FROM t.d
            AND (r.alias_of IS NULL OR EXISTS (SELECT FROM introduction n WHERE n.campaign_id = t.c AND n.registration_id = t.i AND n.device = t.d)
                OR EXISTS (SELECT FROM device_removed x WHERE x.campaign_id = t.c AND x.registration_id = t.i AND x.device = t.d));
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION intake_known(integer[], uuid[], timestamptz[], text[], text[], bytea[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION intake_known(integer[], uuid[], timestamptz[], text[], text[], bytea[], text[]) TO jari_app;

-- +goose Down
DROP FUNCTION intake_known(integer[], uuid[], timestamptz[], text[], text[], bytea[], text[]);
DROP TABLE device_removed, introduction;
