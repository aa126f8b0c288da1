package db_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/campaignfile"
	"jari/db"
	"jari/db/dbtest"
)

// planned is what the plan of a file says and what applying it says, which changes nothing when it refuses.
func planned(t *testing.T, d *dbtest.DB, c *booking.Campaign, now time.Time) (plan db.Plan, applied error) {
	t.Helper()
	plan, err := db.PlanApply(t.Context(), d.Pool, c, campaignfile.Digest(c), now)
	ok(t, err)
	_, applied = db.ApplyWith(t.Context(), d.Pool, d.Master, c, campaignfile.Digest(c), "test", now, db.ApplyOptions{Closing: true})
	return plan, applied
}

func TestThePlanIsRefusedAsApplyingIs(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, 4)
	for name, change := range map[string]dbtest.Options{
		"another identity": func(c *booking.Campaign) { c.Identity = booking.ByNumber },
		"another mode":     func(c *booking.Campaign) { c.Mode = booking.Rehearsal },
		"a slot of another pool": func(c *booking.Campaign) {
			c.Pools = append(c.Pools, "others")
			c.Slots[0].Pool = "others"
		},
		"a queue of another pool": func(c *booking.Campaign) {
			c.Pools = append(c.Pools, "others")
			c.Cohorts[0].Pool = "others"
		},
		"a queue of two pools": func(c *booking.Campaign) {
			k := c.Cohorts[0]
			k.Code, k.Pool = "second", "others"
			c.Pools, c.Cohorts = append(c.Pools, "others"), append(c.Cohorts, k)
		},
		"less than is taken":                  supplies(2),
		"a draw among people":                 drawnFrom(p.now(t).Add(time.Hour)),
		"a draw whose window has opened":      drawnFrom(p.now(t).Add(-time.Hour)),
		"less than is taken at a closed site": func(c *booking.Campaign) { supplies(1)(c); c.Slots = c.Slots[dbtest.PerSite:] },
	} {
		plan, applied := planned(t, p.DB, p.file(change), p.now(t))
		if !errors.Is(applied, db.ErrApply) || plan.Refused == nil || plan.Refused.Error() != applied.Error() {
			t.Errorf("%s: the plan says %v, applying %v", name, plan.Refused, applied)
		}
	}
	plan, applied := planned(t, p.DB, p.file(without("north")), p.now(t))
	if plan.Refused != nil || applied != nil || plan.People != 4 {
		t.Errorf("people who can be moved are no refusal: %+v, %v", plan, applied)
	}
}

// A campaign that is not there yet can be refused as well.
func TestThePlanOfANewCampaignKnowsItsDraws(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	c := p.file(drawnFrom(p.now(t).Add(-time.Hour)))
	c.Slug = "another"
	plan, applied := planned(t, p.DB, c, p.now(t))
	if !plan.New || !errors.Is(applied, db.ErrApply) || plan.Refused == nil || plan.Refused.Error() != applied.Error() || !strings.Contains(applied.Error(), "open already") {
		t.Errorf("%+v; applying: %v", plan, applied)
	}
}

// drawnFrom has lots decide among all who come within an hour of the opening.
func drawnFrom(opens time.Time) dbtest.Options {
	return func(c *booking.Campaign) {
		for i := range c.Cohorts {
			k := &c.Cohorts[i]
			k.Order, k.PublicValue = booking.ByDraw, dbtest.PublicValue
			k.Opens, k.Window, k.FirstRound = opens, opens.Add(time.Hour), opens.Add(2*time.Hour)
		}
	}
}
