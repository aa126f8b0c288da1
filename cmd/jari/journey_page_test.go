//go:build journeys

package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"jari/booking/words"
)

var updatePhones = flag.Bool("update", false, "write docs/phones.md again")

const phonesPage = "../../docs/phones.md"

// The page shows what people really text and read: it is written by playing each journey, and stays what it is as long as the same is played.
func TestThePhonesPage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	page := strings.Builder{}
	page.WriteString(phonesHead)
	for i, j := range journeys() {
		ko, en := s.newVoice(&j, 0, 0), s.newVoice(&j, 1, 0)
		s.play(&j, []*voice{ko}, []*voice{en})
		s.write(&page, i+1, &j, ko, en)
	}
	s.audited()
	if *updatePhones {
		if err := os.WriteFile(phonesPage, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(phonesPage)
	if err != nil {
		t.Fatal(err)
	}
	differs(t, string(kept), page.String())
}

// differs says where two pages part.
func differs(t *testing.T, kept, played string) {
	t.Helper()
	was, is := strings.Split(kept, "\n"), strings.Split(played, "\n")
	for i := range max(len(was), len(is)) {
		if i >= len(was) || i >= len(is) || was[i] != is[i] {
			t.Fatalf("docs/phones.md:%d is no longer what happens (if it should be: make test-phones UPDATE=-update)\nit says %s\nplayed  %s",
				i+1, strings.Join(was[min(i, len(was)):min(i+1, len(was))], ""), strings.Join(is[min(i, len(is)):min(i+1, len(is))], ""))
		}
	}
}

// Whatever the page says is understood instead is texted too, each from a phone of its own that else says what the page says, and is answered
// the same.
func TestThePhonesPageVariants(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, j := range journeys() {
		var all []*voice
		for tongue := range len(said{}) {
			for variant := range 1 + j.mostVariants(tongue) {
				all = append(all, s.newVoice(&j, tongue, variant))
			}
		}
		s.play(&j, all)
		s.atOnce(&j, all)
		for i, v := range all {
			first := all[slices.IndexFunc(all, func(o *voice) bool { return o.tongue == v.tongue })]
			if i > 0 && v != first {
				v.compare(&j, first)
			}
		}
	}
	s.audited()
}

// atOnce texts what is said to register everybody of a journey in one text.
func (s *stage) atOnce(j *journey, all []*voice) {
	s.t.Helper()
	for tongue, list := range j.whole {
		want := all[slices.IndexFunc(all, func(v *voice) bool { return v.tongue == tongue })].entries()
		for _, text := range list {
			v := s.newVoice(j, tongue, 0)
			v.says(act{text: said{text, text}})
			s.until(fmt.Sprintf("%v by %q", want, text), answerTime, func() bool { return slices.Equal(v.entries(), want) })
		}
	}
}

// compare holds what somebody heard against what somebody heard who used the page's own words.
func (v *voice) compare(j *journey, first *voice) {
	t := v.stage.t
	t.Helper()
	if got, want := v.entries(), first.entries(); !slices.Equal(got, want) {
		t.Errorf("%s: %q registered %v, %q %v", j.title[1], v.said, got, first.said, want)
	}
	for i, a := range j.acts {
		if v.variant > len(a.or[v.tongue]) {
			continue
		}
		for k, kind := range a.reads {
			if slices.Contains(lengthy(), kind) {
				continue
			}
			if got, want := sense(v.heard[i][k]), sense(first.heard[i][k]); got != want {
				t.Errorf("%s: %q is answered with\n%s\nand %q with\n%s", j.title[1], v.said[i], v.heard[i][k], first.said[i], first.heard[i][k])
			}
		}
	}
}

// lengthy are kinds whose wording depends on how long a place's number or a time is; that one of the kind came is enough.
func lengthy() []words.Kind {
	return []words.Kind{words.Welcome, words.Offer, words.Changed, words.Confirmed, words.Declined, words.Status, words.Why}
}

const phonesHead = `# 문자로 하는 신청: 실제 대화 / By text message: what people write, and what they read

A phone that can text is enough for everything that a person needs: no app, no internet. This page shows the most common conversations, in
Korean and in English, for those who train call-centre staff, for officers who answer for a campaign, and for teams that build an app beside it.

이 문서는 문자 신청에서 가장 흔한 대화를 보여 줍니다. 상담원 교육, 담당 공무원, 앱 개발팀을 위한 것입니다. 여기 적힌 문자는 모두 실제로 주고받은 것입니다.

Nothing here is invented but the people, the campaign and the telephone numbers: a test plays each conversation against the real program and
writes this page (` + "`make test-phones UPDATE=-update`" + `), and everything under “also understood” is texted as well. To know when reading:

- Each text of ours ends with four characters, here always (A1B2). They differ from text to text; staff find a text by them. Ticket numbers stand here as 123-456-7890.
- **The answer numbers (1, 2, 3 …) count upwards for each phone**, so an answer never falls on the wrong question. In a real conversation the numbers may be others: what counts is the number in the text. 9 always means “this is not about me”.
- Order and form are free: name, birth date and place in any order, in one text or several, with spaces or without.
- The first text counts. Whoever needs five more to get everything right does not lose their turn by that.
- The campaign is a flu vaccination for people born until 1967 and for small children; Monday, 1 March, 10:00 is its opening. Nobody is texted unasked between 21 and 8 o'clock.

`

// write writes one journey.
func (s *stage) write(page *strings.Builder, no int, j *journey, ko, en *voice) {
	_, _ = fmt.Fprintf(page, "## %d. %s / %s\n\n%s\n\n%s\n\n| | 한국어 | English |\n|---|---|---|\n", no, j.title[0], j.title[1], j.why[1], j.why[0])
	for i, a := range j.acts {
		if a.until != "" {
			at := s.at(a.until)
			_, _ = fmt.Fprintf(page, "| *then* | *%d월 %d일 %s* | *%s* |\n", at.Month(), at.Day(), at.Format("15:04"), at.Format("2 January, 15:04"))
		}
		if a.note[1] != "" {
			_, _ = fmt.Fprintf(page, "| *office* | *%s* | *%s* |\n", a.note[0], a.note[1])
		}
		if ko.said[i] != "" {
			s.row(page, "**the "+j.caller(a.who)+"**", ko.said[i], en.said[i])
		}
		for k, kind := range a.reads {
			from := "Jari"
			switch {
			case kind == fromProvider:
				from = "the provider"
			case a.who != me:
				from += ", to the " + a.who
			}
			s.row(page, from, ko.heard[i][k], en.heard[i][k])
		}
	}
	page.WriteString("\n")
	s.understood(page, "이렇게 보내셔도 됩니다", 0, j, ko)
	s.understood(page, "Also understood", 1, j, en)
}

func (s *stage) row(page *strings.Builder, from, ko, en string) {
	_, _ = fmt.Fprintf(page, "| %s | %s | %s |\n", from, s.cell(ko), s.cell(en))
}

// What is different each time stands on the page as something fixed.
var (
	ticketCode = regexp.MustCompile(`\b\d{3}-\d{3}-\d{4}\b`)
	lookedKo   = regexp.MustCompile(`오[전후]\d+:\d\d 확인`) // when a round has looked: some seconds after something else
	lookedEn   = regexp.MustCompile(`(looked at on \w+ \d+ \w+ )\d+:\d\d[ap]m`)
)

// cell is a text as a table's cell shows it.
func (s *stage) cell(text string) string {
	text = reference.ReplaceAllString(text, "(A1B2)")
	text = ticketCode.ReplaceAllString(text, "123-456-7890")
	text = lookedKo.ReplaceAllString(text, "오전10:05 확인")
	text = lookedEn.ReplaceAllString(text, "${1}10:05am")
	text = strings.ReplaceAll(text, fmt.Sprint(s.box.begins.In(s.campaign.Zone).Year()), "2027")
	return strings.NewReplacer("*", `\*`, "|", `\|`, "<", "&lt;", "\n", "<br>").Replace(text)
}

// understood lists what else is understood, and instead of what.
func (s *stage) understood(page *strings.Builder, title string, tongue int, j *journey, v *voice) {
	var lines []string
	for i, a := range j.acts {
		if or := a.or[tongue]; len(or) > 0 {
			lines = append(lines, fmt.Sprintf("- `%s`: %s\n", v.said[i], "`"+strings.ReplaceAll(strings.Join(or, "` · `"), "\n", " ⏎ ")+"`"))
		}
	}
	if whole := j.whole[tongue]; len(whole) > 0 {
		lines = append(lines, fmt.Sprintf("- %s: `%s`\n", [2]string{"한 통에", "all in one text"}[tongue], strings.Join(whole, "` · `")))
	}
	if len(lines) > 0 {
		_, _ = fmt.Fprintf(page, "%s:\n\n%s\n", title, strings.Join(lines, ""))
	}
}
