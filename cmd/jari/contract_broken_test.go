package main

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// brokenServer is one that breaks one promise.
type brokenServer struct {
	check  string // that must see it
	by     string // what is tried for it, when the check only judges what others were answered
	breaks func(relay) relay
}

func (b brokenServer) tries() string { return cmp.Or(b.by, b.check) }

func brokenServers() map[string]brokenServer {
	return map[string]brokenServer{
		"a new reference on each repetition":        {check: "apply-twice", breaks: newReferences},
		"201 for who is new":                        {check: "apply-twice", breaks: createdForNew},
		"another size for strangers":                {check: "stranger-applying", breaks: longerForStrangers},
		"a repetition applies anew":                 {check: "apply-cut", breaks: applyingAnew},
		"open before the opening":                   {check: "early", breaks: openEarly},
		"the client's Date counts":                  {check: "client-clocks", breaks: clientsDate},
		"a lost stamp":                              {check: "stamp-counts", breaks: onRequest("/registrations", func(o map[string]any) { delete(o, "stamp") })},
		"any stamp counts":                          {check: "stamp-forged", breaks: onAnswer("/registrations", 200, func(o map[string]any) { replaceIn(o, "stamp", "invalid", "counted") })},
		"a foreign stamp counts":                    {check: "stamp-borrowed", breaks: onAnswer("/registrations", 200, func(o map[string]any) { replaceIn(o, "stamp", "invalid", "counted") })},
		"results in another order":                  {check: "sync-whole", breaks: inSync(reversedResults)},
		"the cursor is not looked at":               {check: "sync-cursor", breaks: onRequest("/sync", func(o map[string]any) { eachEntry(o, func(e map[string]any) { delete(e, "cursor") }) })},
		"nothing ever changes":                      {check: "sync-cursor-moves", breaks: nothingChanges},
		"what must wait is carried out":             {check: "sync-retryable", breaks: carryingOn},
		"500 for a malformed operation":             {check: "sync-malformed", breaks: failingWhole("invalid", http.StatusInternalServerError)},
		"401 for all when one is nobody's":          {check: "sync-entries-apart", breaks: failingWhole("unauthorized", http.StatusUnauthorized)},
		"an answer counts for whichever offer":      {check: "answer-names-appointment", breaks: whicheverOffer},
		"revisions are not looked at":               {check: "if-revision", breaks: onRequest("/wishes", func(o map[string]any) { delete(o, "if_revision") })},
		"operation ids are not looked at":           {check: "operation-reused", breaks: newOperations},
		"withdrawn is not withdrawn":                {check: "withdrawn", breaks: remembered(http.MethodPost, http.StatusConflict)},
		"a shut-out device goes on reading":         {check: "shut-out-others", breaks: remembered(http.MethodGet, http.StatusUnauthorized)},
		"any code proves the phone":                 {check: "prove-and-see", breaks: anyCode},
		"an introduction tells of an entry":         {check: "stranger-introducing", breaks: tellingOfEntries},
		"unknown fields are dropped":                {check: "unknown-field", breaks: onRequest("/registrations", func(o map[string]any) { delete(o, "nickname") })},
		"null is left out":                          {check: "null-and-types", breaks: onRequest("/registrations", func(o map[string]any) { replaceIn(o, "region", nil, "gangnam") })},
		"the last of two members counts":            {check: "repeated-member", breaks: onRequest("/registrations", func(map[string]any) {})},
		"secrets from the URL":                      {check: "secrets", breaks: secretsFromURL},
		"one language":                              {check: "languages", breaks: oneLanguage},
		"a new ETag each time":                      {check: "etags", breaks: newTags},
		"more served than announced":                {check: "queue-document", breaks: onAnswer("/queues/", 200, func(o map[string]any) { o["served_to"] = 1_000_000 })},
		"a list without the campaign":               {check: "campaign-list", breaks: onAnswer("/campaigns", 200, func(o map[string]any) { o["campaigns"] = []any{} })},
		"free times as of tomorrow":                 {check: "free-times", breaks: onAnswer("/free-times", 200, asOfTomorrow)},
		"free times at a site that there is not":    {check: "free-times", breaks: freeAnywhere},
		"problems without a code":                   {check: "every-problem", by: "paths-and-methods", breaks: onAnswer("", 404, func(o map[string]any) { delete(o, "code") })},
		"problems of another media type":            {check: "every-problem", by: "paths-and-methods", breaks: withHeader("Content-Type", "application/json")},
		"no word when to come again":                {check: "every-problem", by: "stamp-counts", breaks: withHeader("Retry-After", "")},
		"an answer that the contract does not have": {check: "every-answer", by: "service-document", breaks: onAnswer("/service", 200, func(o map[string]any) { delete(o, "langs") })},
	}
}

// objectIn reads a JSON object; nil when it is none. A member that stands twice is there once, as the last.
func objectIn(body []byte) map[string]any {
	var o map[string]any
	if json.Unmarshal(body, &o) != nil {
		return nil
	}
	return o
}

func asJSON(o map[string]any) []byte {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err) // it was JSON before
	}
	return b
}

// isFor reports whether a request is for a path that ends with, or for a document holds, a text.
func isFor(r *http.Request, what string) bool {
	return what == "" || strings.HasSuffix(r.URL.Path, what) || strings.HasSuffix(what, "/") && strings.Contains(r.URL.Path, what)
}

// onRequest changes a request's body.
func onRequest(what string, change func(map[string]any)) func(relay) relay {
	return func(next relay) relay {
		return func(r *http.Request, body []byte) relayed {
			if o := objectIn(body); o != nil && isFor(r, what) {
				change(o)
				body = asJSON(o)
			}
			return next(r, body)
		}
	}
}

// onAnswer changes the body of answers with a status.
func onAnswer(what string, status int, change func(map[string]any)) func(relay) relay {
	return func(next relay) relay {
		return func(r *http.Request, body []byte) relayed {
			got := next(r, body)
			if o := objectIn(got.body); o != nil && isFor(r, what) && got.status == status {
				change(o)
				got.body = asJSON(o)
			}
			return got
		}
	}
}

func replaceIn(o map[string]any, name string, old, now any) {
	if v, there := o[name]; there && v == old {
		o[name] = now
	}
}

// eachEntry goes through the entries of a batch, or of its answer.
func eachEntry(o map[string]any, do func(map[string]any)) {
	entries, _ := o["entries"].([]any)
	for _, e := range entries {
		if e, ok := e.(map[string]any); ok {
			do(e)
		}
	}
}

func inSync(change func(map[string]any)) func(relay) relay {
	return onAnswer("/sync", 200, func(o map[string]any) { eachEntry(o, change) })
}

func reversedResults(entry map[string]any) {
	if results, ok := entry["results"].([]any); ok {
		slices.Reverse(results)
	}
}

// registering reports whether a request is an application.
func registering(r *http.Request) bool {
	return r.Method == http.MethodPost && isFor(r, "/registrations")
}
