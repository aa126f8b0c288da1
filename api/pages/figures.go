package pages

import (
	"jari/booking/words"
	"jari/mobile-contract/contract"
)

// figure is a number with its name and what it means.
type figure struct{ Name, Value, About string }

// leadFigures are what most people look for.
func leadFigures(t *texts, d contract.QueueDocument) []figure {
	upTo := func(n int64) string {
		if n == 0 {
			return t.None
		}
		return sprintf(t.UpTo, words.Grouped(n))
	}
	out := []figure{
		{t.Applied, t.people(d.Applied), t.AppliedAbout},
		{t.SealedTo, upTo(d.SealedTo), t.SealedToAbout},
		{t.ServedTo, upTo(d.ServedTo), t.ServedToAbout},
		{t.Assured, t.Unknown, t.AssuredAbout},
	}
	if d.Applied > d.SealedTo && (d.Draw == nil || d.Draw.PublicValue != nil) {
		out[0].About = t.AppliedAbout + " " + t.AppliedGuess
	}
	if d.Draw != nil {
		out[1].About = t.SealedDrawn
	}
	switch a := d.AssuredTo; {
	case a == nil:
	case *a == 0:
		out[3].Value = t.Nobody
	default:
		out[3].Value = upTo(*a)
	}
	return out
}

// moreFigures stand on the page of a single queue.
func moreFigures(t *texts, d contract.QueueDocument) []figure {
	return []figure{
		{t.Served, t.people(d.Served), t.ServedAbout},
		{t.Withdrawn, t.people(d.Withdrawn), t.WithdrawnAbout},
		{t.Late, t.people(d.Late), t.LateAbout},
	}
}

func (t *texts) people(n int64) string { return sprintf(t.People[unitForm(n)], words.Grouped(n)) }

// pace says how quickly appointments are made, and what to think of it.
func pace(t *texts, r contract.QueueRate) (said, about string) {
	if r.State != contract.QueueRateStateKnown || r.Fast <= 0 {
		if told, ok := t.Paces[r.State]; ok {
			return told, ""
		}
		return t.Paces[contract.QueueRateStateTooFewRounds], ""
	}
	if r.Slow == r.Fast {
		return sprintf(t.PaceSame, words.Grouped(r.Fast)), t.PaceAbout
	}
	return sprintf(t.PaceBetween, words.Grouped(r.Slow), words.Grouped(r.Fast)), t.PaceAbout
}
