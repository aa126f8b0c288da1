package conformance

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"
)

// Verdict is what became of a check.
type Verdict string

// The verdicts.
const (
	Pass     Verdict = "pass"
	Fail     Verdict = "fail"
	NotTried Verdict = "not tried"
)

// trial is one check under way. Once something is found, or the check cannot go on, nothing more is sent and nothing more is judged:
// a check reads from top to bottom, and what it reports is the first thing that was wrong.
type trial struct {
	ctx     context.Context // a trial is no longer than one call, and every step of it needs the context
	session *session

	mu       sync.Mutex
	verdict  Verdict // empty while nothing is found
	expected string
	got      string
	request  string // the last one sent
	reason   string // why it was not tried
}

// over reports whether the verdict is clear already.
func (t *trial) over() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.verdict != ""
}

// fail ends the trial with what should have been and what was, in plain words.
func (t *trial) fail(expected, got string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.verdict == "" {
		t.verdict, t.expected, t.got = Fail, expected, got
	}
}

// skip ends the trial: what it needs is not to be had here.
func (t *trial) skip(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.verdict == "" {
		t.verdict, t.reason = NotTried, fmt.Sprintf(format, args...)
	}
}

// that fails unless ok. The two texts are read only then.
func (t *trial) that(ok bool, expected, got string) {
	if !ok {
		t.fail(expected, got)
	}
}

// equal fails unless both are the same.
func (t *trial) equal(what string, want, got any) {
	if t.over() || reflect.DeepEqual(want, got) {
		return
	}
	t.fail(fmt.Sprintf("%s: %s", what, shown(want)), shown(got))
}

// status fails unless the answer has this status.
func (t *trial) status(a answer, want int) {
	if t.over() || a.status == want {
		return
	}
	t.fail(fmt.Sprintf("%s: status %d", a.what, want), a.summary())
}

// refused fails unless the answer is this problem.
func (t *trial) refused(a answer, status int, code string) {
	if t.over() || a.status == status && a.text("code") == code {
		return
	}
	t.fail(fmt.Sprintf("%s: status %d with code %s", a.what, status, code), a.summary())
}

// invalid fails unless the answer is a 400 that points at the field for this reason.
func (t *trial) invalid(a answer, field, reason string) {
	t.refused(a, 400, "invalid")
	if t.over() || a.text("field") == field && a.text("reason") == reason {
		return
	}
	t.fail(fmt.Sprintf("%s: field %q, reason %s", a.what, field, reason), fmt.Sprintf("field %q, reason %s", a.text("field"), a.text("reason")))
}

// pollEvery is how often what happens in the server's own time is asked for.
const pollEvery = 100 * time.Millisecond

// until asks again and again until done says so. The trial fails when its time is up before.
func (t *trial) until(what string, done func() bool) {
	for !t.over() {
		if done() {
			return
		}
		if !t.pause(pollEvery) {
			t.fail(what+" within "+t.session.config.Timeout.String(), "nothing of the kind; the last request was "+t.request)
			return
		}
	}
}

// clocksApart is more than two of a server's machines differ by, each being ready only while it is at most a quarter of a second wrong: of two
// requests that are further apart the later one has the later arrival.
const clocksApart = 600 * time.Millisecond

// laterOn waits until whoever comes now certainly comes later than whoever came before.
func (t *trial) laterOn() {
	if !t.over() {
		t.pause(clocksApart)
	}
}

// pause waits, and reports whether there is still time.
func (t *trial) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.ctx.Done():
		return false
	}
}
