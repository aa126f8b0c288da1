package api_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"jari/api"
	"jari/booking"
	"jari/booking/desk"
)

// applicationOf is an application with one field as a JSON value.
func applicationOf(t *testing.T, name, birth, phone string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"operation_id": "0198c0de-7a31-7cc2-9b1f-2f6a5c1d0e42", "lang": "ko",
		"person": map[string]string{"name": name, "birth_date": birth, "phone": phone},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (r *running) send(t *testing.T, body string, header ...string) answer {
	t.Helper()
	return r.do(t, http.MethodPost, "/v1/campaigns/"+r.world.slug()+"/registrations", body, append([]string{"Authorization", "Bearer " + secretOne}, header...)...)
}

// A name is taken in any script, and refused with its field where it is none.
func TestNamesOfTheWholeWorld(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"محمد علي":                      http.StatusOK,
		"علی\u200cرضا":                  http.StatusOK, // as Persian is written: a sign between that nobody sees
		"Nguye\u0302\u0303n Va\u0306n":  http.StatusOK,
		"Müller-Lüdenscheidt, Käthe":    http.StatusOK,
		"ประยุทธ์ จันทร์โอชา":           http.StatusOK,
		"\u200f\u202b문\u202c희":          http.StatusOK, // marks of direction
		"Ｈｏｎｇ":                          http.StatusOK,
		strings.Repeat("가", 100):        http.StatusOK,
		strings.Repeat("가", 101):        http.StatusBadRequest,
		strings.Repeat("a ", 100) + "a": http.StatusBadRequest, // 201 characters
		strings.Repeat("a", 200):        http.StatusBadRequest,
		"홍길동😀":                          http.StatusBadRequest,
		"홍\x00길동":                       http.StatusBadRequest,
		"홍길동1":                          http.StatusBadRequest,
		"\u0301\u0302":                  http.StatusBadRequest, // marks without a letter
		"\u200b\u200d\ufeff":            http.StatusBadRequest,
		"   ":                           http.StatusBadRequest,
		"ㅤ\u115f\u1160\uffa0":           http.StatusBadRequest, // fillers, which are letters by their place in Unicode
	} {
		r := newServer(t)
		got := r.send(t, applicationOf(t, name, "1968-04-12", "+821000001234"))
		if got.status != want || want != http.StatusOK && !strings.Contains(got.body, `"field":"/person/name"`) {
			t.Errorf("%q: %d %s", name, got.status, got.body)
		}
	}
}

// However the letters of a name are made, it is one person.
func TestOneNameIsOnePerson(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	for _, name := range []string{"홍길동", " 홍 길동 ", "홍\u200b길동", "\ufeff홍길동", "홍\u00a0길동", "\u1112\u1169\u11bc\u1100\u1175\u11af\u1103\u1169\u11bc", "홍길동\u200f",
		"홍ㅤ길동", "홍길동\ufe0f", "\u1112\u2060\u1169\u11bc길동", "홍\uffa0길동", "홍\u034f길동", "홍\u200d길동"} {
		if got := r.send(t, applicationOf(t, name, "1968-04-12", "+821000001234")); got.status != http.StatusOK {
			t.Errorf("%q: %d %s", name, got.status, got.body)
		}
	}
	if n := r.world.count(); n != 1 {
		t.Errorf("%d registrations of one person", n)
	}
}

func TestPhonesFromElsewhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		prefixes []string
		phone    string
		want     int
	}{
		{[]string{"+82"}, "+14155552671", http.StatusBadRequest},
		{[]string{"+82"}, "+886912345678", http.StatusBadRequest},
		{[]string{"+82", "+1", "+886"}, "+14155552671", http.StatusOK},
		{[]string{"+82", "+1", "+886"}, "+886912345678", http.StatusOK},
		{[]string{"+82"}, "+8201000001234", http.StatusBadRequest}, // the national 0 left in
		{[]string{"+82"}, "821000001234", http.StatusBadRequest},
		{[]string{"+82"}, "+８２１０００００１２３４", http.StatusBadRequest},
		{[]string{"+82"}, "+82 10 0000 1234", http.StatusBadRequest},
		{nil, "+821000001234", http.StatusBadRequest}, // a campaign that serves no country
	} {
		m := newMemory(t)
		m.campaign.Limits.AllowedPrefixes = c.prefixes
		r := newServer(t, func(cfg *api.Config) { cfg.Desk = m.desk() })
		got := r.send(t, applicationOf(t, "홍길동", "1968-04-12", c.phone))
		if got.status != c.want || c.want != http.StatusOK && !strings.Contains(got.body, `"field":"/person/phone"`) {
			t.Errorf("%s of %v: %d %s", c.phone, c.prefixes, got.status, got.body)
		}
	}
}

