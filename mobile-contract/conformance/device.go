package conformance

import (
	"net/http"
)

// device is an app that speaks for one person, with a secret of its own.
type device struct {
	*trial
	person    person
	secret    string
	operation string // of its application
	reference string
}

func (t *trial) device(p person) *device {
	return &device{trial: t, person: p, secret: newSecret(), operation: newID()}
}

// anybody is a device of somebody who is new.
func (t *trial) anybody() *device { return t.device(t.session.people.anybody()) }

// application is the body of an application; of an introduction too.
func (d *device) application() object {
	return d.person.in(object{"operation_id": d.operation, "person": d.person.body(), "lang": "ko"})
}

func (d *device) post(path string, body any, header ...string) answer {
	return d.do(request{method: http.MethodPost, path: d.session.scene.path() + path, secret: d.secret, body: body, header: header})
}

// register sends the application as it is now.
func (d *device) register(body object, header ...string) answer {
	a := d.post("/registrations", body, header...)
	d.learn(a)
	return a
}

// apply registers; anything but a receipt fails.
func (d *device) apply() answer {
	a := d.register(d.application())
	d.status(a, http.StatusOK)
	return a
}

// introduce says for whom the device speaks, without applying.
func (d *device) introduce() answer {
	a := d.post("/introductions", d.application().with("operation_id", newID()))
	d.status(a, http.StatusOK)
	d.learn(a)
	return a
}

func (d *device) learn(a answer) {
	if r := a.text("reference"); a.status == http.StatusOK && r != "" {
		d.reference = r
	}
}

// entry is the path of the entry.
func (d *device) entry(more string) string {
	return d.session.scene.path() + "/registrations/" + d.reference + more
}

// see asks how the entry stands.
func (d *device) see() answer {
	return d.do(request{method: http.MethodGet, path: d.entry(""), what: d.session.scene.path() + "/registrations/{reference}", secret: d.secret})
}

// seen is see where the entry must be there.
func (d *device) seen() answer {
	a := d.see()
	d.status(a, http.StatusOK)
	return a
}

// act carries out an operation under an id of its own, unless the body names one.
func (d *device) act(operation string, body object) answer {
	if body["operation_id"] == nil {
		body = body.with("operation_id", newID())
	}
	return d.do(request{
		method: http.MethodPost, path: d.entry("/" + operation), what: d.session.scene.path() + "/registrations/{reference}/" + operation, secret: d.secret, body: body,
	})
}

// acted is act where the operation must be taken.
func (d *device) acted(operation string, body object) answer {
	a := d.act(operation, body)
	d.status(a, http.StatusOK)
	return a
}

// prove asks for a code and enters what reaches the phone.
func (d *device) prove() {
	before := codes(d.texts(d.person.phone))
	d.acted("code-requests", object{})
	tried := map[string]bool{}
	for _, code := range before { // another device's
		tried[code] = true
	}
	d.until("a text with a code that is right for this device", func() bool {
		for _, code := range codes(d.texts(d.person.phone)) {
			if tried[code] {
				continue
			}
			tried[code] = true
			if d.act("verifications", object{"code": code}).status == http.StatusOK {
				return true
			}
		}
		return false
	})
}

// proven is a device of somebody new who has applied and proven the phone.
func (t *trial) proven() *device {
	d := t.anybody()
	d.apply()
	d.prove()
	return d
}

// batch is one entry of a sync request.
func (d *device) batch(operations ...object) object {
	o := object{"campaign": d.session.scene.slug, "secret": d.secret}
	if d.reference != "" {
		o["reference"] = d.reference
	}
	if len(operations) > 0 {
		o["operations"] = operations
	}
	return o
}

// sync hands in entries.
func (t *trial) sync(entries ...object) answer {
	return t.do(request{method: http.MethodPost, path: "/v1/sync", body: object{"entries": entries}})
}

// synced is sync where the batch as a whole must be taken.
func (t *trial) synced(entries ...object) answer {
	a := t.sync(entries...)
	t.status(a, http.StatusOK)
	if !t.over() && len(a.list("entries")) != len(entries) {
		t.fail("POST /v1/sync: one entry in the answer for each of the request", shown(len(a.list("entries")))+" for "+shown(len(entries)))
	}
	return a
}

// of names an operation for a batch.
func of(kind string, body object) object {
	if body["operation_id"] == nil {
		body = body.with("operation_id", newID())
	}
	return object{"kind": kind, "request": body}
}
