package rush

import (
	"testing"
	"time"
)

// A node that is killed after it stored a text leaves a webhook without an answer. That text stands where it came to the door; one that only the log has
// stands in its second.
func TestWhoseTextWasStoredUnanswered(t *testing.T) {
	t.Parallel()
	opening := time.Date(2027, 3, 1, 20, 0, 0, 0, time.UTC)
	ms := int64(time.Millisecond)
	for name, c := range map[string]struct {
		broke   [2]int64
		arrival time.Duration
		log     bool
	}{
		"stored, then killed":            {[2]int64{2042 * ms, 2060 * ms}, 2050 * time.Millisecond, false},
		"only the log has it":            {[2]int64{2042 * ms, 2060 * ms}, time.Second, true},
		"a whole second of the log":      {[2]int64{1990 * ms, 2060 * ms}, 2 * time.Second, true},
		"behind the last one taken":      {[2]int64{2042 * ms, 2060 * ms}, 2961 * time.Millisecond, true},
		"no node took the connection":    {[2]int64{2042 * ms, 2043 * ms}, 2100 * time.Millisecond, true},
		"its webhook is not known to us": {[2]int64{}, 2050 * time.Millisecond, true},
	} {
		r := &Rush{opening: opening, people: make([]person, 1)}
		r.people[0] = person{first: 2042 * ms, held: 12 * int64(time.Second), logged: [2]int64{int64(time.Second), 2 * int64(time.Second)}, broke: c.broke}
		seen, fromLog := r.seen([]Standing{{Arrival: opening.Add(c.arrival).UnixMicro()}}, 10*ms)
		want := Seen{First: 2042 * ms, Held: 12 * int64(time.Second)}
		if c.log {
			want = Seen{First: int64(time.Second), Held: 2*int64(time.Second) - 10*ms - 1}
		}
		if seen[0] != want || (fromLog == 1) != c.log {
			t.Errorf("%s: %+v, from the log %d; want %+v", name, seen[0], fromLog, want)
		}
	}
}