func TestBirthDates(t *testing.T) {
	t.Parallel()
	for birth, want := range map[string]int{
		"1968-02-29": http.StatusOK, "1967-02-29": http.StatusBadRequest, "1968-02-30": http.StatusBadRequest, "1968-2-9": http.StatusBadRequest,
		"１９６８-04-12": http.StatusBadRequest, "1968-04-12T00:00:00Z": http.StatusBadRequest, "": http.StatusBadRequest, "0000-00-00": http.StatusBadRequest,
	} {
		r := newServer(t)
		if got := r.send(t, applicationOf(t, "홍길동", birth, "+821000001234")); got.status != want {
			t.Errorf("%s: %d %s", birth, got.status, got.body)
		}
	}
}

// The opening belongs to the time in which people may apply, the closing does not.
func TestTheVeryMomentOfOpeningAndClosing(t *testing.T) {
	t.Parallel()
	closing := opening.Add(5 * 24 * time.Hour)
	for at, want := range map[time.Time]string{
		opening.Add(-time.Microsecond): `"code":"not_open_yet"`, opening: `"received_at":"2021-07-19T11:00:00.000000Z"`,
		opening.Add(999 * time.Nanosecond): `"received_at":"2021-07-19T11:00:00.000000Z"`,
		closing.Add(-time.Microsecond):     `"received_at":"2021-07-24T10:59:59.999999Z"`, closing: `"code":"closed"`,
	} {
		r := newServer(t)
		r.world.setNow(at)
		if got := r.send(t, somebody); !strings.Contains(got.body, want) {
			t.Errorf("at %s: %d %s", at, got.status, got.body)
		}
	}
}

// Noon and midnight are told so that nobody comes twelve hours early or late.
func TestNoonAndMidnightAreTold(t *testing.T) {
	t.Parallel()
	for hour, want := range map[int]string{0: "2021년 7월 20일 0시(자정)에 시작", 12: "2021년 7월 20일 낮 12시에 시작", 20: "2021년 7월 20일 오후 8시에 시작"} {
		m := newMemory(t)
		m.campaign.Cohorts[0].Opens = time.Date(2021, 7, 20, hour, 0, 0, 0, seoul)
		r := newServer(t, func(cfg *api.Config) { cfg.Desk = m.desk() })
		if got := r.send(t, somebody); !strings.Contains(got.body, want) {
			t.Errorf("%d o'clock: %s", hour, got.body)
		}
	}
}

