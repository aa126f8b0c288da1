package db_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// An outage is a time in which no node gave a sign: not while one of two is away, and not when one is started.
func TestOutagesAreTimesWithoutASign(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	start := time.Date(2021, 7, 19, 11, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	signs := func(n *db.TextDoor, from, to int) {
		t.Helper()
		for s := from; s <= to; s++ {
			ok(t, n.Sign(t.Context(), at(s)))
		}
	}
	first, second, third := db.NewTextDoor(d.Pool, "twilio"), db.NewTextDoor(d.Pool, "twilio"), db.NewTextDoor(d.Pool, "twilio")
	signs(first, 0, 10)
	signs(second, 5, 30) // the first is gone: killed
	signs(first, 28, 40) // it was not: PostgreSQL was away for it alone
	ok(t, second.Stop(t.Context(), at(31)))
	signs(third, 100, 101)
	signs(db.NewTextDoor(d.Pool, "another"), 200, 201)
	outages := db.NewOutages(d.Pool)
	for range 2 {
		ok(t, outages.Find(t.Context(), at(102), 10*time.Second))
	}
	if _, due, err := outages.Due(t.Context(), at(109), time.Minute); due || err != nil {
		t.Errorf("due too early: %v, %v", due, err)
	}
	o, due, err := outages.Due(t.Context(), at(110), time.Minute)
	if ok(t, err); !due || !o.From.Equal(at(40)) || !o.To.Equal(at(100)) || o.Provider != "twilio" {
		t.Fatalf("%v: %+v", due, o)
	}
	look := func(second int, want bool) {
		t.Helper()
		if _, due, err := outages.Due(t.Context(), at(second), time.Minute); due != want || err != nil {
			t.Errorf("due after %d s: %v, %v", second, due, err)
		}
	}
	look(111, false) // somebody reads it
	look(170, true)  // and died meanwhile
	ok(t, outages.Read(t.Context(), o, 3, at(171), time.Minute))
	look(172, false)
	look(231, true)
	ok(t, outages.Read(t.Context(), o, 1, at(232), time.Minute))
	look(1000, false)
	// An operator knows of one that no sign shows.
	ok(t, outages.Note(t.Context(), desk.Outage{Provider: "twilio", From: at(60), To: at(62)}, "operator:kim", at(1001)))
	look(1001, true)
	var kept int
	if d.Scan(t, `SELECT sum(kept) FROM text_outage`, nil, &kept); kept != 4 {
		t.Errorf("%d texts were noted", kept)
	}
}

// A restart is an outage too, however short: nobody delivers again what came in it. Whoever starts beside another node makes none.
func TestAShortRestartIsAnOutage(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	start := time.Date(2021, 7, 19, 11, 0, 0, 0, time.UTC)
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	signs := func(n *db.TextDoor, from, to float64) {
		t.Helper()
		for s := from; s <= to; s++ {
			ok(t, n.Sign(t.Context(), at(s)))
		}
	}
	noted := func(when float64, want int) {
		t.Helper()
		ok(t, db.NewOutages(d.Pool).Find(t.Context(), at(when), 10*time.Second))
		var n int
		if d.Scan(t, `SELECT count(*) FROM text_outage WHERE from_at = $1 AND to_at = $2 OR $3 = 0`, []any{at(9.5), at(12), want}, &n); n != want {
			t.Errorf("%d outages after %g s, want %d", n, when, want)
		}
	}
	first, second, third := db.NewTextDoor(d.Pool, "twilio"), db.NewTextDoor(d.Pool, "twilio"), db.NewTextDoor(d.Pool, "twilio")
	signs(first, 0, 9)
	ok(t, first.Stop(t.Context(), at(9.5)))
	signs(second, 12, 13)
	noted(13, 0) // somebody else may yet say that they were there
	signs(second, 14, 19)
	noted(19, 1)
	signs(third, 19.5, 19.5)
	noted(19.7, 1)
	signs(second, 20, 30)
	noted(31, 1)
	var all int
	if d.Scan(t, `SELECT count(*) FROM text_outage`, nil, &all); all != 1 {
		t.Errorf("%d outages, want one", all)
	}
}

// What only the log has is kept with its arrival there; what our own doors took in time stays as they took it; what came a second time after the
// outage counts from the first.
func TestALogAddsWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	phones := db.NewSwitchboard(p.Pool, p.set)
	from := p.now(t).Add(-10 * time.Minute).Truncate(time.Second)
	to := from.Add(time.Minute)
	text := func(n int, via desk.Via, arrival time.Time) desk.Inbound {
		in := desk.Inbound{Provider: "twilio", ProviderSID: fmt.Sprint("SM", n), From: dbtest.Person(n).Phone, Body: "예약", Arrival: arrival, Via: via}
		if via == desk.ViaLog {
			in.Found = to.Add(time.Minute)
		}
		return desk.New(desk.Ports{}).NewText(p.campaign, in)
	}
	keep := func(in desk.Inbound) desk.Inbound {
		t.Helper()
		id, _, err := phones.Keep(t.Context(), in)
		ok(t, err)
		in.ID = id
		return in
	}
	const exact = 430 * time.Millisecond
	keep(text(1, desk.ViaDoor, from.Add(-time.Second+exact)))                  // before it
	keep(text(2, desk.ViaJournal, from.Add(5*time.Second+exact)))              // a node was there, PostgreSQL was not
	again := keep(text(3, desk.ViaDoor, to.Add(20*time.Second)))               // the provider delivered it again
	ok(t, phones.Finish(t.Context(), again, nil, nil, to.Add(21*time.Second))) // and it was handled
	keep(text(5, desk.ViaDoor, to.Add(time.Second+exact)))                     // two who texted when the door was open again
	keep(text(6, desk.ViaDoor, to.Add(4*time.Second+exact)))                   // the log's time is clamped to the end
	log := func() []desk.Inbound {
		return []desk.Inbound{
			text(1, desk.ViaLog, from.Add(-time.Second)), text(2, desk.ViaLog, from.Add(5*time.Second)), text(3, desk.ViaLog, from.Add(7*time.Second)),
			text(4, desk.ViaLog, from.Add(9*time.Second)), text(5, desk.ViaLog, to), text(6, desk.ViaLog, to),
		}
	}
	for _, want := range []int{2, 0} {
		if n, err := phones.KeepLogged(t.Context(), log(), to); n != want || err != nil {
			t.Errorf("%d texts were missing (%v), want %d", n, err, want)
		}
	}
	for n, want := range map[int]struct {
		at   time.Time
		via  desk.Via
		open bool
	}{
		1: {from.Add(-time.Second + exact), desk.ViaDoor, true}, 2: {from.Add(5*time.Second + exact), desk.ViaJournal, true},
		3: {from.Add(7 * time.Second), desk.ViaLog, true}, 4: {from.Add(9 * time.Second), desk.ViaLog, true},
		5: {to.Add(time.Second + exact), desk.ViaDoor, true}, 6: {to.Add(4*time.Second + exact), desk.ViaDoor, true},
	} {
		var at time.Time
		var via string
		var open, heard, found bool
		p.Scan(t, `SELECT arrival, via, handled_at IS NULL, heard, found_at IS NOT NULL FROM inbound WHERE provider_sid = $1`, []any{fmt.Sprint("SM", n)}, &at, &via, &open, &heard, &found)
		if !at.Equal(want.at) || via != string(want.via) || open != want.open {
			t.Errorf("text %d: %v by %q, open %v, want %v by %q", n, at.Sub(from), via, open, want.at.Sub(from), want.via)
		}
		if heard != (n == 3) || found != (want.via == desk.ViaLog) {
			t.Errorf("text %d: answered before %v, in the log's time %v", n, heard, found)
		}
	}
	// The copy that waited in a journal comes after the log was read: no second text.
	if _, fresh, err := phones.Keep(t.Context(), text(4, desk.ViaJournal, from.Add(9*time.Second+exact))); fresh || err != nil {
		t.Errorf("a second text: %v, %v", fresh, err)
	}
	if id, known, err := phones.LastCampaign(t.Context(), "twilio"); id != p.campaign.ID || !known || err != nil {
		t.Errorf("the log's campaign: %d, %v, %v", id, known, err)
	}
	open, err := phones.OpenInbound(t.Context(), p.now(t), p.now(t))
	if ok(t, err); len(open) != 6 || open[0].Phone != text(1, "", from).PhoneHash {
		t.Errorf("to be handled: %+v", open)
	}
	if open, err = phones.OpenInbound(t.Context(), p.now(t), p.now(t)); len(open) != 0 || err != nil {
		t.Errorf("taken twice: %d, %v", len(open), err)
	}
}

