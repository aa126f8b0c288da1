package db_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/db"
	"jari/db/dbtest"
)

// Many texts at the same moment, each delivered several times at two nodes: each is kept once, with the earliest arrival, and finished once with
// its one reply.
func TestManyTextsAtOnce(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	nodes := []*db.Switchboard{db.NewSwitchboard(p.Pool, p.set), db.NewSwitchboard(p.Pool, p.set)}
	const texts, deliveries = 60, 4
	at := p.now(t).Add(-time.Minute)
	var wg sync.WaitGroup
	var fresh, finished atomic.Int64
	all := func(f func(node *db.Switchboard, n, delivery int)) {
		for n := range texts {
			for d := range deliveries {
				wg.Go(func() { f(nodes[(n+d)%len(nodes)], n, d) })
			}
		}
		wg.Wait()
	}
	text := func(n, delivery int) desk.Inbound {
		in := desk.Inbound{Provider: "twilio", ProviderSID: fmt.Sprint("SM", n), From: dbtest.Person(n).Phone, Body: "예약", Arrival: at.Add(time.Duration(n*10+delivery) * time.Millisecond)}
		return desk.New(desk.Ports{}).NewText(p.campaign, in)
	}
	var ids [texts]atomic.Int64
	all(func(node *db.Switchboard, n, delivery int) {
		id, isNew, err := node.Keep(context.WithoutCancel(t.Context()), text(n, delivery))
		if err != nil {
			t.Error(err)
		}
		if isNew {
			fresh.Add(1)
		}
		if was := ids[n].Swap(id); was != 0 && was != id {
			t.Errorf("text %d has two ids", n)
		}
	})
	if n := p.int(t, `SELECT count(*) FROM inbound`); n != texts || fresh.Load() != texts {
		t.Fatalf("%d texts kept, %d times new", n, fresh.Load())
	}
	all(func(node *db.Switchboard, n, _ int) {
		in, err := node.Inbound(context.WithoutCancel(t.Context()), ids[n].Load())
		if err != nil || in.Body != "예약" || in.From != dbtest.Person(n).Phone || !in.Arrival.Equal(text(n, 0).Arrival) {
			t.Errorf("text %d: %v, arrival %v", n, err, in.Arrival)
			return
		}
		v, err := node.Conversation(context.WithoutCancel(t.Context()), in.Campaign, in.PhoneHash, in.Arrival)
		if err != nil {
			t.Error(err)
		}
		if v.Version == 0 {
			v = desk.Conversation{FirstAt: in.Arrival, Expires: in.Arrival.Add(time.Hour), State: []byte{1}}
		}
		reply := desk.SayByText(in, "help", booking.Korean, nil)
		reply.Dedup = fmt.Sprint("reply/", in.ID)
		switch err := node.Finish(context.WithoutCancel(t.Context()), in, &v, []desk.Message{reply}, p.now(t)); booking.CodeOf(err) {
		case "":
			if err != nil {
				t.Error(err)
			}
			finished.Add(1)
		case booking.CodeConflict:
		default:
			t.Error(err)
		}
	})
	for what, want := range map[string]int{
		`SELECT count(*) FROM inbound WHERE handled_at IS NOT NULL`: texts, `SELECT count(*) FROM contact WHERE version = 1`: texts, `SELECT count(*) FROM message`: texts,
	} {
		if n := p.int(t, what); n != want {
			t.Errorf("%s: %d, want %d", what, n, want)
		}
	}
	if finished.Load() < texts {
		t.Errorf("%d were told that their text is finished", finished.Load())
	}
}

// However many people a phone makes at the same moment, at two nodes, it carries no more than it may.
func TestAPhoneCarriesSoMany(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	nodes := []*db.Switchboard{db.NewSwitchboard(p.Pool, p.set), db.NewSwitchboard(p.Pool, p.set)}
	const phones, people, limit = 10, 8, 5
	var wg sync.WaitGroup
	var made, refused atomic.Int64
	for i := range phones * people * 2 { // each twice
		wg.Go(func() {
			phone, entry := vault.Hash{byte(i % phones)}, booking.ID{byte(i / phones % people), byte(i % phones)}
			switch err := nodes[i%len(nodes)].Made(context.WithoutCancel(t.Context()), p.campaign.ID, phone, entry, limit, time.Now()); booking.CodeOf(err) {
			case booking.CodeTooMany:
				refused.Add(1)
			case "":
				if err != nil {
					t.Error(err)
				}
				made.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := p.int(t, `SELECT count(*) FROM phone_entry`); n != phones*limit || made.Load() != 2*phones*limit || refused.Load() != 2*phones*(people-limit) {
		t.Errorf("%d entries of %d phones; %d made, %d refused", n, phones, made.Load(), refused.Load())
	}
}
