package api_test

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// memory holds the desk's ports in memory, just enough of them for what the door shows. The same tests can run over any
// other world.
type memory struct {
	mu         sync.Mutex
	now        time.Time
	campaign   *desk.Campaign
	entries    map[booking.ID]*desk.Entry
	claims     map[claim]time.Time
	introduced map[claim]*desk.Introduction
	removed    map[claim]bool
	proofs     map[claim]bool
	swaps      map[booking.ID]bool
	operations map[operation]done
	codes      []codeRow
	overloaded bool
	stamps     *booking.StampRing
	breaks     bool // every reading of an entry or a count fails
	counts     int  // of free times
	panics     any
}

type claim struct {
	id     booking.ID
	device vault.Device
}

type operation struct {
	device vault.Device
	id     uuid.UUID
}

type done struct {
	kind   string
	digest []byte
	err    error
}

type codeRow struct {
	id     booking.ID
	device vault.Device
	used   bool
}

var seoul = time.FixedZone("Asia/Seoul", 9*60*60)

// opening is when the cohort of 1967 and 1968 opens.
var opening = time.Date(2021, 7, 19, 20, 0, 0, 0, seoul)

func newMemory(t testing.TB) *memory {
	t.Helper()
	master, err := vault.NewMaster(vault.NewMasterKey())
	if err != nil {
		t.Fatal(err)
	}
	const slug = "seoul-2021"
	blob, err := master.Generate(slug)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := master.Open(slug, blob)
	if err != nil {
		t.Fatal(err)
	}
	cohort := func(code string, from, to int, opens time.Time) booking.Cohort {
		return booking.Cohort{
			Code: code, Names: booking.Names{booking.Korean: "대상", booking.English: "Cohort"},
			BornFrom: booking.Date{Year: from, Month: 1, Day: 1}, BornTo: booking.Date{Year: to, Month: 12, Day: 31},
			Opens: opens, Closes: opens.Add(5 * 24 * time.Hour), FirstRound: opens.Add(15 * time.Minute),
			Order: booking.ByArrival, Verify: booking.BeforeOffer, Queue: code, Pool: "seoul", Declines: 3,
		}
	}
	c := &booking.Campaign{
		ID: 1, Slug: slug, Version: 1, Mode: booking.Live, Zone: seoul, Phone: "02-0000-1234",
		Names: booking.Names{booking.Korean: "서울 예방접종", booking.English: "Seoul vaccination"},
		Langs: []booking.Lang{booking.Korean, booking.English}, Identity: booking.ByPhoneBirthName,
		Settle: 30 * time.Second, Pools: []string{"seoul"}, Limits: booking.Limits{}.WithDefaults(),
		Regions: []booking.Region{
			{Code: "gangnam", Names: booking.Names{booking.Korean: "강남구", booking.English: "Gangnam-gu"}, Position: booking.Position{Lat: 37.5, Lon: 127.05}},
			{Code: "jongno", Names: booking.Names{booking.Korean: "종로구", booking.English: "Jongno-gu"}, Position: booking.Position{Lat: 37.57, Lon: 126.98}},
		},
		Sites: []booking.Site{{
			Code: "gangnam", Region: "gangnam", Names: booking.Names{booking.Korean: "강남구 예방접종센터"},
			Address: booking.Names{booking.Korean: "강남구 1길 1"}, Position: booking.Position{Lat: 37.5, Lon: 127.05},
			Tags: []string{"step-free", "interpreter-en"},
		}, {
			Code: "jongno", Region: "jongno", Names: booking.Names{booking.Korean: "종로구 보건소", booking.English: "Jongno Health Centre"},
			Address: booking.Names{booking.Korean: "종로구 2길 2"}, Position: booking.Position{Lat: 37.57, Lon: 126.98}, Tags: []string{"home-visit"},
		}},
		Cohorts: []booking.Cohort{
			cohort("born-1967-1968", 1967, 1968, opening),
			cohort("born-1969-1971", 1969, 1971, opening.Add(24*time.Hour)),
			cohort("born-1962-1966", 1962, 1966, opening.Add(-7*24*time.Hour)),
		},
	}
	queues := map[string]desk.Queue{}
	for i, k := range c.Cohorts {
		queues[k.Queue] = desk.Queue{ID: int32(i + 1), Pool: int32(1 + i/2)}
	}
	stamps, err := booking.NewStampRing(bytes.Repeat([]byte{7}, 32)) // a fixed key, so that the cases' answers are fixed
	if err != nil {
		t.Fatal(err)
	}
	return &memory{
		stamps: stamps,
		now:    opening, campaign: &desk.Campaign{Campaign: c, Keys: keys, Queues: queues, ETag: "1", LastEnds: opening.Add(8*24*time.Hour - 2*time.Hour)},
		entries: map[booking.ID]*desk.Entry{}, claims: map[claim]time.Time{}, introduced: map[claim]*desk.Introduction{}, removed: map[claim]bool{}, proofs: map[claim]bool{}, swaps: map[booking.ID]bool{}, operations: map[operation]done{},
	}
}

