package words

import (
	"fmt"

	"jari/booking"
)

// enWhyText answers "WHY": why this time, or why none yet.
func enWhyText(d Data) []string {
	name := d.Masked + ", "
	switch d.State {
	case stateOffered, stateConfirmed:
		return enWhyGiven(d, name)
	case stateAttended, stateMissed, stateWithdrawn:
		return enStatus(d)
	}
	const nothing = " There is nothing you need to do."
	const told = nothing + " We text you when your time is set."
	switch {
	case d.State == stateReceived:
		d.Reason = booking.ReasonNotReady
		return joined(d.Masked+": ", enReason(d), enNextSteps(d))
	case d.Place == 0 && d.AfterDraw:
		return each(name+"places are drawn by lot. The time comes after that.", []string{told, nothing})
	case d.Place == 0:
		return each(name+"your place is being numbered. The time comes after that.", []string{told, nothing})
	case !d.FirstRound.IsZero():
		return each(name+"times are set in order from "+enWhen(d.FirstRound)+" on."+enPlace(d), []string{told, nothing, ""})
	case d.Again:
		return each(name+"something changed for you, and we soon look again. You keep your place.", []string{told, nothing, ""})
	case d.Looked.IsZero() && d.Through > 0:
		return each(name+"your turn has not come."+enPlace(d), []string{" We have looked at places up to " + Grouped(d.Through) + "." + nothing, nothing, ""})
	case d.Looked.IsZero():
		return each(name+"your turn has not come."+enPlace(d), []string{told, nothing, ""})
	}
	return joined(name+"looked at on "+enWhen(d.Looked)+": ", enReasonThen(d), enNextSteps(d), joined(d.Masked+": ", enReason(d), enNextSteps(d))...)
}

// enWhyGiven tells how the time came about. It was the soonest there when it was given; what has become free since is not in it.
func enWhyGiven(d Data, name string) []string {
	what := name + enWhen(d.Starts) + ", " + d.Site
	var why []string
	switch {
	case d.Cause == "swap":
		why = []string{": you asked for another time, and this was the next for you.", ": changed as you asked."}
	case d.Cause == "redated":
		why = []string{": set anew to fit the appointment before it.", ": set anew."}
	case d.Cause != "":
		why = []string{": the time you had could not be kept, so we moved you here.", ": moved from a time that could not be kept."}
	case d.Rank == 0: // nothing is on record
		why = []string{": this is the time you were given."}
	case d.Order == booking.OrderRanked:
		why = []string{fmt.Sprintf(": when your turn came this was the soonest at number %d of your places.", d.Rank), fmt.Sprintf(": the soonest then at no. %d of your places.", d.Rank)}
	case d.Order == booking.OrderNearest:
		why = []string{": when your turn came this was the soonest at the nearest place that could take you.", ": the soonest then at the nearest place that could take you.", ": the soonest then at the nearest place."}
	default:
		why = []string{": when your turn came this suited your wishes best of what was left.", ": the best then left for you."}
	}
	return append([]string{what + why[0] + enPlace(d)}, each(what, why)...)
}
