package conformance

import (
	"net/http"
)

const holderArea = "holding an entry"

func holderChecks() []Check {
	const area = holderArea
	return []Check{
		{
			Name: "prove-and-see", Area: area, needs: needSandbox, run: proveAndSee,
			Proves:   "Whoever proves the phone sees ticket, place, wishes and revision, under the same reference and arrival; a wrong code proves nothing",
			Sentence: "The fields of a receipt; the others only for a device that has proven the phone on file.",
		},
		{
			Name: "recovery", Area: area, needs: needSandbox, run: recovery,
			Proves:   "A new device introduces itself, proves the phone, and finds ticket, place and arrival as they were",
			Sentence: "a new device is given a reference for the person's entry, and after proving the phone on file it sees and changes the entry.",
		},
		{
			Name: "operation-reused", Area: area, needs: needSandbox, run: operationReused,
			Proves:   "An operation id answers the same again, and is refused with other data or for another operation",
			Sentence: "The operation id was used before with other data.",
		},
		{
			Name: "repeat-operations", Area: area, needs: needSandbox, run: repeatOperations,
			Proves:   "Repeating an operation does nothing twice: one code request is one text, and the entry stays as it is",
			Sentence: "Nothing is done twice.",
		},
		{
			Name: "if-revision", Area: area, needs: needSandbox, run: ifRevision,
			Proves:   "A change that names an old revision is a conflict and changes nothing; one that names the present one is made",
			Sentence: "With `if_revision` the change is made only if the entry still stands as the person saw it, and is a conflict otherwise.",
		},
		{
			Name: "sync-if-revision", Area: area, needs: needSandbox, run: syncIfRevision,
			Proves:   "In a batch too, and the operations behind the conflict are carried out",
			Sentence: "Without it the latest change counts.",
		},
		{
			Name: "correction", Area: area, needs: needSandbox, run: correction,
			Proves:   "A correction keeps reference, arrival and place",
			Sentence: "Correct the person's data; the place is kept",
		},
		{
			Name: "withdrawn", Area: area, needs: needSandbox, run: withdrawn,
			Proves:   "Withdrawing is final for the secret: applying again with it is a conflict, and with a new one starts afresh",
			Sentence: "Who applies again afterwards starts afresh, and needs a new secret for it.",
		},
		{
			Name: "too-many", Area: area, needs: needSandbox, run: tooMany,
			Proves:   "A limit is told as 429 with after how many seconds to come again",
			Sentence: "A limit on how often this may be asked was reached.",
		},
	}
}

func proveAndSee(t *trial) {
	d := t.anybody()
	receipt := d.apply()
	d.acted("code-requests", object{})
	t.refused(d.act("verifications", object{"code": "000000"}), http.StatusUnprocessableEntity, "wrong_code")
	t.equal("the state after a wrong code", "received", d.seen().text("state"))
	d.prove()
	a := d.seen()
	for _, member := range []string{"ticket", "masked_name", "wishes", "revision", "place"} {
		t.that(a.has(member), "the entry's "+member+" for a device that has proven the phone", a.summary())
	}
	t.equal("the reference", receipt.text("reference"), a.text("reference"))
	t.equal("received_at", receipt.text("received_at"), a.text("received_at"))
	t.equal("the region", d.person.region, a.text("region"))
	t.that(a.text("masked_name") != d.person.name, "a masked name", a.text("masked_name"))
	t.until("an announced number", func() bool { return d.seen().has("place", "number") })
	number := d.seen().number("place", "number")
	t.until("the queue's document to have announced it", func() bool {
		q := t.get(t.session.scene.path() + "/queues/" + d.seen().text("place", "queue"))
		return q.number("sealed_to") >= number
	})
}

func recovery(t *trial) {
	lost := t.proven()
	t.until("an announced number", func() bool { return lost.seen().has("place", "number") })
	before := lost.seen()
	fresh := t.device(lost.person)
	t.equal("the state after an introduction", "introduced", fresh.introduce().text("state"))
	t.that(fresh.reference != lost.reference, "a reference of its own for the new device", fresh.reference)
	t.that(!fresh.seen().has("ticket"), "no ticket before the phone is proven", fresh.seen().text("ticket"))
	fresh.prove()
	after := fresh.seen()
	for _, member := range []string{"ticket", "received_at", "masked_name"} {
		t.equal("the recovered "+member, before.text(member), after.text(member))
	}
	t.equal("the recovered place", before.text("place", "number"), after.text("place", "number"))
	again := fresh.register(fresh.application()) // an old application in its outbox
	t.status(again, http.StatusOK)
	t.equal("the ticket after applying again", before.text("ticket"), fresh.seen().text("ticket"))
	t.equal("the place after applying again", before.text("place", "number"), fresh.seen().text("place", "number"))
}

func operationReused(t *trial) {
	d := t.proven()
	id := newID()
	sat := object{"operation_id": id, "wishes": object{"weekdays": []string{"sat"}}}
	first := d.acted("wishes", sat)
	again := d.acted("wishes", sat)
	t.equal("the answer to the same operation", string(first.raw), string(again.raw))
	sun := object{"operation_id": id, "wishes": object{"weekdays": []string{"sun"}}}
	t.refused(d.act("wishes", sun), http.StatusUnprocessableEntity, "operation_reused")
	t.refused(d.act("swaps", sat), http.StatusUnprocessableEntity, "operation_reused")
	inBatch := t.synced(d.batch(of("change_wishes", sun)))
	t.refused(inBatch.part("entries", 0, "results", 0), http.StatusUnprocessableEntity, "operation_reused")
	t.equal("the wishes after an id was reused", `["sat"]`, shown(d.seen().at("wishes", "weekdays")))
}

