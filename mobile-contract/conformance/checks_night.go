package conformance

import (
	"net/http"
	"time"
)

func nightChecks() []Check {
	const area = "appointments and the clock"
	return []Check{
		{
			Name: "answer-names-appointment", Area: area, needs: needSandbox, run: answerNamesAppointment,
			Proves:   "Confirming or declining counts for the appointment that is named, and is a conflict for any other",
			Sentence: "For the appointment that is named, so that an answer given offline never falls on a later offer (conflict).",
		},
		{
			Name: "swap", Area: area, needs: needSandbox, run: swap,
			Proves:   "Another appointment is asked for only by who has one, which is kept meanwhile, and the wish can be taken back",
			Sentence: "Ask for another appointment; the present one is kept until there is another",
		},
		{
			Name: "full", Area: area, needs: needSandbox, run: full,
			Proves:   "Where no seat is left the person is registered all the same, is told so, and keeps the place",
			Sentence: "What happens next is in `next`.",
		},
		{
			Name: "take-over", Area: area, needs: needSandbox, run: takeOver,
			Proves:   "Whoever proves the phone takes over what another device had entered, with its arrival",
			Sentence: "a device that proves this phone (code-requests, verifications) sees and changes the entry.",
		},
		{
			Name: "possible-duplicate", Area: area, needs: needSandbox, run: possibleDuplicate,
			Proves:   "Somebody with the name and birth date of another is answered and served like anybody",
			Sentence: "The same for everybody who applies, field by field and byte by byte in size.",
		},
		{
			Name: "unreached", Area: area, needs: needSandbox, run: unreached,
			Proves:   "Whom no text reaches is answered like anybody, and keeps the arrival",
			Sentence: "and does not say whether a text is on its way.",
		},
		{
			Name: "draw-document", Area: area, run: drawDocument,
			Proves:   "A drawn queue names beforehand what it will be drawn from, and until when all who apply are equal",
			Sentence: "Only for a queue whose order is drawn: all who apply before `window_closes` are equal.",
		},
		{
			Name: "draw-held", Area: area, needs: needSandbox | needClock, run: drawHeld,
			Proves:   "Until the draw there is no number; afterwards there is, and the document shows the closed list and the value",
			Sentence: "Present and true while the number waits for a draw.",
		},
		{
			Name: "early-gains-nothing", Area: area, needs: needSandbox | needClock, run: earlyGainsNothing,
			Proves:   "Who prepared and proved the phone applies with one tap after the opening, and gains nothing by having tried before",
			Sentence: "It gives no arrival and no place.",
		},
		{
			Name: "lapse", Area: area, needs: needSandbox | needClock, run: lapse,
			Proves:   "An offer that lapses without an answer is shown as that, cannot be confirmed any more, and costs no place",
			Sentence: "offered stays valid without an answer",
		},
		{
			Name: "stamp-expired", Area: area, needs: needSandbox | needClock, run: stampExpired,
			Proves:   "A stamp of days ago is called expired, and the application is taken as of its own arrival",
			Sentence: "Valid until the queue's first round, and for at least a day.",
		},
		{
			Name: "after-the-closing", Area: area, needs: needSandbox | needClock, run: afterTheClosing,
			Proves:   "After the closing nobody applies any more, and whoever has applied finds ticket and arrival again from a new device",
			Sentence: "**Recover**, at any time, also after the closing",
		},
	}
}

// offered reads the entry until it has an offer.
func (d *device) offered() answer {
	var a answer
	d.until("an offer", func() bool {
		a = d.seen()
		return a.has("appointment") && a.text("appointment", "state") == "offered"
	})
	return a
}

func answerNamesAppointment(t *trial) {
	d := t.proven()
	offer := d.offered()
	id := offer.text("appointment", "id")
	t.equal("the state with an offer", "offered", offer.text("state"))
	for _, other := range []string{"999999999", id + "1"} {
		t.refused(d.act("confirmations", object{"appointment": other}), http.StatusConflict, "conflict")
		t.refused(d.act("declines", object{"appointment": other}), http.StatusConflict, "conflict")
		inBatch := t.synced(d.batch(of("confirm", object{"appointment": other})))
		t.refused(inBatch.part("entries", 0, "results", 0), http.StatusConflict, "conflict")
	}
	t.equal("the appointment after answers to others", "offered", d.seen().text("appointment", "state"))
	confirm := object{"operation_id": newID(), "appointment": id}
	for range 2 {
		d.acted("confirmations", confirm)
	}
	t.equal("the appointment after its confirmation", "confirmed", d.seen().text("appointment", "state"))
	t.equal("the entry's state", "confirmed", d.seen().text("state"))
	d.acted("declines", object{"appointment": id})
	after := d.seen()
	t.that(after.text("appointment", "id") != id || after.text("appointment", "state") == "declined", "no appointment "+id+" after it was given back", shown(after.at("appointment")))
	t.equal("the place after giving back", offer.text("received_at"), after.text("received_at"))
	t.refused(d.act("confirmations", object{"appointment": id}), http.StatusConflict, "conflict")
}

