package conformance

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

func applyChecks() []Check {
	const area = "applying"
	return []Check{
		{
			Name: "apply-twice", Area: area, run: applyTwice,
			Proves:   "Repeating gives the same reference and the same instant; another device has another reference",
			Sentence: "The answer is 200 for a new application, a repeated one and one for somebody who is entered already: it never tells which.",
		},
		{
			Name: "apply-at-once", Area: area, run: applyAtOnce,
			Proves:   "The same application twelve times at once is one application",
			Sentence: "Nothing is done twice.",
		},
		{
			Name: "apply-cut", Area: area, run: applyCut,
			Proves:   "An application whose connection was cut, before or in the answer, is stored once when it is repeated",
			Sentence: "keeps them, and repeats the same request until it is answered.",
		},
		{
			Name: "apply-answer-cut-by-server", Area: area, run: answerCut,
			Proves:   "A client that was never answered finds, on repeating, what was stored the first time",
			Sentence: "The first answer to the application is cut off on its way.",
		},
		{
			Name: "location", Area: area, run: location,
			Proves:   "The receipt names the path of the entry, which is there at once and says the same",
			Sentence: "Path under which this device asks about this application.",
		},
		{
			Name: "client-clocks", Area: area, run: clientClocks,
			Proves:   "A client's Date, addresses, time headers and the time inside its operation id move no arrival",
			Sentence: "The instant of receipt by our clock",
		},
		{
			Name: "early", Area: area, run: early,
			Proves:   "Before the opening the answer is not_open_yet, with the opening and the server's time",
			Sentence: "Count down from `now`, which is our time, not from the phone's clock.",
		},
		{
			Name: "not-eligible", Area: area, run: notEligible,
			Proves:   "A birth date that no cohort takes is refused as that",
			Sentence: "No cohort of the campaign takes this birth date.",
		},
		{
			Name: "closed", Area: area, run: closed,
			Proves:   "After the closing the answer is closed, with the closing",
			Sentence: "Applications for this person have closed.",
		},
	}
}

// sameReceipt holds a repetition against the first answer.
func (t *trial) sameReceipt(first, again answer) {
	t.equal("a repeated application has the reference of the first", first.text("reference"), again.text("reference"))
	t.equal("a repeated application has the received_at of the first", first.text("received_at"), again.text("received_at"))
	t.equal("a repeated application is answered with as many bytes", len(first.raw), len(again.raw))
}

func applyTwice(t *trial) {
	d := t.anybody()
	first := d.apply()
	t.equal("the receipt's state", "received", first.text("state"))
	t.equal("the receipt's next", "verify", first.text("next"))
	for range 2 {
		t.sameReceipt(first, d.apply())
	}
	other := t.device(d.person)
	second := other.apply()
	t.that(second.text("reference") != first.text("reference"), "another reference for another device", second.text("reference"))
	t.sameReceipt(second, other.apply())
	t.sameReceipt(first, d.apply())
}

func applyAtOnce(t *trial) {
	d := t.anybody()
	answers := make([]answer, 12)
	body := d.application()
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = d.post("/registrations", body) })
	}
	all.Wait()
	for _, a := range answers {
		t.status(a, http.StatusOK)
		t.sameReceipt(answers[0], a)
	}
	t.sameReceipt(answers[0], d.apply())
}

func applyCut(t *trial) {
	for after := cutHalfway; after <= cutInAnswer; after++ {
		d := t.anybody()
		for range 2 {
			t.cut(request{method: http.MethodPost, path: t.session.scene.path() + "/registrations", secret: d.secret, body: d.application()}, after)
		}
		first := d.apply()
		t.sameReceipt(first, d.apply())
		t.equal("the entry's received_at", first.text("received_at"), d.seen().text("received_at"))
	}
}

func answerCut(t *trial) {
	p := t.magic("cut-answer")
	d := t.device(p)
	// The runner's client does not repeat by itself what it cannot know to be safe.
	cut := request{method: http.MethodPost, path: t.session.scene.path() + "/registrations", secret: d.secret, body: d.application()}
	if t.over() {
		return
	}
	if a, err := t.session.send(t.ctx, cut); err == nil {
		t.fail("the first answer for the person cut-answer is cut off", a.summary())
	}
	t.laterOn()
	between := t.anybody().apply() // whoever applies now comes later than what was stored, if it was
	first := d.apply()
	t.sameReceipt(first, d.apply())
	t.that(first.text("received_at") < between.text("received_at"), "an arrival before "+between.text("received_at")+", which came after the unanswered request",
		first.text("received_at"))
}

