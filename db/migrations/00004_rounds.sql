-- Rounds over a nation: who waits, what was decided, what is kept for whom. Read with docs/decisions/0018-rounds.md.

-- +goose Up

-- Foreign keys of the bulk tables: each cost a look-up and a row lock for every one of a million and a half rows, on rows that the same
-- statement has just read. The audit looks for what they would have refused (law 10).
ALTER TABLE place DROP CONSTRAINT place_queue_id_fkey;
ALTER TABLE appointment DROP CONSTRAINT appointment_slot_id_fkey;
ALTER TABLE appointment_event DROP CONSTRAINT appointment_event_appointment_id_fkey;
ALTER TABLE message DROP CONSTRAINT message_appointment_id_fkey;

-- An event is the audit line of its appointment: append-only by grants, with its actor. Its key begins with the appointment, so that one
-- index serves both.
ALTER TABLE appointment_event DROP CONSTRAINT appointment_event_pkey, ADD CONSTRAINT appointment_event_actor CHECK (actor <> '');
DROP INDEX appointment_event_appointment;
ALTER TABLE appointment_event ADD PRIMARY KEY (appointment_id, id); -- read by: audit, explain

-- The line that the seal writes for everybody is found through the registration itself, which carries the same.
DROP INDEX audit_log_registration;
CREATE INDEX audit_log_registration ON audit_log (campaign_id, registration_id, id) WHERE act <> 'register'; -- read by: an entry's history, audit

-- What one site has for a period, beside its slots.
CREATE TABLE supply (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id integer NOT NULL REFERENCES campaign,
    site_id     integer NOT NULL REFERENCES site,
    from_day    date    NOT NULL, -- in the campaign's zone, both inclusive
    to_day      date    NOT NULL CHECK (to_day >= from_day),
    doses       integer NOT NULL CHECK (doses >= 0),
    taken       integer NOT NULL DEFAULT 0,
    CONSTRAINT supply_doses CHECK (taken >= 0 AND taken <= doses),
    UNIQUE (site_id, from_day)
) WITH (fillfactor = 50);

ALTER TABLE slot
    ADD COLUMN supply_id  integer REFERENCES supply,
    ADD COLUMN reserve    smallint NOT NULL DEFAULT 0,    -- the campaign's reserve, counted from 1; 0: none
    ADD COLUMN reserved   integer  NOT NULL DEFAULT 0,    -- seats that are kept for the reserve's people until the release
    ADD COLUMN kept_taken integer  NOT NULL DEFAULT 0,    -- those of them that are taken
    ADD COLUMN release_at timestamptz,
    ADD COLUMN released   boolean  NOT NULL DEFAULT false,
    -- free seats that have not been offered to all who wait yet. Nobody who waits wants the other free ones. No index holds what is taken, so
    -- that a round's updates stay on their page (HOT).
    ADD COLUMN gained     integer  NOT NULL DEFAULT 0 CHECK (gained >= 0),
    ADD CONSTRAINT slot_reserve CHECK (reserved >= 0 AND reserved <= capacity AND kept_taken >= 0 AND kept_taken <= taken);
DROP INDEX slot_free;
UPDATE slot SET gained = capacity - taken;
CREATE INDEX slot_gained ON slot (pool_id) WHERE gained > 0; -- read by: assign (is there anything new to give)
CREATE INDEX slot_release ON slot (release_at) WHERE reserve > 0 AND NOT released; -- read by: assign

ALTER TABLE appointment
    ADD COLUMN dose     smallint NOT NULL DEFAULT 1 CHECK (dose BETWEEN 1 AND 4),
    ADD COLUMN kept     boolean  NOT NULL DEFAULT false, -- sits on a seat of the slot's reserve
    ADD COLUMN page     integer  NOT NULL DEFAULT 0,     -- of the round
    ADD COLUMN rank     smallint NOT NULL DEFAULT 0,     -- which of the person's sites it is, from 1; 0: not recorded
    ADD COLUMN distance integer,                         -- metres from the centre of the person's region; NULL: unknown
    -- why it was made or ended, when it was not by the person's own answer
    ADD COLUMN cause    text     NOT NULL DEFAULT '' CHECK (cause IN ('', 'swap', 'moved', 'site_closed', 'capacity', 'redated', 'withdrawn'));