// A log knows seconds. Of the second in which the outage ended it cannot say who texted before the end: whoever came to our door in their own time
// stays in the order in which they came, and whoever's text was delivered again does not stand behind them.
func TestTheSecondInWhichAnOutageEnds(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	phones := db.NewSwitchboard(p.Pool, p.set)
	second := p.now(t).Add(-10 * time.Minute).Truncate(time.Second)
	ended := second.Add(500 * time.Millisecond)
	came := []time.Duration{600 * time.Millisecond, 950 * time.Millisecond, 8 * time.Second}
	var log []desk.Inbound
	for n, after := range came {
		in := desk.Inbound{Provider: "twilio", ProviderSID: fmt.Sprint("SM", n), From: dbtest.Person(n).Phone, Body: "예약", Arrival: second.Add(after)}
		in = desk.New(desk.Ports{}).NewText(p.campaign, in)
		_, _, err := phones.Keep(t.Context(), in)
		ok(t, err)
		in.Arrival, in.Via, in.Found = second, desk.ViaLog, ended.Add(time.Minute)
		log = append(log, in)
	}
	if n, err := phones.KeepLogged(t.Context(), log, ended); n != 1 || err != nil {
		t.Errorf("%d texts are earlier (%v), want the one that was delivered again", n, err)
	}
	for n, want := range []time.Duration{came[0], came[1], 0} {
		var at time.Time
		if p.Scan(t, `SELECT arrival FROM inbound WHERE provider_sid = $1`, []any{fmt.Sprint("SM", n)}, &at); at.Sub(second) != want {
			t.Errorf("text %d: %v, want %v", n, at.Sub(second), want)
		}
	}
}

