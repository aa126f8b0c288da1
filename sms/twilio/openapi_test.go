package twilio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"jari/booking/desk"
	"jari/sms/phonesim"
	"jari/sms/twilio"
)

// published is what Twilio says of its own interface.
type published struct{ doc *openapi3.T }

// readPublished fetches Twilio's document, unless it is there. It never skips: a check that is left out looks like one that holds.
func readPublished(t *testing.T) published {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "../../scripts/twilio-openapi").Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		t.Fatalf("Twilio's OpenAPI document cannot be had (make setup-test sees to Node.js and npm, and the npm registry must be within reach once): %v\n%s", err, exit.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join("../..", strings.TrimSpace(string(out))))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatalf("Twilio's OpenAPI document: %v", err)
	}
	return published{doc}
}

// route finds what the document says of a request's address and method. (The library's routers know no parameter that ends before a slash, as in
// Messages/{Sid}.json.)
func (p published) route(req *http.Request) (*routers.Route, map[string]string, error) {
	braces := regexp.MustCompile(`\\\{(\w+)\\\}`)
	server := p.doc.Servers[0]
	for path, item := range p.doc.Paths.Map() {
		pattern := regexp.MustCompile("^" + braces.ReplaceAllString(regexp.QuoteMeta(server.URL+path), "(?P<$1>[^/]+)") + "$")
		found := pattern.FindStringSubmatch(req.URL.Scheme + "://" + req.URL.Host + req.URL.Path)
		operation := item.GetOperation(req.Method)
		if found == nil || operation == nil {
			continue
		}
		params := map[string]string{}
		for i, name := range pattern.SubexpNames()[1:] {
			params[name] = found[i+1]
		}
		return &routers.Route{Spec: p.doc, Server: server, Path: path, PathItem: item, Method: req.Method, Operation: operation}, params, nil
	}
	return nil, nil, errors.New("the document has no such operation")
}

// judge holds a request, and the answer if there is one, against the document. Parameters that it does not name are errors: Twilio ignores
// them, so a mistyped one would do nothing, silently.
func (p published) judge(req *http.Request, body []byte, resp *http.Response, answer []byte) error {
	req = req.Clone(context.Background())
	req.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := p.route(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", req.Method, req.URL.Path, err)
	}
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route, Options: &openapi3filter.Options{
		IncludeResponseStatus: true, MultiError: true,
		AuthenticationFunc: func(_ context.Context, a *openapi3filter.AuthenticationInput) error {
			if user, _, ok := a.RequestValidationInput.Request.BasicAuth(); !ok || a.SecurityScheme.Scheme != "basic" || user != params["AccountSid"] {
				return errors.New("no basic authentication by the account")
			}
			return nil
		},
	}}
	errs := []error{openapi3filter.ValidateRequest(context.Background(), in), unnamed(req, route, body)}
	if resp != nil {
		out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header, Options: in.Options}
		out.SetBodyBytes(answer)
		errs = append(errs, openapi3filter.ValidateResponse(context.Background(), out))
	}
	return errors.Join(errs...)
}

// unnamed finds parameters of the address and of the form that the document does not have for this operation.
func unnamed(req *http.Request, route *routers.Route, body []byte) error {
	query, known := req.URL.Query(), map[string]bool{}
	for _, p := range route.Operation.Parameters {
		known[p.Value.In+"/"+p.Value.Name] = true
	}
	var errs []error
	for name := range query {
		if !known["query/"+name] {
			errs = append(errs, fmt.Errorf("the document has no parameter %q", name))
		}
	}
	form, err := url.ParseQuery(string(body))
	errs = append(errs, err)
	fields := openapi3.Schemas{}
	if b := route.Operation.RequestBody; b != nil {
		fields = b.Value.Content.Get("application/x-www-form-urlencoded").Schema.Value.Properties
	}
	for name, values := range form {
		field, ok := fields[name]
		if !ok || len(values) != 1 {
			errs = append(errs, fmt.Errorf("the document has no field %q, or it is there %d times", name, len(values)))
			continue
		}
		if u, err := url.Parse(values[0]); field.Value.Format == "uri" && (err != nil || u.Scheme == "" || u.Host == "") { // the library looks at no address
			errs = append(errs, fmt.Errorf("%s is no address", name))
		}
	}
	return errors.Join(errs...)
}

// judged lets requests that are meant for Twilio itself reach the simulator, and holds both sides against the document.
type judged struct {
	published
	simulator http.Handler

	mu     sync.Mutex
	seen   map[string]int
	broken []error
}

func (j *judged) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	local := req.Clone(req.Context())
	local.Body, local.RequestURI = io.NopCloser(bytes.NewReader(body)), req.URL.RequestURI()
	recorder := httptest.NewRecorder()
	j.simulator.ServeHTTP(recorder, local)
	resp := recorder.Result()
	err := j.judge(req, body, resp, recorder.Body.Bytes())
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seen[fmt.Sprint(req.Method, " ", resp.StatusCode)]++
	if err != nil {
		j.broken = append(j.broken, err)
	}
	return resp, nil
}

