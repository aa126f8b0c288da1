package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// Campaigns keeps all campaigns in memory and reads them again when one changed. It implements desk.Campaigns.
type Campaigns struct {
	pool   *pgxpool.Pool
	master *vault.Master
	held   atomic.Pointer[heldCampaigns]
}

type heldCampaigns struct {
	all    []*desk.Campaign
	bySlug map[string]*desk.Campaign
	byID   map[int32]*desk.Campaign
}

// NewCampaigns makes an empty set; Refresh fills it.
func NewCampaigns(pool *pgxpool.Pool, master *vault.Master) *Campaigns {
	c := &Campaigns{pool: pool, master: master}
	c.held.Store(&heldCampaigns{})
	return c
}

// BySlug implements desk.Campaigns.
func (c *Campaigns) BySlug(slug string) (*desk.Campaign, error) {
	if k := c.held.Load().bySlug[slug]; k != nil {
		return k, nil
	}
	return nil, booking.Fail(booking.CodeNoCampaign, nil)
}

// ByID implements desk.Campaigns.
func (c *Campaigns) ByID(id int32) (*desk.Campaign, error) {
	if k := c.held.Load().byID[id]; k != nil {
		return k, nil
	}
	return nil, booking.Fail(booking.CodeNoCampaign, nil)
}

// All implements desk.Campaigns.
func (c *Campaigns) All() []*desk.Campaign { return c.held.Load().all }

// Refresh reads what changed since the last time. A campaign that cannot be opened (vault.ErrKey: another master key) is
// left out and reported in the error; the others are there all the same.
func (c *Campaigns) Refresh(ctx context.Context) error {
	rows, err := c.pool.Query(ctx, `
SELECT c.id, c.slug, c.version, c.content, c.keys_ct, encode(c.digest, 'hex'),
       coalesce((SELECT jsonb_object_agg(q.code, jsonb_build_array(q.id, q.pool_id)) FROM queue q WHERE q.campaign_id = c.id), '{}'),
       ARRAY(SELECT b.what FROM brake b WHERE b.campaign_id = c.id ORDER BY b.what)
FROM campaign c ORDER BY c.id`)
	if err != nil {
		return fmt.Errorf("read the campaigns: %w", err)
	}
	defer rows.Close()
	old := c.held.Load()
	var closed []error
	var opened []*desk.Campaign
	next := &heldCampaigns{bySlug: map[string]*desk.Campaign{}, byID: map[int32]*desk.Campaign{}}
	for rows.Next() {
		var id, version int32
		var slug, etag string
		var content, keys, queues []byte
		var brakes []booking.Brake
		if err := rows.Scan(&id, &slug, &version, &content, &keys, &etag, &queues, &brakes); err != nil {
			return fmt.Errorf("read the campaigns: %w", err)
		}
		k := old.byID[id]
		fresh := k == nil || k.Version != version
		if fresh {
			if k, err = c.open(slug, content, keys, queues); err != nil {
				closed = append(closed, fmt.Errorf("open campaign %s: %w", slug, err))
				continue
			}
			k.ID, k.Version, k.ETag = id, version, etag[:16]
		}
		if !slices.Equal(k.Brakes, brakes) { // others are reading the one that is held
			changed := *k
			changed.Brakes = brakes
			k = &changed
		}
		if fresh {
			opened = append(opened, k)
		}
		next.all = append(next.all, k)
		next.bySlug[slug], next.byID[id] = k, k
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the campaigns: %w", err)
	}
	for _, k := range opened {
		if k.Former, err = c.former(ctx, k.Campaign); err != nil {
			return fmt.Errorf("read the earlier cohorts of campaign %s: %w", k.Slug, err)
		}
		if k.LastEnds, err = c.lastEnds(ctx, k.ID); err != nil {
			return fmt.Errorf("read the last slot of campaign %s: %w", k.Slug, err)
		}
	}
	c.held.Store(next)
	return errors.Join(closed...)
}

