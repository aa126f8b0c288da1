package words_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/words"
)

func twoSites() *booking.Campaign {
	site := func(code, ko, en string) booking.Site {
		return booking.Site{Code: code, Names: booking.Names{booking.Korean: ko, booking.English: en}}
	}
	return &booking.Campaign{Zone: seoul, Sites: []booking.Site{site("jongno", "종로구 보건소", "Jongno Health Centre"), site("gangnam", "강남 예방접종센터", "Gangnam Centre")}}
}

// explained are the ways in which an entry's history can read, by name.
func explained() (names []string, all map[string]booking.Explanation) {
	at := func(day, hour, minute, second int) time.Time {
		return time.Date(2021, 7, day, hour, minute, second, 0, seoul)
	}
	round := booking.RoundRecord{Number: 12, Page: 16, At: at(19, 20, 15, 4), Free: 1200, Looked: 2000, Assigned: 1150}
	base := booking.Explanation{
		Read: at(19, 21, 0, 0), Arrival: at(19, 20, 0, 3), Number: 34120, SealedTo: 40000, WalkedTo: 40000, First: at(19, 20, 15, 0), Ready: true, Declines: 3,
	}
	offer := booking.Given{
		Round: round, Dose: 1, State: booking.Offered, Site: "gangnam", Starts: at(27, 14, 30, 0), Rank: 2, Distance: 1234, Made: round.At, Ended: round.At,
	}
	ranked := booking.Wishes{Sites: []string{"jongno", "gangnam"}}
	all = map[string]booking.Explanation{}
	add := func(name string, change func(*booking.Explanation)) {
		e := base
		change(&e)
		names, all[name] = append(names, name), e
	}
	given := func(e *booking.Explanation, change func(*booking.Given)) {
		g := offer
		change(&g)
		site, _ := twoSites().Site(g.Site)
		g.Names = site.Names
		e.Given = append(e.Given, g)
	}
	waits := func(e *booking.Explanation, r booking.Reason) {
		e.Denied = append(e.Denied, booking.Denied{Round: round, Dose: 1, Reason: r, At: round.At})
		e.Waits = []booking.StillWait{{Dose: 1, Reason: r, Since: round.At}}
	}
	add("second of the ranked", func(e *booking.Explanation) { e.Wishes = ranked; given(e, func(*booking.Given) {}) })
	add("first of the ranked", func(e *booking.Explanation) {
		e.Wishes = booking.Wishes{Sites: []string{"gangnam"}}
		given(e, func(g *booking.Given) { g.Rank = 1 })
	})
	add("nearest", func(e *booking.Explanation) { given(e, func(g *booking.Given) { g.Rank = 1 }) })
	add("second nearest", func(e *booking.Explanation) { given(e, func(*booking.Given) {}) })
	add("wishes changed since", func(e *booking.Explanation) { e.Wishes, e.Changed = ranked, e.Read; given(e, func(*booking.Given) {}) })
	add("of a household", func(e *booking.Explanation) {
		e.Wishes.Household, e.Members = &booking.Household{Code: "kim-2021", Size: 2}, 2
		given(e, func(*booking.Given) {})
	})
	add("a later dose", func(e *booking.Explanation) {
		e.Wishes.Sites = []string{"jongno"} // it keeps to the site of the first one
		given(e, func(g *booking.Given) { g.Dose, g.Rank = 2, 1 })
	})
	add("nothing on record", func(e *booking.Explanation) {
		given(e, func(g *booking.Given) { g.Round, g.Rank, g.Distance = booking.RoundRecord{}, 0, -1 })
	})
	add("moved because a site closed", func(e *booking.Explanation) {
		given(e, func(g *booking.Given) { g.State, g.Cause, g.Ended = booking.Cancelled, "site_closed", at(20, 9, 0, 0) })
		given(e, func(g *booking.Given) { g.Site, g.Cause, g.Made = "jongno", "moved", at(20, 9, 0, 0) })
	})
	add("given back twice", func(e *booking.Explanation) {
		e.Declined = 2
		given(e, func(g *booking.Given) { g.State, g.Ended = booking.Declined, at(19, 20, 30, 0) })
		given(e, func(g *booking.Given) {
			g.State, g.Made, g.Ended = booking.Declined, at(19, 20, 40, 0), at(19, 20, 50, 0)
		})
		e.Waits = []booking.StillWait{{Dose: 1, Look: true, Since: at(19, 20, 50, 0)}}
	})
	add("attended, and waits for the second", func(e *booking.Explanation) {
		given(e, func(g *booking.Given) { g.State, g.Ended = booking.Attended, at(27, 14, 40, 0) })
		e.Waits = []booking.StillWait{{Dose: 2, Reason: booking.ReasonNoSlots}}
	})
	add("would like another", func(e *booking.Explanation) {
		given(e, func(g *booking.Given) { g.State = booking.Confirmed })
		e.Waits = []booking.StillWait{{Dose: 1, Swap: true, Look: true}}
	})
	add("unsealed", func(e *booking.Explanation) { e.Number = 0 })
	add("before the first round", func(e *booking.Explanation) { e.Read, e.WalkedTo = at(19, 20, 1, 0), 0 })
	add("not reached", func(e *booking.Explanation) { e.WalkedTo = 33000 })
	add("late by a stamp", func(e *booking.Explanation) {
		e.Late = "stamp"
		e.Waits = []booking.StillWait{{Dose: 1, Look: true}}
	})
	add("late by the log", func(e *booking.Explanation) { e.Late = "log"; waits(e, booking.ReasonNoSlots) })
	add("late by the journal", func(e *booking.Explanation) { e.Late = "journal"; waits(e, booking.ReasonNoSlots) })
	add("late by a slow text", func(e *booking.Explanation) { e.Late = "slow_sms"; given(e, func(*booking.Given) {}) })
	add("before the draw", func(e *booking.Explanation) { e.Number, e.WalkedTo, e.ByLot, e.Undrawn = 0, 0, true, true })
	add("before the draw, applied after its window", func(e *booking.Explanation) { e.Number, e.WalkedTo, e.Undrawn = 0, 0, true })
	add("drawn", func(e *booking.Explanation) { e.ByLot = true; waits(e, booking.ReasonNoSlots) })
	add("drawn, late by a stamp", func(e *booking.Explanation) { e.ByLot, e.Late = true, "stamp"; waits(e, booking.ReasonNoSlots) })
	add("drawn, late by a slow text", func(e *booking.Explanation) { e.ByLot, e.Late = true, "slow_sms"; given(e, func(*booking.Given) {}) })
	add("sites taken", func(e *booking.Explanation) {
		e.Wishes, e.LastDay = ranked, booking.Date{Year: 2021, Month: 8, Day: 30}
		waits(e, booking.ReasonSites)
	})
	add("sites taken, wishes widened", func(e *booking.Explanation) {
		waits(e, booking.ReasonSites)
		e.Wishes, e.Changed, e.Waits[0].Look, e.Waits[0].Since = ranked, at(19, 20, 40, 0), true, at(19, 20, 40, 0)
	})
	add("the others have not come", func(e *booking.Explanation) {
		e.Wishes.Household, e.Members = &booking.Household{Code: "kim-2021", Size: 3}, 2
		waits(e, booking.ReasonIncomplete)
	})
	add("of a household, sites taken", func(e *booking.Explanation) {
		e.Wishes.Household, e.Members = &booking.Household{Code: "kim-2021", Size: 3}, 3
		waits(e, booking.ReasonSites) // another member ranked them
	})
	add("not confirmed", func(e *booking.Explanation) { e.Ready = false; waits(e, booking.ReasonNotReady) })
	add("not confirmed, not looked at", func(e *booking.Explanation) { e.Ready, e.WalkedTo = false, 0 })
	add("as many given back as may be", func(e *booking.Explanation) { e.Declined = 3; waits(e, booking.ReasonDeclines) })
	add("withdrawn", func(e *booking.Explanation) {
		e.Withdrawn = at(19, 20, 50, 0)
		given(e, func(g *booking.Given) { g.State, g.Ended = booking.Cancelled, e.Withdrawn })
	})
	return names, all
}