// Bodies that no client of ours would send are refused by name, and nothing is stored.
func TestBodiesThatNobodyShouldSend(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	for name, c := range map[string]struct {
		body   string
		header []string
		want   int
		says   string
	}{
		"a mebibyte":              {`{"lang":"` + strings.Repeat("x", 1<<20) + `"}`, nil, http.StatusRequestEntityTooLarge, `"code":"too_large"`},
		"a repeated name":         {strings.Replace(somebody, `"lang":"ko"`, `"lang":"ko","lang":"ko"`, 1), nil, http.StatusBadRequest, `"reason":"repeated"`},
		"a repeated name inside":  {strings.Replace(somebody, `"name":`, `"name":"김","name":`, 1), nil, http.StatusBadRequest, `"reason":"repeated"`},
		"another letter's case":   {strings.Replace(somebody, `"lang"`, `"Lang"`, 1), nil, http.StatusBadRequest, `"reason":"unknown"`},
		"deep inside":             {strings.Replace(somebody, `"홍길동"`, strings.Repeat("[", 7000)+strings.Repeat("]", 7000), 1), nil, http.StatusBadRequest, `"field":"/person/name"`},
		"deep and unknown":        {`{"x":` + strings.Repeat(`{"x":`, 2500) + "1" + strings.Repeat("}", 2501), nil, http.StatusBadRequest, `"code":"invalid"`},
		"deep and open":           {strings.Repeat("[", 16000), nil, http.StatusBadRequest, `"code":"invalid"`},
		"two values":              {somebody + somebody, nil, http.StatusBadRequest, `"reason":"syntax"`},
		"a list":                  {"[" + somebody + "]", nil, http.StatusBadRequest, `"reason":"type"`},
		"half a letter":           {strings.Replace(somebody, "홍길동", "\xed\x99", 1), nil, http.StatusBadRequest, `"reason":"syntax"`},
		"half a pair":             {strings.Replace(somebody, "홍길동", `\ud83d`, 1), nil, http.StatusBadRequest, `"reason":"syntax"`},
		"NUL in a region":         {strings.Replace(somebody, `"lang"`, `"region":"gang\u0000nam","lang"`, 1), nil, http.StatusBadRequest, `"field":"/region"`},
		"NUL in a site":           {strings.Replace(somebody, `"lang"`, `"wishes":{"sites":["\u0000"]},"lang"`, 1), nil, http.StatusBadRequest, `"field":"/wishes/sites`},
		"a language of no one":    {strings.Replace(somebody, `"ko"`, `"fr"`, 1), nil, http.StatusBadRequest, `"field":"/lang"`},
		"a number nobody asked":   {strings.Replace(somebody, `"name"`, `"number":"A-1","name"`, 1), nil, http.StatusBadRequest, `"field":"/person/number"`},
		"the operation of nobody": {strings.Replace(somebody, "0198c0de-7a31-7cc2-9b1f-2f6a5c1d0e42", "00000000-0000-0000-0000-000000000000", 1), nil, http.StatusBadRequest, `"field":"/operation_id"`},
		"two types":               {somebody, []string{"Content-Type", "application/json, text/html"}, http.StatusUnsupportedMediaType, ""},
		"JSON's cousin":           {somebody, []string{"Content-Type", "application/problem+json"}, http.StatusUnsupportedMediaType, ""},
		"packed twice":            {somebody, []string{"Content-Encoding", "identity, gzip"}, http.StatusUnsupportedMediaType, ""},
	} {
		got := r.send(t, c.body, c.header...)
		if got.status != c.want || !strings.Contains(got.body, c.says) {
			t.Errorf("%s: %d %.300s", name, got.status, got.body)
		}
	}
	if n := r.world.count(); n != 0 {
		t.Errorf("%d registrations", n)
	}
}

// What a request says of its own length is believed only as far as the bytes go.
func TestLengthsThatLie(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		claimed int
		want    string
		stored  int
	}{
		"more than comes": {len(somebody) + 50, "HTTP/1.1 400 ", 0},
		"less than comes": {len(somebody) - 50, "HTTP/1.1 400 ", 0},
		"negative":        {-1, "HTTP/1.1 400 ", 0},
		"beyond any":      {1 << 40, "HTTP/1.1 413 ", 0},
		"as it is":        {len(somebody), "HTTP/1.1 200 ", 1},
	} {
		r := newServer(t)
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", r.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, err = fmt.Fprintf(conn, "POST /v1/campaigns/seoul-2021/registrations HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"+
			"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", secretOne, c.claimed, somebody)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil { //nolint:forcetypeassert // it was dialled as one
			t.Fatal(err)
		}
		line, err := bufio.NewReader(io.LimitReader(conn, 4096)).ReadString('\n')
		if !strings.HasPrefix(line, c.want) || r.world.count() != c.stored {
			t.Errorf("%s: %q, %v; %d stored", name, line, err, r.world.count())
		}
	}
}

func TestOtherMethods(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	path := "/v1/campaigns/seoul-2021/registrations"
	for method, allow := range map[string]string{
		http.MethodHead: http.MethodPost, http.MethodOptions: http.MethodPost, http.MethodPut: http.MethodPost, http.MethodTrace: http.MethodPost,
	} {
		if got := r.do(t, method, path, ""); got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != allow {
			t.Errorf("%s: %d, allow %q", method, got.status, got.header.Get("Allow"))
		}
	}
}

