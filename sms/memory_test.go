package sms_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// memoryHouse is the ports of the desk in memory: what the real ones promise, without a database.
type memoryHouse struct {
	mu        sync.Mutex
	campaign  *desk.Campaign
	now       time.Time
	keepFails bool
	keepHangs chan struct{} // nil: no
	intakeErr error
	finishErr error // returned once

	inbound  []desk.Inbound // id - 1
	talks    map[vault.Hash]desk.Conversation
	outbox   []desk.Message
	entries  map[booking.ID]*desk.Entry
	freed    map[booking.ID]time.Time // when entries were withdrawn
	serial   int64
	calls    []owedCall
	made     map[vault.Hash][]booking.ID
	question []desk.Question
	phoneOf  map[int64]vault.Hash // question → phone
	done     map[string]bool      // operations carried out
	notes    []string
	receipts []string

	proposed map[int64][]byte // text → what was understood of it
	stopped  map[vault.Hash]time.Time
	started  map[vault.Hash]time.Time
}

var errBroken = errors.New("the database is away")

func newHouse(c *booking.Campaign) *memoryHouse {
	m, err := vault.NewMaster(vault.NewMasterKey())
	if err != nil {
		panic(err)
	}
	blob, err := m.Generate(c.Slug)
	if err != nil {
		panic(err)
	}
	keys, err := m.Open(c.Slug, blob)
	if err != nil {
		panic(err)
	}
	return &memoryHouse{
		campaign: &desk.Campaign{Campaign: c, Keys: keys, Queues: map[string]desk.Queue{"q": {ID: 1, Pool: 1}}}, now: at("20:00"),
		talks: map[vault.Hash]desk.Conversation{}, entries: map[booking.ID]*desk.Entry{}, freed: map[booking.ID]time.Time{}, made: map[vault.Hash][]booking.ID{},
		phoneOf: map[int64]vault.Hash{}, done: map[string]bool{},
		proposed: map[int64][]byte{}, stopped: map[vault.Hash]time.Time{}, started: map[vault.Hash]time.Time{},
	}
}

func (m *memoryHouse) lock() func() { m.mu.Lock(); return m.mu.Unlock }

func (m *memoryHouse) Now() time.Time { defer m.lock()(); return m.now }

func (m *memoryHouse) set(t time.Time) { defer m.lock()(); m.now = t }

func (m *memoryHouse) BySlug(slug string) (*desk.Campaign, error) {
	if slug != m.campaign.Slug {
		return nil, booking.Fail(booking.CodeNoCampaign, nil)
	}
	return m.campaign, nil
}
func (m *memoryHouse) ByID(int32) (*desk.Campaign, error) { return m.campaign, nil }
func (m *memoryHouse) All() []*desk.Campaign              { return []*desk.Campaign{m.campaign} }

func (m *memoryHouse) hash(p booking.Phone) vault.Hash {
	return m.campaign.Keys.Lookup(booking.LookupText(booking.LookupPhone, booking.Person{Phone: p}))
}

// Intake.

func (m *memoryHouse) Open() error { return nil }

func (m *memoryHouse) Store(_ context.Context, a desk.Application) (desk.Stored, error) {
	defer m.lock()()
	if m.intakeErr != nil {
		return desk.Stored{}, m.intakeErr
	}
	e, ok := m.entries[a.ID]
	switch {
	case !ok:
		m.serial++
		m.entries[a.ID] = &desk.Entry{
			Campaign: a.Campaign, ID: a.ID, Serial: m.serial, Queue: a.Queue, Cohort: a.Cohort, Arrival: a.Arrival, Door: a.Door, Region: a.Region,
			Lang: a.Lang, PersonCT: a.PersonCT, Generation: a.Generation,
		}
		return desk.Stored{New: true, Serial: m.serial, Arrival: a.Arrival}, nil
	case e.AliasOf != nil:
		return desk.Stored{AliasOf: e.AliasOf}, nil
	case e.Withdrawn:
		return desk.Stored{Freed: true, FreedAt: m.freed[a.ID], Serial: e.Serial, Arrival: e.Arrival}, nil
	}
	if a.Arrival.Before(e.Arrival) {
		e.Arrival = a.Arrival
	}
	return desk.Stored{Serial: e.Serial, Arrival: a.Arrival}, nil
}

