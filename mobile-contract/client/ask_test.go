package client_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

const (
	listed    = `{"campaigns":[{"campaign":"c","mode":"live","names":{"ko":"접종"}}]}`
	freeTimes = `{"campaign":"c","site":"s","as_of":"2026-07-19T20:00:00+09:00","next_change_seconds":10,"times":[` +
		`{"starts":"2026-07-20T20:00:00+09:00","ends":"2026-07-20T21:00:00+09:00","free":2},` +
		`{"starts":"2026-07-21T20:00:00+09:00","ends":"2026-07-21T21:00:00+09:00","free":1,"queues":["old"]}]}`
)

// Campaigns and free times are fetched with their ETags, leave nothing on the disk, and are there with the error when the line is cut.
func TestWhatIsKeptInMemoryOnly(t *testing.T) {
	t.Parallel()
	var away atomic.Bool
	var short atomic.Int32
	store := &client.Memory{}
	c := site(t, store, func(w http.ResponseWriter, r *http.Request) {
		body := map[string]string{"/v1/campaigns": listed, "/v1/campaigns/c/sites/s/free-times": freeTimes}[r.URL.Path]
		switch {
		case away.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.Header.Get("If-None-Match") == `"one"`:
			short.Add(1)
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("ETag", `"one"`)
			_, _ = io.WriteString(w, body)
		}
	})
	ask := func(fails bool) {
		t.Helper()
		all, err := c.FetchCampaigns(t.Context())
		if (err != nil) != fails || len(all.Campaigns) != 1 || all.Campaigns[0].Campaign != "c" {
			t.Errorf("campaigns: %v %v", all, err)
		}
		free, err := c.FetchFreeTimes(t.Context(), "c", "s")
		if (err != nil) != fails || len(free.Times) != 2 || free.AsOf != "2026-07-19T20:00:00+09:00" {
			t.Errorf("free times: %v %v", free, err)
		}
		if mine := client.FreeTimesFor(*free, "new"); len(mine) != 1 || mine[0].Free != 2 || len(client.FreeTimesFor(*free, "old")) != 2 {
			t.Errorf("for one queue: %v", mine)
		}
	}
	ask(false)
	ask(false)
	if short.Load() != 2 {
		t.Errorf("%d short answers", short.Load())
	}
	away.Store(true)
	ask(true)
	for _, name := range []string{"campaigns", "/v1/campaigns/c/sites/s/free-times"} {
		if b, _, err := store.Load(name); b != nil || err != nil {
			t.Errorf("%s is stored: %v", name, err)
		}
	}
	if _, err := c.FetchFreeTimes(t.Context(), "../c", "s"); err == nil {
		t.Error("a name that is a path")
	}
	if free, err := c.FetchFreeTimes(t.Context(), "c", "another"); err == nil || free.Site != "" {
		t.Errorf("never fetched: %v %v", free, err)
	}
}

// The explanation is asked for with the person's own secret, and nobody else's.
func TestWhyIsAskedWithTheSecret(t *testing.T) {
	t.Parallel()
	var asked atomic.Value
	answer := map[string]string{
		"why":    `{"ticket":"2047781365","lang":"ko","sentences":["자리가 났습니다."],"text":"…"}`,
		"refuse": `{"type":"/problems/verify-first","title":"…","status":403,"code":"verify_first"}`,
		"login":  `{"please":"log in"}`,
	}
	var mode atomic.Value
	mode.Store("why")
	c := site(t, &client.Memory{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/v1/sync" {
			body, _ := io.ReadAll(r.Body)
			op := strings.Split(strings.SplitAfter(string(body), `"operation_id":"`)[1], `"`)[0]
			_, _ = io.WriteString(w, `{"entries":[{"results":[{"operation_id":"`+op+`","done":true,"receipt":{"reference":"ref","state":"received","next":"verify",`+
				`"received_at":"2026-07-19T11:00:00.000001Z","ask_again_seconds":60}}]}],"campaigns":{"c":"\"one\""},"ask_again_seconds":60}`)
			return
		}
		asked.Store(r.Method + " " + r.URL.Path + " " + r.Header.Get("Authorization"))
		if mode.Load() == "refuse" {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = io.WriteString(w, answer[mode.Load().(string)]) //nolint:forcetypeassert // nothing else is stored
	})
	var id string
	add := func(p client.Pen) (err error) {
		id, err = p.Add("c", client.Form{Region: "n", Lang: "ko", Person: contract.Person{Name: "홍길동", BirthDate: "1968-04-12", Phone: "+821000001234"}})
		return err
	}
	if err := c.Write(add); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Why(t.Context(), id); !errors.Is(err, client.ErrNothing) {
		t.Errorf("before the application: %v", err)
	}
	if _, err := c.Why(t.Context(), "nobody"); !errors.Is(err, client.ErrNobody) {
		t.Errorf("nobody: %v", err)
	}
	if err := c.Write(func(p client.Pen) error { return p.Apply(id) }); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := c.State()
	if err != nil {
		t.Fatal(err)
	}
	why, err := c.Why(t.Context(), id)
	if err != nil || why.Ticket != "2047781365" || len(why.Sentences) != 1 {
		t.Errorf("%v %v", why, err)
	}
	if want := "GET /v1/campaigns/c/registrations/ref/explanation Bearer " + s.People[0].Secret; asked.Load() != want {
		t.Errorf("asked %v", asked.Load())
	}
	mode.Store("refuse")
	if why, err := c.Why(t.Context(), id); why != nil || err == nil || !strings.Contains(err.Error(), "verify_first") {
		t.Errorf("refused: %v %v", why, err)
	}
	mode.Store("login")
	if why, err := c.Why(t.Context(), id); why != nil || !errors.Is(err, client.ErrAnswer) {
		t.Errorf("a login page: %v %v", why, err)
	}
}
