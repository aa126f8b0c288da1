package db_test

import (
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// explained is everything that an explanation says of somebody: the sentences, and the one text.
func (p *past) explained(t *testing.T, n int, lang booking.Lang) string {
	t.Helper()
	got, err := p.desk(t).Explain(t.Context(), p.campaign, p.ids[n], lang)
	ok(t, err)
	return strings.Join(append(got.Sentences, got.Text), "\n")
}

// Where lots decide, nobody is told of an order of arrival, neither before the draw nor after it, nor when they came late; and
// the instant that is told is the person's own, not the one of the order key.
func TestADrawIsExplainedByItsLots(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Drawn(t, d)
	p := &past{DB: d, campaign: c, set: set, book: db.NewBook(d.Pool, set), intake: db.NewIntake(d.Pool, db.IntakeOptions{})}
	t.Cleanup(p.intake.Close)
	says := func(n int, lang booking.Lang, want string, never ...string) {
		t.Helper()
		text := p.explained(t, n, lang)
		if !strings.Contains(text, want) {
			t.Errorf("person %d is not told %q:\n%s", n, want, text)
		}
		for _, s := range never {
			if strings.Contains(text, s) {
				t.Errorf("person %d is told %q:\n%s", n, s, text)
			}
		}
	}
	for n := range 3 {
		p.apply(t, n, time.Duration(140-n*10)*time.Minute)
	}
	says(0, booking.Korean, "순번은 추첨으로 정합니다", "매기는 중", "매기고")
	says(0, booking.English, "laces are drawn by lot", "numbered", "arriv")
	if text := p.explained(t, 0, booking.English); strings.Count(text, "laces are drawn by lot") != 2 {
		t.Errorf("the sentences and the text both say it:\n%s", text)
	}
	drawNow(t, d, set)
	p.apply(t, 3, 150*time.Minute)
	p.announce(t)
	p.round(t)
	for n := range 4 {
		says(n, booking.English, "by lot", "arriv", "came later")
		says(n, booking.Korean, "추첨으로 정해진 순번은", "처음 오신 시각의 차례")
		var applied time.Time
		p.Scan(t, `SELECT arrival FROM registration WHERE id = $1`, []any{[16]byte(p.ids[n])}, &applied)
		if e := p.facts(t, n); !e.Arrival.Equal(applied) || !e.ByLot || e.Undrawn {
			t.Errorf("person %d applied at %s; %+v", n, applied, e)
		}
	}
	p.Exec(t, `UPDATE place SET late = 'stamp' WHERE registration_id = $1`, [16]byte(p.ids[3])) // whether the lot is behind the others is chance
	says(3, booking.English, "served by your lot", "arriv", "came later")
	says(3, booking.Korean, "추첨으로 정해진 차례대로", "처음 오신 시각의 차례")
}
