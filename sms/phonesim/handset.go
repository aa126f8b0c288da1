package phonesim

import (
	"errors"
	"slices"

	"jari/booking"
)

// Landline is how a text to a fixed line comes to nothing.
type Landline string

const (
	LandlineRefuses Landline = "refuse"  // 21614 when the text is made
	LandlineReceipt Landline = "receipt" // taken, and 30006 by receipt
)

func (l Landline) valid() bool { return l == "" || l == LandlineRefuses || l == LandlineReceipt }

// Handset is the state of a phone. The zero value is a phone that shows every text, unless its number is a fixed line's.
type Handset struct {
	Off      bool     `json:"off"`      // neither gets texts nor sends any
	Full     bool     `json:"full"`     // has no room for another text
	Unknown  bool     `json:"unknown"`  // is in nobody's service
	Landline Landline `json:"landline"` // a fixed line, whatever the number looks like
	// FilteredFrom are numbers of the account whose texts the phone's carrier drops; OptedOutOf are those that it texted STOP.
	FilteredFrom []string `json:"filtered_from"`
	OptedOutOf   []string `json:"opted_out_of"`
}

// ErrHandset is returned for a state that makes no sense.
var ErrHandset = errors.New("phonesim: landline must be empty, refuse or receipt, and a phone names at most 100 numbers of at most 32 characters")

func (h *Handset) check() error {
	for _, list := range []*[]string{&h.FilteredFrom, &h.OptedOutOf} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
		if len(*list) > maxNumbers || slices.ContainsFunc(*list, func(n string) bool { return n == "" || len(n) > maxNumber }) {
			return ErrHandset
		}
	}
	if !h.Landline.valid() {
		return ErrHandset
	}
	return nil
}

func (h *Handset) plain() bool {
	return !h.Off && !h.Full && !h.Unknown && h.Landline == "" && len(h.FilteredFrom) == 0 && len(h.OptedOutOf) == 0
}

func (h *Handset) clone() Handset {
	if h == nil {
		return Handset{}
	}
	out := *h
	out.FilteredFrom, out.OptedOutOf = slices.Clone(h.FilteredFrom), slices.Clone(h.OptedOutOf)
	return out
}

// Twilio's codes for what can become of an accepted text.
const (
	codeQueuedTooLong = 30001
	codeUnreachable   = 30003
	codeUnknown       = 30005
	codeLandline      = 30006
	codeFiltered      = 30007
	codeExpired       = 30036

	// What is refused at once, and never accepted.
	codeOptedOut  = 21610
	codeNotMobile = 21614
)

// failures are Twilio's names of them.
func failure(code int) string {
	switch code {
	case codeQueuedTooLong:
		return "Queue overflow"
	case codeUnreachable:
		return "Unreachable destination handset"
	case codeUnknown:
		return "Unknown destination handset"
	case codeLandline:
		return "Landline or unreachable carrier"
	case codeFiltered:
		return "Message filtered"
	case codeExpired:
		return "Validity Period Expired"
	}
	return ""
}

// carries says what the carrier tells of a text from one of our numbers: 0 when the handset shows it.
func (h *Handset) carries(from string, filtered, landline bool) int {
	if h == nil {
		h = &Handset{}
	}
	switch {
	case h.Unknown:
		return codeUnknown
	case landline || h.Landline != "":
		return codeLandline
	case filtered || slices.Contains(h.FilteredFrom, from):
		return codeFiltered
	case h.Off || h.Full:
		return codeUnreachable
	}
	return 0
}

// landline says how texts to a phone come to nothing because it is a fixed line; empty when it is none.
func (s *Server) landline(phone booking.Phone) Landline {
	if own := s.store.handset(phone).Landline; own != "" {
		return own
	}
	if !phone.CanText() {
		return s.config.Landlines
	}
	return ""
}

// SetHandset replaces a phone's state. It counts for texts that leave from now on. It returns ErrHandset and changes nothing when the state
// makes no sense.
func (s *Server) SetHandset(phone booking.Phone, h Handset) error {
	h = h.clone()
	if err := h.check(); err != nil || phone.IsZero() {
		return ErrHandset
	}
	s.store.change(phone, func(to *Handset) { *to = h })
	return nil
}

// Handset returns a phone's state.
func (s *Server) Handset(phone booking.Phone) Handset { return s.store.handset(phone) }

// Handsets returns the phones whose state is not the zero value.
func (s *Server) Handsets() map[booking.Phone]Handset {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	out := make(map[booking.Phone]Handset, len(s.store.handsets))
	for phone, h := range s.store.handsets {
		out[phone] = h.clone()
	}
	return out
}
