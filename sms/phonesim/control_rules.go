package phonesim

import (
	"net/http"
	"time"

	"jari/booking"
)

// numberJSON is Number on the wire: the duration in milliseconds.
type numberJSON struct {
	PerSecond     int    `json:"per_second"`
	CountSegments bool   `json:"count_segments"`
	Over          Over   `json:"over"`
	QueueMost     int    `json:"queue_most"`
	QueueForMS    int64  `json:"queue_for_ms"`
	Filtered      bool   `json:"filtered"`
	InboundURL    string `json:"inbound_url"`
}

// standJSON is NumberStand on the wire.
type standJSON struct {
	Number string `json:"number"`
	numberJSON
	Waiting       int      `json:"waiting"`
	Accepted      uint64   `json:"accepted"`
	Left          uint64   `json:"left"`
	Refused       uint64   `json:"refused"`
	Expired       uint64   `json:"expired"`
	MostPerSecond int      `json:"most_per_second"`
	Seconds       []Second `json:"seconds"`
}

func (s *Server) getNumbers(w http.ResponseWriter, _ *http.Request) {
	out := []standJSON{}
	for _, n := range s.Numbers() {
		out = append(out, standJSON{
			Number: n.Number.Number,
			numberJSON: numberJSON{
				PerSecond: n.PerSecond, CountSegments: n.CountSegments, Over: n.Over, QueueMost: n.QueueMost,
				QueueForMS: n.QueueFor.Milliseconds(), Filtered: n.Filtered, InboundURL: n.InboundURL,
			},
			Waiting: n.Waiting, Accepted: n.Accepted, Left: n.Left, Refused: n.Refused, Expired: n.Expired,
			MostPerSecond: n.MostPerSecond, Seconds: n.Seconds,
		})
	}
	writeJSON(w, http.StatusOK, out)
}

// putNumber replaces a number's rules; what is left out is as by default.
func (s *Server) putNumber(w http.ResponseWriter, r *http.Request) {
	var in numberJSON
	if !readJSON(w, r, &in) {
		return
	}
	if in.QueueForMS < 0 || in.QueueForMS > maxQueueFor.Milliseconds() { // before the conversion, which could overflow
		writeProblem(w, http.StatusBadRequest, ErrNumber.Error())
		return
	}
	err := s.SetNumber(Number{
		Number: r.PathValue("number"), PerSecond: in.PerSecond, CountSegments: in.CountSegments, Over: in.Over, QueueMost: in.QueueMost,
		QueueFor: time.Duration(in.QueueForMS) * time.Millisecond, Filtered: in.Filtered, InboundURL: in.InboundURL,
	})
	if err != nil {
		writeProblem(w, http.StatusBadRequest, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// getPhones lists the handsets whose state was set, by number.
func (s *Server) getPhones(w http.ResponseWriter, _ *http.Request) {
	out := map[string]Handset{}
	for phone, h := range s.Handsets() {
		out[phone.E164()] = h
	}
	writeJSON(w, http.StatusOK, out)
}

func (s *Server) getState(w http.ResponseWriter, _ *http.Request, phone booking.Phone) {
	writeJSON(w, http.StatusOK, s.Handset(phone))
}

// putState replaces a phone's state; what is left out is as by default.
func (s *Server) putState(w http.ResponseWriter, r *http.Request, phone booking.Phone) {
	var in Handset
	if !readJSON(w, r, &in) {
		return
	}
	if err := s.SetHandset(phone, in); err != nil {
		writeProblem(w, http.StatusBadRequest, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
