package api_test

import (
	"bytes"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	mobilecontract "jari/mobile-contract"
)

var update = flag.Bool("update", false, "write the answers of the cases in testdata anew")

// The two devices of the cases.
const (
	secretOne = "one-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	secretTwo = "two-BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
)

// spec is the contract, ready to judge answers.
type spec struct {
	doc    *openapi3.T
	router routers.Router
}

func loadSpec(t *testing.T) spec {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(mobilecontract.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return spec{doc, router}
}

// check holds an answer against the contract, and a request that was accepted too. Paths that the contract does not
// know must be answered with a problem all the same.
func (s spec) check(t *testing.T, req *http.Request, body string, got answer) {
	t.Helper()
	route, params, err := s.router.FindRoute(req)
	if err != nil {
		if strings.HasPrefix(req.URL.Path, "/v1/") {
			s.checkProblem(t, got)
		}
		return
	}
	req = req.Clone(t.Context())
	req.Body = io.NopCloser(strings.NewReader(body))
	in := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	malformed := req.URL.Path == "/v1/sync" && strings.Contains(got.body, `"code":"invalid"`) // an operation; the answer is 200 all the same
	if got.status < 300 && !malformed {
		if err := openapi3filter.ValidateRequest(t.Context(), in); err != nil {
			t.Errorf("accepted a request that the contract refuses: %v", err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: got.status, Header: got.header, Options: in.Options}
	out.SetBodyBytes([]byte(got.body))
	if err := openapi3filter.ValidateResponse(t.Context(), out); err != nil {
		t.Errorf("the answer does not fit the contract: %v", err)
	}
	if got.status >= 400 {
		s.checkProblem(t, got)
		s.checkCode(t, route.Operation, got)
	}
}

// checkCode sees to it that an operation answers with no code that its part of the contract does not name.
func (s spec) checkCode(t *testing.T, op *openapi3.Operation, got answer) {
	t.Helper()
	var p struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal([]byte(got.body), &p); err != nil {
		t.Fatal(err)
	}
	if named, _ := op.Extensions["x-problems"].([]any); !slices.Contains(named, any(p.Code)) {
		t.Errorf("%s answers %s, which is not among its x-problems: %v", op.OperationID, p.Code, named)
	}
}

func (s spec) checkProblem(t *testing.T, got answer) {
	t.Helper()
	if ct := got.header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("content type %q", ct)
	}
	if cc := got.header.Get("Cache-Control"); cc != "no-store" {
		t.Errorf("a problem may be kept: %q", cc)
	}
	value, err := openapi3filter.JSONBodyDecoder(strings.NewReader(got.body), nil, nil, nil)
	if err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	if err := s.doc.Components.Schemas["Problem"].Value.VisitJSON(value); err != nil {
		t.Error(err)
	}
}

// A case is a file of steps. ">>>" starts a request (method and path, headers, empty line, body), "<<<" its answer, "!"
// does something to the world, "#" is a remark.
func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.case")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	contract := loadSpec(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".case"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := (&player{running: newServer(t), spec: contract, vars: map[string]string{
				"one": secretOne, "two": secretTwo, "agent": agentToken,
			}}).play(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("answers changed (-want +got):\n%s", diff)
			}
		})
	}
}

type player struct {
	*running
	spec spec
	vars map[string]string // {name} → value
	out  strings.Builder
}

func (p *player) play(t *testing.T, file string) string {
	t.Helper()
	lines := strings.SplitAfter(file, "\n")
	for i := 0; i < len(lines); {
		switch line := strings.TrimSpace(lines[i]); {
		case strings.HasPrefix(line, ">>> "):
			end := i + 1
			for end < len(lines) && !strings.HasPrefix(lines[end], "<<<") && !startsStep(lines[end]) {
				end++
			}
			p.request(t, strings.Join(lines[i:end], ""))
			i = end
		case strings.HasPrefix(line, "<<<"): // the old answer; the new one was written with its request
			for i++; i < len(lines) && !startsStep(lines[i]); i++ {
			}
		default:
			p.do(t, line)
			p.out.WriteString(lines[i])
			i++
		}
	}
	return p.out.String()
}

func startsStep(line string) bool {
	return strings.HasPrefix(line, ">>>") || strings.HasPrefix(line, "!") || strings.HasPrefix(line, "#")
}

func (p *player) do(t *testing.T, line string) {
	t.Helper()
	what, arg, _ := strings.Cut(line, " ")
	switch what {
	case "!now":
		at, err := time.Parse(time.RFC3339Nano, arg)
		if err != nil {
			t.Fatal(err)
		}
		p.world.setNow(at)
	case "!seal":
		p.world.seal()
	case "!offer":
		p.world.offer()
	case "!overloaded":
		p.world.setOverloaded(arg == "on")
	case "!wipe":
		p.world.wipe()
	case "!rehearsal":
		p.world.rehearse()
	case "!broken":
		p.world.setBroken(arg == "on")
	case "!code":
		code := p.world.lastCode()
		p.vars["code"], p.vars["wrong"] = code, string('0'+('9'-code[0]))+code[1:]
	case "", "#":
	default:
		t.Fatalf("no such step: %s", line)
	}
}

