package db

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
)

// RoundView is what a round would decide, or has decided, added up. It names no person.
type RoundView struct {
	Campaign    string         `json:"campaign"`
	Pool        string         `json:"pool"`
	At          time.Time      `json:"at"`
	Braked      bool           `json:"braked"`    // otherwise the next round begins by itself, within seconds
	UnderWay    bool           `json:"under_way"` // a round is being held: what is shown is what would come after its last page
	Looked      int            `json:"looked"`    // people looked at
	Served      int            `json:"served"`    // of those and their households: get a time
	Gone        int            `json:"gone"`      // wait no more: withdrawn, or served by hand
	Unmatched   map[string]int `json:"unmatched"` // get nothing, by reason
	FirstChoice int            `json:"first_choice"`
	Sites       []SiteView     `json:"sites"` // in the order of their codes
	Distance    DistanceView   `json:"distance"`
	Notice      NoticeView     `json:"notice"`
	Pages       int            `json:"pages"`
	Fingerprint string         `json:"fingerprint"` // of every single decision
}

// SiteView is one site's part. Free seats include those that a reserve keeps.
type SiteView struct {
	Site       string `json:"site"`
	Served     int    `json:"served"`
	FreeBefore int    `json:"free_before"`
	FreeAfter  int    `json:"free_after"`
}

// DistanceView is how far people have to go, in metres from the centre of their region; of those for whom it is known.
type DistanceView struct {
	Known      int `json:"known"`
	Median     int `json:"median_metres"`
	P90        int `json:"p90_metres"` // nine of ten have at most so far
	Longest    int `json:"longest_metres"`
	Beyond10Km int `json:"beyond_10_km"` // people
	Beyond20Km int `json:"beyond_20_km"`
}

// NoticeView is how long before their time people would know of it, in whole minutes, without the time that a text takes.
type NoticeView struct {
	Shortest int `json:"shortest_minutes"`
	Median   int `json:"median_minutes"`
}

// roundTally adds a round up.
type roundTally struct {
	out      RoundView
	pages    []pageDigest
	sites    map[string]*SiteView
	metres   []int32
	minutes  []int32
	together map[booking.ID]booking.Reason // of households, denied so far: their last member may still bring them a time
}

func newTally(campaign, pool string) *roundTally {
	return &roundTally{
		out:   RoundView{Campaign: campaign, Pool: pool, Unmatched: map[string]int{}},
		sites: map[string]*SiteView{}, together: map[booking.ID]booking.Reason{},
	}
}

func (t *roundTally) site(code string) *SiteView {
	s := t.sites[code]
	if s == nil {
		s = &SiteView{Site: code}
		t.sites[code] = s
	}
	return s
}

// readSites reads what is free at each site.
func (t *roundTally) readSites(ctx context.Context, tx pgx.Tx, pool int32, now time.Time) error {
	rows, err := tx.Query(ctx, `SELECT si.code, sum(least(s.capacity, s.target) - s.taken)::int FROM slot s JOIN site si ON si.id = s.site_id
		WHERE s.pool_id = $1 AND s.taken < least(s.capacity, s.target) AND s.starts_at > $2 GROUP BY si.code`, pool, now)
	if err != nil {
		return err
	}
	var code string
	var free int
	_, err = pgx.ForEachRow(rows, []any{&code, &free}, func() error {
		s := t.site(code)
		s.FreeBefore, s.FreeAfter = free, free
		return nil
	})
	return err
}

// add counts what a page decides.
func (t *roundTally) add(ctx context.Context, tx pgx.Tx, w *pageWork) error {
	t.pages = append(t.pages, digestOf(w))
	t.out.Looked += len(w.people)
	t.out.Gone += len(w.gone)
	for _, d := range w.denied {
		before, looked := t.together[d.key.ID]
		if d.aside && !looked { // looked at in an earlier round
			continue
		}
		if looked { // in this one, on an earlier page
			t.unmatched(before, -1)
		}
		t.unmatched(d.why, 1)
		if d.wishes.Household != nil {
			t.together[d.key.ID] = d.why
		}
	}
	bySlot := map[int64]int{}
	for _, g := range w.given {
		if why, ok := t.together[g.key.ID]; ok {
			delete(t.together, g.key.ID)
			t.unmatched(why, -1)
		}
		t.out.Served++
		bySlot[g.SlotID]++
		if g.Rank == 1 {
			t.out.FirstChoice++
		}
		if g.Distance >= 0 {
			t.metres = append(t.metres, int32(min(g.Distance, math.MaxInt32)))
		}
		t.minutes = append(t.minutes, int32(w.round.stock.slots[g.SlotID].starts.Sub(w.now)/time.Minute))
	}
	return t.addSites(ctx, tx, bySlot)
}

func (t *roundTally) unmatched(why booking.Reason, n int) {
	if t.out.Unmatched[string(why)] += n; t.out.Unmatched[string(why)] == 0 {
		delete(t.out.Unmatched, string(why))
	}
}

func (t *roundTally) addSites(ctx context.Context, tx pgx.Tx, bySlot map[int64]int) error {
	if len(bySlot) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT s.id, si.code FROM slot s JOIN site si ON si.id = s.site_id WHERE s.id = ANY($1)`, sortedKeys(bySlot))
	if err != nil {
		return err
	}
	var slot int64
	var code string
	_, err = pgx.ForEachRow(rows, []any{&slot, &code}, func() error {
		s := t.site(code)
		s.Served += bySlot[slot]
		s.FreeAfter -= bySlot[slot]
		return nil
	})
	return err
}

// view is the whole, once all pages are in.
func (t *roundTally) view() RoundView {
	v := t.out
	v.Pages, v.Fingerprint = len(t.pages), fingerprintOf(t.pages)
	for _, code := range sortedKeys(t.sites) {
		v.Sites = append(v.Sites, *t.sites[code])
	}
	slices.Sort(t.metres)
	slices.Sort(t.minutes)
	v.Distance = DistanceView{
		Known: len(t.metres), Median: quantile(t.metres, 50), P90: quantile(t.metres, 90), Longest: quantile(t.metres, 100),
		Beyond10Km: beyond(t.metres, 10_000), Beyond20Km: beyond(t.metres, 20_000),
	}
	v.Notice = NoticeView{Shortest: quantile(t.minutes, 0), Median: quantile(t.minutes, 50)}
	return v
}

// quantile is the least value that so many of a hundred do not exceed; 0 of nobody.
func quantile(sorted []int32, percent int) int {
	if len(sorted) == 0 {
		return 0
	}
	return int(sorted[max((len(sorted)*percent+99)/100, 1)-1])
}

// beyond is how many exceed a bound.
func beyond(sorted []int32, most int32) int {
	n, _ := slices.BinarySearch(sorted, most+1)
	return len(sorted) - n
}
