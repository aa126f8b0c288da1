package conformance

import (
	"fmt"
	"net/http"
	"strconv"
)

const syncArea = "handing in a batch"

func syncChecks() []Check {
	const area = syncArea
	return []Check{
		{
			Name: "sync-whole", Area: area, run: syncWhole,
			Proves:   "A batch is answered entry by entry and operation by operation, in order, with the receipts of the single paths",
			Sentence: "A result for each operation that was looked at, and each entry as it stands now if that has changed.",
		},
		{
			Name: "sync-in-pieces", Area: area, run: syncInPieces,
			Proves:   "The same operations in any pieces, repeated as a whole or in part, give the same receipts and the same entry",
			Sentence: "Everything may be handed in again, in any pieces: nothing is done twice.",
		},
		{
			Name: "sync-late-repetition", Area: area, needs: needSandbox, run: syncLateRepetition,
			Proves:   "A repetition that comes late, or in another order, does not undo what was written after it",
			Sentence: "Without it the latest change counts.",
		},
		{
			Name: "sync-every-kind", Area: area, needs: needSandbox, run: syncEveryKind,
			Proves:   "Every kind of operation has its effect in a batch too, in the batch's own answer and on the entry's path",
			Sentence: "A batch of the same operations with the same bodies, and the same refusals, as the single paths have",
		},
		{
			Name: "sync-cut", Area: area, run: syncCut,
			Proves:   "A batch whose connection was cut, before or in the answer, ends in the same state when it is handed in again",
			Sentence: "nothing is done twice.",
		},
		{
			Name: "sync-malformed", Area: area, run: syncMalformed,
			Proves:   "A malformed operation is that operation's trouble: what stands beside and behind it is carried out",
			Sentence: "The answer is 200 also when operations were refused or must be repeated: their results say so.",
		},
		{
			Name: "sync-retryable", Area: area, run: syncRetryable,
			Proves:   "Behind an operation that must be repeated nothing of the same entry is looked at; other entries are",
			Sentence: "**What has no result was not looked at:** keep it and hand it in again.",
		},
		{
			Name: "sync-entries-apart", Area: area, run: syncEntriesApart,
			Proves:   "An entry's trouble (another's secret, no such campaign) does not touch the others",
			Sentence: "an entry's trouble does not touch another entry.",
		},
		{
			Name: "sync-frame", Area: area, run: syncFrame,
			Proves:   "What is wrong with the batch itself is refused as a whole, by its pointer",
			Sentence: "The people for whom this device speaks.",
		},
	}
}

// syncWhole hands in what six people prepare, apply for and ask.
func syncWhole(t *trial) {
	people := make([]*device, 6) // as many as one device may speak for
	for i := range people {
		people[i] = t.anybody()
	}
	var entries []object
	var ids [][]string
	for _, d := range people {
		operations := []object{of("introduce", d.application().with("operation_id", newID())), of("register", d.application()), of("request_code", object{})}
		entries = append(entries, d.batch(operations...))
		ids = append(ids, idsOf(operations))
	}
	a := t.synced(entries...)
	for i, d := range people {
		t.resultsOf(a, i, ids[i])
		for j := range 3 {
			t.that(a.at("entries", i, "results", j, "done") == true, "result "+strconv.Itoa(j)+" of entry "+strconv.Itoa(i)+": done", shown(a.at("entries", i, "results", j)))
		}
		receipt := a.part("entries", i, "results", 1, "receipt")
		t.that(receipt.has("reference") && receipt.text("reference") == a.text("entries", i, "reference"), "the entry's reference is that of the receipt", shown(a.at("entries", i)))
		t.that(a.has("entries", i, "registration") && a.has("entries", i, "cursor"), "an entry that the device does not know yet, and its cursor", shown(a.at("entries", i)))
		t.that(!a.has("entries", i, "results", 2, "receipt"), "a receipt only for introductions and applications", shown(a.at("entries", i, "results", 2)))
		d.reference = receipt.text("reference")
		single := d.apply() // its own path knows the same operation
		t.equal("received_at by the single path", receipt.text("received_at"), single.text("received_at"))
		t.equal("the reference by the single path", receipt.text("reference"), single.text("reference"))
	}
	campaign := t.get(t.session.scene.path())
	t.equal("the campaign's ETag in the answer", campaign.header.Get("ETag"), a.text("campaigns", t.session.scene.slug))
}

