package words

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"jari/booking"
)

// Explain tells an explanation in whole sentences, in order, for an agent or an operator to read out: why this time, or why
// none. They name places, times and sites, and no person. It says only what is on record. It returns ErrKind for a language
// that has no words.
func Explain(c *booking.Campaign, lang booking.Lang, e booking.Explanation) ([]string, error) {
	return embedded().Explain(c, lang, e)
}

// Explain tells an explanation from these catalogues; see the function of the same name.
func (c *Catalogues) Explain(of *booking.Campaign, lang booking.Lang, e booking.Explanation) ([]string, error) {
	l := c.languages[lang]
	if l == nil {
		return nil, fmt.Errorf("%w: an explanation in %q", ErrKind, lang)
	}
	tell := teller{language: l, zone: of.Zone}
	out := []string{tell.position(e)}
	if e.Number > 0 && e.Late != "" {
		out = append(out, tell.lateness(e))
	}
	out = append(out, tell.history(e)...)
	if !e.Withdrawn.IsZero() {
		return append(out, tell.say("withdrawn", "at", tell.at(e.Withdrawn))), nil
	}
	out = append(out, tell.standing(e)...)
	if e.TextsStopped {
		out = append(out, tell.say("texts_stopped"))
	}
	if e.Declined > 0 {
		out = append(out, tell.counting("declined", e.Declined, "count", strconv.Itoa(e.Declined), "limit", strconv.Itoa(e.Declines)))
	}
	return out, nil
}

// history tells what rounds decided and what became of it, in order of time.
func (tell teller) history(e booking.Explanation) []string {
	type event struct {
		at   time.Time
		text string
	}
	var events []event
	for _, d := range e.Denied { // how many sites were ranked then is not on record
		events = append(events, event{d.At, tell.denial(d, tell.because(Data{Reason: e.Wishes.Told(d.Reason)}))})
	}
	for _, g := range e.Given {
		events = append(events, event{g.Made, tell.gift(e, g)})
		if !g.State.Open() {
			events = append(events, event{g.Ended, tell.ending(g)})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	out := make([]string, len(events))
	for i, ev := range events {
		out[i] = ev.text
	}
	return out
}

// standing tells how it stands now, for somebody who has not withdrawn.
func (tell teller) standing(e booking.Explanation) []string {
	var out []string
	if slices.ContainsFunc(e.Waits, func(w booking.StillWait) bool { return w.Swap }) {
		out = append(out, tell.say("swapping"))
	}
	w, waits := e.Wait()
	_, has := e.Current()
	switch {
	case !waits && has:
		return out
	case !waits || w.Reason == "" && !w.Look, w.Reason == "" && e.Number > 0 && len(e.Given) == 0:
		out = append(out, tell.unreached(e))
	case w.Reason != "":
		why := Data{Reason: e.Wishes.Told(w.Reason)}
		if !w.Look { // otherwise the wishes may be others than at the last look
			why.Sites, why.LastDay = len(e.Wishes.Sites), e.LastDay
		}
		if i := len(e.Denied) - 1; i >= 0 && e.Denied[i].Reason == w.Reason && why.LastDay.IsZero() {
			out = append(out, tell.say("nothing_since", "keeps", tell.keeping(w))) // the decision was told just before
		} else {
			out = append(out, tell.say("now", "reason", tell.because(why), "keeps", tell.keeping(w)))
		}
	}
	if waits && w.Look && (w.Reason != "" || len(e.Given) > 0) {
		out = append(out, tell.say("again", "at", tell.at(w.Since)))
	}
	if h := e.Wishes.Household; h != nil && w.Reason == booking.ReasonIncomplete {
		out = append(out, tell.counting("members", h.Size, "count", strconv.Itoa(h.Size), "named", strconv.Itoa(e.Members)))
	}
	if !e.Ready && w.Reason != booking.ReasonNotReady {
		out = append(out, tell.say("unready"))
	}
	return out
}

// ExplainTo fills in what a Why text speaks of, and the reason for a Status text.
func (d *Data) ExplainTo(c *booking.Campaign, e booking.Explanation) {
	d.Place, d.AfterDraw = e.Number, e.AfterDraw()
	if g, ok := e.Current(); ok {
		d.Rank, d.Order, d.Cause = g.Rank, e.OrderOf(g), g.Cause
		return
	}
	if e.Read.Before(e.First) {
		d.FirstRound = e.First.In(c.Zone)
	}
	if e.Late == "" && e.Number > e.WalkedTo {
		d.Through = e.WalkedTo
	}
	w, ok := e.Wait()
	switch {
	case !ok:
	case w.Look: // the reason of the last look may be none any more
		d.Again = w.Reason != "" || len(e.Given) > 0
	default:
		d.Reason, d.Sites, d.LastDay = e.Wishes.Told(w.Reason), len(e.Wishes.Sites), e.LastDay
		if i := len(e.Denied) - 1; i >= 0 && w.Reason == e.Denied[i].Reason {
			d.Looked = e.Denied[i].At.In(c.Zone)
		}
	}
}
