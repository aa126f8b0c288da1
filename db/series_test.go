package db_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// twoDoses makes a series of two, a day to a week apart at the same site, with seats for the second two days after the first.
func twoDoses(c *booking.Campaign) {
	c.Series = &booking.Series{Doses: 2, Least: 24 * time.Hour, Most: 7 * 24 * time.Hour, SameSite: true}
	c.Slots = append(c.Slots, later(c, 2)...)
}

// later are the first day's slots again, so many days later.
func later(c *booking.Campaign, days int) []booking.Slot {
	var out []booking.Slot
	for _, s := range c.Slots[:3*dbtest.PerSite] {
		s.Starts, s.Ends = s.Starts.AddDate(0, 0, days), s.Ends.AddDate(0, 0, days)
		out = append(out, s)
	}
	return out
}

// mark says at the end of the first day whether the n-th person came.
func (p *past) mark(t *testing.T, n int, to booking.AppointmentState) error {
	t.Helper()
	c := p.change(t, n, "mark")
	c.Actor = "agent:a"
	c.At = p.now(t).Add(30 * time.Hour)
	return p.book.Mark(t.Context(), c, to)
}

// dose is the n-th person's latest appointment of a dose: its state and slot; "" for none.
func (p *past) dose(t *testing.T, n, dose int) (state string, slot int64) {
	t.Helper()
	p.Scan(t, `SELECT coalesce(max(state), ''), coalesce(max(slot_id), 0) FROM (SELECT state, slot_id FROM appointment WHERE registration_id = $1 AND dose = $2 ORDER BY id DESC LIMIT 1) t`,
		[]any{[16]byte(p.ids[n]), dose}, &state, &slot)
	return state, slot
}

// firstDay closes the first day to everybody who has no appointment in it: it is past.
func (p *past) firstDay(t *testing.T) {
	t.Helper()
	p.Exec(t, `UPDATE slot SET capacity = taken, gained = 0 WHERE starts_at < clock_timestamp() + interval '40 hours'`)
}

func TestAttendingMakesTheNextDoseWaitWithItsWindow(t *testing.T) {
	t.Parallel()
	p := newPast(t, twoDoses)
	p.offered(t, 2)
	if err := p.book.Mark(t.Context(), p.change(t, 0, "mark"), booking.Missed); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("missed before it began: %v", err)
	}
	ok(t, p.swaps(t, 0, booking.Wishes{Sites: []string{"nowhere"}}))
	ok(t, p.mark(t, 0, booking.Attended))
	ok(t, p.mark(t, 0, booking.Attended)) // once more changes nothing
	if err := p.mark(t, 0, booking.Missed); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("attended and missed: %v", err)
	}
	if n := p.int(t, `SELECT count(*) FROM waiting w JOIN appointment a ON a.registration_id = w.registration_id JOIN slot s ON s.id = a.slot_id
		WHERE w.dose = 2 AND w.grade = 0 AND w.look AND w.site = 'north' AND w.not_before = s.starts_at + interval '1 day' AND w.not_after = s.starts_at + interval '7 days'`); n != 1 {
		t.Fatalf("%d people wait for a second dose in its window at their site, want one", n)
	}
	if n := p.int(t, `SELECT count(*) FROM waiting`); n != 1 {
		t.Errorf("%d rows wait: the wish to swap what is past is over", n)
	}
	p.firstDay(t)
	p.round(t)
	state, slot := p.dose(t, 0, 2)
	if state != "offered" || p.siteOf(t, slot) != "north" {
		t.Fatalf("the second dose: %q at %s", state, p.siteOf(t, slot))
	}
	if p.messages(t, 0, "offer") != 2 {
		t.Errorf("%d offers were told, want two", p.messages(t, 0, "offer"))
	}
	// Declined, it is waited for again in the same window.
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined))
	if n := p.int(t, `SELECT count(*) FROM waiting WHERE dose = 2 AND grade = 0 AND site = 'north' AND not_before IS NOT NULL`); n != 1 {
		t.Fatalf("%d people wait again for a second dose", n)
	}
	p.round(t)
	if state, again := p.dose(t, 0, 2); state != "offered" || again == slot {
		t.Errorf("the second dose again: %q, slot %d", state, again)
	}
	p.cleanIn(t, 32*time.Hour)
}

