package phonesim

import (
	"errors"
	"math"
	"sync"
	"time"
)

// Faults are what goes wrong, as rates between 0 and 1 of the requests or texts.
type Faults struct {
	Rate429             float64 // of the creates: refused with 429 and Retry-After, not accepted
	Rate503HTML         float64 // of the creates: answered with a 503 and an HTML page, not accepted
	RateAcceptThenHang  float64 // of the creates: accepted and shown by the handset, then silence and a closed connection
	RateReceiptTwice    float64 // of the texts: every receipt is posted twice
	RateReceiptShuffled float64 // of the texts: "delivered" is posted before "sent"

	HangFor         time.Duration // silence before the connection is closed; defaults to 15 s
	RetryAfter      time.Duration // told with a 429, in whole seconds; defaults to 1 s
	ReceiptDelayMin time.Duration // before each receipt; a delay is drawn from min to max
	ReceiptDelayMax time.Duration
}

const (
	defaultHang = 15 * time.Second
	// maxDelay bounds every duration of Faults, so that a slip of the pen does not hang a run for ever.
	maxDelay = time.Hour
)

// ErrFaults is returned for faults outside their bounds.
var ErrFaults = errors.New("phonesim: fault rates must be between 0 and 1, delays between 0 and 1 hour, min <= max")

func (f Faults) check() error {
	for _, rate := range []float64{f.Rate429, f.Rate503HTML, f.RateAcceptThenHang, f.RateReceiptTwice, f.RateReceiptShuffled} {
		if math.IsNaN(rate) || rate < 0 || rate > 1 {
			return ErrFaults
		}
	}
	for _, d := range []time.Duration{f.HangFor, f.RetryAfter, f.ReceiptDelayMin, f.ReceiptDelayMax} {
		if d < 0 || d > maxDelay {
			return ErrFaults
		}
	}
	if f.ReceiptDelayMin > f.ReceiptDelayMax {
		return ErrFaults
	}
	return nil
}

// fate is what happens to one create request.
type fate int

const (
	fateGood fate = iota
	fateSlowDown
	fateBreak
)

// The kinds of draw; each has its own sequence, so that one fault's rate does not change when another strikes.
const (
	drawSlowDown uint64 = iota + 1
	drawBreak
	drawHang
	drawTwice
	drawShuffled
	drawDelay // the last one: delays use drawDelay and the numbers after it
)

// dice decides which faults strike. The n-th request has the same fate for the same seed and rates, whatever else goes
// on at the same time: a draw is a hash of seed, kind and n, not the next value of a shared generator.
type dice struct {
	seed uint64

	mu                            sync.Mutex
	faults                        Faults
	creates                       uint64
	slowNext, breakNext, hangNext int
}

func newDice(seed uint64, faults Faults) *dice { return &dice{seed: seed, faults: faults} }

// SetFaults replaces the faults from the next request on. It returns ErrFaults and changes nothing when they are out of
// bounds.
func (s *Server) SetFaults(f Faults) error {
	if err := f.check(); err != nil {
		return err
	}
	s.dice.mu.Lock()
	defer s.dice.mu.Unlock()
	s.dice.faults = f
	return nil
}

// Faults returns the faults in force.
func (s *Server) Faults() Faults { return s.dice.current() }

// HangNext makes the answers to the next n accepted texts never come, before any rate is drawn. A new value replaces what was left.
func (s *Server) HangNext(n int) { s.dice.order(&s.dice.hangNext, n) }

// SlowDownNext makes the next n creates a 429.
func (s *Server) SlowDownNext(n int) { s.dice.order(&s.dice.slowNext, n) }

// BreakNext makes the next n creates a 503 in HTML. An ordered 429 goes first.
func (s *Server) BreakNext(n int) { s.dice.order(&s.dice.breakNext, n) }

func (d *dice) order(counter *int, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	*counter = max(n, 0)
}

func (d *dice) current() Faults {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.faults
}

// nextCreate draws the fate of the next create request, before any rule is looked at.
func (d *dice) nextCreate() (fate, Faults) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.creates
	d.creates++
	switch {
	case d.slowNext > 0:
		d.slowNext--
		return fateSlowDown, d.faults
	case d.breakNext > 0:
		d.breakNext--
		return fateBreak, d.faults
	case d.draw(drawSlowDown, n) < d.faults.Rate429:
		return fateSlowDown, d.faults
	case d.draw(drawBreak, n) < d.faults.Rate503HTML:
		return fateBreak, d.faults
	}
	return fateGood, d.faults
}

// hangs decides whether the answer to the n-th accepted text never comes.
func (d *dice) hangs(n uint64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hangNext > 0 {
		d.hangNext--
		return true
	}
	return d.draw(drawHang, n) < d.faults.RateAcceptThenHang
}

// draw returns a number in [0, 1) for the n-th event of a kind (SplitMix64 as the hash).
func (d *dice) draw(kind, n uint64) float64 {
	z := mix(d.seed^mix(kind)) + n*0x9E3779B97F4A7C15
	return float64(mix(z)>>11) / (1 << 53)
}

func mix(z uint64) uint64 {
	z += 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
