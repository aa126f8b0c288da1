package db_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

func (p *past) facts(t *testing.T, n int) booking.Explanation {
	t.Helper()
	e, err := p.book.Explanation(t.Context(), p.campaign.ID, p.ids[n])
	ok(t, err)
	return e
}

func (p *past) desk(t *testing.T) *desk.Desk {
	t.Helper()
	clock := db.NewClock()
	ok(t, clock.Sample(t.Context(), p.Pool))
	return desk.New(desk.Ports{Campaigns: p.set, Intake: p.intake, Book: p.book, Phones: db.NewSwitchboard(p.Pool, p.set), Clock: clock})
}

// One seat a slot, one slot: whoever comes second waits, and both histories say so.
func TestTheExplanationIsWhatTheRoundRecorded(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.Capacity(1), func(c *booking.Campaign) { c.Slots = c.Slots[:1] })
	p.apply(t, 0, time.Minute)
	p.apply(t, 1, 30*time.Second)
	if e := p.facts(t, 0); e.Number != 0 || len(e.Given)+len(e.Denied)+len(e.Waits) != 0 || !e.Ready || e.Declines != 3 {
		t.Errorf("before sealing: %+v", e)
	}
	p.announce(t)
	if e := p.facts(t, 1); e.Number != 2 || e.SealedTo != 2 || e.WalkedTo != 0 || !e.First.Before(e.Read) || e.Late != "" {
		t.Errorf("sealed: %+v", e)
	}
	p.round(t)
	var at time.Time
	var number int64
	var starts time.Time
	p.Scan(t, `SELECT number, at, (SELECT starts_at FROM slot) FROM round`, nil, &number, &at, &starts)
	first, second := p.facts(t, 0), p.facts(t, 1)
	want := booking.RoundRecord{Number: number, At: at, Free: 1, Looked: 2, Assigned: 1}
	if len(first.Given) != 1 || len(first.Denied) != 0 || len(first.Waits) != 0 {
		t.Fatalf("%+v", first)
	}
	g := first.Given[0]
	if !sameRound(g.Round, want) || g.Dose != 1 || g.State != booking.Offered || g.Site != dbtest.Site || !g.Starts.Equal(starts) || !g.Made.Equal(at) || g.Cause != "" {
		t.Errorf("given: %+v, want the round %+v", g, want)
	}
	if len(second.Given) != 0 || len(second.Denied) != 1 || len(second.Waits) != 1 {
		t.Fatalf("%+v", second)
	}
	if d, w := second.Denied[0], second.Waits[0]; !sameRound(d.Round, want) || d.Reason != booking.ReasonNoSlots || w.Reason != d.Reason || w.Look || w.Swap {
		t.Errorf("denied: %+v, waits: %+v", d, w)
	}
	if second.WalkedTo != 2 {
		t.Errorf("walked to %d", second.WalkedTo)
	}

	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined))
	first = p.facts(t, 0)
	if first.Declined != 1 || first.Given[0].State != booking.Declined || !first.Given[0].Ended.After(first.Given[0].Made) || len(first.Waits) != 1 || !first.Waits[0].Look {
		t.Errorf("given back: %+v", first)
	}
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 1, "cancel")))
	if second = p.facts(t, 1); second.Withdrawn.IsZero() || len(second.Waits) != 0 {
		t.Errorf("withdrawn: %+v", second)
	}
}

func sameRound(a, b booking.RoundRecord) bool {
	return a.At.Equal(b.At) && a.Number == b.Number && a.Page == b.Page && a.Free == b.Free && a.Looked == b.Looked && a.Assigned == b.Assigned
}

func TestAnExplanationOfNobody(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	if _, err := p.book.Explanation(t.Context(), p.campaign.ID, booking.ID{1}); booking.CodeOf(err) != booking.CodeUnauthorized {
		t.Errorf("%v", err)
	}
}

func TestATicketFindsItsEntry(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.apply(t, 2, time.Minute)
	p.apply(t, 3, 30*time.Second)
	p.announce(t)
	d := p.desk(t)
	e, err := p.book.Entry(t.Context(), p.campaign.ID, p.ids[3])
	ok(t, err)
	ticket := p.campaign.Keys.Ticket(e.Serial)
	for _, written := range []string{ticket, booking.SpokenTicket(ticket), ticket[:5] + " " + ticket[5:]} {
		if _, id, err := d.ByTicket(t.Context(), dbtest.Slug, written); err != nil || id != p.ids[3] {
			t.Errorf("%q: %v", written, err)
		}
	}
	wrong := ticket[:3] + string('0'+(ticket[3]-'0'+1)%10) + ticket[4:]
	for _, c := range []struct {
		slug, ticket string
		want         booking.Code
	}{
		{dbtest.Slug, wrong, booking.CodeInvalid}, {dbtest.Slug, ticket[1:], booking.CodeInvalid}, {dbtest.Slug, "", booking.CodeInvalid},
		{dbtest.Slug, p.campaign.Keys.Ticket(e.Serial + 1000), booking.CodeUnauthorized}, {"nowhere", ticket, booking.CodeNoCampaign},
	} {
		if _, _, err := d.ByTicket(t.Context(), c.slug, c.ticket); booking.CodeOf(err) != c.want {
			t.Errorf("%s in %s: %v, want %s", c.ticket, c.slug, err, c.want)
		}
	}
	// Whoever gave up and whose identity another entry took over by a correction is led to that one.
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 3, "cancel")))
	p.correct(t, 2, dbtest.Person(3))
	if _, id, err := d.ByTicket(t.Context(), dbtest.Slug, ticket); err != nil || id != p.ids[2] {
		t.Errorf("an old ticket: %v", err)
	}
}

