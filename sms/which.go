package sms

import (
	"context"

	"jari/booking/desk"
	"jari/booking/words"
)

// byWord passes on what was held until a campaign is named. done says that the text was no more than the answer to that, with the word alone (only) or with the
// number as well: "2번 독감".
func (d *Door) byWord(ctx context.Context, in desk.Inbound, c *desk.Campaign, all []*desk.Campaign, to *desk.Campaign, only bool) (done bool, err error) {
	held, err := d.desk.Held(ctx, in, all, c.Limits.WithDefaults().ContactLife, 0)
	if err != nil {
		return false, err
	}
	if no := AnswerNo(withoutKeyword(to.Campaign, legible(in.Body))); no > 0 {
		q, err := d.asked(ctx, in, all, no)
		if err != nil {
			return false, err
		}
		if q.Kind == desk.QuestionWhich {
			return true, d.byWordAndNumber(ctx, in, c, all, to, held, q, no)
		}
	}
	if err := d.released(ctx, in, held, all, to); err != nil {
		return false, err
	}
	if only && len(held) > 0 {
		return true, d.finish(ctx, in, nil, nil, Intent{Act: Answer})
	}
	return false, nil
}

// byWordAndNumber answers which campaign is meant with both. Where they mean two campaigns nothing is decided, and it is asked once more.
func (d *Door) byWordAndNumber(ctx context.Context, in desk.Inbound, c *desk.Campaign, all []*desk.Campaign, to *desk.Campaign, held []desk.HeldText, q desk.Question, no int) error {
	var replies []desk.Message
	meant := d.desk.Meant(q, no)
	agree := meant != nil && meant.ID == to.ID
	var err error
	switch {
	case len(held) > 0 && agree:
		err = d.released(ctx, in, held, all, to)
	case len(held) > 0:
		replies, err = d.desk.AskAgainByText(ctx, c, in, desk.Underway{})
	}
	if err != nil {
		return err
	}
	if done := len(held) > 0 && agree || q.AnsweredBy == in.ID; !done && len(replies) == 0 {
		replies = notNow(c, in)
	}
	return d.finish(ctx, in, nil, replies, Intent{Act: Answer})
}

// notNow says that an answer decides nothing any more.
func notNow(c *desk.Campaign, in desk.Inbound) []desk.Message {
	return []desk.Message{desk.SayByText(in, words.NotNow, languageOf(c.Campaign, State{}, ""), nil)}
}

// asked is the newest question with a number, in any of the campaigns.
func (d *Door) asked(ctx context.Context, in desk.Inbound, all []*desk.Campaign, no int) (newest desk.Question, err error) {
	for _, c := range all {
		q, ok, err := d.desk.QuestionOf(ctx, c, desk.ForCampaign(c, in), no)
		if err != nil {
			return newest, err
		}
		if ok && q.ID > newest.ID {
			newest = q
		}
	}
	return newest, nil
}

// answerWhich answers which campaign is meant with a number.
func (d *Door) answerWhich(ctx context.Context, in desk.Inbound, c *desk.Campaign, q desk.Question, no int) error {
	to := d.desk.Meant(q, no)
	all := d.desk.Sharing(in.From, in.Arrival)
	held, err := d.desk.Held(ctx, in, all, desk.Answerable, 0)
	if err != nil {
		return err
	}
	// Decided already, by a word of the campaign or by the number of another question; but not by this text, should it be handled once more.
	if to == nil || len(held) == 0 && q.AnsweredBy != in.ID {
		return d.finish(ctx, in, nil, notNow(c, in), Intent{Act: Answer})
	}
	if err := d.desk.CloseQuestion(ctx, q, to.Slug, in); err != nil { // first, so that what this text did is known when it is handled once more
		return err
	}
	if err := d.released(ctx, in, held, all, to); err != nil {
		return err
	}
	return d.finish(ctx, in, nil, nil, Intent{Act: Answer})
}

// released passes on what was held for the campaign that a text names, and closes the questions which one it is.
func (d *Door) released(ctx context.Context, in desk.Inbound, held []desk.HeldText, all []*desk.Campaign, to *desk.Campaign) error {
	if err := d.release(ctx, held, to); err != nil || len(held) == 0 {
		return err
	}
	return d.desk.CloseWhich(ctx, in, all, to)
}
