package mobilecontract_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// eachOperation visits all operations, by path and method.
func eachOperation(t *testing.T, visit func(t *testing.T, doc *openapi3.T, item *openapi3.PathItem, op *openapi3.Operation)) {
	t.Helper()
	doc := load(t)
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		for method, op := range item.Operations() {
			t.Run(op.OperationID, func(t *testing.T) {
				t.Parallel()
				if op.OperationID == "" || op.Summary == "" || op.Description == "" || len(op.Tags) != 1 {
					t.Errorf("%s %s needs an operationId, a summary, a description and one tag", method, path)
				}
				visit(t, doc, item, op)
			})
		}
	}
}

// example finds what stands for a body: of the media type, or of its schema.
func example(m *openapi3.MediaType) []any {
	var out []any
	for _, e := range m.Examples {
		out = append(out, e.Value.Value)
	}
	for _, e := range []any{m.Example, m.Schema.Value.Example} {
		if e != nil {
			out = append(out, e)
		}
	}
	return out
}

// fits holds an example against the schema, written and read as JSON as a client would.
func fits(t *testing.T, where string, m *openapi3.MediaType) {
	t.Helper()
	all := example(m)
	if len(all) == 0 {
		t.Errorf("%s: no example", where)
	}
	for _, e := range all {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		if err := m.Schema.Value.VisitJSON(v, openapi3.EnableFormatValidation()); err != nil {
			t.Errorf("%s: the example %s does not fit: %v", where, text, err)
		}
	}
}

func TestOperationsShowExamples(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(t *testing.T, _ *openapi3.T, item *openapi3.PathItem, op *openapi3.Operation) {
		t.Helper()
		if op.RequestBody != nil {
			fits(t, "request", op.RequestBody.Value.Content["application/json"])
		}
		for status, r := range op.Responses.Map() {
			if r.Value.Description == nil || *r.Value.Description == "" {
				t.Errorf("%s: not described", status)
			}
			for _, m := range r.Value.Content {
				fits(t, status, m)
			}
		}
		for _, p := range append(op.Parameters, item.Parameters...) {
			if p.Value.Description == "" || p.Value.Example == nil && p.Value.Schema.Value.Example == nil {
				t.Errorf("parameter %s: no description or no example", p.Value.Name)
			}
		}
	})
}

// What a program learns from headers is written down.
func TestHeadersAreDocumented(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(t *testing.T, _ *openapi3.T, item *openapi3.PathItem, op *openapi3.Operation) {
		t.Helper()
		if item.Parameters.GetByInAndName("header", "Accept-Language") == nil {
			t.Error("Accept-Language is missing")
		}
		for status, r := range op.Responses.Map() {
			want := []string{"X-Request-Id"}
			if status == "default" || status >= "400" {
				want = append(want, "Content-Language", "Vary")
			}
			switch status {
			case "401":
				want = append(want, "WWW-Authenticate")
			case "429", "503":
				want = append(want, "Retry-After")
			case "304":
				want = append(want, "ETag", "Cache-Control")
			}
			for _, name := range want {
				if h := r.Value.Headers[name]; h == nil || h.Value.Description == "" || h.Value.Example == nil {
					t.Errorf("%s: the header %s is not documented with an example", status, name)
				}
			}
		}
	})
}

// x-problems names the codes of an operation; their statuses are its responses, no more and no fewer.
func TestProblemsOfOperations(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(t *testing.T, doc *openapi3.T, _ *openapi3.PathItem, op *openapi3.Operation) {
		t.Helper()
		types := doc.Components.Schemas["ProblemCode"].Value.Extensions["x-problem-types"].(map[string]any)
		want := map[string][]string{}
		for _, c := range op.Extensions["x-problems"].([]any) {
			code := c.(string)
			known, ok := types[code].(map[string]any)
			if !ok {
				t.Fatalf("%s is no code of the contract", code)
			}
			status := strconv.Itoa(int(known["status"].(float64)))
			want[status] = append(want[status], code)
		}
		for status, r := range op.Responses.Map() {
			if status < "400" || status == "default" {
				continue
			}
			if want[status] == nil {
				t.Errorf("%s is a response, and no code of x-problems has this status", status)
			}
			for _, code := range want[status] {
				if r.Value.Content["application/problem+json"].Examples[code] == nil {
					t.Errorf("%s: no example of %s", status, code)
				}
			}
			delete(want, status)
		}
		for status, codes := range want {
			t.Errorf("%s is no response, and x-problems names %s", status, strings.Join(codes, ", "))
		}
		if op.Responses.Default() == nil {
			t.Error("no default, which is what codes of later versions are")
		}
	})
}
