package conformance

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

func clientChecks() []Check {
	return []Check{
		{
			Name: "client-in-a-tunnel", Area: syncArea, needs: needSandbox, run: clientInATunnel,
			Proves:   "The protocol's own client, of whose answers every second one is lost, prepares, applies, proves and changes wishes, each once",
			Sentence: "Hand in what was written while offline, and fetch what has changed",
		},
	}
}

// tunnel is a way to the server on which every second answer to a batch is lost.
type tunnel struct {
	*trial
	batches int
}

var errTunnel = errors.New("the answer was lost in the tunnel")

// Sync implements client.Transport.
func (w *tunnel) Sync(_ context.Context, body []byte) (client.Answer, error) {
	w.batches++
	a := w.do(request{method: http.MethodPost, path: "/v1/sync", body: string(body)})
	w.status(a, http.StatusOK)
	if w.over() || w.batches%2 == 1 {
		return client.Answer{}, errTunnel
	}
	return client.Answer{Status: a.status, JSON: true, Body: a.raw}, nil
}

// Get implements client.Transport.
func (w *tunnel) Get(_ context.Context, path, etag string) (client.Answer, error) {
	a := w.get(path, "If-None-Match", etag)
	return client.Answer{Status: a.status, ETag: a.header.Get("ETag"), JSON: true, Body: a.raw}, nil
}

// Own implements client.Transport.
func (w *tunnel) Own(_ context.Context, path, secret string) (client.Answer, error) {
	a := w.do(request{method: http.MethodGet, path: path, what: "the explanation of an entry", secret: secret})
	return client.Answer{Status: a.status, JSON: true, Body: a.raw}, nil
}

// phone is an app that runs the protocol's client. Its clock jumps over the pauses that the client makes.
type phone struct {
	*trial
	client *client.Client
	now    time.Time
	id     string
}

func (t *trial) phone(p person) *phone {
	f := &phone{trial: t, now: time.Now()}
	c, err := client.Open(&client.Memory{}, &tunnel{trial: t}, client.Outside{Now: func() time.Time { return f.now }})
	t.that(err == nil, "a client", shown(err))
	f.client = c
	f.writes(func(pen client.Pen) error {
		form := client.Form{Region: p.region, Lang: "ko", Person: contract.Person{Name: p.name, BirthDate: p.born, Phone: p.phone}}
		f.id, err = pen.Add(t.session.scene.slug, form)
		return err
	})
	return f
}

func (f *phone) writes(do func(client.Pen) error) {
	if f.over() {
		return
	}
	if err := f.client.Write(do); err != nil {
		f.fail("a client that can write down what the person does", err.Error())
	}
}

// syncs goes on until the device knows what is waited for and has nothing left to send.
func (f *phone) syncs(what string, known func(contract.Registration) bool) (told contract.Registration) {
	f.until(what, func() bool {
		wait, err := f.client.Sync(f.ctx)
		if err != nil && !errors.Is(err, errTunnel) {
			f.fail("a batch of the protocol's client is answered well", err.Error())
		}
		f.now = f.now.Add(wait + time.Millisecond)
		s, err := f.client.State()
		if err != nil || len(s.People) != 1 || s.People[0].Told == nil || len(s.People[0].Outbox) > 0 {
			return false
		}
		told = *s.People[0].Told
		return known(told)
	})
	return told
}

// proves enters the codes that have reached the phone since, until one is right. Others may be asking for codes to the same number.
func (f *phone) proves(number string, before []string) (proven contract.Registration) {
	tried := map[string]bool{}
	for _, code := range before {
		tried[code] = true
	}
	f.until("a text with a code that is right for this device", func() bool {
		for _, code := range codes(f.texts(number)) {
			if tried[code] {
				continue
			}
			tried[code] = true
			f.writes(func(p client.Pen) error { return p.Verify(f.id, code) })
			proven = f.syncs("a code that is answered", func(contract.Registration) bool { return true })
			if proven.Ticket != nil {
				return true
			}
		}
		return false
	})
	return proven
}

func clientInATunnel(t *trial) {
	who := t.session.people.anybody()
	before := codes(t.texts(who.phone))
	f := t.phone(who)
	f.writes(func(p client.Pen) error { return errors.Join(p.Introduce(f.id), p.Apply(f.id), p.RequestCode(f.id)) })
	applied := f.syncs("an application that the client knows to be received", func(r contract.Registration) bool { return r.State == contract.StateReceived })
	proven := f.proves(who.phone, before)
	t.equal("received_at after the proof", applied.ReceivedAt, proven.ReceivedAt)
	f.writes(func(p client.Pen) error {
		return p.ChangeWishes(f.id, who.region, &contract.Wishes{Weekdays: &[]contract.Weekday{contract.WeekdaySat}}, false)
	})
	wished := f.syncs("the changed wishes", func(r contract.Registration) bool { return r.Wishes != nil && len(r.Wishes.Weekdays) == 1 })
	t.equal("the ticket", shown(proven.Ticket), shown(wished.Ticket))
	why, err := f.client.Why(f.ctx, f.id)
	t.that(err == nil && len(why.Sentences) > 0 && proven.Ticket != nil && why.Ticket == *proven.Ticket, "the client's question why, answered with sentences and the ticket", shown(err))
	sent := len(codes(t.texts(who.phone))) - len(before)
	t.that(sent <= 1, "one code for one request, however often its answer was lost", strconv.Itoa(sent))
	stranger := t.device(who) // the same entry by the single paths
	stranger.apply()
	stranger.prove()
	t.equal("the ticket by the single paths", shown(proven.Ticket), shown(stranger.seen().at("ticket")))
	t.equal("received_at by the single paths", applied.ReceivedAt, stranger.seen().text("received_at"))
}
