package phonesim

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"jari/booking"
)

func numberPath(number string) string { return "/sim/numbers/" + url.PathEscape(number) }

// readForm bounds and reads a form of the wall's; otherwise it answers and returns false.
func readForm(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		writeProblem(w, http.StatusBadRequest, "the form cannot be read")
		return false
	}
	return true
}

// postState switches one part of a phone's state.
func (s *Server) postState(w http.ResponseWriter, r *http.Request, phone booking.Phone) {
	if !readForm(w, r) {
		return
	}
	what, number, _ := strings.Cut(r.PostFormValue("toggle"), ":")
	if number != "" && s.lines.of(number) == nil {
		writeProblem(w, http.StatusBadRequest, "not a number of the account")
		return
	}
	s.store.change(phone, func(h *Handset) {
		switch what {
		case "off":
			h.Off = !h.Off
		case "full":
			h.Full = !h.Full
		case "unknown":
			h.Unknown = !h.Unknown
		case "landline":
			if h.Landline == "" {
				h.Landline = LandlineReceipt
			} else {
				h.Landline = ""
			}
		case "stop":
			if number == "" {
				h.OptedOutOf = s.switchedAll(h.OptedOutOf)
			} else {
				h.OptedOutOf = switched(h.OptedOutOf, number)
			}
		case "filter":
			h.FilteredFrom = switched(h.FilteredFrom, number)
		}
	})
	s.back(w, r)
}

// switched takes a number out of a list, or puts it in.
func switched(list []string, number string) []string {
	if slices.Contains(list, number) {
		return slices.DeleteFunc(list, func(n string) bool { return n == number })
	}
	if number == "" {
		return list
	}
	return append(list, number)
}

// switchedAll is every number of the account for an empty list, and none for another.
func (s *Server) switchedAll(list []string) (all []string) {
	if len(list) > 0 {
		return nil
	}
	for _, l := range s.lines.all() {
		all = append(all, l.current().Number)
	}
	return all
}

func (s *Server) postRead(w http.ResponseWriter, r *http.Request, phone booking.Phone) {
	if readForm(w, r) {
		s.store.markRead(phone)
		s.back(w, r)
	}
}

// postNumber sets the rules of a number from the wall. Its webhook stays.
func (s *Server) postNumber(w http.ResponseWriter, r *http.Request) {
	l := s.lines.of(r.PathValue("number"))
	if l == nil {
		writeProblem(w, http.StatusNotFound, "not a number of the account")
		return
	}
	if !readForm(w, r) {
		return
	}
	rate, err1 := strconv.Atoi(r.PostFormValue("per_second"))
	most, err2 := strconv.Atoi(r.PostFormValue("queue_most"))
	long, err3 := strconv.Atoi(r.PostFormValue("queue_for"))
	if errors.Join(err1, err2, err3) != nil || long < 0 || long > int(maxQueueFor/time.Second) {
		writeProblem(w, http.StatusBadRequest, ErrNumber.Error())
		return
	}
	n := l.current()
	n.PerSecond, n.CountSegments, n.Over = rate, r.PostForm.Has("count_segments"), Over(r.PostFormValue("over"))
	n.QueueMost, n.QueueFor, n.Filtered = most, time.Duration(long)*time.Second, r.PostForm.Has("filtered")
	if err := s.SetNumber(n); err != nil {
		writeProblem(w, http.StatusBadRequest, err.Error())
		return
	}
	s.back(w, r)
}

// postFaults sets the faults from the wall: rates in percent, times in milliseconds.
func (s *Server) postFaults(w http.ResponseWriter, r *http.Request) {
	if !readForm(w, r) {
		return
	}
	f := s.Faults()
	var bad error
	for name, rate := range map[string]*float64{
		"f429": &f.Rate429, "f503": &f.Rate503HTML, "hang": &f.RateAcceptThenHang, "twice": &f.RateReceiptTwice, "shuffled": &f.RateReceiptShuffled,
	} {
		percent, err := strconv.ParseFloat(r.PostFormValue(name), 64)
		bad = errors.Join(bad, err)
		*rate = percent / 100
	}
	for name, d := range map[string]*time.Duration{"hang_for": &f.HangFor, "delay_min": &f.ReceiptDelayMin, "delay_max": &f.ReceiptDelayMax} {
		ms, err := strconv.ParseUint(r.PostFormValue(name), 10, 32)
		bad = errors.Join(bad, err)
		*d = time.Duration(ms) * time.Millisecond
	}
	if bad != nil || s.SetFaults(f) != nil {
		writeProblem(w, http.StatusBadRequest, ErrFaults.Error())
		return
	}
	s.store.changed()
	s.back(w, r)
}