// So many days later is the same hour of the day, also when the clocks change between: slots keep their hours.
func TestASeriesKeepsTheHourWhenClocksChange(t *testing.T) {
	t.Parallel()
	london, err := time.LoadLocation("Europe/London")
	ok(t, err)
	days := 0
	p := newPast(t, func(c *booking.Campaign) {
		for i := range c.Slots {
			c.Slots[i].Starts, c.Slots[i].Ends = c.Slots[i].Starts.In(london), c.Slots[i].Ends.In(london)
		}
		first := c.Slots[0].Starts
		_, offset := first.Zone()
		for _, now := first.Zone(); now == offset; _, now = first.AddDate(0, 0, days).Zone() {
			days++
		}
		c.Zone = london
		c.Series = &booking.Series{Doses: 2, Least: time.Duration(days+1) * dbtest.Day, Most: time.Duration(days+7) * dbtest.Day}
		c.Slots = append(c.Slots, later(c, days+1)...)
	})
	p.offered(t, 2)
	window := func(after string) {
		t.Helper()
		var starts, from, until time.Time
		p.Scan(t, `SELECT s.starts_at, w.not_before, w.not_after FROM waiting w JOIN appointment a ON a.registration_id = w.registration_id AND a.dose = 1
			JOIN slot s ON s.id = a.slot_id WHERE w.dose = 2`, nil, &starts, &from, &until)
		starts = starts.In(london)
		if !from.Equal(starts.AddDate(0, 0, days+1)) || !until.Equal(starts.AddDate(0, 0, days+7)) {
			t.Errorf("%s: the first at %s, the next from %s to %s", after, starts, from.In(london), until.In(london))
		}
	}
	ok(t, p.mark(t, 0, booking.Attended))
	window("attended")
	p.firstDay(t)
	p.round(t)
	if state, _ := p.dose(t, 0, 2); state != "offered" {
		t.Fatalf("the second dose: %q", state)
	}
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined))
	window("declined")
}

func TestAMissedFirstDoseWaitsAgainAndMovesTheSecond(t *testing.T) {
	t.Parallel()
	p := newPast(t, twoDoses)
	p.offered(t, 2)
	_, slot := p.dose(t, 0, 1)
	ok(t, p.mark(t, 0, booking.Missed))
	if p.messages(t, 0, "missed") != 1 {
		t.Error("who missed was not told")
	}
	if n := p.int(t, `SELECT count(*) FROM waiting WHERE dose = 1 AND grade = 1 AND look`); n != 1 {
		t.Fatalf("%d people wait for the first dose again", n)
	}
	if n := p.int(t, `SELECT taken FROM slot WHERE id = $1`, slot); n != 2 {
		t.Errorf("%d seats of the missed slot are used, want both", n)
	}
	p.firstDay(t)
	p.round(t)
	if state, again := p.dose(t, 0, 1); state != "offered" || again == slot {
		t.Errorf("the first dose again: %q, slot %d", state, again)
	}
	if state, _ := p.dose(t, 0, 2); state != "" {
		t.Errorf("a second dose before the first one: %q", state)
	}
	p.cleanIn(t, 32*time.Hour)
}

func TestWithoutASeriesNothingFollows(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, 2)
	ok(t, p.mark(t, 0, booking.Attended))
	ok(t, p.mark(t, 1, booking.Missed))
	ok(t, p.book.SetWishes(t.Context(), p.change(t, 1, "wishes"), dbtest.Region, booking.Wishes{}))
	if n := p.int(t, `SELECT count(*) FROM waiting`); n != 0 {
		t.Errorf("%d people wait", n)
	}
	p.cleanIn(t, 32*time.Hour)
}

// A second dose is promised: it comes before people who have waited for a first one for longer.
func TestASecondDoseComesBeforeNewPeople(t *testing.T) {
	t.Parallel()
	p := newPast(t, twoDoses, dbtest.Capacity(1))
	p.offered(t, 1)
	p.firstDay(t)
	p.Exec(t, `UPDATE slot SET capacity = taken WHERE id NOT IN (SELECT id FROM slot WHERE starts_at > clock_timestamp() + interval '40 hours' AND site_id = (SELECT id FROM site WHERE code = 'north') ORDER BY starts_at LIMIT 1)`)
	p.apply(t, 1, 30*time.Minute) // earlier than the first
	p.announce(t)
	ok(t, p.mark(t, 0, booking.Attended))
	p.round(t)
	if state, _ := p.dose(t, 0, 2); state != "offered" {
		t.Errorf("the promised dose: %q", state)
	}
	if state, _ := p.dose(t, 1, 1); state != "" {
		t.Errorf("somebody new got the seat: %q", state)
	}
	p.cleanIn(t, 32*time.Hour)
}

