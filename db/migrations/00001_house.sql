-- The whole house. Read with docs/decisions/0004-tables.md. Conventions:
--   * a registration is (campaign_id, id); id is the keyed hash of the person's identity, so the primary key alone holds
--     "one person, one place", and the keys can be hash-partitioned later;
--   * times are timestamptz in UTC; what business depends on is passed in, never taken from now();
--   * *_ct columns are ciphertexts under the campaign's data key, with campaign, row and column as associated data;
--   * *_hash columns are keyed hashes, never bare ones;
--   * every index says what reads it.

-- +goose Up

-- +goose StatementBegin
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jari_app') THEN
        CREATE ROLE jari_app NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL; -- another migration made it at the same moment
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'jari needs a database role "jari_app": create it once as an administrator (CREATE ROLE jari_app NOLOGIN; GRANT jari_app TO this_user)';
END
$$;
-- +goose StatementEnd

CREATE TABLE campaign (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug        text        NOT NULL UNIQUE,
    mode        text        NOT NULL CHECK (mode IN ('rehearsal', 'live')),
    version     integer     NOT NULL DEFAULT 1,
    digest      bytea       NOT NULL,
    content     jsonb       NOT NULL, -- the campaign as data, without its slots
    keys_ct     bytea       NOT NULL, -- the campaign's keysets, encrypted under the master key; erasing a campaign is erasing this
    created_at  timestamptz NOT NULL,
    changed_at  timestamptz NOT NULL
);

CREATE TABLE campaign_version (
    campaign_id integer     NOT NULL REFERENCES campaign,
    version     integer     NOT NULL,
    content     jsonb       NOT NULL,
    digest      bytea       NOT NULL,
    actor       text        NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, version)
);

CREATE TABLE pool (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id integer NOT NULL REFERENCES campaign,
    code        text    NOT NULL,
    round       bigint  NOT NULL DEFAULT 0, -- the last round; every page of a round locks this row and checks it
    busy_until  timestamptz, -- a round is under way; a dead assigner's round counts as ended after this
    UNIQUE (campaign_id, code)
);

CREATE TABLE queue (
    id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id    integer     NOT NULL REFERENCES campaign,
    pool_id        integer     NOT NULL REFERENCES pool,
    code           text        NOT NULL,
    opens_at       timestamptz NOT NULL,
    first_round_at timestamptz NOT NULL,
    sealed_to      bigint      NOT NULL DEFAULT 0, -- the last place that was announced
    scan_from      bigint      NOT NULL DEFAULT 0, -- every registration with a serial at or below it has its place
    UNIQUE (campaign_id, code)
);

-- How far the background has told people of their registration and looked for duplicates: places are gapless, so a
-- number is enough. A table of its own, so that it never waits for the seal.
CREATE TABLE enrol_cursor (
    queue_id    integer PRIMARY KEY REFERENCES queue,
    enrolled_to bigint NOT NULL DEFAULT 0
);

-- The intake's table: narrow, insert-only on the fast path. The seal derives the rest in bulk.
CREATE TABLE registration (
    campaign_id    integer     NOT NULL,
    id             uuid        NOT NULL,
    serial         bigint      GENERATED ALWAYS AS IDENTITY,
    queue_id       integer     NOT NULL,
    cohort         text        NOT NULL,
    cohort_version integer     NOT NULL,
    arrival        timestamptz NOT NULL, -- the order key's; an unsealed entry may take an earlier one of the same person
    received_at    timestamptz NOT NULL, -- what its maker was told; never changes
    tie            bigint      NOT NULL,
    stored_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    door           text        NOT NULL CHECK (door IN ('app', 'sms', 'ussd', 'voice', 'agent')),
    actor          text        NOT NULL,
    device         bytea       CHECK (octet_length(device) = 16), -- keyed hash of the client's secret; NULL where no client holds one
    attested       boolean     NOT NULL DEFAULT false, -- an agent has checked who it is
    region         text        NOT NULL DEFAULT '',
    wishes         jsonb,
    lang           text        NOT NULL,
    verify         text        NOT NULL CHECK (verify IN ('before_offer', 'by_offer')),
    person_ct      bytea       NOT NULL,
    generation     smallint    NOT NULL DEFAULT 0,
    alias_of       uuid,        -- this identity belongs to another entry (after a correction); it has no place of its own
    withdrawn_at   timestamptz,
    PRIMARY KEY (campaign_id, id) -- read by: every conflict, every operation
) WITH (fillfactor = 95);
-- read by: seal (what came since the last one) and the look-up of a ticket's code; costs almost nothing to keep
CREATE INDEX registration_serial_brin ON registration USING brin (serial) WITH (pages_per_range = 16, autosummarize = on);

