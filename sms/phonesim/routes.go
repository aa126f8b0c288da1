package phonesim

import (
	"net/http"

	"jari/booking"
)

// routes lists every path. A browser may post here only from the simulator's own page.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	s.speaks.mount(mux)
	mux.HandleFunc("GET /sim/faults", s.getFaults)
	mux.HandleFunc("PUT /sim/faults", s.putFaults)
	mux.HandleFunc("GET /sim/numbers", s.getNumbers)
	mux.HandleFunc("PUT /sim/numbers/{number}", s.putNumber)
	mux.HandleFunc("GET /sim/log", s.getLog)
	mux.HandleFunc("GET /sim/counts", s.getCounts)
	mux.HandleFunc("GET /sim/violations", s.getViolations)
	mux.HandleFunc("POST /sim/texts", s.postText)
	mux.HandleFunc("POST /sim/texts/{sid}/redeliver", s.postRedeliver)
	mux.HandleFunc("GET /sim/phones", s.getPhones)
	mux.HandleFunc("GET /sim/phones/{number}", ofPhone(s.getPhone))
	mux.HandleFunc("GET /sim/phones/{number}/state", ofPhone(s.getState))
	mux.HandleFunc("PUT /sim/phones/{number}/state", ofPhone(s.putState))
	mux.HandleFunc("GET /sim/phones/{number}/thread", ofPhone(s.getThread))
	mux.HandleFunc("GET /{$}", s.getHome)
	// The wall's own forms, which answer with a redirect, and its files.
	mux.HandleFunc("POST /sim/faults", s.postFaults)
	mux.HandleFunc("POST /sim/numbers/{number}", s.postNumber)
	mux.HandleFunc("POST /sim/phones/{number}/state", ofPhone(s.postState))
	mux.HandleFunc("POST /sim/phones/{number}/read", ofPhone(s.postRead))
	mux.HandleFunc("GET /sim/events", s.getEvents)
	mux.HandleFunc("GET /sim/wall.css", getFile("wall.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /sim/plain.css", getFile("plain.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /sim/wall.js", getFile("wall.js", "text/javascript; charset=utf-8"))
	return http.NewCrossOriginProtection().Handler(mux)
}

// ofPhone reads the phone's number in the path.
func ofPhone(next func(http.ResponseWriter, *http.Request, booking.Phone)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		phone, err := parseNumber(r.PathValue("number"))
		if err != nil {
			writeProblem(w, http.StatusNotFound, "not a whole phone number")
			return
		}
		next(w, r, phone)
	}
}
