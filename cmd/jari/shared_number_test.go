package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

var (
	whichFlu = regexp.MustCompile(`(\d{1,2}) 독감`)
	isItYou  = regexp.MustCompile(`본인이시면 (\d{1,2})`)
	flu      = "flu"
	sharedTo = func(c *booking.Campaign) {
		c.Keywords = []booking.Names{{"ko": "코로나", "en": "covid"}}
		born(c, 1940, 1969)
	}
	sharedFlu = func(c *booking.Campaign) {
		c.Slug, c.Keywords = flu, []booking.Names{{"ko": "독감", "en": "flu"}}
		c.Names = booking.Names{"ko": "독감 예방접종", "en": "Flu vaccination"}
		born(c, 1960, 2020)
		dbtest.BeforeOffer(c)
	}
)

func born(c *booking.Campaign, from, to int) {
	c.Cohorts[0].BornFrom, c.Cohorts[0].BornTo = booking.Date{Year: from, Month: 1, Day: 1}, booking.Date{Year: to, Month: 12, Day: 31}
}

// sharedTown has two campaigns, and phones whose texts come by a webhook that names none.
func sharedTown(t *testing.T, change ...dbtest.Options) *town {
	t.Helper()
	w := newTown(t, append([]dbtest.Options{sharedTo, dbtest.BeforeOffer}, change...)...)
	_, w.campaigns = dbtest.Campaign(t, w.db, append([]dbtest.Options{sharedFlu}, change...)...)
	w.havePhones(inboundAt(kindTwilio))
	return w
}

// entriesOf says how many entries a campaign has, and how many of them have the arrival of the first text that came from anywhere.
func (w *town) entriesOf(slug string) (entries, verified int) {
	w.db.Scan(w.t, `SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM verification v WHERE v.campaign_id = r.campaign_id AND v.registration_id = r.id))
		FROM registration r JOIN campaign c ON c.id = r.campaign_id WHERE c.slug = $1`, []any{slug}, &entries, &verified)
	return entries, verified
}

// Two campaigns share a number: each text goes to the one that is meant, with its own arrival, or its sender is asked; an answer number leads to
// one question only.
func TestTwoCampaignsAtOneNumber(t *testing.T) {
	t.Parallel()
	w := sharedTown(t)
	w.open()
	old, young, both, word := dbtest.Person(1).Phone, dbtest.Person(2).Phone, dbtest.Person(3).Phone, dbtest.Person(4).Phone
	w.phones.Text(old, "예약 500412 홍길동 북구")
	w.phones.Text(young, "예약 850412 김철수 북구")
	w.shown(old, "본인이시면")
	w.shown(young, "본인이시면")
	w.counted("clinic", 1, 0)
	w.counted(flu, 1, 0)

	w.phones.Text(both, "예약 650412 이영희 북구")
	no := whichFlu.FindStringSubmatch(w.shown(both, "코로나"))
	w.phones.Text(both, no[1])
	first := isItYou.FindStringSubmatch(w.shown(both, "본인이시면"))
	w.counted(flu, 2, 0)
	var same bool
	w.db.Scan(t, `SELECT r.arrival = (SELECT i.arrival FROM inbound i WHERE i.provider_sid = split_part(j.provider_sid, '/', 1))
		FROM inbound j JOIN campaign c ON c.id = j.campaign_id JOIN registration r ON r.campaign_id = j.campaign_id AND r.arrival = j.arrival
		JOIN inbound i ON i.provider_sid = split_part(j.provider_sid, '/', 1) AND i.held IS FALSE AND i.id <> j.id
		JOIN message m ON m.inbound_id = i.id AND m.kind = 'which_campaign' WHERE c.slug = 'flu'`, nil, &same)
	if !same {
		t.Error("the text that waited for its campaign lost its arrival")
	}

	// The same person for the other campaign: the two questions have numbers of their own.
	w.phones.Text(both, "코로나 예약 650412 이영희 북구")
	w.counted("clinic", 2, 0)
	var numbers, distinct int
	w.until("both questions to be asked", time.Minute, func() bool {
		w.db.Scan(t, `SELECT count(*), count(DISTINCT first_no) FROM question WHERE kind = 'verify' AND registration_id IN (
			SELECT registration_id FROM phone_entry GROUP BY 1) AND campaign_id IN (SELECT id FROM campaign)`, nil, &numbers, &distinct)
		return numbers == 4
	})
	w.phones.Text(both, first[1])
	w.counted(flu, 2, 1)
	w.counted("clinic", 2, 0)

	// A word of the campaign decides as well, before and after the question.
	w.phones.Text(word, "예약 650101 박민수 북구")
	w.shown(word, "코로나")
	w.phones.Text(word, "독감이요")
	w.shown(word, "본인이시면")
	w.counted(flu, 3, 1)

	// Whoever stands in both is asked about which one they ask.
	w.phones.Text(both, "독감 조회")
	w.until("the status in one campaign", time.Minute, func() bool {
		var told int
		w.db.Scan(t, `SELECT count(*) FROM message m JOIN campaign c ON c.id = m.campaign_id WHERE c.slug = 'flu' AND m.kind = 'status'`, nil, &told)
		return told == 1
	})
	w.phones.Text(both, "조회")
	w.until("the second question", time.Minute, func() bool {
		var asked int
		w.db.Scan(t, `SELECT count(*) FROM question WHERE kind = 'which' AND answered_at IS NULL`, nil, &asked)
		return asked >= 1
	})

	// What somebody wants done is for the campaign in which they stand, though it is not the first; so is "not me", which answers no question.
	said := func(kind string) {
		t.Helper()
		w.until("a text "+kind+" in one campaign", time.Minute, func() bool {
			var flus, others int
			w.db.Scan(t, `SELECT count(*) FILTER (WHERE c.slug = 'flu'), count(*) FILTER (WHERE c.slug <> 'flu')
				FROM message m JOIN campaign c ON c.id = m.campaign_id WHERE m.kind = $1`, []any{kind}, &flus, &others)
			if others > 0 {
				t.Fatalf("%s was said in a campaign that the phone has nothing to do with", kind)
			}
			return flus > 0
		})
	}
	w.phones.Text(young, "신청 취소할게요")
	said("withdraw_read")
	w.phones.Text(young, "9")
	said("refused")
	w.audited()
}

