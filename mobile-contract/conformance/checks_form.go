package conformance

import (
	"net/http"
	"strings"
)

func formChecks() []Check {
	const area = "strictness and refusals"
	return []Check{
		{
			Name: "unknown-field", Area: area, run: unknownField,
			Proves:   "A field that the contract does not know is refused by its pointer, so that a misspelt wish is never lost in silence",
			Sentence: "What is wrong with the field.",
		},
		{
			Name: "null-and-types", Area: area, run: nullAndTypes,
			Proves:   "null and values of another type are refused by their pointer",
			Sentence: "JSON pointer (RFC 6901) into the request's body",
		},
		{
			Name: "repeated-member", Area: area, run: repeatedMember,
			Proves:   "A member that stands twice is refused: two readers could read two things",
			Sentence: "enum: [value, unknown, repeated, type, syntax]",
		},
		{
			Name: "syntax", Area: area, run: brokenSyntax,
			Proves:   "What is no JSON, or goes on after it, is refused as that",
			Sentence: "A field is missing, malformed, unknown or out of its limits.",
		},
		{
			Name: "bounds", Area: area, run: bounds,
			Proves:   "Values beyond the contract's limits are refused by their pointer",
			Sentence: "value: missing, malformed or out of its limits.",
		},
		{
			Name: "too-large", Area: area, run: tooLarge,
			Proves:   "A body without end is refused",
			Sentence: "The body is larger than any honest one.",
		},
		{
			Name: "media-type", Area: area, run: mediaType,
			Proves:   "A body that is not declared as JSON is refused",
			Sentence: "The body is not application/json in UTF-8, or is compressed.",
		},
		{
			Name: "paths-and-methods", Area: area, run: pathsAndMethods,
			Proves:   "Unknown paths, methods, campaigns and queues are refused, each with its code",
			Sentence: "The path is there, the method is not.",
		},
		{
			Name: "secrets", Area: area, run: secrets,
			Proves:   "A missing or malformed secret is said to be that, and one in the URL opens nothing",
			Sentence: "No secret was sent, or one of another form.",
		},
		{
			Name: "agents-only", Area: area, run: agentsOnly,
			Proves:   "What is for agents is closed without an agent's token",
			Sentence: "The agent's token is missing or nobody's.",
		},
		{
			Name: "languages", Area: area, run: languages,
			Proves:   "Refusals are told in Korean or English, as asked for, with the same code",
			Sentence: "in Korean or English by Accept-Language.",
		},
	}
}

// applying sends an application of somebody new with one thing changed.
func (t *trial) applying(change func(object) any, header ...string) answer {
	d := t.anybody()
	return d.post("/registrations", change(d.application()), header...)
}

func (t *trial) applyingWith(name string, value any) answer {
	return t.applying(func(o object) any { return o.with(name, value) })
}

func unknownField(t *trial) {
	t.invalid(t.applyingWith("nickname", "x"), "/nickname", "unknown")
	t.invalid(t.applying(func(o object) any { return o.with("person", o["person"].(object).with("nickname", "x")) }), "/person/nickname", "unknown")
	t.invalid(t.applyingWith("wishes", object{"sites": []string{}, "Weekdays": []string{"sat"}}), "/wishes/Weekdays", "unknown")
	d := t.anybody()
	d.apply()
	t.invalid(d.act("code-requests", object{"phone": d.person.phone}), "/phone", "unknown")
}

func nullAndTypes(t *trial) {
	t.invalid(t.applyingWith("region", nil), "/region", "type")
	t.invalid(t.applyingWith("wishes", object{"sites": []any{nil}}), "/wishes/sites/0", "type")
	t.invalid(t.applyingWith("lang", 1), "/lang", "type")
	t.invalid(t.applyingWith("person", []string{}), "/person", "type")
}

func repeatedMember(t *trial) {
	twice := func(o object) any {
		return strings.Replace(shownWhole(o), `"lang":"ko"`, `"lang":"ko","lang":"en"`, 1)
	}
	t.invalid(t.applying(twice), "/lang", "repeated")
}

func brokenSyntax(t *trial) {
	for _, body := range []func(o object) any{
		func(o object) any { return shownWhole(o)[:20] },
		func(o object) any { return shownWhole(o) + "{}" },
		func(object) any { return "" },
	} {
		a := t.applying(body)
		t.refused(a, http.StatusBadRequest, "invalid")
		t.equal(a.what+": the reason of broken JSON", "syntax", a.text("reason"))
	}
}

func bounds(t *trial) {
	who := func(name string, value any) answer {
		return t.applying(func(o object) any { return o.with("person", o["person"].(object).with(name, value)) })
	}
	t.invalid(who("birth_date", "1968-02-30"), "/person/birth_date", "value")
	t.invalid(who("phone", "010"), "/person/phone", "value")
	t.invalid(who("name", ""), "/person/name", "value")
	t.invalid(who("name", strings.Repeat("가", 101)), "/person/name", "value")
	t.invalid(t.applyingWith("operation_id", "00000000-0000-0000-0000-000000000000"), "/operation_id", "value")
	t.invalid(t.applyingWith("operation_id", "1"), "/operation_id", "value")
	t.invalid(t.applyingWith("lang", "xx"), "/lang", "value")
	a := t.applyingWith("wishes", object{"household": object{"code": "abcdef", "size": 5}})
	t.refused(a, http.StatusBadRequest, "invalid")
	t.that(strings.HasPrefix(a.text("field"), "/wishes/household"), a.what+": a pointer to the household", a.text("field"))
	a = t.applying(func(o object) any {
		delete(o, "person")
		return o
	})
	t.refused(a, http.StatusBadRequest, "invalid")
	t.that(strings.HasPrefix(a.text("field"), "/person"), a.what+": the pointer of what is missing, /person", a.text("field"))
}