// Everything that we ask Twilio is what Twilio says can be asked, and what the simulator answers is what Twilio says it answers.
func TestRequestsFollowTwiliosDocument(t *testing.T) {
	t.Parallel()
	sim, err := phonesim.New(phonesim.Config{AccountSID: account, AuthToken: token, From: "+15005550006", ListLag: -1})
	if err != nil {
		t.Fatal(err)
	}
	sim.Start()
	t.Cleanup(sim.Stop)
	j := &judged{published: readPublished(t), simulator: sim, seen: map[string]int{}}
	sender, err := twilio.New(twilio.Config{
		AccountSID: account, AuthToken: token, From: "+15005550006", StatusCallback: "https://jari.example/receipts", Transport: j,
	})
	if err != nil {
		t.Fatal(err)
	}
	to := phone(t, "+821000001234")
	sent := sender.Send(t.Context(), desk.OutgoingText{To: to, Body: "내일 오전 10시 (A1B2)", ValidFor: 100 * time.Hour})
	if sent.Outcome != desk.SendAccepted {
		t.Fatalf("outcome %d", sent.Outcome)
	}
	sender.Send(t.Context(), desk.OutgoingText{To: to, Body: "x"})
	if got, err := sender.Fetch(t.Context(), sent.ProviderID); err != nil || got.ProviderID != sent.ProviderID {
		t.Errorf("fetch: %v, %v", got, err)
	}
	if list, err := sender.List(t.Context(), to, time.Now().Add(-time.Hour)); err != nil || len(list) != 2 {
		t.Errorf("list: %d, %v", len(list), err)
	}
	for range 3 {
		sim.Text(to, "예약")
	}
	if list, err := sender.Received(t.Context(), time.Now().Add(-time.Hour), time.Now()); err != nil || len(list) != 3 {
		t.Errorf("log: %d, %v", len(list), err)
	}
	if want := map[string]int{"POST 201": 2, "GET 200": 3}; !maps.Equal(want, j.seen) {
		t.Errorf("seen %v, want %v", j.seen, want)
	}
	for _, broken := range j.broken {
		t.Error(broken)
	}
}

// The check above can fail.
func TestTwiliosDocumentRefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := readPublished(t)
	const messages = "https://api.twilio.com/2010-04-01/Accounts/" + account + "/Messages.json"
	good := "To=%2B821000001234&From=%2B15005550006&Body=x&ValidityPeriod=60"
	for name, c := range map[string]struct{ method, url, body, complaint string }{
		"nothing":              {"POST", messages, good, ""},
		"a field's name":       {"POST", messages, strings.Replace(good, "ValidityPeriod", "ValidFor", 1), `"ValidFor"`},
		"a field twice":        {"POST", messages, good + "&Body=y", `"Body"`},
		"a field's type":       {"POST", messages, good + "&Attempt=often", "Attempt"},
		"a callback's address": {"POST", messages, good + "&StatusCallback=%20", "StatusCallback"},
		"an enum":              {"POST", messages, good + "&RiskCheck=maybe", "RiskCheck"},
		"no addressee":         {"POST", messages, "From=%2B15005550006&Body=x", "To"},
		"the account":          {"POST", strings.Replace(messages, account, "AC1", 1), good, "AccountSid"},
		"the path":             {"POST", strings.Replace(messages, "Messages", "Texts", 1), good, "no such operation"},
		"the host":             {"POST", strings.Replace(messages, "api.", "sms.", 1), good, "no such operation"},
		"the method":           {"PUT", messages, good, "no such operation"},
		"a filter's name":      {"GET", messages + "?DateSent%3E%3D=2021-07-19", "", `"DateSent>="`},
		"a filter's format":    {"GET", messages + "?DateSent%3E=yesterday", "", "DateSent>"},
		"too large a page":     {"GET", messages + "?PageSize=1001", "", "PageSize"},
		"a message's id":       {"GET", strings.Replace(messages, "Messages", "Messages/SM1", 1), "", "Sid"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, c.url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(account, token)
		if c.body != "" {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		err = p.judge(req, []byte(c.body), nil, nil)
		if (err == nil) != (c.complaint == "") || err != nil && !strings.Contains(err.Error(), c.complaint) {
			t.Errorf("%s: %v", name, err)
		}
		req.Header.Del("Authorization")
		if p.judge(req, []byte(c.body), nil, nil) == nil {
			t.Errorf("%s: taken without authentication", name)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, messages, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(account, token)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp := &http.Response{StatusCode: http.StatusCreated, Header: http.Header{"Content-Type": {"application/json"}}}
	for answer, right := range map[string]bool{`{"status":"queued"}`: true, `{"status":"melted"}`: false, `{"error_code":"30005"}`: false} {
		if err := p.judge(req, []byte(good), resp, []byte(answer)); (err == nil) != right {
			t.Errorf("%s: %v", answer, err)
		}
	}
}