// A text to a shared number that was passed on to a campaign, or waits until one is named, gets its earlier arrival with its copies, and is not decided anew:
// the phone has an entry by now, so it would be asked about, or be for another campaign.
func TestALogDecidesNothingAnew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	flu := h.second(t)
	board := db.NewSwitchboard(h.Pool, h.set)
	passed, held, own, open := h.text(t, h.campaign, "SM1", true), h.text(t, h.campaign, "SM2", true), h.text(t, h.campaign, "SM3", true), h.text(t, h.campaign, "SM4", true)
	ids, err := board.PassOn(t.Context(), passed, []desk.Inbound{desk.ForCampaign(flu, passed)}, h.Now())
	ok(t, err)
	made, err := board.Inbound(t.Context(), ids[0])
	ok(t, err)
	ok(t, board.Finish(t.Context(), made, nil, nil, h.Now()))
	ok(t, board.Hold(t.Context(), held))
	ok(t, board.Finish(t.Context(), held, nil, nil, h.Now()))
	ok(t, board.Finish(t.Context(), own, nil, nil, h.Now()))
	early := passed.Arrival.Add(-time.Minute)
	var log []desk.Inbound
	for _, in := range []desk.Inbound{passed, held, own, open} {
		in.Arrival, in.Via, in.Found = early, desk.ViaLog, h.Now()
		log = append(log, in)
	}
	if n, err := board.KeepLogged(t.Context(), log, early.Add(10*time.Second)); n != 5 || err != nil {
		t.Errorf("%d texts are earlier: %v", n, err)
	}
	for id, again := range map[int64]bool{passed.ID: false, made.ID: true, held.ID: false, own.ID: true, open.ID: true} {
		in, err := board.Inbound(t.Context(), id)
		ok(t, err)
		if in.Handled == again || !in.Arrival.Equal(early) || in.Heard != (id != open.ID) {
			t.Errorf("text %s: %+v", in.ProviderSID, in)
		}
	}
	waits, err := board.Held(t.Context(), h.campaign.ID, held.PhoneHash, early, desk.HeldText{})
	if ok(t, err); len(waits) != 1 || !waits[0].Arrival.Equal(early) {
		t.Errorf("%d texts wait for their campaign", len(waits))
	}
}

// A log knows seconds. In the one in which the outage begins, those whose texts our door still took come first; a log that knows more is believed.
func TestTheSecondInWhichAnOutageBegins(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	phones := db.NewSwitchboard(p.Pool, p.set)
	second := p.now(t).Add(-10 * time.Minute).Truncate(time.Second)
	text := func(n int, via desk.Via, arrival time.Time) desk.Inbound {
		in := desk.Inbound{Provider: "twilio", ProviderSID: fmt.Sprint("SM", n), From: dbtest.Person(n).Phone, Body: "예약", Arrival: arrival, Via: via}
		return desk.New(desk.Ports{}).NewText(p.campaign, in)
	}
	for n, at := range []time.Duration{-200 * time.Millisecond, 2 * time.Millisecond, 300 * time.Millisecond, 61 * time.Second} {
		_, _, err := phones.Keep(t.Context(), text(n, desk.ViaDoor, second.Add(at)))
		ok(t, err)
	}
	log := []desk.Inbound{text(4, desk.ViaLog, second), text(5, desk.ViaLog, second.Add(150*time.Millisecond)), text(6, desk.ViaLog, second.Add(time.Second)), text(7, desk.ViaLog, second.Add(-time.Second))}
	if n, err := phones.KeepLogged(t.Context(), log, second.Add(time.Minute)); n != len(log) || err != nil {
		t.Fatalf("%d texts were missing: %v", n, err)
	}
	for n, want := range map[int]time.Duration{4: 300*time.Millisecond + time.Microsecond, 5: 150 * time.Millisecond, 6: time.Second, 7: -time.Second} {
		var at time.Time
		if p.Scan(t, `SELECT arrival FROM inbound WHERE provider_sid = $1`, []any{fmt.Sprint("SM", n)}, &at); !at.Equal(second.Add(want)) {
			t.Errorf("text %d: %v, want %v", n, at.Sub(second), want)
		}
	}
}

