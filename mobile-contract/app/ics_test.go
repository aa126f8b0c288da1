package app_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

type event struct {
	UID      string    `json:"uid"`
	Made     int64     `json:"made"`
	Starts   int64     `json:"starts"`
	Ends     int64     `json:"ends"`
	Title    string    `json:"title"`
	Place    string    `json:"place"`
	About    string    `json:"about"`
	Position *position `json:"position,omitempty"`
	Firm     bool      `json:"firm"`
}

type position struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// TestCalendarFile reads files of awkward names as strictly as RFC 5545 allows, and finds in them what was put in.
func TestCalendarFile(t *testing.T) {
	t.Parallel()
	events := awkward()
	var files []string
	inNode(t, `import { calendar } from './ui/ics.ts'`, `arg.map(calendar)`, events, &files)
	for i, file := range files {
		e := events[i]
		lines := unfold(t, file)
		status, sequence := "TENTATIVE", "0"
		if e.Firm {
			status, sequence = "CONFIRMED", "1"
		}
		want := []string{
			"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Jari//App//EN", "CALSCALE:GREGORIAN", "BEGIN:VEVENT", "UID:" + e.UID,
			"DTSTAMP:" + utc(e.Made), "DTSTART:" + utc(e.Starts), "DTEND:" + utc(e.Ends), "SEQUENCE:" + sequence, "STATUS:" + status,
			"SUMMARY:" + e.Title, "LOCATION:" + e.Place, "DESCRIPTION:" + e.About,
		}
		if e.Position != nil {
			want = append(want, fmt.Sprintf("GEO:%.6f;%.6f", e.Position.Lat, e.Position.Lon))
		}
		for _, before := range []string{"-P1D", "-PT2H"} {
			want = append(want, "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:"+before, "DESCRIPTION:"+e.Title, "END:VALARM")
		}
		want = append(want, "END:VEVENT", "END:VCALENDAR")
		if len(lines) != len(want) {
			t.Fatalf("%d lines, want %d:\n%s", len(lines), len(want), file)
		}
		for j := range want {
			if got := plain(t, lines[j]); got != want[j] {
				t.Fatalf("line %d is %q, want %q", j, got, want[j])
			}
		}
	}
}

// awkward are names that break what is careless: signs with a meaning, several lines, characters of up to four octets at every length.
func awkward() []event {
	signs := []rune("a강😀é,;\\\n\": 7")
	random := rand.New(rand.NewPCG(2021, 719)) // the same every time
	text := func(n int) string {
		out := make([]rune, n)
		for i := range out {
			out[i] = signs[random.IntN(len(signs))]
		}
		return string(out)
	}
	var all []event
	for n := range 300 {
		e := event{
			UID: fmt.Sprintf("%d.seoul-2021@jari", n), Made: 1627000000123, Starts: 1627363800000 + int64(n)*3600000, Firm: n%2 == 0,
			Title: text(n), Place: text(n), About: text(n),
		}
		e.Ends = e.Starts + 1800000
		if n%3 != 0 {
			e.Position = &position{37.514 + float64(n)/1000, -127.0565}
		}
		all = append(all, e)
	}
	return all
}

func utc(millis int64) string { return time.UnixMilli(millis).UTC().Format("20060102T150405Z") }

// unfold splits into lines and takes back their folding: CRLF everywhere, at most 75 octets, no character cut in two.
func unfold(t *testing.T, file string) []string {
	t.Helper()
	body, whole := strings.CutSuffix(file, "\r\n")
	if !whole || strings.ContainsAny(strings.ReplaceAll(file, "\r\n", ""), "\r\n") {
		t.Fatalf("lines do not end in CRLF: %q", file)
	}
	var lines []string
	for _, line := range strings.Split(body, "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || line == "" {
			t.Fatalf("a line of %d octets: %q", len(line), line)
		}
		if more, folded := strings.CutPrefix(line, " "); folded && len(lines) > 0 {
			lines[len(lines)-1] += more
		} else {
			lines = append(lines, line)
		}
	}
	return lines
}

var escaped = regexp.MustCompile(`\\.`)

// plain takes back the escaping of a value of type TEXT. A sign that must be escaped and is not fails.
func plain(t *testing.T, line string) string {
	t.Helper()
	name, value, _ := strings.Cut(line, ":")
	if name == "GEO" {
		return line
	}
	if strings.ContainsAny(escaped.ReplaceAllString(value, ""), `,;\`) {
		t.Fatalf("not escaped: %q", line)
	}
	return name + ":" + escaped.ReplaceAllStringFunc(value, func(e string) string {
		switch e {
		case `\n`:
			return "\n"
		case `\\`, `\,`, `\;`:
			return e[1:]
		}
		t.Fatalf("no escape: %q", e)
		return ""
	})
}