DROP INDEX appointment_one;
DROP INDEX appointment_registration;
-- law 2 for appointments: one of each dose that is open or was attended. Read by: assign, status
CREATE UNIQUE INDEX appointment_one ON appointment (campaign_id, registration_id, dose) WHERE state IN ('offered', 'confirmed', 'attended', 'missed');
CREATE INDEX appointment_over ON appointment (campaign_id, registration_id, id) WHERE state IN ('declined', 'lapsed', 'cancelled'); -- read by: status, decline limit

-- History is written once for a statement and not once for a row.
DROP TRIGGER appointment_history ON appointment;
DROP FUNCTION appointment_history;
-- +goose StatementBegin
CREATE FUNCTION appointment_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wrong text;
BEGIN
    SELECT n.state INTO wrong FROM made n WHERE n.state <> 'offered'
        AND NOT EXISTS (SELECT FROM appointment_transition t WHERE t.from_state = '' AND t.to_state = n.state) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an appointment cannot begin as "%"', wrong USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_transition';
    END IF;
    INSERT INTO appointment_event (appointment_id, from_state, to_state, at, actor) SELECT n.id, '', n.state, n.changed_at, n.changed_by FROM made n;
    RETURN NULL;
END
$$;
CREATE FUNCTION appointment_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT o.state AS before, n.state AS after INTO wrong FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE n.state <> o.state AND NOT EXISTS (SELECT FROM appointment_transition t WHERE t.from_state = o.state AND t.to_state = n.state) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an appointment cannot go from "%" to "%"', wrong.before, wrong.after
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_transition';
    END IF;
    INSERT INTO appointment_event (appointment_id, from_state, to_state, at, actor)
    SELECT n.id, o.state, n.state, n.changed_at, n.changed_by FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.state <> o.state ORDER BY n.id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER appointment_made AFTER INSERT ON appointment REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION appointment_made();
CREATE TRIGGER appointment_changed AFTER UPDATE ON appointment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION appointment_changed();

-- Places up to this number were looked at by a round: whoever got nothing stands in waiting. A table of its own, so that rounds and the
-- seal never wait for each other.
CREATE TABLE walk (
    queue_id  integer PRIMARY KEY REFERENCES queue,
    walked_to bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 30);

-- Who has a place, no appointment, and was looked at; or has an appointment and would like another. Whoever gets an appointment at the first
-- look never stands here, so that a round which serves everybody writes nothing here.
CREATE TABLE waiting (
    campaign_id     integer     NOT NULL,
    registration_id uuid        NOT NULL,
    dose            smallint    NOT NULL DEFAULT 1,
    pool_id         integer     NOT NULL,
    queue_id        integer     NOT NULL,
    grade           smallint    NOT NULL DEFAULT 1 CHECK (grade IN (0, 1)), -- 0: a later dose of a series, which is promised; before all others
    arrival         timestamptz NOT NULL, -- the order key's, as the place has it; the next round takes over a move
    tie             bigint      NOT NULL,
    look            boolean     NOT NULL, -- something changed for this person: to be held against everything that is free
    woken           integer     NOT NULL DEFAULT 0, -- how often something changed; a round clears look only if this is what it read
    reason          text        NOT NULL DEFAULT '', -- why there was nothing, at the last look; '' before the first
    looked_in       bigint      NOT NULL DEFAULT 0, -- the round of the last decision
    since           timestamptz NOT NULL DEFAULT clock_timestamp(), -- of the last change of look; when it was written, like verification.stored_at
    not_before      timestamptz, -- a later dose's window
    not_after       timestamptz,
    site            text        NOT NULL DEFAULT '', -- a later dose's site, where the series keeps to it
    swap_of         bigint,      -- the appointment that would be given up for another
    PRIMARY KEY (campaign_id, registration_id, dose) -- read by: whoever changes something for a person
) WITH (fillfactor = 70);
CREATE INDEX waiting_order ON waiting (pool_id, grade, arrival, tie, registration_id); -- read by: assign, when something has become free
CREATE INDEX waiting_look ON waiting (pool_id, grade, arrival, tie, registration_id) WHERE look; -- read by: assign, otherwise
-- read by: assign. Whoever became ready, or whose household became complete, at the moment at which a page let them wait.
CREATE INDEX waiting_recent ON waiting (pool_id, since) WHERE NOT look AND reason IN ('not_ready', 'incomplete');
CREATE INDEX escalation_held ON escalation (campaign_id, registration_id) WHERE reason = 'corrected_duplicate' AND closed_at IS NULL; -- read by: assign
CREATE INDEX place_late ON place (queue_id, number) WHERE late <> ''; -- read by: assign (who does not stand in the order of the numbers)
CREATE INDEX place_moved ON place (moved_at) WHERE moved_at IS NOT NULL; -- read by: assign (whose key has become earlier)