// former reads the last known rules of cohorts that are no longer in the campaign: their people keep them.
func (c *Campaigns) former(ctx context.Context, now *booking.Campaign) ([]booking.Cohort, error) {
	all, err := collect(ctx, c.pool, pgx.RowTo[booking.Cohort], `SELECT DISTINCT ON (k->>'Code') k FROM campaign_version v CROSS JOIN jsonb_array_elements(v.content->'Cohorts') k
		WHERE v.campaign_id = $1 ORDER BY k->>'Code', v.version DESC`, now.ID)
	for i := range all {
		inZone(&all[i], now.Zone)
	}
	return slices.DeleteFunc(all, func(k booking.Cohort) bool { _, there := now.Cohort(k.Code); return there }), err
}

// lastEnds reads when the last slot ends that has a seat, by a look at each site's end of the index over its starts. Slots come and go with
// versions of the campaign only.
func (c *Campaigns) lastEnds(ctx context.Context, id int32) (time.Time, error) {
	var at *time.Time
	err := c.pool.QueryRow(ctx, `SELECT max(l.ends_at) FROM site si CROSS JOIN LATERAL
		(SELECT s.ends_at FROM slot s WHERE s.site_id = si.id AND s.capacity > 0 ORDER BY s.starts_at DESC LIMIT 1) l WHERE si.campaign_id = $1`, id).Scan(&at)
	if err != nil || at == nil {
		return time.Time{}, err
	}
	return *at, nil
}

func (c *Campaigns) open(slug string, content, keysCT, queues []byte) (*desk.Campaign, error) {
	keys, err := c.master.Open(slug, keysCT)
	if err != nil {
		return nil, err
	}
	b, err := campaignFromJSON(content)
	if err != nil {
		return nil, err
	}
	var byCode map[string][2]int32
	if err := json.Unmarshal(queues, &byCode); err != nil {
		return nil, err
	}
	k := &desk.Campaign{Campaign: b, Keys: keys, Queues: map[string]desk.Queue{}}
	for code, q := range byCode {
		k.Queues[code] = desk.Queue{ID: q[0], Pool: q[1]}
	}
	return k, nil
}

// Run refreshes every interval until the context ends.
func (c *Campaigns) Run(ctx context.Context, every time.Duration, report func(error)) {
	repeat(ctx, every, 5*time.Second, report, c.Refresh)
}

// storedCampaign is the form of a campaign in the database: the booking type, with the two fields that JSON cannot
// carry by themselves beside it. Slots are rows, not content.
type storedCampaign struct {
	booking.Campaign
	Zone            string   `json:"Zone"`
	RehearsalPhones []string `json:"RehearsalPhones"`
}

func campaignToJSON(c *booking.Campaign) ([]byte, error) {
	s := storedCampaign{Campaign: *c, Zone: c.Zone.String()}
	s.Slots, s.Former = nil, nil
	s.ID, s.Version = 0, 0
	for _, p := range c.RehearsalPhones {
		s.RehearsalPhones = append(s.RehearsalPhones, p.E164())
	}
	return json.Marshal(s)
}

func campaignFromJSON(b []byte) (*booking.Campaign, error) {
	var s storedCampaign
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return nil, err
	}
	c := s.Campaign
	c.Zone = zone
	for _, p := range s.RehearsalPhones {
		phone, err := booking.ParseE164(p)
		if err != nil {
			return nil, err
		}
		c.RehearsalPhones = append(c.RehearsalPhones, phone)
	}
	for i := range c.Cohorts {
		inZone(&c.Cohorts[i], zone)
	}
	for i := range c.Announced {
		a := &c.Announced[i]
		a.Opens, a.Closes = a.Opens.In(zone), a.Closes.In(zone)
	}
	return &c, nil
}

// inZone shows a cohort's times as its campaign does; a window that there is not stays none.
func inZone(k *booking.Cohort, zone *time.Location) {
	k.Opens, k.Closes, k.FirstRound = k.Opens.In(zone), k.Closes.In(zone), k.FirstRound.In(zone)
	if !k.Window.IsZero() {
		k.Window = k.Window.In(zone)
	}
}

var _ desk.Campaigns = (*Campaigns)(nil)
