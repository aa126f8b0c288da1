package api_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"jari/api"
	"jari/booking"
	"jari/booking/desk"
)

func TestEveryAnswerCarries(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	for _, path := range []string{"/healthz", "/v1/campaigns/seoul-2021", "/nowhere", "/v1/campaigns/seoul-2021/registrations/x"} {
		got := r.do(t, http.MethodGet, path, "")
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		} {
			if have := got.header.Get(name); have != want {
				t.Errorf("%s: %s is %q", path, name, have)
			}
		}
		if len(got.header.Get("X-Request-Id")) < 16 {
			t.Errorf("%s: no request id", path)
		}
	}
}

func TestBodyLimits(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	path := "/v1/campaigns/seoul-2021/registrations"
	auth := "Bearer " + secretOne
	for name, c := range map[string]struct {
		body   string
		header []string
		want   int
	}{
		"too long":          {`{"operation_id":"` + strings.Repeat("x", 17<<10) + `"}`, nil, http.StatusRequestEntityTooLarge},
		"form":              {`a=b`, []string{"Content-Type", "application/x-www-form-urlencoded"}, http.StatusUnsupportedMediaType},
		"other charset":     {somebody, []string{"Content-Type", "application/json; charset=euc-kr"}, http.StatusUnsupportedMediaType},
		"compressed":        {somebody, []string{"Content-Encoding", "gzip"}, http.StatusUnsupportedMediaType},
		"with charset":      {somebody, []string{"Content-Type", "application/json; charset=UTF-8"}, http.StatusOK},
		"decomposed Hangul": {strings.Replace(somebody, "홍길동", "\u1112\u1169\u11bc\u1100\u1175\u11af\u1103\u1169\u11bc", 1), nil, http.StatusOK},
	} {
		got := r.do(t, http.MethodPost, path, c.body, append([]string{"Authorization", auth}, c.header...)...)
		if got.status != c.want {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if n := r.world.count(); n != 1 {
		t.Errorf("%d registrations: composed and decomposed letters must be one name", n)
	}
}

// A body of unknown length is cut off at the limit as well.
func TestStreamedBodyIsCutOff(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	body := io.MultiReader(strings.NewReader(`{"lang":"`), strings.NewReader(strings.Repeat("x", 17<<10)))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL+"/v1/campaigns/seoul-2021/registrations", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+secretOne)
	res, err := r.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestPanicIsAProblemAndTellsNothing(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	r.world.setPanic("홍길동 +821000001234")
	got := r.do(t, http.MethodGet, "/v1/campaigns/seoul-2021", "")
	if got.status != http.StatusInternalServerError || got.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s", got.status, got.body)
	}
	for where, text := range map[string]string{"body": got.body, "log": r.log.String()} {
		if strings.Contains(text, "홍길동") || strings.Contains(text, "1000001234") {
			t.Errorf("the %s shows what the panic held: %s", where, text)
		}
	}
	if !strings.Contains(r.log.String(), `"msg":"panic"`) {
		t.Error("the panic is not in the log")
	}
}

func TestNothingPersonalInTheLog(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	ref := r.apply(t, secretOne)
	r.prove(t, ref, secretOne)
	r.world.setBroken(true)
	r.do(t, http.MethodGet, "/v1/campaigns/seoul-2021/registrations/"+ref, "", "Authorization", "Bearer "+secretOne)
	log := r.log.String()
	for _, secret := range []string{ref, secretOne, "홍길동", "1000001234", "1968-04-12", "127.0.0.1", r.world.lastCode()} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q:\n%s", secret, log)
		}
	}
	if n := strings.Count(log, errBroken.Error()); n != 1 {
		t.Errorf("the internal error is in the log %d times", n)
	}
	if !strings.Contains(log, `"route":"/v1/campaigns/:campaign/registrations/:reference"`) {
		t.Error("no route pattern in the log")
	}
}