// A campaign without cohorts, regions and sites shows itself and refuses everybody alike.
func TestAnEmptyCampaign(t *testing.T) {
	t.Parallel()
	m := newMemory(t)
	m.campaign.Cohorts, m.campaign.Regions, m.campaign.Sites, m.campaign.Queues = nil, nil, nil, map[string]desk.Queue{}
	r := newServer(t, func(cfg *api.Config) { cfg.Desk = m.desk() })
	spec := loadSpec(t)
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodGet, "/v1/campaigns/seoul-2021", "", http.StatusOK},
		{http.MethodPost, "/v1/campaigns/seoul-2021/registrations", somebody, http.StatusForbidden},
		{http.MethodGet, "/v1/campaigns/seoul-2021/queues/q", "", http.StatusNotFound},
	} {
		got := r.do(t, c.method, c.path, c.body, "Authorization", "Bearer "+secretOne)
		if got.status != c.want {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.status, got.body)
		}
		req := httptest.NewRequestWithContext(t.Context(), c.method, c.path, nil)
		req.Header.Set("Content-Type", "application/json")
		spec.check(t, req, c.body, got)
	}
}

// One operation id does not make two people one: a person is an identity, and the id belongs to a device.
func TestOneOperationIDForTwoPeople(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	for _, name := range []string{"홍길동", "홍길순"} {
		if got := r.send(t, applicationOf(t, name, "1968-04-12", "+821000001234")); got.status != http.StatusOK {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if n := r.world.count(); n != 2 {
		t.Errorf("%d registrations of two people", n)
	}
}

// A stamp counts for the campaign, the secret and the person that it was made for.
func TestAStampOfSomethingElse(t *testing.T) {
	t.Parallel()
	m := newMemory(t)
	r := newServer(t, func(cfg *api.Config) { cfg.Desk = m.desk() })
	m.setOverloaded(true)
	refused := stampForm.FindStringSubmatch(r.send(t, somebody).body)
	m.setOverloaded(false)
	m.setNow(opening.Add(time.Minute))
	if refused == nil {
		t.Fatal("no stamp")
	}
	other := newMemory(t) // under the same stamp key, as another campaign of the same operator
	other.campaign.Slug = "busan-2021"
	other.setNow(opening.Add(time.Minute))
	elsewhere := newServer(t, func(cfg *api.Config) { cfg.Desk = other.desk() })
	stamped := strings.Replace(somebody, `"lang"`, `"stamp":"`+refused[1]+`","lang"`, 1)
	path := "/v1/campaigns/busan-2021/registrations"
	for name, got := range map[string]answer{
		"another campaign": elsewhere.do(t, http.MethodPost, path, stamped, "Authorization", "Bearer "+secretOne),
		"another secret":   r.send(t, stamped, "Authorization", "Bearer "+secretTwo),
		"another person":   r.send(t, strings.Replace(stamped, "홍길동", "홍길순", 1)),
		"NUL":              r.send(t, strings.Replace(somebody, `"lang"`, `"stamp":"\u0000","lang"`, 1)),
	} {
		if got.status != http.StatusOK || !strings.Contains(got.body, `"stamp":"invalid"`) || !strings.Contains(got.body, "11:01:00.000000Z") {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if got := r.send(t, stamped); !strings.Contains(got.body, `"stamp":"counted"`) {
		t.Errorf("its own request: %d %s", got.status, got.body)
	}
}

// Known or unknown, a phone may stand on as many applications as people send: a refusal by number of people would tell
// whoever tries a phone how many have applied with it, and a stranger could use the phone up for its owner.
func TestAPhoneTellsNotHowManyItCarries(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	for i := range booking.Limits.WithDefaults(booking.Limits{}).PeoplePerPhone + 1 {
		got := r.send(t, applicationOf(t, "홍길동"+string(rune('가'+i)), "1968-04-12", "+821000001234"))
		if got.status != http.StatusOK {
			t.Errorf("person %d: %d %s", i+1, got.status, got.body)
		}
	}
}
