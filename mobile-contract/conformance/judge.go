package conformance

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	mobilecontract "jari/mobile-contract"
)

// judge holds every answer of a run against the contract, and keeps the first that broke each of its rules.
type judge struct {
	doc    *openapi3.T
	router routers.Router
	kinds  map[string]int // the contract's problems by code, and their statuses

	mu      sync.Mutex
	answers int
	ids     map[string]bool
	broken  map[rule]offence
}

// rule is something that holds for every answer.
type rule string

const (
	ruleSchema   rule = "every-answer"
	ruleProblems rule = "every-problem"
	ruleNames    rule = "every-answer-named"
	rulePrivate  rule = "private-answers"
)

// offence is an answer that broke a rule.
type offence struct{ expected, got, request string }

func newJudge() (*judge, error) {
	doc, err := openapi3.NewLoader().LoadFromData(mobilecontract.OpenAPI)
	if err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("the contract's paths: %w", err)
	}
	j := &judge{doc: doc, router: router, kinds: map[string]int{}, ids: map[string]bool{}, broken: map[rule]offence{}}
	types, _ := doc.Components.Schemas["ProblemCode"].Value.Extensions["x-problem-types"].(map[string]any)
	for code, of := range types {
		of, _ := of.(map[string]any)
		status, err := strconv.Atoi(fmt.Sprint(of["status"]))
		if err != nil {
			return nil, fmt.Errorf("the contract gives the problem %s no status", code)
		}
		j.kinds[code] = status
	}
	return j, nil
}

// look holds one answer against the rules. path is the request's, from the contract's root.
func (j *judge) look(ctx context.Context, method, path string, a answer) {
	schema := j.schema(ctx, method, path, a)
	problem := j.problem(a)
	id := a.header.Get("X-Request-Id")

	j.mu.Lock()
	defer j.mu.Unlock()
	j.answers++
	note := func(r rule, expected, got string) {
		if _, known := j.broken[r]; !known && expected != "" {
			j.broken[r] = offence{expected, got, a.what}
		}
	}
	if schema != nil {
		note(ruleSchema, a.what+": an answer of the form that the contract gives", strings.Join(strings.Fields(schema.Error()), " "))
	}
	note(ruleProblems, problem.expected, problem.got)
	if keep := a.header.Get("Cache-Control"); private(path, a.status) && !strings.Contains(keep, "no-store") {
		note(rulePrivate, a.what+": Cache-Control: no-store", shown(keep))
	}
	switch {
	case id == "":
		note(ruleNames, a.what+": a header X-Request-Id", "none")
	case j.ids[id]:
		note(ruleNames, a.what+": an X-Request-Id that no other answer has", id)
	}
	j.ids[id] = true
}

// private reports whether nobody on the way may keep an answer: all but the public documents.
func private(path string, status int) bool {
	return status >= http.StatusBadRequest || strings.HasPrefix(path, "/v1/sync") || strings.Contains(path, "/registrations") || strings.Contains(path, "/introductions")
}

// schema validates an answer by the contract's path, status, headers and schema. What the contract does not know must be a problem.
func (j *judge) schema(ctx context.Context, method, path string, a answer) error {
	req, err := http.NewRequestWithContext(ctx, method, path, http.NoBody)
	if err != nil {
		return err
	}
	route, params, err := j.router.FindRoute(req)
	if err != nil { // no such path or method in the contract
		if a.status < 400 {
			return fmt.Errorf("status %d where the contract has nothing", a.status)
		}
		return nil
	}
	in := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.status, Header: a.header, Options: in.Options}
	out.SetBodyBytes(a.raw)
	return openapi3filter.ValidateResponse(ctx, out)
}

// problem says what is wrong with a refusal as a problem; nothing for any other answer.
func (j *judge) problem(a answer) offence {
	if a.status < 400 {
		return offence{}
	}
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	code := a.text("code")
	says := func(format string, args ...any) string { return a.what + ": " + fmt.Sprintf(format, args...) }
	switch status, known := j.kinds[code]; {
	case kind != "application/problem+json":
		return offence{expected: says("status %d as application/problem+json", a.status), got: shown(kind) + ": " + a.summary()}
	case a.text("type") == "" || a.text("title") == "" || code == "":
		return offence{expected: says("a problem with type, title, status and code"), got: fmt.Sprintf("%.300q", a.raw)}
	case a.number("status") != int64(a.status):
		return offence{expected: says("a problem whose status is the answer's, %d", a.status), got: a.text("status")}
	case known && status != a.status:
		return offence{expected: says("status %d for the code %s", status, code), got: a.summary()}
	case known && a.text("type") != "/problems/"+strings.ReplaceAll(code, "_", "-"):
		return offence{expected: says("the type of the code %s", code), got: a.text("type")}
	}
	return a.wait()
}

// wait says what is wrong with when to come again: needed with 429 and 503, and told in the header as in the body.
func (a answer) wait() offence {
	wait := a.header.Get("Retry-After")
	seconds, err := strconv.Atoi(wait)
	switch {
	case (a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable) && (err != nil || seconds < 1):
		return offence{expected: fmt.Sprintf("%s: status %d with Retry-After in whole seconds", a.what, a.status), got: shown(wait)}
	case a.has("retry_after_seconds") && wait != "" && a.text("retry_after_seconds") != wait:
		return offence{expected: a.what + ": retry_after_seconds as in Retry-After, " + wait, got: a.text("retry_after_seconds")}
	}
	return offence{}
}

// verdict is what all answers together say of one rule.
func (j *judge) verdict(r rule) (Verdict, offence) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if o, broken := j.broken[r]; broken {
		return Fail, o
	}
	if j.answers == 0 {
		return NotTried, offence{}
	}
	return Pass, offence{}
}