func TestMetricsHaveBoundedLabels(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	r.apply(t, secretOne)
	r.apply(t, secretOne)
	r.apply(t, secretTwo)
	r.do(t, "BREW", "/v1/campaigns/seoul-2021", "")
	r.do(t, http.MethodGet, "/secret-path-of-somebody", "")
	text := inside(t, r, "/metrics").body
	for _, want := range []string{
		`jari_applications_total{door="app",outcome="new"} 1`, `jari_applications_total{door="app",outcome="again"} 1`,
		`jari_applications_total{door="app",outcome="other"} 1`,
		`jari_http_requests_total{method="other",route="none",status="405"} 1`,
		`jari_http_requests_total{method="GET",route="none",status="404"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "BREW") || strings.Contains(text, "somebody") {
		t.Error("a caller's text became a label")
	}
}

func inside(t *testing.T, r *running, path string) answer {
	t.Helper()
	w := httptest.NewRecorder()
	r.internal.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return answer{w.Code, w.Header(), w.Body.String()}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		checks []api.Check
		code   int
		status string
	}{
		"ready":    {[]api.Check{{Name: "postgres", OK: true}}, http.StatusOK, `{"status":"ready"}`},
		"degraded": {[]api.Check{{Name: "postgres", OK: true}, {Name: "redis", OK: true, Degraded: true, Detail: "away"}}, http.StatusOK, `{"status":"degraded"}`},
		"unready":  {[]api.Check{{Name: "redis", OK: true, Degraded: true}, {Name: "clock", Detail: "bound 300 ms"}}, http.StatusServiceUnavailable, `{"status":"unready"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newServer(t, func(cfg *api.Config) { cfg.Ready = func(context.Context) []api.Check { return c.checks } })
			if got := r.do(t, http.MethodGet, "/readyz", ""); got.status != c.code || got.body != c.status {
				t.Errorf("outside: %d %s", got.status, got.body)
			}
			got := inside(t, r, "/readyz")
			if got.status != c.code || !strings.Contains(got.body, `"name":"`+c.checks[0].Name+`"`) {
				t.Errorf("inside: %d %s", got.status, got.body)
			}
			if got := inside(t, r, "/healthz"); got.status != http.StatusOK {
				t.Errorf("not alive: %d", got.status)
			}
		})
	}
}

func TestMountedHandlersAnswerThemselves(t *testing.T) {
	t.Parallel()
	r := newServer(t, func(cfg *api.Config) {
		cfg.Mount = map[string]http.Handler{"/hooks/sms": http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			_, _ = io.WriteString(w, req.Method+" "+req.URL.Path)
		})}
	})
	for _, path := range []string{"/hooks/sms", "/hooks/sms/twilio/in"} {
		got := r.do(t, http.MethodPost, path, "From=x", "Content-Type", "application/x-www-form-urlencoded")
		if got.status != http.StatusOK || got.body != "POST "+path || got.header.Get("Content-Type") != "text/xml" {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := r.do(t, http.MethodGet, "/hooks/smsx", ""); got.status != http.StatusNotFound {
		t.Errorf("a longer name was mounted too: %d", got.status)
	}
}

// addressBook tells which address a code request was counted under.
type addressBook struct {
	*memory
	seen chan string
}

func (b addressBook) RequestCode(ctx context.Context, c desk.Change, r desk.CodeRequest) error {
	for _, candidate := range []string{"192.0.2.7", "198.51.100.9", "2001:db8:1:2::/64", "203.0.113.5"} {
		if b.campaign.Keys.Lookup("address\x00"+candidate) == r.Address {
			b.seen <- candidate
			return b.memory.RequestCode(ctx, c, r)
		}
	}
	b.seen <- "another"
	return b.memory.RequestCode(ctx, c, r)
}

// Only a trusted proxy may say who called, and only what it saw itself counts.
func TestAddressForLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		proxies      []string
		from, header string
		want         string
	}{
		"no proxy trusted":       {nil, "192.0.2.7:5555", "198.51.100.9", "192.0.2.7"},
		"trusted":                {[]string{"192.0.2.0/24"}, "192.0.2.7:5555", "198.51.100.9", "198.51.100.9"},
		"forged in front":        {[]string{"192.0.2.0/24"}, "192.0.2.7:5555", "203.0.113.5, 198.51.100.9", "198.51.100.9"},
		"from elsewhere":         {[]string{"192.0.2.0/24"}, "203.0.113.5:1", "198.51.100.9", "203.0.113.5"},
		"IPv6 is its network":    {nil, "[2001:db8:1:2:3:4:5:6]:1", "", "2001:db8:1:2::/64"},
		"IPv4 in the form of v6": {nil, "[::ffff:192.0.2.7]:1", "", "192.0.2.7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMemory(t)
			book := addressBook{m, make(chan string, 1)}
			var handler http.Handler
			newServer(t, func(cfg *api.Config) {
				cfg.Desk, cfg.TrustedProxies = desk.New(desk.Ports{Campaigns: m, Intake: m, Book: book, Clock: m}), c.proxies
				s, err := api.New(*cfg)
				if err != nil {
					t.Fatal(err)
				}
				handler = s.Public()
				cfg.Registry = prometheus.NewRegistry()
			})
			post := func(path, body string) *httptest.ResponseRecorder {
				req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
				req.RemoteAddr = c.from
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Authorization", "Bearer "+secretOne)
				if c.header != "" {
					req.Header.Set("X-Forwarded-For", c.header)
					req.Header.Set("X-Real-Ip", "203.0.113.5")
				}
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, req)
				return w
			}
			ref := referenceForm.FindStringSubmatch(post("/v1/campaigns/seoul-2021/registrations", somebody).Body.String())
			post("/v1/campaigns/seoul-2021/registrations/"+ref[1]+"/code-requests", `{"operation_id":"0198c0de-7a31-7cc2-9b1f-2f6a5c1d0001"}`)
			if got := <-book.seen; got != c.want {
				t.Errorf("the address counted is %s, want %s", got, c.want)
			}
		})
	}
}

