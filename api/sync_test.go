package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"jari/api"
	"jari/booking"
	"jari/booking/desk"
)

// written is one operation of a test: its kind in a batch, its path alone, and its body.
type written struct{ kind, path, body string }

func (w written) part() string { return fmt.Sprintf(`{"kind":%q,"request":%s}`, w.kind, w.body) }

// entryOf is a batch's entry. reference and cursor "" are left out.
func entryOf(secret, reference, cursor string, parts ...string) string {
	more := ""
	if reference != "" {
		more += fmt.Sprintf(`,"reference":%q`, reference)
	}
	if cursor != "" {
		more += fmt.Sprintf(`,"cursor":%q`, cursor)
	}
	return fmt.Sprintf(`{"campaign":"seoul-2021","secret":%q%s,"operations":[%s]}`, secret, more, strings.Join(parts, ","))
}

func batchOf(entries ...string) string {
	return `{"entries":[` + strings.Join(entries, ",") + `]}`
}

func (r *running) sync(t *testing.T, body string) answer {
	t.Helper()
	return r.do(t, http.MethodPost, "/v1/sync", body)
}

// synced is as much of an answer as the tests read.
type synced struct {
	Entries []struct {
		Reference string
		Results   []struct {
			Done    bool
			Problem map[string]any
			Receipt map[string]any
		}
		Registration map[string]any
		Cursor       string
		Problem      map[string]any
	}
	AskAgainSeconds int `json:"ask_again_seconds"`
}

