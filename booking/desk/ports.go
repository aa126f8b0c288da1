package desk

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/vault"
)

// Door is where something came in.
type Door string

const (
	DoorApp   Door = "app"
	DoorSMS   Door = "sms"
	DoorUSSD  Door = "ussd"
	DoorVoice Door = "voice"
	DoorAgent Door = "agent"
)

// Campaign is a campaign as it stands in the database, with its keys.
type Campaign struct {
	*booking.Campaign
	Keys   *vault.Keys
	Queues map[string]Queue // by code
	ETag   string           // changes with every change of the content
	Brakes []booking.Brake  // what an operator has stopped, some seconds ago at least
	// LastEnds is when the last slot ends that has a seat; zero when there is none.
	LastEnds time.Time
}

// Over reports whether there is nothing left to come: nobody can apply any more, and no appointment lies ahead. Whoever has an appointment
// after the closing must still find the campaign.
func (c *Campaign) Over(now time.Time) bool {
	return !slices.ContainsFunc(c.Cohorts, func(k booking.Cohort) bool { return now.Before(k.Closes) }) && !now.Before(c.LastEnds)
}

// Braked reports whether a part of the campaign's work stands still, as far as this node knows.
func (c *Campaign) Braked(what booking.Brake) bool { return slices.Contains(c.Brakes, what) }

// Queue is a queue as it stands in the database.
type Queue struct {
	ID   int32
	Pool int32
}

// Campaigns finds campaigns. It answers from memory, with CodeNoCampaign where there is none.
type Campaigns interface {
	BySlug(slug string) (*Campaign, error)
	ByID(id int32) (*Campaign, error)
	All() []*Campaign // in no order that means anything
}

// Clock tells our time: PostgreSQL's, kept by each node as an offset to its own monotonic clock.
type Clock interface{ Now() time.Time }

// Application is one row for the intake.
type Application struct {
	Campaign   int32
	Version    int32
	ID         booking.ID
	Tie        int64
	Queue      int32
	Cohort     string
	Arrival    time.Time // of the order key: our clock, microseconds
	Told       time.Time // what the maker is told; the same but for somebody who gave up and applies afresh
	Via        Via
	Door       Door
	Actor      string
	Device     *vault.Device // nil where no client holds a secret
	Attested   bool          // an agent has checked who it is
	Region     string
	Wishes     booking.Wishes
	Lang       booking.Lang
	Verify     booking.VerifyRule
	PersonCT   []byte
	Generation int
}

// Stored says what the intake found.
type Stored struct {
	New     bool      // this application made the entry
	Own     bool      // the entry was made with this very device (New implies Own where there is a device)
	Serial  int64     // the entry's
	Arrival time.Time // the entry's when Own, otherwise what is kept for this device
	// Freed means that the entry was withdrawn or given up, and the person may apply again as the next generation.
	Freed   bool
	FreedAt time.Time // when it was withdrawn; zero when the identity was given up by a correction
	// AliasOf is set when the identity belongs to another entry since a correction.
	AliasOf *booking.ID
	// Kept is AliasOf where this device introduced itself under the identity, and so keeps the reference that it has.
	Kept *booking.ID
}

// Intake stores applications durably.
type Intake interface {
	// Store returns after the row is committed. It returns CodeOverloaded when the intake is full, the database is away
	// or too slow; the row may be stored all the same, and storing it again finds it. It returns CodeConflict when the entry was
	// withdrawn and this very device has proven its phone: withdrawn is withdrawn.
	Store(ctx context.Context, a Application) (Stored, error)
	// Open returns CodeOverloaded when Store would refuse at once. It costs next to nothing and asks no database.
	Open() error
}

// Entry is one registration as it stands.
type Entry struct {
	Campaign    int32
	ID          booking.ID
	Serial      int64
	Queue       int32
	QueueCode   string
	Cohort      string
	Arrival     time.Time
	ReceivedAt  time.Time // what the maker was told; Arrival may be earlier
	Door        Door
	Device      *vault.Device
	Region      string
	Wishes      booking.Wishes
	Lang        booking.Lang
	PersonCT    []byte
	Generation  int
	Withdrawn   bool
	AliasOf     *booking.ID
	Verified    bool  // somebody has proven the phone, or an agent has attested
	Place       int64 // 0 before sealing
	PlaceLate   bool
	SealedTo    int64 // of the queue
	Drawn       bool  // the queue is drawn, and this entry arrived within the window
	BeforeDraw  bool  // the queue is drawn, and that has not happened yet
	Unsealed    int64 // an estimate of how many unsealed entries stand before this one; 0 after sealing
	Appointment *Appointment
	SwapAsked   bool    // another appointment is looked for, and the present one kept until then
	Helper      *Helper // who reads along and may answer; nil: nobody
}

