package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	mobilecontract "jari/mobile-contract"
)

// What the sandbox's own paths answer, also to what is wrong, is what the contract says.
func TestTheSandboxsOwnPaths(t *testing.T) {
	t.Parallel()
	a := newAppTeam(t)
	doc, err := openapi3.NewLoader().LoadFromData(mobilecontract.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		method, path, kind, body string
		status                   int
		holds                    []string
	}{
		"people":            {"GET", "/sandbox/people", "", "", 200, []string{`"campaign":"sandbox"`, `"case":"cut-answer"`, `"+821000001006"`}},
		"no texts":          {"GET", "/sandbox/texts?phone=%2B821000002345", "", "", 200, []string{`"texts":[]`}},
		"whose texts":       {"GET", "/sandbox/texts", "", "", 400, []string{`"code":"invalid"`, `%2B`}},
		"a plus is a space": {"GET", "/sandbox/texts?phone=+821000002345", "", "", 400, []string{`"code":"invalid"`, `%2B`}},
		"a text":            {"POST", "/sandbox/texts", "application/json", `{"phone":"+821000002345","text":"도움"}`, 200, []string{`"text":"도움"`}},
		"no phone":          {"POST", "/sandbox/texts", "application/json", `{"phone":"0100","text":"x"}`, 400, []string{`"field":"/phone"`, `"reason":"value"`}},
		"an empty text":     {"POST", "/sandbox/texts", "application/json", `{"phone":"+821000002345","text":""}`, 400, []string{`"field":"/text"`}},
		"one field too many": {"POST", "/sandbox/texts", "application/json", `{"phone":"+821000002345","text":"x","to":"y"}`, 400,
			[]string{`"field":"/to"`, `"reason":"unknown"`}},
		"twice the same": {"POST", "/sandbox/texts", "application/json", `{"phone":"+821000002345","text":"x","text":"y"}`, 400,
			[]string{`"field":"/text"`, `"reason":"repeated"`}},
		"a form":              {"POST", "/sandbox/texts", "application/x-www-form-urlencoded", `phone=1`, 415, []string{`"code":"unsupported_media"`, `/problems/unsupported-media`}},
		"too much":            {"POST", "/sandbox/texts", "application/json", `{"text":"` + strings.Repeat("x", 20<<10) + `"}`, 413, []string{`"code":"too_large"`}},
		"the clock":           {"GET", "/sandbox/clock", "", "", 200, []string{`+09:00"`}},
		"a step":              {"POST", "/sandbox/clock", "application/json", `{"forward_seconds":1}`, 200, []string{`"now":`}},
		"backwards":           {"POST", "/sandbox/clock", "application/json", `{"forward_seconds":-1}`, 400, []string{`"field":"/forward_seconds"`, "only moves forward"}},
		"not at all":          {"POST", "/sandbox/clock", "application/json", `{}`, 400, []string{`"field":"/forward_seconds"`}},
		"more than a year":    {"POST", "/sandbox/clock", "application/json", `{"forward_seconds":31536001}`, 400, []string{`"field":"/forward_seconds"`}},
		"a word":              {"POST", "/sandbox/clock", "application/json", `{"forward_seconds":"day"}`, 400, []string{`"reason":"type"`}},
		"half a body":         {"POST", "/sandbox/clock", "application/json", `{"forward`, 400, []string{`"reason":"syntax"`}},
		"another method":      {"DELETE", "/sandbox/clock", "", "", 405, []string{`"code":"method_not_allowed"`}},
		"another path":        {"GET", "/sandbox/money", "", "", 404, []string{`"code":"not_found"`}},
		"the service's word":  {"GET", "/v1/service", "", "", 200, []string{`"sandbox":true`}},
		"the real ones' form": {"GET", "/v1/campaigns/none", "", "", 404, []string{`"code":"no_campaign"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, header, body := a.raw(t, c.method, c.path, c.kind, c.body)
			if status != c.status {
				t.Errorf("%d %s", status, body)
			}
			for _, piece := range c.holds {
				if !strings.Contains(body, piece) {
					t.Errorf("it lacks %s: %s", piece, body)
				}
			}
			fitsContract(t, router, c.method, a.apiURL+c.path, status, header, body)
		})
	}
}

func (a *appTeam) raw(t *testing.T, method, path, kind, body string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, a.apiURL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(got)
}

// fitsContract holds an answer against openapi.yaml; of a path or method that is not in it nothing is said there.
func fitsContract(t *testing.T, router routers.Router, method, url string, status int, header http.Header, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := router.FindRoute(req)
	if err != nil {
		return
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 status, Header: header, Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	out.SetBodyBytes([]byte(body))
	if err := openapi3filter.ValidateResponse(t.Context(), out); err != nil {
		t.Errorf("the answer does not fit the contract: %v", err)
	}
}