// shifted makes n people who attended their first dose and have a second one, and seats on another day.
func shifted(t *testing.T, people, days int, capacity int) (*past, db.Shift) {
	t.Helper()
	p := newPast(t, twoDoses, dbtest.Noon)
	p.offered(t, people)
	for n := range people {
		ok(t, p.mark(t, n, booking.Attended))
	}
	p.firstDay(t)
	p.round(t)
	ok(t, p.reapply(t, true, func(c *booking.Campaign) {
		for i := range c.Slots[:3*dbtest.PerSite] {
			c.Slots[i].Capacity = 0
		}
		for _, s := range later(c, 2+days) {
			s.Capacity = capacity
			c.Slots = append(c.Slots, s)
		}
	}))
	var day time.Time
	p.Scan(t, `SELECT min(s.starts_at) FROM appointment a JOIN slot s ON s.id = a.slot_id WHERE a.dose = 2`, nil, &day)
	y, m, d := day.In(p.campaign.Zone).Date()
	from := booking.Date{Year: y, Month: m, Day: d}
	y, m, d = day.In(p.campaign.Zone).AddDate(0, 0, days).Date()
	// The range takes in the days to which people go, so that who was shifted stands in it.
	return p, db.Shift{Site: "north", From: from, To: booking.Date{Year: y, Month: m, Day: d + 1}, Days: days}
}

func TestABulkShiftIsTakenOnceAndTold(t *testing.T) {
	t.Parallel()
	p, s := shifted(t, 6, 3, 1)
	before := p.slotsOf(t)
	plan, err := db.NewRedater(p.Pool, p.set, 2).Plan(t.Context(), p.campaign, s, p.now(t))
	ok(t, err)
	if len(plan) != 1 || plan[0].People != 6 || plan[0].Site != "north" {
		t.Fatalf("the plan: %+v", plan)
	}
	if !maps.Equal(before, p.slotsOf(t)) {
		t.Fatal("the plan changed something")
	}
	got, err := db.NewRedater(p.Pool, p.set, 2).Run(t.Context(), p.campaign, s, "operator:test", nil)
	ok(t, err)
	if got.Moved != 4 || len(got.Kept) != 2 { // four slots of one seat each
		t.Fatalf("moved %d and kept %d, want 4 and 2", got.Moved, len(got.Kept))
	}
	for n := range 6 {
		state, _ := p.dose(t, n, 2)
		told := p.messages(t, n, "redated")
		if state != "offered" || told > 1 || p.messages(t, n, "cancelled") != 0 {
			t.Errorf("person %d: %s, told %d times", n, state, told)
		}
	}
	if n := p.int(t, `SELECT count(*) FROM message WHERE kind = 'redated'`); n != 4 {
		t.Errorf("%d people were told, want 4", n)
	}
	if n := p.int(t, `SELECT count(*) FROM appointment a JOIN slot s ON s.id = a.slot_id JOIN appointment b ON b.registration_id = a.registration_id AND b.dose = 2 AND b.state = 'cancelled'
		JOIN slot o ON o.id = b.slot_id WHERE a.cause = 'redated' AND a.state = 'offered' AND (s.starts_at AT TIME ZONE $1)::date = (o.starts_at AT TIME ZONE $1)::date + 3`, p.campaign.Zone.String()); n != 4 {
		t.Errorf("%d people go three days later, want 4", n)
	}
	p.cleanIn(t, 32*time.Hour)
}

func TestAShiftThatIsCutOffShiftsNobodyTwice(t *testing.T) {
	t.Parallel()
	begun, s := shifted(t, 6, 3, 2)
	begun.wanted = nil
	whole, broken := begun.copied(t), begun.copied(t)
	_, err := db.NewRedater(whole.Pool, whole.set, 2).Run(t.Context(), whole.campaign, s, "operator:test", nil)
	ok(t, err)
	var last db.Redated
	for cut := true; cut; {
		ctx, cancel := context.WithCancel(t.Context())
		last, err = db.NewRedater(broken.Pool, broken.set, 2).Run(ctx, broken.campaign, s, "operator:test", func(int) { cancel() })
		cut = err != nil
		if cut {
			other := s
			other.Days = 4
			if _, err := db.NewRedater(broken.Pool, broken.set, 2).Run(t.Context(), broken.campaign, other, "operator:test", nil); !errors.Is(err, db.ErrShift) {
				t.Errorf("another shift in the middle of one: %v", err)
			}
		}
		cancel()
	}
	if len(last.Kept) != 0 {
		t.Errorf("%d people keep theirs", len(last.Kept))
	}
	if a, b := whole.slotsOf(t), broken.slotsOf(t); !maps.Equal(a, b) {
		t.Errorf("unbroken: %v\nbroken:   %v", a, b)
	}
	if n := broken.int(t, `SELECT count(*) FROM message WHERE kind = 'redated'`); n != 6 {
		t.Errorf("%d texts for six people", n)
	}
	broken.cleanIn(t, 32*time.Hour)
}

