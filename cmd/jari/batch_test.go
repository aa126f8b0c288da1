package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"jari/booking"
	"jari/db/dbtest"
)

// entry is one person of a batch.
func (w *town) entry(secret string, operations ...map[string]any) map[string]any {
	return map[string]any{"campaign": w.campaign.Slug, "secret": secret, "operations": operations}
}

func batch(entries ...map[string]any) map[string]any { return map[string]any{"entries": entries} }

func applies(p booking.Person) map[string]any {
	return map[string]any{"kind": "register", "request": application(p)}
}

// masked is an answer without what may differ from one device and one instant to the next, all of which has a fixed size.
func masked(t *testing.T, r reply) string {
	t.Helper()
	text, err := json.Marshal(r.body)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`"(reference|cursor|received_at|operation_id)":"[^"]*"`).ReplaceAllString(string(text), `"$1":"…"`)
}

// Many devices hand in the same few people in batches, each person twice in each: every person is one entry, and no answer shows who was first.
func TestBatchesOfTheSamePeople(t *testing.T) {
	t.Parallel()
	w := newTown(t, dbtest.BeforeOffer)
	w.open()
	const devices, people = 12, 3
	answers := make([]reply, devices)
	var all sync.WaitGroup
	for i := range devices {
		var entries []map[string]any
		for n := range people {
			mine := secretOf("device-" + strconv.Itoa(i) + "-" + strconv.Itoa(n))
			entries = append(entries, w.entry(mine, applies(dbtest.Person(40+n)), map[string]any{"kind": "cancel", "request": operation()}),
				w.entry(mine, applies(dbtest.Person(40+n)))) // the same device again
		}
		all.Go(func() { answers[i] = w.call("POST", "/v1/sync", "", batch(entries...)) })
	}
	all.Wait()
	var rows int
	w.db.Scan(t, `SELECT count(*) FROM registration`, nil, &rows)
	if rows != people {
		t.Errorf("%d entries of %d people", rows, people)
	}
	references := map[any]bool{}
	for i, r := range answers {
		if r.status != http.StatusOK || r.size != answers[0].size || masked(t, r) != masked(t, answers[0]) {
			t.Errorf("device %d is told apart: %d with %d bytes, %v\nthe first: %d bytes, %v", i, r.status, r.size, masked(t, r), answers[0].size, masked(t, answers[0]))
		}
		for _, e := range r.body["entries"].([]any) {
			references[e.(map[string]any)["reference"]] = true
		}
	}
	if len(references) != devices*people {
		t.Errorf("%d references, want one for each device and person", len(references))
	}
	// Somebody who applies for the first time reads the same as whoever came to an entry that stood.
	var first, stood []map[string]any
	for n := range people {
		first = append(first, w.entry(secretOf("new-"+strconv.Itoa(n)), applies(dbtest.Person(60+n))))
		stood = append(stood, w.entry(secretOf("late-"+strconv.Itoa(n)), applies(dbtest.Person(40+n))))
	}
	one, other := w.call("POST", "/v1/sync", "", batch(first...)), w.call("POST", "/v1/sync", "", batch(stood...))
	if one.size != other.size || masked(t, one) != masked(t, other) {
		t.Errorf("a first application: %d bytes, %s\none to an entry that stood: %d bytes, %s", one.size, masked(t, one), other.size, masked(t, other))
	}
}

func TestTheLeastVersionIsASetting(t *testing.T) {
	t.Parallel()
	for version, good := range map[string]bool{"": true, "0.9.0": true, "1.0": false, "99.0.0": false} {
		c, err := loadConfig(func(name string) string {
			if name == "JARI_CLIENT_MINIMUM" {
				return version
			}
			return ""
		}, 0)
		if (err == nil) != good || version == "" && c.ClientMinimum != "1.0.0" {
			t.Errorf("%q: %q %v", version, c.ClientMinimum, err)
		}
	}
}
