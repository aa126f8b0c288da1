package conformance

import (
	"net/http"
	"strings"
	"testing"
)

// Each answer breaks one rule, and no other.
func TestTheJudgeSeesWhatIsBroken(t *testing.T) {
	t.Parallel()
	const service = `{"contract":"1.0.0","minimum":"1.0.0","sunsets":[],"sandbox":false,"langs":["ko"],"news":1}`
	const problem = `{"type":"/problems/not-found","title":"x","status":404,"code":"not_found"}`
	const overloaded = `{"type":"/problems/overloaded","title":"x","status":503,"code":"overloaded","retry_after_seconds":3}`
	ok := []string{"Content-Type", "application/json", "ETag", `"1"`, "Cache-Control", "no-cache", "X-Request-Id", "1"}
	refused := []string{"Content-Type", "application/problem+json", "X-Request-Id", "1", "Content-Language", "ko", "Vary", "Accept-Language", "Cache-Control", "no-store"}
	j, err := newJudge()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path   string
		status int
		header []string
		body   string
		want   rule
	}{
		"as it should be":            {"/v1/service", 200, ok, service, ""},
		"a problem":                  {"/v1/service", 404, refused, problem, ""},
		"without a tag":              {"/v1/service", 200, append([]string{"Cache-Control", "no-cache"}, ok[:2]...), service, ruleSchema},
		"a member missing":           {"/v1/service", 200, ok, strings.Replace(service, `"contract":"1.0.0",`, "", 1), ruleSchema},
		"of another type":            {"/v1/service", 200, ok, strings.Replace(service, `false`, `"no"`, 1), ruleSchema},
		"a code that is none":        {"/v1/service", 404, refused, strings.Replace(problem, "not_found", "gone", 1), ruleSchema},
		"well where nothing is":      {"/v1/nothing", 200, ok, `{}`, ruleSchema},
		"another status in the body": {"/v1/nothing", 400, refused, problem, ruleProblems},
		"the status of another code": {"/v1/nothing", 404, refused, strings.Replace(problem, "not_found", "conflict", 1), ruleProblems},
		"a type of its own":          {"/v1/nothing", 404, refused, strings.Replace(problem, "not-found", "x", 1), ruleProblems},
		"a page":                     {"/v1/nothing", 502, []string{"Content-Type", "text/html", "X-Request-Id", "1", "Cache-Control", "no-store"}, "<html>", ruleProblems},
		"when to come again, unsaid": {"/v1/nothing", 503, refused, overloaded, ruleProblems},
		"two times to come again":    {"/v1/nothing", 503, append([]string{"Retry-After", "5"}, refused...), overloaded, ruleProblems},
		"without a name":             {"/v1/nothing", 404, append(refused[:2:2], "Cache-Control", "no-store"), problem, ruleNames},
		"a refusal to keep":          {"/v1/nothing", 404, append(refused[:8:8], "Cache-Control", "max-age=60"), problem, rulePrivate},
		"nothing about keeping":      {"/v1/campaigns/c/registrations", 404, refused[:8], problem, rulePrivate},
	} {
		j.ids, j.broken = map[string]bool{}, map[rule]offence{}
		a := answer{what: "GET " + c.path, status: c.status, header: http.Header{}, raw: []byte(c.body), body: decoded([]byte(c.body))}
		for i := 0; i < len(c.header); i += 2 {
			a.header.Set(c.header[i], c.header[i+1])
		}
		j.look(t.Context(), http.MethodGet, c.path, a)
		for _, r := range []rule{ruleSchema, ruleProblems, rulePrivate, ruleNames} {
			unnamed := r == ruleNames && a.header.Get("X-Request-Id") == ""
			if _, found := j.broken[r]; found != (r == c.want || unnamed) {
				t.Errorf("%s: %s: found %t %+v", name, r, found, j.broken[r])
			}
		}
	}
}
