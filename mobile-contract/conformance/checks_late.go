package conformance

import (
	"net/http"
	"time"
)

func stampExpired(t *trial) {
	d, stamp := t.overloaded()
	if t.over() {
		return
	}
	later := t.now().Add(26 * time.Hour)
	t.moveTo(later)
	a := d.register(d.application().with("stamp", stamp))
	t.status(a, http.StatusOK)
	t.equal("the outcome of a stamp of more than a day ago", "expired", a.text("stamp"))
	t.that(!a.instant("received_at").Before(later), "an arrival of its own, after "+later.Format(time.RFC3339), a.text("received_at"))
}

// afterTheClosing comes last: nobody can apply to that cohort any more.
func afterTheClosing(t *trial) {
	k := t.session.scene.cohortOf(t.magic("ordinary"))
	if t.over() {
		return
	}
	d := t.device(t.session.people.born(k))
	receipt := d.apply()
	d.prove()
	ticket := shown(d.seen().at("ticket"))
	t.moveTo(k.closes)
	a := t.device(t.session.people.born(k))
	t.refused(a.register(a.application()), http.StatusForbidden, "closed")
	found := t.device(d.person)
	found.introduce()
	found.prove()
	t.equal("the ticket on a new device", ticket, shown(found.seen().at("ticket")))
	t.equal("the arrival on a new device", receipt.text("received_at"), found.seen().text("received_at"))
}
