package main

import (
	"bytes"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// quietBrokenServers break what an app meets only after days, or only by way of a batch.
func quietBrokenServers() map[string]brokenServer {
	all := map[string]brokenServer{
		"a code that never wears out":               {check: "codes-wear-out", breaks: endlessTries},
		"another opening than the campaign's":       {check: "early", breaks: onAnswer("/registrations", 403, func(o map[string]any) { later(o, "not_open_yet", "at") })},
		"another closing than the campaign's":       {check: "closed", breaks: onAnswer("/registrations", 403, func(o map[string]any) { later(o, "closed", "at") })},
		"a cache that looks at the address only":    {check: "borrowed-reference", breaks: cachingAll},
		"no word against keeping an entry":          {check: "private-answers", by: "location", breaks: keepable},
		"one language in a batch":                   {check: "languages", breaks: oneLanguageInSync},
		"taking back a swap that was not asked for": {check: "swap", breaks: alwaysTaken("/swap-cancellations")},
		"a second introduction is not looked at":    {check: "introduced-again", breaks: firstIntroduction},
	}
	for _, kind := range []string{"verify", "correct", "confirm", "decline", "cancel", "ask_swap", "drop_swap", "set_helper", "remove_helper", "remove_devices"} {
		all["a batch without "+kind] = brokenServer{check: "sync-every-kind", breaks: withoutKind(kind)}
	}
	return all
}

func later(o map[string]any, code, member string) {
	at, ok := o[member].(string)
	if t, err := time.Parse(time.RFC3339, at); ok && err == nil && o["code"] == code {
		o[member] = t.Add(-time.Hour).Format(time.RFC3339)
	}
}

func okHeader(got relayed) http.Header {
	h := got.header.Clone()
	h.Set("Content-Type", "application/json")
	return h
}

// alwaysTaken answers a conflict as if the operation had been taken.
func alwaysTaken(path string) func(relay) relay {
	return func(next relay) relay {
		return func(r *http.Request, body []byte) relayed {
			got := next(r, body)
			if isFor(r, path) && got.status == http.StatusConflict {
				return relayed{status: 200, header: okHeader(got), body: asJSON(map[string]any{"operation_id": objectIn(body)["operation_id"], "state": "received"})}
			}
			return got
		}
	}
}

// endlessTries lets wrong codes count for nothing: it refuses them itself.
func endlessTries(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		if code, _ := objectIn(body)["code"].(string); isFor(r, "/verifications") && strings.HasPrefix(code, "0000") {
			body = asJSON(map[string]any{"operation_id": objectIn(body)["operation_id"], "code": "1"}) // is refused before it counts
			got := next(r, body)
			got.status = http.StatusUnprocessableEntity
			got.body = asJSON(map[string]any{"type": "/problems/wrong-code", "title": "x", "status": 422, "code": "wrong_code"})
			return got
		}
		return next(r, body)
	}
}

// cachingAll answers for two seconds what it answered whoever asked before.
func cachingAll(next relay) relay {
	type kept struct {
		at  time.Time
		got relayed
	}
	var all sync.Map
	return func(r *http.Request, body []byte) relayed {
		if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/registrations/") {
			return next(r, body)
		}
		if k, ok := all.Load(r.URL.Path); ok && time.Since(k.(kept).at) < 2*time.Second { //nolint:forcetypeassert // nothing else is stored
			return k.(kept).got //nolint:forcetypeassert // nothing else is stored
		}
		got := next(r, body)
		if got.status == 200 {
			all.Store(r.URL.Path, kept{time.Now(), got})
		}
		return got
	}
}

func keepable(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		got := next(r, body)
		if strings.Contains(r.URL.Path, "/registrations/") && got.status == 200 {
			got.header = maps.Clone(got.header)
			got.header.Set("Cache-Control", "public, max-age=60")
		}
		return got
	}
}

func oneLanguageInSync(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		if isFor(r, "/sync") {
			r.Header.Del("Accept-Language")
		}
		return next(r, body)
	}
}

// firstIntroduction goes on with a person's first wishes.
func firstIntroduction(next relay) relay {
	isNew := firstTime()
	return func(r *http.Request, body []byte) relayed {
		if o := objectIn(body); isFor(r, "/introductions") && !isNew(r.Header.Get("Authorization")+personIn(body)) {
			delete(o, "wishes")
			body = asJSON(o)
		}
		return next(r, body)
	}
}

// withoutKind says of one kind of operation in a batch that it is done, and does nothing.
func withoutKind(kind string) func(relay) relay {
	return func(next relay) relay {
		return func(r *http.Request, body []byte) relayed {
			asked := objectIn(body)
			if !isFor(r, "/sync") || !bytes.Contains(body, []byte(`"`+kind+`"`)) || asked == nil {
				return next(r, body)
			}
			var left [][]map[string]any // of each entry, the results that are put back, by place
			eachEntry(asked, func(e map[string]any) {
				operations, _ := e["operations"].([]any)
				back, rest := make([]map[string]any, len(operations)), []any{}
				for i, o := range operations {
					o, _ := o.(map[string]any)
					if request, _ := o["request"].(map[string]any); o["kind"] == kind {
						back[i] = map[string]any{"operation_id": request["operation_id"], "done": true}
					} else {
						rest = append(rest, o)
					}
				}
				left = append(left, back)
				if e["operations"] = rest; len(rest) == 0 {
					delete(e, "operations")
				}
			})
			got := next(r, asJSON(asked))
			o := objectIn(got.body)
			i := 0
			eachEntry(o, func(e map[string]any) {
				results, _ := e["results"].([]any)
				var all []any
				for _, b := range left[i] {
					if b != nil {
						all = append(all, b)
					} else if len(results) > 0 {
						all, results = append(all, results[0]), results[1:]
					}
				}
				e["results"] = all
				i++
			})
			got.body = asJSON(o)
			return got
		}
	}
}
