//go:build browser

package browser

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// How a person goes through the app.

// impatient lets the server say that it may be asked again at once, so that a test need not wait a minute for news.
func (d *device) impatient() {
	again := regexp.MustCompile(`"ask_again_seconds":\d+`)
	d.line.rewrite(func(path string, body []byte) []byte {
		if path != "/v1/sync" {
			return body
		}
		return again.ReplaceAll(body, []byte(`"ask_again_seconds":1`))
	})
}

// app opens it, and waits until its worker keeps it for later, so that it opens without a line from here on.
func (d *device) app() *tab {
	d.Helper()
	t := d.open("/app/")
	t.on("home")
	t.shows("the worker to be ready", `navigator.serviceWorker.controller`)
	return t
}

// begins fills the form for a person, up to the tap that sends it. device is own or shared.
func (t *tab) begins(p person, device string) {
	t.Helper()
	t.on("new")
	t.says(p, device)
	t.pick("region", "gangnam")
}

// says fills in whose device it is and who the person is. device is own or shared.
func (t *tab) says(p person, device string) {
	t.Helper()
	t.check("device", device)
	t.fill("name", p.name)
	t.fill("birth", p.born)
	t.fill("phone", p.typed())
}

// finds goes from the first page to the code, which is the phone's so many-th, and types it in.
func (t *tab) finds(p person, device string, many int) {
	t.Helper()
	t.do("find")
	t.on("find")
	t.says(p, device)
	t.do("send")
	t.fill("code", t.box.code(t.stage, p.phone, many))
	t.do("verify")
}

// applies goes from the first page to the end of the form, and returns the device's own id of the person.
func (t *tab) applies(p person, device string) string {
	t.Helper()
	t.do("apply")
	t.begins(p, device)
	t.do("send")
	t.on("entry")
	return t.here()
}

// here is the device's own id of the person whose page this is.
func (t *tab) here() string {
	t.Helper()
	t.on("entry")
	return strings.Split(in[string](t, `location.hash`), "/")[2]
}

func step(name string) string { return `[data-step="` + name + `"]` }

// asksForCode waits until the wish for a code is on the disk: the field for it is on the page before.
func (t *tab) asksForCode() {
	t.Helper()
	t.do("ask-code")
	t.misses(doing("ask-code") + ".main")
}

// proves asks for the code, which is the phone's so many-th, and types it in.
func (t *tab) proves(p person, many int) {
	t.Helper()
	t.do("ask-code")
	t.fill("code", t.box.code(t.stage, p.phone, many))
	t.do("verify")
	t.misses(about("code"))
}

// waits are a device's first steps up to a person who waits with a proven phone.
func (t *tab) waits(p person) (id string) {
	t.Helper()
	id = t.applies(p, "own")
	t.sees(step("verify"))
	t.proves(p, 1)
	t.sees(step("number"))
	return id
}

// offered is a device of somebody who has an offer, and the device's own id of them. It goes on asking for news.
func (d *device) offered(p person) (t *tab, id string) {
	d.Helper()
	d.impatient()
	t = d.app()
	id = t.waits(p)
	t.sees(appointment("offered"))
	return t, id
}

// operation is one that the device has sent.
type operation struct {
	Kind    string
	Request struct {
		OperationID string `json:"operation_id"`
		Person      struct{ Phone string }
	}
}

// sent are the operations of a kind that the device has sent, each as often as it was sent.
func (l *line) sent(kind string) []string { return l.sentFor(kind, "") }

// operations are the operations of a kind that the device has sent, each once: it may send one again.
func (l *line) operations(kind string) []string {
	ids := l.sent(kind)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// sentFor are those that name a phone; without one, all.
func (l *line) sentFor(kind, phone string) []string {
	var out []string
	for _, r := range l.requests("POST /v1/sync") {
		var body struct {
			Entries []struct{ Operations []operation }
		}
		if err := json.Unmarshal([]byte(r.body), &body); err != nil {
			l.s.Errorf("what was sent is no JSON: %v", err)
		}
		for _, e := range body.Entries {
			for _, o := range e.Operations {
				if o.Kind == kind && (phone == "" || o.Request.Person.Phone == phone) {
					out = append(out, o.Request.OperationID)
				}
			}
		}
	}
	return out
}

// registeredOnce is what must be so after every accident: one operation, however often it was sent, and one text that says so.
func (t *tab) registeredOnce(p person, atLeast int) {
	t.Helper()
	t.on("entry")
	t.sees(step("registered"))
	ids := t.line.sentFor("register", p.phone)
	if len(ids) < atLeast {
		t.Errorf("the application was sent %d times, not %d", len(ids), atLeast)
	}
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("it was sent as two operations: %v", ids)
		}
	}
	t.until("the text that says that it is registered", func() bool { return registeredTexts(t.Fatalf, t.box.texts(t.stage, p.phone)) })
}

// registeredTexts reports whether a phone was told that its application is there, and fails when it was told so twice.
func registeredTexts(fail func(string, ...any), texts []string) bool {
	all := strings.Join(texts, "\n")
	told := false
	for _, kind := range [][]string{
		{"님 신청 접수.", "have your application"}, {"님 접수되었습니다", "님 접수됨", "님 접수. ", "you are registered"},
	} {
		n := 0
		for _, words := range kind {
			n += strings.Count(all, words)
		}
		if n > 1 {
			fail("the phone was told twice:\n%s", all)
		}
		told = told || n == 1
	}
	return told
}

// keepsSecrets fails when an address that was asked for holds anything of a person, or a secret.
func (l *line) keepsSecrets(p ...person) {
	l.s.Helper()
	words := []string{"secret", "token", "authorization"}
	for _, p := range p {
		words = append(words, p.words()...)
	}
	for _, r := range l.requests("/") {
		for _, word := range words {
			if strings.Contains(strings.ToLower(r.uri), strings.ToLower(word)) || strings.Contains(r.header.Get("Referer"), word) {
				l.s.Errorf("the address %s holds %q", r.uri, word)
			}
		}
		for _, secret := range secretsIn(r) {
			if strings.Contains(r.uri, secret) {
				l.s.Errorf("the address %s holds a secret", r.uri)
			}
		}
	}
}

func secretsIn(r request) []string {
	var body struct{ Entries []struct{ Secret string } }
	_ = json.Unmarshal([]byte(r.body), &body) // most have none
	var out []string
	for _, e := range body.Entries {
		if e.Secret != "" {
			out = append(out, e.Secret)
		}
	}
	return out
}
