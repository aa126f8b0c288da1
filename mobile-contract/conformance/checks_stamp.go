package conformance

import (
	"net/http"
	"strings"
)

func stampChecks() []Check {
	const area = "arrival stamps"
	return []Check{
		{
			Name: "stamp-counts", Area: area, run: stampCounts,
			Proves:   "Whoever is refused for overload stands, with the stamp, before those who came after the refusal; repeating keeps that",
			Sentence: "and the arrival is that of the refused request.",
		},
		{
			Name: "stamp-borrowed", Area: area, run: stampBorrowed,
			Proves:   "A stamp that was altered, or made for another person, secret or operation, gives nothing",
			Sentence: "It counts for nothing else and for nobody else, and a stamp that does not count costs nothing",
		},
		{
			Name: "stamp-forged", Area: area, run: stampForged,
			Proves:   "An invented stamp is called invalid, and the application is taken as of its own arrival",
			Sentence: "invalid: not one of ours, or made for another request.",
		},
	}
}

// overloaded is a device that has been refused once with a stamp.
func (t *trial) overloaded() (d *device, stamp string) {
	d = t.device(t.magic("overloaded-once"))
	a := d.register(d.application())
	t.refused(a, http.StatusServiceUnavailable, "overloaded")
	t.that(a.text("stamp") != "", a.what+": an arrival stamp with the refusal", "none")
	return d, a.text("stamp")
}

func stampCounts(t *trial) {
	before := t.anybody().apply().text("received_at")
	t.laterOn()
	d, stamp := t.overloaded()
	t.laterOn()
	after := t.anybody().apply().text("received_at")
	counted := d.register(d.application().with("stamp", stamp))
	t.status(counted, http.StatusOK)
	t.equal("the outcome of an own stamp", "counted", counted.text("stamp"))
	at := counted.text("received_at")
	t.that(before <= at && at < after, "an arrival between "+before+", before the refused request, and "+after+", after it", at)
	again := d.register(d.application().with("stamp", stamp))
	t.sameReceipt(counted, again)
	t.equal("received_at of a repetition without the stamp", at, d.apply().text("received_at"))
	t.equal("the entry's received_at", at, d.seen().text("received_at"))
}

func stampBorrowed(t *trial) {
	for what, change := range borrowings() {
		d, stamp := t.overloaded()
		if t.over() {
			return
		}
		after := t.anybody().apply().text("received_at")
		t.laterOn()
		a := change(d, stamp)
		t.status(a, http.StatusOK)
		t.equal("the outcome of a stamp "+what, "invalid", a.text("stamp"))
		t.that(a.text("received_at") > after, "with a stamp "+what+": an arrival of its own, after "+after, a.text("received_at"))
	}
}

// borrowings are ways to send a stamp with what it was not made for.
func borrowings() map[string]func(d *device, stamp string) answer {
	return map[string]func(*device, string) answer{
		"of another person with the same secret and operation": func(d *device, stamp string) answer {
			other := d.anybody()
			other.secret, other.operation = d.secret, d.operation
			return other.register(other.application().with("stamp", stamp))
		},
		"of another secret": func(d *device, stamp string) answer {
			other, _ := d.overloaded()
			return other.register(other.application().with("stamp", stamp, "operation_id", d.operation))
		},
		"of another operation": func(d *device, stamp string) answer {
			return d.register(d.application().with("stamp", stamp, "operation_id", newID()))
		},
		"with its middle letter altered": func(d *device, stamp string) answer {
			middle := len(stamp) / 2
			return d.register(d.application().with("stamp", stamp[:middle]+otherLetter(stamp[middle])+stamp[middle+1:]))
		},
		"with its first letter altered": func(d *device, stamp string) answer {
			return d.register(d.application().with("stamp", otherLetter(stamp[0])+stamp[1:]))
		},
	}
}

// otherLetter is another letter of base64url.
func otherLetter(b byte) string {
	if b == 'A' {
		return "B"
	}
	return "A"
}

func stampForged(t *trial) {
	before := t.anybody().apply().text("received_at")
	t.laterOn()
	for _, stamp := range []string{"x", strings.Repeat("A", 50), "AQAAAAEABdG3ZzQ8cwAF0bzJqEAAq1rY0oXv9Qm3sK2nB7cVdA"} {
		d := t.anybody()
		a := d.register(d.application().with("stamp", stamp))
		t.status(a, http.StatusOK)
		t.equal("the outcome of an invented stamp", "invalid", a.text("stamp"))
		t.that(a.text("received_at") > before, "an arrival of its own, after "+before, a.text("received_at"))
	}
}