func idsOf(operations []object) []string {
	var ids []string
	for _, o := range operations {
		if body, ok := o["request"].(object); ok {
			ids = append(ids, fmt.Sprint(body["operation_id"]))
		}
	}
	return ids
}

// resultsOf holds the results of an entry against the operations that were handed in: these, in this order, and no other.
func (t *trial) resultsOf(a answer, entry int, ids []string) {
	t.equal("how many results entry "+strconv.Itoa(entry)+" has", len(ids), len(a.list("entries", entry, "results")))
	for i, id := range ids {
		t.equal("the operation of result "+strconv.Itoa(i)+" of entry "+strconv.Itoa(entry), id, a.text("entries", entry, "results", i, "operation_id"))
	}
}

func syncInPieces(t *trial) {
	d := t.anybody()
	introduce, register := of("introduce", d.application().with("operation_id", newID())), of("register", d.application())
	first := t.synced(d.batch(introduce))
	d.reference = first.text("entries", 0, "reference")
	t.equal("the state after the introduction", "introduced", first.text("entries", 0, "registration", "state"))
	second := t.synced(d.batch(register))
	receipt := second.part("entries", 0, "results", 0, "receipt")
	t.equal("the application's reference", d.reference, receipt.text("reference"))
	for _, pieces := range [][]object{{introduce, register}, {register}, {register, introduce}, {introduce}, {register, register}} {
		again := t.synced(d.batch(pieces...))
		t.resultsOf(again, 0, idsOf(pieces))
		for i := range pieces {
			if pieces[i]["kind"] == "register" {
				t.equal("the receipt of a repetition", shown(receipt.body), shown(again.at("entries", 0, "results", i, "receipt")))
			}
		}
		t.equal("the entry after a repetition", shown(second.at("entries", 0, "registration")), shown(again.at("entries", 0, "registration")))
	}
	alone := t.device(d.person)
	t.equal("the state that the single path tells", receipt.text("state"), alone.apply().text("state"))
}

func syncLateRepetition(t *trial) {
	d := t.proven()
	wish := func(day string) object {
		return of("change_wishes", object{"wishes": object{"weekdays": []string{day}}})
	}
	sat, sun, mon := wish("sat"), wish("sun"), wish("mon")
	wished := func(a answer) string { return shown(a.at("entries", 0, "registration", "wishes", "weekdays")) }
	t.equal("the wishes after sat, then sun", `["sun"]`, wished(t.synced(d.batch(sat, sun))))
	t.equal("the wishes after sat has come again", `["sun"]`, wished(t.synced(d.batch(sat))))
	t.equal("the wishes after mon", `["mon"]`, wished(t.synced(d.batch(mon))))
	t.equal("the wishes after all have come again in another order", `["mon"]`, wished(t.synced(d.batch(mon, sun, sat))))
	d.acted("wishes", object{"operation_id": idsOf([]object{sat})[0], "wishes": object{"weekdays": []string{"sat"}}})
	t.equal("the wishes after sat has come again by its own path", `["mon"]`, shown(d.seen().at("wishes", "weekdays")))
}

func syncCut(t *trial) {
	for after := cutHalfway; after <= cutInAnswer; after++ {
		d := t.anybody()
		batch := object{"entries": []object{d.batch(of("introduce", d.application().with("operation_id", newID())), of("register", d.application()))}}
		for range 2 {
			t.cut(request{method: http.MethodPost, path: "/v1/sync", body: batch}, after)
		}
		send := func() answer {
			a := t.do(request{method: http.MethodPost, path: "/v1/sync", body: batch})
			t.status(a, http.StatusOK)
			return a
		}
		first := send()
		d.reference = first.text("entries", 0, "reference")
		t.equal("the answer of a batch that is handed in again", string(first.raw), string(send().raw))
		t.equal("received_at by the single path", first.text("entries", 0, "results", 1, "receipt", "received_at"), d.apply().text("received_at"))
	}
}