func TestShiftsThatCannotBe(t *testing.T) {
	t.Parallel()
	p := newPast(t, twoDoses)
	day := booking.Date{Year: 2021, Month: 7, Day: 27}
	for name, s := range map[string]db.Shift{
		"by no day":    {From: day, To: day},
		"backwards":    {From: day, To: booking.Date{Year: 2021, Month: 7, Day: 26}, Days: 1},
		"unknown site": {Site: "nowhere", From: day, To: day, Days: 1},
	} {
		if _, err := db.NewRedater(p.Pool, p.set, 2).Run(t.Context(), p.campaign, s, "operator:test", nil); !errors.Is(err, db.ErrShift) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Two declines of dose 1, then one of dose 2.
func TestEachDoseHasItsOwnDeclines(t *testing.T) {
	t.Parallel()
	p := newPast(t, twoDoses)
	p.offered(t, 1)
	for range 2 {
		ok(t, p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined))
		p.round(t)
	}
	ok(t, p.mark(t, 0, booking.Attended))
	p.firstDay(t)
	p.round(t)
	if state, _ := p.dose(t, 0, 2); state != "offered" {
		t.Fatalf("dose 2: %q %v", state, p.slotsOf(t))
	}
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined))
	p.round(t)
	if state, _ := p.dose(t, 0, 2); state != "offered" {
		t.Errorf("dose 2 declined once: %q %v", state, p.slotsOf(t))
	}
}

// Withdrawing after the first dose, and applying again.
func TestWhoWithdrewAfterTheStartCanBeMarked(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, 1)
	c := p.change(t, 0, "cancel")
	c.At = p.now(t).Add(30 * time.Hour) // the slot has begun
	ok(t, p.book.Withdraw(t.Context(), c))
	state, _ := p.stands(t, 0)
	err := p.mark(t, 0, booking.Attended)
	if err != nil && state == "offered" {
		t.Errorf("the appointment stays %s for ever: %v", state, err)
	}
}

// A shift while one of the people wishes to swap, in a drawn queue or not: everybody is told once and keeps the wish.
func TestAShiftKeepsAnOpenSwap(t *testing.T) {
	t.Parallel()
	p := newPast(t, twoDoses)
	p.offered(t, 2)
	ok(t, p.mark(t, 0, booking.Attended))
	p.firstDay(t)
	p.round(t)
	ok(t, p.swaps(t, 0, booking.Wishes{Sites: []string{"north"}, Times: []booking.DayTime{{From: 0, To: 1}}}))
	p.round(t)
	day := booking.DateOf(p.wanted.Slots[len(p.wanted.Slots)-1].Starts, p.campaign.Zone)
	_ = day
	r, err := db.NewRedater(p.Pool, p.set, 10).Run(t.Context(), p.campaign, db.Shift{From: booking.Date{Year: 2020, Month: 1, Day: 1}, To: booking.Date{Year: 2099, Month: 1, Day: 1}, Days: 1}, "operator:x", nil)
	t.Logf("%+v %v", r, err)
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 0, "cancel")))
	p.round(t)
	p.cleanIn(t, 32*time.Hour)
}

// Somebody has come, and withdrew in the meantime: no dose follows.
func TestNoDoseFollowsForWhoWithdrew(t *testing.T) {
	t.Parallel()
	p := newPast(t, twoDoses)
	p.offered(t, 1)
	c := p.change(t, 0, "cancel")
	c.At = p.now(t).Add(30 * time.Hour) // the slot has begun
	ok(t, p.book.Withdraw(t.Context(), c))
	ok(t, p.mark(t, 0, booking.Attended))
	if n := p.int(t, `SELECT count(*) FROM waiting`); n != 0 {
		t.Errorf("%d wait", n)
	}
}

// A shift is cut off, and then its site is closed: that must not keep others from being carried out.
func TestAShiftOfASiteThatIsGoneIsOver(t *testing.T) {
	t.Parallel()
	p, s := shifted(t, 4, 3, 2)
	p.Exec(t, `CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''killed''; END'`)
	p.Exec(t, `CREATE TRIGGER die BEFORE INSERT ON round FOR EACH ROW EXECUTE FUNCTION die()`)
	if _, err := db.NewRedater(p.Pool, p.set, 2).Run(t.Context(), p.campaign, s, "operator:test", nil); err == nil {
		t.Fatal("it was not cut off")
	}
	p.Exec(t, `DROP TRIGGER die ON round`)
	ok(t, p.reapply(t, true, without("north")))
	p.move(t, 10, nil)
	s.Site = "middle"
	if _, err := db.NewRedater(p.Pool, p.set, 2).Run(t.Context(), p.campaign, s, "operator:test", nil); err != nil {
		t.Error(err)
	}
	p.cleanIn(t, 32*time.Hour)
}
