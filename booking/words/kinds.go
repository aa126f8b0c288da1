package words

// trait is something that is so of all texts of a kind.
type trait int

const (
	nameless trait = 1 << iota // they name nobody: they answer a phone that may have no entry
	readBack                   // they read back what we understood, and are answered with a choice
	private                    // they are for the phone on file alone: codes, what proves the phone, what is said about the helper
	tells                      // they tell a person of an appointment
	repeats                    // they only say again what the person was told before
)

// facts are what is so of all texts of a kind.
type facts struct {
	kind  Kind
	is    trait
	needs string // fields of Data without which such a text must not go out, beside the reference and the name
}

// kinds lists every kind, in the order in which lint goes through them.
var kinds = []facts{
	{Registered, private, "First"},
	{Welcome, 0, ""},
	{Code, private, "Code"},
	{Offer, tells, "Starts Site First"},
	{Confirmed, 0, "Starts Site"},
	{Declined, 0, ""},
	{Cancelled, 0, ""},
	{Withdrawn, 0, ""},
	{NoTime, 0, ""},
	{Lapsed, 0, ""},
	{Missed, 0, ""},
	{Changed, tells, "Starts Site WasStarts"},
	{Moved, tells, "Starts Site WasStarts"},
	{Redated, tells, "Starts Site WasStarts"},
	{SwapNoted, 0, ""},
	{SwapDropped, 0, ""},
	{Corrected, 0, ""},
	{Status, 0, ""}, // and as much as its State asks for, like Why
	{Why, 0, ""},
	{HelperSet, private, "Helper"},
	{HelperGone, private, ""},
	{HelperNamed, private, "First"},
	{HelperOver, private, ""},
	{AskMissing, nameless, "Missing"},
	{NearRegion, nameless, "First Region"},
	{OneEach, nameless, ""},
	{WhichCampaign, nameless, "First Choices"},
	{NotOpenYet, nameless, "First At"},
	{ReminderNoted, nameless, "At"},
	{Opened, nameless, ""},
	{Closed, nameless, "At"},
	{NotEligible, nameless, ""},
	{ReceivedForOther, nameless, ""},
	{TooMany, nameless, ""},
	{NoEntry, nameless, ""},
	{Help, nameless, ""},
	{HelpOwn, nameless, ""},
	{Noted, 0, ""},
	{UnknownNumber, nameless, ""},
	{NotNow, nameless, ""},
	{Refused, nameless | readBack, "First"},
	{WishRead, readBack, "First"},
	{SwapRead, readBack, "First"},
	{CorrectRead, readBack, "First News"},
	{HelperRead, readBack, "First News.Phone"},
	{HelperEndRead, readBack, "First"},
	{TogetherRead, nameless | readBack, "First"},
	{CancelRead, readBack, "First"},
	{DeclineRead, readBack, "First"},
	{WithdrawRead, readBack, "First"},
	{WhichPerson, nameless | readBack, "First Names"},
	{AskWishes, nameless, ""},
	{AskCorrection, nameless, ""},
	{AskHelper, nameless, ""},
	{AskTogether, nameless, ""},
	{HouseholdCode, private, "Code"},
	{HelperMayNot, private, ""},
	{LangSet, nameless, ""},
	{CallOwed, nameless, ""},
	{PhoneMoved, nameless, ""},
	{Reminder, repeats, "Starts Site First"},
	{News, repeats, ""},
	{Correction, nameless, "Words"},
}

var factsOf = func() map[Kind]facts {
	out := make(map[Kind]facts, len(kinds))
	for _, f := range kinds {
		out[f.kind] = f
	}
	return out
}()

// Kinds lists every kind.
func Kinds() []Kind {
	out := make([]Kind, len(kinds))
	for i, f := range kinds {
		out[i] = f.kind
	}
	return out
}

func (k Kind) is(t trait) bool { return factsOf[k].is&t != 0 }

// NamesPerson reports whether texts of the kind name the person they are about, masked. The others answer a phone that
// may have no entry.
func (k Kind) NamesPerson() bool { return !k.is(nameless) }

// Chosen reports whether a text of the kind reads back what we understood, and is answered with a choice.
func (k Kind) Chosen() bool { return k.is(readBack) }

// Copied reports whether a helper reads what the person is told by a text of the kind. Codes and the question that proves the phone
// are for the phone on file alone, and so is what is said about the helper.
func (k Kind) Copied() bool { return !k.is(nameless | readBack | private) }

// TellsAppointment reports whether a text of the kind is the one that tells a person of an appointment.
func (k Kind) TellsAppointment() bool { return k.is(tells) }

// Repeats reports whether a text of the kind only says again what the person was told before.
func (k Kind) Repeats() bool { return k.is(repeats) }