-- Up to when rounds have looked for what came about in the moment of a page (moved keys, readiness, households).
ALTER TABLE pool ADD COLUMN checked_to timestamptz NOT NULL DEFAULT '-infinity';

-- What a round needs of somebody, as the seal read it, so that a round goes through the places alone and not through the registrations: a nation's do
-- not fit in memory, and they do not lie in the order of the places. NULL cohort: a place from before. Whoever changes something until the
-- place is looked at stands in entry_changed, and the registration is read.
ALTER TABLE place ADD COLUMN cohort text, ADD COLUMN region text NOT NULL DEFAULT '', ADD COLUMN wishes jsonb, ADD COLUMN ready boolean NOT NULL DEFAULT false;
CREATE TABLE entry_changed (
    campaign_id     integer NOT NULL,
    registration_id uuid    NOT NULL,
    PRIMARY KEY (campaign_id, registration_id) -- read by: assign
);
-- Noted by the database, so that no code can forget it. Whoever changes one of these locks the pool first (lockPool), so that no page stands between.
-- +goose StatementBegin
CREATE FUNCTION registration_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO entry_changed (campaign_id, registration_id)
    SELECT p.campaign_id, p.registration_id FROM place p JOIN walk w ON w.queue_id = p.queue_id
    WHERE p.campaign_id = NEW.campaign_id AND p.registration_id = NEW.id AND p.number > w.walked_to ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER registration_changed AFTER UPDATE OF cohort, region, wishes, withdrawn_at, alias_of ON registration
    FOR EACH ROW EXECUTE FUNCTION registration_changed();

-- What a round decided about somebody who got nothing, whenever the reason changed. What it gave stands in appointment.
CREATE TABLE decision (
    id              bigint GENERATED ALWAYS AS IDENTITY,
    campaign_id     integer     NOT NULL,
    registration_id uuid        NOT NULL,
    dose            smallint    NOT NULL,
    pool_id         integer     NOT NULL,
    round           bigint      NOT NULL,
    page            integer     NOT NULL,
    reason          text        NOT NULL CHECK (reason <> ''),
    at              timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, registration_id, id) -- read by: explain
);

-- People who want to come together, by a keyed hash of the code that they share.
CREATE TABLE household (
    campaign_id     integer     NOT NULL,
    code            bytea       NOT NULL CHECK (octet_length(code) = 16),
    registration_id uuid        NOT NULL,
    size            smallint    NOT NULL CHECK (size BETWEEN 2 AND 4),
    joined_at       timestamptz NOT NULL, -- or changed the wishes: whose is the latest speaks for all
    PRIMARY KEY (campaign_id, code, registration_id) -- read by: assign
);
CREATE INDEX household_registration ON household (campaign_id, registration_id); -- read by: wishes, which may leave one

GRANT SELECT, INSERT, UPDATE ON supply, walk TO jari_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON entry_changed TO jari_app; -- until the place is looked at
GRANT SELECT, INSERT, UPDATE, DELETE ON waiting TO jari_app; -- whoever is served waits no more
GRANT SELECT, INSERT ON decision TO jari_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON household TO jari_app; -- a wish may change, or be taken back
GRANT DELETE ON supply TO jari_app; -- one that covers nothing any more

