package client_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// standing is somebody in a queue, who may be late: announced after people who come later in the order.
type standing struct {
	late, ready bool
	key         int // the order in which people are served
}

// Whoever really comes before somebody is within what is computed from the public count alone.
func TestTheTrueNumberIsWithinTheRange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		size := rapid.Int64Range(1, 6).Draw(r, "block")
		people := make([]standing, rapid.IntRange(1, 40).Draw(r, "people"))
		d := contract.QueueDocument{SealedTo: int64(len(people)), Blocks: contract.QueueBlocks{Size: size}}
		blocks := (len(people) + int(size) - 1) / int(size)
		d.Blocks.Late, d.Blocks.Ready = make([]int64, blocks), make([]int64, blocks)
		for i := range people {
			p := &people[i]
			p.ready, p.late, p.key = rapid.Bool().Draw(r, "ready"), rapid.IntRange(0, 4).Draw(r, "late") == 0, 2*i
			if p.late {
				p.key = 2*rapid.IntRange(0, i).Draw(r, "before") - 1
			}
			b := i / int(size)
			if p.late {
				d.Blocks.Late[b]++
			}
			if p.ready {
				d.Blocks.Ready[b]++
			}
		}
		me := rapid.IntRange(0, len(people)-1).Draw(r, "me")
		var before int64
		for i, p := range people {
			if i != me && p.ready && p.key < people[me].key {
				before++
			}
		}
		low, high := client.Before(d, int64(me+1), people[me].late)
		if before < low || before > high {
			r.Fatalf("%d are before number %d, computed %d to %d from %+v", before, me+1, low, high, d.Blocks)
		}
	})
}

func TestWaits(t *testing.T) {
	t.Parallel()
	d := contract.QueueDocument{
		SealedTo: 2100, Blocks: contract.QueueBlocks{Size: 1000, Late: []int64{0, 1, 2}, Ready: []int64{120, 700, 80}},
		Rate: contract.QueueRate{State: contract.QueueRateStateKnown, Slow: 480, Fast: 960},
	}
	n := func(v int64) contract.Place { return contract.Place{Number: &v} }
	// 120 before the block, all but the 500 behind in it at least; at most 120 + 700 + the 2 late ones behind.
	if low, high := client.Before(d, 1501, false); low != 320 || high != 622+1 {
		t.Errorf("before number 1,501: %d to %d", low, high)
	}
	if s := client.WaitOf(d, n(1501)); s != (client.Span{Known: true, Low: 20 * time.Minute, High: 78 * time.Minute}) {
		t.Errorf("the wait of number 1,501: %+v", s)
	}
	slow := d
	slow.Rate.Slow = 0
	if s := client.WaitOf(slow, n(1501)); !s.Open || !s.Known {
		t.Errorf("with no slow rate: %+v", s)
	}
	for name, s := range map[string]client.Span{
		"an estimate": client.WaitOf(d, contract.Place{}), "a number not announced": client.WaitOf(d, n(2101)),
		"an unknown rate": client.WaitOf(contract.QueueDocument{SealedTo: 2100, Rate: contract.QueueRate{State: "new", Fast: 5}}, n(5)),
	} {
		if s.Known {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if got := client.QueueAgain(contract.QueueDocument{NextChangeSeconds: 10}, 0.5); got != 15*time.Second {
		t.Errorf("asks for the count again after %s", got)
	}
}

// Only where order is drawn is an application held back, and never beyond half of the window or ten minutes.
func TestSpreadingOnlyUnderDraw(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 19, 20, 0, 0, 0, time.UTC)
	cohort := func(order contract.CohortOrder, closes time.Duration) *contract.Campaign {
		ends := now.Add(closes).Format(time.RFC3339)
		return &contract.Campaign{Cohorts: []contract.Cohort{{
			BornFrom: "1967-01-01", BornTo: "1968-12-31", Opens: now.Add(-time.Hour).Format(time.RFC3339), Order: order, WindowCloses: &ends,
		}}}
	}
	for name, c := range map[string]struct {
		campaign *contract.Campaign
		dice     float64
		ahead    int64
		want     time.Duration
	}{
		"drawn, a long window":     {cohort(contract.CohortOrderDraw, 10*time.Hour), 0.5, 0, 5 * time.Minute},
		"drawn, a short window":    {cohort(contract.CohortOrderDraw, 2*time.Minute), 0.5, 0, 30 * time.Second},
		"drawn, the clock is slow": {cohort(contract.CohortOrderDraw, 62*time.Minute), 0.5, 3600, 30 * time.Second},
		"drawn, closed":            {cohort(contract.CohortOrderDraw, -time.Minute), 0.5, 0, 0},
		"by arrival":               {cohort(contract.CohortOrderArrival, 10*time.Hour), 0.5, 0, 0},
		"a new word":               {cohort("lottery", 10*time.Hour), 0.5, 0, 0},
		"no document":              {nil, 0.5, 0, 0},
	} {
		s := &client.State{Format: 1, Ahead: c.ahead}
		p := client.Pen{State: s, Now: now, Random: constant{}, Dice: func() float64 { return c.dice }, Campaign: func(string) *contract.Campaign { return c.campaign }}
		id, err := p.Add("c", client.Form{Person: contract.Person{BirthDate: "1968-04-12"}})
		if err == nil {
			err = p.Apply(id)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, wait, ok := s.Next(now)
		if wait != c.want || ok != (c.want == 0) {
			t.Errorf("%s: sent after %s, want %s", name, wait, c.want)
		}
	}
}

// constant is a source of randomness without any.
type constant struct{}

func (constant) Read(b []byte) (int, error) { return len(b), nil }
