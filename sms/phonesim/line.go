package phonesim

import (
	"context"
	"sync"
	"time"
)

// line is one of the account's numbers at work: it lets texts go at its rate, the first first.
type line struct {
	mu      sync.Mutex
	rules   Number
	waiting []*waiting // oldest first; some may have ended already
	alive   int        // of them
	nextAt  time.Time  // before then none may leave
	pumping bool       // somebody will call pump
	pumps   int        // how often that was arranged anew; earlier arrangements are void

	accepted, left, refused, expired uint64
	most                             int
	seconds                          [keptSeconds]Second
}

// waiting is a text in a line's queue.
type waiting struct {
	message message
	faults  Faults
	cost    int
	ended   bool // it waited too long
}

// verdict is what a line says to a text.
type verdict int

const (
	verdictGo   verdict = iota // leaves at once
	verdictWait                // waits in the queue
	verdictSlow                // too many in this second
	verdictFull                // the queue is full
)

// cost is what a text counts against the rate.
func (n Number) cost(body string) int {
	if n.CountSegments {
		return segments(body)
	}
	return 1
}

// admit decides about a text. now is the simulator's clock, by which seconds are counted; the queue runs by the machine's own clock.
func (l *line) admit(now time.Time, body string) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	cost := l.rules.cost(body)
	second := l.second(now.Unix())
	v := l.judge(second, cost)
	switch v {
	case verdictSlow, verdictFull:
		l.refused++
		second.Refused++
		return v
	case verdictWait:
		l.alive++
	case verdictGo:
		if l.rules.PerSecond > 0 {
			l.nextAt = later(l.nextAt, time.Now()).Add(l.rules.gap(cost))
		}
		l.left++
		second.Left++
	}
	l.accepted++
	second.Accepted++
	l.most = max(l.most, second.Accepted)
	return v
}

func (l *line) judge(second *Second, cost int) verdict {
	n := l.rules
	switch {
	case n.PerSecond == 0 && l.alive == 0:
		return verdictGo
	case n.Over == OverRefuse && l.alive == 0:
		if second.Accepted > 0 && second.Accepted+cost > n.PerSecond {
			return verdictSlow
		}
		return verdictGo
	case l.alive == 0 && !l.nextAt.After(time.Now()):
		return verdictGo
	case n.QueueMost > 0 && l.alive >= n.QueueMost:
		return verdictFull
	}
	return verdictWait
}

// current copies the rules in force.
func (l *line) current() Number {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rules
}

// second is the count of a second, begun anew when the ring comes round to it.
func (l *line) second(at int64) *Second {
	s := &l.seconds[uint64(at)%keptSeconds]
	if s.At != at {
		*s = Second{At: at}
	}
	return s
}

// stand copies the line's counts.
func (l *line) stand(now int64) NumberStand {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := NumberStand{
		Number: l.rules, Waiting: l.alive, Accepted: l.accepted, Left: l.left, Refused: l.refused, Expired: l.expired, MostPerSecond: l.most,
		Seconds: []Second{},
	}
	for at := now - keptSeconds + 1; at <= now; at++ {
		if s := l.seconds[uint64(at)%keptSeconds]; s.At == at && s != (Second{At: at}) {
			out.Seconds = append(out.Seconds, s)
		}
	}
	return out
}

// change gives a line new rules. What the last text still uses up of the rate shrinks or grows with it.
func (l *line) change(n Number) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	switch left := l.nextAt.Sub(now); {
	case left <= 0:
	case n.PerSecond == 0:
		l.nextAt = now
	case l.rules.PerSecond > 0:
		l.nextAt = now.Add(time.Duration(float64(left) * float64(l.rules.PerSecond) / float64(n.PerSecond)))
	}
	l.rules = n
}

// wait puts an admitted text into the queue. It ends when it waits longer than it may.
func (s *Server) wait(l *line, m message, validFor time.Duration, faults Faults) {
	l.mu.Lock()
	w := &waiting{message: m, faults: faults, cost: l.rules.cost(m.body)}
	l.waiting = append(l.waiting, w)
	limit, code := l.rules.QueueFor, codeQueuedTooLong
	if validFor > 0 && validFor < limit {
		limit, code = validFor, codeExpired
	}
	begin := !l.pumping
	l.pumping = true
	l.mu.Unlock()
	s.air.add(limit, func(context.Context) { s.expire(l, w, code) })
	if begin {
		s.pumpAgain(l)
	}
}

// pumpAgain arranges that texts leave when they may, in the place of what was arranged before.
func (s *Server) pumpAgain(l *line) {
	l.mu.Lock()
	if !l.pumping {
		l.mu.Unlock()
		return
	}
	l.pumps++
	turn, wait := l.pumps, time.Until(l.nextAt)
	l.mu.Unlock()
	s.air.add(wait, func(context.Context) { s.pump(l, turn) })
}

// pump lets those go that may, and arranges the next turn.
func (s *Server) pump(l *line, turn int) {
	for {
		w, again := l.next(s.config.Now().Unix(), turn)
		switch {
		case w != nil:
			s.leave(w.message, w.faults)
		case again:
			s.pumpAgain(l)
			return
		default:
			return
		}
	}
}

// next takes the first text that may leave; without one it says whether some may later. A turn that is void takes none.
func (l *line) next(second int64, turn int) (w *waiting, again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if turn != l.pumps {
		return nil, false
	}
	for len(l.waiting) > 0 && l.waiting[0].ended {
		l.waiting = l.waiting[1:]
	}
	if len(l.waiting) == 0 {
		l.pumping, l.waiting = false, nil
		return nil, false
	}
	now := time.Now()
	if l.rules.PerSecond > 0 {
		if l.nextAt.After(now) {
			return nil, true
		}
		// A pump that comes late makes up for it, but not for more than a tenth of a second.
		l.nextAt = later(l.nextAt, now.Add(-time.Second/10)).Add(l.rules.gap(l.waiting[0].cost))
	}
	w, l.waiting = l.waiting[0], l.waiting[1:]
	w.ended = true
	l.alive--
	l.left++
	l.second(second).Left++
	return w, false
}

// expire ends a text that is still in the queue.
func (s *Server) expire(l *line, w *waiting, code int) {
	l.mu.Lock()
	if w.ended {
		l.mu.Unlock()
		return
	}
	w.ended = true
	l.alive--
	l.expired++
	l.mu.Unlock()
	s.orderReceipts(w.message, []step{{"failed", code}}, w.faults)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