func TestExplainTellsTheSentencesAndOneText(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.apply(t, 0, time.Minute)
	p.announce(t)
	p.round(t)
	got, err := p.desk(t).Explain(t.Context(), p.campaign, p.ids[0], "")
	ok(t, err)
	all := strings.Join(got.Sentences, "\n")
	for _, want := range []string{"순번은 1번입니다.", "북센터", "배정에서"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing:\n%s", want, all)
		}
	}
	if strings.Contains(all, dbtest.Person(0).Name) || got.Lang != booking.Korean || !strings.Contains(got.Text, "북센터") || strings.Contains(got.Text, dbtest.Person(0).Name) {
		t.Errorf("%s: %s", got.Lang, got.Text)
	}
	english, err := p.desk(t).Explain(t.Context(), p.campaign, p.ids[0], booking.English)
	if err != nil || !strings.HasPrefix(english.Text, "Jari: ") || english.Ticket != got.Ticket {
		t.Errorf("%v: %+v", err, english)
	}
}

// Wishes travel whole, with the application and after it, and a change is told to the phone on file and marks the explanation.
func TestWishesFromBothSides(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	full := booking.Wishes{
		Sites: []string{"south", dbtest.Site}, NotAfter: booking.Date{Year: 2031, Month: 1, Day: 2}, Weekdays: []time.Weekday{0, 1, 2, 3, 4, 5, 6},
		Times: []booking.DayTime{{From: 0, To: 720}, {From: 720, To: 1440}}, Notice: 1, Household: &booking.Household{Code: "kim-7Qx2m9", Size: 2},
	}
	p.apply(t, 0, time.Minute, func(a *desk.Application) { a.Wishes = full })
	p.apply(t, 1, time.Second)
	p.announce(t)
	stored := func(n int) booking.Wishes {
		t.Helper()
		e, err := p.book.Entry(t.Context(), p.campaign.ID, p.ids[n])
		ok(t, err)
		return e.Wishes
	}
	if got := stored(0); !reflect.DeepEqual(got, full) {
		t.Errorf("stored %+v", got)
	}
	p.round(t)
	if e := p.facts(t, 0); len(e.Given) != 0 || e.Members != 1 || !e.Changed.IsZero() || e.Waits[0].Reason != booking.ReasonIncomplete {
		t.Errorf("a household of one: %+v", e)
	}
	change := p.change(t, 1, "wishes")
	ok(t, p.book.SetWishes(t.Context(), change, dbtest.Region, booking.Wishes{Household: full.Household}))
	var told int
	p.Scan(t, `SELECT count(*) FROM message WHERE kind = 'corrected' AND registration_id = $1`, []any{[16]byte(p.ids[1])}, &told)
	if e := p.facts(t, 1); told != 1 || e.Members != 2 || !e.Changed.Equal(change.At.Truncate(time.Microsecond)) {
		t.Errorf("told %d times; %+v", told, e)
	}
	// The latest counts: it leaves the household again.
	ok(t, p.book.SetWishes(t.Context(), p.change(t, 0, "wishes"), dbtest.Region, booking.Wishes{Sites: []string{"middle"}, NotAfter: full.NotAfter}))
	e := p.facts(t, 0)
	if e.Members != 0 || e.Wishes.Household != nil || !e.Waits[0].Look {
		t.Errorf("alone again: %+v", e)
	}
	var last time.Time
	p.Scan(t, `SELECT max(starts_at) FROM slot`, nil, &last)
	if want := booking.DateOf(last, p.campaign.Zone); e.LastDay != want {
		t.Errorf("the last day is %s, want %s", e.LastDay, want)
	}
}

