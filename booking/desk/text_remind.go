package desk

import (
	"context"
	"encoding/hex"
	"time"

	"jari/booking"
	"jari/booking/words"
)

// remindByText takes "text me when it opens". The reminder gives no arrival and says so little that it may go to whoever asked: one a phone and
// cohort, due at the opening. Whoever answers when it is open already is told that one may apply.
//
// It is not urgent, so that replies to those who apply in the first minutes go before it. Where the opening lies in quiet hours it is,
// because whoever asked for a text at that hour is not disturbed by it.
func (d *Desk) remindByText(ctx context.Context, c *Campaign, in Inbound, q Question, lang booking.Lang) ([]Message, error) {
	cohort, ok := c.Cohort(q.About)
	switch {
	case !ok || !in.Arrival.Before(cohort.Closes):
		return []Message{SayByText(in, words.NotNow, lang, nil)}, nil
	case !in.Arrival.Before(cohort.Opens):
		return []Message{SayByText(in, words.Opened, lang, nil)}, nil
	}
	reminder := SayByText(in, words.Opened, lang, map[string]string{ParamAbout: cohort.Code})
	reminder.Dedup = "opened/" + cohort.Code + "/" + hex.EncodeToString(in.PhoneHash[:])
	reminder.Due, reminder.UsefulUntil = cohort.Opens, cohort.Closes
	reminder.Urgent = c.Limits.WithDefaults().Quiet(cohort.Opens.In(c.Zone))
	noted := SayByText(in, words.ReminderNoted, lang, map[string]string{ParamAt: cohort.Opens.Format(time.RFC3339)})
	return []Message{reminder, noted}, d.CloseQuestion(ctx, q, "yes", in)
}