-- Another device that applied for an entry which stands already. It learns nothing until it proves the phone on file.
CREATE TABLE claim (
    campaign_id     integer     NOT NULL,
    registration_id uuid        NOT NULL,
    device          bytea       NOT NULL CHECK (octet_length(device) = 16),
    arrival         timestamptz NOT NULL,
    door            text        NOT NULL,
    PRIMARY KEY (campaign_id, registration_id, device)
);

CREATE TABLE place (
    campaign_id     integer     NOT NULL,
    registration_id uuid        NOT NULL,
    queue_id        integer     NOT NULL REFERENCES queue,
    number          bigint      NOT NULL CHECK (number > 0),
    arrival         timestamptz NOT NULL,
    tie             bigint      NOT NULL,
    late            text        NOT NULL DEFAULT '', -- why it was announced after later arrivals, '' when it was not
    sealed_at       timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, registration_id), -- read by: status, seal's "has no place yet"
    UNIQUE (queue_id, number)                   -- read by: audit (gapless), status
);
-- read by: assign, which walks a queue in the order of the key
CREATE INDEX place_order ON place (queue_id, arrival, tie, registration_id);

CREATE TABLE lookup (
    campaign_id     integer  NOT NULL,
    kind            smallint NOT NULL,
    hash            bytea    NOT NULL CHECK (octet_length(hash) = 16),
    registration_id uuid     NOT NULL,
    PRIMARY KEY (campaign_id, kind, hash, registration_id) -- read by: text door (phone), duplicates
);
-- read by: enrol ("is not looked up yet") and correct, which replaces a person's hashes
CREATE INDEX lookup_registration ON lookup (campaign_id, registration_id);

CREATE TABLE possible_duplicate (
    campaign_id integer     NOT NULL,
    one         uuid        NOT NULL,
    other       uuid        NOT NULL,
    reason      text        NOT NULL CHECK (reason IN ('name_birth', 'phone_birth', 'corrected', 'self_reported')),
    found_at    timestamptz NOT NULL,
    resolved_at timestamptz,
    resolution  text,
    CHECK (one <= other),
    PRIMARY KEY (campaign_id, one, other, reason)
);

CREATE TABLE verification (
    campaign_id     integer     NOT NULL,
    registration_id uuid        NOT NULL,
    method          text        NOT NULL CHECK (method IN ('code', 'reply', 'agent', 'offer', 'call')),
    device          bytea       NOT NULL DEFAULT ''::bytea, -- the device that proved the phone; empty when none did
    at              timestamptz NOT NULL,
    stored_at       timestamptz NOT NULL DEFAULT clock_timestamp(), -- a round can have seen it at most a write's time later
    actor           text        NOT NULL,
    PRIMARY KEY (campaign_id, registration_id, method, device) -- read by: ready people, status
);

CREATE TABLE code_request (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id     integer     NOT NULL,
    registration_id uuid        NOT NULL,
    device          bytea       NOT NULL, -- a code belongs to the device that asked for it
    phone_hash      bytea       NOT NULL,
    address_hash    bytea       NOT NULL,
    requested_at    timestamptz NOT NULL,
    silent          boolean     NOT NULL DEFAULT false, -- not sent, because of the phone's own limit, which is nobody else's business
    sent_at         timestamptz, -- a code lives from here; one that we have not sent never counts against anyone
    tries           smallint    NOT NULL DEFAULT 0,
    used_at         timestamptz
);
CREATE INDEX code_request_registration ON code_request (campaign_id, registration_id, requested_at); -- read by: verify
CREATE INDEX code_request_phone ON code_request (campaign_id, phone_hash, requested_at);             -- read by: limits
CREATE INDEX code_request_address ON code_request (campaign_id, address_hash, requested_at);         -- read by: limits

