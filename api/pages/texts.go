package pages

import (
	"fmt"

	"jari/booking"
	"jari/mobile-contract/contract"
)

// texts are the words of the pages in one language. A %s is a number, an instant or a length of time, as the field's example shows.
type texts struct {
	// Every page.
	Tongue, Skip, TongueLabel, Home string

	// The page at /.
	LandingTitle, LandingLead             string
	Kinds                                 map[Kind]string
	Campaigns, NoCampaign, WhoWhen        string
	Modes                                 map[booking.Mode]string
	DemoMode                              string // in a mode's place
	Open, Over, NotYet                    string // "opens at %s"
	CohortLater, CohortLaterDrawn         string // from %s to %s; from %s, and those before %s are equal
	CohortOpen, CohortOpenDrawn           string // until %s; before %s they are equal, and until %s
	CohortOver                            string // since %s
	CallOrText, App, AppAbout             string
	Board, Wall                           string
	Phones, PhonesAbout                   string
	SandboxTitle, SandboxAbout            string
	SandboxPeople, SandboxClock           string
	SandboxTexts, SandboxFirst            string
	Engineers, Contract, OurTime, Offline string
	Reference, Health, Zone               string            // "times are those of %s"
	Zones                                 map[string]string // zones by their names among people

	// A board.
	BoardTitle                            string // of %s
	BoardRehearsal                        string
	BoardLead, AsOf                       string // "as of %s"
	LookAgain, RefreshOn, RefreshOff      string
	Refreshing                            string
	OneQueue, AllQueues                   string
	Notice, NotCounted                    string
	Applied, AppliedAbout, AppliedGuess   string // people
	SealedTo, SealedToAbout, SealedDrawn  string
	ServedTo, ServedToAbout               string
	Assured, AssuredAbout                 string
	Served, ServedAbout                   string
	Withdrawn, WithdrawnAbout             string
	Late, LateAbout                       string
	People                                [2]string // "%s person", "%s people"
	UpTo, Nobody, Unknown, None           string    // "up to %s"
	Pace, PaceBetween, PaceAbout          string    // "%s to %s an hour"
	PaceSame                              string    // "about %s an hour"
	Paces                                 map[contract.QueueRateState]string
	Next, OpensAt, FirstRoundAt, WindowAt string // "opens at %s" and so on
	RoundsGoOn                            string
	DrawTitle, DrawEntries                string // "%s stand on the list"
	DrawCommitment, DrawDigest            string
	DrawValueName, DrawValue              string

	// Your number.
	AskTitle, AskLabel, AskHint, AskButton string
	NumberUnreadable, NumberNotOut         string // "%s is not out; up to %s are"
	NoNumberOut                            string
	BeforeHeading, NumberHeading           string // "before number %s", "number %s"
	BeforeNobody                           string
	BeforeExactly                          [2]string // "%s person", "%s people"
	BeforeBetween                          string    // "between %s and %s"
	BeforeCaution                          string
	WaitUnknown, WaitOpen, WaitBetween     string // "from %s on"; "between %s and %s"
	WaitSoon                               string
	NumberAssured, NumberNotAssured        string
	NumberMayBeLate                        string
	NumberServed, AskBy                    string // "call or text %s"
	Days, Hours, Minutes                   [2]string
}

// textsIn finds the words of a language.
func textsIn(lang booking.Lang) *texts {
	if lang == booking.Korean {
		return &koreanTexts
	}
	return &englishTexts
}

// sprintf fills in a text. The texts are ours; a test sees to it that both languages take the same.
func sprintf(text string, values ...any) string { return fmt.Sprintf(text, values...) }
