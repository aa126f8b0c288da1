package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/db/dbtest"
	"jari/sms/phonesim"
)

// replyNumbers are the answer numbers that a text names: those before a comma, "번" or the end of a sentence.
var replyNumbers = regexp.MustCompile(`(?:맞으면|본인이시면|확정|사양|취소|취소하려면|안 바꿈|두려면|reply|Withdraw altogether:|Change nothing:) ?(\d{1,2})`)

// talk is a phone in a conversation with the house.
type talk struct {
	*town
	phone booking.Phone
	last  string
}

func newTalk(w *town, n int) *talk {
	k := &talk{town: w, phone: dbtest.Person(n).Phone}
	w.t.Cleanup(func() {
		for _, e := range w.phones.Inbox(k.phone) {
			if w.t.Failed() {
				w.t.Logf("%v reads %s", k.phone, e.Body)
			}
		}
	})
	return k
}

// says sends a text, twice as a provider may deliver it, and waits for a new text with the piece.
func (k *talk) says(body, piece string) {
	k.t.Helper()
	had := len(k.phones.Inbox(k.phone))
	k.phones.Redeliver(k.phones.Text(k.phone, body))
	k.reads(body, had, piece)
}

func (k *talk) reads(what string, had int, piece string) {
	k.t.Helper()
	var all []phonesim.Entry
	k.until("an answer to "+what+" with "+piece, 20*time.Second, func() bool {
		all = k.phones.Inbox(k.phone)
		for _, e := range all[min(had, len(all)):] {
			if strings.Contains(e.Body, piece) {
				k.last = e.Body
				return true
			}
		}
		return false
	})
}

// answers texts the n-th number of the last text.
func (k *talk) answers(n int, piece string) {
	k.t.Helper()
	numbers := replyNumbers.FindAllStringSubmatch(k.last, -1)
	if len(numbers) <= n {
		k.t.Fatalf("%q has no number %d", k.last, n+1)
	}
	k.says(numbers[n][1], piece)
}

// An application is managed by text from beginning to end, in the words of somebody who writes Korean.
func TestManagingByTextInKorean(t *testing.T) {
	t.Parallel()
	w := newTown(t, dbtest.BeforeOffer)
	w.open()
	me := newTalk(w, 10)
	son := newTalk(w, 11)
	me.says("희망 토요일", "신청이 없습니다")
	me.says("예약 570412 김순자 북구", "본인이시면")
	me.says("남구만 부탁해요", "희망: 남센터. 맞으면") // the answer proves the phone as well
	me.answers(0, "고쳤습니다")
	me.says("이름이 틀렸어요 김순희", "이름 김순희")
	me.answers(0, "김*희님 정보를 고쳤습니다")
	me.says("아들도 받게 해주세요 "+text010(son.phone), "함께 받습니다")
	me.answers(0, "****-")
	son.reads("the naming of a helper", 0, "김*희님")
	me.reads("the round", 0, "확정")
	me.says("못 가요", "이 시간만 사양")
	me.answers(2, "남센터")
	me.says("다른 날", "원하시는 날")
	me.says("중구로 바꿔주세요", "중앙센터 새 시간 찾기")
	me.answers(0, "다른 시간을 찾아 보겠습니다")
	me.reads("the exchange", 0, "변경: ")
	me.says("사람하고 통화하고 싶어요", "전화 드리겠습니다")
	me.says("도우미 빼주세요", "도우미에게 더 보내지 않습니다")
	me.answers(0, "이 전화로만")
	me.says("신청 취소", "신청과 순번을 취소하려면")
	me.answers(0, "신청을 취소했습니다")
	var asked, withdrawn, proposals int
	w.db.Scan(t, `SELECT (SELECT count(*) FROM callback WHERE 'asked' = ANY (reasons)), (SELECT count(*) FROM registration WHERE withdrawn_at IS NOT NULL),
		(SELECT count(*) FROM proposal)`, nil, &asked, &withdrawn, &proposals)
	if asked != 1 || withdrawn != 1 || proposals != 7 {
		t.Errorf("%d calls, %d withdrawn, %d proposals", asked, withdrawn, proposals)
	}
}

// The same in English, and with the words of the provider: they stop texts and never touch a place.
func TestManagingByTextInEnglish(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.open()
	me := newTalk(w, 20)
	me.says("BOOK 1957-04-12 Jane Doe north", "If this is you")
	me.answers(0, "you are registered")
	me.reads("the round", 0, "your time: ")
	me.says("I'd prefer only the south", "another time: south")
	me.answers(0, "we look for another time")
	me.reads("the exchange", 0, "was changed as you wished")
	me.says("change my name to Janet Doe", "name Janet Doe")
	me.answers(0, "your details were changed")
	me.says("한국어로", "이제 한국어로")
	me.says("in English please", "From now on we write to you in English")
	me.says("sorry, I can't come", "give back only this time")
	me.answers(0, "you gave the time back")
	w.phones.Text(me.phone, "STOP")
	w.until("the opt-out", 20*time.Second, func() bool {
		var n int
		w.db.Scan(t, `SELECT count(*) FROM opt_out WHERE stopped_at IS NOT NULL`, nil, &n)
		return n == 1
	})
	var withdrawn int
	w.db.Scan(t, `SELECT count(*) FROM registration WHERE withdrawn_at IS NOT NULL`, nil, &withdrawn)
	if withdrawn != 0 {
		t.Error("STOP withdrew an application")
	}
}
