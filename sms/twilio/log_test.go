package twilio_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"jari/sms/phonesim"
	"jari/sms/twilio"
)

var outage = time.Date(2021, 7, 19, 11, 0, 0, 0, time.UTC)

// logged is a text of the log, in Twilio's JSON.
func logged(n int, direction, from, body string, at time.Time) string {
	quoted, _ := json.Marshal(body)
	return fmt.Sprintf(`{"sid":"SM%032d","direction":%q,"from":%q,"to":"+15005550006","body":%s,"status":"received","date_created":%q,"date_sent":%q}`,
		n, direction, from, quoted, at.Format(time.RFC1123Z), at.Add(2*time.Second).Format(time.RFC1123Z))
}

// logPages answers with pages as Twilio does: the next page's address repeats the question and names page and token.
func logPages(t *testing.T, questions *[]url.Values, pages ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		*questions = append(*questions, query)
		n, _ := strconv.Atoi(query.Get("Page"))
		if n > 0 && query.Get("PageToken") != "PASM"+strconv.Itoa(n) {
			t.Error("a page without its token")
		}
		next := "null"
		if n+1 < len(pages) {
			query.Set("Page", strconv.Itoa(n+1))
			query.Set("PageToken", "PASM"+strconv.Itoa(n+1))
			next = strconv.Quote(r.URL.Path + "?" + query.Encode())
		}
		fmt.Fprintf(w, `{"messages":[%s],"page":%d,"next_page_uri":%s}`, pages[n], n, next)
	}
}

func TestReceivedIsWholeAndOldestFirst(t *testing.T) {
	t.Parallel()
	const anna, ben = "+821000001234", "+821000005678"
	var questions []url.Values
	sender := newSender(t, logPages(t, &questions,
		strings.Join([]string{
			logged(9, "inbound", anna, "after", outage.Add(time.Minute)),
			logged(8, "inbound", ben, "second of a second", outage.Add(59*time.Second)),
			logged(7, "inbound", anna, "first of a second", outage.Add(59*time.Second)),
			logged(6, "outbound-api", "+15005550006", "ours", outage.Add(30*time.Second)),
		}, ","),
		strings.Join([]string{
			logged(7, "inbound", anna, "first of a second", outage.Add(59*time.Second)), // it moved over the edge of the page
			logged(5, "inbound", "12345", "a short code", outage.Add(20*time.Second)),
			logged(4, "inbound", "Jari", "a name", outage.Add(20*time.Second)),
			logged(3, "inbound", ben, "odd\u0000", outage),
		}, ","),
		logged(2, "inbound", anna, "before", outage.Add(-time.Second)),
	), nil)

	list, err := sender.Received(t.Context(), outage.Add(400*time.Millisecond), outage.Add(time.Minute-400*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range list {
		if r.To != "+15005550006" {
			t.Errorf("to %q", r.To)
		}
		got = append(got, fmt.Sprint(strings.TrimLeft(r.ProviderID, "SM0"), r.From.E164(), r.Body, r.At.Sub(outage)))
	}
	want := []string{"3" + ben + "odd0s", "7" + anna + "first of a second59s", "8" + ben + "second of a second59s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(questions) != 3 {
		t.Fatalf("%d questions for three pages", len(questions))
	}
	for _, q := range questions { // every page is asked with the same filter
		if q.Get("To") != "+15005550006" || q.Get("DateSent>") != "2021-07-19T10:59:00Z" || q.Get("PageSize") != "1000" || q.Has("DateSent<") {
			t.Errorf("question %v", q)
		}
	}
}

// What is not whole is an error, never a shorter log.
func TestReceivedIsWholeOrAnError(t *testing.T) {
	t.Parallel()
	good := logged(1, "inbound", "+821000001234", "x", outage)
	page := func(list, next string) string { return `{"messages":` + list + `,"next_page_uri":` + next + `}` }
	for name, second := range map[string]string{
		"no list":                `{}`,
		"a page on the way":      `<html>`,
		"no date":                page(`[{"sid":"`+sid+`","direction":"inbound","from":"+821000001234"}]`, "null"),
		"no id":                  page(strings.ReplaceAll("["+good+"]", `"sid"`, `"id"`), "null"),
		"next page without name": page(`[]`, `"/2010-04-01/Accounts/A/Messages.json"`),
		"cut off":                page("["+good+"]", "null")[:60],
		"never ends":             page(`[]`, `"?Page=1&PageToken=PA1"`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sender := newSender(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Has("Page") {
					io.WriteString(w, second)
					return
				}
				io.WriteString(w, page("["+good+"]", `"?Page=1&PageToken=PA1"`))
			}, nil)
			if list, err := sender.Received(t.Context(), outage, outage.Add(time.Hour)); err == nil || list != nil || strings.Contains(err.Error(), "1234") {
				t.Errorf("%d texts, error %v", len(list), err)
			}
		})
	}
	for status, code := range map[int]string{http.StatusTooManyRequests: "20429", http.StatusServiceUnavailable: "503"} {
		sender := newSender(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"code":%s}`, code)
		}, nil)
		if _, err := sender.Received(t.Context(), outage, outage.Add(time.Hour)); err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("status %d: error %v", status, err)
		}
	}
}

// The simulated network has its log, too.
func TestReceivedFromTheSimulator(t *testing.T) {
	t.Parallel()
	sim, err := phonesim.New(phonesim.Config{AccountSID: account, AuthToken: token, From: "+15005550006", ListLag: -1, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	sim.Start()
	t.Cleanup(sim.Stop)
	web := httptest.NewServer(sim)
	t.Cleanup(web.Close)
	sender := newSender(t, nil, func(c *twilio.Config) { c.BaseURL = web.URL })
	began := time.Now()
	for i := range 3 {
		if sim.Text(phone(t, "+821000001234"), fmt.Sprint("text ", i)) == "" {
			t.Fatal("the simulator took no text")
		}
	}
	list, err := sender.Received(t.Context(), began, time.Now())
	if err != nil || len(list) != 3 {
		t.Fatalf("%d texts, error %v", len(list), err)
	}
	for i, r := range list {
		if r.Body != fmt.Sprint("text ", i) || r.From.E164() != "+821000001234" || r.At.Before(began.Truncate(time.Second)) {
			t.Errorf("text %d: %q at %s", i, r.Body, r.At)
		}
	}
}
