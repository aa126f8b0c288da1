package api

import (
	"maps"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"jari/booking"
	mobilecontract "jari/mobile-contract"
	"jari/mobile-contract/contract"
)

// Every code that this door can answer with is in the contract with its status, and nothing else is.
func TestProblemsAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(mobilecontract.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	schema := doc.Components.Schemas["ProblemCode"].Value
	documented := map[booking.Code]int{}
	for code, v := range schema.Extensions["x-problem-types"].(map[string]any) {
		documented[booking.Code(code)] = int(v.(map[string]any)["status"].(float64))
	}
	if diff := cmp.Diff(statuses, documented); diff != "" {
		t.Errorf("codes and statuses (-rendered +documented):\n%s", diff)
	}
	var listed []booking.Code
	for _, v := range schema.Enum {
		listed = append(listed, booking.Code(v.(string)))
	}
	slices.Sort(listed)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(statuses)), listed); diff != "" {
		t.Errorf("codes (-rendered +enum):\n%s", diff)
	}
	for code := range statuses {
		ref := doc.Components.Examples[string(code)]
		if ref == nil {
			t.Errorf("%s: no example", code)
			continue
		}
		checkProblemExample(t, ref.Value.Value.(map[string]any))
	}
	if stamped := doc.Components.Examples["overloaded_with_stamp"]; stamped == nil {
		t.Error("no example of a stamp")
	} else {
		checkProblemExample(t, stamped.Value.Value.(map[string]any))
	}
	for _, texts := range []map[booking.Code]text{koreanTexts, englishTexts} {
		for code := range statuses {
			if texts[code].title == "" || texts[code].detail == "" {
				t.Errorf("%s: no words", code)
			}
		}
	}
}

// checkProblemExample holds an example against what this door would say with the same parameters.
func checkProblemExample(t *testing.T, e map[string]any) {
	t.Helper()
	text := func(name string) string { s, _ := e[name].(string); return s }
	r := refusal{code: booking.Code(text("code")), at: text("at"), field: text("field"), cohort: text("cohort"), stamp: text("stamp")}
	r.reason = contract.FieldReason(text("reason"))
	p := problemOf(booking.English, r)
	want := []string{p.Type, p.Title, *p.Detail}
	if diff := cmp.Diff(want, []string{text("type"), text("title"), text("detail")}); diff != "" {
		t.Errorf("the example of %s is not what is said (-said +example):\n%s", r.code, diff)
	}
}