CREATE TABLE operation (
    campaign_id     integer     NOT NULL,
    registration_id uuid        NOT NULL,
    device          bytea       NOT NULL,
    operation_id    uuid        NOT NULL,
    kind            text        NOT NULL,
    digest          bytea       NOT NULL, -- of the request, to refuse the same id with other data
    outcome         text        NOT NULL, -- '' or the problem's code, so that a repetition gets the same answer
    at              timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, registration_id, device, operation_id)
);

CREATE TABLE site (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id integer NOT NULL REFERENCES campaign,
    code        text    NOT NULL,
    UNIQUE (campaign_id, code)
);

CREATE TABLE slot (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id integer     NOT NULL REFERENCES campaign,
    pool_id     integer     NOT NULL REFERENCES pool,
    site_id     integer     NOT NULL REFERENCES site,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL CHECK (ends_at > starts_at),
    capacity    integer     NOT NULL CHECK (capacity >= 0),
    taken       integer     NOT NULL DEFAULT 0,
    CONSTRAINT slot_capacity CHECK (taken >= 0 AND taken <= capacity), -- law 4
    UNIQUE (site_id, starts_at)
) WITH (fillfactor = 70);
-- read by: assign (what is free in a pool)
CREATE INDEX slot_free ON slot (pool_id, starts_at) WHERE taken < capacity;

CREATE TABLE round (
    pool_id     integer     NOT NULL REFERENCES pool,
    number      bigint      NOT NULL,
    page        integer     NOT NULL,
    at          timestamptz NOT NULL,
    version     integer     NOT NULL, -- of the campaign
    free_before bigint      NOT NULL,
    looked_at   integer     NOT NULL,
    assigned    integer     NOT NULL,
    unmatched   integer     NOT NULL,
    last_arrival timestamptz,
    last_tie    bigint,
    actor       text        NOT NULL,
    PRIMARY KEY (pool_id, number, page)
);

CREATE TABLE appointment (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id     integer     NOT NULL,
    registration_id uuid        NOT NULL,
    slot_id         bigint      NOT NULL REFERENCES slot,
    pool_id         integer     NOT NULL,
    round           bigint      NOT NULL,
    state           text        NOT NULL CHECK (state IN ('offered', 'confirmed', 'attended', 'missed', 'declined', 'lapsed', 'cancelled')),
    -- the order key at the time, so that the audit can check law 3 from history
    arrival         timestamptz NOT NULL,
    tie             bigint      NOT NULL,
    made_at         timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL,
    changed_by      text        NOT NULL
) WITH (fillfactor = 85);
-- law 2 for appointments: one that is open or was attended. Read by: assign, status
CREATE UNIQUE INDEX appointment_one ON appointment (campaign_id, registration_id) WHERE state IN ('offered', 'confirmed', 'attended', 'missed');
CREATE INDEX appointment_registration ON appointment (campaign_id, registration_id, id); -- read by: status, decline limit
CREATE INDEX appointment_slot ON appointment (slot_id);                                  -- read by: audit, site lists

CREATE TABLE appointment_event (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    appointment_id bigint      NOT NULL REFERENCES appointment,
    from_state     text        NOT NULL, -- '' for a new one
    to_state       text        NOT NULL,
    at             timestamptz NOT NULL,
    stored_at      timestamptz NOT NULL DEFAULT clock_timestamp(), -- a round can have seen it at most a write's time later
    actor          text        NOT NULL
);
CREATE INDEX appointment_event_appointment ON appointment_event (appointment_id, id); -- read by: audit

CREATE TABLE appointment_transition (
    from_state text NOT NULL,
    to_state   text NOT NULL,
    PRIMARY KEY (from_state, to_state)
);
INSERT INTO appointment_transition VALUES
    ('', 'offered'), ('offered', 'confirmed'), ('offered', 'declined'), ('offered', 'lapsed'), ('offered', 'cancelled'),
    ('offered', 'attended'), ('offered', 'missed'), ('confirmed', 'declined'), ('confirmed', 'cancelled'),
    ('confirmed', 'attended'), ('confirmed', 'missed');

-- History is written by the database, so that no code can forget it.
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
CREATE TRIGGER appointment_history AFTER INSERT OR UPDATE OF state ON appointment
    FOR EACH ROW EXECUTE FUNCTION appointment_history();

