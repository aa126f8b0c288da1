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

-- +goose Down
DROP FUNCTION place_earlier;
ALTER TABLE place DROP COLUMN moved_at, DROP COLUMN announced_arrival;
ALTER TABLE inbound DROP COLUMN via;
ALTER TABLE registration DROP COLUMN via;
