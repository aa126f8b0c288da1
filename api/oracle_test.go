package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const somebody = `{"operation_id":"0198c0de-7a31-7cc2-9b1f-2f6a5c1d0e42","person":{"name":"홍길동","birth_date":"1968-04-12","phone":"+821000001234"},"lang":"ko"}`

const (
	ownerSecret = "owner-CCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"
	askerSecret = "asker-DDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"
)

// Law 11: whoever knows a name, a birth date and a phone learns nothing, in status, headers, body or size. One device
// tries every operation in worlds that differ in what somebody else did before; every answer must be the same.
func TestNothingIsLearntAtTheDoor(t *testing.T) {
	t.Parallel()
	worlds := map[string]func(*testing.T, *running){
		"nobody applied": func(*testing.T, *running) {},
		"another device applied": func(t *testing.T, r *running) {
			t.Helper()
			r.apply(t, ownerSecret)
		},
		"the owner has proven the phone, has a place and an offer": func(t *testing.T, r *running) {
			t.Helper()
			r.prove(t, r.apply(t, ownerSecret), ownerSecret)
			r.world.seal()
			r.world.offer()
		},
		"the owner has a helper, whom the device would name as well": func(t *testing.T, r *running) {
			t.Helper()
			ref := r.apply(t, ownerSecret)
			r.prove(t, ref, ownerSecret)
			if got := r.operate(t, ref, ownerSecret, "helpers", 904, `,"phone":"+821000005678"`); got.status != http.StatusOK {
				t.Fatalf("name a helper: %d %s", got.status, got.body)
			}
		},
		"the owner has withdrawn": func(t *testing.T, r *running) {
			t.Helper()
			ref := r.apply(t, ownerSecret)
			r.prove(t, ref, ownerSecret)
			r.operate(t, ref, ownerSecret, "cancellations", 903, "")
		},
	}
	for way, first := range map[string][]string{
		"who applies": {"registrations"}, "who introduces themselves": {"introductions"}, "who does both": {"introductions", "registrations", "introductions"},
	} {
		want := ""
		for _, name := range slices.Sorted(maps.Keys(worlds)) {
			r := newServer(t)
			r.world.setNow(opening.Add(time.Second))
			worlds[name](t, r)
			r.world.setNow(opening.Add(time.Minute))
			got := r.tryEverything(t, first)
			if want == "" {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s: the door tells it apart (-want +got):\n%s", way, name, diff)
			}
		}
	}
}

func (r *running) apply(t *testing.T, secret string) (reference string) {
	t.Helper()
	got := r.do(t, http.MethodPost, "/v1/campaigns/"+r.world.slug()+"/registrations", somebody, "Authorization", "Bearer "+secret)
	m := referenceForm.FindStringSubmatch(got.body)
	if got.status != http.StatusOK || m == nil {
		t.Fatalf("apply: %d %s", got.status, got.body)
	}
	return m[1]
}

func (r *running) operate(t *testing.T, reference, secret, what string, op int, more string) answer {
	t.Helper()
	path := "/v1/campaigns/" + r.world.slug() + "/registrations/" + reference + "/" + what
	return r.do(t, http.MethodPost, path, fmt.Sprintf(`{"operation_id":"0198c0de-7a31-7cc2-9b1f-%012d"%s}`, op, more), "Authorization", "Bearer "+secret)
}

func (r *running) prove(t *testing.T, reference, secret string) {
	t.Helper()
	r.operate(t, reference, secret, "code-requests", 901, "")
	if got := r.operate(t, reference, secret, "verifications", 902, `,"code":"`+r.world.lastCode()+`"`); got.status != http.StatusOK {
		t.Fatalf("prove: %d %s", got.status, got.body)
	}
}