func (m *memory) desk() *desk.Desk {
	return desk.New(desk.Ports{Campaigns: m, Intake: m, Book: m, Clock: m, Stamps: m.stamps})
}

// What a test can do to the world.

func (m *memory) setNow(t time.Time)    { m.mu.Lock(); defer m.mu.Unlock(); m.now = t }
func (m *memory) setOverloaded(on bool) { m.mu.Lock(); defer m.mu.Unlock(); m.overloaded = on }
func (m *memory) rehearse()             { m.mu.Lock(); defer m.mu.Unlock(); m.campaign.Mode = booking.Rehearsal }
func (m *memory) setBroken(on bool)     { m.mu.Lock(); defer m.mu.Unlock(); m.breaks = on }
func (m *memory) setPanic(v any)        { m.mu.Lock(); defer m.mu.Unlock(); m.panics = v }
func (m *memory) wipe()                 { m.mu.Lock(); defer m.mu.Unlock(); clear(m.entries); clear(m.claims) }
func (m *memory) count() int            { m.mu.Lock(); defer m.mu.Unlock(); return len(m.entries) }
func (m *memory) slug() string          { return m.campaign.Slug }
func (m *memory) lastCode() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.codes)
	return m.campaign.Keys.Code(m.codes[n-1].id, int64(n))
}

// seal gives every entry its place; offer gives every waiting one an appointment.
func (m *memory) seal() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.entries {
		e.Place, e.Unsealed, e.SealedTo = e.Serial, 0, int64(len(m.entries))
	}
}

func (m *memory) offer() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.entries {
		starts := time.Date(2021, 7, 28, 0, 30, 0, 0, time.UTC)
		e.Appointment = &desk.Appointment{ID: e.Serial, State: booking.Offered, Site: "gangnam", Starts: starts, Ends: starts.Add(30 * time.Minute)}
	}
}

// enter puts the owner's application among the entries.
func (m *memory) enter(t *testing.T) booking.ID {
	t.Helper()
	id, device := booking.ID{1}, m.campaign.Keys.Device(ownerSecret)
	phone, err := booking.ParseE164("+821000001234")
	if err != nil {
		t.Fatal(err)
	}
	ct, err := m.campaign.Keys.SealPerson(id, booking.Person{Name: "홍길동", Born: booking.Date{Year: 1968, Month: 4, Day: 12}, Phone: phone})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Store(t.Context(), desk.Application{Campaign: 1, ID: id, Queue: 1, Cohort: "born-1967-1968", Arrival: m.now, Device: &device, PersonCT: ct}); err != nil {
		t.Fatal(err)
	}
	return id
}

// desk.Clock and desk.Campaigns.

func (m *memory) Now() time.Time { m.mu.Lock(); defer m.mu.Unlock(); return m.now }

func (m *memory) BySlug(slug string) (*desk.Campaign, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.panics != nil {
		panic(m.panics)
	}
	if slug != m.campaign.Slug {
		return nil, booking.Fail(booking.CodeNoCampaign, nil)
	}
	return m.campaign, nil
}

func (m *memory) ByID(id int32) (*desk.Campaign, error) {
	if id != m.campaign.ID {
		return nil, booking.Fail(booking.CodeNoCampaign, nil)
	}
	return m.campaign, nil
}

func (m *memory) FreeTimes(_ context.Context, _ int32, site string, _ map[int32]time.Duration, _ int) (desk.FreeTimes, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts++
	if m.breaks {
		return desk.FreeTimes{}, errBroken
	}
	free := desk.FreeTimes{AsOf: m.now}
	if site == "gangnam" {
		for i := range 3 {
			starts := opening.Add(time.Duration(24+i) * time.Hour)
			free.Times = append(free.Times, desk.FreeTime{Starts: starts, Ends: starts.Add(time.Hour), Free: int64(3 - i), Pool: int32(1 + i/2)})
		}
	}
	return free, nil
}

func (m *memory) All() []*desk.Campaign { return []*desk.Campaign{m.campaign} }

