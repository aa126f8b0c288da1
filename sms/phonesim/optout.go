package phonesim

import (
	"slices"
	"strings"

	"jari/booking"
)

// word is what a provider makes of a text by itself.
type word int

const (
	wordNone word = iota
	wordStop
	wordStart
	wordHelp
)

// optWord knows Twilio's default words, alone and in any case.
func optWord(body string) word {
	switch strings.ToUpper(strings.TrimSpace(body)) {
	case "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT":
		return wordStop
	case "START", "YES", "UNSTOP":
		return wordStart
	case "HELP", "INFO":
		return wordHelp
	}
	return wordNone
}

// What the provider texts back, in the sense of Twilio's defaults.
const (
	saidStop  = "You are unsubscribed and will get no more messages from this number. Reply START to resubscribe."
	saidStart = "You are resubscribed to messages from this number. Reply HELP for help, STOP to unsubscribe."
	saidHelp  = "Reply STOP to unsubscribe."
)

// obey opts a phone out of a number or back in, and returns what the provider answers: nothing when nothing changes, so YES from somebody who
// gets our texts anyhow is an answer to us alone; nor to HELP from somebody who opted out.
func (s *Server) obey(phone booking.Phone, ours, body string) (reply string) {
	w := optWord(body)
	if w == wordNone || !s.speaks.obeys() {
		return ""
	}
	s.store.change(phone, func(h *Handset) {
		out := slices.Contains(h.OptedOutOf, ours)
		switch {
		case w == wordStop && !out:
			h.OptedOutOf, reply = append(h.OptedOutOf, ours), saidStop
		case w == wordStart && out:
			h.OptedOutOf, reply = slices.DeleteFunc(h.OptedOutOf, func(n string) bool { return n == ours }), saidStart
		case w == wordHelp && !out:
			reply = saidHelp
		}
	})
	return reply
}

// carrierLine is what a carrier in Korea shows above a text that did not come from a handset.
func carrierLine(phone booking.Phone, ours string) string {
	switch {
	case !strings.HasPrefix(phone.E164(), "+82"):
		return ""
	case strings.HasPrefix(ours, "+") && !strings.HasPrefix(ours, "+82"):
		return "[국제발신]"
	}
	return "[Web발신]"
}
