package words

// Texts that nobody asked for and that tell of nothing new.
const (
	Reminder Kind = "reminder" // the day before, and on the morning of, an appointment; First+1 declines (opens an offer question)
	News     Kind = "news"     // still waiting, because …; the place is kept
)

// Repeats reports whether a text of the kind only says again what the person was told before.
func (k Kind) Repeats() bool { return k == Reminder || k == News }
