package words

import (
	"errors"
	"fmt"
	"strings"

	"jari/booking"
)

// Texts that nobody asked for and that tell of nothing new.
const (
	Reminder Kind = "reminder" // the day before, and on the morning of, an appointment; First+1 declines (opens an offer question)
	News     Kind = "news"     // still waiting, because …; the place is kept
)

// Correction is what operators say, in their own words, to whoever got a text of ours that was wrong. Its reader may have no entry.
const Correction Kind = "correction"

// ErrOwn is returned for an operator's own words that cannot be sent as they are.
var ErrOwn = errors.New("this cannot be sent as it is")

// CheckOwn says whether an operator's own words can be sent in a language, beside a person's name and in one text: without a link, without
// what the alphabet does not have, and without a word that providers take as a command. It returns ErrOwn, ErrLong or ErrKind.
func CheckOwn(lang booking.Lang, own string) error {
	if own == "" {
		return fmt.Errorf("%w: it says nothing", ErrOwn)
	}
	const name = "홍*동" // as long as nearly all are; longer ones lose their end
	text, err := Render(Correction, lang, Data{Masked: name, Words: own, Reference: "AB2C"})
	if err != nil {
		return err
	}
	masked := name
	if lang != booking.Korean {
		masked = "***"
	}
	switch {
	case !strings.Contains(text, own):
		return fmt.Errorf("%w: it has signs that do not arrive: %s", ErrOwn, text)
	case !strings.Contains(text, masked):
		return fmt.Errorf("%w: there is no room for the name", ErrLong)
	case hasLink(own):
		return fmt.Errorf("%w: it carries a link", ErrOwn)
	}
	if found := commandsIn(own); len(found) > 0 {
		return fmt.Errorf("%w: providers take %q as a command", ErrOwn, strings.ToUpper(found[0]))
	}
	return nil
}