// desk.Intake.

func (m *memory) Store(_ context.Context, a desk.Application) (desk.Stored, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.overloaded {
		return desk.Stored{}, booking.Fail(booking.CodeOverloaded, nil)
	}
	e, ok := m.entries[a.ID]
	if !ok {
		queue := ""
		for code, q := range m.campaign.Queues {
			if q.ID == a.Queue {
				queue = code
			}
		}
		e = &desk.Entry{
			Campaign: a.Campaign, ID: a.ID, Serial: int64(len(m.entries) + 1), Queue: a.Queue, QueueCode: queue, Cohort: a.Cohort,
			Arrival: a.Arrival, ReceivedAt: a.Arrival, Door: a.Door, Device: a.Device, Region: a.Region, Wishes: a.Wishes, Lang: a.Lang,
			PersonCT: a.PersonCT, Generation: a.Generation, Verified: a.Attested, Unsealed: int64(len(m.entries)),
		}
		m.entries[a.ID] = e
		return desk.Stored{New: true, Own: true, Serial: e.Serial, Arrival: e.Arrival}, nil
	}
	if a.Device != nil && m.introduced[claim{a.ID, *a.Device}] != nil && e.Withdrawn {
		e = &desk.Entry{Serial: e.Serial}
	}
	if e.Withdrawn && a.Device != nil && m.proofs[claim{a.ID, *a.Device}] {
		return desk.Stored{}, booking.Fail(booking.CodeConflict, nil)
	}
	if e.Withdrawn {
		return desk.Stored{Freed: true}, nil
	}
	if a.Device == nil || e.Device != nil && e.Device.Equal(*a.Device) {
		return desk.Stored{Own: a.Device != nil, Serial: e.Serial, Arrival: e.Arrival}, nil
	}
	k := claim{a.ID, *a.Device}
	if _, ok := m.claims[k]; !ok {
		m.claims[k] = a.Arrival
	}
	return desk.Stored{Serial: e.Serial, Arrival: m.claims[k]}, nil
}

func (m *memory) Open() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.overloaded {
		return booking.Fail(booking.CodeOverloaded, nil)
	}
	return nil
}

// desk.Book.

func (m *memory) Entry(_ context.Context, _ int32, id booking.ID) (desk.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.breaks {
		return desk.Entry{}, errBroken
	}
	if e, ok := m.entries[id]; ok {
		return m.seen(e), nil
	}
	return desk.Entry{}, booking.Fail(booking.CodeUnauthorized, nil)
}

// seen is an entry as a reader sees it.
func (m *memory) seen(e *desk.Entry) desk.Entry {
	out := *e
	out.SwapAsked = m.swaps[e.ID]
	return out
}

func (m *memory) Glance(_ context.Context, _ int32, id booking.ID, device vault.Device) (desk.Glance, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.breaks {
		return desk.Glance{}, errBroken
	}
	k := claim{id, device}
	var g desk.Glance
	g.ReceivedAt, g.Applied = m.claims[k]
	if i, ok := m.introduced[k]; ok {
		was := *i
		g.Introduced = &was
	}
	if e, ok := m.entries[id]; ok {
		g.Entry = &e.ID
		g.Proven = m.proofs[k]
		if e.Device != nil && e.Device.Equal(device) {
			g.ReceivedAt, g.Applied = e.ReceivedAt, true
		}
	}
	if m.removed[k] || !g.Proven && !g.Applied && g.Introduced == nil {
		return desk.Glance{}, booking.Fail(booking.CodeUnauthorized, nil)
	}
	return g, nil
}

// Explanation says what a round would have recorded of the appointments that offer makes.
func (m *memory) Explanation(_ context.Context, _ int32, id booking.ID) (booking.Explanation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[id]
	if !ok {
		return booking.Explanation{}, booking.Fail(booking.CodeUnauthorized, nil)
	}
	first := opening.Add(15 * time.Minute)
	out := booking.Explanation{Read: m.now, Arrival: e.Arrival, Number: e.Place, SealedTo: e.SealedTo, First: first, Ready: e.Verified, Declines: 3, Wishes: e.Wishes}
	if a := e.Appointment; a != nil {
		out.WalkedTo = e.Place
		out.Given = []booking.Given{{
			Round: booking.RoundRecord{Number: 1, At: first, Free: 8, Looked: 1, Assigned: 1}, Dose: 1, State: a.State, Site: a.Site, Starts: a.Starts,
			Names: booking.Names{booking.Korean: "강남구 예방접종센터"},
			Rank:  1, Distance: 0, Made: first, Ended: first,
		}}
	}
	return out, nil
}