func repeatOperations(t *trial) {
	d := t.anybody()
	d.apply()
	ask := object{"operation_id": newID()}
	for range 4 {
		d.acted("code-requests", ask)
	}
	before := len(codes(t.texts(d.person.phone)))
	d.prove() // its own request comes after those four, which were one
	got := len(codes(t.texts(d.person.phone))) - before
	t.that(got <= 2, "at most two codes for two code requests, one of them repeated", shown(got))
	wishes := object{"operation_id": newID(), "wishes": object{"weekdays": []string{"tue"}}}
	d.acted("wishes", wishes)
	revision := d.steady().text("revision")
	d.acted("wishes", wishes)
	t.equal("the revision after a repetition", revision, d.seen().text("revision"))
	cancel := object{"operation_id": newID()}
	first := d.acted("cancellations", cancel)
	t.equal("the answer to a repeated withdrawal", string(first.raw), string(d.acted("cancellations", cancel).raw))
	t.equal("the state afterwards", "withdrawn", d.seen().text("state"))
}

// steady is the entry once it has the offer that comes by itself: from then on only its holder changes it.
func (d *device) steady() answer {
	d.until("an offer", func() bool { return d.seen().has("appointment") })
	return d.seen()
}

func ifRevision(t *trial) {
	d := t.proven()
	old := d.steady().text("revision")
	d.acted("wishes", object{"wishes": object{"weekdays": []string{"sat"}}, "if_revision": old})
	now := d.steady().text("revision")
	t.that(now != old, "another revision after a change", now)
	stale := object{"wishes": object{"weekdays": []string{"sun"}}, "if_revision": old}
	t.refused(d.act("wishes", stale), http.StatusConflict, "conflict")
	t.refused(d.act("corrections", object{"person": d.person.body(), "if_revision": old}), http.StatusConflict, "conflict")
	t.refused(d.act("helpers", object{"phone": t.session.people.phone(), "if_revision": old}), http.StatusConflict, "conflict")
	t.equal("the wishes after conflicts", `["sat"]`, shown(d.seen().at("wishes", "weekdays")))
	t.that(!d.seen().has("helper"), "no helper after a conflict", d.seen().text("helper"))
}

func syncIfRevision(t *trial) {
	d := t.proven()
	old := d.steady().text("revision")
	wish := func(day string, more ...any) object {
		return of("change_wishes", object{}.with("wishes", object{"weekdays": []string{day}}, more...))
	}
	a := t.synced(d.batch(wish("sat", "if_revision", old), wish("sun", "if_revision", old), wish("mon")))
	t.that(a.at("entries", 0, "results", 0, "done") == true, "the first change, which saw the present revision, is made", shown(a.at("entries", 0)))
	t.refused(a.part("entries", 0, "results", 1), http.StatusConflict, "conflict")
	t.that(a.at("entries", 0, "results", 2, "done") == true, "the operation behind the conflict is carried out", shown(a.at("entries", 0)))
	t.equal("the wishes afterwards", `["mon"]`, shown(a.at("entries", 0, "registration", "wishes", "weekdays")))
}

func correction(t *trial) {
	d := t.proven()
	t.until("an announced number", func() bool { return d.seen().has("place", "number") })
	before := d.seen()
	right := d.person
	right.name = "옳은이름"
	d.acted("corrections", right.in(object{"person": right.body()}))
	after := d.seen()
	t.that(after.text("masked_name") != before.text("masked_name"), "the corrected name", after.text("masked_name"))
	for _, member := range []string{"reference", "received_at", "ticket"} {
		t.equal("the "+member+" after a correction", before.text(member), after.text(member))
	}
	t.equal("the place after a correction", before.text("place", "number"), after.text("place", "number"))
	d.person = right
	again := t.device(right)
	again.apply()
	again.prove()
	t.equal("the ticket that the corrected person's other device sees", before.text("ticket"), again.seen().text("ticket"))
}

func withdrawn(t *trial) {
	d := t.proven()
	arrived := d.seen().text("received_at")
	d.acted("cancellations", object{})
	t.equal("the state after the withdrawal", "withdrawn", d.seen().text("state"))
	t.refused(d.register(d.application()), http.StatusConflict, "conflict")
	t.refused(d.register(d.application().with("operation_id", newID())), http.StatusConflict, "conflict")
	inBatch := t.synced(d.batch(of("register", d.application())))
	t.refused(inBatch.part("entries", 0, "results", 0), http.StatusConflict, "conflict")
	fresh := t.device(d.person)
	a := fresh.apply()
	t.that(a.text("received_at") > arrived, "a later arrival for who withdrew and applies again with a new secret", a.text("received_at"))
	fresh.prove()
	t.that(fresh.seen().text("state") != "withdrawn", "an entry that waits", fresh.seen().text("state"))
}

func tooMany(t *trial) {
	const most = 150
	d := t.anybody()
	d.apply()
	for range most {
		a := d.act("code-requests", object{})
		if a.status == http.StatusOK {
			continue
		}
		t.refused(a, http.StatusTooManyRequests, "too_many")
		t.that(a.number("retry_after_seconds") > 0 && a.header.Get("Retry-After") == a.text("retry_after_seconds"), "after how many seconds to come again, in the header too", a.summary())
		batch := t.synced(d.batch(of("request_code", object{}), of("confirm", object{"appointment": "1"})))
		t.refused(batch.part("entries", 0, "results", 0), http.StatusTooManyRequests, "too_many")
		t.equal("results of a batch whose first operation met a limit, which is final", 2, len(batch.list("entries", 0, "results")))
		return
	}
	if !t.over() {
		t.skip("no limit was met in %d code requests of one device", most)
	}
}
