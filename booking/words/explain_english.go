package words

import (
	"time"

	"jari/booking"
)

var englishPhrases = phrases{
	instant: func(at time.Time) string { return at.Format("Mon 2 Jan 2006 15:04:05") },
	when:    enWhen,
	nth:     Grouped,
	because: enReasonThen,

	place:      "You hold place %[1]s (arrived %[2]s).",
	drawn:      "You hold place %[1]s. It was drawn by lot among all who applied in time; you applied on %[2]s.",
	unnumbered: "You arrived on %[2]s. Your place has not been numbered yet; %[3]s places are.",
	undrawn:    "You applied on %[2]s. Places are drawn by lot, and yours has no number yet.",
	late:       "The place was announced after those of people who came later, because %s. You are served by your arrival all the same.",
	lateLot:    "The number was given after those of the others in the draw, because %s. You are served by your lot all the same.",
	stored:     "it was stored after theirs",
	stamp:      "it could not be stored at once, and a stamp proved when you came",
	journal:    "it waited in our journal until it could be stored",
	closed:     "it was stored after the list was closed",

	round:   "Round %s on %s",
	dose:    " (appointment %d)",
	page:    " (Page %s of the round: seats free before it %s, people looked at %s, given a time %s.)",
	decided: "On %s it was decided: %s",
	found:   "%s looked at you in your turn and found: %s",
	given:   "On %s you were given %s.",
	gave:    "%s looked at you in your turn and gave you %s.",
	away:    " (%s km)",

	swapped: " You had asked for another time.",
	redated: " It was set anew to fit the appointment before it.",
	moved:   " The time you had before could not be kept.",
	first:   " It is the first of the places you chose, and this was the soonest there that was free and suited you.",
	ranked:  " Of the places you chose, those before number %[1]s had nothing free that suited you; this one is number %[1]s, and it was the soonest there.",
	nearest: " It is the nearest place that could take you, and this was the soonest there that was free and suited you.",
	next:    " Nearest first it is number %s; the nearer ones had nothing free that suited you, and this was the soonest here.",
	tried:   " In the order in which places were tried then it was number %s.",

	endings: map[booking.AppointmentState]string{
		booking.Declined:  "On %[1]s %[2]s was given back. The place was kept.",
		booking.Lapsed:    "On %[1]s %[2]s lapsed, because no answer had come. The place was kept.",
		booking.Attended:  "The appointment of %[2]s was attended.",
		booking.Missed:    "The appointment of %[2]s was missed.",
		booking.Cancelled: "On %[1]s %[2]s was called off%[3]s.",
	},
	causes: map[string]string{
		"swap": ", because another time took its place", "moved": ", to move you", "site_closed": ", because the place closed",
		"capacity": ", because the place had less room than planned", "redated": ", to set it anew", "withdrawn": ", because the application was withdrawn",
	},
	withdrawn: "The application was withdrawn on %s.",

	firstRound:   "Not yet looked at: the first round is on %s.",
	afterDraw:    "No round has looked at you yet: that comes after the draw.",
	afterNumber:  "No round has looked at you yet: that comes after the place is numbered.",
	notYet:       "No round has come to you yet.",
	looked:       "No round has come to you yet. Places up to %s have been looked at.",
	nextRound:    "The next round looks at you.",
	now:          "At the last look: %s",
	nothingSince: "Nothing else is on record since.",
	keeps:        " You keep your place.",
	keepsInTurn:  " You keep your place, and whatever becomes free goes to those who want it, in turn.",
	again:        "Something changed for you on %s. The next round looks at you again.",
	swapping:     "You have asked for another time. The one you have stays yours until there is one.",
	members:      "You want to come with others, %d people in all; %d have named the code so far. All must be ready.",
	unready:      "The phone on file is not confirmed yet. Please answer our text that asks whether it is you.",
	declined:     "Times given back so far: %d of %d.",
}
