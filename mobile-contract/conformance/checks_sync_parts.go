package conformance

import (
	"net/http"
	"strings"
)

func syncPartChecks() []Check {
	const area = syncArea
	return []Check{
		{
			Name: "sync-cursor", Area: area, run: syncCursor,
			Proves:   "With the cursor of what the device has there is no entry in the answer; without one, or with another, all of it",
			Sentence: "It is absent when nothing has changed since the cursor.",
		},
		{
			Name: "sync-cursor-moves", Area: area, needs: needSandbox, run: syncCursorMoves,
			Proves:   "What another device changes comes with the next batch, whole, under another cursor",
			Sentence: "`registration` is the whole entry, in place of what the device knew: what is not in it is no more.",
		},
		{
			Name: "sync-same-person", Area: area, run: syncSamePerson,
			Proves:   "An entry of a batch stays the entry of its reference, whoever an application in it names",
			Sentence: "An introduction or application may stand behind others too; what it names must be the same person.",
		},
	}
}

func syncMalformed(t *trial) {
	d, beside := t.anybody(), t.anybody()
	for name, broken := range map[string]object{
		"an unknown kind":      {"kind": "no_such_kind", "request": object{"operation_id": newID()}},
		"an unknown field":     of("request_code", object{"nickname": "x"}),
		"null":                 of("request_code", object{"nickname": nil}),
		"a value of no limits": of("verify", object{"code": "1"}),
		"no body":              {"kind": "confirm"},
	} {
		t.malformed(name, d, beside, broken)
	}
	alone := d.act("verifications", object{"code": "1"})
	batch := t.synced(d.batch(of("verify", object{"code": "1"}))).part("entries", 0, "results", 0)
	for _, member := range []string{"code", "field", "reason"} {
		t.equal("the "+member+" of a malformed operation is that of its own path", alone.text(member), batch.text(member))
	}
}

// malformed hands in a broken operation between good ones.
func (t *trial) malformed(name string, d, beside *device, broken object) {
	a := t.synced(d.batch(of("register", d.application()), broken, of("request_code", object{})), beside.batch(of("register", beside.application())))
	if t.equal("with "+name+": how many results the entry has", 3, len(a.list("entries", 0, "results"))); t.over() {
		return
	}
	wrong := a.part("entries", 0, "results", 1)
	t.that(wrong.status == http.StatusBadRequest && wrong.text("code") == "invalid", "with "+name+": that operation is invalid, status 400", wrong.summary())
	for _, good := range []answer{a.part("entries", 0, "results", 0), a.part("entries", 0, "results", 2), a.part("entries", 1, "results", 0)} {
		t.that(good.at("done") == true, "with "+name+": the operations beside and behind it are done", good.summary())
	}
}

func syncRetryable(t *trial) {
	d, beside := t.device(t.magic("overloaded-once")), t.anybody()
	register, second := of("register", d.application()), of("request_code", object{})
	a := t.synced(d.batch(register, second), beside.batch(of("register", beside.application())))
	refused := a.part("entries", 0, "results", 0)
	t.refused(refused, http.StatusServiceUnavailable, "overloaded")
	t.that(refused.text("stamp") != "" && refused.number("retry_after_seconds") > 0, "a stamp, and after how many seconds to come again", shown(refused.body))
	t.equal("results of the entry, whose second operation was not looked at", 1, len(a.list("entries", 0, "results")))
	t.that(a.at("entries", 1, "results", 0, "done") == true, "the other entry's application is done", shown(a.at("entries", 1)))
	t.laterOn()
	later := t.anybody().apply().text("received_at")
	stamped := of("register", d.application().with("stamp", refused.text("stamp")))
	again := t.synced(d.batch(stamped, second))
	t.resultsOf(again, 0, idsOf([]object{stamped, second}))
	receipt := again.part("entries", 0, "results", 0, "receipt")
	t.equal("the stamp's outcome", "counted", receipt.text("stamp"))
	t.that(receipt.text("received_at") < later, "an arrival before "+later+", which came after the refusal", receipt.text("received_at"))
}

func syncEntriesApart(t *trial) {
	good, thief, lost := t.anybody(), t.anybody(), t.anybody()
	good.apply()
	thief.reference = good.reference
	elsewhere := lost.batch(of("register", lost.application())).with("campaign", "no-such-campaign")
	a := t.synced(thief.batch(of("request_code", object{})), good.batch(of("request_code", object{})), elsewhere)
	stolen := a.part("entries", 0, "results", 0)
	t.refused(stolen, http.StatusUnauthorized, "unauthorized")
	t.refused(a.part("entries", 0), http.StatusUnauthorized, "unauthorized")
	t.that(a.at("entries", 1, "results", 0, "done") == true, "the holder's operation is done", shown(a.at("entries", 1)))
	t.equal("the holder's entry", good.reference, a.text("entries", 1, "registration", "reference"))
	t.refused(a.part("entries", 2, "results", 0), http.StatusNotFound, "no_campaign")
	t.that(!a.has("campaigns", "no-such-campaign"), "no ETag for a campaign that is not there", shown(a.at("campaigns")))
}