// Book.

type memoryBook struct {
	desk.Book // what the text door never calls
	*memoryHouse
}

func (m memoryBook) Entry(_ context.Context, _ int32, id booking.ID) (desk.Entry, error) {
	defer m.lock()()
	if e, ok := m.entries[id]; ok {
		return *e, nil
	}
	return desk.Entry{}, booking.Fail(booking.CodeUnauthorized, nil)
}

// once carries an operation out once; repeating it succeeds.
func (m memoryBook) once(c desk.Change, do func(e *desk.Entry) error) error {
	defer m.lock()()
	if m.done[c.Operation.String()] {
		return nil
	}
	e, ok := m.entries[c.ID]
	switch {
	case !ok:
		return booking.Fail(booking.CodeUnauthorized, nil)
	case e.Withdrawn:
		return booking.Fail(booking.CodeConflict, nil)
	}
	err := do(e)
	m.done[c.Operation.String()] = err == nil
	return err
}

func (m memoryBook) Verify(_ context.Context, c desk.Change, method string, request int64) error {
	return m.once(c, func(e *desk.Entry) error {
		if request != 0 || c.Actor == "" {
			return errBroken
		}
		e.Verified = true
		m.notes = append(m.notes, "verified by "+method)
		return nil
	})
}

func (m memoryBook) Answer(_ context.Context, c desk.Change, appointment int64, to booking.AppointmentState) error {
	return m.once(c, func(e *desk.Entry) error {
		a := e.Appointment
		if a == nil || a.ID != appointment || !a.State.CanBecome(to) {
			return booking.Fail(booking.CodeConflict, nil)
		}
		a.State = to
		m.outbox = append(m.outbox, desk.Message{Entry: &c.ID, Kind: string(to), Dedup: c.Operation.String()})
		return nil
	})
}

func (m memoryBook) Refuse(_ context.Context, c desk.Change, phone vault.Hash) error {
	return m.once(c, func(*desk.Entry) error {
		m.notes = append(m.notes, fmt.Sprintf("refused %t", phone != vault.Hash{}))
		return nil
	})
}

func (m memoryBook) EndHelper(_ context.Context, c desk.Change, helper int64, why string) error {
	return m.once(c, func(e *desk.Entry) error {
		if e.Helper != nil && e.Helper.ID == helper {
			e.Helper = nil
			m.notes = append(m.notes, "helper "+why+" by "+c.Actor)
		}
		return nil
	})
}

func (m memoryBook) SetLang(_ context.Context, c desk.Change, lang booking.Lang) error {
	return m.once(c, func(e *desk.Entry) error { e.Lang = lang; return nil })
}

func (m memoryBook) Note(_ context.Context, c desk.Change, reason string) error {
	return m.once(c, func(*desk.Entry) error { m.notes = append(m.notes, reason); return nil })
}

// Switchboard.

func (m *memoryHouse) Keep(_ context.Context, in desk.Inbound) (int64, bool, error) {
	if m.keepHangs != nil {
		<-m.keepHangs
	}
	defer m.lock()()
	if m.keepFails {
		return 0, false, errBroken
	}
	for i, old := range m.inbound {
		if old.Provider == in.Provider && old.ProviderSID == in.ProviderSID {
			if !old.Handled && in.Arrival.Before(old.Arrival) {
				m.inbound[i].Arrival, m.inbound[i].Via = in.Arrival, in.Via
			}
			return old.ID, false, nil
		}
	}
	in.ID = int64(len(m.inbound) + 1)
	m.inbound = append(m.inbound, in)
	return in.ID, true, nil
}

func (m *memoryHouse) KeepLogged(ctx context.Context, texts []desk.Inbound, _ time.Time) (n int, err error) {
	for _, in := range texts {
		_, fresh, err := m.Keep(ctx, in)
		if err != nil {
			return n, err
		}
		if fresh {
			n++
		}
	}
	return n, nil
}