-- The outbox: rows that must reach a person. No text and no personal data: the text is made when it is sent.
CREATE TABLE message (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id     integer     NOT NULL,
    registration_id uuid,       -- whose phone on file is told; NULL for an answer to a phone without an entry
    inbound_id      bigint,     -- the text that this answers; its sender is told
    appointment_id  bigint      REFERENCES appointment,
    kind            text        NOT NULL,
    params          jsonb       NOT NULL DEFAULT '{}',
    dedup           text        NOT NULL, -- one message per campaign and purpose
    reference       text        NOT NULL CHECK (length(reference) = 4), -- in the text; how an unknown outcome is found again
    state           text        NOT NULL DEFAULT 'pending'
                    CHECK (state IN ('pending', 'queued', 'sending', 'unknown', 'accepted', 'sent', 'delivered', 'undelivered', 'failed', 'suppressed', 'expired')),
    urgent          boolean     NOT NULL DEFAULT false, -- answers and codes: before all else, and in quiet hours too
    priority_at     timestamptz NOT NULL, -- earliest appointment first
    due_at          timestamptz NOT NULL,
    useful_until    timestamptz,
    enqueued        integer     NOT NULL DEFAULT 0, -- how often it was handed to the task queue; part of the task's id
    state_at        timestamptz NOT NULL,
    provider_id     text,
    created_at      timestamptz NOT NULL,
    CHECK (registration_id IS NOT NULL OR inbound_id IS NOT NULL),
    UNIQUE (campaign_id, dedup)
) WITH (fillfactor = 70);
CREATE INDEX message_pending ON message (campaign_id, urgent DESC, priority_at, id) WHERE state = 'pending';      -- read by: relay
CREATE INDEX message_live ON message (state, state_at) WHERE state IN ('queued', 'sending', 'unknown', 'accepted', 'sent'); -- read by: sweep, reconcile
CREATE INDEX message_provider ON message (provider_id) WHERE provider_id IS NOT NULL;                            -- read by: receipts
CREATE INDEX message_registration ON message (campaign_id, registration_id, id);                                 -- read by: threads, audit

CREATE TABLE send_attempt (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id  bigint      NOT NULL REFERENCES message,
    claimed_at  timestamptz NOT NULL,
    finished_at timestamptz,
    outcome     text        NOT NULL DEFAULT 'claimed'
                CHECK (outcome IN ('claimed', 'accepted', 'not_sent', 'slow_down', 'refused', 'unknown', 'found', 'absent')),
    code        integer     NOT NULL DEFAULT 0,
    provider_id text,
    absent_at   timestamptz, -- first reading of the provider's list that did not show it
    extra       integer     NOT NULL DEFAULT 0 -- further copies of this message that the provider's list shows: known doubles
) WITH (fillfactor = 70);
CREATE INDEX send_attempt_message ON send_attempt (message_id, id); -- read by: reconcile, audit

CREATE TABLE receipt (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider_id text        NOT NULL,
    status      text        NOT NULL,
    code        integer     NOT NULL DEFAULT 0,
    received_at timestamptz NOT NULL,
    applied     boolean     NOT NULL DEFAULT false,
    UNIQUE (provider_id, status)
);
CREATE INDEX receipt_waiting ON receipt (received_at) WHERE NOT applied; -- read by: reconcile (receipts that came before our own answer was stored)

-- What could not be told by text: an agent calls. Law 5 ends here when all else fails.
CREATE TABLE escalation (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id     integer     NOT NULL,
    registration_id uuid        NOT NULL,
    message_id      bigint      REFERENCES message,
    reason          text        NOT NULL,
    opened_at       timestamptz NOT NULL,
    closed_at       timestamptz,
    closed_by       text,
    UNIQUE (campaign_id, registration_id, message_id, reason)
);

-- A text as it came in: stored before anything is done with it, answered once.
CREATE TABLE inbound (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id  integer     NOT NULL,
    provider     text        NOT NULL,
    provider_sid text        NOT NULL,
    phone_hash   bytea       NOT NULL CHECK (octet_length(phone_hash) = 16),
    from_ct      bytea       NOT NULL,
    body_ct      bytea       NOT NULL,
    arrival      timestamptz NOT NULL,
    handled_at   timestamptz,
    failures     smallint    NOT NULL DEFAULT 0,
    UNIQUE (provider, provider_sid)
);
CREATE INDEX inbound_open ON inbound (arrival) WHERE handled_at IS NULL; -- read by: sweep

