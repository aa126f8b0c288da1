package main

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/db/dbtest"
	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// lossyLine loses requests before they arrive, and answers on their way back.
type lossyLine struct {
	line client.Transport
	loss float64 // of each exchange; a half of them after the server has done its work
	mu   sync.Mutex
	rng  *rand.Rand
	lost int
	sent int
}

var errLost = errors.New("lost on the way")

func (l *lossyLine) Sync(ctx context.Context, body []byte) (client.Answer, error) {
	l.mu.Lock()
	l.sent++
	lost, late := l.rng.Float64() < l.loss, l.rng.IntN(2) == 0
	if lost {
		l.lost++
	}
	l.mu.Unlock()
	if lost && !late {
		return client.Answer{}, errLost
	}
	a, err := l.line.Sync(ctx, body)
	if lost {
		return client.Answer{}, errLost
	}
	return a, err
}

func (l *lossyLine) Get(ctx context.Context, path, etag string) (client.Answer, error) {
	return l.line.Get(ctx, path, etag)
}

func (l *lossyLine) Own(ctx context.Context, path, secret string) (client.Answer, error) {
	return l.line.Own(ctx, path, secret)
}

// traveller is a device that is offline for a while, with three operations in its outbox.
type traveller struct {
	*appPhone
	n      int
	id     string // of its person
	third  string
	rng    *rand.Rand
	ids    map[contract.OperationID]client.Kind // whatever stood in the outbox when something was sent
	wishes *contract.Wishes                     // the last that were written
	due    time.Duration                        // when it acts next, in the test's own time
	step   int
}

// A thousand people write three things each while they are offline, come online in any order and hand them in over a line that loses
// three of ten exchanges. Nothing is lost and nothing is done twice.
func TestThousandDevices(t *testing.T) {
	t.Parallel()
	const devices = 1000
	w := newTown(t)
	w.openDoor()
	line := &lossyLine{line: client.NewHTTP(w.apiURL, "ko"), loss: 0.3, rng: rand.New(rand.NewPCG(6, 1000))}
	all := make([]*traveller, devices)
	for i := range all {
		rng := rand.New(rand.NewPCG(6, uint64(i)))
		all[i] = &traveller{
			appPhone: w.newAppPhone(line), n: i, rng: rng, ids: map[contract.OperationID]client.Kind{},
			third: []string{"correct", "wish again", "cancel"}[rng.IntN(3)], due: within(rng, 8*time.Hour),
		}
	}
	began := time.Now()
	travel(t, all)
	t.Logf("%d exchanges, %d lost, %s", line.sent, line.lost, time.Since(began).Round(time.Millisecond))
	if share := float64(line.lost) / float64(line.sent); share < 0.25 {
		t.Errorf("only %.2f of the exchanges were lost", share)
	}
	for _, d := range all {
		d.judge(t)
	}
	var people, doubled, claims int
	w.db.Scan(t, `SELECT (SELECT count(*) FROM registration WHERE alias_of IS NULL), (SELECT count(*) FROM registration WHERE generation > 0), (SELECT count(*) FROM claim)`, nil, &people, &doubled, &claims)
	if people != devices || doubled != 0 || claims != 0 {
		t.Errorf("%d entries for %d people, %d of them a second time; %d claims", people, devices, doubled, claims)
	}
	w.obeys(2, 4)
}

func within(rng *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(rng.Int64N(int64(d)))
}

// timeline is a heap of devices, the next to act first.
type timeline []*traveller

func (l timeline) Len() int           { return len(l) }
func (l timeline) Less(i, j int) bool { return l[i].due < l[j].due }
func (l timeline) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *timeline) Push(x any)        { *l = append(*l, x.(*traveller)) } //nolint:forcetypeassert // nothing else is pushed
func (l *timeline) Pop() any {
	last := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return last
}

// travel lets all devices act in the order of the test's own time, some at a time.
func travel(t *testing.T, all []*traveller) {
	t.Helper()
	var mu sync.Mutex
	line := &timeline{}
	for _, d := range all {
		heap.Push(line, d)
	}
	left := len(all)
	acted := sync.NewCond(&mu)
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for left > 0 {
				if line.Len() == 0 {
					acted.Wait()
					continue
				}
				d := heap.Pop(line).(*traveller) //nolint:forcetypeassert // nothing else is pushed
				mu.Unlock()
				wait, done, err := d.act(t.Context())
				mu.Lock()
				if err != nil {
					t.Errorf("device %d, step %d: %v", d.n, d.step, err)
				}
				if done || err != nil {
					left--
				} else {
					d.due += wait
					heap.Push(line, d)
				}
				acted.Broadcast()
			}
		})
	}
	wg.Wait()
}

