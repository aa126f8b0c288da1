package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jari/db/dbtest"
)

var sixDigits = regexp.MustCompile(`\d{6}`)

// same compares what two devices were told: status, header names and values that speak of the answer, fields, and size.
func same(t *testing.T, what string, a, b reply) {
	t.Helper()
	if a.status != b.status || a.size != b.size {
		t.Errorf("%s: %d with %d bytes for the maker, %d with %d bytes for the stranger", what, a.status, a.size, b.status, b.size)
	}
	for _, h := range []http.Header{a.header, b.header} {
		for k := range h {
			if k == "Date" || k == "X-Request-Id" || k == "Location" {
				continue
			}
			if !slices.Equal(a.header.Values(k), b.header.Values(k)) {
				t.Errorf("%s: header %s is %q for the maker and %q for the stranger", what, k, a.header.Values(k), b.header.Values(k))
			}
		}
	}
	for k := range a.body {
		if _, ok := b.body[k]; !ok {
			t.Errorf("%s: only the maker's answer has %s", what, k)
		}
		if k == "at" { // an hour after each one's own request, in seconds: the two were sent moments apart
			one, err := time.Parse(time.RFC3339, fmt.Sprint(a.body[k]))
			other, err2 := time.Parse(time.RFC3339, fmt.Sprint(b.body[k]))
			if err != nil || err2 != nil || one.Sub(other).Abs() > 10*time.Second {
				t.Errorf("%s: at is %v for the maker and %v for the stranger", what, a.body[k], b.body[k])
			}
			continue
		}
		if k != "reference" && k != "received_at" && k != "operation_id" && a.body[k] != b.body[k] {
			t.Errorf("%s: %s is %v for the maker and %v for the stranger", what, k, a.body[k], b.body[k])
		}
	}
	if len(a.body) != len(b.body) {
		t.Errorf("%s: %d fields and %d", what, len(a.body), len(b.body))
	}
}

// A stranger who knows name, birth date and phone learns nothing; the person takes over with the phone.
func TestTakeoverAndOracle(t *testing.T) {
	t.Parallel()
	w := newTown(t, dbtest.BeforeOffer)
	w.open()
	p := dbtest.Person(1)
	maker, stranger := secretOf("maker"), secretOf("stranger")
	nobody := dbtest.Person(2) // who applies for the first time: a control

	a := w.call("POST", w.registrations(), maker, application(p))
	b := w.call("POST", w.registrations(), stranger, application(p))
	control := w.call("POST", w.registrations(), secretOf("control"), application(nobody))
	same(t, "register", a, b)
	same(t, "register, first time", a, control)
	if a.status != http.StatusOK {
		t.Fatalf("register: %d %v", a.status, a.body)
	}
	refA, refB := a.body["reference"].(string), b.body["reference"].(string)
	pathA, pathB := w.registrations()+"/"+refA, w.registrations()+"/"+refB
	if again := w.call("POST", w.registrations(), stranger, application(p)); again.body["received_at"] != b.body["received_at"] || again.body["reference"] != refB {
		t.Errorf("the stranger's repetition differs: %v, then %v", b.body, again.body)
	}
	same(t, "status", w.call("GET", pathA, maker, nil), w.call("GET", pathB, stranger, nil))
	for _, op := range []string{"confirmations", "declines"} {
		same(t, op, w.call("POST", pathA+"/"+op, maker, operation("appointment", "1")), w.call("POST", pathB+"/"+op, stranger, operation("appointment", "1")))
	}
	same(t, "cancellations", w.call("POST", pathA+"/cancellations", maker, operation()), w.call("POST", pathB+"/cancellations", stranger, operation()))
	wrong := func(path, secret string) reply {
		return w.call("POST", path+"/verifications", secret, operation("code", "000000"))
	}
	same(t, "a wrong code", wrong(pathA, maker), wrong(pathB, stranger))
	correction := func(path, secret string) reply {
		body := operation()
		body["person"] = application(p)["person"]
		return w.call("POST", path+"/corrections", secret, body)
	}
	same(t, "correction", correction(pathA, maker), correction(pathB, stranger))
	same(t, "code request", w.call("POST", pathA+"/code-requests", maker, operation()), w.call("POST", pathB+"/code-requests", stranger, operation()))

	// A borrowed reference with another secret, and a reference of nobody, look alike.
	same(t, "a borrowed reference", w.call("GET", pathA, stranger, nil), w.call("GET", w.registrations()+"/"+strings.Repeat("A", len(refA)), stranger, nil))

	// The person, on a new device, proves the phone with the code that was texted to it, and finds the entry with the
	// arrival of whoever entered it.
	own := secretOf("own-device")
	c := w.call("POST", w.registrations(), own, application(p))
	pathC := w.registrations() + "/" + c.body["reference"].(string)
	before := len(w.phones.Inbox(p.Phone))
	if r := w.call("POST", pathC+"/code-requests", own, operation()); r.status != http.StatusOK {
		t.Fatalf("code request: %d %v", r.status, r.body)
	}
	var verified reply
	w.until("the code that belongs to this device", 30e9, func() bool {
		for _, e := range w.phones.Inbox(p.Phone)[min(before, len(w.phones.Inbox(p.Phone))):] {
			if code := sixDigits.FindString(e.Body); code != "" {
				if verified = w.call("POST", pathC+"/verifications", own, operation("code", code)); verified.status == http.StatusOK {
					return true
				}
			}
		}
		return false
	})
	view := w.call("GET", pathC, own, nil)
	if view.body["masked_name"] == nil || view.body["received_at"] != a.body["received_at"] {
		t.Errorf("after the proof: %v, want the entry with arrival %v", view.body, a.body["received_at"])
	}
	same(t, "status of the others afterwards", w.call("GET", pathA, maker, nil), w.call("GET", pathB, stranger, nil))
	var entries int
	w.db.Scan(t, `SELECT count(*) FROM registration`, nil, &entries)
	if entries != 2 {
		t.Errorf("%d entries, want the person's and the control's", entries)
	}
}
