package phonesim

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"jari/booking"
)

// The most texts that one list of a gateway has.
const (
	mostMessages = 200
	mostReceived = 1000
)

// one says what became of a text, without a lag.
func (g *asGateway) one(w http.ResponseWriter, r *http.Request, _ []byte) {
	m, found := g.store.get(r.PathValue("id"))
	if !found || m.way == inbound {
		writeProblem(w, http.StatusNotFound, "no such text")
		return
	}
	writeJSON(w, http.StatusOK, newGatewayText(m))
}

// list has the texts to a phone, the newest first, each ListLag after it was taken.
func (g *asGateway) list(w http.ResponseWriter, r *http.Request, _ []byte) {
	query := r.URL.Query()
	to, err := booking.ParseE164(query.Get("to"))
	since, err2 := time.Parse(time.RFC3339, query.Get("since"))
	limit, err3 := readLimit(query, mostMessages)
	if errors.Join(err, err2, err3) != nil {
		writeProblem(w, http.StatusBadRequest, "expected to, since and limit")
		return
	}
	visible := g.config.Now().Add(-g.config.ListLag)
	found := []gatewayText{}
	g.store.newest(to, 0, func(m *message) bool {
		if m.way != inbound && !m.created.Before(since) && !m.created.After(visible) {
			found = append(found, newGatewayText(*m))
		}
		return len(found) < limit
	})
	writeJSON(w, http.StatusOK, map[string]any{"messages": found})
}

// received has the texts from people to one of the numbers, the oldest first. A page begins behind the last text of the one before, whatever has
// come since.
func (g *asGateway) received(w http.ResponseWriter, r *http.Request, _ []byte) {
	query := r.URL.Query()
	since, err := time.Parse(time.RFC3339, query.Get("since"))
	until, err2 := time.Parse(time.RFC3339, query.Get("until"))
	limit, err3 := readLimit(query, mostReceived)
	behind, err4 := strconv.ParseUint(cmp.Or(query.Get("page"), "0"), 10, 63)
	if errors.Join(err, err2, err3, err4) != nil || g.lines.of(query.Get("to")) == nil {
		writeProblem(w, http.StatusBadRequest, "expected to, a number of the account, since, until and limit")
		return
	}
	visible := g.config.Now().Add(-g.config.ListLag)
	found, more := []gatewayText{}, false
	last := behind
	g.store.oldest(behind, func(m *message) bool {
		if m.way != inbound || m.ours != query.Get("to") || m.created.Before(since) || !m.created.Before(until) || m.created.After(visible) {
			return true
		}
		if more = len(found) == limit; more {
			return false
		}
		found, last = append(found, newGatewayText(*m)), m.seq
		return true
	})
	answer := map[string]any{"texts": found}
	if more {
		answer["next"] = strconv.FormatUint(last, 10)
	}
	writeJSON(w, http.StatusOK, answer)
}

// readLimit reads how many texts are wanted at most; none is as many as there may be.
func readLimit(query url.Values, most int) (int, error) {
	if !query.Has("limit") {
		return most, nil
	}
	n, err := strconv.Atoi(query.Get("limit"))
	if err != nil || n < 1 {
		return 0, errors.New("not a limit")
	}
	return min(n, most), nil
}
