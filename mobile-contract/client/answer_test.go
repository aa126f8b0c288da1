package client_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// No answer, however strange, makes a device lose what the answer does not speak of, or stop.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		`{"entries":[{"results":[{"operation_id":"00000000-0000-0000-0000-000000000000","done":false,"problem":{"type":"t","title":"t","status":400,"code":"invalid"}}]}],"campaigns":{},"ask_again_seconds":60}`,
		`{"entries":[{"results":[],"problem":{"type":"t","title":"t","status":401,"code":"unauthorized"}}],"campaigns":{"c":"e","../x":"y"},"ask_again_seconds":-5}`,
		`{"entries":[{"reference":"r","cursor":"c","results":[],"registration":{"reference":"r","state":"dancing","received_at":"","next":"?","ask_again_seconds":9223372036854775807}}],"campaigns":{},"ask_again_seconds":0}`,
		`{"entries":[null]}`, `[]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		d := newDevice(t, &client.Memory{})
		id := d.add()
		d.write(func(p client.Pen) error { return p.Apply(id) })
		d.write(func(p client.Pen) error { return p.RequestCode(id) })
		before := d.state()
		d.m.next = func([]byte) (client.Answer, error, bool) { return answer(string(body)), nil, true }
		wait, err := d.c.Sync(t.Context())
		after := d.state()
		if err != nil && (len(after.People) != 1 || !slices.EqualFunc(after.People[0].Outbox, before.People[0].Outbox, func(a, b client.Operation) bool { return a.ID == b.ID })) {
			t.Fatalf("an answer that was not taken (%v) changed %v into %v", err, before.People, after.People)
		}
		if wait < 0 || wait > 500*24*time.Hour {
			t.Fatalf("asks again after %s", wait)
		}
		d.reopen() // what it was made into can be stored and read
	})
}

// Whatever a person does, and whatever the network does to it: each operation that stands in the outbox when something is sent is carried
// out once, in the order in which it was written, and the outbox ends empty.
func TestNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		d := newDevice(t, &client.Memory{})
		var ids []string
		for range rapid.IntRange(1, 3).Draw(r, "people") {
			id := d.add()
			d.write(func(p client.Pen) error { return p.Apply(id) })
			ids = append(ids, id)
		}
		r.Repeat(map[string]func(*rapid.T){
			"write": func(r *rapid.T) { act(r, d, rapid.SampledFrom(ids).Draw(r, "who")) },
			"sync":  func(r *rapid.T) { d.weather(r) },
			"end":   func(*rapid.T) { d.reopen() },
			"wait": func(r *rapid.T) {
				d.now = d.now.Add(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(2*time.Hour)).Draw(r, "for")))
			},
			"": func(*rapid.T) {},
		})
		d.m.lose, d.m.next, d.m.refuse = false, nil, nil
		for range 30 {
			if !slices.ContainsFunc(d.state().People, func(p client.Person) bool { return len(p.Outbox) > 0 }) {
				break
			}
			for _, p := range d.state().People {
				if p.Told != nil && p.Told.Next == contract.NextVerify {
					d.write(func(pen client.Pen) error { return pen.Verify(p.ID, "123456") })
				}
			}
			wait, _ := d.c.Sync(t.Context())
			d.now = d.now.Add(max(wait, time.Second))
		}
		for _, id := range ids {
			if got := d.kinds(id); len(got) != 0 {
				r.Fatalf("left in the outbox: %v", got)
			}
			e := d.m.entries[d.person(id).Secret]
			seen := map[string]bool{}
			for _, o := range e.order {
				if seen[o] {
					r.Fatalf("carried out twice: %s", o)
				}
				seen[o] = true
			}
			sites := e.sites()
			if last := d.written[id]; last != "" && (len(sites) == 0 || sites[len(sites)-1] != last) {
				r.Fatalf("the last wishes were %s, the server carried out %v", last, sites)
			}
		}
		for _, n := range d.state().Notices {
			if n.Why == client.Refused || n.Why == client.Conflict || n.Why == client.Gone {
				r.Fatalf("told %v %s", n.Why, n.Kind)
			}
		}
	})
}