func (w *town) counted(slug string, entries, verified int) {
	w.t.Helper()
	w.until(slug+" to have its entries", time.Minute, func() bool {
		n, v := w.entriesOf(slug)
		return n == entries && v == verified
	})
}

// All texts that wait for their campaign are passed on with the answer, however many they are: the last of them completes the application, and
// the first is its arrival.
func TestManyTextsWaitForTheirCampaign(t *testing.T) {
	t.Parallel()
	w := sharedTown(t)
	w.open()
	from := dbtest.Person(5).Phone
	const empty = 24
	for range empty {
		w.phones.Text(from, "예약")
	}
	w.phones.Text(from, "650412 이영희 북구")
	no := whichFlu.FindStringSubmatch(w.shown(from, "코로나"))
	w.until("all texts to wait", time.Minute, func() bool {
		var held int
		w.db.Scan(t, `SELECT count(*) FROM inbound WHERE held AND handled_at IS NOT NULL`, nil, &held)
		return held == empty+1
	})
	w.db.Exec(t, `UPDATE inbound SET body_ct = '\x00' WHERE id = (SELECT id FROM inbound ORDER BY id OFFSET 3 LIMIT 1)`) // one that cannot be opened keeps no other back
	w.phones.Text(from, no[1])
	w.counted(flu, 1, 0)
	var held int
	var first bool
	w.db.Scan(t, `SELECT (SELECT count(*) FROM inbound WHERE held), (SELECT arrival FROM registration) = (SELECT min(arrival) FROM inbound)`, nil, &held, &first)
	if held != 1 || !first {
		t.Errorf("%d texts are left behind; the first text counts: %v", held, first)
	}
	w.until("what was passed on to be handled", time.Minute, func() bool {
		var open int
		w.db.Scan(t, `SELECT count(*) FROM inbound WHERE handled_at IS NULL`, nil, &open)
		return open == 0
	})
	w.audited()
}

