package phonesim

import (
	"encoding/json"
	"mime"
	"net/http"
	"time"
	"unicode/utf8"
)

// faultsJSON is Faults on the wire: durations in milliseconds, and the faults ordered by count.
type faultsJSON struct {
	Rate429             float64 `json:"rate_429"`
	Rate503HTML         float64 `json:"rate_503_html"`
	RateAcceptThenHang  float64 `json:"rate_accept_then_hang"`
	RateReceiptTwice    float64 `json:"rate_receipt_twice"`
	RateReceiptShuffled float64 `json:"rate_receipt_shuffled"`
	HangForMS           int64   `json:"hang_for_ms"`
	RetryAfterMS        int64   `json:"retry_after_ms"`
	ReceiptDelayMinMS   int64   `json:"receipt_delay_min_ms"`
	ReceiptDelayMaxMS   int64   `json:"receipt_delay_max_ms"`
	HangNext            int     `json:"hang_next"`
	SlowDownNext        int     `json:"slow_down_next"`
	BreakNext           int     `json:"break_next"`
}

// getFaults shows the faults in force and how many ordered ones are left.
func (s *Server) getFaults(w http.ResponseWriter, _ *http.Request) {
	s.dice.mu.Lock()
	f := s.dice.faults
	out := faultsJSON{
		Rate429: f.Rate429, Rate503HTML: f.Rate503HTML, RateAcceptThenHang: f.RateAcceptThenHang,
		RateReceiptTwice: f.RateReceiptTwice, RateReceiptShuffled: f.RateReceiptShuffled,
		HangForMS: f.HangFor.Milliseconds(), RetryAfterMS: f.RetryAfter.Milliseconds(),
		ReceiptDelayMinMS: f.ReceiptDelayMin.Milliseconds(), ReceiptDelayMaxMS: f.ReceiptDelayMax.Milliseconds(),
		HangNext: s.dice.hangNext, SlowDownNext: s.dice.slowNext, BreakNext: s.dice.breakNext,
	}
	s.dice.mu.Unlock()
	writeJSON(w, http.StatusOK, out)
}

// putFaults replaces all faults; what is left out is 0.
func (s *Server) putFaults(w http.ResponseWriter, r *http.Request) {
	var in faultsJSON
	if !readJSON(w, r, &in) {
		return
	}
	hour := maxDelay.Milliseconds()
	for _, ms := range []int64{in.HangForMS, in.RetryAfterMS, in.ReceiptDelayMinMS, in.ReceiptDelayMaxMS} {
		if ms < 0 || ms > hour { // before the conversion, which could overflow
			writeProblem(w, http.StatusBadRequest, ErrFaults.Error())
			return
		}
	}
	err := s.SetFaults(Faults{
		Rate429: in.Rate429, Rate503HTML: in.Rate503HTML, RateAcceptThenHang: in.RateAcceptThenHang,
		RateReceiptTwice: in.RateReceiptTwice, RateReceiptShuffled: in.RateReceiptShuffled,
		HangFor:         time.Duration(in.HangForMS) * time.Millisecond,
		RetryAfter:      time.Duration(in.RetryAfterMS) * time.Millisecond,
		ReceiptDelayMin: time.Duration(in.ReceiptDelayMinMS) * time.Millisecond,
		ReceiptDelayMax: time.Duration(in.ReceiptDelayMaxMS) * time.Millisecond,
	})
	if err != nil {
		writeProblem(w, http.StatusBadRequest, err.Error())
		return
	}
	s.HangNext(in.HangNext)
	s.SlowDownNext(in.SlowDownNext)
	s.BreakNext(in.BreakNext)
	w.WriteHeader(http.StatusNoContent)
}

// getLog writes the log as one JSON value a line, oldest first.
func (s *Server) getLog(w http.ResponseWriter, _ *http.Request) {
	entries := s.Log()
	w.Header().Set("Content-Type", "application/x-ndjson; charset=utf-8")
	lines := json.NewEncoder(w)
	for _, entry := range entries {
		if lines.Encode(entry) != nil {
			return // the reader went away
		}
	}
}

func (s *Server) getCounts(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.Counts())
}

func (s *Server) getViolations(w http.ResponseWriter, _ *http.Request) {
	list := s.Violations()
	if list == nil {
		list = []Violation{}
	}
	writeJSON(w, http.StatusOK, list)
}

// postText sends a text from a phone. JSON {"from":…,"body":…} is answered with 202 and {"sid":…}; the page's form goes
// back to the phone's page.
func (s *Server) postText(w http.ResponseWriter, r *http.Request) {
	var in struct {
		From string `json:"from"`
		To   string `json:"to"`
		Body string `json:"body"`
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	isForm := kind == "application/x-www-form-urlencoded"
	if isForm {
		r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
		in.From, in.To, in.Body = r.PostFormValue("from"), r.PostFormValue("to"), r.PostFormValue("body")
	} else if !readJSON(w, r, &in) {
		return
	}
	from, err := parseNumber(in.From)
	if err != nil || !utf8.ValidString(in.Body) || utf8.RuneCountInString(in.Body) > maxBody {
		writeProblem(w, http.StatusBadRequest, "from must be a whole number, body at most 1600 characters")
		return
	}
	if in.To != "" && s.lines.of(in.To) == nil {
		writeProblem(w, http.StatusBadRequest, "to must be a number of the account")
		return
	}
	if s.Handset(from).Off {
		writeProblem(w, http.StatusConflict, "the phone is switched off")
		return
	}
	sid := s.textTo(from, in.To, in.Body)
	if sid == "" {
		writeProblem(w, http.StatusTooManyRequests, "the queue is full")
		return
	}
	if isForm {
		s.back(w, r)
		return
	}
	writeJSON(w, http.StatusAccepted, map[string]string{"sid": sid})
}

func (s *Server) postRedeliver(w http.ResponseWriter, r *http.Request) {
	if !s.Redeliver(r.PathValue("sid")) {
		writeProblem(w, http.StatusNotFound, "no such text")
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// readJSON reads one JSON value without unknown fields; otherwise it answers and returns false.
func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil || decoder.More() {
		writeProblem(w, http.StatusBadRequest, "the body must be one JSON object with known fields")
		return false
	}
	return true
}

func writeProblem(w http.ResponseWriter, status int, title string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": title, "status": status})
}