func (m *memoryHouse) LastCampaign(context.Context, string) (int32, bool, error) {
	return 0, false, nil
}

func (m *memoryHouse) Inbound(_ context.Context, id int64) (desk.Inbound, error) {
	defer m.lock()()
	if id < 1 || int(id) > len(m.inbound) {
		return desk.Inbound{}, booking.Fail(booking.CodeUnauthorized, nil)
	}
	return m.inbound[id-1], nil
}

func (m *memoryHouse) Conversation(_ context.Context, _ int32, phone vault.Hash, now time.Time) (desk.Conversation, error) {
	defer m.lock()()
	v := m.talks[phone]
	if !v.Expires.After(now) {
		return desk.Conversation{Version: v.Version}, nil
	}
	return v, nil
}

func (m *memoryHouse) Finish(_ context.Context, in desk.Inbound, c *desk.Conversation, answers []desk.Message, _ time.Time) error {
	defer m.lock()()
	if err := m.finishErr; err != nil {
		m.finishErr = nil
		return err
	}
	switch kept := m.inbound[in.ID-1]; {
	case kept.Handled:
		return nil
	case !kept.Arrival.Equal(in.Arrival):
		return booking.Fail(booking.CodeConflict, nil)
	}
	if c != nil {
		if m.talks[in.PhoneHash].Version != c.Version {
			return booking.Fail(booking.CodeConflict, nil)
		}
		next := *c
		next.Version++
		m.talks[in.PhoneHash] = next
	}
	m.inbound[in.ID-1].Handled = true
	for _, a := range answers {
		if !slices.ContainsFunc(m.outbox, func(o desk.Message) bool { return o.Dedup == a.Dedup }) {
			m.outbox = append(m.outbox, a)
		}
	}
	return nil
}

func (m *memoryHouse) EntriesByPhone(_ context.Context, _ int32, phone vault.Hash) ([]desk.Entry, error) {
	defer m.lock()()
	var out []desk.Entry
	for _, e := range m.entries {
		p, err := m.campaign.Keys.OpenPerson(e.ID, e.PersonCT)
		if err != nil {
			return nil, err
		}
		if m.hash(p.Phone) == phone || slices.Contains(m.made[phone], e.ID) || e.Helper != nil && e.Helper.Phone == phone {
			out = append(out, *e)
		}
	}
	slices.SortFunc(out, func(a, b desk.Entry) int { return a.Arrival.Compare(b.Arrival) })
	return out, nil
}

func (m *memoryHouse) Question(_ context.Context, _ int32, phone vault.Hash, no int) (desk.Question, bool, error) {
	defer m.lock()()
	for _, q := range slices.Backward(m.question) {
		q.Span = map[string]int{"offer": 3, "verify": 2, "helper": 1, "region": 1, "remind": 1, desk.QuestionChoice: desk.MostChoices}[q.Kind]
		if m.phoneOf[q.ID] == phone && no >= q.FirstNo && no < q.FirstNo+q.Span {
			return q, true, nil
		}
	}
	return desk.Question{}, false, nil
}

// LastQuestion gives a question the message that the outbox would have asked it with.
func (m *memoryHouse) LastQuestion(ctx context.Context, campaign int32, phone vault.Hash, _ time.Time) (desk.Asked, bool, error) {
	return m.AskedAs(ctx, campaign, phone, 0)
}

// AskedAs is the same for one question; 0: the last.
func (m *memoryHouse) AskedAs(_ context.Context, _ int32, phone vault.Hash, id int64) (desk.Asked, bool, error) {
	defer m.lock()()
	for _, q := range slices.Backward(m.question) {
		if m.phoneOf[q.ID] == phone && (id == 0 || q.ID == id) {
			said := map[string]string{"offer": "offer", "verify": "registered", "region": "near_region", "remind": "not_open_yet", "which": "which_campaign", desk.QuestionChoice: cmp.Or(q.About, "withdraw_read")}[q.Kind]
			return desk.Asked{Question: q, Said: said, Params: map[string]string{"lang": "ko", "about": q.About}}, true, nil
		}
	}
	return desk.Asked{}, false, nil
}