// once carries a change out unless it was carried out before.
func (m *memory) once(c desk.Change, do func(*desk.Entry) error) error {
	return m.anyOnce(c, func(e *desk.Entry) error {
		if e == nil {
			return booking.Fail(booking.CodeUnauthorized, nil)
		}
		return do(e)
	})
}

// anyOnce is once also for who has no entry.
func (m *memory) anyOnce(c desk.Change, do func(*desk.Entry) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := operation{c.Device, c.Operation}
	if d, ok := m.operations[k]; ok {
		if d.kind != desk.KindEarly && (d.kind != c.Kind || !bytes.Equal(d.digest, c.Digest)) {
			return booking.Fail(booking.CodeReused, nil)
		}
		return d.err
	}
	e, err := m.entries[c.ID], error(nil)
	if e != nil && c.Base != "" {
		if now, failed := desk.Revision(m.seen(e)); failed != nil || c.Base != now {
			err = booking.Fail(booking.CodeConflict, nil)
		}
	}
	if err == nil {
		err = do(e)
	}
	if booking.CodeOf(err) == booking.CodeTooMany {
		return err // to be tried again
	}
	m.operations[k] = done{c.Kind, c.Digest, err}
	return err
}

func (m *memory) Correct(_ context.Context, c desk.Change, to desk.Correction) error {
	return m.once(c, func(e *desk.Entry) error { e.PersonCT, e.Region = to.PersonCT, to.Region; return nil })
}

func (m *memory) SetWishes(_ context.Context, c desk.Change, region string, w booking.Wishes) error {
	return m.once(c, func(e *desk.Entry) error { e.Region, e.Wishes = region, w; return nil })
}

func (m *memory) SetLang(_ context.Context, c desk.Change, lang booking.Lang) error {
	return m.once(c, func(e *desk.Entry) error { e.Lang = lang; return nil })
}

func (m *memory) Answer(_ context.Context, c desk.Change, appointment int64, to booking.AppointmentState) error {
	return m.once(c, func(e *desk.Entry) error {
		if e.Appointment == nil || e.Appointment.ID != appointment || !e.Appointment.State.CanBecome(to) {
			return booking.Fail(booking.CodeConflict, nil)
		}
		a := *e.Appointment
		a.State = to
		e.Appointment = &a
		return nil
	})
}

func (m *memory) Withdraw(_ context.Context, c desk.Change) error {
	return m.once(c, func(e *desk.Entry) error { e.Withdrawn, e.Appointment = true, nil; return nil })
}

func (m *memory) AskSwap(_ context.Context, c desk.Change, region string, w booking.Wishes) error {
	return m.once(c, func(e *desk.Entry) error {
		if e.Appointment == nil || !e.Appointment.State.Open() {
			return booking.Fail(booking.CodeConflict, nil)
		}
		e.Region, e.Wishes = region, w
		m.swaps[e.ID] = true
		return nil
	})
}

func (m *memory) DropSwap(_ context.Context, c desk.Change) error {
	return m.once(c, func(e *desk.Entry) error {
		if !m.swaps[e.ID] {
			return booking.Fail(booking.CodeConflict, nil)
		}
		delete(m.swaps, e.ID)
		return nil
	})
}

func (m *memory) BySerial(_ context.Context, _ int32, serial int64) (booking.ID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.breaks {
		return booking.ID{}, errBroken
	}
	for id, e := range m.entries {
		if e.Serial == serial {
			return id, nil
		}
	}
	return booking.ID{}, booking.Fail(booking.CodeUnauthorized, nil)
}

func (m *memory) Mark(ctx context.Context, c desk.Change, to booking.AppointmentState) error {
	return m.Answer(ctx, c, 0, to)
}

func (m *memory) RequestCode(_ context.Context, c desk.Change, _ desk.CodeRequest) error {
	return m.anyOnce(c, func(*desk.Entry) error {
		if len(m.codes) >= 3 {
			return &booking.Error{Code: booking.CodeTooMany, At: c.At.Add(time.Hour).UTC().Format(time.RFC3339)}
		}
		m.codes = append(m.codes, codeRow{id: c.ID, device: c.Device})
		return nil
	})
}

func (m *memory) OpenCodes(_ context.Context, _ int32, id booking.ID, device vault.Device, _ vault.Hash, _ time.Time) ([]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var open []int64
	for i, r := range m.codes {
		if r.id == id && r.device == device && !r.used {
			open = append(open, int64(i+1))
		}
	}
	return open, nil
}

