package phonesim

import (
	"fmt"
	"net/http"
	"time"
)

const (
	eventsLook  = 250 * time.Millisecond // how often a stream looks for something new
	eventsAlive = 10 * time.Second       // after which a silent stream says that it is still there
	maxStreams  = 64                     // streams at once; whoever is one too many asks again
)

// getEvents is a stream that says that something has changed, not what: the page fetches itself anew. So nothing needs to be kept for a reader,
// and a thousand texts a second are four events.
func (s *Server) getEvents(w http.ResponseWriter, r *http.Request) {
	if s.streams.Add(1) > maxStreams {
		s.streams.Add(-1)
		w.Header().Set("Retry-After", "5")
		writeProblem(w, http.StatusServiceUnavailable, "too many pages are open")
		return
	}
	defer s.streams.Add(-1)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	control := http.NewResponseController(w)
	send := func(line string) bool {
		_ = control.SetWriteDeadline(time.Now().Add(eventsAlive)) // the server's own deadline is for answers that end
		if _, err := fmt.Fprint(w, line); err != nil {
			return false
		}
		return control.Flush() == nil
	}
	last := s.store.version.Load()
	if !send("retry: 2000\ndata: hello\n\n") {
		return
	}
	look := time.NewTicker(eventsLook)
	defer look.Stop()
	alive := time.Now()
	for {
		select {
		case <-look.C:
		case <-s.done:
			return
		case <-r.Context().Done():
			return
		}
		line := ""
		if now := s.store.version.Load(); now != last {
			last, line = now, "data: changed\n\n"
		} else if time.Since(alive) > eventsAlive {
			line = ": still here\n\n"
		}
		if line != "" {
			if alive = time.Now(); !send(line) {
				return
			}
		}
	}
}