// send sends everything that is due and adds the texts to mail, by their purpose.
func (p *past) send(t *testing.T, mail map[string]string) {
	t.Helper()
	clock := db.NewClock()
	ok(t, clock.Sample(t.Context(), p.Pool))
	type task struct {
		id int64
		n  int
	}
	var tasks []task
	outbox := db.NewOutbox(p.Pool, p.set)
	_, err := outbox.ReleaseEach(t.Context(), clock.Now().Add(time.Second), 1000, time.Second, func(_ context.Context, id int64, n int, _ words.Kind, _ bool) error {
		tasks = append(tasks, task{id, n})
		return nil
	})
	ok(t, err)
	for _, m := range tasks {
		var purpose string
		p.Scan(t, `SELECT dedup FROM message WHERE id = $1`, []any{m.id}, &purpose)
		_, err := outbox.DeliverOne(t.Context(), m.id, m.n, clock, func(_ context.Context, kind words.Kind, lang booking.Lang, d words.Data, _ desk.OutgoingText) desk.SendResult {
			text, err := words.Render(kind, lang, d)
			if err != nil {
				t.Error(err)
			}
			mail[purpose] = text
			return accepted(purpose)
		})
		ok(t, err)
	}
}

// Whoever has got a time before the news went out that there is none is not told that there is none.
func TestOldNewsIsNotTold(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.Capacity(1), func(c *booking.Campaign) { c.Slots = c.Slots[:1] })
	p.apply(t, 0, time.Minute)
	p.apply(t, 1, 30*time.Second)
	p.announce(t)
	p.round(t)
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 0, "cancel")))
	p.round(t)
	mail := map[string]string{}
	p.send(t, mail)
	var offer int64
	p.Scan(t, `SELECT id FROM appointment WHERE registration_id = $1 AND state = 'offered'`, []any{[16]byte(p.ids[1])}, &offer)
	var state string
	p.Scan(t, `SELECT state FROM message WHERE dedup = $1`, []any{fmt.Sprintf("no_time/%x", p.ids[1][:])}, &state)
	if mail[fmt.Sprintf("offer/%d", offer)] == "" || mail[fmt.Sprintf("no_time/%x", p.ids[1][:])] != "" || state != "expired" {
		t.Errorf("the news is %s; told: %v", state, mail)
	}
}

// What a text says is what is on record when it is sent.
func TestLettersSayWhy(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.Capacity(1), func(c *booking.Campaign) { c.Slots = c.Slots[:1] })
	p.apply(t, 0, time.Minute)
	p.apply(t, 1, 30*time.Second)
	p.announce(t)
	p.round(t)
	mail := map[string]string{}
	p.send(t, mail)
	say := func(n int, kind words.Kind) string {
		t.Helper()
		d := p.desk(t)
		id, _, err := d.KeepText(t.Context(), p.campaign, desk.Inbound{
			Campaign: p.campaign.ID, Provider: "sim", ProviderSID: uuid.NewString(), From: dbtest.Person(n).Phone, Body: "왜", Arrival: p.now(t),
		})
		ok(t, err)
		kept, _, err := d.Text(t.Context(), id)
		ok(t, err)
		replies, err := d.TellByText(t.Context(), p.campaign, kept, kind, booking.Korean)
		ok(t, err)
		if len(replies) != 1 || replies[0].Kind != string(kind) {
			t.Fatalf("%+v", replies)
		}
		ok(t, d.FinishText(t.Context(), kept, nil, replies))
		p.send(t, mail)
		return mail[replies[0].Dedup]
	}
	if text := say(0, words.Why); !strings.Contains(text, "북센터") || strings.Contains(text, "빈자리가") {
		t.Errorf("why it was given: %s", text)
	}
	if text := say(1, words.Why); !strings.Contains(text, "확인: 빈자리가 없습니다") {
		t.Errorf("why there is none: %s", text)
	}
	if text := say(1, words.Status); !strings.Contains(text, "지금은 빈자리가 없습니다") {
		t.Errorf("the status: %s", text)
	}
	if text := mail[fmt.Sprintf("no_time/%x", p.ids[1][:])]; !strings.Contains(text, "지금은 빈자리가 없습니다") {
		t.Errorf("the news: %s", text)
	}
}

// A site that the campaign has no more keeps its name in what is told of it.
func TestAClosedSiteIsNamedAndNotCoded(t *testing.T) {
	t.Parallel()
	p := newPast(t, func(c *booking.Campaign) {
		for i := range c.Sites {
			if c.Sites[i].Code == "north" {
				c.Sites[i].Names = booking.Names{booking.Korean: "북부보건소", booking.English: "Clinic of the hill"}
			}
		}
	})
	p.offered(t, 1)
	ok(t, p.reapply(t, true, without("north")))
	for _, state := range []string{"not moved yet", "moved"} {
		for lang, name := range map[booking.Lang]string{booking.Korean: "북부보건소", booking.English: "Clinic of the hill"} {
			if text := p.explained(t, 0, lang); !strings.Contains(text, name) || strings.Contains(text, "north") {
				t.Errorf("%s, %s: %s", lang, state, text)
			}
		}
		p.move(t, 10, nil)
	}
}
