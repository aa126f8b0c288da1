package words

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"jari/booking"
)

// explainTexts are the sentences of explanations, and what is put into each.
var explainTexts = map[string]string{
	"place": "number arrived numbered_to", "drawn": "number arrived numbered_to", "unnumbered": "number arrived numbered_to", "undrawn": "number arrived numbered_to",
	"late": "late_cause", "late_by_lot": "late_cause",
	"round": "nth at dose", "page": "nth free people given",
	"decided": "at reason", "found": "round reason page", "given": "at time why", "gave": "round time why page", "time": "site km when",
	"swapped": "", "redated": "", "moved": "",
	"first": "nth", "ranked": "nth", "nearest": "nth", "next": "nth", "tried": "nth",
	"ended_declined": "at when ended_cause", "ended_lapsed": "at when ended_cause", "ended_attended": "at when ended_cause",
	"ended_missed": "at when ended_cause", "ended_cancelled": "at when ended_cause",
	"withdrawn":   "at",
	"first_round": "at", "after_draw": "", "after_number": "", "not_yet": "", "looked": "looked_to", "next_round": "",
	"now": "reason keeps", "nothing_since": "keeps", "keeps": "", "keeps_in_turn": "",
	"again": "at", "swapping": "", "members": "count named", "unready": "", "texts_stopped": "", "declined": "count limit",
}

// answerValues are the gaps of all of them.
var answerValues = func() map[string]value {
	out := map[string]value{}
	for _, names := range explainTexts {
		for name := range strings.FieldsSeq(names) {
			out[name] = value{of: func(f *filling) string { return f.told[name] }}
		}
	}
	return out
}()

// teller tells explanations of a campaign in one language.
type teller struct {
	language *language
	zone     *time.Location
}

// say is a sentence with what is put into it: names and values in turn.
func (tell teller) say(sentence string, told ...string) string {
	return tell.counting(sentence, 0, told...)
}

// counting is say for a sentence whose form goes by a number.
func (tell teller) counting(sentence string, number int, told ...string) string {
	f := filling{language: tell.language, number: number, told: make(map[string]string, len(told)/2)}
	for pair := range slices.Chunk(told, 2) {
		f.told[pair[0]] = pair[1]
	}
	return f.say("explain." + sentence)
}

// because is a reason, told of an instant in the past.
func (tell teller) because(d Data) string {
	f := filling{language: tell.language, data: &d}
	return f.say(tell.language.reasonThen(&d))
}

// at is an instant of our clock, to the second.
func (tell teller) at(t time.Time) string {
	return tell.language.date("when.second", t.In(tell.zone))
}

func (tell teller) when(t time.Time) string { return tell.language.when(t.In(tell.zone)) }

func (tell teller) grouped(n int64) string { return tell.language.grouped(n) }

func (tell teller) position(e booking.Explanation) string {
	sentence := "place"
	switch {
	case e.AfterDraw():
		sentence = "undrawn"
	case e.Number == 0:
		sentence = "unnumbered"
	case e.ByLot:
		sentence = "drawn"
	}
	return tell.say(sentence, "number", tell.grouped(e.Number), "arrived", tell.at(e.Arrival), "numbered_to", tell.grouped(e.SealedTo))
}

func (tell teller) lateness(e booking.Explanation) string {
	sentence, cause := "late", "stored"
	if e.ByLot {
		sentence, cause = "late_by_lot", "closed"
	}
	if e.Late == "stamp" || e.Late == "journal" || e.Late == "log" {
		cause = e.Late
	}
	f := filling{language: tell.language}
	return tell.say(sentence, "late_cause", f.say("explain_late."+cause))
}

// roundOf names a round.
func (tell teller) roundOf(r booking.RoundRecord, dose int) string {
	which := ""
	if dose > 1 {
		which = strconv.Itoa(dose)
	}
	return tell.say("round", "nth", tell.language.nth(r.Number), "at", tell.at(r.At), "dose", which)
}

// pageOf says what the round recorded about the page, for whoever checks.
func (tell teller) pageOf(r booking.RoundRecord) string {
	return tell.say("page", "nth", tell.language.nth(int64(r.Page)+1), "free", tell.grouped(r.Free), "people", tell.grouped(int64(r.Looked)),
		"given", tell.grouped(int64(r.Assigned)))
}

func (tell teller) denial(d booking.Denied, why string) string {
	if d.Round.Number == 0 {
		return tell.say("decided", "at", tell.at(d.At), "reason", why)
	}
	return tell.say("found", "round", tell.roundOf(d.Round, d.Dose), "reason", why, "page", tell.pageOf(d.Round))
}

func (tell teller) gift(e booking.Explanation, g booking.Given) string {
	site := g.Names.In(tell.language.lang)
	if site == "" { // no version of the campaign had a name
		site = g.Site
	}
	km := ""
	if g.Distance >= 0 {
		km = kilometres(g.Distance)
	}
	what := tell.say("time", "site", site, "km", km, "when", tell.when(g.Starts))
	if g.Round.Number == 0 {
		return tell.say("given", "at", tell.at(g.Made), "time", what, "why", tell.why(e, g))
	}
	return tell.say("gave", "round", tell.roundOf(g.Round, g.Dose), "time", what, "why", tell.why(e, g), "page", tell.pageOf(g.Round))
}

func (tell teller) why(e booking.Explanation, g booking.Given) string {
	if g.State.Holds() { // of one that has ended, the cause is that of its end
		switch g.Cause {
		case "":
		case "swap":
			return tell.say("swapped")
		case "redated":
			return tell.say("redated")
		default:
			return tell.say("moved")
		}
	}
	var sentence string
	switch order := e.OrderOf(g); {
	case order == booking.OrderRanked && g.Rank == 1:
		sentence = "first"
	case order == booking.OrderRanked:
		sentence = "ranked"
	case order == booking.OrderNearest && g.Rank == 1:
		sentence = "nearest"
	case order == booking.OrderNearest:
		sentence = "next"
	case g.Rank > 0 && g.Dose == 1: // a later dose may keep to the first one's place
		sentence = "tried"
	default:
		return ""
	}
	return tell.say(sentence, "nth", tell.language.nth(int64(g.Rank)))
}

func (tell teller) ending(g booking.Given) string {
	cause := ""
	if id := "explain_cause." + g.Cause; tell.language.has(id) {
		cause = (&filling{language: tell.language}).say(id)
	}
	return tell.say("ended_"+string(g.State), "at", tell.at(g.Ended), "when", tell.when(g.Starts), "ended_cause", cause)
}

func (tell teller) unreached(e booking.Explanation) string {
	switch {
	case e.Read.Before(e.First):
		return tell.say("first_round", "at", tell.at(e.First))
	case e.AfterDraw():
		return tell.say("after_draw")
	case e.Number == 0:
		return tell.say("after_number")
	case e.WalkedTo == 0:
		return tell.say("not_yet")
	case e.Late == "" && e.Number > e.WalkedTo:
		return tell.say("looked", "looked_to", tell.grouped(e.WalkedTo))
	}
	return tell.say("next_round")
}

func (tell teller) keeping(w booking.StillWait) string {
	if w.Reason.Matched() {
		return tell.say("keeps_in_turn")
	}
	return tell.say("keeps")
}

// kilometres writes metres as kilometres with one decimal, rounded down.
func kilometres(metres int) string { return fmt.Sprintf("%d.%d", metres/1000, metres%1000/100) }