// Once the campaign's word, or the number of one question, has said which campaign is meant, the numbers of the questions that asked for it decide nothing
// any more: whoever sends one hears so, and what was held is registered once.
func TestANumberAfterTheCampaignWasNamed(t *testing.T) {
	t.Parallel()
	w := sharedTown(t)
	w.open()
	covid := regexp.MustCompile(`(\d{1,2}) 코로나`)
	closed := func() {
		t.Helper()
		var open int
		w.db.Scan(t, `SELECT count(*) FROM question WHERE kind = 'which' AND (answered_at IS NULL OR answered_by IS NULL OR answer <> 'flu')`, nil, &open)
		if open != 0 {
			t.Errorf("%d questions which campaign is meant are open, or answered otherwise", open)
		}
	}
	const late = "이제 받을 수 없습니다"
	word, twice, both := newTalk(w, 11), newTalk(w, 12), newTalk(w, 13)
	word.says("예약 650101 박민수 북구", "코로나")
	first, second := word.number(covid), word.number(whichFlu)
	word.says("독감이요", "본인이시면")
	w.counted(flu, 1, 0)
	closed()
	word.says(first, late)
	word.says(second+"번 네", late)
	w.counted(flu, 1, 0)
	w.counted("clinic", 0, 0)

	twice.says("예약", "코로나")
	old := twice.number(covid)
	twice.says("650102 김영수 북구", "코로나")
	twice.says("네 "+twice.number(whichFlu)+"번이요", "본인이시면")
	w.counted(flu, 2, 0)
	closed()
	twice.says(old, late)

	// The word and the number together: they must mean the same.
	both.says("예약 650103 이수민 북구", "코로나")
	third := both.number(whichFlu)
	both.says("독감 "+both.number(covid)+"번", "코로나")
	w.counted(flu, 2, 0)
	both.says(both.number(whichFlu)+"번 독감이요", "본인이시면")
	w.counted(flu, 3, 0)
	w.counted("clinic", 0, 0)
	closed()
	both.says("독감 "+third+"번", late)
	for _, k := range []*talk{word, twice, both} {
		for _, e := range w.phones.Inbox(k.phone) {
			if strings.Contains(e.Body, "맞는 질문이 없습니다") {
				t.Errorf("%v reads %s", k.phone, e.Body)
			}
		}
	}
	w.audited()
}

// A text that the provider delivered again after an outage, and that its sender said is for one campaign, gets its arrival from the log there; it does not wait
// again for a campaign, in which the next word of that one would register somebody who never asked for it.
func TestALogMovesATextOfASharedNumber(t *testing.T) {
	t.Parallel()
	w := sharedTown(t)
	w.open()
	both := dbtest.Person(3).Phone
	w.phones.Text(both, "예약 650412 이영희 북구")
	no := whichFlu.FindStringSubmatch(w.shown(both, "코로나"))
	w.phones.Text(both, no[1])
	w.shown(both, "본인이시면")
	w.counted(flu, 1, 0)
	var id int64
	w.db.Scan(t, `SELECT min(id) FROM inbound`, nil, &id)
	board := db.NewSwitchboard(w.db.Pool, w.campaigns)
	in, err := board.Inbound(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	in.Arrival, in.Via, in.Found = in.Arrival.Add(-20*time.Second), desk.ViaLog, time.Now()
	if n, err := board.KeepLogged(t.Context(), []desk.Inbound{in}, in.Arrival.Add(5*time.Second)); n != 2 || err != nil {
		t.Fatalf("%d texts are earlier, want the text and its copy: %v", n, err)
	}
	handled := func() {
		w.until("every text to be handled", time.Minute, func() bool {
			var open int
			w.db.Scan(t, `SELECT count(*) FROM inbound WHERE handled_at IS NULL`, nil, &open)
			return open == 0
		})
	}
	handled()
	var held int
	var same bool
	w.db.Scan(t, `SELECT (SELECT count(*) FROM inbound WHERE held), arrival = $1 FROM registration`, []any{in.Arrival}, &held, &same)
	if held != 0 || !same {
		t.Errorf("%d texts wait for their campaign; the entry has the log's arrival: %v", held, same)
	}
	w.phones.Text(both, "코로나 조회")
	w.until("the word to come", time.Minute, func() bool {
		var came bool
		w.db.Scan(t, `SELECT count(*) FILTER (WHERE strpos(provider_sid, '/') = 0) = 3 FROM inbound`, nil, &came)
		return came
	})
	handled()
	w.counted("clinic", 0, 0)
}