func syncFrame(t *trial) {
	d := t.anybody()
	entry := d.batch(of("register", d.application()))
	send := func(body any, header ...string) answer {
		return t.do(request{method: http.MethodPost, path: "/v1/sync", body: body, header: header})
	}
	seven := make([]object, 7)
	for i := range seven {
		seven[i] = entry
	}
	var eleven []object
	for range 11 {
		eleven = append(eleven, of("request_code", object{}))
	}
	t.invalid(send(object{"entries": []object{entry}, "device": "x"}), "/device", "unknown")
	t.invalid(send(object{"entries": []object{entry.with("nickname", "x")}}), "/entries/0/nickname", "unknown")
	t.invalid(send(object{"entries": []object{}}), "/entries", "value")
	t.invalid(send(object{"entries": seven}), "/entries", "value")
	t.invalid(send(object{"entries": []object{d.batch(eleven...)}}), "/entries/0/operations", "value")
	t.invalid(send(object{"entries": []object{entry, entry.with("secret", "short")}}), "/entries/1/secret", "value")
	t.invalid(send(object{"entries": []object{entry.with("cursor", nil)}}), "/entries/0/cursor", "type")
	t.refused(send(object{"entries": []object{entry}}, "Content-Type", "text/plain"), http.StatusUnsupportedMediaType, "unsupported_media")
	t.refused(send(object{"entries": []object{entry.with("secret", strings.Repeat("x", 200<<10))}}), http.StatusRequestEntityTooLarge, "too_large")
	// None of them has carried anything out.
	now := t.anybody().apply().text("received_at")
	t.laterOn()
	t.that(d.apply().text("received_at") > now, "no application by a batch that was refused: an arrival after "+now, "an earlier one")
}

func syncCursor(t *trial) {
	d := t.anybody()
	first := t.synced(d.batch(of("register", d.application())))
	d.reference = first.text("entries", 0, "reference")
	cursor := first.text("entries", 0, "cursor")
	t.that(cursor != "", "a cursor", "none")
	known := t.synced(d.batch().with("cursor", cursor))
	t.that(!known.has("entries", 0, "registration"), "no entry for a device that has it", shown(known.at("entries", 0, "registration")))
	if known.has("entries", 0, "cursor") {
		t.equal("the cursor while nothing has changed", cursor, known.text("entries", 0, "cursor"))
	}
	for name, other := range map[string]object{"without a cursor": d.batch(), "with another cursor": d.batch().with("cursor", "another")} {
		a := t.synced(other)
		t.equal("the entry "+name, shown(first.at("entries", 0, "registration")), shown(a.at("entries", 0, "registration")))
		t.equal("the cursor "+name, cursor, a.text("entries", 0, "cursor"))
	}
	t.equal("the entry in a batch is the entry by its own path", shown(d.seen().body), shown(first.at("entries", 0, "registration")))
}

func syncCursorMoves(t *trial) {
	one := t.proven()
	other := t.device(one.person)
	other.apply()
	other.prove()
	a := t.synced(one.batch())
	cursor := a.text("entries", 0, "cursor")
	other.acted("wishes", object{"wishes": object{"weekdays": []string{"sat", "sun"}}})
	changed := t.synced(one.batch().with("cursor", cursor))
	t.that(changed.has("entries", 0, "registration") && changed.text("entries", 0, "cursor") != cursor, "the changed entry, under another cursor", shown(changed.at("entries", 0)))
	t.equal("the wishes that the other device has written", `["sat","sun"]`, shown(changed.at("entries", 0, "registration", "wishes", "weekdays")))
	for _, member := range []string{"reference", "state", "received_at", "next", "ticket", "masked_name", "revision"} {
		t.that(changed.has("entries", 0, "registration", member), "the whole entry, with its "+member, shown(changed.at("entries", 0, "registration")))
	}
	cursor = changed.text("entries", 0, "cursor")
	t.until("a cursor that stays, and no entry with it", func() bool {
		a := t.synced(one.batch().with("cursor", cursor))
		next := a.text("entries", 0, "cursor")
		t.that(a.has("entries", 0, "registration") == (next != "" && next != cursor), "an entry exactly when the cursor is another one", shown(a.at("entries", 0)))
		if next == "" || next == cursor {
			return true
		}
		cursor = next // a round or the seal has changed it meanwhile
		return false
	})
}

func syncSamePerson(t *trial) {
	d, other := t.anybody(), t.anybody()
	own := d.apply()
	a := t.synced(d.batch(of("register", other.application())))
	t.equal("the reference of an entry in whose batch somebody else applied", d.reference, a.text("entries", 0, "reference"))
	if a.has("entries", 0, "registration") {
		t.equal("its received_at", own.text("received_at"), a.text("entries", 0, "registration", "received_at"))
	}
	t.sameReceipt(own, d.apply())
}
