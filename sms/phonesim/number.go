package phonesim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Over is what becomes of texts above a number's rate.
type Over string

const (
	// OverWaits keeps them until the number may send again, as Twilio does. It is the default.
	OverWaits Over = "wait"
	// OverRefuse answers 429 with Retry-After: no second by Config.Now has more texts than the rate.
	OverRefuse Over = "refuse"
)

// Number are the rules of one of the account's numbers.
type Number struct {
	Number string // as it stands in From
	// PerSecond is how many texts leave in a second; 0: as many as come. A long number has 1, a short code about 100 (Twilio).
	PerSecond int
	// CountSegments makes PerSecond count segments of a text and not whole texts, as Twilio does.
	CountSegments bool
	Over          Over
	QueueMost     int           // texts that may wait; 0: any number
	QueueFor      time.Duration // the longest that one may wait; defaults to 4 h, as Twilio long had it
	Filtered      bool          // carriers take nothing of this number: 30007
	InboundURL    string        // receives what is texted to this number; defaults to Config.InboundURL
}

const (
	defaultQueueFor = 4 * time.Hour
	maxQueueFor     = 24 * time.Hour
	maxPerSecond    = 1_000_000
	maxNumber       = 32 // bytes of a sender
	maxNumbers      = 100
)

// ErrNumber is returned for rules that make no sense.
var ErrNumber = errors.New("phonesim: a number needs a name of at most 32 printable characters, a rate from 0 to 1,000,000, over wait or refuse, " +
	"a queue of at most 24 h, and an inbound URL that is absolute or empty; an account has at most 100 numbers")

func (n *Number) check() error {
	bad := func(r rune) bool { return r <= ' ' || r > '~' }
	if n.Over == "" {
		n.Over = OverWaits
	}
	if n.QueueFor == 0 {
		n.QueueFor = defaultQueueFor
	}
	n.InboundURL, _, _ = strings.Cut(n.InboundURL, "#")
	if n.Number == "" || len(n.Number) > maxNumber || strings.ContainsFunc(n.Number, bad) || n.PerSecond < 0 || n.PerSecond > maxPerSecond ||
		(n.Over != OverWaits && n.Over != OverRefuse) || n.QueueMost < 0 || n.QueueFor < 0 || n.QueueFor > maxQueueFor ||
		n.InboundURL != "" && !isWebURL(n.InboundURL) {
		return ErrNumber
	}
	return nil
}

// gap is how long after a text of so much cost the next one may leave.
func (n Number) gap(cost int) time.Duration {
	return time.Duration(cost) * time.Second / time.Duration(n.PerSecond)
}

// NumberStand is a number with what came of it.
type NumberStand struct {
	Number
	Waiting  int    // texts in its queue
	Accepted uint64 // texts
	Left     uint64 // texts that were passed on
	Refused  uint64 // 429, over the rate or because the queue was full
	Expired  uint64 // that waited too long: 30001, 30036
	// MostPerSecond is the most that was accepted within one second by Config.Now.
	MostPerSecond int
	Seconds       []Second // the last minute, oldest first, without seconds in which nothing was
}

// Second is what a number did within one second.
type Second struct {
	At       int64 `json:"at"` // seconds since 1970
	Accepted int   `json:"accepted"`
	Refused  int   `json:"refused"`
	Left     int   `json:"left"`
}

// keptSeconds is how far back the counts by second go.
const keptSeconds = 60

// lines are the account's numbers.
type lines struct {
	mu    sync.RWMutex
	named map[string]*line
	order []*line // as they were added
}

func newLines(first string, rules []Number) (*lines, error) {
	l := &lines{named: map[string]*line{}}
	if !slices.ContainsFunc(rules, func(n Number) bool { return n.Number == first }) {
		rules = append([]Number{{Number: first}}, rules...)
	}
	for _, n := range rules {
		if l.named[n.Number] != nil {
			return nil, fmt.Errorf("phonesim: Numbers: the same number twice: %w", ErrNumber)
		}
		if err := l.set(n); err != nil {
			return nil, fmt.Errorf("phonesim: Numbers: %w", err)
		}
	}
	return l, nil
}

func (l *lines) set(n Number) error {
	if err := n.check(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.named[n.Number]
	if one == nil {
		if len(l.order) >= maxNumbers {
			return ErrNumber
		}
		one = &line{}
		l.named[n.Number] = one
		l.order = append(l.order, one)
	}
	one.change(n)
	return nil
}

// of is the line of a number, nil when it is not the account's.
func (l *lines) of(number string) *line {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.named[number]
}

func (l *lines) all() []*line {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Clone(l.order)
}

// SetNumber replaces the rules of one of the account's numbers, or adds one, from the next text on; what waits leaves at the new rate.
// It returns ErrNumber and changes nothing when the rules make no sense.
func (s *Server) SetNumber(n Number) error {
	if err := s.lines.set(n); err != nil {
		return err
	}
	if l := s.lines.of(n.Number); l != nil {
		s.pumpAgain(l)
	}
	s.store.changed()
	return nil
}

// Numbers returns the account's numbers, in the order in which they were added.
func (s *Server) Numbers() []NumberStand {
	now := s.config.Now().Unix()
	var out []NumberStand
	for _, one := range s.lines.all() {
		out = append(out, one.stand(now))
	}
	return out
}
