package booking

import "time"

// Lang is a language tag that texts are written in.
type Lang string

const (
	Korean  Lang = "ko"
	English Lang = "en"
)

// Names is one name in several languages.
type Names map[Lang]string

// In returns the name in the language, or in Korean, or in English, or any.
func (n Names) In(lang Lang) string {
	for _, l := range []Lang{lang, Korean, English} {
		if s := n[l]; s != "" {
			return s
		}
	}
	for _, s := range n {
		return s
	}
	return ""
}

// Mode says whether a campaign is for real.
type Mode string

const (
	// Rehearsal reaches only the phones listed in RehearsalPhones, and is wiped when the campaign goes live.
	Rehearsal Mode = "rehearsal"
	// Live reaches everybody. Load tools refuse to run against it.
	Live Mode = "live"
)

// OrderRule says what decides the order within a queue.
type OrderRule string

const (
	// ByArrival serves people in the order in which they first contacted us.
	ByArrival OrderRule = "arrival"
	// ByDraw makes all who apply within the cohort's window equal: lots decide among them. Who comes after the window stands
	// behind them, by arrival.
	ByDraw OrderRule = "draw"
)

// IdentityRule says what makes two applications the same person.
type IdentityRule string

const (
	// ByPhoneBirthName takes phone, birth date and normalised name together. A helper gives the person's own phone, so
	// that brothers and sisters applying for one mother meet in one entry. It cannot see a person with two phones.
	ByPhoneBirthName IdentityRule = "phone_birth_name"
	// ByNumber takes an official or list number. It sees everybody who has one number only.
	ByNumber IdentityRule = "number"
)

// VerifyRule says when a person must have proven the phone on file.
type VerifyRule string

const (
	// BeforeOffer: only verified people get a slot.
	BeforeOffer VerifyRule = "before_offer"
	// ByOffer: everybody gets an offer, and answering it is the proof.
	ByOffer VerifyRule = "by_offer"
)

// Campaign is one programme. It is data: loaded from a file, versioned in the database, and never code.
type Campaign struct {
	ID      int32 // ours, 0 before it is stored
	Slug    string
	Version int32 // rises with every change that was applied
	Mode    Mode
	Names   Names
	// Keywords are words by which people mean this campaign and no other ("독감"), where several share one number. The first is what it is called
	// when we ask which one is meant. None: its name.
	Keywords []Names
	Zone     *time.Location
	Langs    []Lang // the first is the default
	Identity IdentityRule
	// Number is the pattern of official numbers (RE2), only with ByNumber.
	Number  string
	Phone   string // the number people call or text, as they would dial it
	Settle  time.Duration
	Regions []Region
	Pools   []string
	Cohorts []Cohort
	// Former are cohorts of earlier versions that are no longer in the file: nobody new belongs to them, and their people keep their rules. Not
	// part of the content.
	Former []Cohort
	Sites  []Site
	Slots  []Slot
	Limits Limits
	// Announced is what the public was told, written down by itself and not derived from the cohorts, so that a mistake in
	// the cohorts shows: a refusal of somebody it calls eligible is an error and raises an alarm.
	Announced []Announcement
	Reserves  []Reserve
	Supplies  []Supply
	Series    *Series     // nil: one appointment a person
	Reminders []Reminding // nil: the day before and the morning; RemindedAt
	// NoNews: who waits does not hear once a week that they still do.
	NoNews bool
	// RehearsalPhones are the only numbers a rehearsal may reach.
	RehearsalPhones []Phone
}

// Region is a part of the country that people name ("강남구"). Position is its centre, for "nearest".
type Region struct {
	Code    string
	Names   Names
	Aliases []string // other ways in which people write it
	// Postcodes are those of its addresses; none: people name it only by its name.
	Postcodes []Postcodes
	Position
}

// Position is a point on the earth in degrees (WGS 84).
type Position struct{ Lat, Lon float64 }

// Cohort is a group that may apply from an opening time. People of a cohort enter its queue.
type Cohort struct {
	Code     string
	Names    Names
	BornFrom Date // first birth date that belongs, inclusive
	BornTo   Date // last birth date that belongs, inclusive
	// BirthDigits are the last digits of the day of birth (0 to 9) that belong; empty: all. 12 April has the digit 2.
	BirthDigits []int
	Opens       time.Time
	Closes      time.Time
	FirstRound  time.Time // no slot is given before
	Order       OrderRule
	Verify      VerifyRule
	Queue       string
	Pool        string
	Notice      time.Duration // least time between an offer and its slot
	Declines    int           // how many offers may be declined before the entry waits for an agent
	// Lapse is how long an unanswered offer stays valid after it is known to have been delivered, quiet hours not counted. Zero:
	// silence never costs the appointment.
	Lapse time.Duration
	// Window is the end of a draw's window (exclusive), only with ByDraw. It begins at Opens.
	Window time.Time
	// PublicValue names, before the opening, the public value that enters the draw's seed ("the winning numbers of lottery draw 972").
	PublicValue string
	// Expected is how many people are expected to apply, for the rehearsal's comparison of supply and demand. Zero: unknown.
	Expected int
}