// Appointment is an open or past appointment with what a person needs to know about it.
type Appointment struct {
	ID     int64
	State  booking.AppointmentState
	Site   string
	Starts time.Time
	Ends   time.Time
}

// Helper is a phone that gets copies of an entry's texts and may answer them.
type Helper struct {
	ID    int64 // of this naming; 0 for one to be made
	Phone vault.Hash
	CT    []byte // the number, sealed for the registration's row (OpenHelper)
}

// Glance is what one device may know of an entry, and what only the desk may.
type Glance struct {
	Proven     bool          // it has proven the phone on file
	Applied    bool          // it has applied itself
	ReceivedAt time.Time     // when its own application came; zero when it has not applied
	Introduced *Introduction // what it told when it introduced itself; nil when it did not
	// Entry is what the reference leads to: its own id, or the entry whose identity that is since a correction. nil when there is none. It
	// is nothing for a device to know.
	Entry *booking.ID
}

// Introduction is a person for whom a device says that it speaks, without applying.
type Introduction struct {
	PersonCT []byte
	Phone    vault.Hash // of the person's phone, which is the one that the device proves
	Region   string
	Wishes   booking.Wishes
	Lang     booking.Lang
	At       time.Time // the first time
	Proven   bool      // the device has proven that phone
}

// Ordered is one announced place, for whoever checks the order.
type Ordered struct {
	Number  int64
	Arrival time.Time // of the order key
	Late    string
	ID      booking.ID
	Serial  int64
	Door    Door
	Device  *vault.Device // that made the entry; nil where no client holds a secret
}

// Change is who does what to which registration. Every change of an entry carries one, so that repeating it is safe and
// the audit trail has an actor.
type Change struct {
	Campaign  int32
	ID        booking.ID
	Device    vault.Device // zero where there is none
	Operation uuid.UUID
	Kind      string
	Digest    []byte // keyed digest of the content
	// Base is the revision that the entry must still have, compared under the entry's lock; CodeConflict when it has another one. Empty:
	// the latest change counts.
	Base  string
	Actor string
	At    time.Time
}

// Correction is a person's data after a correction.
type Correction struct {
	NewID    booking.ID   // the identity under the corrected data; equal to the old one when it did not change
	Later    []booking.ID // under which whoever has that identity may have applied again
	PersonCT []byte       // sealed for the registration's row
	NewTie   int64
	// Generation is the new identity's.
	Generation int
	Region     string
	Lookups    []Lookup
}

// Lookup is one look-up hash.
type Lookup struct {
	Kind booking.LookupKind
	Hash vault.Hash
}

// CodeRequest asks for a verification code to be texted to the phone on file, or to that of the device's introduction.
type CodeRequest struct {
	Phone      vault.Hash
	Address    vault.Hash
	Limits     booking.Limits
	Introduced bool // to the introduction's phone
}