func (a answer) synced(t *testing.T) synced {
	t.Helper()
	var out synced
	if err := json.Unmarshal([]byte(a.body), &out); err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return out
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// story is what somebody does in time, good and bad.
func story() []written {
	op := func(n int, more string) string {
		return fmt.Sprintf(`{"operation_id":"0198c0de-7a31-7cc2-9b1f-%012d"%s}`, n, more)
	}
	return []written{
		{"confirm", "confirmations", op(1, `,"appointment":"1"`)},
		{"change_wishes", "wishes", op(2, `,"region":"jongno","wishes":{"weekdays":["sat"]}`)},
		{"change_wishes", "wishes", op(2, `,"region":"gangnam"`)}, // reused
		{"change_wishes", "wishes", op(3, `,"wishes":{"sites":["nowhere"]}`)},
		{"change_wishes", "wishes", op(4, `,"if_revision":"AAAAAAAAAAAAAAAA"`)},
		{"change_wishes", "wishes", op(5, `,"if_revision":"short"`)},
		{"correct", "corrections", op(6, `,"person":{"name":"홍길순","birth_date":"1968-04-12","phone":"+821000001234"}`)},
		{"correct", "corrections", op(7, `,"person":{"name":"홍길순","birth_date":"1968-04-31","phone":"+821000001234"}`)},
		{"ask_swap", "swaps", op(8, `,"region":"gangnam","wishes":{"sites":["jongno"]}`)},
		{"drop_swap", "swap-cancellations", op(9, "")},
		{"drop_swap", "swap-cancellations", op(10, "")},
		{"decline", "declines", op(11, `,"appointment":"77"`)},
		{"decline", "declines", op(12, `,"appointment":"x"`)},
		{"decline", "declines", op(13, `,"appointment":"1"`)},
		{"verify", "verifications", op(14, `,"code":"000000"`)},
		{"request_code", "code-requests", op(15, "")},
		{"request_code", "code-requests", `{"operation_id":"00000000-0000-0000-0000-000000000000"}`},
		{"set_helper", "helpers", op(18, `,"phone":"+821000009999"`)},
		{"set_helper", "helpers", op(19, `,"phone":"+821000009998","if_revision":"AAAAAAAAAAAAAAAA"`)},
		{"remove_helper", "helper-removals", op(20, "")},
		{"cancel", "cancellations", op(16, `,"why":"no time"`)},
		{"cancel", "cancellations", op(17, "")},
		{"cancel", "cancellations", op(17, "")},
		{"change_wishes", "wishes", op(1, "")}, // the id of another kind
	}
}

// holds a place and an offer, proven, and returns the reference.
func (r *running) offered(t *testing.T) string {
	t.Helper()
	reference := r.apply(t, ownerSecret)
	r.prove(t, reference, ownerSecret)
	r.world.seal()
	r.world.offer()
	return reference
}

// In a batch, alone, or in any pieces: each operation gets the same answer and the entry comes to the same end.
func TestABatchIsItsOperations(t *testing.T) {
	t.Parallel()
	alone := newServer(t)
	reference := alone.offered(t)
	var want []map[string]any // of each operation: its problem, or nil
	for _, w := range story() {
		got := alone.do(t, http.MethodPost, "/v1/campaigns/seoul-2021/registrations/"+reference+"/"+w.path, w.body, "Authorization", "Bearer "+ownerSecret)
		if got.status == http.StatusOK {
			want = append(want, nil)
		} else {
			want = append(want, object(t, got.body))
		}
	}
	plain := func(entry map[string]any) map[string]any {
		for _, random := range []string{"reference", "revision", "ticket"} { // they depend on the world's keys
			delete(entry, random)
		}
		return entry
	}
	end := plain(object(t, alone.do(t, http.MethodGet, "/v1/campaigns/seoul-2021/registrations/"+reference, "", "Authorization", "Bearer "+ownerSecret).body))
	for _, size := range []int{1, 3, 10} {
		r := newServer(t)
		reference := r.offered(t)
		var got []map[string]any
		var last map[string]any
		for ops := story(); len(ops) > 0; {
			n := min(size, len(ops))
			var parts []string
			for _, w := range ops[:n] {
				parts = append(parts, w.part())
			}
			entry := r.sync(t, batchOf(entryOf(ownerSecret, reference, "", parts...))).synced(t).Entries[0]
			for _, result := range entry.Results {
				if result.Done != (result.Problem == nil) {
					t.Errorf("done %v with the problem %v", result.Done, result.Problem)
				}
				got = append(got, result.Problem)
			}
			ops, last = ops[n:], entry.Registration
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in pieces of %d (-alone +batch):\n%s", size, diff)
		}
		if diff := cmp.Diff(end, plain(last)); diff != "" {
			t.Errorf("the end, in pieces of %d (-alone +batch):\n%s", size, diff)
		}
	}
}

const registerSomebody = `{"kind":"register","request":` + somebody + `}`

// Two entries of one batch that name the same person are one person, also from two secrets, and each is answered as if it were alone.
func TestOnePersonTwiceInABatch(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	got := r.sync(t, batchOf(entryOf(ownerSecret, "", "", registerSomebody, registerSomebody), entryOf(ownerSecret, "", "", registerSomebody),
		entryOf(askerSecret, "", "", registerSomebody))).synced(t)
	if n := r.world.count(); n != 1 {
		t.Errorf("%d registrations of one person", n)
	}
	one, again, other := got.Entries[0], got.Entries[1], got.Entries[2]
	if one.Reference != again.Reference || one.Reference == other.Reference || one.Cursor != again.Cursor {
		t.Errorf("references %q, %q, %q", one.Reference, again.Reference, other.Reference)
	}
	if diff := cmp.Diff(one.Results[0], one.Results[1]); diff != "" {
		t.Errorf("the repetition in the same entry differs: %s", diff)
	}
	for _, e := range got.Entries {
		if len(e.Results) == 0 || !e.Results[0].Done || e.Results[0].Receipt["reference"] != e.Reference {
			t.Errorf("%+v", e)
		}
	}
}

// The frame of a batch is refused as a whole, before anything is done.
func TestFramesThatNobodyShouldSend(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	good := entryOf(ownerSecret, "", "", registerSomebody)
	with := func(old, new string) string { return batchOf(strings.Replace(good, old, new, 1)) }
	for name, c := range map[string]struct {
		body string
		want int
		says string
	}{
		"nothing":                 {`{}`, http.StatusBadRequest, `"field":"/entries"`},
		"no entries":              {batchOf(), http.StatusBadRequest, `"field":"/entries"`},
		"seven people":            {batchOf(good, good, good, good, good, good, good), http.StatusBadRequest, `"field":"/entries"`},
		"eleven operations":       {batchOf(entryOf(ownerSecret, "", "", strings.Split(strings.Repeat(registerSomebody+"\n", 11), "\n")[:11]...)), http.StatusBadRequest, `"field":"/entries/0/operations"`},
		"a name twice":            {with(`"secret"`, `"campaign":"seoul-2021","secret"`), http.StatusBadRequest, `"reason":"repeated"`},
		"a name twice deep down":  {with(`"lang":"ko"`, `"lang":"ko","lang":"ko"`), http.StatusBadRequest, `"field":"/entries/0/operations/0/request/lang","reason":"repeated"`},
		"null entries":            {`{"entries":null}`, http.StatusBadRequest, `"field":"/entries","reason":"type"`},
		"a null entry":            {batchOf(good, "null"), http.StatusBadRequest, `"field":"/entries/1","reason":"type"`},
		"a null cursor":           {with(`"secret"`, `"cursor":null,"secret"`), http.StatusBadRequest, `"field":"/entries/0/cursor","reason":"type"`},
		"null operations":         {`{"entries":[{"campaign":"seoul-2021","secret":"` + ownerSecret + `","operations":null}]}`, http.StatusBadRequest, `"field":"/entries/0/operations","reason":"type"`},
		"a word more":             {with(`"secret"`, `"device":"x","secret"`), http.StatusBadRequest, `"field":"/entries/0/device","reason":"unknown"`},
		"a word more outside":     {`{"entries":[],"since":1}`, http.StatusBadRequest, `"field":"/since","reason":"unknown"`},
		"another letter's case":   {`{"Entries":[]}`, http.StatusBadRequest, `"reason":"unknown"`},
		"no secret":               {with(`"secret":"`+ownerSecret+`",`, ""), http.StatusBadRequest, `"field":"/entries/0/secret"`},
		"a short secret":          {with(ownerSecret, "short"), http.StatusBadRequest, `"field":"/entries/0/secret"`},
		"no campaign":             {with(`"campaign":"seoul-2021",`, ""), http.StatusBadRequest, `"field":"/entries/0/campaign"`},
		"a path for a campaign":   {with(`seoul-2021`, "../seoul"), http.StatusBadRequest, `"field":"/entries/0/campaign"`},
		"a reference of signs":    {with(`"secret"`, `"reference":"????????????????","secret"`), http.StatusBadRequest, `"field":"/entries/0/reference"`},
		"an empty cursor":         {with(`"secret"`, `"cursor":"","secret"`), http.StatusBadRequest, `"field":"/entries/0/cursor"`},
		"operations as an object": {with(`[{"kind"`, `{"a":[{"kind"`), http.StatusBadRequest, `"code":"invalid"`},
		"cut off":                 {batchOf(good)[:200], http.StatusBadRequest, `"reason":"syntax"`},
		"two batches":             {batchOf(good) + batchOf(good), http.StatusBadRequest, `"reason":"syntax"`},
		"deep inside":             {with(registerSomebody, strings.Repeat("[", 20000)+strings.Repeat("]", 20000)), http.StatusBadRequest, `"code":"invalid"`},
		"64 KiB and a byte":       {batchOf(good) + strings.Repeat(" ", 64<<10+1-len(batchOf(good))), http.StatusRequestEntityTooLarge, `"code":"too_large"`},
	} {
		got := r.sync(t, c.body)
		if got.status != c.want || !strings.Contains(got.body, c.says) {
			t.Errorf("%s: %d %.400s", name, got.status, got.body)
		}
	}
	for _, header := range [][]string{{"Content-Type", "text/plain"}, {"Content-Encoding", "gzip"}} {
		if got := r.do(t, http.MethodPost, "/v1/sync", batchOf(good), header...); got.status != http.StatusUnsupportedMediaType {
			t.Errorf("%v: %d %s", header, got.status, got.body)
		}
	}
	if n := r.world.count(); n != 0 {
		t.Fatalf("%d registrations", n)
	}
	full := batchOf(good, good, good, good, good, good)
	if got := r.sync(t, full+strings.Repeat(" ", 64<<10-len(full))); got.status != http.StatusOK || r.world.count() != 1 {
		t.Errorf("six entries in 64 KiB: %d %s", got.status, got.body)
	}
	if got := r.send(t, somebody+strings.Repeat(" ", 16<<10)); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("the other paths take more than 16 KiB: %d", got.status)
	}
}

