-- Each of our numbers has its own row of waiting texts, so that a slow one never holds up a fast one. Read with
-- docs/decisions/0026-delivery.md.

-- +goose Up
CREATE INDEX message_lane ON message (campaign_id, coalesce(route, ''), urgent DESC, priority_at, id) WHERE state = 'pending'; -- read by: relay
DROP INDEX message_pending;

-- +goose Down
CREATE INDEX message_pending ON message (campaign_id, urgent DESC, priority_at, id) WHERE state = 'pending';
DROP INDEX message_lane;
