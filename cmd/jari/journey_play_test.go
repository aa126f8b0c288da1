package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/words"
	"jari/sms/phonesim"
)

// firstVoice is the last four digits of the first number that somebody in a journey has; the sandbox's texts arrive from there on.
const firstVoice = 2000

// answerTime bounds how long a text is waited for. It says that something does not come, and nothing about speed.
const answerTime = 3 * time.Minute

// stage is a sandbox in which journeys are played. Its day is a Monday, 1 March, in whatever year, so that the texts are always the same.
type stage struct {
	*appTeam
	taken int // how many phones are in somebody's hands
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
			s.clockTo(a.until)
		}
		for _, group := range groups {
			s.numbered()
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
		for _, e := range v.stage.town.phones.Inbox(phone) {
			if !v.seen[e.ID] {
				v.stage.t.Errorf("%s: the %s also reads %s", j.title[1], j.caller(who), e.Body)
			}
		}
	}
}

// numbered waits until everybody has a place: people take longer than that for their next text, and what they are told then names it.
func (s *stage) numbered() {
	s.t.Helper()
	s.until("everybody to have a place", answerTime, func() bool {
		var n int
		s.scan(`SELECT count(*) FROM registration r WHERE alias_of IS NULL AND withdrawn_at IS NULL
			AND NOT EXISTS (SELECT FROM place p WHERE p.campaign_id = r.campaign_id AND p.registration_id = r.id)`, nil, &n)
		return n == 0
	})
}

// clockTo moves the clock to a day and time of the sandbox's year.
func (s *stage) clockTo(until string) {
	s.t.Helper()
	zone := s.campaign.Zone
	at, err := time.ParseInLocation("2 Jan 15:04", until, zone)
	if err != nil {
		s.t.Fatal(err)
	}
	at = at.AddDate(s.box.begins.In(zone).Year(), 0, 0)
	by := at.Sub(s.box.clock.Now())
	if by <= 0 {
		s.t.Fatalf("it is later than %s already", until)
	}
	if err := s.box.clock.Move(s.t.Context(), by); err != nil {
		s.t.Fatal(err)
	}
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
	if text != "" && v.stage.town.phones.Text(v.phones[a.who], text) == "" {
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
			for _, e := range s.town.phones.Inbox(v.phones[a.who]) {
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

// shownText is a text on a phone, and the message that it was made from.
type shownText struct {
	sid, body string
	kind      words.Kind
	message   int64
}

// unread lists the texts that an act brings, as far as they have come. Two of a kind are in the order in which they were made, because the
// network may exchange them.
func (v *voice) unread(a act) (found []shownText) {
	v.stage.t.Helper()
	var all []shownText
	if len(a.reads) > 0 {
		for _, e := range v.stage.town.phones.Inbox(v.phones[a.who]) {
			if !v.seen[e.ID] {
				all = append(all, v.stage.madeFrom(e))
			}
		}
	}
	slices.SortStableFunc(all, func(a, b shownText) int { return cmp.Compare(a.message, b.message) })
	for _, kind := range a.reads {
		if i := slices.IndexFunc(all, func(t shownText) bool { return t.kind == kind }); i >= 0 {
			found = append(found, all[i])
			all = slices.Delete(all, i, i+1)
		}
	}
	return found
}

// madeFrom finds the message behind a text; there is none as long as it is not on record that it was handed over.
func (s *stage) madeFrom(e phonesim.Entry) shownText {
	s.t.Helper()
	t := shownText{sid: e.ID, body: e.Body, kind: fromProvider}
	if strings.HasPrefix(e.Body, "[자리]") || strings.HasPrefix(e.Body, "Jari:") {
		s.scan(`SELECT coalesce(max(kind), ''), coalesce(max(id), 0) FROM message WHERE provider_id = $1`, []any{e.ID}, &t.kind, &t.message)
	}
	return t
}

// entries lists who was registered from the voice's phones, and where they live.
func (v *voice) entries() []string {
	v.stage.t.Helper()
	c := v.stage.campaign
	var out []string
	for _, phone := range v.phones {
		hash := c.Keys.Lookup(booking.LookupText(booking.LookupPhone, booking.Person{Phone: phone}))
		rows, err := v.stage.box.api.house.pool.Query(v.stage.t.Context(), `SELECT r.id, r.person_ct, r.region FROM phone_entry p
			JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id WHERE p.campaign_id = $1 AND p.phone_hash = $2`, c.ID, hash[:])
		if err != nil {
			v.stage.t.Fatal(err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
			ID     [16]byte
			CT     []byte
			Region string
		}])
		if err != nil {
			v.stage.t.Fatal(err)
		}
		for _, f := range found {
			p, err := c.Keys.OpenPerson(f.ID, f.CT)
			if err != nil {
				v.stage.t.Fatal(err)
			}
			out = append(out, fmt.Sprintf("%s, born %s, %s", p.Name, p.Born, f.Region))
		}
	}
	slices.Sort(out)
	return out
}

// What differs between two tellings of the same: numbers, days, and references.
var (
	reference = regexp.MustCompile(`\([A-Z0-9]{4}\)`)
	tellings  = regexp.MustCompile(`[\d:/,-]+|\([월화수목금토일]\)|오전|오후|낮|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b|am\b|pm\b| noon\b`)
)

// sense is a text without what differs between two phones that were told the same.
func sense(text string) string {
	return tellings.ReplaceAllString(reference.ReplaceAllString(text, ""), "")
}
