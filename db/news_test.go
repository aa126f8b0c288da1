package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// sunday is the evening of the next Sunday that lies so many days ahead at least: all who wait have had their turn in its week.
func (p *past) sunday(ahead int) time.Time {
	for day := ahead; ; day++ {
		if at := p.days(day, 20, 0); at.Weekday() == time.Sunday {
			return at
		}
	}
}

// long keeps a campaign open for two months, and its seats are at its end.
func long(c *booking.Campaign) {
	c.Limits.QuietFrom, c.Limits.QuietTo = 21, 8
	for i := range c.Cohorts {
		c.Cohorts[i].Closes = time.Now().AddDate(0, 2, 0)
	}
	for i := range c.Slots {
		c.Slots[i].Starts, c.Slots[i].Ends = c.Slots[i].Starts.AddDate(0, 2, 0), c.Slots[i].Ends.AddDate(0, 2, 0)
	}
}

// news tells the news of an instant, lets them arrive, and wants so many.
func (p *past) news(t *testing.T, at time.Time, want int) {
	t.Helper()
	got, err := db.NewNews(p.Pool, p.set, 2).Tell(t.Context(), at)
	ok(t, err)
	if got != want {
		t.Errorf("%s: %d news, want %d", at.Format("2 Jan 15:04"), got, want)
	}
	p.Exec(t, `UPDATE message SET state = 'delivered', state_at = created_at`)
}

func TestNewsOnceAWeek(t *testing.T) {
	t.Parallel()
	p := newPast(t, long, one(1))
	p.offered(t, 6) // one gets the seat, five wait
	p.delivered(t)
	p.news(t, p.days(0, 20, 0), 0) // they have just been told
	first := p.sunday(14)
	p.news(t, first.AddDate(0, 0, -5), 1) // until Tuesday the second place is reached, and the first has its time
	p.news(t, first.Add(2*time.Hour), 0)  // it is quiet
	p.news(t, first, 4)
	p.news(t, first.Add(30*time.Minute), 0)
	p.news(t, first.AddDate(0, 0, 2), 1) // on the same day of the next week
	p.news(t, first.AddDate(0, 0, 7), 4)
	if n := p.int(t, `SELECT count(*) FROM message WHERE kind = 'news' AND (urgent OR priority_at < created_at + interval '9 years' OR useful_until IS NULL)`); n != 0 {
		t.Errorf("%d news leave before other texts, or for ever", n)
	}
	h := &house{DB: p.DB, campaign: p.campaign, set: p.set, outbox: db.NewOutbox(p.Pool, p.set), at: first.AddDate(0, 0, 7)}
	p.Exec(t, `UPDATE message SET state = 'pending' WHERE id = (SELECT max(id) FROM message WHERE kind = 'news')`)
	if fate, said := h.deliver(t, accepted("SM1")); fate != "accepted" || said.Place == 0 || said.Masked == "" || said.Reason == "" {
		t.Errorf("fate %q, said %+v", fate, said)
	}
}

// Nobody hears who has a time, has given up, knows nothing of it, is to be called, was told something lately, or is not known to be who they say.
func TestNoNews(t *testing.T) {
	t.Parallel()
	ahead := func(p *past) time.Time { return p.sunday(7) }
	for name, test := range map[string]struct {
		opts  []dbtest.Options
		spoil func(t *testing.T, p *past)
		at    func(p *past) time.Time
	}{
		"no news":   {opts: []dbtest.Options{func(c *booking.Campaign) { c.NoNews = true }}},
		"over":      {at: func(p *past) time.Time { return p.sunday(90) }},
		"unproven":  {opts: []dbtest.Options{dbtest.BeforeOffer}},
		"withdrawn": {spoil: func(t *testing.T, p *past) { ok(t, p.book.Withdraw(t.Context(), p.change(t, 1, "withdraw"))) }},
		"refused": {spoil: func(t *testing.T, p *past) {
			ok(t, p.book.Refuse(t.Context(), p.change(t, 1, "refuse"), p.helper(t, 1).Phone))
		}},
		"to be called": {spoil: func(t *testing.T, p *past) {
			in := desk.Inbound{ID: 1, Campaign: p.campaign.ID, PhoneHash: p.helper(t, 1).Phone}
			ok(t, db.NewSwitchboard(p.Pool, p.set).OweCall(t.Context(), in, &p.ids[1], p.now(t), desk.CallUntold, p.now(t)))
		}},
		"told lately": {spoil: func(t *testing.T, p *past) {
			p.Exec(t, `UPDATE message SET created_at = $1 WHERE kind = 'no_time'`, p.sunday(7).AddDate(0, 0, -5))
		}},
		"the day's cap": {spoil: func(t *testing.T, p *past) {
			p.Exec(t, `INSERT INTO spend (campaign_id, day, texts) VALUES ($1, $2, 100000)`, p.campaign.ID, p.sunday(7))
		}},
		"braked": {spoil: func(t *testing.T, p *past) {
			brake(t, p.DB, p.campaign, booking.BrakeSending)
			ok(t, p.set.Refresh(t.Context()))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPast(t, append([]dbtest.Options{long, one(1)}, test.opts...)...)
			p.offered(t, 2)
			p.delivered(t)
			if test.spoil != nil {
				test.spoil(t, p)
			}
			if test.at == nil {
				test.at = ahead
			}
			p.news(t, test.at(p), 0)
		})
	}
}
