package words

import (
	"fmt"
	"time"

	"jari/booking"
)

// phrases are the sentences of explanations in one language. In their gaps stands what the comments name, in that order; a sentence
// may take it in another order (%[2]s) and leave some out.
type phrases struct {
	instant func(time.Time) string // an instant of our clock, to the second
	when    func(time.Time) string // the start of an appointment
	nth     func(int64) string     // one of a row
	because func(Data) []string    // a reason, told of an instant in the past

	// The place's number, the arrival, up to where places are numbered.
	place, drawn, unnumbered, undrawn string
	// Why a place was announced late, and the reasons for it; closed is that of the list of a draw.
	late, lateLot                  string
	stored, stamp, journal, closed string

	round          string // which, when
	dose           string // which; stands behind the round
	page           string // which, seats free before it, people looked at, people given a time
	decided, found string // when, or by which round; the reason
	given, gave    string // when, or by which round; site and time
	away           string // kilometres

	swapped, redated, moved string // why an appointment took another's place
	// Which site it became; the first of the ranking and the nearest of all have no gap.
	first, ranked, nearest, next, tried string
	// When, the appointment's time, the cause.
	endings   map[booking.AppointmentState]string
	causes    map[string]string
	withdrawn string // when

	firstRound                             string // when
	afterDraw, afterNumber, notYet, looked string // up to which place
	nextRound                              string
	now                                    string // the reason
	nothingSince, keeps, keepsInTurn       string
	again                                  string // when
	swapping                               string
	members                                string // how many, how many have named the code
	unready                                string
	declined                               string // how many, of how many
}

// teller tells explanations of a campaign in one language.
type teller struct {
	phrases
	lang booking.Lang
	zone *time.Location
}

func (tell teller) at(t time.Time) string { return tell.instant(t.In(tell.zone)) }

func (tell teller) position(e booking.Explanation) string {
	sentence := tell.place
	switch {
	case e.AfterDraw():
		sentence = tell.undrawn
	case e.Number == 0:
		sentence = tell.unnumbered
	case e.ByLot:
		sentence = tell.drawn
	}
	return fmt.Sprintf(sentence, Grouped(e.Number), tell.at(e.Arrival), Grouped(e.SealedTo))
}

func (tell teller) lateness(e booking.Explanation) string {
	sentence, why := tell.late, tell.stored
	if e.ByLot {
		sentence, why = tell.lateLot, tell.closed
	}
	switch e.Late {
	case "stamp":
		why = tell.stamp
	case "journal":
		why = tell.journal
	}
	return fmt.Sprintf(sentence, why)
}

// roundOf names a round.
func (tell teller) roundOf(r booking.RoundRecord, dose int) string {
	s := fmt.Sprintf(tell.round, tell.nth(r.Number), tell.at(r.At))
	if dose > 1 {
		s += fmt.Sprintf(tell.dose, dose)
	}
	return s
}

// pageOf says what the round recorded about the page, for whoever checks.
func (tell teller) pageOf(r booking.RoundRecord) string {
	return fmt.Sprintf(tell.page, tell.nth(int64(r.Page)+1), Grouped(r.Free), Grouped(int64(r.Looked)), Grouped(int64(r.Assigned)))
}

func (tell teller) denial(d booking.Denied, why string) string {
	if d.Round.Number == 0 {
		return fmt.Sprintf(tell.decided, tell.at(d.At), why)
	}
	return fmt.Sprintf(tell.found, tell.roundOf(d.Round, d.Dose), why) + tell.pageOf(d.Round)
}

func (tell teller) gift(e booking.Explanation, g booking.Given) string {
	what := g.Names.In(tell.lang)
	if what == "" { // no version of the campaign had a name
		what = g.Site
	}
	if g.Distance >= 0 {
		what += fmt.Sprintf(tell.away, kilometres(g.Distance))
	}
	what += ", " + tell.when(g.Starts.In(tell.zone))
	if g.Round.Number == 0 {
		return fmt.Sprintf(tell.given, tell.at(g.Made), what) + tell.why(e, g)
	}
	return fmt.Sprintf(tell.gave, tell.roundOf(g.Round, g.Dose), what) + tell.why(e, g) + tell.pageOf(g.Round)
}

func (tell teller) why(e booking.Explanation, g booking.Given) string {
	if g.State.Holds() { // of one that has ended, the cause is that of its end
		switch g.Cause {
		case "":
		case "swap":
			return tell.swapped
		case "redated":
			return tell.redated
		default:
			return tell.moved
		}
	}
	nth := tell.nth(int64(g.Rank))
	switch order := e.OrderOf(g); {
	case order == booking.OrderRanked && g.Rank == 1:
		return tell.first
	case order == booking.OrderRanked:
		return fmt.Sprintf(tell.ranked, nth)
	case order == booking.OrderNearest && g.Rank == 1:
		return tell.nearest
	case order == booking.OrderNearest:
		return fmt.Sprintf(tell.next, nth)
	case g.Rank > 0 && g.Dose == 1: // a later dose may keep to the first one's place
		return fmt.Sprintf(tell.tried, nth)
	}
	return ""
}

func (tell teller) ending(g booking.Given) string {
	return fmt.Sprintf(tell.endings[g.State], tell.at(g.Ended), tell.when(g.Starts.In(tell.zone)), tell.causes[g.Cause])
}

func (tell teller) unreached(e booking.Explanation) string {
	switch {
	case e.Read.Before(e.First):
		return fmt.Sprintf(tell.firstRound, tell.at(e.First))
	case e.AfterDraw():
		return tell.afterDraw
	case e.Number == 0:
		return tell.afterNumber
	case e.WalkedTo == 0:
		return tell.notYet
	case e.Late == "" && e.Number > e.WalkedTo:
		return fmt.Sprintf(tell.looked, Grouped(e.WalkedTo))
	}
	return tell.nextRound
}

func (tell teller) keeping(w booking.StillWait) string {
	if w.Reason.Matched() {
		return tell.keepsInTurn
	}
	return tell.keeps
}

// kilometres writes metres as kilometres with one decimal, rounded down.
func kilometres(metres int) string { return fmt.Sprintf("%d.%d", metres/1000, metres%1000/100) }
