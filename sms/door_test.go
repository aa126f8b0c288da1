package sms_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"jari/booking"
	"jari/booking/desk"
	"jari/sms"
	"jari/sms/twilio"
)

const (
	base   = "https://jari.example"
	token  = "an auth token for tests"
	hooks  = "/webhooks/twilio/inbound"
	ours   = "+82221200000"
	helper = "+821000009999"
)

// street is a door with a house behind it.
type street struct {
	t     testing.TB
	house *memoryHouse
	desk  *desk.Desk
	door  *sms.Door
	log   *strings.Builder
	sids  int
}

func newStreet(t testing.TB, c *booking.Campaign) *street {
	t.Helper()
	h := newHouse(c)
	log := &strings.Builder{}
	d := desk.New(desk.Ports{Campaigns: h, Intake: h, Book: memoryBook{memoryHouse: h}, Phones: h, Clock: h})
	door, err := sms.NewDoor(d, twilio.NewWebhooks(base, token, ""), h, slog.New(slog.NewTextHandler(log, nil)), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return &street{t: t, house: h, desk: d, door: door, log: log}
}

func (s *street) post(path string, handler http.Handler, form url.Values, change func(*http.Request)) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set(twilio.SignatureHeader, twilio.Sign(token, base+path, form))
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func (s *street) inbound(form url.Values, change func(*http.Request)) *httptest.ResponseRecorder {
	s.t.Helper()
	defer s.door.HandleWaiting() // as the hands would, one after the other
	return s.post(hooks+"/seoul", s.door.Inbound(hooks), form, change)
}

func (s *street) form(from, body string) url.Values {
	s.sids++
	return url.Values{"MessageSid": {fmt.Sprintf("SM%032x", s.sids)}, "From": {from}, "To": {ours}, "Body": {body}, "NumMedia": {"0"}}
}

// text sends a text at an instant and returns the replies that it queued.
func (s *street) text(when time.Time, from, body string) string {
	s.t.Helper()
	s.house.set(when)
	before := len(s.house.outbox)
	if w := s.inbound(s.form(from, body), nil); w.Code != http.StatusOK {
		s.t.Fatalf("%q: %d", body, w.Code)
	}
	var out []string
	for _, m := range s.house.outbox[before:] {
		line := m.Kind
		if m.Params["missing"] != "" {
			line += " " + m.Params["missing"]
		}
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

func (s *street) entry(name, born, own string) (desk.Entry, bool) {
	s.t.Helper()
	identity, err := booking.Identity(booking.ByPhoneBirthName, booking.Person{Name: name, Born: date(born), Phone: phone(own)}, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	e, ok := s.house.entries[s.house.campaign.Keys.ID(identity)]
	if !ok {
		return desk.Entry{}, false
	}
	return *e, true
}

func (s *street) arrival(name, born, own string, want time.Time) {
	s.t.Helper()
	if e, ok := s.entry(name, born, own); !ok || !e.Arrival.Equal(want) {
		s.t.Errorf("%s: arrival %v (%v), want %v", booking.MaskName(name), e.Arrival, ok, want)
	}
}

const anna = "+821000001234"

// inbound is a text of anna's, as the door hands it to the desk.
func inbound(sid, body string, arrival time.Time) desk.Inbound {
	return desk.Inbound{Door: desk.DoorSMS, Campaign: 1, Provider: "twilio", ProviderSID: sid, From: phone(anna), Body: body, Arrival: arrival}
}

func TestOneTextRegisters(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	s.house.set(at("20:00"))
	form := s.form(anna, "예약 680412-1234567 홍길동 강남구")
	for range 3 { // the provider delivers it three times
		w := s.inbound(form, nil)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/xml; charset=utf-8" || !strings.Contains(w.Body.String(), "<Response></Response>") {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	s.arrival("홍길동", "1968-04-12", anna, at("20:00"))
	if len(s.house.outbox) != 1 || len(s.house.inbound) != 1 {
		t.Fatalf("%d replies, %d texts", len(s.house.outbox), len(s.house.inbound))
	}
	m := s.house.outbox[0]
	if m.Kind != "registered" || !strings.HasPrefix(m.Dedup, "registered/") || !m.Urgent || m.Entry == nil {
		t.Errorf("%+v", m)
	}
	if body := s.house.inbound[0].Body; strings.Contains(body, "234567") {
		t.Errorf("a resident number was kept: %q", body)
	}
	if e, _ := s.entry("홍길동", "1968-04-12", anna); e.Door != desk.DoorSMS || e.Device != nil || e.Region != "gangnam" || e.Lang != booking.Korean {
		t.Errorf("%+v", e)
	}
	if got := s.text(at("20:05"), anna, "예약 680412 홍길동 강남구"); got != "status" {
		t.Errorf("applying again: %q", got)
	}
	if strings.Contains(s.log.String(), "1234") || strings.Contains(s.log.String(), "홍") {
		t.Errorf("personal data in the log: %s", s.log)
	}
}

func TestFirstContactDecides(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	// The first text counts, even an incomplete one.
	s.text(at("20:01"), anna, "예약")
	s.text(at("20:02"), anna, "홍길동 680412")
	if got := s.text(at("20:09"), anna, "강남구"); got != "registered" {
		t.Fatal(got)
	}
	s.arrival("홍길동", "1968-04-12", anna, at("20:01"))
	// Whoever comes next on the same conversation arrives when their own application began.
	s.text(at("20:11"), anna, "예약 김철수 670101")
	s.text(at("20:12"), anna, "강남구")
	s.arrival("김철수", "1967-01-01", anna, at("20:11"))
	// A contact before the opening counts from the first one after it.
	const early = "+821000005555"
	if got := s.text(at("19:55"), early, "예약 680413 홍길순 강남구"); got != "not_open_yet" {
		t.Fatal(got)
	}
	if m := s.house.outbox[len(s.house.outbox)-1]; m.Params["at"] != at("20:00").Format(time.RFC3339) || m.Params["lang"] != "ko" {
		t.Errorf("%+v", m.Params)
	}
	s.text(at("20:03"), early, "예약 홍길순")
	s.text(at("20:04"), early, "680413 강남구")
	s.arrival("홍길순", "1968-04-13", early, at("20:03"))
	// After half an hour a conversation is over.
	const slow = "+821000006666"
	s.text(at("20:05"), slow, "예약 김영희")
	if got := s.text(at("20:40"), slow, "680414 강남구"); got != "ask_missing name" {
		t.Fatal(got)
	}
	s.text(at("20:41"), slow, "김영희")
	s.arrival("김영희", "1968-04-14", slow, at("20:40"))
	// Questions about the own entry and answers are no contact.
	const asker = "+821000007777"
	s.text(at("20:20"), asker, "조회")
	s.text(at("20:21"), asker, "12")
	s.text(at("20:22"), asker, "680415 이영수 강남구")
	s.arrival("이영수", "1968-04-15", asker, at("20:22"))
	// A conversation that began before the closing is completed after it.
	const late = "+821000008888"
	s.text(at("22:59"), late, "예약 680416 박영수")
	if got := s.text(at("23:01"), late, "강남구"); got != "registered" {
		t.Fatal(got)
	}
	s.arrival("박영수", "1968-04-16", late, at("22:59"))
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	for _, c := range []struct {
		when time.Time
		from string
		body string
		want string
	}{
		{at("19:30"), anna, "예약 680412 홍길동 강남구", "not_open_yet"},
		{at("20:30"), anna, "예약 800412 홍길동 강남구", "not_eligible"},
		{at("23:30"), anna, "예약 680412 홍길동 강남구", "closed"},
		{at("20:30"), anna, "예약 680412 홍길동", "ask_missing region"},
		{at("20:30"), "+14158675309", "예약 680412 홍길동 강남구", ""}, // not a country that we text
		{at("20:30"), anna, "STOP", ""},
		{at("20:30"), anna, "도움", "help"},
		{at("20:30"), "+821000004321", "조회", "no_entry"},
		{at("20:30"), "+821000004321", "왜", "no_entry"},
		{at("20:30"), "+821000004321", "7", "unknown_number"},
	} {
		if got := s.text(c.when, c.from, c.body); got != c.want {
			t.Errorf("%q: %q, want %q", c.body, got, c.want)
		}
	}
	if len(s.house.entries) != 0 {
		t.Errorf("%d entries", len(s.house.entries))
	}
	for i := range 7 {
		want := "registered"
		if i == 6 {
			want = "too_many"
		}
		if got := s.text(at("20:40").Add(time.Duration(i)*time.Minute), "+821000002222", fmt.Sprintf("예약 68041%d 홍길동 강남구", i)); got != want {
			t.Errorf("person %d: %q", i+1, got)
		}
	}
}

func TestAHelperLearnsNothing(t *testing.T) {
	t.Parallel()
	text := "예약 680412 홍길동 강남구 010-0000-1234"
	ask := func(applied bool) (replies []desk.Message) {
		s := newStreet(t, seoul())
		if applied {
			s.text(at("20:00"), anna, "예약 680412 홍길동 강남구")
		} else {
			s.text(at("20:00"), anna, "도움")
		}
		before := len(s.house.outbox)
		for i, body := range []string{text, text, "조회", "왜"} {
			s.text(at("20:01").Add(time.Duration(i)*time.Minute), helper, body)
		}
		want := at("20:01")
		if applied {
			want = at("20:00")
		}
		s.arrival("홍길동", "1968-04-12", anna, want)
		if len(s.house.entries) != 1 {
			t.Errorf("%d entries for one person", len(s.house.entries))
		}
		return s.house.outbox[before:]
	}
	with, without := ask(true), ask(false)
	if !reflect.DeepEqual(with, without) {
		t.Errorf("the replies differ:\n%+v\n%+v", with, without)
	}
	for _, m := range with {
		if m.Kind != "received_for_other" || m.Entry != nil {
			t.Errorf("%+v", m)
		}
	}
}

func TestACorrectedPhoneTellsTheOldOneNothing(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	s.text(at("20:00"), anna, "예약 680412 홍길동 강남구")
	e, _ := s.entry("홍길동", "1968-04-12", anna)
	s.house.ask(phone(anna), "verify", 1, e.ID, 0)
	ct, err := s.house.campaign.Keys.SealPerson(e.ID, booking.Person{Name: "홍길동", Born: date("1968-04-12"), Phone: phone(helper)})
	if err != nil {
		t.Fatal(err)
	}
	s.house.entries[e.ID].PersonCT = ct
	if got := s.text(at("20:05"), anna, "1"); got != "not_now" || s.house.entries[e.ID].Verified {
		t.Errorf("an old phone answered: %q", got)
	}
	for _, body := range []string{"조회", "왜", "예약 680412 홍길동 강남구"} {
		if got := s.text(at("20:06"), anna, body); got != "received_for_other" {
			t.Errorf("%q: %q", body, got)
		}
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	s.text(at("20:00"), anna, "예약 680412 홍길동 강남구")
	e, _ := s.entry("홍길동", "1968-04-12", anna)
	s.house.ask(phone(anna), "verify", 1, e.ID, 0)
	s.house.ask(phone(anna), "offer", 2, e.ID, 77)
	s.house.entries[e.ID].Appointment = &desk.Appointment{ID: 77, State: booking.Offered, Site: "a", Starts: at("21:00")}
	for _, c := range []struct{ body, want string }{
		{"1", "welcome"},
		{"1번", "status"}, // again: welcomed already
		{"5", "unknown_number"},
		{"2", "confirmed"},
		{"2", "status"}, // the same answer again
		{"4", "noted"},
		{"3", "declined"},
		{"3", "status"},
		{"2", "not_now"},
	} {
		if got := s.text(at("20:10"), anna, c.body); got != c.want {
			t.Errorf("%q: %q, want %q", c.body, got, c.want)
		}
	}
	if got := s.text(at("20:11"), helper, "1"); got != "unknown_number" {
		t.Errorf("a stranger's answer: %q", got)
	}
	if !strings.Contains(strings.Join(s.house.notes, ","), "verified by reply,verified by reply,verified by offer") {
		t.Errorf("%v", s.house.notes)
	}
	if got := s.text(at("20:12"), anna, "STATUS"); got != "status" {
		t.Errorf("%q", got)
	}
	if got := s.text(at("20:13"), anna, "WHY"); got != "why" {
		t.Errorf("%q", got)
	}
}

// "Why" is answered for each entry of the phone, and neither begins an application nor disturbs one that is under way.
func TestWhyIsAnsweredForEachEntry(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	s.text(at("20:00"), anna, "예약 680412 홍길동 강남구")
	s.text(at("20:01"), anna, "예약 700203 김철수 서초구")
	s.text(at("20:02"), anna, "예약 이영희")
	if got := s.text(at("20:03"), anna, "왜 아직 안 되나요?"); got != "why; why" {
		t.Errorf("%q", got)
	}
	if got := s.text(at("20:04"), anna, "690501 중구"); got != "registered" {
		t.Errorf("an application under way was lost: %q", got)
	}
	s.house.withdraw(at("20:05"))
	if got := s.text(at("20:06"), anna, "이유"); got != "why" {
		t.Errorf("withdrawn: %q", got)
	}
}

func TestWhatFailsIsHandledLater(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	s.house.keepFails = true
	var refused []string
	s.door.OnRefused(func(provider string, at time.Time) { refused = append(refused, provider+at.Format(" 15:04")) })
	form := s.form(anna, "예약 680412 홍길동 강남구")
	if w := s.inbound(form, nil); w.Code != http.StatusServiceUnavailable {
		t.Fatalf("not kept: %d", w.Code)
	}
	if want := "twilio " + s.house.Now().Format("15:04"); len(refused) != 1 || refused[0] != want { // the log must be read: it may not come again
		t.Errorf("heard of %q, want %q", refused, want)
	}
	s.house.keepFails = false
	s.house.intakeErr = booking.Fail(booking.CodeOverloaded, nil)
	s.house.set(at("20:01"))
	if w := s.inbound(form, nil); w.Code != http.StatusOK || len(s.house.outbox) != 0 {
		t.Fatalf("kept, not handled: %d, %d replies", w.Code, len(s.house.outbox))
	}
	// The next attempt stores the entry, but its replies are lost.
	s.house.intakeErr, s.house.finishErr = nil, errBroken
	s.house.set(at("20:30"))
	if err := s.door.Handle(t.Context(), 1); err == nil {
		t.Fatal("the replies were lost, and nobody knows")
	}
	for range 2 {
		if err := s.door.Handle(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	s.arrival("홍길동", "1968-04-12", anna, at("20:01"))
	if len(s.house.outbox) != 1 || s.house.outbox[0].Kind != "registered" {
		t.Errorf("%+v", s.house.outbox)
	}
	if err := s.door.Handle(t.Context(), 99); booking.CodeOf(err) != booking.CodeUnauthorized {
		t.Errorf("no such text: %v", err)
	}
}

// Texts of one phone that are handled at the same moment, each by several workers, leave one entry and its one message.
func TestTextsAtTheSameMoment(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	d := desk.New(desk.Ports{Campaigns: s.house, Intake: s.house, Book: memoryBook{memoryHouse: s.house}, Phones: s.house, Clock: s.house})
	const texts, workers = 4, 4
	for i := range texts {
		_, _, err := d.KeepText(t.Context(), s.house.campaign, inbound(fmt.Sprint(i), "예약 680412 홍길동 강남구", at("20:00").Add(time.Duration(i)*time.Second)))
		if err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for i := range texts * workers {
		wg.Go(func() {
			for booking.CodeOf(s.door.Handle(context.WithoutCancel(t.Context()), int64(i%texts+1))) == booking.CodeConflict {
			}
		})
	}
	wg.Wait()
	s.arrival("홍길동", "1968-04-12", anna, at("20:00"))
	registered := 0
	for _, m := range s.house.outbox {
		if m.Kind == "registered" {
			registered++
		}
	}
	if len(s.house.entries) != 1 || registered != 1 || len(s.house.outbox) > texts {
		t.Errorf("%d entries, %d times registered, %d replies", len(s.house.entries), registered, len(s.house.outbox))
	}
	for _, in := range s.house.inbound {
		if !in.Handled {
			t.Errorf("text %d was not handled", in.ID)
		}
	}
}

func TestWhoIsNotTheProviderGetsNoFurther(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	form := s.form(anna, "예약 680412 홍길동 강남구")
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"no signature", func(r *http.Request) { r.Header.Del(twilio.SignatureHeader) }, http.StatusForbidden},
		{"another's signature", func(r *http.Request) {
			r.Header.Set(twilio.SignatureHeader, twilio.Sign("other", base+hooks+"/seoul", form))
		}, http.StatusForbidden},
		{"a signature without a token", func(r *http.Request) {
			r.Header.Set(twilio.SignatureHeader, twilio.Sign("", base+hooks+"/seoul", form))
		}, http.StatusForbidden},
		{"for another address", func(r *http.Request) {
			r.Header.Set(twilio.SignatureHeader, twilio.Sign(token, base+hooks+"/busan", form))
		}, http.StatusForbidden},
		{"another body", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("From=%2B821000009999")) }, http.StatusForbidden},
		{"not a post", func(r *http.Request) { r.Method = http.MethodGet }, http.StatusMethodNotAllowed},
		{"XML", func(r *http.Request) { r.Header.Set("Content-Type", "text/xml") }, http.StatusUnsupportedMediaType},
		{"no kind", func(r *http.Request) { r.Header.Del("Content-Type") }, http.StatusUnsupportedMediaType},
		{"not JSON", func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, http.StatusBadRequest},
		{"JSON without a digest", func(r *http.Request) {
			r.Header.Set("Content-Type", "application/json")
			r.Body = io.NopCloser(strings.NewReader(`{"From":"+821000009999"}`))
			r.Header.Set(twilio.SignatureHeader, twilio.Sign(token, base+hooks+"/seoul", nil))
		}, http.StatusForbidden},
		{"too long", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(strings.Repeat("a", 65<<10))) }, http.StatusRequestEntityTooLarge},
		{"not a form", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("a=%zz")) }, http.StatusBadRequest},
	} {
		if w := s.inbound(form, c.change); w.Code != c.want {
			t.Errorf("%s: %d, want %d", c.name, w.Code, c.want)
		}
	}
	if w := s.post(hooks+"/busan", s.door.Inbound(hooks), form, nil); w.Code != http.StatusNotFound {
		t.Errorf("no such campaign: %d", w.Code)
	}
	short := s.form("12345", "예약")
	if w := s.inbound(short, nil); w.Code != http.StatusOK {
		t.Errorf("a text from a short code: %d", w.Code)
	}
	if len(s.house.inbound) != 0 {
		t.Errorf("%d texts were kept", len(s.house.inbound))
	}
	if w := s.inbound(form, nil); w.Code != http.StatusOK || len(s.house.inbound) != 1 {
		t.Errorf("the real one: %d", w.Code)
	}
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	const path = "/webhooks/twilio/receipts"
	sid := "SM" + strings.Repeat("a", 32)
	for _, c := range []struct {
		status string
		want   int
	}{{"sent", 200}, {"delivered", 200}, {"delivered", 200}, {"teleported", 200}} {
		if w := s.post(path, s.door.Receipts(), url.Values{"MessageSid": {sid}, "MessageStatus": {c.status}}, nil); w.Code != c.want {
			t.Errorf("%s: %d", c.status, w.Code)
		}
	}
	if got := strings.Join(s.house.receipts, ","); got != sid+" sent,"+sid+" delivered,"+sid+" delivered" {
		t.Error(got)
	}
	form := url.Values{"MessageSid": {sid}, "MessageStatus": {"sent"}}
	if w := s.post(path, s.door.Receipts(), form, func(r *http.Request) { r.Header.Del(twilio.SignatureHeader) }); w.Code != http.StatusForbidden {
		t.Errorf("unsigned: %d", w.Code)
	}
	s.house.keepFails = true
	if w := s.post(path, s.door.Receipts(), form, nil); w.Code != http.StatusServiceUnavailable {
		t.Errorf("not stored: %d", w.Code)
	}
}

func TestAMemoryThatCannotBeReadBeginsAnew(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	s.text(at("20:00"), anna, "예약 홍길동")
	hash := s.house.hash(phone(anna))
	v := s.house.talks[hash]
	if strings.Contains(string(v.State), "홍") {
		t.Error("a conversation is stored in the clear")
	}
	v.State = []byte("not ours")
	s.house.talks[hash] = v
	if got := s.text(at("20:01"), anna, "680412 강남구"); got != "ask_missing name" {
		t.Error(got)
	}
	s.text(at("20:02"), anna, "홍길동")
	s.arrival("홍길동", "1968-04-12", anna, at("20:00"))
}

// A signed webhook with any form is answered with a success and never breaks the door.
func FuzzWebhook(f *testing.F) {
	for _, s := range []string{
		"MessageSid=SM" + strings.Repeat("0", 32) + "&From=%2B821000001234&To=%2B8221200000&Body=%EC%98%88%EC%95%BD+680412",
		"MessageSid=SM" + strings.Repeat("0", 32) + "&From=%2B821000001234&To=%2B8221200000&Body=680412-1234567",
		"From=1&From=2&Body=%00%ff", "a=b", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil || len(body) > 60<<10 {
			return
		}
		s := newStreet(t, seoul())
		for range 2 {
			if w := s.inbound(form, func(r *http.Request) {
				r.Body = io.NopCloser(strings.NewReader(body))
				r.Header.Set(twilio.SignatureHeader, twilio.Sign(token, base+hooks+"/seoul", form))
			}); w.Code != http.StatusOK {
				t.Errorf("%d", w.Code)
			}
		}
		if len(s.house.inbound) > 1 {
			t.Error("one text was kept twice")
		}
		for _, in := range s.house.inbound {
			if whole.MatchString(narrow(in.Body)) {
				t.Error("a resident number was kept")
			}
		}
	})
}
