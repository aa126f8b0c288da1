package main

import (
	"crypto/rand"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

func newReferences(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		got := next(r, body)
		if o := objectIn(got.body); o != nil && registering(r) && got.status == 200 {
			reference, _ := o["reference"].(string)
			o["reference"] = reference[:len(reference)-6] + rand.Text()[:6]
			got.body = asJSON(o)
		}
		return got
	}
}

// firstTime tells whether something is seen for the first time.
func firstTime() func(key string) bool {
	var seen sync.Map
	return func(key string) bool {
		_, there := seen.LoadOrStore(key, true)
		return !there
	}
}

func personIn(body []byte) string {
	p, _ := objectIn(body)["person"].(map[string]any)
	return string(asJSON(p))
}

func createdForNew(next relay) relay {
	isNew := firstTime()
	return func(r *http.Request, body []byte) relayed {
		got := next(r, body)
		if registering(r) && got.status == 200 && isNew(personIn(body)) {
			got.status = http.StatusCreated
		}
		return got
	}
}

func longerForStrangers(next relay) relay {
	isNew := firstTime()
	var makers sync.Map // of each person, the secret that came first
	return func(r *http.Request, body []byte) relayed {
		got := next(r, body)
		if !registering(r) || got.status != 200 {
			return got
		}
		person, secret := personIn(body), r.Header.Get("Authorization")
		if isNew(person) {
			makers.Store(person, secret)
		}
		if maker, _ := makers.Load(person); maker != secret {
			got.body = append(got.body, ' ')
		}
		return got
	}
}

func applyingAnew(next relay) relay {
	isNew := firstTime()
	return func(r *http.Request, body []byte) relayed {
		if registering(r) && !isNew(r.Header.Get("Authorization")+string(body)) {
			r.Header.Set("Authorization", "Bearer "+rand.Text()+rand.Text())
		}
		return next(r, body)
	}
}

func openEarly(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		got := next(r, body)
		if o := objectIn(got.body); registering(r) && o["code"] == "not_open_yet" {
			got.status = 200
			got.header.Set("Content-Type", "application/json")
			got.body = asJSON(map[string]any{
				"reference": strings.Repeat("A", 64), "state": "received", "next": "verify", "ask_again_seconds": 60,
				"received_at": time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"),
			})
		}
		return got
	}
}

func clientsDate(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		got := next(r, body)
		at, err := http.ParseTime(r.Header.Get("Date"))
		if o := objectIn(got.body); o != nil && err == nil && registering(r) && got.status == 200 {
			o["received_at"] = at.UTC().Format("2006-01-02T15:04:05.000000Z")
			got.body = asJSON(o)
		}
		return got
	}
}

// newOperations carries out each operation under an id of its own, and answers with the client's.
func newOperations(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		o := objectIn(body)
		if o == nil || !isFor(r, "/wishes") {
			return next(r, body)
		}
		asked := o["operation_id"]
		o["operation_id"] = uuid.NewString()
		got := next(r, asJSON(o))
		if answered := objectIn(got.body); got.status == 200 {
			answered["operation_id"] = asked
			got.body = asJSON(answered)
		}
		return got
	}
}

// whicheverOffer confirms the appointment that there is.
func whicheverOffer(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		if o := objectIn(body); o != nil && isFor(r, "/confirmations") {
			ask := r.Clone(r.Context())
			ask.Method, ask.URL.Path = http.MethodGet, path.Dir(r.URL.Path)
			if a, ok := objectIn(next(ask, nil).body)["appointment"].(map[string]any); ok {
				o["appointment"] = a["id"]
				body = asJSON(o)
			}
		}
		return next(r, body)
	}
}

// remembered goes on with the last good answer where there is a refusal.
func remembered(method string, refusal int) func(relay) relay {
	return func(next relay) relay {
		var good sync.Map
		return func(r *http.Request, body []byte) relayed {
			got := next(r, body)
			key := r.URL.Path + r.Header.Get("Authorization")
			if r.Method != method || !strings.Contains(r.URL.Path, "/registrations") {
				return got
			}
			if got.status == 200 {
				good.Store(key, got)
			} else if before, ok := good.Load(key); ok && got.status == refusal {
				return before.(relayed)
			}
			return got
		}
	}
}

func anyCode(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		got := next(r, body)
		if objectIn(got.body)["code"] == "wrong_code" {
			got.status = 200
			got.header.Set("Content-Type", "application/json")
			got.body = asJSON(map[string]any{"operation_id": objectIn(body)["operation_id"], "state": "received"})
		}
		return got
	}
}

func tellingOfEntries(next relay) relay {
	isNew := firstTime()
	return func(r *http.Request, body []byte) relayed {
		got := next(r, body)
		switch o := objectIn(got.body); {
		case registering(r) && got.status == 200:
			isNew(personIn(body))
		case isFor(r, "/introductions") && got.status == 200 && !isNew(personIn(body)):
			o["next"] = "nothing"
			got.body = asJSON(o)
		}
		return got
	}
}

func secretsFromURL(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		if secret := r.URL.Query().Get("access_token"); secret != "" {
			r.Header.Set("Authorization", "Bearer "+secret)
		}
		return next(r, body)
	}
}

func oneLanguage(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		r.Header.Del("Accept-Language")
		return next(r, body)
	}
}

func newTags(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		got := next(r, body)
		if got.header.Get("ETag") != "" {
			got.header.Set("ETag", strconv.Quote(rand.Text()))
		}
		return got
	}
}

func asOfTomorrow(o map[string]any) {
	o["as_of"] = time.Now().Add(30 * time.Hour).Format(time.RFC3339)
}

// freeAnywhere has no site that is not there.
func freeAnywhere(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		got := next(r, body)
		if isFor(r, "/free-times") && got.status == http.StatusNotFound {
			got.status = http.StatusOK
			got.header.Set("Content-Type", "application/json")
			got.header.Set("Cache-Control", "public, max-age=5")
			got.header.Set("ETag", `"none"`)
			parts := strings.Split(r.URL.Path, "/")
			got.body = asJSON(map[string]any{"campaign": parts[3], "site": parts[5], "as_of": time.Now().Format(time.RFC3339), "times": []any{}, "next_change_seconds": 10})
		}
		return got
	}
}

// withHeader changes or removes a header of refusals.
func withHeader(name, value string) func(relay) relay {
	return func(next relay) relay {
		return func(r *http.Request, body []byte) relayed {
			got := next(r, body)
			if got.status >= 400 && value != "" {
				got.header.Set(name, value)
			} else if got.status >= 400 {
				got.header.Del(name)
			}
			return got
		}
	}
}