// Who was answered already is not answered again when the log gives the text an earlier arrival, whatever there would be to say by now. And the
// audit counts from when we knew of it, not from when it lay with the provider.
func TestWhoWasAnsweredIsNotAnsweredAgain(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	s.proves(t, 0)
	s.round(t)
	s.post(t)
	read := s.says(t, phoneOf(0), fmt.Sprint(s.first(t, phoneOf(0), words.Offer)))
	same(t, "the answer", kinds(read, phoneOf(0)), "confirmed")
	phones := db.NewSwitchboard(s.Pool, s.set)
	var id int64
	var sid string
	var handled time.Time
	s.Scan(t, `SELECT id, provider_sid, handled_at FROM inbound ORDER BY id DESC LIMIT 1`, nil, &id, &sid, &handled)
	in, _, err := s.desk.Text(t.Context(), id)
	ok(t, err)
	in.Arrival, in.Via, in.Found = in.Arrival.Add(-time.Hour), desk.ViaLog, s.now(t)
	if n, err := phones.KeepLogged(t.Context(), []desk.Inbound{in}, in.Arrival.Add(time.Minute)); n != 1 || err != nil {
		t.Fatalf("%d texts are earlier: %v", n, err)
	}
	if read := s.handles(t, id); len(read) > 0 {
		t.Errorf("handled once more, it is answered with %+v", read)
	}
	var again bool
	if s.Scan(t, `SELECT handled_at > $2 FROM inbound WHERE id = $1`, []any{id, handled}, &again); !again {
		t.Error("it was not handled once more")
	}
}

// Whoever answers our question while the door is away goes on with the application that they began, with its first contact.
func TestAnOutageForgetsNoConversation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	board := db.NewSwitchboard(h.Pool, h.set)
	in := h.text(t, h.campaign, "SM1", false)
	ok(t, board.Finish(t.Context(), in, &desk.Conversation{FirstAt: h.Now(), Expires: h.Now().Add(30 * time.Minute), State: []byte("x")}, nil, h.Now()))
	door := db.NewTextDoor(h.Pool, "twilio")
	ok(t, door.Sign(t.Context(), h.Now().Add(15*time.Minute)))
	conversations := func(when string, want int) {
		t.Helper()
		ok(t, board.Forget(t.Context(), h.Now()))
		if n := h.count(t, `SELECT count(*) FROM contact`); n != want {
			t.Errorf("%s: %d conversations, want %d", when, n, want)
		}
	}
	h.pass(time.Hour)
	conversations("away", 1)
	ok(t, door.Sign(t.Context(), h.Now()))
	conversations("back, and the log is not read", 1)
	outages := db.NewOutages(h.Pool)
	ok(t, outages.Find(t.Context(), h.Now(), 0))
	for range 2 {
		o, due, err := outages.Due(t.Context(), h.Now(), 0)
		if ok(t, err); !due {
			t.Fatal("nobody reads the log")
		}
		ok(t, outages.Read(t.Context(), o, 0, h.Now(), 0))
	}
	conversations("read", 0)
}

