package phonesim

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"jari/booking"
)

const (
	defaultPageSize = 50
	maxPageSize     = 1000
	pageToken       = "PA" // and the id of the last message of the page before
)

// listMessages answers with the messages of both directions, newest first, by To, From and DateSent. A message shows up ListLag after it was
// created. As at Twilio, one that has not left yet has no sending date and fails every DateSent filter, and a page begins where the one before
// ended, whatever has come in since.
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
	var below uint64
	skip := page * size
	if id, tokened := strings.CutPrefix(query.Get("PageToken"), pageToken); tokened {
		last, found := s.store.get(id)
		if !found {
			writeRefusal(w, refusal{400, 20001, "The page token is not known"})
			return
		}
		below, skip = last.seq, 0
	}
	list, last, more := s.listed(phone, below, skip, size, keep)
	answer := map[string]any{
		"messages": list, "page": page, "page_size": size, "start": page * size, "end": max(0, page*size+len(list)-1),
		"uri": r.URL.RequestURI(), "first_page_uri": pageURI(r.URL, 0, ""), "next_page_uri": nil, "previous_page_uri": nil,
	}
	if more {
		answer["next_page_uri"] = pageURI(r.URL, page+1, last)
	}
	if page > 0 {
		answer["previous_page_uri"] = pageURI(r.URL, page-1, "")
	}
	writeJSON(w, http.StatusOK, answer)
}

// listed collects one page. last is the id of its last message.
func (s *Server) listed(phone booking.Phone, below uint64, skip, size int, keep func(*message) bool) (list []resource, last string, more bool) {
	visible := s.config.Now().Add(-s.config.ListLag)
	found := []message{}
	s.store.newest(phone, below, func(m *message) bool {
		if m.created.After(visible) || !keep(m) {
			return true
		}
		if skip > 0 {
			skip--
			return true
		}
		if more = len(found) == size; more {
			return false
		}
		found = append(found, *m)
		return true
	})
	list = make([]resource, 0, len(found))
	for _, m := range found {
		list, last = append(list, s.resource(m)), m.id
	}
	return list, last, more
}

// filter reads the list's parameters. The phone, when there is one, narrows the search to one thread.
func (s *Server) filter(query url.Values) (keep func(*message) bool, phone booking.Phone, ok bool) {
	to, from := query.Get("To"), query.Get("From")
	for _, number := range []string{to, from} {
		if number == "" || s.lines.of(number) != nil {
			continue
		}
		p, err := booking.ParseE164(number)
		if err != nil {
			return func(*message) bool { return false }, phone, true // nobody's number: an empty list
		}
		phone = p
	}
	on, ok0 := parseDate(query.Get("DateSent"))
	after, ok1 := parseDate(query.Get("DateSent>"))
	before, ok2 := parseDate(query.Get("DateSent<"))
	if !ok0 || !ok1 || !ok2 {
		return nil, phone, false
	}
	dated := !on.IsZero() || !after.IsZero() || !before.IsZero()
	return func(m *message) bool {
		source, target := m.ends()
		sent := m.sent.Truncate(time.Second) // the list knows whole seconds only
		return (to == "" || to == target) && (from == "" || from == source) && (!dated || !m.sent.IsZero()) &&
			(on.IsZero() || sent.UTC().Format(time.DateOnly) == on.UTC().Format(time.DateOnly)) &&
			(after.IsZero() || !sent.Before(after)) && (before.IsZero() || !sent.After(before))
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

// pageURI is the address of another page; last is the id at the end of the one before it, where that is known.
func pageURI(u *url.URL, page int, last string) string {
	query := u.Query()
	query.Set("Page", strconv.Itoa(page))
	query.Del("PageToken")
	if last != "" {
		query.Set("PageToken", pageToken+last)
	}
	return u.Path + "?" + query.Encode()
}
