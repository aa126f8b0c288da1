package client_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"jari/mobile-contract/client"
)

// site is a web server with one handler, and a client that speaks to it.
func site(t *testing.T, store client.Store, h http.HandlerFunc) *client.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := client.Open(store, client.NewHTTP(s.URL+"/", "ko"), client.Outside{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const campaign = `{"campaign":"c","names":{"ko":"접종"},"langs":["ko"],"mode":"live","unknown":1}`

// The campaign is fetched once, asked for with its ETag, and there without a connection, also after the program ended.
func TestDocumentsAreKept(t *testing.T) {
	t.Parallel()
	var full, short atomic.Int32
	store := &client.Memory{}
	c := site(t, store, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"one"`)
		if r.Header.Get("If-None-Match") == `"one"` {
			short.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		full.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, campaign)
	})
	if k, _ := c.Campaign("c"); k != nil {
		t.Error("a campaign that was never fetched is there")
	}
	for range 3 {
		if k, err := c.FetchCampaign(t.Context(), "c"); err != nil || k.Names["ko"] != "접종" {
			t.Fatalf("%v %v", k, err)
		}
	}
	if full.Load() != 1 || short.Load() != 2 {
		t.Errorf("%d whole answers, %d short ones", full.Load(), short.Load())
	}
	d := newDevice(t, store) // its network is cut
	if k, fresh := d.c.Campaign("c"); k == nil || !fresh || k.Names["ko"] != "접종" {
		t.Errorf("without a connection: %v %v", k, fresh)
	}
	if k, err := d.c.FetchCampaign(t.Context(), "c"); err == nil || k.Names["ko"] != "접종" {
		t.Errorf("without a connection: %v %v", k, err)
	}
	id := d.add()
	d.write(func(p client.Pen) error { return p.Apply(id) })
	d.m.etag = `"two"`
	d.sync()
	if _, fresh := d.c.Campaign("c"); fresh {
		t.Error("the server has another campaign, and this one counts as fresh")
	}
	if _, err := c.FetchCampaign(t.Context(), "../c"); err == nil {
		t.Error("a name that is a path")
	}
}

// What a café's network or a wrong server answers, though it is JSON, does not take the stored document's place.
func TestForeignDocumentsAreNotKept(t *testing.T) {
	t.Parallel()
	var body atomic.Value
	body.Store(campaign)
	c := site(t, &client.Memory{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "Application/JSON ; charset=utf-8")
		_, _ = io.WriteString(w, body.Load().(string)) //nolint:forcetypeassert // nothing else is stored
	})
	if _, err := c.FetchCampaign(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	for _, foreign := range []string{`{}`, `null`, `[]`, `{"login":"please"}`, `{"campaign":"d"}`, `{"campaign":"c","names":7}`, `<html>`, ``} {
		body.Store(foreign)
		if k, err := c.FetchCampaign(t.Context(), "c"); !errors.Is(err, client.ErrAnswer) || k.Names["ko"] != "접종" {
			t.Errorf("%s: %v %v", foreign, k, err)
		}
		if k, _ := c.Campaign("c"); k == nil || k.Names["ko"] != "접종" {
			t.Errorf("%s: it is kept: %v", foreign, k)
		}
		if q, err := c.FetchQueue(t.Context(), "c", "open"); !errors.Is(err, client.ErrAnswer) || q.Campaign != "" {
			t.Errorf("%s: a queue: %v %v", foreign, q, err)
		}
		if s, outdated, err := c.FetchService(t.Context()); !errors.Is(err, client.ErrAnswer) || s.Contract != "" || outdated {
			t.Errorf("%s: a service: %v %v", foreign, s, err)
		}
	}
}

func TestTooOldAClientIsTold(t *testing.T) {
	t.Parallel()
	for minimum, want := range map[string]bool{"1.0.0": false, "0.9.9": false, "1.0.1": true, "1.10.0": true, "2.0.0": true, "new": false, "": false} {
		c := site(t, &client.Memory{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"contract":"9.0.0","minimum":"`+minimum+`","sunsets":[],"sandbox":false,"langs":["ko"]}`)
		})
		if _, outdated, err := c.FetchService(t.Context()); err != nil || outdated != want {
			t.Errorf("minimum %q: outdated %v, %v", minimum, outdated, err)
		}
	}
}

// A request goes once, to one server, and its answer is bounded.
func TestTheTransport(t *testing.T) {
	t.Parallel()
	var asked, elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	var mode atomic.Value
	mode.Store("redirect")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if _, err := io.ReadAll(r.Body); err != nil || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Accept-Language") != "ko" {
			t.Errorf("asked with %v: %v", r.Header, err)
		}
		switch mode.Load() {
		case "redirect":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "long":
			_, _ = io.WriteString(w, strings.Repeat("x", 2<<20))
		case "cut":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		case "busy":
			w.Header().Set("Retry-After", "17")
			w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(s.Close)
	h := client.NewHTTP(s.URL, "ko")
	if a, err := h.Sync(t.Context(), []byte("{}")); err != nil || a.Status != http.StatusFound || elsewhere.Load() != 0 {
		t.Errorf("a redirect: %+v %v, %d requests elsewhere", a, err, elsewhere.Load())
	}
	mode.Store("long")
	if _, err := h.Sync(t.Context(), []byte("{}")); !errors.Is(err, client.ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
	mode.Store("cut")
	if _, err := h.Sync(t.Context(), []byte("{}")); err == nil {
		t.Error("an answer that was cut off is taken")
	}
	mode.Store("busy")
	if a, err := h.Sync(t.Context(), []byte("{}")); err != nil || a.RetryAfter != 17 || !a.JSON || a.Date.IsZero() {
		t.Errorf("busy: %+v %v", a, err)
	}
	if asked.Load() != 4 {
		t.Errorf("%d requests for 4", asked.Load())
	}
}
