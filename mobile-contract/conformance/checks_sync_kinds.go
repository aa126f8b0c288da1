package conformance

import (
	"net/http"
)

// batched hands in one operation and returns the entry as the batch's answer tells it, which its own path must tell too.
func (d *device) batched(kind string, body object) answer {
	a := d.synced(d.batch(of(kind, body)))
	d.that(a.at("entries", 0, "results", 0, "done") == true, kind+" in a batch is done", shown(a.at("entries", 0, "results", 0)))
	if r := a.text("entries", 0, "reference"); r != "" {
		d.reference = r
	}
	entry := a.part("entries", 0, "registration")
	entry.what = "the entry after " + kind + " in a batch"
	return entry
}

// syncEveryKind lives through an application by batches alone.
func syncEveryKind(t *trial) {
	d := t.anybody()
	t.equal("the state after register in a batch", "received", d.batched("register", d.application()).text("state"))
	d.proveInBatch()
	t.equal("the wishes after change_wishes in a batch", `["sat"]`, shown(d.batched("change_wishes", object{"region": d.person.region, "wishes": object{"weekdays": []string{"sat"}}}).at("wishes", "weekdays")))
	t.that(d.batched("set_helper", object{"phone": t.session.people.phone()}).has("helper"), "a helper after set_helper in a batch", d.seen().summary())
	t.that(!d.batched("remove_helper", object{}).has("helper"), "no helper after remove_helper in a batch", d.seen().text("helper"))
	named := d.seen().text("masked_name")
	d.person.name = "옳은이름"
	t.that(d.batched("correct", d.person.in(object{"person": d.person.body()})).text("masked_name") != named, "another name after correct in a batch", named)
	d.answersInBatches()
	lost := d.device(d.person)
	lost.introduce()
	lost.prove()
	d.batched("remove_devices", object{"devices": "others"})
	t.refused(lost.see(), http.StatusUnauthorized, "unauthorized")
	t.equal("the state after cancel in a batch", "withdrawn", d.batched("cancel", object{}).text("state"))
	t.equal("the state of the entry after cancel in a batch", "withdrawn", d.seen().text("state"))
}

func (d *device) proveInBatch() {
	d.batched("request_code", object{})
	tried := map[string]bool{}
	d.until("a text with a code", func() bool {
		for _, code := range codes(d.texts(d.person.phone)) {
			if tried[code] {
				continue
			}
			tried[code] = true
			a := d.synced(d.batch(of("verify", object{"code": code})))
			if a.at("entries", 0, "results", 0, "done") == true {
				d.that(a.has("entries", 0, "registration", "ticket"), "a ticket after verify in a batch", shown(a.at("entries", 0)))
				return true
			}
		}
		return false
	})
}

// answersInBatches swaps, confirms and gives back what is offered.
func (d *device) answersInBatches() {
	d.offered()
	never := object{"not_before": "2099-01-01", "not_after": "2099-01-02"}
	swapped := d.batched("ask_swap", object{"region": d.person.region, "wishes": never})
	d.that(swapped.at("swap_asked") == true, "swap_asked after ask_swap in a batch", swapped.summary())
	d.that(d.batched("drop_swap", object{}).at("swap_asked") != true, "no swap_asked after drop_swap in a batch", d.seen().summary())
	id := d.offered().text("appointment", "id")
	confirmed := d.batched("confirm", object{"appointment": id})
	d.equal("the appointment after confirm in a batch", "confirmed", confirmed.text("appointment", "state"))
	declined := d.batched("decline", object{"appointment": id})
	d.that(declined.text("appointment", "id") != id || declined.text("appointment", "state") == "declined",
		"no appointment "+id+" after decline in a batch", shown(declined.at("appointment")))
}
