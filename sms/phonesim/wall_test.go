package phonesim_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"jari/sms/phonesim"
)

const form = "application/x-www-form-urlencoded"

// nasty are texts that would be markup or script, if they could.
func nasty() []string {
	return []string{
		`<script>alert("x")</script>`, `"><img src=x onerror=alert(1)>`, `</textarea></ul></main><b>hi</b>`, `{{.Back}}`, `javascript:alert(1)`,
		"<!--", "]]>", "'';!--\"<XSS>=&{()}", "<svg/onload=alert(1)>", "&lt;b&gt;", "\u202ereversed", strings.Repeat("가", 1600),
	}
}

func TestWallAndPhoneEscapeWhatAnybodyTexts(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	for _, body := range nasty() {
		n.send(t, korean, body)
		n.do(t, "POST", "/sim/texts", form, url.Values{"from": {"010-0000-1234"}, "body": {body}, "back": {body}}.Encode())
		take(t, n.texts)
	}
	evil := url.QueryEscape(`"><script>alert(1)</script>`)
	for _, path := range []string{
		"/?q=" + evil + "&only=" + evil + "&pin=" + evil + "&lang=" + evil, "/?number=" + evil, "/sim/phones/+821000001234?q=" + evil,
		"/sim/phones/%2B821000001234/thread",
	} {
		resp, err := http.Get(n.base + path)
		if err != nil {
			t.Fatal(err)
		}
		var page strings.Builder
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			page.WriteString(lines.Text() + "\n")
		}
		resp.Body.Close()
		for _, bad := range []string{"<script>", "<img", "<b>", "<svg/", "<!--", "onerror=alert(1)>", "<XSS"} {
			if strings.Contains(page.String(), bad) {
				t.Errorf("%s: %q is in the page", path, bad)
			}
		}
		policy := resp.Header.Get("Content-Security-Policy")
		if resp.StatusCode != 200 || !strings.Contains(policy, "default-src 'none'; script-src 'self';") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %s, policy %q", path, resp.Status, policy)
		}
	}
}

// page asks for a page and fails unless it has the words, and has not those that begin with "!".
func (n *network) page(t *testing.T, path string, words ...string) {
	t.Helper()
	status, page := n.do(t, "GET", path, "", "")
	if status != 200 {
		t.Errorf("%s: status %d", path, status)
	}
	for _, word := range words {
		if word, not := strings.CutPrefix(word, "!"); strings.Contains(page, word) == not {
			t.Errorf("%s: %q is there: %t", path, word, !not)
		}
	}
}

func TestWall(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	n.page(t, "/", "보일 전화기가 없습니다", `<html lang="ko">`)
	n.page(t, "/?lang=en", "No phone to show", `<html lang="en">`)
	for i := range 30 {
		n.send(t, fmt.Sprintf("+8210000077%02d", i), "a text")
	}
	n.page(t, "/", `id="p821000007729"`, `id="p821000007706"`, `!id="p821000007705"`, "older=24", "새 문자 1", "국제발신")
	n.page(t, "/?older=24", `id="p821000007705"`, `!id="p821000007706"`, "!older=48")
	n.page(t, "/?pin=%2B821000007700&q=010-0000-7711", `id="p821000007700"`, `id="p821000007711"`, `!id="p821000007712"`)
	n.page(t, "/?number=010-0000-9999", `id="p821000009999"`, "pin=%2B821000009999")
	n.page(t, "/?number=%3Cx", "전화번호가 아닙니다")
	n.page(t, "/?refresh=1", `http-equiv="refresh" content="2"`, `!name="body"`)
	n.page(t, "/sim/phones/+821000007729", "a text", "도착했습니다", "<noscript><iframe")
	n.page(t, "/?only=unread", `!id="p821000007729"`, `id="p821000007728"`) // it was opened
	n.do(t, "POST", "/sim/phones/+821000007728/read", form, "back=lang%3Dko")
	n.page(t, "/?only=unread", `!id="p821000007728"`)
	if err := n.SetHandset(phone(t, "+821000007701"), phonesim.Handset{Full: true}); err != nil {
		t.Fatal(err)
	}
	n.fate(t, n.send(t, "+821000007701", "unseen").ProviderID)
	n.page(t, "/?only=trouble", `id="p821000007701"`, `!id="p821000007702"`, "!unseen")
	n.page(t, "/sim/phones/+821000007701", "unseen", "30003", "보이지 않습니다")
	if status, _ := n.do(t, "GET", "/sim/phones/x", "", ""); status != 404 {
		t.Errorf("not a phone: status %d", status)
	}
	for _, path := range []string{"/sim/phones/+821000001234/thread", "/sim/phones/%2B821000001234/thread"} {
		n.page(t, path, `http-equiv="refresh" content="2"`, "아직 문자가 없습니다")
	}
}