// The text beside the sentences says the same.
func textOf(t *testing.T, lang booking.Lang, e booking.Explanation) string {
	t.Helper()
	c, d := twoSites(), usual(lang)
	d.State, d.Sites, d.LastDay = "waiting", 0, booking.Date{}
	if g, ok := e.Current(); ok {
		site, _ := c.Site(g.Site)
		d.State, d.Site, d.Starts = string(g.State), site.Names.In(lang), g.Starts
	}
	if !e.Withdrawn.IsZero() {
		d.State = "withdrawn"
	}
	d.ExplainTo(c, e)
	text, err := words.Render(words.Why, lang, d)
	if err != nil {
		t.Fatal(err)
	}
	checkCharset(t, lang, "why", text)
	return text
}

func TestExplainGolden(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	names, all := explained()
	for _, name := range names {
		for _, lang := range []booking.Lang{booking.Korean, booking.English} {
			lines, err := words.Explain(twoSites(), lang, all[name])
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s %s\n  %s\n  > %s\n", lang, name, strings.Join(lines, "\n  "), textOf(t, lang, all[name]))
		}
	}
	const file = "testdata/explain.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the explanations changed: run with -update and read the difference\n%s", b.String())
	}
}

// What is not on record is not said.
func TestExplainSaysNoMoreThanIsRecorded(t *testing.T) {
	t.Parallel()
	_, all := explained()
	for name, never := range map[string][]string{
		"wishes changed since":        {"soonest", "places you chose", "your places", "Nearest first"},
		"of a household":              {"soonest", "places you chose", "your places", "Nearest first"},
		"of a household, sites taken": {"your place at", "your places"},
		"a later dose":                {"your places", "tried"},
		"nothing on record":           {"Round", "soonest", "number", "km"},
		"sites taken, wishes widened": {"2 places"},
		"not reached":                 {"in your turn", "Round"},
		"withdrawn":                   {"You keep", "next round"},
		"before the draw":             {"being numbered", "not been numbered", "arriv"},
		"drawn":                       {"arriv"},
		"drawn, late by a stamp":      {"arriv", "came later"},
	} {
		lines, err := words.Explain(twoSites(), booking.English, all[name])
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range never {
			if text := strings.Join(lines, " "); strings.Contains(text, s) {
				t.Errorf("%s says %q: %s", name, s, text)
			}
		}
	}
	if _, err := words.Explain(twoSites(), "fr", all["nearest"]); !errors.Is(err, words.ErrKind) {
		t.Errorf("a language without words: %v", err)
	}
}
