package client

import (
	"net/http"
	"time"

	"jari/mobile-contract/contract"
)

// Failure is a request without a usable answer. The zero value is a connection that broke or was never there.
type Failure struct {
	Status     int
	RetryAfter int               // seconds; 0 when the answer did not say
	Problem    *contract.Problem // nil when the answer held none
}

// Failed takes the failure of a batch: nothing is lost by it but time. dice is in [0, 1).
func (s *State) Failed(b Batch, f Failure, now time.Time, dice float64) {
	s.Tries++
	s.Rest, s.Asked = pause(now, grown(s.Tries, dice)), false
	switch {
	case f.Status == http.StatusTooManyRequests || f.Status == http.StatusServiceUnavailable:
		seconds := f.RetryAfter
		if seconds <= 0 && f.Problem != nil {
			seconds = valueOr(f.Problem.RetryAfterSeconds, 0)
		}
		if seconds > 0 {
			s.Rest, s.Asked = pause(now, asked(seconds, dice)), true
		}
	case f.whole():
		s.pieces(b, f, now, dice)
	}
}

// whole reports whether the server itself refused the request as a whole; what merely stands between us and it says no problem details.
func (f Failure) whole() bool {
	return f.Problem != nil && (f.Status == http.StatusBadRequest || f.Status == http.StatusRequestEntityTooLarge || f.Status == http.StatusUnprocessableEntity)
}

// pieces goes on in smaller pieces, until the one that the server cannot take stands alone and is given up.
func (s *State) pieces(b Batch, f Failure, now time.Time, dice float64) {
	if b.size() > 1 || len(b.sent) > 1 {
		s.Narrow = true
		return
	}
	if b.size() == 0 {
		return
	}
	p := s.person(b.sent[0].person)
	if p == nil || p.Secret != b.sent[0].secret {
		return
	}
	if i := p.index(b.sent[0].operations[0]); i >= 0 {
		problem := *f.Problem
		if decide(problem) != GiveUp {
			problem.Code = contract.ProblemCodeInvalid
		}
		s.refused(p, &p.Outbox[i], problem, taking{now: now, dice: dice})
		s.forgetDone()
	}
}
