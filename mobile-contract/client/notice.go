package client

import (
	"slices"

	"jari/mobile-contract/contract"
)

// Notice is something that the person must see: an operation that was not carried out, or that must wait. It holds nothing about
// the person but the local id.
type Notice struct {
	Number int        `json:"number"` // names it on this device
	Person string     `json:"person,omitempty"`
	Why    NoticeKind `json:"why"`
	Kind   Kind       `json:"kind,omitempty"` // of the operation
	// Problem is what the server said, for people in title and detail; nil when it said nothing.
	Problem *contract.Problem `json:"problem,omitempty"`
	// Dropped counts the operations that went with it, this one included.
	Dropped int `json:"dropped,omitzero"`
}

// NoticeKind says what a notice is about.
type NoticeKind string

// The kinds of notices.
const (
	Refused  NoticeKind = "refused"  // the operation was not carried out and is given up; the problem says why
	Conflict NoticeKind = "conflict" // somebody changed the entry meanwhile: what stands now is shown, and can be changed anew
	Early    NoticeKind = "early"    // not open yet: it is kept and sent at the opening, `problem.at`
	Unproven NoticeKind = "unproven" // it is kept and waits for the code
	Gone     NoticeKind = "gone"     // this device may no longer speak for the person; everything about them is deleted
	Left     NoticeKind = "left"     // a shared device: all was handed in and answered, and everything about the person is deleted
	Restored NoticeKind = "restored" // what was stored was damaged, and the copy before it is used: look whether the last change is there
)

func (s *State) note(n Notice) {
	for _, had := range s.Notices {
		if had.Person == n.Person && had.Why == n.Why && had.Kind == n.Kind && (n.Why == Early || n.Why == Unproven) {
			return // said already
		}
	}
	s.Serial++
	n.Number = s.Serial
	s.Notices = append(s.Notices, n)
	if over := len(s.Notices) - mostNotices; over > 0 {
		s.Notices = s.Notices[over:]
	}
}

// unsay takes back what was said about waiting, once it is over.
func (s *State) unsay(person string, k Kind) {
	s.Notices = slices.DeleteFunc(s.Notices, func(n Notice) bool {
		return n.Person == person && n.Kind == k && (n.Why == Early || n.Why == Unproven)
	})
}