// tryEverything lets one device do everything that it could do, once it has come in by these paths, and returns all that it could see.
func (r *running) tryEverything(t *testing.T, first []string) string {
	t.Helper()
	var seen strings.Builder
	reference := ""
	see := func(what string, a answer) {
		if m := referenceForm.FindStringSubmatch(a.body); m != nil && reference == "" {
			reference = m[1]
		}
		fmt.Fprintf(&seen, "%s %d reference of %d\n", what, a.status, len(reference))
		for _, name := range slices.Sorted(maps.Keys(a.header)) {
			if name != "Date" && name != "X-Request-Id" {
				fmt.Fprintf(&seen, "%s: %s\n", name, a.header[name])
			}
		}
		// A cursor is a digest of the reference too, which depends on each world's keys.
		fmt.Fprintf(&seen, "%d bytes: %s\n\n", len(a.body), cursorForm.ReplaceAllString(a.body, `"cursor":"{cursor}"`))
	}
	base := "/v1/campaigns/" + r.world.slug() + "/registrations"
	bearer := "Bearer " + askerSecret
	for _, path := range first {
		path = "/v1/campaigns/" + r.world.slug() + "/" + path
		see("come in", r.do(t, http.MethodPost, path, somebody, "Authorization", bearer))
		r.world.setNow(opening.Add(time.Minute + time.Second))
		see("repeat", r.do(t, http.MethodPost, path, somebody, "Authorization", bearer))
		see("status", r.do(t, http.MethodGet, base+"/"+reference, "", "Authorization", bearer))
	}
	see("status", r.do(t, http.MethodGet, base+"/"+reference, "", "Authorization", bearer))
	see("why", r.do(t, http.MethodGet, base+"/"+reference+"/explanation", "", "Authorization", bearer))
	for i, o := range []struct{ what, more string }{
		{"corrections", `,"person":{"name":"홍길동","birth_date":"1968-04-13","phone":"+821000001234"}`},
		{"corrections", `,"person":{"name":"홍길동","birth_date":"2001-04-13","phone":"+821000001234"}`},
		{"corrections", `,"person":{"name":"1","birth_date":"1968-04-12","phone":"+821000001234"}`},
		{"wishes", `,"region":"jongno"`},
		{"wishes", `,"region":"jongno","if_revision":"AAAAAAAAAAAAAAAA"`},
		{"wishes", `,"region":"jongno","if_revision":"short"`},
		{"wishes", `,"region":"nowhere"`},
		{"swaps", `,"region":"jongno"`},
		{"swaps", `,"wishes":{"household":{"code":"abcdef","size":2}}`},
		{"swap-cancellations", ""},
		{"confirmations", `,"appointment":"7"`},
		{"declines", `,"appointment":"7"`},
		{"cancellations", ""},
		{"helpers", `,"phone":"+821000005678"`},
		{"helpers", `,"phone":"+821000001234"`},
		{"helpers", `,"phone":"+18005550100"`},
		{"helpers", `,"phone":"5678"`},
		{"helper-removals", ""},
		{"code-requests", ""},
		{"verifications", `,"code":"000000"`},
		{"device-removals", `,"devices":"others"`},
		{"device-removals", `,"devices":"all"`},
	} {
		see(o.what, r.operate(t, reference, askerSecret, o.what, i+1, o.more))
		see(o.what+" again", r.operate(t, reference, askerSecret, o.what, i+1, o.more))
	}
	see("status", r.do(t, http.MethodGet, base+"/"+reference, "", "Authorization", bearer))
	var parts []string
	for _, w := range story() {
		parts = append(parts, w.part())
	}
	synced := r.sync(t, batchOf(entryOf(askerSecret, "", "", append([]string{registerSomebody}, parts[:9]...)...)))
	see("sync", synced)
	see("sync again", r.sync(t, batchOf(entryOf(askerSecret, reference, "", parts[:10]...), entryOf(askerSecret, "", "", registerSomebody))))
	see("sync the rest", r.sync(t, batchOf(entryOf(askerSecret, reference, "", parts[10:20]...), entryOf(askerSecret, reference, "", parts[20:]...))))
	cursor := cursorForm.FindStringSubmatch(synced.body)
	if cursor == nil {
		t.Fatalf("no cursor: %s", synced.body)
	}
	if got := r.sync(t, batchOf(entryOf(askerSecret, reference, cursor[1]))); strings.Contains(got.body, "received_at") {
		t.Errorf("told although nothing has changed: %s", got.body)
	}
	for i, devices := range []string{"this", "this", "others"} {
		see("removal", r.operate(t, reference, askerSecret, "device-removals", 800+i, `,"devices":"`+devices+`"`))
		see("removal again", r.operate(t, reference, askerSecret, "device-removals", 800+i, `,"devices":"`+devices+`"`))
	}
	see("code", r.operate(t, reference, askerSecret, "code-requests", 810, ""))
	for _, path := range []string{"introductions", "registrations"} {
		see("come back", r.do(t, http.MethodPost, "/v1/campaigns/"+r.world.slug()+"/"+path, strings.Replace(somebody, "0e42", "0e43", 1), "Authorization", bearer))
	}
	see("status", r.do(t, http.MethodGet, base+"/"+reference, "", "Authorization", bearer))
	return strings.ReplaceAll(seen.String(), reference, "{reference}")
}

// Two devices cannot tell from their references that they mean one person, and both have the same size.
func TestReferencesBelongToDevices(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	one, two := r.apply(t, ownerSecret), r.apply(t, askerSecret)
	if one == two || len(one) != len(two) {
		t.Errorf("references %q and %q", one, two)
	}
	if again := r.apply(t, ownerSecret); again != one {
		t.Errorf("the same device got %q, then %q", one, again)
	}
	if n := r.world.count(); n != 1 {
		t.Errorf("%d registrations of one person", n)
	}
}

// A device that proves the phone on file takes over, with the arrival of the first application.
func TestProofTakesOver(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	r.world.setNow(opening.Add(time.Second))
	r.apply(t, ownerSecret)
	r.world.setNow(opening.Add(time.Hour))
	ref := r.apply(t, askerSecret)
	r.prove(t, ref, askerSecret)
	got := r.do(t, http.MethodGet, "/v1/campaigns/"+r.world.slug()+"/registrations/"+ref, "", "Authorization", "Bearer "+askerSecret)
	if !strings.Contains(got.body, `"received_at":"2021-07-19T11:00:01.000000Z"`) || !strings.Contains(got.body, `"ticket"`) {
		t.Errorf("after the proof: %s", got.body)
	}
}
