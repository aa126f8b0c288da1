package phonesim

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"jari/booking"
)

// maxRequest bounds a request body: 1,600 characters of four bytes each, percent-encoded, and the other parameters.
const maxRequest = 64 << 10

const (
	defaultPageSize = 50
	maxPageSize     = 1000
)

// authenticated lets a request through that carries the account's Basic auth. The user may be any account id or key
// that Twilio knows, here only the account itself.
func (s *Server) authenticated(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		sameUser := subtle.ConstantTimeCompare([]byte(user), []byte(s.config.AccountSID))
		samePassword := subtle.ConstantTimeCompare([]byte(password), []byte(s.config.AuthToken))
		if sameUser&samePassword != 1 {
			writeRefusal(w, refusal{401, 20003, "Authenticate"})
			return
		}
		if r.PathValue("account") != s.config.AccountSID {
			writeRefusal(w, refusal{404, 20404, "The requested resource was not found"})
			return
		}
		next(w, r)
	})
}

// createMessage accepts a text for a handset, unless a fault or a rule says otherwise.
func (s *Server) createMessage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		writeRefusal(w, refusal{400, 20001, "The form cannot be read"})
		return
	}
	fate, faults := s.dice.nextCreate()
	switch {
	case fate == fateSlowDown || s.network.full():
		s.store.count(func(c *Counts) { c.SlowedDown++ })
		wait := max(1, int((faults.RetryAfter+time.Second-1)/time.Second))
		w.Header().Set("Retry-After", strconv.Itoa(wait))
		writeRefusal(w, refusal{429, 20429, "Too Many Requests"})
		return
	case fate == fateBreak:
		s.store.count(func(c *Counts) { c.Broken++ })
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, "<!doctype html><html><body><h1>503 Service Unavailable</h1></body></html>\n")
		return
	}
	wanted, refused := s.checkOrder(r.PostForm)
	if refused != nil {
		s.store.count(func(c *Counts) { c.Refused++ })
		writeRefusal(w, *refused)
		return
	}
	m := s.accept(wanted, outbound, faults)
	if s.dice.hangs(m.number) {
		s.store.count(func(c *Counts) { c.Hung++ })
		s.hang(r, faults)
	}
	writeJSON(w, http.StatusCreated, s.resource(m))
}

// hang is silent for a while and then closes the connection without an answer. The caller's going away or Stop ends the
// silence early.
func (s *Server) hang(r *http.Request, faults Faults) {
	silence := faults.HangFor
	if silence == 0 {
		silence = defaultHang
	}
	timer := time.NewTimer(silence)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.done:
	case <-r.Context().Done():
	}
	panic(http.ErrAbortHandler)
}

// fetchMessage answers with one message in either direction, without a lag.
func (s *Server) fetchMessage(w http.ResponseWriter, r *http.Request) {
	id, isJSON := strings.CutSuffix(r.PathValue("name"), ".json")
	m, found := s.store.get(id)
	if !found || !isJSON {
		writeRefusal(w, refusal{404, 20404, "The requested resource was not found"})
		return
	}
	writeJSON(w, http.StatusOK, s.resource(m))
}

// listMessages answers with messages, newest first, by To, From and DateSent. A message shows up ListLag after it was
// created. As at Twilio, one that has not left yet has no sending date and fails every DateSent filter.
func (s *Server) listMessages(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	keep, phone, ok := s.filter(query)
	if !ok {
		writeRefusal(w, refusal{400, 20001, "A filter cannot be read"})
		return
	}
	size, page := defaultPageSize, 0
	if n, err := strconv.Atoi(query.Get("PageSize")); err == nil && n > 0 {
		size = min(n, maxPageSize)
	}
	if n, err := strconv.Atoi(query.Get("Page")); err == nil && n > 0 {
		page = min(n, 1<<20)
	}
	visible := s.config.Now().Add(-s.config.ListLag)
	skip, more := page*size, false
	list := []resource{}
	s.store.newest(phone, func(m message) bool {
		if m.created.After(visible) || !keep(m) {
			return true
		}
		if skip > 0 {
			skip--
			return true
		}
		if more = len(list) == size; more {
			return false
		}
		list = append(list, s.resource(m))
		return true
	})
	answer := map[string]any{
		"messages": list, "page": page, "page_size": size, "start": page * size, "end": max(0, page*size+len(list)-1),
		"uri": r.URL.RequestURI(), "first_page_uri": pageURI(r.URL, 0), "next_page_uri": nil, "previous_page_uri": nil,
	}
	if more {
		answer["next_page_uri"] = pageURI(r.URL, page+1)
	}
	if page > 0 {
		answer["previous_page_uri"] = pageURI(r.URL, page-1)
	}
	writeJSON(w, http.StatusOK, answer)
}

// filter reads the list's parameters. The phone, when there is one, narrows the search to one thread.
func (s *Server) filter(query url.Values) (keep func(message) bool, phone booking.Phone, ok bool) {
	to, from := query.Get("To"), query.Get("From")
	for _, number := range []string{to, from} {
		if number == "" || number == s.config.From {
			continue
		}
		p, err := booking.ParseE164(number)
		if err != nil {
			return func(message) bool { return false }, phone, true // nobody's number: an empty list
		}
		phone = p
	}
	after, ok1 := parseDate(query.Get("DateSent>"))
	before, ok2 := parseDate(query.Get("DateSent<"))
	if !ok1 || !ok2 {
		return nil, phone, false
	}
	return func(m message) bool {
		source, target := m.ends()
		return (to == "" || to == target) && (from == "" || from == source) &&
			(after.IsZero() || !m.sent.IsZero() && !m.sent.Before(after)) &&
			(before.IsZero() || !m.sent.IsZero() && !m.sent.After(before))
	}, phone, true
}

// parseDate accepts a day or an instant; an empty text is no filter.
func parseDate(s string) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func pageURI(u *url.URL, page int) string {
	query := u.Query()
	query.Set("Page", strconv.Itoa(page))
	return u.Path + "?" + query.Encode()
}

func writeRefusal(w http.ResponseWriter, r refusal) {
	writeJSON(w, r.status, map[string]any{
		"code": r.code, "message": r.message, "more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(r.code),
		"status": r.status,
	})
}

// writeJSON answers; a caller who went away is not our error.
func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