-- A first contact by text and what was understood so far.
CREATE TABLE contact (
    campaign_id integer     NOT NULL,
    phone_hash  bytea       NOT NULL,
    first_at    timestamptz NOT NULL, -- the arrival of whoever is completed on it first
    expires_at  timestamptz NOT NULL,
    used        boolean     NOT NULL DEFAULT false, -- somebody was completed on it
    state_ct    bytea       NOT NULL,
    version     integer     NOT NULL DEFAULT 1,
    PRIMARY KEY (campaign_id, phone_hash)
);

-- Which entries a phone made by text, so that one phone carries at most so many people.
CREATE TABLE phone_entry (
    campaign_id     integer     NOT NULL,
    phone_hash      bytea       NOT NULL,
    registration_id uuid        NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, phone_hash, registration_id)
);

-- A question we asked by text, with answer numbers of its own.
CREATE TABLE question (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id     integer     NOT NULL,
    phone_hash      bytea       NOT NULL,
    first_no        smallint    NOT NULL CHECK (first_no BETWEEN 1 AND 97),
    registration_id uuid        NOT NULL,
    message_id      bigint      NOT NULL UNIQUE REFERENCES message,
    kind            text        NOT NULL CHECK (kind IN ('verify', 'offer')),
    appointment_id  bigint      REFERENCES appointment,
    asked_at        timestamptz NOT NULL,
    answered_at     timestamptz,
    answer          text
);
CREATE INDEX question_phone ON question (campaign_id, phone_hash, id DESC); -- read by: answers, numbering

CREATE TABLE agent (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login      text        NOT NULL UNIQUE CHECK (login ~ '^[a-z][a-z0-9._-]{1,31}$'),
    name       text        NOT NULL,
    token_hash bytea       NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

-- What a campaign's texts cost in a day, and how fast they may leave: a bucket of allowance that fills with time.
CREATE TABLE spend (
    campaign_id integer NOT NULL,
    day         date    NOT NULL, -- in the campaign's zone
    texts       integer NOT NULL DEFAULT 0,
    allowance   double precision NOT NULL DEFAULT 0, -- texts that may be released at paced_at
    paced_at    timestamptz, -- in the future while the provider asks us to slow down
    alarmed_at  timestamptz, -- when the day's cap was reached
    PRIMARY KEY (campaign_id, day)
) WITH (fillfactor = 50);

-- How many texts one phone got in a day, so that nobody can have a phone flooded.
CREATE TABLE phone_spend (
    campaign_id integer NOT NULL,
    phone_hash  bytea   NOT NULL CHECK (octet_length(phone_hash) = 16),
    day         date    NOT NULL, -- in the campaign's zone
    texts       integer NOT NULL DEFAULT 0,
    alarmed_at  timestamptz, -- when the phone's limit was reached
    PRIMARY KEY (campaign_id, phone_hash, day)
) WITH (fillfactor = 80);

CREATE TABLE audit_log (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id     integer,
    registration_id uuid,
    at              timestamptz NOT NULL,
    actor           text        NOT NULL CHECK (actor <> ''),
    act             text        NOT NULL,
    detail          jsonb       NOT NULL DEFAULT '{}' -- never personal data
);
-- read by: an entry's history, audit
CREATE INDEX audit_log_registration ON audit_log (campaign_id, registration_id, id);

-- Append-only by grants: the program's role may add to history and read it, and nothing else.
GRANT USAGE ON SCHEMA public TO jari_app;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO jari_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO jari_app;
GRANT DELETE ON lookup, contact, slot TO jari_app; -- derived hashes are replaced; an incomplete conversation is forgotten; a slot nobody ever had may go
REVOKE UPDATE ON audit_log, appointment_event, appointment_transition, place, claim, verification, round, campaign_version, operation FROM jari_app;
REVOKE INSERT ON appointment_event, appointment_transition FROM jari_app;

-- +goose Down
DROP TABLE audit_log, phone_spend, spend, agent, question, phone_entry, contact, inbound, escalation, receipt, send_attempt, message,
    appointment_event, appointment_transition, appointment, round, slot, site, operation, code_request, verification,
    possible_duplicate, lookup, place, claim, registration, enrol_cursor, queue, pool, campaign_version, campaign;
DROP FUNCTION appointment_history;
