package conformance

import (
	"bytes"
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
)

// offence is an answer that broke a rule.
type offence struct{ expected, got, request string }

func newJudge(ctx context.Context) (*judge, error) {
	doc, err := openapi3.NewLoader().LoadFromData(mobilecontract.OpenAPI)
	if err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	if err := doc.Validate(ctx); err != nil {
		return nil, fmt.Errorf("the contract is no OpenAPI: %w", err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("the contract's paths: %w", err)
	}
	return &judge{doc: doc, router: router, ids: map[string]bool{}, broken: map[rule]offence{}}, nil
}

// look holds one answer against the rules. path is the request's, from the contract's root.
func (j *judge) look(ctx context.Context, method, path string, a answer) {
	schema := j.schema(ctx, method, path, a)
	problem := problemOffence(a)
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
	switch {
	case id == "":
		note(ruleNames, a.what+": a header X-Request-Id", "none")
	case j.ids[id]:
		note(ruleNames, a.what+": an X-Request-Id that no other answer has", id)
	}
	j.ids[id] = true
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

// problemOffence says what is wrong with a refusal as a problem; nothing for any other answer.
func problemOffence(a answer) (o offence) {
	if a.status < 400 {
		return o
	}
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	wait := a.header.Get("Retry-After")
	seconds, err := strconv.Atoi(wait)
	switch {
	case kind != "application/problem+json":
		return offence{expected: a.what + ": status " + strconv.Itoa(a.status) + " as application/problem+json", got: shown(kind) + ": " + a.summary()}
	case a.text("type") == "" || a.text("title") == "" || a.text("code") == "":
		return offence{expected: a.what + ": a problem with type, title, status and code", got: fmt.Sprintf("%.300q", a.raw)}
	case a.number("status") != int64(a.status):
		return offence{expected: fmt.Sprintf("%s: a problem whose status is the answer's, %d", a.what, a.status), got: a.text("status")}
	case (a.status == 429 || a.status == 503) && (err != nil || seconds < 1):
		return offence{expected: fmt.Sprintf("%s: status %d with Retry-After in whole seconds", a.what, a.status), got: shown(wait)}
	case a.has("retry_after_seconds") && wait != "" && a.text("retry_after_seconds") != wait:
		return offence{expected: a.what + ": retry_after_seconds as in Retry-After, " + wait, got: a.text("retry_after_seconds")}
	case bytes.Contains(bytes.ToLower(a.raw), []byte("panic")) || bytes.Contains(a.raw, []byte("SQLSTATE")):
		return offence{expected: a.what + ": a text for people", got: a.text("detail")}
	}
	return o
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
