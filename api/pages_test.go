package api_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"jari/api"
	"jari/booking/desk"
)

// browser is what a browser says it takes.
const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

// read asks for a page as a browser does.
func (r *running) read(t *testing.T, path string, header ...string) answer {
	t.Helper()
	return r.do(t, http.MethodGet, path, "", append([]string{"Accept", browser, "Accept-Encoding", "identity"}, header...)...)
}

// has complains about what a page lacks.
func (a answer) has(t *testing.T, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %q:\n%s", want, a.body)
		}
	}
}

func TestTheLandingPageSaysWhatTheServerIs(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	r.world.setBroken(true) // no page needs the database
	r.world.setNow(opening.Add(3 * time.Second))
	page := r.read(t, "/")
	if page.status != http.StatusOK || page.header.Get("Content-Type") != "text/html; charset=utf-8" || page.header.Get("Content-Language") != "ko" {
		t.Errorf("%d %v", page.status, page.header)
	}
	const policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	if got := page.header.Get("Content-Security-Policy"); got != policy {
		t.Errorf("policy %q", got)
	}
	page.has(t, `<html lang="ko">`, "실제로 신청을 받는 곳입니다.", "서울 예방접종", "지금 신청하실 수 있습니다.", "02-0000-1234", `href="/boards/seoul-2021?lang=ko"`, `href="/app/?lang=ko"`,
		`href="/docs"`, `href="/docs/offline"`, `href="/healthz"`, "2021-07-19T11:00:03Z", api.ContractVersion, `href="/?lang=en"`)
	for _, foreign := range []string{"<script", "style=", "://", "<style"} {
		if strings.Contains(page.body, foreign) {
			t.Errorf("the page has %s", foreign)
		}
	}
	english := r.read(t, "/", "Accept-Language", "de")
	english.has(t, `<html lang="en">`, "This is the real service", "Seoul vaccination")
	if chosen := r.read(t, "/?lang=en", "Accept-Language", "ko-KR"); chosen.body != english.body {
		t.Error("the language that was chosen does not count")
	}
	if style := r.read(t, "/pages.css"); style.header.Get("Content-Type") != "text/css; charset=utf-8" || style.body == "" {
		t.Errorf("style: %v", style.header)
	}
	if head := r.do(t, http.MethodHead, "/", ""); head.status != http.StatusOK || head.body != "" {
		t.Errorf("HEAD: %d", head.status)
	}
}

func TestTheLandingPageKnowsItsKind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*api.Config)
		want   []string
		lacks  string
	}{
		"sandbox": {func(c *api.Config) { c.Sandbox, c.PhonesURL = true, "http://127.0.0.1:9" }, []string{"앱을 만드는 분들이", "http://127.0.0.1:9", "/sandbox/people", "/sandbox/clock"}, "실제로 신청을"},
		"demo":    {func(c *api.Config) { c.Demo, c.PhonesURL = true, "http://127.0.0.1:9" }, []string{"시연입니다", "모의 전화기", "http://127.0.0.1:9"}, "/sandbox"},
	} {
		page := newServer(t, c.change).read(t, "/")
		page.has(t, c.want...)
		if strings.Contains(page.body, c.lacks) {
			t.Errorf("%s: says %q", name, c.lacks)
		}
	}
	rehearsing := newServer(t)
	rehearsing.world.rehearse()
	rehearsing.read(t, "/").has(t, "예행연습을 하는 곳입니다.")
	rehearsing.read(t, "/boards/seoul-2021").has(t, "예행연습입니다. 실제 예약이 아닙니다.")
	over := newServer(t)
	over.world.setNow(opening.Add(30 * 24 * time.Hour))
	over.read(t, "/").has(t, "지금은 안내해 드릴 접수가 없습니다.")
	over.read(t, "/boards/seoul-2021?queue=born-1967-1968").has(t, "에 끝났습니다.") // who has its address still finds the board
}

