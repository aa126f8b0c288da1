package conformance

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"
)

// lookAtCast reads the magic people, and the campaign that they are for.
func (s *session) lookAtCast(ctx context.Context, c *scene) error {
	a, err := s.read(ctx, "/sandbox/people")
	if err != nil {
		return err
	}
	switch slug := a.text("campaign"); {
	case c.slug == "":
		c.slug = slug
	case c.slug != slug:
		return errors.New("the sandbox's people are for the campaign " + slug)
	}
	c.phones = numbersOf(a.text("free_phones", "first"), a.text("free_phones", "last"))
	c.cast = map[string]person{}
	for i := range a.list("people") {
		c.cast[a.text("people", i, "case")] = person{
			name: a.text("people", i, "person", "name"), born: a.text("people", i, "person", "birth_date"), phone: a.text("people", i, "person", "phone"),
			region: a.text("people", i, "region"),
		}
	}
	return nil
}

// magic is the sandbox's person of a case. Without one the check is not tried.
func (t *trial) magic(name string) person {
	p, ok := t.session.scene.cast[name]
	switch {
	case ok:
	case !t.session.scene.sandbox:
		t.skip("it needs a sandbox, whose person %q this happens to", name)
	default:
		t.skip("the sandbox has no person %q", name)
	}
	return p
}

// texts are what has reached a phone, oldest first.
func (t *trial) texts(phone string) []string {
	a := t.do(request{method: http.MethodGet, path: "/sandbox/texts?phone=" + url.QueryEscape(phone), what: "/sandbox/texts"})
	t.status(a, http.StatusOK)
	var out []string
	for i := range a.list("texts") {
		out = append(out, a.text("texts", i))
	}
	return out
}

// reached waits for more texts on a phone than there were.
func (t *trial) reached(what, phone string, before int) {
	t.until(what, func() bool { return len(t.texts(phone)) > before })
}

func codeForm() *regexp.Regexp { return regexp.MustCompile(`\b\d{6}\b`) }

// codes are the numbers of six digits in texts, each once.
func codes(texts []string) []string {
	var out []string
	for _, text := range texts {
		for _, code := range codeForm().FindAllString(text, -1) {
			if !slices.Contains(out, code) {
				out = append(out, code)
			}
		}
	}
	return out
}

// serverTime is what time it is at the server.
func (t *trial) serverTime() time.Time {
	if t.session.scene.sandbox {
		return t.now()
	}
	at, err := http.ParseTime(t.get("/v1/service").header.Get("Date"))
	t.that(err == nil, "a Date header", "none")
	return at
}

// opened reports whether the cohort of a magic person has opened.
func (t *trial) opened(p person) bool {
	k := t.session.scene.cohortOf(p)
	return k.code != "" && !t.now().Before(k.opens)
}

// now is the sandbox's time.
func (t *trial) now() time.Time {
	a := t.get("/sandbox/clock")
	t.status(a, http.StatusOK)
	return a.instant("now")
}

// moveTo moves the sandbox's clock to some time after an instant; it stays where it is when that has passed.
func (t *trial) moveTo(at time.Time) {
	const more = 2 * time.Second
	if ahead := at.Sub(t.now()) + more; !t.over() && ahead > 0 {
		t.status(t.do(request{method: http.MethodPost, path: "/sandbox/clock", body: object{"forward_seconds": int(ahead/time.Second) + 1}}), http.StatusOK)
	}
}