// slowReader gives its bytes only after the world's clock has moved on.
type slowReader struct {
	world world
	left  string
}

func (s *slowReader) Read(p []byte) (int, error) {
	s.world.setNow(opening.Add(time.Hour))
	if s.left == "" {
		return 0, io.EOF
	}
	n := copy(p, s.left)
	s.left = s.left[n:]
	return n, nil
}

// The instant of receipt is taken before the body is read: a slow connection costs nobody the place.
func TestReceiptIsTakenBeforeTheBody(t *testing.T) {
	t.Parallel()
	m := newMemory(t)
	var handler http.Handler
	newServer(t, func(cfg *api.Config) {
		cfg.Desk = m.desk()
		s, err := api.New(*cfg)
		if err != nil {
			t.Fatal(err)
		}
		handler, cfg.Registry = s.Public(), prometheus.NewRegistry()
	})
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/campaigns/seoul-2021/registrations", &slowReader{m, somebody})
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+secretOne)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, req)
	if !strings.Contains(w.Body.String(), `"received_at":"2021-07-19T11:00:00.000000Z"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Every code of the rules has a status here, and every code that may leave is in the contract.
func TestEveryCodeIsKnown(t *testing.T) {
	t.Parallel()
	enum := loadSpec(t).doc.Components.Schemas["ProblemCode"].Value.Enum
	known := map[string]bool{}
	for _, v := range enum {
		known[v.(string)] = true //nolint:forcetypeassert // the contract's own enum of texts
	}
	for _, code := range []booking.Code{
		booking.CodeInvalid, booking.CodeNotOpenYet, booking.CodeClosed, booking.CodeNotEligible, booking.CodeNoCampaign,
		booking.CodeUnauthorized, booking.CodeVerifyFirst, booking.CodeConflict, booking.CodeReused, booking.CodeWrongCode,
		booking.CodeTooMany, booking.CodeOverloaded,
	} {
		if !known[string(code)] {
			t.Errorf("%s is not in the contract", code)
		}
	}
	for _, code := range api.Codes() {
		if !known[string(code)] {
			t.Errorf("%s leaves this door and is not in the contract", code)
		}
		delete(known, string(code))
	}
	for code := range known {
		t.Errorf("%s is in the contract and never used", code)
	}
}

func TestHTTPServerHasLimits(t *testing.T) {
	t.Parallel()
	s := api.NewHTTPServer(":0", http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	if s.ReadHeaderTimeout == 0 || s.ReadTimeout == 0 || s.WriteTimeout == 0 || s.IdleTimeout == 0 || s.MaxHeaderBytes != 16<<10 {
		t.Errorf("a limit is missing: %+v", s)
	}
}