// act does the next thing, and says in how long there is another one.
func (d *traveller) act(ctx context.Context) (time.Duration, bool, error) {
	d.step++
	if d.step > mostSyncs {
		return 0, true, fmt.Errorf("after %d steps still not done", mostSyncs)
	}
	if d.step <= 3 {
		return within(d.rng, 4*time.Hour), false, d.scribble()
	}
	s, err := d.client.State()
	if err != nil {
		return 0, true, err
	}
	who := s.People[0]
	for _, o := range who.Outbox {
		d.ids[o.ID] = o.Kind
	}
	if len(who.Outbox) == 0 {
		return 0, true, nil
	}
	proving := who.Told != nil && who.Told.Next != contract.NextVerify // it has proven the phone already
	for _, o := range who.Outbox {
		proving = proving || o.Kind == client.Verify || o.Kind == client.RequestCode
	}
	if who.Reference != "" && !proving { // the code has come by text, minutes ago
		code, err := d.codeOf(ctx, who.Reference)
		if err != nil {
			return 0, true, err
		}
		return within(d.rng, time.Hour), false, d.client.Write(func(p client.Pen) error { return p.Verify(d.id, code) })
	}
	wait, err := d.client.Sync(ctx)
	if err != nil && !errors.Is(err, errLost) {
		return 0, true, err
	}
	d.wait(wait)
	return wait, false, nil
}

// scribble writes one of the three things while offline. The first also asks for the code, without which the others must wait.
func (d *traveller) scribble() error {
	return d.client.Write(func(p client.Pen) (err error) {
		switch {
		case d.step == 1:
			if d.id, err = p.Add(dbtest.Slug, form(dbtest.Person(d.n))); err != nil {
				return err
			}
			if err = p.Apply(d.id); err != nil {
				return err
			}
			return p.RequestCode(d.id)
		case d.step == 2, d.third == "wish again":
			d.wishes = &contract.Wishes{Sites: &[]contract.Code{[]string{dbtest.Site, "middle", "south"}[d.rng.IntN(3)]}, NoticeHours: new(int)}
			*d.wishes.NoticeHours = 1 + d.rng.IntN(500)
			if d.step == 3 && d.n%2 == 0 { // else the later wishes replace the earlier before those are sent
				if err := p.RequestCode(d.id); err != nil {
					return err
				}
			}
			return p.ChangeWishes(d.id, dbtest.Region, d.wishes, false)
		case d.third == "correct":
			person := form(dbtest.Person(d.n)).Person
			person.Name = "김바른"
			return p.Correct(d.id, person, dbtest.Region, false)
		}
		return p.Cancel(d.id)
	})
}

// judge holds what the server has to what was written.
func (d *traveller) judge(t *testing.T) {
	t.Helper()
	who, err := d.who(d.id)
	must(t, err)
	s, err := d.client.State()
	must(t, err)
	for _, n := range s.Notices {
		if n.Why != client.Unproven {
			t.Errorf("device %d is told %s of %s", d.n, n.Why, n.Kind)
		}
	}
	if len(who.Outbox) != 0 || !who.Applied || who.Spent != (d.third == "cancel") {
		t.Errorf("device %d ends with %d to be sent, applied %v, withdrawn %v", d.n, len(who.Outbox), who.Applied, who.Spent)
	}
	text, err := booking.Identity(d.w.campaign.Identity, dbtest.Person(d.n), 0)
	must(t, err)
	entry := d.w.campaign.Keys.ID(text)
	acts := map[client.Kind]int{} // by kind: how many
	for _, kind := range d.ids {
		acts[kind]++
	}
	var carried []uuid.UUID
	d.w.db.Scan(t, `SELECT coalesce(array_agg(operation_id), '{}') FROM operation WHERE registration_id = $1 AND outcome = ''`, []any{[16]byte(entry)}, &carried)
	for id, kind := range d.ids {
		if kind != client.Register && !slices.Contains(carried, uuid.MustParse(id)) { // an application has no row: the entry is it
			t.Errorf("device %d: %s %s was not carried out", d.n, kind, id)
		}
	}
	var operations, registered, wished, corrected, withdrawn, codes int
	var site string
	var notice int
	d.w.db.Scan(t, `SELECT (SELECT count(*) FROM operation WHERE registration_id = $1),
		(SELECT count(*) FROM registration WHERE id = $1),
		(SELECT count(*) FROM audit_log WHERE registration_id = $1 AND act = 'wishes'),
		(SELECT count(*) FROM audit_log WHERE registration_id = $1 AND act LIKE 'correct%'),
		(SELECT count(*) FROM registration WHERE id = $1 AND withdrawn_at IS NOT NULL),
		(SELECT count(*) FROM code_request WHERE registration_id = $1),
		(SELECT wishes->'Sites'->>0 FROM registration WHERE id = $1), (SELECT (wishes->>'Notice')::int FROM registration WHERE id = $1)`,
		[]any{[16]byte(entry)}, &operations, &registered, &wished, &corrected, &withdrawn, &codes, &site, &notice)
	if operations != len(d.ids)-1 || registered != 1 || wished != acts[client.ChangeWishes] || corrected != acts[client.Correct] ||
		withdrawn != acts[client.Cancel] || codes != acts[client.RequestCode] {
		t.Errorf("device %d (%s): %d operations of %d, %d entries, wishes %d, corrections %d, withdrawals %d, codes %d: not %v",
			d.n, d.third, operations, len(d.ids)-1, registered, wished, corrected, withdrawn, codes, acts)
	}
	if site != (*d.wishes.Sites)[0] || notice != *d.wishes.NoticeHours {
		t.Errorf("device %d: the wishes are %s %d, not %s", d.n, site, notice, marshalled(d.wishes))
	}
}
