package sms

import (
	"cmp"
	"context"
	"slices"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// keeper is the campaign under which a text is kept: that of the number, or, where campaigns share it, the first that it can be for. All texts of a phone
// to a shared number begin at the same one, so that they are handled in their order.
func (d *Door) keeper(slug string, from booking.Phone) (c *desk.Campaign, shared bool, err error) {
	if slug != "" {
		c, err = d.desk.Campaign(slug)
		return c, false, err
	}
	all := d.desk.Sharing(from, d.desk.Now())
	if len(all) == 0 {
		return nil, false, booking.Fail(booking.CodeNoCampaign, nil)
	}
	return all[0], len(all) > 1, nil
}

// decide finds out for which campaign a text is that came to a shared number. decided says that it is the one under which it stands, and to be
// handled now. Otherwise it has been passed on and handled there, or its sender was asked.
func (d *Door) decide(ctx context.Context, in desk.Inbound, c *desk.Campaign) (decided bool, err error) {
	all := d.desk.Sharing(in.From, in.Arrival)
	if !slices.ContainsFunc(all, func(k *desk.Campaign) bool { return k.ID == c.ID }) {
		all = append(all, c)
	}
	if in.Heard { // it was decided before: for this campaign, unless it was but the word of another one, for which it let go what was held
		if named(all, c, legible(in.Body)) {
			return false, d.finish(ctx, in, nil, nil, Intent{Act: Answer})
		}
		return true, nil
	}
	standing, err := d.standings(ctx, all, in)
	if err != nil {
		return false, err
	}
	choice := Choose(standing, in.From, in.Body, in.Arrival)
	if choice.All {
		return false, d.passOn(ctx, in, all...)
	}
	if len(choice.Among) > 1 {
		among := make([]*desk.Campaign, len(choice.Among))
		for i, k := range choice.Among {
			among[i] = all[k]
		}
		return false, d.askWhich(ctx, in, c, all, among)
	}
	to := all[choice.Among[0]]
	if choice.Named {
		if done, err := d.byWord(ctx, in, c, all, to, choice.Only); err != nil || done {
			return false, err
		}
	}
	if to.ID == c.ID {
		return true, nil
	}
	return false, d.passOn(ctx, in, to)
}

// named reports whether a text holds the word of another campaign and not of this one.
func named(all []*desk.Campaign, c *desk.Campaign, text string) bool {
	return !hasKeyword(c.Campaign, text) && slices.ContainsFunc(all, func(k *desk.Campaign) bool { return hasKeyword(k.Campaign, text) })
}

// passOn hands a text to campaigns and handles it there. What is passed on and not handled now is the sweep's.
func (d *Door) passOn(ctx context.Context, in desk.Inbound, to ...*desk.Campaign) error {
	ids, err := d.desk.PassOn(ctx, in, to...)
	for _, id := range ids {
		if err == nil {
			err = d.Handle(ctx, id)
		}
	}
	return err
}

// standings reads what is on record of the sender in each campaign.
func (d *Door) standings(ctx context.Context, all []*desk.Campaign, in desk.Inbound) ([]Standing, error) {
	no, yes := AnswerNo(in.Body), agrees(legible(in.Body))
	out := make([]Standing, len(all))
	for i, c := range all {
		s, err := d.desk.Stand(ctx, c, in, no, yes)
		if err != nil {
			return nil, err
		}
		m := d.recall(c, desk.ForCampaign(c, in), s.Talk)
		open := !s.Talk.FirstAt.IsZero()
		out[i] = Standing{
			Campaign: c.Campaign, Over: c.Over(in.Arrival), Entries: s.Entries, Asked: s.Asked.ID,
			Applying: open && (m.State.Begun || m.State.People > 0),
		}
	}
	return out, nil
}

// askWhich holds a text and asks for which campaign it is. Whoever was asked as often as it takes for two machines to stop is not asked again; the
// text still waits for the answer.
func (d *Door) askWhich(ctx context.Context, in desk.Inbound, c *desk.Campaign, all, among []*desk.Campaign) error {
	held, err := d.desk.Held(ctx, in, all, c.Limits.WithDefaults().ContactLife, maxIdle)
	if err != nil {
		return err
	}
	lang := languageOf(c.Campaign, State{}, legible(in.Body))
	if err := d.desk.AskWhich(ctx, in, among, lang, len(held) >= maxIdle); err != nil {
		return err
	}
	d.texts.WithLabelValues("which").Inc()
	return nil
}

// release hands held texts to the campaign that was meant and handles them, in their order. All are passed on before the first is handled. What was
// passed on before an error is no longer held, so that trying again goes on from there.
func (d *Door) release(ctx context.Context, held []desk.HeldText, to *desk.Campaign) error {
	var ids []int64
	for _, h := range held {
		in, _, err := d.desk.Text(ctx, h.ID)
		if desk.Unreadable(err) { // it must not keep the others back
			d.log.Error("a text that waits for its campaign cannot be opened", "inbound", h.ID)
			continue
		}
		if err != nil {
			return err
		}
		id, err := d.desk.PassOn(ctx, in, to)
		if err != nil {
			return err
		}
		ids = append(ids, id...)
	}
	for _, id := range ids {
		if err := d.Handle(ctx, id); err != nil {
			d.log.Warn("a text was passed on but not handled yet; the sweep will handle it", "inbound", id, "error", err)
		}
	}
	return nil
}

// answered carries out answers to questions of the door itself: which campaign, which place. done says that the text is finished. The text that
// comes back is the one to go on with: where a place was meant, as if its name had been typed.
func (d *Door) answered(ctx context.Context, in desk.Inbound, c *desk.Campaign, v desk.Conversation, known memory) (out desk.Inbound, done bool, err error) {
	a, ok := answerIn(in.Body)
	if !ok {
		return in, false, nil
	}
	no := a.no
	q, ok, err := d.desk.QuestionOf(ctx, c, in, no)
	if err != nil {
		return in, false, err
	}
	if against, err := d.desk.Contradicts(ctx, c, in, q, ok, no, a.says); err != nil || against {
		return in, against, d.unclear(ctx, c, in, q, a, v, known, err)
	}
	if !ok {
		return in, false, nil
	}
	switch q.Kind {
	case desk.QuestionRegion:
		// Whoever was completed meanwhile has named another place: then the answer no longer fits.
		if r, ok := c.Region(q.About); ok && (known.State.Begun || !v.Used) {
			in.Body = r.Names.In(cmp.Or(known.State.Lang, c.Langs[0]))
			return in, false, d.desk.CloseQuestion(ctx, q, "yes", in)
		}
	case desk.QuestionWhich:
		return in, true, d.answerWhich(ctx, in, c, q, no)
	}
	return in, false, nil
}

// askFor asks for what an application lacks; a place that was nearly named comes first.
func (d *Door) askFor(c *desk.Campaign, in desk.Inbound, intent Intent) ([]desk.Message, error) {
	if intent.Near != "" {
		return []desk.Message{desk.SayByText(in, words.NearRegion, intent.Lang, map[string]string{desk.ParamAbout: intent.Near})}, nil
	}
	ask, err := d.desk.AskMissingByText(c, in, intent.Missing, intent.Years, intent.Lang)
	return []desk.Message{ask}, err
}

// registerAll registers everybody whom a text names. The first has the contacts of the conversation; the others' own entry began with this text,
// unless they were announced.
func (d *Door) registerAll(ctx context.Context, c *desk.Campaign, in desk.Inbound, contacts []time.Time, intent Intent) (replies []desk.Message, completed bool, err error) {
	for i, one := range append([]Intent{intent}, intent.Also...) {
		if i > 0 && i >= intent.Announced {
			contacts = []time.Time{in.Arrival}
		}
		said, ok, err := d.desk.RegisterByText(ctx, c, in, contacts, desk.Applying{Person: one.Person, Region: one.Region, Lang: one.Lang})
		if err != nil {
			return nil, false, err
		}
		completed = completed || ok
		for _, m := range said { // what is said to the sender is said once
			if m.Entry != nil || !slices.ContainsFunc(replies, func(r desk.Message) bool { return r.Entry == nil && r.Kind == m.Kind }) {
				replies = append(replies, m)
			}
		}
	}
	return replies, completed, nil
}
