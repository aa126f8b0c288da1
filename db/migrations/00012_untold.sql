-- What happens when a text does not arrive. Read with docs/decisions/0026-delivery.md.

-- +goose Up

-- A copy that is known not to have arrived, and the code that said so: what is tried next goes by all of them.
ALTER TABLE send_attempt ADD COLUMN failed_at timestamptz, ADD COLUMN failed_code integer,
    ADD CONSTRAINT send_attempt_failed CHECK ((failed_at IS NULL) = (failed_code IS NULL));

-- +goose Down
ALTER TABLE send_attempt DROP COLUMN failed_at, DROP COLUMN failed_code;
