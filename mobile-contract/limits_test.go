package mobilecontract_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	mobilecontract "jari/mobile-contract"
)

func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(mobilecontract.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// walk calls visit for a schema and everything in it, once for each.
type walk struct {
	seen  map[*openapi3.Schema]bool
	visit func(where string, s *openapi3.Schema)
}

func (w *walk) into(where string, ref *openapi3.SchemaRef) {
	if ref == nil || w.seen[ref.Value] {
		return
	}
	s := ref.Value
	w.seen[s] = true
	if ref.Ref != "" {
		where = ref.Ref[strings.LastIndex(ref.Ref, "/")+1:]
	}
	w.visit(where, s)
	for name, p := range s.Properties {
		w.into(where+"."+name, p)
	}
	w.into(where+"[]", s.Items)
	w.into(where+"{}", s.AdditionalProperties.Schema)
	for _, list := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf, s.AllOf} {
		for _, one := range list {
			w.into(where+"|", one)
		}
	}
	w.into(where+"!", s.Not)
}

// eachSchema visits what requests hold, and what answers hold.
func eachSchema(doc *openapi3.T, request, answer func(where string, s *openapi3.Schema)) {
	in := &walk{map[*openapi3.Schema]bool{}, request}
	out := &walk{map[*openapi3.Schema]bool{}, answer}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			where := method + " " + path
			for _, p := range append(op.Parameters, item.Parameters...) {
				in.into(where+"?"+p.Value.Name, p.Value.Schema)
			}
			if op.RequestBody != nil {
				for _, media := range op.RequestBody.Value.Content {
					in.into(where, media.Schema)
				}
			}
			for _, r := range op.Responses.Map() {
				for name, h := range r.Value.Headers {
					out.into(where+" "+name, h.Value.Schema)
				}
				for _, media := range r.Value.Content {
					out.into(where, media.Schema)
				}
			}
		}
	}
}

func TestEverythingHasLimits(t *testing.T) {
	t.Parallel()
	limited := func(where string, s *openapi3.Schema) {
		switch {
		case s.Type.Is("string"):
			if s.MaxLength == nil && len(s.Enum) == 0 && !strings.HasSuffix(s.Pattern, "}$") {
				t.Errorf("%s: a string of any length", where)
			}
		case s.Type.Is("array"):
			if s.MaxItems == nil {
				t.Errorf("%s: a list of any length", where)
			}
		case s.Type.Is("integer"), s.Type.Is("number"):
			if s.Min == nil || s.Max == nil || *s.Max > 1<<53-1 {
				t.Errorf("%s: a number without limits, or one that not every reader of JSON has exactly", where)
			}
		case s.Type.Is("object"):
			if len(s.Properties) == 0 && s.MaxProps == nil {
				t.Errorf("%s: a map of any size", where)
			}
		case s.Type.Is("boolean"):
		case len(s.OneOf) == 0:
			t.Errorf("%s: no type", where)
		}
	}
	eachSchema(load(t), limited, limited)
}

// A server refuses what it does not know, because it could mean something; a client passes over it, because it may be new.
func TestRequestsAreClosedAndAnswersOpen(t *testing.T) {
	t.Parallel()
	eachSchema(load(t), func(where string, s *openapi3.Schema) {
		if s.Type.Is("object") && (s.AdditionalProperties.Has == nil || *s.AdditionalProperties.Has) {
			t.Errorf("%s: a request that may hold anything", where)
		}
	}, func(where string, s *openapi3.Schema) {
		if s.AdditionalProperties.Has != nil && !*s.AdditionalProperties.Has {
			t.Errorf("%s: an answer that can never be added to", where)
		}
		if s.Not != nil || len(s.OneOf)+len(s.AnyOf)+len(s.AllOf) > 0 {
			t.Errorf("%s: an answer in alternatives, which a new one would break", where)
		}
	})
}

func TestEnumsOfAnswersSayWhatToDoWithOthers(t *testing.T) {
	t.Parallel()
	var found int
	eachSchema(load(t), func(string, *openapi3.Schema) {}, func(where string, s *openapi3.Schema) {
		if len(s.Enum) == 0 {
			return
		}
		found++
		if !strings.Contains(strings.Join(strings.Fields(s.Description), " "), "Unknown values: ") {
			t.Errorf("%s: what does a client do with a value that it does not know?", where)
		}
	})
	if found < 5 {
		t.Errorf("only %d enums in the answers: does this test still see them?", found)
	}
}
