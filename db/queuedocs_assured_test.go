package db_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// standing is one who waits, as the brute count sees them.
type standing struct {
	key    booking.OrderKey
	queue  string
	number int64
	early  bool // a later dose, before all others
}

// waitingLine reads all who have a place and no open appointment, and the later doses, in the order in which rounds serve them.
func (w *world) waitingLine(t *testing.T) []standing {
	t.Helper()
	rows, err := w.Admin.Query(t.Context(), `
SELECT p.arrival, p.tie, p.registration_id, q.code, p.number, false FROM place p JOIN queue q ON q.id = p.queue_id JOIN registration r ON r.id = p.registration_id
WHERE r.withdrawn_at IS NULL AND r.alias_of IS NULL AND NOT EXISTS (SELECT FROM appointment a
    WHERE a.registration_id = p.registration_id AND a.dose = 1 AND a.state IN ('offered', 'confirmed', 'attended', 'missed'))
UNION ALL SELECT arrival, tie, registration_id, '', 0, true FROM waiting WHERE grade = 0`)
	ok(t, err)
	line, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (standing, error) {
		var s standing
		err := row.Scan(&s.key.Arrival, &s.key.Tie, (*[16]byte)(&s.key.ID), &s.queue, &s.number, &s.early)
		return s, err
	})
	ok(t, err)
	slices.SortFunc(line, func(a, b standing) int {
		if a.early != b.early {
			if a.early {
				return -1
			}
			return 1
		}
		return a.key.Compare(b.key)
	})
	return line
}

// seats counts what is left for people who need so much notice when everybody else has taken what only they can take.
func (w *world) seats(t *testing.T, notice time.Duration) int {
	t.Helper()
	rows, err := w.Admin.Query(t.Context(), `SELECT coalesce(supply_id, 0), capacity - taken, reserved - kept_taken, starts_at FROM slot`)
	ok(t, err)
	usable, other := map[int32]int{}, map[int32]int{}
	var supply int32
	var free, kept int
	var starts time.Time
	now := w.now(t)
	_, err = pgx.ForEachRow(rows, []any{&supply, &free, &kept, &starts}, func() error {
		open := max(0, free-max(0, kept))
		if starts.Before(now.Add(notice)) {
			open = 0
		}
		usable[supply] += open
		other[supply] += free - open
		return nil
	})
	ok(t, err)
	sum := 0
	for id, n := range usable {
		if id != 0 {
			n = min(n, max(0, w.int(t, `SELECT doses - taken FROM supply WHERE id = $1`, id)-other[id]))
		}
		sum += n
	}
	return sum
}

// truth is the largest number up to which everybody of a queue who waits is among the first so many of the line.
func truth(line []standing, queue string, sealedTo int64, seats int) int64 {
	to := sealedTo
	for i, s := range line {
		if i >= seats && s.queue == queue && !s.early {
			to = min(to, s.number-1)
		}
	}
	return to
}

// Whatever has happened, the number is never more than the truth, and mostly close to it.
func TestAssuredIsNeverMoreThanTheTruth(t *testing.T) {
	t.Parallel()
	checked, exact, some := 0, 0, 0
	for seed := range uint64(12) {
		w := newWorld(t, seed)
		k := db.NewQueueCounter(w.Pool, w.set)
		for step := range 14 {
			w.step(t)
			if w.rand.IntN(4) == 0 { // a second dose is promised to somebody
				w.Exec(t, `INSERT INTO waiting (campaign_id, registration_id, dose, pool_id, queue_id, grade, arrival, tie, look) SELECT p.campaign_id, p.registration_id, 2, q.pool_id, q.id, 0, p.arrival, p.tie, true
					FROM place p JOIN queue q ON q.id = p.queue_id JOIN appointment a USING (registration_id) WHERE a.state = 'offered' LIMIT 1 ON CONFLICT DO NOTHING`)
			}
			written(t, w.DB, k)
			line := w.waitingLine(t)
			for _, f := range k.Figures() {
				if f.AssuredTo == nil {
					continue // a queue that nobody is in
				}
				cohort := w.campaign.Cohorts[slices.IndexFunc(w.campaign.Cohorts, func(c booking.Cohort) bool { return c.Queue == f.Queue })]
				seats := w.seats(t, cohort.Notice)
				var sealedTo int64
				w.Scan(t, `SELECT sealed_to FROM queue WHERE code = $1`, []any{f.Queue}, &sealedTo)
				want := truth(line, f.Queue, sealedTo, seats)
				if *f.AssuredTo > want || *f.AssuredTo < 0 {
					t.Fatalf("seed %d, step %d, queue %s: %d seats, assured to %d, the truth is %d\n%v", seed, step, f.Queue, seats, *f.AssuredTo, want, line)
				}
				if int(*f.SeatsFree) != seats {
					t.Errorf("seed %d, step %d, queue %s: %d seats, the count says %d", seed, step, f.Queue, seats, *f.SeatsFree)
				}
				checked++
				if *f.AssuredTo == want {
					exact++
				}
				if *f.AssuredTo > 0 && *f.AssuredTo < sealedTo {
					some++
				}
			}
		}
	}
	t.Logf("%d of %d numbers are the truth; %d lie inside their queue", exact, checked, some)
	if exact*2 < checked || some < 10 {
		t.Errorf("only %d of %d numbers are the truth, %d lie inside their queue: too careful to be of use", exact, checked, some)
	}
}

// Where nothing is uncertain the number is exact: before the first round, in the middle of a line, and when all is gone.
func TestAssuredTo(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.Capacity(1), func(c *booking.Campaign) { c.Slots = c.Slots[:5] })
	k := db.NewQueueCounter(p.Pool, p.set)
	assured := func(want int64) {
		t.Helper()
		written(t, p.DB, k)
		if f := k.Figures(); len(f) != 1 || f[0].AssuredTo == nil || *f[0].AssuredTo != want {
			t.Errorf("assured to %v, want %d", f, want)
		}
		if c, body := readCount(t, db.NewQueueDocs(p.Pool, p.set)); c.AssuredTo == nil || *c.AssuredTo != want {
			t.Errorf("the document says %s, want %d", body, want)
		}
	}
	for i := range 8 {
		p.apply(t, i, time.Duration(40-i)*time.Second)
	}
	p.announce(t)
	assured(5)
	p.round(t)
	assured(5) // who waits is number 6 and later
	p.Exec(t, `UPDATE slot SET capacity = 2 WHERE id = (SELECT min(id) FROM slot)`)
	assured(6)
	p.apply(t, 9, time.Hour) // number 9, before all others
	p.announce(t)
	assured(5)
	p.Exec(t, `UPDATE slot SET capacity = 10 WHERE id = (SELECT min(id) FROM slot)`)
	assured(9)
	// Nobody can be told of a slot that starts within the notice.
	p.Exec(t, `UPDATE slot SET starts_at = now() + interval '59 minutes' - id * interval '1 minute', ends_at = now() + interval '2 hours'`)
	assured(5)
}