// Announcement is one line of what the public was told: people born between two days may apply from one instant to
// another.
type Announcement struct {
	BornFrom    Date
	BornTo      Date  // inclusive
	BirthDigits []int // as Cohort.BirthDigits
	Opens       time.Time
	Closes      time.Time // exclusive
}

// Reserve keeps a part of each slot's capacity for some people until it is released.
type Reserve struct {
	Cohorts []string      // whose people may take it
	Later   bool          // people with a later dose of a series may take it
	Sites   []string      // at these sites; empty: everywhere. No site has two reserves.
	Percent int           // of a slot's capacity, 1 to 100, rounded down
	Release time.Duration // before the slot's start; from then on it is anybody's
}

// Supply is what one site has for one period (doses, tests, forms), beside its slots. Appointments in the period never
// exceed it.
type Supply struct {
	ID    int64 // ours, 0 before it is stored
	Site  string
	From  Date // first day
	To    Date // last day, inclusive. The periods of a site do not overlap.
	Doses int
}

// Series makes an attended appointment be followed by another one.
type Series struct {
	Doses    int           // how many appointments a person gets in all, 2 to 4
	Least    time.Duration // between the starts of two of them, at least, as clocks show them: 21 days keep the hour (db/again.go)
	Most     time.Duration // between the starts of two of them, at most
	SameSite bool          // at the site of the one before
}

// Site is a place where appointments happen.
type Site struct {
	Code    string
	Names   Names
	Region  string
	Address Names
	Tags    []string // what it has: "step-free", "interpreter-en", "home-visit"; people's needs name them
	Position
}

// Slot is one period at one site with room for Capacity people.
type Slot struct {
	ID       int64 // ours, 0 before it is stored
	Site     string
	Pool     string
	Starts   time.Time
	Ends     time.Time
	Capacity int
}

// Limits keep a campaign from being used to waste money or to flood a phone. Zero means the default in brackets.
type Limits struct {
	PeoplePerPhone     int           // entries that one phone may carry (6)
	CodesPerPhoneHour  int           // verification codes to one number in an hour (3)
	CodesPerPhoneDay   int           // verification codes to one number in a day (6)
	CodesPerAddrHour   int           // code requests from one network address in an hour (60)
	TextsPerDay        int           // outgoing texts of the whole campaign in a day; the spend cap (200,000)
	TextsPerPhoneDay   int           // outgoing texts to one number in a day, of whatever kind (40)
	AllowedPrefixes    []string      // country prefixes that may be texted (["+82"])
	TextsPerSecond     int           // pace towards the provider (100, a short code)
	CallsPerSecond     int           // pace of outgoing calls (1, a provider's default)
	ContactLife        time.Duration // how long an incomplete text conversation keeps its first contact (30 minutes)
	QuietFrom, QuietTo int           // hours of the day between which no unasked text is sent (21, 8)
}

// WithDefaults fills every limit that the campaign file leaves out.
func (l Limits) WithDefaults() Limits {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&l.PeoplePerPhone, 6)
	def(&l.CodesPerPhoneHour, 3)
	def(&l.CodesPerPhoneDay, 6)
	def(&l.CodesPerAddrHour, 60)
	def(&l.TextsPerDay, 200_000)
	def(&l.TextsPerPhoneDay, 40)
	def(&l.TextsPerSecond, 100)
	def(&l.CallsPerSecond, 1)
	if l.QuietFrom == 0 && l.QuietTo == 0 {
		l.QuietFrom, l.QuietTo = 21, 8
	}
	if l.ContactLife == 0 {
		l.ContactLife = 30 * time.Minute
	}
	if len(l.AllowedPrefixes) == 0 {
		l.AllowedPrefixes = []string{"+82"}
	}
	return l
}

// Region returns the region with the code.
func (c *Campaign) Region(code string) (Region, bool) {
	for _, r := range c.Regions {
		if r.Code == code {
			return r, true
		}
	}
	return Region{}, false
}

// Cohort returns the cohort with the code, also one that only earlier versions had.
func (c *Campaign) Cohort(code string) (Cohort, bool) {
	for _, all := range [][]Cohort{c.Cohorts, c.Former} {
		for _, k := range all {
			if k.Code == code {
				return k, true
			}
		}
	}
	return Cohort{}, false
}

// Site returns the site with the code.
func (c *Campaign) Site(code string) (Site, bool) {
	for _, s := range c.Sites {
		if s.Code == code {
			return s, true
		}
	}
	return Site{}, false
}
