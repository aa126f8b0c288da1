package phonesim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"jari/booking"
)

// view is what a page shows.
type view struct {
	W            words
	Back         string // the address, for forms
	Wrong        bool
	Again        int
	Q, Only      string
	Pins         []string
	Cards        []card
	Numbers      []numberView
	Faults       faultsView
	Lang         string // the address in the other language
	Here         string
	Often, Never string
	Older, Newer string
	Wall         string
	Card         card    // the phone that is open
	Lines        []bview // its whole thread
}

// card is one phone.
type card struct {
	ID, Number, E164  string
	Lines             []bview
	Unread            int
	Trouble           bool
	Off, Pinned       bool
	Toggles           []toggle
	Ours              []option // whom it may text
	OpenURL, PinURL   string
	Thread, State, MR string // where the frame and the forms lead
}

// toggle is a part of a phone's state that can be switched.
type toggle struct {
	ID, Value, Label string
	On               bool
}

type option struct {
	Value  string
	Chosen bool
}

// bview is a text on a screen.
type bview struct {
	ID, Body, Carrier, From string
	Mine, Shown             bool
	At, Fate, Because       string
	Code                    int
}

func (s *Server) newView(at wall) view {
	v := view{W: wordsIn(at.lang), Q: at.q, Only: at.only, Again: at.again, Here: at.address()}
	for _, pin := range at.pins {
		v.Pins = append(v.Pins, pin.E164())
	}
	back := at.values()
	if !at.open.IsZero() {
		back.Set("open", at.open.E164())
	}
	v.Back = back.Encode()
	v.Lang = at.with(func(w *wall) { w.lang = v.W.OtherLang })
	v.Often = at.with(func(w *wall) { w.again = 5 })
	v.Never = at.with(func(w *wall) { w.again = 0 })
	v.Wall = at.with(func(w *wall) { w.open = booking.Phone{} })
	return v
}

func (s *Server) wallView(at wall, wrong bool) view {
	v := s.newView(at)
	v.Wrong = wrong
	for _, phone := range at.pins {
		v.Cards = append(v.Cards, s.card(at, v.W, s.store.glance(phone, shownBubbles)))
	}
	more := s.addCards(&v, at)
	if more {
		v.Older = at.with(func(w *wall) { w.older += shownCards })
	}
	if at.older > 0 {
		v.Newer = at.with(func(w *wall) { w.older = max(0, w.older-shownCards) })
	}
	for _, n := range s.Numbers() {
		v.Numbers = append(v.Numbers, s.numberView(n))
	}
	v.Faults = viewFaults(s.Faults())
	return v
}

// addCards adds the phones that were active last and are looked for, and reports whether there are more.
func (s *Server) addCards(v *view, at wall) bool {
	enough, skip, digits := at.older+shownCards+len(at.pins)+1, at.older, onlyDigits(at.q)
	if digits != "" || at.only != "" {
		enough = lookedAt
	}
	for _, phone := range s.store.recent(enough, lookedAt) {
		if slices.Contains(at.pins, phone) || !strings.Contains(phone.E164(), digits) {
			continue
		}
		g := s.store.glance(phone, shownBubbles)
		if at.only == "unread" && g.unread == 0 || at.only == "trouble" && !g.trouble {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if len(v.Cards) == len(at.pins)+shownCards {
			return true
		}
		v.Cards = append(v.Cards, s.card(at, v.W, g))
	}
	return false
}

// onlyDigits is what is left of a number that is looked for; the 0 of 010 is no part of it.
func onlyDigits(q string) string {
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, q), "0")
}

func (s *Server) phoneView(at wall) view {
	v := s.newView(at)
	v.Card = s.card(at, v.W, s.store.glance(at.open, 0))
	thread := s.store.thread(at.open)
	for _, m := range thread[max(0, len(thread)-shownMessages):] {
		v.Lines = append(v.Lines, s.viewBubble(v.W, m))
	}
	return v
}

func (s *Server) card(at wall, w words, g glance) card {
	c := card{
		ID: cardID(g.phone), Number: written(g.phone), E164: g.phone.E164(), Unread: g.unread, Trouble: g.trouble,
		Off: g.state.Off, Pinned: slices.Contains(at.pins, g.phone),
		Thread: phonePath(g.phone) + "/thread?lang=" + at.lang, State: phonePath(g.phone) + "/state", MR: phonePath(g.phone) + "/read",
	}
	c.OpenURL = at.with(func(w *wall) { w.open = g.phone })
	c.PinURL = at.pinned(g.phone, !c.Pinned)
	last := s.store.lastOurs(g.phone)
	for _, l := range s.lines.all() {
		name := l.current().Number
		c.Ours = append(c.Ours, option{name, name == last})
	}
	for _, m := range g.messages {
		c.Lines = append(c.Lines, s.viewBubble(w, m))
	}
	c.Toggles = toggles(w, g.state, c, at.open == g.phone)
	return c
}

// toggles are those of the whole phone, and for an open one those of each of our numbers. On the wall opting out is out of all of them.
func toggles(w words, h Handset, c card, all bool) []toggle {
	out := []toggle{{"off", "off", w.Off, h.Off}, {"full", "full", w.Full, h.Full}, {"landline", "landline", w.Landline, h.Landline != ""}}
	if all {
		out = append(out, toggle{"unknown", "unknown", w.Unknown, h.Unknown})
		for i, o := range c.Ours {
			name := ""
			if len(c.Ours) > 1 {
				name = " · " + o.Value
			}
			out = append(out, toggle{"stop" + strconv.Itoa(i), "stop:" + o.Value, w.Stop + name, slices.Contains(h.OptedOutOf, o.Value)},
				toggle{"filter" + strconv.Itoa(i), "filter:" + o.Value, w.Filters + name, slices.Contains(h.FilteredFrom, o.Value)})
		}
	} else {
		out = append(out, toggle{"stop", "stop", w.Stop, len(h.OptedOutOf) > 0})
	}
	for i := range out {
		out[i].ID = c.ID + "-" + out[i].ID
	}
	return out
}

// inSeoul is an instant on a Korean clock.
func inSeoul(t time.Time) time.Time { return t.In(time.FixedZone("KST", 9*60*60)) }

func (s *Server) viewBubble(w words, m message) bview {
	b := bview{
		ID: m.id, Body: m.body, From: m.ours, Mine: m.way == inbound, Shown: m.shown, Fate: w.fate(m), Code: m.code, Because: w.because(m.code),
		At: inSeoul(m.created).Format("15:04:05"),
	}
	if !b.Mine {
		b.Carrier = carrierLine(m.phone, m.ours)
	}
	if inSeoul(s.config.Now()).Format(time.DateOnly) != inSeoul(m.created).Format(time.DateOnly) {
		b.At = inSeoul(m.created).Format("1/2 15:04:05")
	}
	return b
}
