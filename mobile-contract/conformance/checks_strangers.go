package conformance

import (
	"net/http"
	"strings"
)

func strangerChecks() []Check {
	const area = "strangers"
	return []Check{
		{
			Name: "stranger-applying", Area: area, run: strangerApplying,
			Proves:   "Whoever enters somebody who has applied is answered as whoever applies first: same status, headers, size and members",
			Sentence: "The same for everybody who applies, field by field and byte by byte in size.",
		},
		{
			Name: "stranger-operations", Area: area, run: strangerOperations,
			Proves:   "Before the phone is proven, every operation of the maker's device and of a stranger's is answered alike",
			Sentence: "The answer is the same whoever asks, and does not say whether a text is on its way.",
		},
		{
			Name: "stranger-introducing", Area: area, run: strangerIntroducing,
			Proves:   "An introduction, alone or in a batch, does not tell whether there is an entry",
			Sentence: "The answer never tells whether there is an entry.",
		},
		{
			Name: "stranger-in-a-batch", Area: area, run: strangerInABatch,
			Proves:   "A batch tells a stranger's device what it tells the maker's, and no more than the single paths",
			Sentence: "A batch of the same operations with the same bodies, and the same refusals, as the single paths have",
		},
		{
			Name: "borrowed-reference", Area: area, run: borrowedReference,
			Proves:   "Somebody else's reference and one of nobody are refused alike, alone and in a batch",
			Sentence: "There is no such registration, or this is not its holder's secret; the two look alike.",
		},
		{
			Name: "verify-first", Area: area, run: verifyFirst,
			Proves:   "Nothing is seen or changed by a device that has not proven the phone",
			Sentence: "The phone on file must have been proven by this device (verify_first).",
		},
		{
			Name: "stranger-after-proof", Area: area, needs: needSandbox, run: strangerAfterProof,
			Proves:   "When the person proves the phone, changes wishes and withdraws, the strangers' devices go on reading what they read before",
			Sentence: "A device that has not proven the phone on file reads the same as when it applied.",
		},
	}
}

// threeDevices are the maker's and a stranger's device for one person, and one of somebody who has never applied before.
func (t *trial) threeDevices() (maker, stranger, control *device) {
	maker = t.anybody()
	return maker, t.device(maker.person), t.anybody()
}

const (
	makerAndStranger = "the maker's device and a stranger's"
	newAndKnown      = "somebody new and somebody who is entered already"
)

func strangerApplying(t *trial) {
	maker, stranger, control := t.threeDevices()
	a, b, c := maker.apply(), stranger.apply(), control.apply()
	t.alike(makerAndStranger, a, b)
	t.alike(newAndKnown, c, b)
	t.alike(makerAndStranger, maker.apply(), stranger.apply())
	t.alike(makerAndStranger, maker.seen(), stranger.seen())
}

func strangerOperations(t *trial) {
	maker, stranger, _ := t.threeDevices()
	maker.apply()
	stranger.apply()
	for _, o := range operations(maker.person) {
		t.alike(makerAndStranger, maker.act(o.path, o.body), stranger.act(o.path, o.body))
	}
	t.alike(makerAndStranger, maker.seen(), stranger.seen())
	t.alike(makerAndStranger, maker.why(), stranger.why())
}

// operation is one that a device can ask for, alone and in a batch.
type operation struct {
	path, kind string
	body       object
}

// operations are all but those that end the entry or the device.
func operations(p person) []operation {
	return []operation{
		{"confirmations", "confirm", object{"appointment": "1"}},
		{"declines", "decline", object{"appointment": "1"}},
		{"wishes", "change_wishes", object{"wishes": object{"weekdays": []string{"sat"}}}},
		{"swaps", "ask_swap", object{"wishes": object{"weekdays": []string{"sun"}}}},
		{"swap-cancellations", "drop_swap", object{}},
		{"corrections", "correct", object{"person": p.body()}},
		{"verifications", "verify", object{"code": "000000"}},
		{"helpers", "set_helper", object{"phone": "+821000000001"}},
		{"helper-removals", "remove_helper", object{}},
		{"code-requests", "request_code", object{}},
		{"cancellations", "cancel", object{}},
		{"device-removals", "remove_devices", object{"devices": "others"}},
	}
}

