package words

import (
	"fmt"

	"jari/booking"
)

// enReason says why there is nothing, as a whole sentence: the fullest wording first.
func enReason(d Data) []string {
	switch d.Reason {
	case booking.ReasonNoSlots:
		return []string{"All times are taken at present."}
	case booking.ReasonSupply:
		return []string{"All that we have at present is given out."}
	case booking.ReasonReserved:
		return []string{"The times that are left are kept for other groups for now."}
	case booking.ReasonNotice:
		return []string{"The times that are left come too soon."}
	case booking.ReasonNeeds:
		return []string{"No place with what you need has a free time."}
	case booking.ReasonSites:
		return enSites(d)
	case booking.ReasonDistance:
		return []string{"There is no free time as near as you wish."}
	case booking.ReasonHousehold:
		return []string{"There is no free time for all of you together."}
	case booking.ReasonWishes:
		return []string{"No free time suits the days and times you wish."}
	case booking.ReasonNotReady:
		return []string{"Please answer our text that asks whether it is you: only then can we set a time.", "Please answer our text that asks whether it is you."}
	case booking.ReasonIncomplete:
		return []string{"Everybody who comes with you must apply and answer our text first."}
	case booking.ReasonDeclines:
		return []string{"You gave times back as often as can be; our staff will set the next one with you.", "Our staff will set the next time with you."}
	case booking.ReasonHeld:
		return []string{"Our staff must look at your application first."}
	}
	return []string{"There is no time for you yet."}
}

// enReasonThen says it of an instant in the past that is named.
func enReasonThen(d Data) []string { return replaced(enReason(d), " at present", "") }

func enSites(d Data) []string {
	sites := "your places"
	switch {
	case d.Sites == 1:
		sites = "your place"
	case d.Sites > 1:
		sites = fmt.Sprintf("your %d places", d.Sites)
	}
	until := ""
	if !d.LastDay.IsZero() {
		until = " up to " + d.LastDay.UTC().Format("2 Jan")
	}
	return []string{"There is no free time at " + sites + until + "."}
}

// enNextSteps says what happens now, for the reason: the fullest wording first.
func enNextSteps(d Data) []string {
	const keep = " You keep your place."
	const told = keep + " We text you."
	switch d.Reason {
	case booking.ReasonSites, booking.ReasonDistance, booking.ReasonNeeds, booking.ReasonWishes:
		if d.Phone != "" {
			return []string{keep + " To widen your wishes call " + d.Phone, told, keep, ""}
		}
	case booking.ReasonDeclines:
		return []string{keep + with(d.Phone, " Please call "+d.Phone), keep, ""}
	case booking.ReasonNotReady:
		return []string{keep, ""}
	}
	return []string{keep + " There is nothing you need to do. We text you.", told, keep, ""}
}
