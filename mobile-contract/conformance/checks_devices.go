package conformance

import (
	"net/http"
)

func deviceChecks() []Check {
	const area = "helper and devices"
	return []Check{
		{
			Name: "helper", Area: area, needs: needSandbox, run: helper,
			Proves:   "A helper is told by text, shown masked, replaced by the next, and gone when removed; removing again is no error",
			Sentence: "One helper at a time: naming another replaces the first.",
		},
		{
			Name: "shut-out-others", Area: area, needs: needSandbox, run: shutOutOthers,
			Proves:   "A device that is shut out reads unauthorized everywhere, in a batch too; the entry and the other device stay",
			Sentence: "A device that is shut out reads unauthorized; to come back it introduces itself with a new secret.",
		},
		{
			Name: "forget-me-here", Area: area, needs: needSandbox, run: forgetMeHere,
			Proves:   "A device can shut itself out; the entry stays, and a new secret comes back to it",
			Sentence: "`this`: the device may neither see nor change the entry any more",
		},
		{
			Name: "explanation", Area: area, needs: needSandbox, run: explanation,
			Proves:   "A device that has proven the phone is told why, in the language it asks for",
			Sentence: "Only for a device that has proven the phone on file.",
		},
	}
}

func helper(t *trial) {
	d := t.proven()
	first, second := t.session.people.phone(), t.session.people.phone()
	toFirst, toSecond := len(t.texts(first)), len(t.texts(second))
	set := func(phone string) object { return object{"operation_id": newID(), "phone": phone} }
	one := set(first)
	d.acted("helpers", one)
	t.that(d.seen().has("helper") && d.seen().text("helper") != first, "the helper's phone, masked", d.seen().text("helper"))
	t.reached("a text that tells the helper", first, toFirst)
	d.acted("helpers", set(second))
	shownNow := d.seen().text("helper")
	t.reached("a text that tells the second helper", second, toSecond)
	d.acted("helpers", one) // a repetition that comes late
	t.equal("the helper after the first was named again by a repetition", shownNow, d.seen().text("helper"))
	remove := object{"operation_id": newID()}
	for range 2 {
		d.acted("helper-removals", remove)
		t.that(!d.seen().has("helper"), "no helper after the removal", d.seen().text("helper"))
	}
	d.acted("helper-removals", object{})
}

func shutOutOthers(t *trial) {
	lost := t.proven()
	before := lost.seen()
	fresh := t.device(lost.person)
	fresh.introduce()
	fresh.prove()
	remove := object{"operation_id": newID(), "devices": "others"}
	for range 2 {
		fresh.acted("device-removals", remove)
	}
	lost.isShutOut()
	t.equal("the ticket on the device that stays", before.text("ticket"), fresh.seen().text("ticket"))
	t.equal("the ticket on the device that comes back", before.text("ticket"), lost.comesBack().text("ticket"))
}

// isShutOut holds everything that a device can ask for against its having been shut out.
func (d *device) isShutOut() {
	d.refused(d.see(), http.StatusUnauthorized, "unauthorized")
	d.refused(d.why(), http.StatusUnauthorized, "unauthorized")
	for _, o := range operations(d.person) {
		d.refused(d.act(o.path, o.body), http.StatusUnauthorized, "unauthorized")
	}
	a := d.synced(d.batch(of("request_code", object{})))
	d.refused(a.part("entries", 0, "results", 0), http.StatusUnauthorized, "unauthorized")
	d.refused(a.part("entries", 0), http.StatusUnauthorized, "unauthorized")
	d.that(!a.has("entries", 0, "registration"), "no entry for a device that is shut out", shown(a.at("entries", 0, "registration")))
}

// comesBack introduces the device with a new secret, proves the phone, and reads the entry.
func (d *device) comesBack() answer {
	again := d.device(d.person)
	again.introduce()
	again.prove()
	return again.seen()
}

func forgetMeHere(t *trial) {
	d := t.proven()
	before := d.seen()
	d.acted("device-removals", object{"devices": "this"})
	d.isShutOut()
	back := d.comesBack()
	t.equal("the ticket after coming back", before.text("ticket"), back.text("ticket"))
	t.equal("received_at after coming back", before.text("received_at"), back.text("received_at"))
}

func explanation(t *trial) {
	d := t.proven()
	t.until("a reason, or an appointment", func() bool {
		a := d.why()
		if a.status != http.StatusOK {
			t.status(a, http.StatusOK)
			return true
		}
		t.equal("the explanation's language", "en", a.text("lang"))
		t.equal("the explanation's ticket", d.seen().text("ticket"), a.text("ticket"))
		return len(a.list("sentences")) > 0
	})
}