func (p *player) request(t *testing.T, text string) {
	t.Helper()
	p.out.WriteString(text)
	for name, value := range p.vars {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	head, body, _ := strings.Cut(text, "\n\n")
	body = strings.TrimSuffix(body, "\n")
	start, rest, _ := strings.Cut(head, "\n")
	f := strings.Fields(start)
	var header []string
	for h := range strings.Lines(rest) {
		name, value, _ := strings.Cut(strings.TrimSpace(h), ": ")
		if name != "" {
			header = append(header, name, value)
		}
	}
	got := p.running.do(t, f[1], f[2], body, header...)
	req := httptest.NewRequestWithContext(t.Context(), f[1], f[2], nil)
	req.Header.Set("Content-Type", "application/json")
	p.spec.check(t, req, body, got)
	p.remember(got)
	p.out.WriteString(p.rendered(t, got))
}

var referenceForm = regexp.MustCompile(`"reference":"([^"]+)"`)

var cursorForm = regexp.MustCompile(`"cursor": ?"([^"]+)"`)

// revisionForm is for what depends on the campaign's keys.
var revisionForm = regexp.MustCompile(`"revision": ?"([^"]+)"`)

var stampForm = regexp.MustCompile(`"stamp":"([^"]{40,})"`)

// remember keeps a refusal's stamp as {stamp}, an altered one as {altered}, the answer's ticket as {ticket} and one with a wrong digit as {mistyped}, the (first) cursor and revision as {cursor} and {revision},
// and the reference of the answer as {reference}; a second device's is {second}.
func (p *player) remember(got answer) {
	if m := stampForm.FindStringSubmatch(got.body); m != nil {
		p.vars["stamp"] = m[1]
		p.vars["altered"] = m[1][:12] + string('A'+('Z'-m[1][12])%26) + m[1][13:]
	}
	if m := ticketForm.FindStringSubmatch(got.body); m != nil {
		p.vars["ticket"] = m[1]
		p.vars["mistyped"] = m[1][:8] + string('0'+(m[1][8]-'0'+1)%10) + m[1][9:]
	}
	if m := cursorForm.FindStringSubmatch(got.body); m != nil {
		p.vars["cursor"] = m[1]
	}
	if m := revisionForm.FindStringSubmatch(got.body); m != nil {
		p.vars["revision"] = m[1]
	}
	for _, m := range referenceForm.FindAllStringSubmatch(got.body, -1) {
		switch m[1] {
		case p.vars["reference"], p.vars["second"], nobodys:
			continue
		}
		if p.vars["reference"] == "" {
			p.vars["reference"] = m[1]
		} else {
			p.vars["second"] = m[1]
		}
	}
}

// nobodys has the form of a reference and is none.
const nobodys = "AAAAAAAAAAAAAAAAAAAAAAAA"

var notShown = []string{
	"Date", "X-Request-Id", "Content-Length", "Vary", "Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options",
}

var ticketForm = regexp.MustCompile(`"ticket": ?"(\d{10})"`)

// messageReference is a text's four characters, which depend on the campaign's keys.
var messageReference = regexp.MustCompile(`\([2-9A-HJKMNP-Z]{4}\)`)

func (p *player) rendered(t *testing.T, got answer) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("<<< " + strconv.Itoa(got.status) + "\n")
	var names []string
	for name := range got.header {
		if !slices.Contains(notShown, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names) // what every answer carries is tested once, in TestEveryAnswerCarries
	for _, name := range names {
		b.WriteString(name + ": " + strings.Join(got.header[name], ", ") + "\n")
	}
	if got.body != "" {
		text := jsontext.Value(got.body)
		if err := text.Indent(jsontext.WithIndent("  ")); err != nil {
			t.Errorf("not JSON: %s", got.body)
		}
		b.WriteString("\n" + string(bytes.TrimSpace(text)) + "\n")
	}
	b.WriteString("\n")
	s := b.String()
	for _, name := range []string{"reference", "second", "stamp"} {
		if v := p.vars[name]; v != "" {
			s = strings.ReplaceAll(s, v, "{"+name+"}")
		}
	}
	s = cursorForm.ReplaceAllString(s, `"cursor": "{cursor}"`)
	s = revisionForm.ReplaceAllString(s, `"revision": "{revision}"`)
	s = messageReference.ReplaceAllString(s, "({ref})")
	return ticketForm.ReplaceAllString(s, `"ticket": "{ticket}"`)
}
