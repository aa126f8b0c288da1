package conformance

import (
	"net/http"
)

// drawn is a cohort whose order is drawn.
func (t *trial) drawn() cohort {
	for _, k := range t.session.scene.cohorts {
		if k.drawn {
			return k
		}
	}
	t.skip("no cohort of the campaign is drawn")
	return cohort{}
}

func drawDocument(t *trial) {
	k := t.drawn()
	a := t.get(t.session.scene.path() + "/queues/" + k.queue)
	t.status(a, http.StatusOK)
	t.that(!k.windows.IsZero(), "a drawn cohort's window_closes", "none")
	t.that(a.text("draw", "commitment") != "" && a.text("draw", "public_value_name") != "", "a commitment and the name of the public value", shown(a.at("draw")))
	t.that(a.instant("draw", "window_closes").Equal(k.windows), "the queue's window_closes as the cohort's, "+k.windows.String(), a.text("draw", "window_closes"))
	t.that(!a.has("draw", "public_value") || a.has("draw", "list_digest"), "no public value before the list is closed", shown(a.at("draw")))
}

func drawHeld(t *trial) {
	k := t.drawn()
	if now := t.now(); !t.over() && !now.Before(k.windows) {
		t.skip("the window of the draw has closed: start another sandbox")
	}
	d := t.device(t.session.people.born(k))
	d.apply()
	d.prove()
	a := d.seen()
	t.that(a.at("place", "after_draw") == true && !a.has("place", "number") && !a.has("place", "estimate"), "after_draw, and neither number nor estimate", shown(a.at("place")))
	path := t.session.scene.path() + "/queues/" + k.queue
	before := t.get(path)
	t.that(!before.has("draw", "list_digest") && !before.has("draw", "public_value"), "an open list before the window closes", shown(before.at("draw")))
	t.moveTo(k.round)
	t.until("a number by the draw", func() bool { return d.seen().has("place", "number") })
	t.that(d.seen().has("place", "draw_id") && d.seen().at("place", "after_draw") != true, "the number, and the entry's name in the record", shown(d.seen().at("place")))
	t.until("the draw in the queue's document", func() bool { return t.get(path).has("draw", "public_value") })
	after := t.get(path)
	t.equal("the commitment", before.text("draw", "commitment"), after.text("draw", "commitment"))
	t.that(after.number("draw", "entries") > 0 && after.has("draw", "list_digest"), "the closed list and its digest", shown(after.at("draw")))
}