-- Rounds walked every queue from its beginning until now: whoever they left without an appointment waits.
INSERT INTO waiting (campaign_id, registration_id, pool_id, queue_id, arrival, tie, look)
SELECT p.campaign_id, p.registration_id, q.pool_id, p.queue_id, p.arrival, p.tie, true
FROM place p JOIN queue q ON q.id = p.queue_id JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id
WHERE r.withdrawn_at IS NULL AND r.alias_of IS NULL AND NOT EXISTS (SELECT FROM appointment a
    WHERE a.campaign_id = p.campaign_id AND a.registration_id = p.registration_id AND a.state IN ('offered', 'confirmed', 'attended', 'missed'));
INSERT INTO walk (queue_id, walked_to) SELECT id, sealed_to FROM queue;

-- +goose Down
ALTER TABLE pool DROP COLUMN checked_to;
DROP TRIGGER registration_changed ON registration;
DROP FUNCTION registration_changed;
DROP TABLE household, decision, waiting, entry_changed;
ALTER TABLE place DROP COLUMN ready, DROP COLUMN wishes, DROP COLUMN region, DROP COLUMN cohort;
DROP INDEX place_moved, place_late, escalation_held;
DROP TABLE walk;
DROP TRIGGER appointment_made ON appointment;
DROP TRIGGER appointment_changed ON appointment;
DROP FUNCTION appointment_made;
DROP FUNCTION appointment_changed;
-- +goose StatementBegin
CREATE FUNCTION appointment_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before text := CASE WHEN TG_OP = 'INSERT' THEN '' ELSE OLD.state END;
BEGIN
    IF before = NEW.state THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM appointment_transition t WHERE t.from_state = before AND t.to_state = NEW.state) THEN
        RAISE EXCEPTION 'an appointment cannot go from "%" to "%"', before, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_transition';
    END IF;
    INSERT INTO appointment_event (appointment_id, from_state, to_state, at, actor)
    VALUES (NEW.id, before, NEW.state, NEW.changed_at, NEW.changed_by);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER appointment_history AFTER INSERT OR UPDATE OF state ON appointment FOR EACH ROW EXECUTE FUNCTION appointment_history();
DROP INDEX appointment_over;
DROP INDEX appointment_one;
CREATE UNIQUE INDEX appointment_one ON appointment (campaign_id, registration_id) WHERE state IN ('offered', 'confirmed', 'attended', 'missed');
CREATE INDEX appointment_registration ON appointment (campaign_id, registration_id, id);
ALTER TABLE appointment DROP COLUMN cause, DROP COLUMN distance, DROP COLUMN rank, DROP COLUMN page, DROP COLUMN kept, DROP COLUMN dose;
DROP INDEX slot_release, slot_gained;
CREATE INDEX slot_free ON slot (pool_id, starts_at) WHERE taken < capacity;
ALTER TABLE slot DROP CONSTRAINT slot_reserve, DROP COLUMN gained, DROP COLUMN released, DROP COLUMN release_at, DROP COLUMN kept_taken,
    DROP COLUMN reserved, DROP COLUMN reserve, DROP COLUMN supply_id;
DROP TABLE supply;
DROP INDEX audit_log_registration;
CREATE INDEX audit_log_registration ON audit_log (campaign_id, registration_id, id);
ALTER TABLE appointment_event DROP CONSTRAINT appointment_event_pkey, DROP CONSTRAINT appointment_event_actor, ADD PRIMARY KEY (id);
CREATE INDEX appointment_event_appointment ON appointment_event (appointment_id, id);
ALTER TABLE message ADD FOREIGN KEY (appointment_id) REFERENCES appointment;
ALTER TABLE appointment_event ADD FOREIGN KEY (appointment_id) REFERENCES appointment;
ALTER TABLE appointment ADD FOREIGN KEY (slot_id) REFERENCES slot;
ALTER TABLE place ADD FOREIGN KEY (queue_id) REFERENCES queue;
