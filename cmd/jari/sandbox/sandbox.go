package sandbox

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"jari/sms/phonesim"
)

// Prefix is where the sandbox's own paths lie.
const Prefix = "/sandbox"

// Config is what a sandbox is made of. Everything is required.
type Config struct {
	Campaign string // its slug
	Zone     *time.Location
	People   []Person
	Clock    *Clock
	Phones   *phonesim.Server
}

// Sandbox answers under /sandbox, and stands before everything that the server answers to everybody.
type Sandbox struct {
	config Config
	cutter *cutter
	// moving lets no request see two times: it is held for writing while the clock moves.
	moving sync.RWMutex
}

// New makes a sandbox.
func New(c Config) *Sandbox {
	return &Sandbox{config: c, cutter: &cutter{phone: of(c.People, caseCut).Phone.E164(), seen: map[string]bool{}}}
}

// Over stands before the server: requests wait while the clock moves, Date shows the sandbox's time as it shows a real
// server's, and some answers break off.
func (s *Sandbox) Over(next http.Handler) http.Handler {
	inside := s.cutter.over(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, Prefix+"/") {
			next.ServeHTTP(w, r)
			return
		}
		s.moving.RLock()
		defer s.moving.RUnlock()
		w.Header().Set("Date", s.config.Clock.Now().UTC().Format(http.TimeFormat))
		inside.ServeHTTP(w, r)
	})
}
