package main

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// operated is a campaign with a few people who have an appointment, and the house that operators' commands open.
type operated struct {
	db    *dbtest.DB
	house *house
	file  *booking.Campaign
}

func newOperated(t *testing.T, people int, opts ...dbtest.Options) *operated {
	t.Helper()
	o := &operated{db: dbtest.New(t)}
	opts = append(opts, func(c *booking.Campaign) { o.file = c })
	campaign, set := dbtest.Campaign(t, o.db, opts...)
	intake := db.NewIntake(o.db.Pool, db.IntakeOptions{})
	defer intake.Close()
	for n := range people {
		if _, err := intake.Store(t.Context(), dbtest.Application(t, campaign, dbtest.Person(n), time.Now().Add(time.Duration(n-people)*time.Minute), "secret")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.NewSealer(o.db.Pool, set, 100).SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.NewAssigner(o.db.Pool, set, 100).RunRound(t.Context(), campaign.Queues[dbtest.Queue].Pool, "job:assign"); err != nil {
		t.Fatal(err)
	}
	var err error
	config := Config{DatabaseURL: o.db.URL, DatabaseConns: 4, MasterKey: o.db.MasterKey}
	if o.house, err = openHouse(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.house.close)
	return o
}

// withoutNorth is the file without its north site.
func (o *operated) withoutNorth() *booking.Campaign {
	c := *o.file
	c.Sites = slices.DeleteFunc(slices.Clone(c.Sites), func(s booking.Site) bool { return s.Code == "north" })
	c.Slots = slices.DeleteFunc(slices.Clone(c.Slots), func(s booking.Slot) bool { return s.Site == "north" })
	return &c
}

func (o *operated) at(t *testing.T, site string) int {
	t.Helper()
	var n int
	o.db.Scan(t, `SELECT count(*) FROM appointment a JOIN slot s ON s.id = a.slot_id JOIN site si ON si.id = s.site_id WHERE si.code = $1 AND a.state = 'offered'`, []any{site}, &n)
	return n
}

func TestApplyShowsTheDifferenceAndRefusesToTakeASlot(t *testing.T) {
	t.Parallel()
	o := newOperated(t, 5)
	file := o.withoutNorth()
	var out bytes.Buffer
	if err := (applying{dryRun: true}).apply(t.Context(), &out, o.house, file); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"site north is dropped\n", "slots ahead: 0 added, 4 dropped, 0 larger, 0 smaller; seats in them: 16, were 24\n", "north: 5 people in 3 slots have to be moved\n", "nothing was changed\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not said:\n%s", want, out.String())
		}
	}
	out.Reset()
	if err := applyCampaign(t.Context(), &out, o.house, file); !errors.Is(err, db.ErrApply) || !strings.Contains(err.Error(), "5 people") {
		t.Errorf("without --move: %v", err)
	}
	if o.at(t, "north") != 5 || strings.Contains(out.String(), "stored") {
		t.Errorf("something was changed:\n%s", out.String())
	}
	out.Reset()
	if err := (applying{move: true}).apply(t.Context(), &out, o.house, file); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "moved 5 people to another slot; 0 found nothing") || o.at(t, "north") != 0 || o.at(t, "middle") != 5 {
		t.Errorf("after the move, %d at the middle site:\n%s", o.at(t, "middle"), out.String())
	}
	out.Reset()
	if err := applyCampaign(t.Context(), &out, o.house, file); err != nil || !strings.Contains(out.String(), "nothing changed") {
		t.Errorf("the same again: %v\n%s", err, out.String())
	}
}

// The dry run fails with what applying fails with, after it has shown the difference; nothing is changed either way.
func TestDryRunFailsAsApplyingWould(t *testing.T) {
	t.Parallel()
	o := newOperated(t, 4)
	file := *o.file
	y, m, d := file.Slots[0].Starts.Date()
	day := booking.Date{Year: y, Month: m, Day: d}
	file.Supplies = []booking.Supply{{Site: "north", From: day, To: booking.Date{Year: y + 1, Month: m, Day: d}, Doses: 2}}
	var out bytes.Buffer
	dry := (applying{dryRun: true}).apply(t.Context(), &out, o.house, &file)
	if !errors.Is(dry, db.ErrApply) || !strings.Contains(dry.Error(), "more appointments in them (4)") || !strings.Contains(out.String(), "is added: 2\n") || !strings.Contains(out.String(), "nothing was changed\n") {
		t.Errorf("the dry run: %v\n%s", dry, out.String())
	}
	for _, how := range []applying{{}, {move: true}} {
		if err := how.apply(t.Context(), &out, o.house, &file); err == nil || err.Error() != dry.Error() {
			t.Errorf("%+v: %v", how, err)
		}
	}
}

func TestSeriesShiftSaysWhatItDoes(t *testing.T) {
	t.Parallel()
	o := newOperated(t, 2, func(c *booking.Campaign) {
		c.Series = &booking.Series{Doses: 2, Least: time.Hour, Most: 1000 * time.Hour}
		for _, s := range c.Slots[:dbtest.PerSite] {
			s.Starts, s.Ends = s.Starts.AddDate(0, 0, 3), s.Ends.AddDate(0, 0, 3)
			c.Slots = append(c.Slots, s)
		}
	})
	o.db.Exec(t, `UPDATE appointment SET dose = 2`)
	day := o.file.Slots[0].Starts
	y, m, d := day.Date()
	s := db.Shift{From: booking.Date{Year: y, Month: m, Day: d}, To: booking.Date{Year: y, Month: m, Day: d}, Days: 3}
	var out bytes.Buffer
	a := &app{out: &out}
	if err := a.shiftSeries(t.Context(), o.house, dbtest.Slug, s, true); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "north: 2 appointments in 1 slot\n") || !strings.Contains(out.String(), "nothing was changed") {
		t.Errorf("the dry run says:\n%s", out.String())
	}
	out.Reset()
	if err := a.shiftSeries(t.Context(), o.house, dbtest.Slug, s, false); err != nil {
		t.Fatal(err)
	}
	var moved int
	o.db.Scan(t, `SELECT count(*) FROM appointment a JOIN slot s ON s.id = a.slot_id WHERE a.state = 'offered' AND s.starts_at >= $1`, []any{day.AddDate(0, 0, 3)}, &moved)
	if moved != 2 || !strings.Contains(out.String(), "moved 2; 0 keep theirs") {
		t.Errorf("%d moved:\n%s", moved, out.String())
	}
	if err := a.shiftSeries(t.Context(), o.house, "nothing", s, true); err == nil {
		t.Error("a campaign that there is not")
	}
}