func tooLarge(t *trial) {
	a := t.applyingWith("region", strings.Repeat("x", 200<<10))
	t.refused(a, http.StatusRequestEntityTooLarge, "too_large")
}

func mediaType(t *trial) {
	asItIs := func(o object) any { return o }
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded"} {
		t.refused(t.applying(asItIs, "Content-Type", kind), http.StatusUnsupportedMediaType, "unsupported_media")
	}
	t.refused(t.applying(asItIs, "Content-Type", ""), http.StatusUnsupportedMediaType, "unsupported_media")
	t.refused(t.applying(asItIs, "Content-Encoding", "gzip"), http.StatusUnsupportedMediaType, "unsupported_media")
	t.status(t.applying(asItIs, "Content-Type", "application/json; charset=utf-8"), http.StatusOK)
}

func pathsAndMethods(t *trial) {
	c := &t.session.scene
	t.refused(t.get("/v1/no-such-path"), http.StatusNotFound, "not_found")
	t.refused(t.get(c.path()+"/no-such-path"), http.StatusNotFound, "not_found")
	t.refused(t.get(c.path()+"/registrations"), http.StatusMethodNotAllowed, "method_not_allowed")
	t.refused(t.do(request{method: http.MethodDelete, path: c.path()}), http.StatusMethodNotAllowed, "method_not_allowed")
	t.refused(t.get("/v1/sync"), http.StatusMethodNotAllowed, "method_not_allowed")
	t.refused(t.get("/v1/campaigns/no-such-campaign"), http.StatusNotFound, "no_campaign")
	t.refused(t.get(c.path()+"/queues/no-such-queue"), http.StatusNotFound, "no_queue")
	d := t.anybody()
	t.refused(t.do(request{method: http.MethodPost, path: "/v1/campaigns/no-such-campaign/registrations", secret: d.secret, body: d.application()}), http.StatusNotFound, "no_campaign")
}

func secrets(t *trial) {
	d := t.anybody()
	d.apply()
	path := d.entry("")
	ask := func(path string, header ...string) answer {
		return t.do(request{method: http.MethodGet, path: path, what: t.session.scene.path() + "/registrations/{reference}", header: header})
	}
	t.refused(ask(path), http.StatusUnauthorized, "secret_malformed")
	t.refused(ask(path, "Authorization", "Bearer short"), http.StatusUnauthorized, "secret_malformed")
	t.refused(ask(path, "Authorization", "Basic "+d.secret), http.StatusUnauthorized, "secret_malformed")
	t.refused(ask(path, "Authorization", "Bearer "+d.secret+"!"), http.StatusUnauthorized, "secret_malformed")
	t.refused(ask(path+"?access_token="+d.secret+"&secret="+d.secret), http.StatusUnauthorized, "secret_malformed")
	nobody := d.device(d.person)
	nobody.reference = d.reference
	t.refused(nobody.see(), http.StatusUnauthorized, "unauthorized")
	t.status(d.see(), http.StatusOK)
}

func agentsOnly(t *trial) {
	c := &t.session.scene
	d := t.anybody()
	path := "/v1/agent/campaigns/" + c.slug + "/registrations"
	body := d.application().with("caller_checked", true)
	t.refused(t.do(request{method: http.MethodPost, path: path, body: body}), http.StatusUnauthorized, "agent_unauthorized")
	t.refused(t.do(request{method: http.MethodPost, path: path, secret: d.secret, body: body}), http.StatusUnauthorized, "agent_unauthorized")
}

func languages(t *trial) {
	path := t.session.scene.path() + "/queues/no-such-queue"
	read := map[string]answer{}
	for lang, header := range map[string]string{"ko": "ko-KR,ko;q=0.9,en;q=0.8", "en": "en-US,en;q=0.9"} {
		a := t.get(path, "Accept-Language", header)
		t.refused(a, http.StatusNotFound, "no_queue")
		t.equal("Content-Language for "+header, lang, a.header.Get("Content-Language"))
		read[lang] = a
		d := t.anybody()
		elsewhere := d.batch(of("register", d.application())).with("campaign", "no-such-campaign")
		batch := t.do(request{method: http.MethodPost, path: "/v1/sync", body: object{"entries": []object{elsewhere}}, header: []string{"Accept-Language", header}})
		read["batch "+lang] = batch.part("entries", 0, "results", 0, "problem")
	}
	t.that(read["ko"].text("title") != read["en"].text("title"), "another title in each language", read["en"].text("title"))
	t.that(read["batch ko"].text("title") != read["batch en"].text("title"), "another title in each language in a batch too", read["batch en"].text("title"))
}
