package db

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// pageWork is what one page decides.
type pageWork struct {
	campaigns desk.Campaigns
	round     *round
	now       time.Time
	people    []candidate
	given     []gift
	denied    []denial
	gone      []candidate // wait no more: withdrawn, or served by hand
	served    map[booking.ID]bool
}

// gift is a slot for somebody.
type gift struct {
	candidate
	booking.Match
	id      int64 // the appointment's, once it has one
	counted bool  // taken off the round's count
	gained  bool  // a seat that has become free since the last whole walk
	moved   *movedFrom
}

// movedFrom is the appointment that a gift replaces, where it was not the person who wished for it.
type movedFrom struct {
	appointment int64
	kind        words.Kind
	cause, why  string // of the new appointment; of the old one's end
}

// denial is somebody who got nothing, and why.
type denial struct {
	candidate
	why   booking.Reason
	aside bool // of a household, and not among the page's people: looked at with its last member
}

// undo puts back on the board what an attempt that was not committed had taken from it.
func (w *pageWork) undo(s *stock) {
	if w == nil {
		return
	}
	for _, g := range slices.Backward(w.given) {
		s.board.GiveBack(g.Match)
		if g.counted {
			s.untake(g.SlotID, g.gained)
		}
	}
	w.given = nil
}

// decide goes through the people in order. The board counts down as it gives; what the round knows beside it changes only
// when the page is written.
func (w *pageWork) decide(ctx context.Context, tx pgx.Tx) error {
	held, err := readHeld(ctx, tx, w.round.campaign.ID)
	if err != nil {
		return err
	}
	households, err := readHouseholds(ctx, tx, w.round, w.people, held)
	if err != nil {
		return err
	}
	w.served = map[booking.ID]bool{}
	w.round.stock.board.SetNow(w.now)
	var out []booking.Match
	for _, c := range w.people {
		unit := []candidate{c}
		why := w.standing(c, held[c.key.ID])
		if why == "" && c.wishes.Household != nil && c.dose == 1 && c.swapOf == 0 {
			unit, why = households.unit(c)
		}
		switch {
		case w.served[c.key.ID]: // with the household
		case c.gone || c.open != 0 && c.open != c.swapOf || c.swapOf != 0 && c.open == 0:
			w.gone = append(w.gone, c)
		case why != "":
			w.denied = append(w.denied, denial{candidate: c, why: why})
		default:
			out = w.round.stock.board.Match(out[:0], w.round.wanted(unit))
			w.take(unit, out)
		}
	}
	w.denied = slices.DeleteFunc(w.denied, func(d denial) bool { return w.served[d.key.ID] })
	return nil
}

// standing says what keeps somebody from being matched at all.
func (w *pageWork) standing(c candidate, held bool) booking.Reason {
	rule, _ := w.round.campaign.Cohort(c.cohort)
	switch {
	case held:
		return booking.ReasonHeld
	case !c.ready:
		return booking.ReasonNotReady
	case c.declines >= max(rule.Declines, 1):
		return booking.ReasonDeclines
	}
	return ""
}

// take notes the matcher's answer for a person, or for everybody of a household.
func (w *pageWork) take(unit []candidate, answer []booking.Match) {
	for i, m := range answer {
		if m.SlotID == 0 {
			w.deny(denial{candidate: unit[i], why: m.Reason, aside: i < len(unit)-1})
			continue
		}
		w.given = append(w.given, gift{candidate: unit[i], Match: m})
		w.served[m.Key.ID] = true
	}
}

// deny notes that somebody got nothing. Members of a household who were looked at before get its last member's reason.
func (w *pageWork) deny(d denial) {
	if d.aside {
		i := slices.IndexFunc(w.denied, func(o denial) bool { return o.key.ID == d.key.ID })
		if i >= 0 {
			w.denied[i].why = d.why
			return
		}
	}
	w.denied = append(w.denied, d)
}

// wanted is what the matcher must know of a person or a household. The last member of a household carries its wishes (unit).
func (r *round) wanted(unit []candidate) booking.Waiting {
	c := unit[len(unit)-1]
	rule, _ := r.campaign.Cohort(c.cohort)
	w := booking.Waiting{
		Key: c.key, Cohort: c.cohort, Later: c.dose > 1, Region: c.region, Wishes: c.wishes, Notice: rule.Notice, Declined: c.refused,
	}
	if len(unit) > 1 {
		w.Cohort = r.keptFor(unit)
		for _, m := range unit {
			w.Members = append(w.Members, m.key)
			other, _ := r.campaign.Cohort(m.cohort)
			w.Notice = max(w.Notice, other.Notice)
			w.Declined = slices.Concat(w.Declined, m.refused)
		}
	} else {
		w.Wishes.Household = nil
	}
	w.Wishes.Sites = r.stillThere(w.Wishes.Sites)
	if c.site != "" {
		w.Wishes.Sites = []string{c.site}
	}
	if c.from != nil {
		w.From = *c.from
	}
	if c.until != nil {
		w.Until = *c.until
	}
	return w
}

// keptFor is the cohort by whose reserves a household goes: seats that are kept for one of its members are not for the others. "": none.
func (r *round) keptFor(unit []candidate) string {
	for _, m := range unit {
		if !slices.ContainsFunc(r.campaign.Reserves, func(kept booking.Reserve) bool {
			return slices.Contains(kept.Cohorts, m.cohort) &&
				slices.ContainsFunc(unit, func(other candidate) bool { return !slices.Contains(kept.Cohorts, other.cohort) })
		}) {
			return m.cohort
		}
	}
	return ""
}

// stillThere leaves out sites that the campaign no longer has. Whoever ranked only such sites takes the nearest, like somebody who
// ranked none: nobody waits for a site that is closed.
func (r *round) stillThere(sites []string) []string {
	gone := func(code string) bool {
		_, ok := r.campaign.Site(code)
		return !ok
	}
	if !slices.ContainsFunc(sites, gone) {
		return sites
	}
	return slices.DeleteFunc(slices.Clone(sites), gone)
}
