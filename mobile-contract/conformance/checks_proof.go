package conformance

import (
	"fmt"
	"net/http"
	"slices"
)

func proofChecks() []Check {
	const area = holderArea
	return []Check{
		{
			Name: "codes-wear-out", Area: area, needs: needSandbox, run: codesWearOut,
			Proves:   "Ten wrong tries close a code: the right one opens nothing afterwards, and a new one does",
			Sentence: "after a few wrong tries it opens nothing",
		},
		{
			Name: "introduced-again", Area: area, needs: needSandbox, run: introducedAgain,
			Proves:   "A second introduction of the same person replaces the wishes of the first",
			Sentence: "Introducing the same person again replaces region, wishes and language.",
		},
	}
}

func codesWearOut(t *trial) {
	d := t.anybody()
	d.apply()
	d.acted("code-requests", object{})
	var sent []string
	t.until("a text with a code", func() bool {
		sent = codes(t.texts(d.person.phone))
		return len(sent) > 0
	})
	for i := range 10 {
		wrong := fmt.Sprintf("%06d", i)
		if slices.Contains(sent, wrong) {
			continue
		}
		t.refused(d.act("verifications", object{"code": wrong}), http.StatusUnprocessableEntity, "wrong_code")
	}
	for _, code := range sent {
		t.refused(d.act("verifications", object{"code": code}), http.StatusUnprocessableEntity, "wrong_code")
	}
	t.equal("the state after a code that was worn out", "received", d.seen().text("state"))
	d.prove()
	t.that(d.seen().has("ticket"), "the ticket after the proof by a new code", d.seen().summary())
}

func introducedAgain(t *trial) {
	d := t.anybody()
	for _, day := range []string{"sat", "sun"} {
		body := d.application().with("operation_id", newID(), "wishes", object{"weekdays": []string{day}})
		a := d.post("/introductions", body)
		t.status(a, http.StatusOK)
		d.learn(a)
	}
	d.prove()
	a := d.seen()
	t.equal("the state", "prepared", a.text("state"))
	t.equal("the wishes after two introductions", `["sun"]`, shown(a.at("wishes", "weekdays")))
}
