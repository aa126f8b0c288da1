//go:build journeys

package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"jari/booking"
)

// firstVoice is the last four digits of the first number that somebody in a journey has; the sandbox's texts arrive from there on.
const firstVoice = 2000

// answerTime bounds how long a text is waited for. It says that something does not come, and nothing about speed.
const answerTime = 3 * time.Minute

// stage is a sandbox in which journeys are played. Its day is a Monday, 1 March, in whatever year, so that the texts are always the same.
type stage struct {
	*appTeam
	taken  int // how many phones are in somebody's hands
	texted int // how many texts have left them
}

func newStage(t *testing.T) *stage {
	t.Helper()
	a := &app{getenv: noSettings, out: io.Discard, errs: io.Discard}
	s, err := a.openSandbox(context.WithoutCancel(t.Context()), sandboxOptions{
		listen: "127.0.0.1:0", data: t.TempDir(), logLevel: "error", file: "testdata/phones.yaml", begins: nextFirstOfMarch(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := inTime(context.Background(), 2*stopTime, s.Stop); err != nil {
			t.Errorf("stop the sandbox: %v", err)
		}
	})
	return &stage{appTeam: &appTeam{town: &town{t: t, apiURL: s.config.PublicURL, phones: s.phones, campaign: s.campaign}, box: s}}
}

// nextFirstOfMarch is the next one that is a Monday: weekdays stand in the texts, years only in the formal ones.
func nextFirstOfMarch(t *testing.T) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	for year := time.Now().Year(); ; year++ {
		if at := time.Date(year, time.March, 1, sandboxHour, 0, 0, 0, zone); at.Weekday() == time.Monday && at.After(time.Now().AddDate(0, 0, 1)) {
			return at
		}
	}
}

// voice is somebody who goes through a journey in one language.
type voice struct {
	stage   *stage
	tongue  int
	variant int // 0: with the page's own words; n: with the n-th of what else is understood, where there is one
	phones  map[string]booking.Phone
	seen    map[string]bool // texts, by the provider's id
	said    []string        // by act
	heard   [][]string      // by act
}

func (s *stage) newVoice(j *journey, tongue, variant int) *voice {
	v := &voice{stage: s, tongue: tongue, variant: variant, phones: map[string]booking.Phone{}, seen: map[string]bool{}}
	for _, a := range append([]act{{}}, j.acts...) {
		if _, known := v.phones[a.who]; !known {
			v.phones[a.who] = s.phone(s.taken)
			s.taken++
		}
	}
	return v
}

// phone is the n-th number of those at which texts arrive.
func (s *stage) phone(n int) booking.Phone {
	s.t.Helper()
	p, err := booking.ParseE164(fmt.Sprintf("+82100000%04d", firstVoice+n))
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// play lets everybody of each group do the same at the same time, one group after the other in every act.
func (s *stage) play(j *journey, groups ...[]*voice) {
	s.t.Helper()
	for i, a := range j.acts {
		if a.until != "" {
			s.settled()
			s.clockTo(a.until)
		}
		for _, group := range groups {
			s.settled()
			for _, v := range group {
				v.says(a)
			}
			for _, v := range group {
				v.hears(i, a)
			}
		}
		if a.holds != "" {
			s.until(a.note[1], answerTime, func() bool {
				var n int
				s.scan(a.holds, nil, &n)
				return n > 0
			})
		}
	}
	for _, group := range groups {
		for _, v := range group {
			v.heardAll(j)
		}
	}
}

// heardAll finds texts that the journey does not tell of.
func (v *voice) heardAll(j *journey) {
	v.stage.t.Helper()
	for who, phone := range v.phones {
		for _, e := range v.stage.phones.Inbox(phone) {
			if !v.seen[e.ID] {
				v.stage.t.Errorf("%s: the %s also reads %s", j.title[1], j.caller(who), e.Body)
			}
		}
	}
}

// settled waits until every text has come and is dealt with, everybody has a place, rounds have looked again at whom something changed for, and nothing is
// under way to a phone: people take longer than that for their next text, and what they are told then is known.
func (s *stage) settled() {
	s.t.Helper()
	s.until("everybody to be numbered and looked at", answerTime, func() bool {
		var unread, unnumbered, unseen, unsent int
		s.scan(`SELECT (SELECT count(*) FROM registration r WHERE alias_of IS NULL AND withdrawn_at IS NULL
				AND NOT EXISTS (SELECT FROM place p WHERE p.campaign_id = r.campaign_id AND p.registration_id = r.id)),
			(SELECT count(*) FROM waiting WHERE look), $1 - (SELECT count(*) FROM inbound WHERE handled_at IS NOT NULL),
			(SELECT count(*) FROM message WHERE due_at <= clock_timestamp() AND state IN ('pending', 'queued', 'sending', 'unknown', 'accepted', 'sent'))`,
			[]any{s.texted}, &unnumbered, &unseen, &unread, &unsent)
		return unnumbered == 0 && unseen == 0 && unread == 0 && unsent == 0
	})
}

// clockTo moves the clock to a day and time of the sandbox's year.
func (s *stage) clockTo(until string) {
	s.t.Helper()
	by := s.at(until).Sub(s.box.clock.Now())
	if by <= 0 {
		s.t.Fatalf("it is later than %s already", until)
	}
	if err := s.box.clock.Move(s.t.Context(), by); err != nil {
		s.t.Fatal(err)
	}
}

// at is an instant of the sandbox's year, such as "3 Mar 17:00".
func (s *stage) at(until string) time.Time {
	s.t.Helper()
	at, err := time.ParseInLocation("2 Jan 15:04", until, s.campaign.Zone)
	if err != nil {
		s.t.Fatal(err)
	}
	return at.AddDate(s.box.begins.In(s.campaign.Zone).Year(), 0, 0)
}

// body is what the voice texts in an act.
func (v *voice) body(a act) string {
	text := a.text[v.tongue]
	if or := a.or[v.tongue]; v.variant > 0 && v.variant <= len(or) {
		text = or[v.variant-1]
	}
	for who, phone := range v.phones {
		if who != me {
			text = strings.ReplaceAll(text, "{"+who+"}", "0"+phone.E164()[3:5]+"-"+phone.E164()[5:9]+"-"+phone.E164()[9:])
		}
	}
	return text
}

func (v *voice) says(a act) {
	v.stage.t.Helper()
	text := v.body(a)
	v.said = append(v.said, text)
	if text == "" {
		return
	}
	v.stage.texted++
	if v.stage.phones.Text(v.phones[a.who], text) == "" {
		v.stage.t.Fatalf("%q was not taken", text)
	}
}

// hears waits for the texts that an act brings.
func (v *voice) hears(i int, a act) {
	s := v.stage
	s.t.Helper()
	var found []shownText
	defer func() {
		if len(found) < len(a.reads) {
			s.t.Logf("%v after %q is not what comes; the phone shows:", a.reads, v.said[:i+1])
			for _, e := range s.phones.Inbox(v.phones[a.who]) {
				s.t.Logf("  %s", e.Body)
			}
		}
	}()
	s.until(fmt.Sprint(a.reads), answerTime, func() bool {
		found = v.unread(a)
		return len(found) == len(a.reads)
	})
	all := make([]string, len(found))
	for k, f := range found {
		v.seen[f.sid], all[k] = true, f.body
	}
	v.heard = append(v.heard, all)
}