func (m *memory) Verify(_ context.Context, c desk.Change, method string, request int64) error {
	if method == "agent" {
		return m.once(c, func(e *desk.Entry) error { e.Verified = true; return nil })
	}
	return m.anyOnce(c, func(e *desk.Entry) error {
		if request == 0 {
			return booking.Fail(booking.CodeWrongCode, nil)
		}
		m.codes[request-1].used = true
		if i := m.introduced[claim{c.ID, c.Device}]; i != nil {
			i.Proven = true
		}
		if e == nil {
			return nil
		}
		e.Verified = true
		m.proofs[claim{c.ID, c.Device}] = true
		return nil
	})
}

func (m *memory) Stands(_ context.Context, _ int32, ids []booking.ID, device vault.Device) (map[booking.ID]desk.Stand, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := map[booking.ID]desk.Stand{}
	for _, id := range ids {
		k, e := claim{id, device}, m.entries[id]
		_, claimed := m.claims[k]
		known[id] = desk.Stand{Gone: e != nil && e.Withdrawn, Bound: claimed || m.introduced[k] != nil, Removed: m.removed[k]}
	}
	return known, nil
}

func (m *memory) Introduce(_ context.Context, c desk.Change, i desk.Introduction) (time.Time, error) {
	k := claim{c.ID, c.Device}
	i.At = c.At
	err := m.anyOnce(c, func(*desk.Entry) error {
		if was := m.introduced[k]; was != nil {
			i.At, i.Proven = was.At, was.Proven && was.Phone == i.Phone
		}
		m.introduced[k] = &i
		return nil
	})
	if err != nil {
		return i.At, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.introduced[k].At, nil
}

func (m *memory) Carry(_ context.Context, c desk.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries[c.ID].Verified, m.proofs[claim{c.ID, c.Device}] = true, true
	return nil
}

func (m *memory) RemoveThis(_ context.Context, c desk.Change, _ *booking.ID) error {
	k := claim{c.ID, c.Device}
	return m.anyOnce(c, func(*desk.Entry) error {
		if m.removed[k] {
			return booking.Fail(booking.CodeUnauthorized, nil)
		}
		m.removed[k] = true
		delete(m.introduced, k)
		return nil
	})
}

func (m *memory) RemoveOthers(_ context.Context, c desk.Change, _ *booking.ID, phone vault.Hash) error {
	return m.anyOnce(c, func(*desk.Entry) error {
		for k, i := range m.introduced {
			if k.id == c.ID && !k.device.Equal(c.Device) && i.Proven && i.Phone == phone {
				m.removed[k] = true
			}
		}
		for k := range m.proofs {
			if k.id == c.ID && !k.device.Equal(c.Device) {
				m.removed[k] = true
			}
		}
		return nil
	})
}

func (m *memory) Early(_ context.Context, c desk.Change) error {
	return m.anyOnce(c, func(*desk.Entry) error { return booking.Fail(booking.CodeConflict, nil) })
}

func (m *memory) Note(_ context.Context, c desk.Change, _ string) error {
	return m.once(c, func(*desk.Entry) error { return nil })
}

func (m *memory) Order(_ context.Context, queue int32, after int64, limit int) ([]desk.Ordered, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []desk.Ordered
	for _, e := range m.entries {
		if e.Queue == queue && e.Place > after {
			out = append(out, desk.Ordered{Number: e.Place, Arrival: e.Arrival, ID: e.ID, Serial: e.Serial, Door: e.Door, Device: e.Device})
		}
	}
	slices.SortFunc(out, func(a, b desk.Ordered) int { return int(a.Number - b.Number) })
	return out[:min(limit, len(out))], nil
}

func (m *memory) SetHelper(_ context.Context, c desk.Change, h desk.Helper, limit int) error {
	return m.once(c, func(e *desk.Entry) error {
		others := 0
		for _, o := range m.entries {
			if o.ID != e.ID && o.Helper != nil && o.Helper.Phone == h.Phone {
				others++
			}
		}
		if others >= limit {
			return booking.Fail(booking.CodeConflict, nil)
		}
		e.Helper = &h
		return nil
	})
}

func (m *memory) EndHelper(_ context.Context, c desk.Change, _ int64, _ string) error {
	return m.once(c, func(e *desk.Entry) error { e.Helper = nil; return nil })
}

func (m *memory) Refuse(_ context.Context, c desk.Change, _ vault.Hash) error {
	return m.once(c, func(*desk.Entry) error { return nil })
}
