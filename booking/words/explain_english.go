package words

import (
	"fmt"
	"strings"
	"time"

	"jari/booking"
)

// enTeller explains in English.
type enTeller struct{ c *booking.Campaign }

// instant writes an instant of our clock: Mon 19 Jul 2021 20:00:03.
func (t enTeller) instant(at time.Time) string {
	return at.In(t.c.Zone).Format("Mon 2 Jan 2006 15:04:05")
}

func (t enTeller) because(d Data) string {
	return replaced(enReason(d), " at present", "")[0] // it is told of an instant in the past
}

func (t enTeller) place(e booking.Explanation) string {
	if e.ByLot {
		return fmt.Sprintf("You hold place %s. It was drawn by lot among all who applied in time; you applied on %s.", grouped(e.Number), t.instant(e.Arrival))
	}
	return fmt.Sprintf("You hold place %s (arrived %s).", grouped(e.Number), t.instant(e.Arrival))
}

func (t enTeller) unnumbered(e booking.Explanation) string {
	if e.AfterDraw() {
		return fmt.Sprintf("You applied on %s. Places are drawn by lot, and yours has no number yet.", t.instant(e.Arrival))
	}
	return fmt.Sprintf("You arrived on %s. Your place has not been numbered yet; %s places are.", t.instant(e.Arrival), grouped(e.SealedTo))
}

func (t enTeller) late(e booking.Explanation) string {
	why := "it was stored after theirs"
	switch e.Late {
	case "stamp":
		why = "it could not be stored at once, and a stamp proved when you came"
	case "journal":
		why = "it waited in our journal until it could be stored"
	}
	if e.ByLot {
		return "The number was given after those of the others in the draw, because " + strings.Replace(why, "theirs", "the list was closed", 1) + ". You are served by your lot all the same."
	}
	return "The place was announced after those of people who came later, because " + why + ". You are served by your arrival all the same."
}

// round names a round.
func (t enTeller) round(r booking.RoundRecord, dose int) string {
	s := "A decision"
	if r.Number > 0 {
		s = fmt.Sprintf("Round %s on %s", grouped(r.Number), t.instant(r.At))
	}
	if dose > 1 {
		s += fmt.Sprintf(" (appointment %d)", dose)
	}
	return s
}

// page says what the round recorded about the page, for whoever checks.
func (t enTeller) page(r booking.RoundRecord) string {
	if r.Number == 0 {
		return ""
	}
	return fmt.Sprintf(" (Page %d of the round: seats free before it %s, people looked at %s, given a time %s.)",
		r.Page+1, grouped(r.Free), grouped(int64(r.Looked)), grouped(int64(r.Assigned)))
}

func (t enTeller) denied(d booking.Denied, why string) string {
	if d.Round.Number == 0 {
		return "On " + t.instant(d.At) + " it was decided: " + why
	}
	return t.round(d.Round, d.Dose) + " looked at you in your turn and found: " + why + t.page(d.Round)
}

func (t enTeller) given(e booking.Explanation, g booking.Given) string {
	what := nameOf(g, booking.English)
	if g.Distance >= 0 {
		what += fmt.Sprintf(" (%s km)", kilometres(g.Distance))
	}
	what += ", " + enWhen(g.Starts.In(t.c.Zone)) + "."
	if g.Round.Number == 0 {
		return "On " + t.instant(g.Made) + " you were given " + what + t.why(e, g)
	}
	return t.round(g.Round, g.Dose) + " looked at you in your turn and gave you " + what + t.why(e, g) + t.page(g.Round)
}

func (t enTeller) why(e booking.Explanation, g booking.Given) string {
	if g.State.Holds() { // of one that has ended, the cause is that of its end
		switch g.Cause {
		case "":
		case "swap":
			return " You had asked for another time."
		case "redated":
			return " It was set anew to fit the appointment before it."
		default:
			return " The time you had before could not be kept."
		}
	}
	switch e.OrderOf(g) {
	case booking.OrderRanked:
		if g.Rank == 1 {
			return " It is the first of the places you chose, and this was the soonest there that was free and suited you."
		}
		return fmt.Sprintf(" Of the places you chose, those before number %d had nothing free that suited you; this one is number %d, and it was the soonest there.", g.Rank, g.Rank)
	case booking.OrderNearest:
		if g.Rank == 1 {
			return " It is the nearest place that could take you, and this was the soonest there that was free and suited you."
		}
		return fmt.Sprintf(" Nearest first it is number %d; the nearer ones had nothing free that suited you, and this was the soonest here.", g.Rank)
	}
	if g.Rank > 0 && g.Dose == 1 { // a later dose may keep to the first one's place
		return fmt.Sprintf(" In the order in which places were tried then it was number %d.", g.Rank)
	}
	return ""
}

func (t enTeller) ended(g booking.Given) string {
	at, what := t.instant(g.Ended), enWhen(g.Starts.In(t.c.Zone))
	switch g.State {
	case booking.Declined:
		return "On " + at + " " + what + " was given back. The place was kept."
	case booking.Lapsed:
		return "On " + at + " " + what + " lapsed, because no answer had come. The place was kept."
	case booking.Attended:
		return "The appointment of " + what + " was attended."
	case booking.Missed:
		return "The appointment of " + what + " was missed."
	}
	return "On " + at + " " + what + " was called off" + map[string]string{
		"swap": ", because another time took its place", "moved": ", to move you", "site_closed": ", because the place closed",
		"capacity": ", because the place had less room than planned", "redated": ", to set it anew", "withdrawn": ", because the application was withdrawn",
	}[g.Cause] + "."
}

func (t enTeller) withdrawn(at time.Time) string {
	return "The application was withdrawn on " + t.instant(at) + "."
}

func (t enTeller) notReached(e booking.Explanation) string {
	switch {
	case e.Read.Before(e.First):
		return "Not yet looked at: the first round is on " + t.instant(e.First) + "."
	case e.AfterDraw():
		return "No round has looked at you yet: that comes after the draw."
	case e.Number == 0:
		return "No round has looked at you yet: that comes after the place is numbered."
	case e.WalkedTo == 0:
		return "No round has come to you yet."
	case e.Late == "" && e.Number > e.WalkedTo:
		return "No round has come to you yet. Places up to " + grouped(e.WalkedTo) + " have been looked at."
	}
	return "The next round looks at you."
}

func (t enTeller) now(w booking.StillWait, why string) string {
	return "At the last look: " + why + t.keeps(w)
}

func (t enTeller) nothingSince(w booking.StillWait) string {
	return "Nothing else is on record since." + t.keeps(w)
}

func (t enTeller) keeps(w booking.StillWait) string {
	if w.Reason.Matched() {
		return " You keep your place, and whatever becomes free goes to those who want it, in turn."
	}
	return " You keep your place."
}

func (t enTeller) again(w booking.StillWait) string {
	return "Something changed for you on " + t.instant(w.Since) + ". The next round looks at you again."
}

func (t enTeller) swapping() string {
	return "You have asked for another time. The one you have stays yours until there is one."
}

func (t enTeller) members(joined, size int) string {
	return fmt.Sprintf("You want to come with others, %d people in all; %d have named the code so far. All must be ready.", size, joined)
}

func (t enTeller) unready() string {
	return "The phone on file is not confirmed yet. Please answer our text that asks whether it is you."
}

func (t enTeller) declined(n, limit int) string {
	return fmt.Sprintf("Times given back so far: %d of %d.", n, limit)
}

// kilometres writes metres as kilometres with one decimal, rounded down.
func kilometres(metres int) string { return fmt.Sprintf("%d.%d", metres/1000, metres%1000/100) }