func location(t *trial) {
	d := t.anybody()
	receipt := d.apply()
	want := t.session.scene.path() + "/registrations/" + receipt.text("reference")
	t.equal("the receipt's Location", want, receipt.header.Get("Location"))
	entry := d.seen()
	for _, name := range []string{"reference", "received_at", "state", "next"} {
		t.equal("the entry's "+name, receipt.text(name), entry.text(name))
	}
	for _, name := range []string{"ticket", "place", "appointment", "masked_name", "wishes", "revision"} {
		t.that(!entry.has(name), "no "+name+" before the phone is proven", shown(entry.at(name)))
	}
}

// clockHeaders are what a client that wants to be earlier might send.
func clockHeaders() []string {
	const old = "Mon, 01 Jan 2001 00:00:00 GMT"
	return []string{
		"Date", old, "If-Unmodified-Since", old, "X-Forwarded-For", "203.0.113.7", "Forwarded", "for=203.0.113.7", "X-Real-IP", "203.0.113.7",
		"X-Request-Start", "t=978307200.000", "X-Timestamp", "978307200", "X-Client-Time", "2001-01-01T00:00:00Z", "X-Received-At", "2001-01-01T00:00:00.000000Z",
	}
}

func clientClocks(t *trial) {
	const apart = time.Second // what the clocks of two servers may differ by, twice over
	first := t.anybody().apply().instant("received_at")
	d := t.anybody()
	d.operation = oldID()
	cheat := d.register(d.application(), clockHeaders()...)
	t.status(cheat, http.StatusOK)
	last := t.anybody().apply().instant("received_at")
	at := cheat.instant("received_at")
	t.that(!at.Before(first.Add(-apart)) && !at.After(last.Add(apart)),
		fmt.Sprintf("an arrival between those of who applied before and after, %s and %s", first.Format(time.RFC3339Nano), last.Format(time.RFC3339Nano)), cheat.text("received_at"))
	t.sameReceipt(cheat, d.apply())
}

func early(t *trial) {
	d := t.device(t.magic("early"))
	a := d.register(d.application())
	if a.status == http.StatusOK && t.opened(d.person) {
		t.skip("the sandbox's clock has been moved past the opening: start another one")
		return
	}
	t.refused(a, http.StatusForbidden, "not_open_yet")
	at, now := a.instant("at"), a.instant("now")
	t.that(!at.IsZero() && now.Before(at), "an opening, `at`, after the server's time, `now`", fmt.Sprintf("at %s, now %s", a.text("at"), a.text("now")))
	t.that(!a.has("stamp"), "no arrival stamp before the opening", a.text("stamp"))
	if k := t.session.scene.cohortOf(d.person); k.code != "" {
		t.that(at.Equal(k.opens), "the opening that the campaign's document gives, "+k.opens.String(), a.text("at"))
		t.equal("the cohort that has not opened", k.code, a.text("cohort"))
	}
}

func notEligible(t *trial) {
	p := t.session.people.anybody()
	p.born = "1900-01-01"
	d := t.device(p)
	a := d.register(d.application())
	if a.status == http.StatusOK {
		t.skip("the campaign takes people of every age")
		return
	}
	t.refused(a, http.StatusForbidden, "not_eligible")
}

func closed(t *trial) {
	now := t.serverTime()
	for _, k := range t.session.scene.cohorts {
		if now.Before(k.closes) {
			continue
		}
		d := t.device(t.session.people.born(k))
		a := d.register(d.application())
		t.refused(a, http.StatusForbidden, "closed")
		t.that(!a.instant("at").IsZero() && !a.instant("at").After(now.Add(time.Minute)), "a closing, `at`, that has passed", a.text("at"))
		t.that(a.instant("at").Equal(k.closes), "the closing that the campaign's document gives, "+k.closes.String(), a.text("at"))
		return
	}
	t.skip("no cohort of the campaign has closed")
}