// Applications count as such, however they come.
func TestApplicationsInBatchesAreCounted(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	malformed := strings.Replace(registerSomebody, "1968-04-12", "1968-04-32", 1)
	r.sync(t, batchOf(entryOf(ownerSecret, "", "", registerSomebody, registerSomebody, malformed), entryOf(askerSecret, "", "", registerSomebody, `{"kind":"verify"}`)))
	w := httptest.NewRecorder()
	r.internal.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	for _, outcome := range []string{"new", "again", "other", "invalid"} {
		if line := `jari_applications_total{door="app",outcome="` + outcome + `"} 1`; !strings.Contains(w.Body.String(), line) {
			t.Errorf("not counted: %s", line)
		}
	}
}

// hanging is an intake in which everybody waits until the door has no more time for them.
type hanging struct{ *memory }

func (hanging) Store(ctx context.Context, _ desk.Application) (desk.Stored, error) {
	<-ctx.Done()
	return desk.Stored{}, booking.Fail(booking.CodeOverloaded, ctx.Err())
}

// An entry that hangs costs the others behind it nothing but a part of the time, and what was not reached has no result.
func TestAnEntryThatHangs(t *testing.T) {
	t.Parallel()
	m := newMemory(t)
	s, err := api.New(api.Config{
		Desk:   desk.New(desk.Ports{Campaigns: m, Intake: hanging{m}, Book: m, Clock: m, Stamps: m.stamps}),
		Agents: agents{}, Queues: queueDocs{}, Ready: func(context.Context) []api.Check { return nil },
		Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(), Jitter: func(int) int { return 3 },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.BoundBatches(200 * time.Millisecond)
	id := m.enter(t)
	device := m.campaign.Keys.Device(ownerSecret)
	reference, err := m.campaign.Keys.Reference(id, device)
	if err != nil {
		t.Fatal(err)
	}
	code := `{"kind":"request_code","request":{"operation_id":"0198c0de-7a31-7cc2-9b1f-000000000001"}}`
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/sync", strings.NewReader(batchOf(
		entryOf(askerSecret, "", "", registerSomebody, code), entryOf(ownerSecret, reference, "", code))))
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.Public().ServeHTTP(w, req)
	got := answer{w.Code, w.Header(), w.Body.String()}.synced(t)
	hung, other := got.Entries[0], got.Entries[1]
	if len(hung.Results) != 1 || hung.Results[0].Done || hung.Results[0].Problem["code"] != "overloaded" || hung.Results[0].Problem["stamp"] == nil {
		t.Errorf("what hung: %+v", hung)
	}
	if len(other.Results) != 1 || !other.Results[0].Done || other.Registration == nil {
		t.Errorf("who stood behind it: %+v", other)
	}
	if got.AskAgainSeconds != 5 {
		t.Errorf("ask again after %d s", got.AskAgainSeconds)
	}
	// Without any time nothing is looked at, and nothing is said of the entry.
	s.BoundBatches(-time.Second)
	req = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/sync", strings.NewReader(batchOf(entryOf(ownerSecret, reference, "", code))))
	req.Header.Set("Content-Type", "application/json")
	w = httptest.NewRecorder()
	s.Public().ServeHTTP(w, req)
	late := answer{w.Code, w.Header(), w.Body.String()}.synced(t).Entries[0]
	if len(late.Results) != 0 || late.Registration != nil || late.Problem["code"] != "overloaded" {
		t.Errorf("out of time: %+v", late)
	}
}
