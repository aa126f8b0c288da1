package phonesim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"jari/booking"
)

const (
	shownCards    = 24  // phones on the wall at once, without the pinned ones
	shownBubbles  = 8   // texts of a phone on the wall
	shownMessages = 200 // texts of a phone that is open
	maxPins       = 24
	maxFilter     = 40      // characters
	lookedAt      = 100_000 // messages that the wall goes back for phones
)

// wall is what somebody looks at, and nothing of it is kept here: it stands in the address.
type wall struct {
	lang  string // ko or en
	pins  []booking.Phone
	q     string // a part of a number
	only  string // unread or trouble; empty: all
	older int    // how many phones to pass over
	again int    // seconds after which a page without script reads itself anew; 0: never
	open  booking.Phone
}

// readWall reads an address or a form. What makes no sense is left out.
func readWall(values url.Values, accept string) wall {
	w := wall{lang: values.Get("lang"), q: values.Get("q"), only: values.Get("only")}
	if w.lang != "ko" && w.lang != "en" {
		w.lang = "ko"
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(accept)), "en") {
			w.lang = "en"
		}
	}
	for _, pin := range values["pin"] {
		if phone, err := parseNumber(pin); err == nil && len(w.pins) < maxPins && !slices.Contains(w.pins, phone) {
			w.pins = append(w.pins, phone)
		}
	}
	if runes := []rune(w.q); len(runes) > maxFilter {
		w.q = string(runes[:maxFilter])
	}
	if w.only != "unread" && w.only != "trouble" {
		w.only = ""
	}
	if n, err := strconv.Atoi(values.Get("older")); err == nil && n > 0 {
		w.older = min(n, lookedAt)
	}
	if n, err := strconv.Atoi(values.Get("refresh")); err == nil && n > 0 {
		w.again = min(max(n, 2), 60)
	}
	if phone, err := parseNumber(values.Get("open")); err == nil {
		w.open = phone
	}
	return w
}

// values is the wall as an address has it.
func (w wall) values() url.Values {
	v := url.Values{"lang": {w.lang}}
	for _, pin := range w.pins {
		v.Add("pin", pin.E164())
	}
	for key, value := range map[string]string{"q": w.q, "only": w.only} {
		if value != "" {
			v.Set(key, value)
		}
	}
	for key, value := range map[string]int{"older": w.older, "refresh": w.again} {
		if value > 0 {
			v.Set(key, strconv.Itoa(value))
		}
	}
	return v
}

// address leads to the wall, or to the phone that is open.
func (w wall) address() string {
	if w.open.IsZero() {
		return "/?" + w.values().Encode()
	}
	return phonePath(w.open) + "?" + w.values().Encode()
}

func (w wall) with(change func(*wall)) string {
	w.pins = slices.Clone(w.pins)
	change(&w)
	return w.address()
}

// pinned is the wall's address with a phone pinned, or no longer.
func (w wall) pinned(phone booking.Phone, on bool) string {
	return w.with(func(w *wall) {
		w.open = booking.Phone{}
		w.pins = slices.DeleteFunc(w.pins, func(p booking.Phone) bool { return p == phone })
		if on {
			w.pins = append([]booking.Phone{phone}, w.pins[:min(len(w.pins), maxPins-1)]...)
		}
	})
}

// back leads a form to where it was sent from: an address of ours, made anew from what it says.
func (s *Server) back(w http.ResponseWriter, r *http.Request) {
	values, err := url.ParseQuery(r.PostFormValue("back"))
	if err != nil {
		values = nil
	}
	from := readWall(values, r.Header.Get("Accept-Language"))
	http.Redirect(w, r, from.address(), http.StatusSeeOther) //nolint:gosec // a path of ours, as below
}

// getHome is the wall. A number adds its phone.
func (s *Server) getHome(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	at := readWall(query, r.Header.Get("Accept-Language"))
	at.open = booking.Phone{}
	wrong := false
	if number := query.Get("number"); number != "" {
		phone, err := parseNumber(number)
		if err == nil {
			http.Redirect(w, r, at.pinned(phone, true)+"#"+cardID(phone), http.StatusSeeOther) //nolint:gosec // a path of ours
			return
		}
		wrong = true
	}
	s.render(w, "wall", s.wallView(at, wrong))
}

// getPhone is one phone: its page, or its texts as JSON for who asks for that. Whoever opens it has read them.
func (s *Server) getPhone(w http.ResponseWriter, r *http.Request, phone booking.Phone) {
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		writeJSON(w, http.StatusOK, s.bubbles(phone))
		return
	}
	s.store.markRead(phone)
	at := readWall(r.URL.Query(), r.Header.Get("Accept-Language"))
	at.open = phone
	s.render(w, "phone", s.phoneView(at))
}

// getThread is the frame inside a phone's page where scripts do not run.
func (s *Server) getThread(w http.ResponseWriter, r *http.Request, phone booking.Phone) {
	at := readWall(r.URL.Query(), r.Header.Get("Accept-Language"))
	at.open = phone
	s.render(w, "thread", s.phoneView(at))
}

// parseNumber accepts E.164 and, for people at the wall, the Korean way of writing (010-1234-5678).
func parseNumber(s string) (booking.Phone, error) {
	s = strings.NewReplacer(" ", "", "-", "").Replace(s)
	if strings.HasPrefix(s, "0") {
		s = "+82" + s[1:]
	}
	return booking.ParseE164(s)
}

func phonePath(phone booking.Phone) string { return "/sim/phones/" + url.PathEscape(phone.E164()) }

// cardID is a phone's place on the wall.
func cardID(phone booking.Phone) string { return "p" + strings.TrimPrefix(phone.E164(), "+") }

// written is a number as people write it.
func written(phone booking.Phone) string {
	n := phone.E164()
	if rest, found := strings.CutPrefix(n, "+8210"); found && len(rest) == 8 {
		return "010-" + rest[:4] + "-" + rest[4:]
	}
	return n
}