func TestPagesArePackedAndMadeOnceASecond(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	plain := r.read(t, "/")
	packed := r.do(t, http.MethodGet, "/", "", "Accept-Encoding", "gzip")
	unpack, err := gzip.NewReader(strings.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(unpack); err != nil || string(body) != plain.body || packed.header.Get("ETag") == plain.header.Get("ETag") {
		t.Errorf("packed it is another page: %v", err)
	}
	if again := r.read(t, "/", "If-None-Match", plain.header.Get("ETag")); again.status != http.StatusNotModified || again.body != "" {
		t.Errorf("asked again: %d", again.status)
	}
	r.world.setNow(opening.Add(time.Second))
	if later := r.read(t, "/"); later.body == plain.body {
		t.Error("a second later it is the same page")
	}
}

func TestBoards(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	r.world.setBroken(true)
	r.world.setNow(opening.Add(20 * time.Minute))
	all := r.read(t, "/boards/seoul-2021")
	all.has(t, "20:20:00 현재", "2,300명", "2,100번까지", "811번까지", "아직 모름", "오늘 오후 6시에 자리가 추가됩니다.", "한 시간에 480명에서 960명이", "queue=born-1967-1968", "refresh=10")
	if all.header.Get("Refresh") != "" {
		t.Error("the page moves under somebody who did not ask for it")
	}
	wall := r.read(t, "/boards/seoul-2021?refresh=10&lang=en")
	wall.has(t, "Stop looking again by itself", `href="/boards/seoul-2021?lang=en"`)
	if wall.header.Get("Refresh") != "10" {
		t.Errorf("a screen on a wall: Refresh %q", wall.header.Get("Refresh"))
	}
	const one = "/boards/seoul-2021?lang=en&queue=born-1967-1968"
	r.read(t, one).has(t, "<form ", `name="number"`, "12 people", "3 people")
	r.read(t, one+"&number=1%2C501").has(t, "Before number 1,501", "Between 320 and 623 people wait.", `value="1,501"`, "lang=ko&amp;number=1%2C501&amp;queue=born-1967-1968")
	r.read(t, one+"&number=%22%3E%3Cscript%3E").has(t, "cannot read that number", `aria-invalid="true"`, "&#34;&gt;&lt;script&gt;")
	r.read(t, one+"&number=2101").has(t, "has not been given out yet")
}

func TestABoardHasOldQueuesToo(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	r.world.(*memory).campaign.Queues["a-former-one"] = desk.Queue{ID: 9, Pool: 1}
	r.read(t, "/boards/seoul-2021?queue=a-former-one").has(t, "a-former-one", "아직 세지 않았습니다.")
}

func TestWhoReadsIsToldOnAPage(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	for path, want := range map[string]string{
		"/boards/none": "찾으시는 접수가 없습니다", "/boards/seoul-2021?queue=none": "찾으시는 대기 현황이 없습니다", "/anything": "찾으시는 화면이 없습니다", "/boards": "찾으시는 화면이 없습니다",
	} {
		page := r.read(t, path)
		page.has(t, want, `href="/?lang=ko"`, `href="?lang=en"`)
		if page.status != http.StatusNotFound || page.header.Get("Cache-Control") != "no-store" || page.header.Get("Vary") != "Accept, Accept-Language" {
			t.Errorf("%s: %d %v", path, page.status, page.header)
		}
		if plain := r.do(t, http.MethodGet, path, "", "Accept", "*/*"); plain.status != http.StatusNotFound || plain.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s for a program: %d %v", path, plain.status, plain.header)
		}
	}
	r.read(t, "/anything?lang=en", "Accept-Language", "ko").has(t, "There is nothing at this address")
	for _, path := range []string{"/v1/nothing", "/v1/campaigns/none", "/sandbox/nothing"} {
		if got := r.read(t, path); got.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %v", path, got.header)
		}
	}
}