func (d *device) why() answer {
	return d.do(request{
		method: http.MethodGet, path: d.entry("/explanation"), what: d.session.scene.path() + "/registrations/{reference}/explanation", secret: d.secret,
		header: []string{"Accept-Language", "en"},
	})
}

func strangerIntroducing(t *trial) {
	maker, stranger, control := t.threeDevices()
	maker.apply()
	known, unknown := stranger.introduce(), control.introduce()
	t.alike(newAndKnown, unknown, known)
	t.equal("the state after an introduction", "introduced", known.text("state"))
	t.alike(newAndKnown, control.seen(), stranger.seen())
	t.alike(newAndKnown, control.introduce(), stranger.introduce())
	again, other := t.device(maker.person), t.anybody()
	t.alike(newAndKnown, t.synced(other.batch(of("introduce", other.application()))), t.synced(again.batch(of("introduce", again.application()))))
}

func strangerInABatch(t *trial) {
	maker, stranger, _ := t.threeDevices()
	maker.apply()
	stranger.apply()
	one, other := []object{of("register", maker.application())}, []object{of("register", stranger.application())}
	for _, o := range operations(maker.person)[:8] {
		one, other = append(one, of(o.kind, o.body)), append(other, of(o.kind, o.body))
	}
	a, b := t.synced(maker.batch(one...)), t.synced(stranger.batch(other...))
	t.alike(makerAndStranger, a, b)
	for i, o := range operations(maker.person)[:8] {
		alone, inBatch := stranger.act(o.path, o.body), b.part("entries", 0, "results", i+1)
		t.equal(o.kind+" in a batch: the status of its own path", alone.status, inBatch.status)
		t.equal(o.kind+" in a batch: the code of its own path", alone.text("code"), inBatch.text("code"))
	}
}

func borrowedReference(t *trial) {
	maker, thief, _ := t.threeDevices()
	maker.apply()
	thief.reference = maker.reference
	nobody := t.device(maker.person)
	nobody.reference = strings.Repeat("A", len(maker.reference))
	const who = "somebody else's reference and nobody's"
	maker.seen() // nothing on the way keeps this for the next who asks
	a := thief.see()
	t.refused(a, http.StatusUnauthorized, "unauthorized")
	t.alike(who, a, nobody.see())
	t.alike(who, thief.act("code-requests", object{}), nobody.act("code-requests", object{}))
	batch := t.synced(thief.batch())
	t.alike(who, batch, t.synced(nobody.batch()))
	t.refused(batch.part("entries", 0), http.StatusUnauthorized, "unauthorized")
	t.that(!batch.has("entries", 0, "registration"), "no registration for somebody else's reference", shown(batch.at("entries", 0)))
}

func verifyFirst(t *trial) {
	d := t.anybody()
	d.apply()
	t.refused(d.act("corrections", object{"person": d.person.body()}), http.StatusForbidden, "verify_first")
	t.refused(d.act("helpers", object{"phone": t.session.people.phone()}), http.StatusForbidden, "verify_first")
	t.refused(d.act("device-removals", object{"devices": "others"}), http.StatusForbidden, "verify_first")
	t.refused(d.why(), http.StatusForbidden, "verify_first")
	t.refused(d.act("verifications", object{"code": "000000"}), http.StatusUnprocessableEntity, "wrong_code")
	t.equal("the state of an unproven device's entry", "received", d.seen().text("state"))
}

func strangerAfterProof(t *trial) {
	maker, stranger, _ := t.threeDevices()
	maker.apply()
	stranger.apply()
	before := stranger.seen()
	owner := t.device(maker.person)
	owner.apply()
	owner.prove()
	unmoved := func(what string) {
		after := stranger.seen()
		t.equal("what a stranger reads after "+what, string(before.raw), string(after.raw))
		t.alike(makerAndStranger, maker.seen(), after)
		t.sameReceipt(before, stranger.apply())
	}
	unmoved("the proof")
	owner.acted("wishes", object{"wishes": object{"weekdays": []string{"sat"}}})
	unmoved("a change of wishes")
	owner.acted("cancellations", object{})
	unmoved("the withdrawal")
}