// The log is read some minutes around an outage. What it shows there of another one, or of one that lasts, counts by its own seconds, whichever is read first.
func TestOutagesThatAreNearEachOther(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	start := time.Date(2021, 7, 19, 11, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	for _, span := range [][2]int{{0, 10}, {40, 60}, {90, 100}} {
		n := db.NewTextDoor(d.Pool, "twilio")
		for s := span[0]; s <= span[1]; s++ {
			ok(t, n.Sign(t.Context(), at(s)))
		}
	}
	outages := db.NewOutages(d.Pool)
	ok(t, outages.Find(t.Context(), at(300), 0))
	first, due, err := outages.Due(t.Context(), at(300), time.Minute)
	if ok(t, err); !due || !first.From.Equal(at(10)) || len(first.Near) != 2 {
		t.Fatalf("%v: %+v", due, first)
	}
	for _, second := range []int{20, 70, 150} {
		if arrival, known := first.Arrival(at(second), at(300)); !known || !arrival.Equal(at(second)) {
			t.Errorf("a text of second %d counts from %v", second, arrival.Sub(start))
		}
	}
	if arrival, known := first.Arrival(at(96), at(300)); !known || !arrival.Equal(at(98)) {
		t.Errorf("what was on its way when the last one began counts from %v", arrival.Sub(start))
	}
}

// askedClock tells when somebody asks for the time, and waits until that is heard.
type askedClock struct {
	desk.Clock
	asked chan<- struct{}
}

func (c askedClock) Now() time.Time {
	select {
	case c.asked <- struct{}{}:
	case <-time.After(time.Minute): // nobody listens any more
	}
	return c.Clock.Now()
}

// Texts that a node refuses although it is there are looked for in the log, once it takes them again.
func TestRefusedTextsAreAnOutage(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	clock := db.NewClock()
	ok(t, clock.Sample(t.Context(), d.Pool))
	start := clock.Now().Truncate(time.Microsecond)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	door, outages := db.NewTextDoor(d.Pool, "twilio"), db.NewOutages(d.Pool)
	for _, second := range []int{-60, -57, -49, -20, -21} { // two bursts
		door.Refused(at(second))
		if second == -49 {
			ok(t, door.Stop(t.Context(), at(-49)))
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	ended, asked := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		door.Run(ctx, askedClock{clock, asked}, func(err error) {
			if ctx.Err() == nil {
				t.Error(err)
			}
		})
	}()
	<-asked
	<-asked // for its second sign: all of the first is done
	stop()
	<-ended
	for _, want := range [][2]int{{-60, -48}, {-21, -19}} {
		o, due, err := outages.Due(t.Context(), at(60), time.Hour)
		if ok(t, err); !due || !o.From.Equal(at(want[0])) || !o.To.Equal(at(want[1])) {
			t.Errorf("%v: from %v to %v, want %v", due, o.From.Sub(start), o.To.Sub(start), want)
		}
	}
	if _, due, err := outages.Due(t.Context(), at(60), time.Hour); due || err != nil {
		t.Errorf("another one: %v, %v", due, err)
	}
}

// Whoever applied for somebody else in an outage, just before the closing, was told that it is over when the provider delivered the text again. By the log it
// came in time: they are told so. Whoever was told the same before hears nothing.
func TestWhoWasToldThatItIsOverIsToldOtherwise(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"after the closing": true, "before it": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, 1)
			cohort := s.campaign.Cohorts[0]
			again, found := cohort.Closes.Add(-20*time.Second), cohort.Closes.Add(-10*time.Second)
			if late {
				again, found = cohort.Closes.Add(20*time.Second), cohort.Closes.Add(time.Minute)
			}
			id, _, err := s.desk.KeepText(t.Context(), s.campaign, desk.Inbound{Provider: "sim", ProviderSID: "SM1", From: phoneOf(0), Body: "?", Arrival: again})
			ok(t, err)
			handled := func() []string {
				t.Helper()
				in, c, err := s.desk.Text(t.Context(), id)
				ok(t, err)
				replies, _, err := s.desk.RegisterByText(t.Context(), c, in, []time.Time{in.Arrival}, desk.Applying{Person: dbtest.Person(60), Region: dbtest.Region, Lang: booking.Korean})
				ok(t, err)
				ok(t, s.desk.FinishText(t.Context(), in, nil, replies))
				var said []string
				s.Scan(t, `SELECT coalesce(array_agg(kind ORDER BY id), '{}') FROM message WHERE inbound_id = $1`, []any{id}, &said)
				return said
			}
			first := handled()
			in, _, err := s.desk.Text(t.Context(), id)
			ok(t, err)
			in.Arrival, in.Via, in.Found = cohort.Closes.Add(-time.Minute), desk.ViaLog, found
			_, err = db.NewSwitchboard(s.Pool, s.set).KeepLogged(t.Context(), []desk.Inbound{in}, in.Arrival.Add(30*time.Second))
			ok(t, err)
			want := []string{"received_for_other"}
			if late {
				same(t, "at first", first, "closed")
				want = []string{"closed", "received_for_other"}
			}
			same(t, "in the end", handled(), want...)
		})
	}
}
