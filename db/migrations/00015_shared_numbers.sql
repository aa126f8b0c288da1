-- One number may serve several campaigns, and questions by text need not be about an entry.

-- +goose Up

-- shared: the text came to a number that several campaigns share. It stands under one of them; when another is meant, that one gets a copy with the
-- same arrival, and this row counts as handled. held: it is handled in so far as the person was asked which one is meant.
ALTER TABLE inbound ADD COLUMN shared boolean NOT NULL DEFAULT false, ADD COLUMN held boolean NOT NULL DEFAULT false;
CREATE INDEX inbound_held ON inbound (campaign_id, phone_hash) WHERE held;                   -- read by: the answer to "which one?"
CREATE INDEX inbound_undecided ON inbound (arrival) WHERE shared AND handled_at IS NULL;    -- read by: lapse, forgetting conversations

-- region: is it this place? which: which campaign? remind: shall we text you at the opening? What each number means stands with the message.
ALTER TABLE question ALTER COLUMN registration_id DROP NOT NULL;
ALTER TABLE question DROP CONSTRAINT question_kind_check,
    ADD CONSTRAINT question_kind_check CHECK (kind IN ('verify', 'offer', 'helper', 'choice', 'region', 'which', 'remind'));
ALTER TABLE question ADD CONSTRAINT question_entry CHECK (registration_id IS NOT NULL OR kind IN ('region', 'which', 'remind'));

-- Reminders of an opening move with it.
CREATE INDEX message_reminder ON message (campaign_id, (params->>'about')) WHERE kind = 'opened' AND state = 'pending'; -- read by: apply

-- +goose Down
DROP INDEX message_reminder;
DELETE FROM question WHERE registration_id IS NULL;
ALTER TABLE question DROP CONSTRAINT question_entry;
ALTER TABLE question DROP CONSTRAINT question_kind_check, ADD CONSTRAINT question_kind_check CHECK (kind IN ('verify', 'offer', 'helper', 'choice'));
ALTER TABLE question ALTER COLUMN registration_id SET NOT NULL;
DROP INDEX inbound_undecided;
DROP INDEX inbound_held;
ALTER TABLE inbound DROP COLUMN held, DROP COLUMN shared;
