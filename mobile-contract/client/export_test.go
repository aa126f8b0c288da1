package client

import (
	"time"

	"jari/mobile-contract/contract"
)

// What the twin tests compare and no program needs.
var (
	EncodeState = encode
	DecodeState = decode
	CohortOf    = cohortOf
	Decide      = decide
	Ends        = ends
	Grown       = grown
	Asked       = asked
)

// Restore does what Open does with a copy that was damaged.
func Restore(s *State) {
	s.mistrust()
	s.note(Notice{Why: Restored})
}

// View is what pages ask about a person.
type View struct {
	Proven   bool   `json:"proven"`
	Prepared bool   `json:"prepared"`
	Pending  bool   `json:"pending"`
	Held     []bool `json:"held"`
}

// Views is what pages ask about everybody.
func Views(s *State, k Kind) []View {
	views := []View{}
	for i := range s.People {
		p := &s.People[i]
		v := View{Proven: p.proven(), Prepared: p.prepared(), Pending: p.pending(k), Held: []bool{}}
		for _, o := range p.Outbox {
			v.Held = append(v.Held, p.Held(o))
		}
		views = append(views, v)
	}
	return views
}

// SentEntry is a sentEntry to look at.
type SentEntry struct {
	Person     string                 `json:"person"`
	Secret     string                 `json:"secret"`
	Named      bool                   `json:"named"`
	Operations []contract.OperationID `json:"operations"`
}

// Sent says what the entries of a batch stand for.
func (b Batch) Sent() []SentEntry {
	var out []SentEntry
	for _, e := range b.sent {
		out = append(out, SentEntry{e.person, e.secret, e.named, e.operations})
	}
	return out
}

// Millis are whole milliseconds, rounded up.
func Millis(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }
