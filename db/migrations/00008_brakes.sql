-- Brakes: what an operator has stopped, and why. Read with docs/decisions/0021-brakes.md.

-- +goose Up
-- What stands still now. Who braked and released what before stands in audit_log (brake.on, brake.off).
CREATE TABLE brake (
    campaign_id integer     NOT NULL REFERENCES campaign,
    what        text        NOT NULL CHECK (what IN ('intake', 'rounds', 'sending', 'calls')),
    since       timestamptz NOT NULL,
    actor       text        NOT NULL CHECK (actor <> ''),
    reason      text        NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
    PRIMARY KEY (campaign_id, what)
);
GRANT SELECT, INSERT, DELETE ON brake TO jari_app; -- a brake is released; the audit trail keeps it

-- +goose Down
DROP TABLE brake;
