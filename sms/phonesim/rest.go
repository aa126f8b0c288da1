package phonesim

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// maxRequest bounds a request body: 1,600 characters of four bytes each, percent-encoded, and the other parameters.
const maxRequest = 64 << 10

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
	fate, faults := s.struck()
	switch fate {
	case fateSlowDown:
		setRetryAfter(w, faults)
		writeRefusal(w, refusal{429, 20429, "Too Many Requests"})
		return
	case fateBreak:
		writeBroken(w)
		return
	}
	wanted, refused := s.checkOrder(r.PostForm)
	if refused != nil {
		s.store.count(func(c *Counts) { c.Refused++ })
		writeRefusal(w, *refused)
		return
	}
	m, verdict := s.handOver(wanted, faults)
	switch verdict {
	case verdictFull:
		writeRefusal(w, refusal{429, 21611, "SMS queue is full"})
		return
	case verdictSlow:
		w.Header().Set("Retry-After", "1") // the next second
		writeRefusal(w, refusal{429, 20429, "Too Many Requests"})
		return
	}
	s.perhapsHang(r, m, faults)
	writeJSON(w, http.StatusCreated, s.resource(m))
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