func swap(t *trial) {
	without := t.device(t.fullPerson())
	without.apply()
	without.prove()
	t.refused(without.act("swaps", object{"wishes": object{}}), http.StatusConflict, "conflict")
	d := t.proven()
	offer := d.offered()
	// A wish that no round can fulfil while the check looks.
	never := object{"wishes": object{"not_before": "2099-01-01", "not_after": "2099-01-02"}}
	d.acted("swaps", never)
	asked := d.seen()
	t.that(asked.at("swap_asked") == true, "swap_asked", asked.summary())
	t.equal("the appointment meanwhile", offer.text("appointment", "id"), asked.text("appointment", "id"))
	d.acted("swap-cancellations", object{})
	t.refused(d.act("swap-cancellations", object{}), http.StatusConflict, "conflict")
	t.that(d.seen().at("swap_asked") != true, "no swap_asked after the wish was taken back", d.seen().summary())
	t.equal("the appointment afterwards", offer.text("appointment", "id"), d.seen().text("appointment", "id"))
}

// fullPerson is somebody new of the cohort that has no seat left.
func (t *trial) fullPerson() person {
	k := t.session.scene.cohortOf(t.magic("full"))
	if k.code == "" {
		t.skip("the campaign has no cohort for the person full")
		return person{}
	}
	return t.session.people.born(k)
}

func full(t *trial) {
	d := t.device(t.fullPerson())
	before := len(t.texts(d.person.phone))
	receipt := d.apply()
	d.prove()
	t.until("an announced number, and no appointment", func() bool {
		a := d.seen()
		t.that(!a.has("appointment"), "no appointment where no seat is left", shown(a.at("appointment")))
		return a.has("place", "number")
	})
	t.reached("a text besides that with the code", d.person.phone, before+1)
	a := d.seen()
	t.equal("the state", "waiting", a.text("state"))
	t.equal("received_at", receipt.text("received_at"), a.text("received_at"))
}

func takeOver(t *trial) {
	d := t.device(t.magic("known"))
	own := d.apply()
	t.alike(newAndKnown, t.anybody().apply(), own)
	d.prove()
	a := d.seen()
	t.that(a.has("ticket"), "the ticket of the entry that another device has made", a.summary())
	t.that(a.text("received_at") < own.text("received_at"), "the entry's arrival, before this device's own "+own.text("received_at"), a.text("received_at"))
}

func possibleDuplicate(t *trial) {
	d := t.device(t.magic("possible-duplicate"))
	t.alike("a namesake born on the same day and anybody", t.anybody().apply(), d.apply())
	d.prove()
	t.that(d.seen().has("ticket"), "an entry of their own", d.seen().summary())
}

func unreached(t *trial) {
	d, control := t.device(t.magic("unverified")), t.anybody()
	const who = "who is reached by texts and who is not"
	receipt := d.apply()
	t.alike(who, control.apply(), receipt)
	t.alike(who, control.act("code-requests", object{}), d.act("code-requests", object{}))
	t.alike(who, control.seen(), d.seen())
	t.equal("received_at", receipt.text("received_at"), d.seen().text("received_at"))
}

func earlyGainsNothing(t *trial) {
	k := t.session.scene.cohortOf(t.magic("early"))
	if now := t.now(); !t.over() && !now.Before(k.opens) {
		t.skip("the sandbox's clock has been moved past the opening: start another one")
		return
	}
	keen, calm := t.device(t.session.people.born(k)), t.device(t.session.people.born(k))
	introduction := keen.introduce()
	keen.prove()
	t.equal("the state of who has prepared", "prepared", keen.seen().text("state"))
	for range 3 {
		t.refused(keen.register(keen.application()), http.StatusForbidden, "not_open_yet")
	}
	t.moveTo(k.opens)
	first := calm.apply()
	t.laterOn()
	tap := keen.apply()
	t.that(!first.instant("received_at").Before(k.opens), "an arrival after the opening, "+k.opens.Format(time.RFC3339), first.text("received_at"))
	t.that(tap.text("received_at") > first.text("received_at"), "an arrival after "+first.text("received_at")+", of who applied before and had not tried early", tap.text("received_at"))
	t.equal("the reference given by the introduction", introduction.text("reference"), tap.text("reference"))
	a := keen.seen()
	t.that(a.has("ticket"), "the ticket without another proof of the phone", a.summary())
	t.equal("received_at of the entry", tap.text("received_at"), a.text("received_at"))
}

// patiently moves the clock by a day, and by one more whenever nothing has come of it for some seconds: an offer's time begins to run
// when it is known to have arrived, which may have been after the first move.
func (t *trial) patiently(what string, done func() bool) {
	const patience = 5 * time.Second
	var moved time.Time
	t.until(what, func() bool {
		if time.Since(moved) > patience {
			t.moveTo(t.now().Add(24 * time.Hour))
			moved = time.Now()
		}
		return done()
	})
}

func lapse(t *trial) {
	k := t.session.scene.cohortOf(t.magic("lapsed"))
	if t.over() {
		return
	}
	d := t.device(t.session.people.born(k))
	receipt := d.apply()
	d.prove()
	offer := d.offered()
	id := offer.text("appointment", "id")
	t.patiently("an offer that has lapsed", func() bool {
		a := d.seen()
		return a.text("appointment", "id") != id || a.text("appointment", "state") != "offered"
	})
	t.refused(d.act("confirmations", object{"appointment": id}), http.StatusConflict, "conflict")
	t.equal("received_at afterwards", receipt.text("received_at"), d.seen().text("received_at"))
}