// TestFormsOfTheWall: what can be switched there is switched, and whoever switches comes back to where they were, and nowhere else.
func TestFormsOfTheWall(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	p := phone(t, korean)
	at := "/sim/phones/+821000001234/state"
	for range 2 {
		for _, toggle := range []string{"off", "full", "landline", "unknown", "stop:" + ours, "filter:" + ours} {
			n.do(t, "POST", at, form, url.Values{"toggle": {toggle}}.Encode())
		}
		if h := n.Handset(p); h.Off != h.Full || h.Off != (h.Landline == phonesim.LandlineReceipt) || h.Off != h.Unknown || h.Off != (len(h.OptedOutOf) == 1) ||
			h.Off != (len(h.FilteredFrom) == 1) {
			t.Errorf("%+v", h)
		}
	}
	for i := range 2 {
		n.do(t, "POST", at, form, "toggle=stop") // out of all numbers, and back
		if got := n.Handset(p).OptedOutOf; len(got) != 1-i {
			t.Errorf("%q", got)
		}
	}
	if len(n.Handsets()) != 0 {
		t.Error("twice is not as before")
	}
	if status, _ := n.do(t, "POST", at, form, "toggle=stop%3A%2B1"); status != 400 {
		t.Errorf("a number that is not the account's: status %d", status)
	}
	if status, _ := n.do(t, "POST", "/sim/numbers/"+ours, form, "per_second=5&over=refuse&queue_most=2&queue_for=60&filtered=on"); status != 200 {
		t.Errorf("status %d", status)
	}
	if s := n.Numbers()[0]; s.PerSecond != 5 || s.Over != phonesim.OverRefuse || s.QueueMost != 2 || s.QueueFor != time.Minute || !s.Filtered {
		t.Errorf("%+v", s)
	}
	good := "f429=2.5&f503=0&hang=1&hang_for=10&twice=3&shuffled=4&delay_min=1&delay_max=2"
	if status, _ := n.do(t, "POST", "/sim/faults", form, good); status != 200 || n.Faults().Rate429 != 0.025 || n.Faults().ReceiptDelayMax != 2*time.Millisecond {
		t.Errorf("status %d, %+v", status, n.Faults())
	}
	for path, bad := range map[string]string{"/sim/faults": "f429=x", "/sim/numbers/" + ours: "per_second=x", "/sim/numbers/x": "per_second=1"} {
		if status, _ := n.do(t, "POST", path, form, bad); status < 400 {
			t.Errorf("%s %s: status %d", path, bad, status)
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for back, want := range map[string]string{
		"lang=en&pin=%2B821000001234&q=7": "/?lang=en&pin=%2B821000001234&q=7",
		"open=%2B821000001234":            "/sim/phones/+821000001234?lang=ko",
		"//evil.example/":                 "/?lang=ko",
		"https://evil.example/?lang=en":   "/?lang=ko",
		"open=//evil.example":             "/?lang=ko",
	} {
		resp, err := client.PostForm(n.base+"/sim/phones/+821000001234/read", url.Values{"back": {back}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Location"); got != want {
			t.Errorf("back to %q leads to %q, want %q", back, got, want)
		}
	}
}

// TestEvents: a page that listens hears that something has changed, and the stream ends with the simulator.
func TestEvents(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	client := &http.Client{Timeout: patient}
	resp, err := client.Get(n.base + "/sim/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	said := func() string {
		for lines.Scan() {
			if text, found := strings.CutPrefix(lines.Text(), "data: "); found {
				return text
			}
		}
		return "the end"
	}
	if got := said(); got != "hello" {
		t.Errorf("%q", got)
	}
	n.send(t, korean, "x")
	if got := said(); got != "changed" {
		t.Errorf("%q", got)
	}
	n.Stop()
	for got := said(); got != "the end"; got = said() { // the receipts are changes too
		if got != "changed" {
			t.Errorf("%q", got)
		}
	}
	if lines.Err() != nil {
		t.Error(lines.Err())
	}
}

func TestOwnFiles(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	for _, path := range []string{"/sim/wall.css", "/sim/plain.css", "/sim/wall.js"} {
		n.page(t, path)
	}
}

// FuzzPages: whatever is texted, and to whatever address, the pages have no script but ours and no element that a text could have made.
func FuzzPages(f *testing.F) {
	for _, body := range nasty() {
		f.Add(body, "q="+url.QueryEscape(body))
	}
	f.Fuzz(func(t *testing.T, body, query string) {
		s, err := phonesim.New(phonesim.Config{AccountSID: account, AuthToken: token, From: ours})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Stop()
		s.Text(phone(t, korean), body)
		for _, path := range []string{"/", "/sim/phones/+821000001234", "/sim/phones/+821000001234/thread"} {
			r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
			r.URL.RawQuery = query
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			page := strings.ToLower(w.Body.String())
			for _, bad := range []string{"<img", "<b>", "<svg/", "href=\"javascript", "action=\"javascript"} {
				if strings.Contains(page, bad) {
					t.Errorf("%s: %q is in the page", path, bad)
				}
			}
			if w.Code >= 500 || strings.Count(page, "<script") > 1 {
				t.Errorf("%s: status %d, %d scripts", path, w.Code, strings.Count(page, "<script"))
			}
		}
	})
}
