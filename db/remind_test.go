package db_test

import (
	"fmt"
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// timetable puts one seat at each of these times on each of two days, in four days, at the first site, with quiet nights.
func timetable(clock ...string) dbtest.Options {
	return func(c *booking.Campaign) {
		c.Limits.QuietFrom, c.Limits.QuietTo = 21, 8
		slot := c.Slots[0]
		c.Slots = nil
		for day := range 2 {
			for _, at := range clock {
				starts, err := time.ParseInLocation("15:04", at, c.Zone)
				if err != nil {
					panic(err)
				}
				y, m, d := time.Now().In(c.Zone).AddDate(0, 0, 4+day).Date()
				slot.Starts = time.Date(y, m, d, starts.Hour(), starts.Minute(), 0, 0, c.Zone)
				slot.Ends, slot.Capacity = slot.Starts.Add(30*time.Minute), 1
				c.Slots = append(c.Slots, slot)
			}
		}
	}
}

// days is an instant of the day that is so many days from today, in the campaign's zone.
func (p *past) days(n, hour, minute int) time.Time {
	y, m, d := time.Now().In(p.campaign.Zone).AddDate(0, 0, n).Date()
	return time.Date(y, m, d, hour, minute, 0, 0, p.campaign.Zone)
}

// remind makes what is due at an instant, lets it arrive, and wants so many.
func (p *past) remind(t *testing.T, at time.Time, want int) {
	t.Helper()
	got, err := db.NewReminder(p.Pool, p.set, 2).Remind(t.Context(), at)
	ok(t, err)
	if got != want {
		t.Errorf("%s: %d reminders, want %d", at.Format("Mon 15:04"), got, want)
	}
	p.Exec(t, `UPDATE message SET state = 'delivered', state_at = created_at`)
}

func TestReminders(t *testing.T) {
	t.Parallel()
	p := newPast(t, timetable("08:30", "09:00", "14:00"))
	p.offered(t, 4) // the fourth on the day after
	p.delivered(t)
	p.remind(t, p.days(3, 16, 59), 0)
	p.remind(t, p.days(3, 17, 0), 3)
	p.remind(t, p.days(3, 17, 1), 0)
	p.remind(t, p.days(3, 22, 0), 0)
	p.remind(t, p.days(4, 7, 59), 0)
	p.remind(t, p.days(4, 8, 0), 2) // the one at 8:30 was reminded of in the evening only
	p.remind(t, p.days(4, 9, 0), 0)
	p.remind(t, p.days(4, 17, 0), 1)
	p.remind(t, p.days(5, 8, 0), 0) // half past eight
	if n := p.int(t, `SELECT count(*) FROM message m JOIN appointment a ON a.id = m.appointment_id JOIN slot s ON s.id = a.slot_id
		WHERE m.kind = 'reminder' AND m.useful_until = s.starts_at AND m.priority_at = s.starts_at AND NOT m.urgent`); n != 6 {
		t.Errorf("%d reminders are of use until the appointment and leave in its order, want 6", n)
	}
}

// Only what is still held is reminded of, and nobody who was told of it a few hours ago.
func TestNoReminder(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, p *past){
		"declined": func(t *testing.T, p *past) {
			ok(t, p.book.Answer(t.Context(), p.change(t, 0, "declined"), 0, booking.Declined))
		},
		"withdrawn": func(t *testing.T, p *past) { ok(t, p.book.Withdraw(t.Context(), p.change(t, 0, "withdraw"))) },
		"refused": func(t *testing.T, p *past) {
			ok(t, p.book.Refuse(t.Context(), p.change(t, 0, "refuse"), p.helper(t, 0).Phone))
		},
		"told at noon": func(t *testing.T, p *past) {
			p.Exec(t, `UPDATE message SET created_at = $1 WHERE kind = 'offer'`, p.days(3, 12, 0))
		},
		"left at noon": func(t *testing.T, p *past) {
			p.Exec(t, `INSERT INTO send_attempt (message_id, claimed_at) SELECT id, $1 FROM message WHERE kind = 'offer'`, p.days(3, 12, 0))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPast(t, timetable("09:00"))
			p.offered(t, 1)
			p.delivered(t)
			spoil(t, p)
			p.remind(t, p.days(3, 17, 0), 0)
		})
	}
}

func TestRemindersAsTheCampaignHasThem(t *testing.T) {
	t.Parallel()
	p := newPast(t, timetable("09:00"), func(c *booking.Campaign) { c.Reminders = []booking.Reminding{booking.Morning} })
	p.offered(t, 1)
	p.delivered(t)
	p.remind(t, p.days(3, 17, 0), 0)
	p.remind(t, p.days(4, 8, 0), 1)
	none := newPast(t, timetable("09:00"), func(c *booking.Campaign) { c.Reminders = []booking.Reminding{} })
	none.offered(t, 1)
	none.delivered(t)
	none.remind(t, none.days(3, 17, 0), 0)
	none.remind(t, none.days(4, 8, 0), 0)
}

// Whoever gets another time after the reminder is reminded of that one, and no more of the one before.
func TestAnotherTimeHasItsOwnReminder(t *testing.T) {
	t.Parallel()
	p := newPast(t, timetable("09:00"))
	p.offered(t, 1)
	p.delivered(t)
	p.remind(t, p.days(3, 17, 0), 1)
	later := booking.DateOf(p.days(5, 9, 0), p.campaign.Zone)
	ok(t, p.swaps(t, 0, booking.Wishes{NotBefore: later, NotAfter: later}))
	p.rested(t)
	p.round(t)
	p.delivered(t)
	p.remind(t, p.days(4, 8, 0), 0)
	p.remind(t, p.days(4, 17, 0), 1)
	p.remind(t, p.days(5, 8, 0), 1)
}

// A reminder has answer numbers like the offer's, so that the time can be given back.
func TestAReminderCanBeAnswered(t *testing.T) {
	t.Parallel()
	p := newPast(t, timetable("09:00"))
	p.offered(t, 1)
	p.delivered(t)
	_, err := db.NewReminder(p.Pool, p.set, 2).Remind(t.Context(), p.days(3, 17, 0))
	ok(t, err)
	h := &house{DB: p.DB, campaign: p.campaign, set: p.set, outbox: db.NewOutbox(p.Pool, p.set), at: p.days(3, 17, 1)}
	fate, said := h.deliver(t, accepted("SM1"))
	if fate != "accepted" || said.First == 0 || !said.Starts.Equal(p.days(4, 9, 0)) || said.Site == "" {
		t.Fatalf("fate %q, said %+v", fate, said)
	}
	if n := p.int(t, `SELECT count(*) FROM question WHERE kind = 'offer' AND appointment_id = (SELECT id FROM appointment) AND first_no = `+fmt.Sprint(said.First)); n != 1 {
		t.Error("the number is no answer to the appointment")
	}
}

// One that waits when the time is given back does not leave any more.
func TestAReminderOfNothing(t *testing.T) {
	t.Parallel()
	p := newPast(t, timetable("09:00"))
	p.offered(t, 1)
	p.delivered(t)
	_, err := db.NewReminder(p.Pool, p.set, 2).Remind(t.Context(), p.days(3, 17, 0))
	ok(t, err)
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "declined"), 0, booking.Declined))
	p.Exec(t, `UPDATE message SET state = 'delivered' WHERE kind = 'declined'`)
	h := &house{DB: p.DB, campaign: p.campaign, set: p.set, outbox: db.NewOutbox(p.Pool, p.set), at: p.days(3, 17, 1)}
	h.wantFate(t, "expired")
}