func (m *memoryHouse) Answered(_ context.Context, id int64, by desk.Inbound, _ string) error {
	defer m.lock()()
	m.question[id-1].Answered, m.question[id-1].AnsweredBy = true, by.ID
	return nil
}

func (m *memoryHouse) Made(_ context.Context, _ int32, phone vault.Hash, entry booking.ID, limit int, _ time.Time) error {
	defer m.lock()()
	switch {
	case slices.Contains(m.made[phone], entry):
	case len(m.made[phone]) >= limit:
		return booking.Fail(booking.CodeTooMany, nil)
	default:
		m.made[phone] = append(m.made[phone], entry)
	}
	return nil
}

// withdraw gives every entry up.
func (m *memoryHouse) withdraw(when time.Time) {
	defer m.lock()()
	for id, e := range m.entries {
		e.Withdrawn, m.freed[id] = true, when
	}
}

// Receive implements sms.Receipts.
func (m *memoryHouse) Receive(_ context.Context, id string, status desk.ReceiptStatus, _ int, _ time.Time) error {
	defer m.lock()()
	if m.keepFails {
		return errBroken
	}
	m.receipts = append(m.receipts, id+" "+string(status))
	return nil
}

// ask opens a question as the outbox does when it sends one.
func (m *memoryHouse) ask(to booking.Phone, kind string, first int, entry booking.ID, appointment int64) {
	defer m.lock()()
	q := desk.Question{ID: int64(len(m.question) + 1), FirstNo: first, Kind: kind, Entry: entry, Appointment: appointment, AskedAt: m.now}
	m.question = append(m.question, q)
	m.phoneOf[q.ID] = m.hash(to)
}

// askAbout opens a question that is about no entry.
func (m *memoryHouse) askAbout(to booking.Phone, kind string, first int, about string) {
	m.ask(to, kind, first, booking.ID{}, 0)
	defer m.lock()()
	m.question[len(m.question)-1].About = about
}

func (m *memoryHouse) Hold(context.Context, desk.Inbound) error { return nil }

func (m *memoryHouse) Held(context.Context, int32, vault.Hash, time.Time, desk.HeldText) ([]desk.HeldText, error) {
	return nil, nil
}

func (m *memoryHouse) CloseWhich(context.Context, int32, vault.Hash, desk.Inbound, string) error {
	return nil
}

func (m *memoryHouse) PassOn(context.Context, desk.Inbound, []desk.Inbound, time.Time) ([]int64, error) {
	return nil, errBroken // there is one campaign here
}

func (m *memoryHouse) OweCall(_ context.Context, in desk.Inbound, entry *booking.ID, order time.Time, reason desk.CallReason, _ time.Time) error {
	defer m.lock()()
	m.calls = append(m.calls, owedCall{in.PhoneHash, entry, order, reason})
	return nil
}

func (m *memoryHouse) Propose(_ context.Context, in desk.Inbound, content []byte, _ time.Time) ([]byte, error) {
	defer m.lock()()
	if m.proposed[in.ID] == nil {
		m.proposed[in.ID] = content
	}
	return m.proposed[in.ID], nil
}

func (m *memoryHouse) Proposal(_ context.Context, inbound int64) ([]byte, error) {
	defer m.lock()()
	return m.proposed[inbound], nil
}

func (m *memoryHouse) Stop(_ context.Context, in desk.Inbound, stop bool) (bool, error) {
	defer m.lock()()
	was := m.stopped[in.PhoneHash].After(m.started[in.PhoneHash])
	said := m.started
	if stop {
		said = m.stopped
	}
	if in.Arrival.After(said[in.PhoneHash]) {
		said[in.PhoneHash] = in.Arrival
	}
	return was != m.stopped[in.PhoneHash].After(m.started[in.PhoneHash]), nil
}

// owedCall is a call that the door said we owe.
type owedCall struct {
	phone  vault.Hash
	entry  *booking.ID
	order  time.Time
	reason desk.CallReason
}
