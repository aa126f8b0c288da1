package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/db/dbtest"
)

// Operators correct a text that was wrong: one drafts, another approves, and whoever got the wrong text reads the correction on their phone.
func TestCorrectingATextThatWasWrong(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.open()
	people := []booking.Person{dbtest.Person(0), dbtest.Person(1)}
	for i, p := range people {
		w.applies(fmt.Sprint("device", i), p)
	}
	for _, p := range people {
		w.until("everybody to be told that they are registered", time.Minute, func() bool { return w.shown(p.Phone, "신청") != "" })
	}
	var from, to time.Time
	w.until("the second to pass in which the last text left", time.Minute, func() bool {
		w.db.Scan(t, `SELECT min(claimed_at), date_trunc('second', clock_timestamp()) FROM send_attempt`, nil, &from, &to)
		var over bool
		w.db.Scan(t, `SELECT max(claimed_at) < $1 FROM send_attempt`, []any{to}, &over)
		return over
	})
	local := func(at time.Time) string { return at.In(w.campaign.Zone).Format("2006-01-02 15:04:05") }
	draft := []string{
		"texts", "correct", "draft", dbtest.Slug, "--kind", "registered", "--from", local(from), "--to", local(to),
		"--say", "en=Our last text was wrong.",
	}
	if out, err := w.command(append(draft, "--say", "ko=앞의 문자는 잘못 나갔습니다. https://example.test")...); err == nil {
		t.Errorf("a link was taken:\n%s", out)
	}
	out := w.cli(append(draft, "--say", "ko=앞의 문자는 잘못 나갔습니다.")...)
	for _, piece := range []string{"2: 2 to the persons", "앞의 문자는 잘못 나갔습니다.", booking.MaskName(people[0].Name), "Nothing is sent yet"} {
		if !strings.Contains(out, piece) {
			t.Errorf("%q is missing in:\n%s", piece, out)
		}
	}
	approve := regexp.MustCompile(`jari (texts correct approve .*)`).FindStringSubmatch(out)
	if approve == nil || strings.Contains(out, people[0].Phone.E164()) {
		t.Fatalf("no command to go on with, or a whole number, in:\n%s", out)
	}
	if _, err := w.command(strings.Fields(approve[1])...); err == nil || !strings.Contains(err.Error(), "another operator") {
		t.Errorf("the operator who drafted it approved it: %v", err)
	}
	w.db.Exec(t, `UPDATE correction SET drafted_by = 'operator:somebody-else'`)
	if out := w.cli(strings.Fields(approve[1])...); !strings.Contains(out, "2 corrections are on their way") {
		t.Errorf("approving said:\n%s", out)
	}
	for _, p := range people {
		w.until("everybody to read the correction", time.Minute, func() bool { return w.shown(p.Phone, "잘못 나갔습니다") != "" })
	}
	if out := w.cli("texts", "correct", "show", dbtest.Slug, "1"); !strings.Contains(out, "and sent") {
		t.Errorf("shown afterwards:\n%s", out)
	}
}
