package words

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"jari/booking"
)

// textOf names the text that tells d, in the table "text" of a catalogue.
func textOf(kind Kind, d *Data) string {
	switch {
	case kind == Status:
		return statusOf(d)
	case kind == Why:
		return whyOf(d)
	case kind == Missed && d.NewTime:
		return "missed_new_time"
	case (kind == NoTime || kind == News) && d.Reason != "":
		return string(kind) + "_because"
	case kind == AskMissing && len(d.Missing) == 1 && d.Missing[0] == MissingCentury && len(d.Years) == 2:
		return "ask_missing_century"
	}
	return string(kind)
}

func statusOf(d *Data) string {
	switch d.State {
	case stateReceived:
		if d.First > 0 {
			return string(Registered)
		}
	case stateOffered:
		if d.First > 0 {
			return string(Offer)
		}
	case stateConfirmed:
		return string(Confirmed)
	case stateAttended, stateMissed, stateWithdrawn:
	default:
		if d.Reason != "" {
			return "status_waiting_because"
		}
		return "status_waiting"
	}
	return "status_" + d.State
}

// whyOf says why this time, or why none yet.
func whyOf(d *Data) string {
	switch d.State {
	case stateOffered, stateConfirmed:
		return whyGivenOf(d)
	case stateAttended, stateMissed, stateWithdrawn:
		return statusOf(d)
	}
	switch {
	case d.State == stateReceived:
		d.Reason = booking.ReasonNotReady
		return "why_not_ready"
	case d.Place == 0 && d.AfterDraw:
		return "why_by_lot"
	case d.Place == 0:
		return "why_numbering"
	case !d.FirstRound.IsZero():
		return "why_first_round"
	case d.Again:
		return "why_again"
	case d.Looked.IsZero() && d.Through > 0:
		return "why_through"
	case d.Looked.IsZero():
		return "why_turn"
	}
	return "why_looked"
}

// whyGivenOf says how the time came about. It was the soonest there when it was given; what has become free since is not in it.
func whyGivenOf(d *Data) string {
	switch {
	case d.Cause == "swap", d.Cause == "redated":
		return "why_" + d.Cause
	case d.Cause != "":
		return "why_moved"
	case d.Rank == 0: // nothing is on record
		return "why_given"
	case d.Order == booking.OrderRanked:
		return "why_ranked"
	case d.Order == booking.OrderNearest && d.Rank == 1:
		return "why_nearest"
	case d.Order == booking.OrderNearest:
		return "why_next_nearest"
	}
	return "why_best"
}

// Texts that are told apart within a kind; every other kind has one of its own name.
var variantsOf = map[Kind][]string{
	Missed:     {"missed", "missed_new_time"},
	NoTime:     {"no_time", "no_time_because"},
	News:       {"news", "news_because"},
	AskMissing: {"ask_missing", "ask_missing_century"},
	Status: {
		"status_received", "status_waiting", "status_waiting_because", "status_offered", "status_attended", "status_missed", "status_withdrawn",
	},
	Why: {
		"why_not_ready", "why_by_lot", "why_numbering", "why_first_round", "why_again", "why_through", "why_turn", "why_looked",
		"why_swap", "why_redated", "why_moved", "why_given", "why_ranked", "why_nearest", "why_next_nearest", "why_best",
	},
}

// required are the texts that a catalogue has at least.
func required() []string {
	var out []string
	for _, k := range Kinds() {
		if variants := variantsOf[k]; variants != nil {
			for _, v := range variants {
				out = append(out, "text."+v)
			}
			continue
		}
		out = append(out, "text."+string(k))
	}
	tables := map[string]string{
		"reason": "none no_slots supply reserved notice needs sites sites_unknown distance household wishes not_ready incomplete declines held",
		"next":   "none usual widen not_ready incomplete declines held",
		"cause":  "site_closed capacity", "place_sentence": "number by_lot",
		"when":  "appointment brief least day second full_midnight full_hour full_minutes born",
		"clock": "midnight noon usual", "half": "night morning midday afternoon",
		"explain": strings.Join(slices.Sorted(maps.Keys(explainTexts)), " "), "explain_late": "stored stamp journal log closed",
		"explain_cause": "swap moved site_closed capacity redated withdrawn",
	}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		for name := range strings.FieldsSeq(tables[table]) {
			out = append(out, table+"."+name)
		}
	}
	return out
}

// lacks says what is missing from a catalogue, and what nobody asks for.
func (l *language) lacks() []error {
	var wrong []error
	must := required()
	for _, id := range must {
		if !l.has(id) {
			wrong = append(wrong, fmt.Errorf("%s is missing", id))
		}
	}
	for _, id := range l.ids() {
		table, _, _ := strings.Cut(id, ".")
		if _, isText := scopeOf[table]; isText && table != "parts" && table != "reason_then" && table != "place_brief" && table != "cause_brief" && !slices.Contains(must, id) {
			wrong = append(wrong, fmt.Errorf("%s: there is no such text", id))
		}
	}
	return wrong
}
