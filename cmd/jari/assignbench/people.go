package assignbench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
)

const membersOf = 2 // of a household here

// wish is the n-th person's, the same for the same n. Of a hundred people 15 rank sites, 10 bound the distance, 10 name weekdays, 6 the morning,
// 4 a first day, 4 need a step-free site, 4 come in households (householdOf), and the others said nothing.
func wish(n int64, sites int) booking.Wishes {
	r := rand.New(rand.NewPCG(uint64(n), 7)) //nolint:gosec // invented people
	var w booking.Wishes
	switch k := r.IntN(100); {
	case k < 15:
		for range 1 + r.IntN(booking.MaxWishedSites) {
			w.Sites = append(w.Sites, siteCode(r.IntN(sites)))
		}
	case k < 25:
		w.MaxKm = 60 + r.IntN(100)
	case k < 35:
		w.Weekdays = []time.Weekday{time.Saturday, time.Weekday(r.IntN(6))}
	case k < 41:
		w.Times = []booking.DayTime{{From: 9 * 60, To: 12 * 60}}
	case k < 45:
		w.NotBefore = booking.DateOf(time.Now().AddDate(0, 0, 5+r.IntN(10)), time.UTC)
	case k < 49:
		w.Needs = []string{"step-free"}
	}
	return w
}

// householdOf makes every 25th pair of neighbours in the order a household of two.
func householdOf(n int64) *booking.Household {
	if pair := n / membersOf; pair%25 == 0 {
		return &booking.Household{Code: fmt.Sprintf("home-%d", pair), Size: membersOf}
	}
	return nil
}

// fill stores people as if they had applied in the last half hour and proven their phones. What is encrypted is noise of the usual length:
// neither the seal nor a round reads it.
func fill(ctx context.Context, conn *pgx.Conn, c *desk.Campaign, people int64) error {
	queue, began := c.Queues["queue"].ID, time.Now().Add(-30*time.Minute)
	noise := make([]byte, 130)
	columns := []string{
		"campaign_id", "id", "queue_id", "cohort", "cohort_version", "arrival", "received_at", "tie", "door", "actor", "attested", "region", "wishes", "lang", "verify", "person_ct",
	}
	n := int64(0)
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"registration"}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		if n == people {
			return nil, nil
		}
		id := c.Keys.ID(fmt.Sprintf("bench %d", n))
		w := wish(n, len(c.Sites))
		if w.Household = householdOf(n); w.Household != nil {
			w = booking.Wishes{Household: w.Household}
		}
		var wishes *string
		if !w.None() {
			b, err := json.Marshal(w)
			if err != nil {
				return nil, err
			}
			s := string(b)
			wishes = &s
		}
		at := began.Add(time.Duration(n) * 15 * time.Minute / time.Duration(people)).Truncate(time.Microsecond)
		row := []any{
			c.ID, [16]byte(id), queue, "all", c.Version, at, at, c.Keys.Tie(id), string(desk.DoorApp), "app", false, c.Regions[int(n*7919%regions)].Code, wishes,
			string(booking.Korean), string(booking.BeforeOffer), noise,
		}
		n++
		return row, nil
	}))
	if err != nil {
		return fmt.Errorf("store people: %w", err)
	}
	for _, sql := range []string{
		`INSERT INTO verification (campaign_id, registration_id, method, device, at, actor) SELECT campaign_id, id, 'code', decode('00112233445566778899aabbccddeeff', 'hex'), arrival, 'app' FROM registration`,
		`VACUUM ANALYZE`, `CHECKPOINT`,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("store people: %w", err)
		}
	}
	return joinAll(ctx, conn, c, people)
}

// joinAll does what enrolment does for households, which is no part of what is measured.
func joinAll(ctx context.Context, conn *pgx.Conn, c *desk.Campaign, people int64) error {
	n := int64(0)
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"household"}, []string{"campaign_id", "code", "registration_id", "size", "joined_at"}, pgx.CopyFromFunc(func() ([]any, error) {
		for ; n < people; n++ {
			if h := householdOf(n); h != nil {
				id, code := c.Keys.ID(fmt.Sprintf("bench %d", n)), db.HouseholdCode(c.Keys, h.Code)
				n++
				return []any{c.ID, code[:], [16]byte(id), int16(h.Size), time.Now()}, nil
			}
		}
		return nil, nil
	}))
	return err
}