// Book reads and changes entries. Each method is one transaction, safe to repeat with the same Change: it then returns
// what it returned the first time. All changing methods return CodeReused when the operation id was used with other
// data, CodeConflict when the entry's state does not allow the change, and CodeUnauthorized when there is no entry.
type Book interface {
	Entry(ctx context.Context, campaign int32, id booking.ID) (Entry, error)
	// Glance says what a device may know of an entry before anything else is read: cheap, because at the peak nearly
	// everybody who asks has proven nothing yet. It returns CodeUnauthorized when the device never applied nor introduced itself, and
	// when it was removed.
	Glance(ctx context.Context, campaign int32, id booking.ID, device vault.Device) (Glance, error)
	// BySerial finds the entry with a serial, or the one that it became by a correction. It returns CodeUnauthorized.
	BySerial(ctx context.Context, campaign int32, serial int64) (booking.ID, error)
	// Order lists a queue's announced places by number, after one of them, at most limit.
	Order(ctx context.Context, queue int32, after int64, limit int) ([]Ordered, error)
	// FreeTimes counts the slots of a site with seats that a round could give to anybody, earliest first, at most limit. notice has the campaign's
	// pools, with the least time between an offer and its slot; slots of others are left out. Queues are not filled in.
	FreeTimes(ctx context.Context, campaign int32, site string, notice map[int32]time.Duration, limit int) (FreeTimes, error)
	// Explanation reads what is recorded about an entry's appointments. It returns CodeUnauthorized.
	Explanation(ctx context.Context, campaign int32, id booking.ID) (booking.Explanation, error)
	// Correct changes a person's data and keeps the place. The phone on file was proven by this actor.
	Correct(ctx context.Context, c Change, to Correction) error
	SetWishes(ctx context.Context, c Change, region string, w booking.Wishes) error
	// SetLang changes in which language the entry's texts are.
	SetLang(ctx context.Context, c Change, lang booking.Lang) error
	// Answer moves the entry's open appointment to the state and tells the person. appointment 0 means "whichever is open".
	Answer(ctx context.Context, c Change, appointment int64, to booking.AppointmentState) error
	Withdraw(ctx context.Context, c Change) error
	// AskSwap replaces the wishes and looks for another appointment by them; the open one is kept until then. A wish that is open
	// already is replaced. It returns CodeConflict when there is no appointment ahead.
	AskSwap(ctx context.Context, c Change, region string, w booking.Wishes) error
	// DropSwap takes the wish for another appointment back. It returns CodeConflict when there is none.
	DropSwap(ctx context.Context, c Change) error
	// Mark writes down that the first open appointment was attended or missed, and lets the next one of a series wait. Marking the same
	// again changes nothing. It returns CodeConflict when there is nothing to mark or it is too early to say.
	Mark(ctx context.Context, c Change, to booking.AppointmentState) error
	// RequestCode queues a code for the phone on file. It returns CodeTooMany when this device or its network address
	// asked too often. At the phone's own limit it returns nil and queues nothing, because the number of codes that
	// others asked for is not this device's business (law 11).
	RequestCode(ctx context.Context, c Change, r CodeRequest) error
	// OpenCodes lists the ids of the code requests of this device that could be answered now: unused, at most an hour
	// after their sending, fewer than 5 wrong tries; newest first, at most 5. A code belongs to the device that asked for it, so that
	// nobody can use up somebody else's tries.
	// Only codes that went to the phone that is on file now: the owner of an earlier one must not get in.
	OpenCodes(ctx context.Context, campaign int32, id booking.ID, device vault.Device, phone vault.Hash, now time.Time) ([]int64, error)
	// Verify records the proof and marks the code used, or counts a wrong try when a code was given and request is 0
	// (then CodeWrongCode). method is "code", "reply", "agent" or "offer". A code proves the phone that it was texted to: the introduction's if
	// that is its phone, and the entry's if that is its phone.
	Verify(ctx context.Context, c Change, method string, request int64) error
	// Stands reads how a device stands with ids of a person; those that are not in the answer are nobody's.
	Stands(ctx context.Context, campaign int32, ids []booking.ID, device vault.Device) (map[booking.ID]Stand, error)
	// Introduce keeps an introduction, or replaces what is kept of one, and returns when the first came. Another phone must be proven anew.
	Introduce(ctx context.Context, c Change, i Introduction) (time.Time, error)
	// Carry makes a proof that a device gave before there was an entry, c.ID, one of the entry's, which has the same phone.
	Carry(ctx context.Context, c Change) error
	// RemoveThis shuts out the change's own device and forgets what it introduced under c.ID. entry is the entry whose phone the device has
	// proven, nil when it has not. It returns CodeUnauthorized when another operation has removed the device before.
	RemoveThis(ctx context.Context, c Change, entry *booking.ID) error
	// RemoveOthers shuts out every other device that has proven the entry's phone, or this phone when introducing itself under c.ID.
	RemoveOthers(ctx context.Context, c Change, entry *booking.ID, phone vault.Hash) error
	// SetHelper lets a phone read along and answer, instead of whoever did before, and tells those whom it concerns. The same phone again
	// changes nothing. It returns CodeConflict when the phone is helper of limit other entries already.
	SetHelper(ctx context.Context, c Change, h Helper, limit int) error
	// EndHelper ends what the helper may: of helper if it is not 0, otherwise of whoever it is. No helper is no error. why is "removed" (by the
	// person) or "declined" (by the helper).
	EndHelper(ctx context.Context, c Change, helper int64, why string) error
	// Refuse writes down that whoever has the phone on file knows nothing of the application: the entry is held back from rounds, nothing
	// more is texted there, and an agent looks. It is no withdrawal. Refusing again changes nothing. Verify undoes it.
	Refuse(ctx context.Context, c Change, phone vault.Hash) error
	// Early keeps under its operation id that a change came before there was an entry, and returns CodeConflict. Whatever comes under that id
	// later has the same outcome.
	Early(ctx context.Context, c Change) error
	// Thread reads the newest texts between us and an entry's phone or helper, at most limit, and writes down who looked. Texts of ours come
	// with the data that they are made of, and without codes.
	Thread(ctx context.Context, c *Campaign, e Entry, limit int, actor string, at time.Time) ([]ThreadText, error)
	// Note opens an item on the agents' list and writes the audit trail.
	Note(ctx context.Context, c Change, reason string) error
}
