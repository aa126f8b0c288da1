package main

import (
	"regexp"
	"strings"
	"testing"

	"jari/booking"
)

var nearYes = regexp.MustCompile(`맞으시면 (\d{1,2})`)

// Whoever says yes in words to a question of ours is asked it once more, with numbers of its own, whatever was asked and whichever of two
// campaigns asked it. The yes itself answers nothing.
func TestAYesInWordsIsAskedAgain(t *testing.T) {
	t.Parallel()
	w := sharedTown(t, func(c *booking.Campaign) { c.Regions[0].Names = booking.Names{"ko": "강북구", "en": "Gangbuk-gu"} })
	w.open()
	me, other := newTalk(w, 6), newTalk(w, 7)
	me.says("예약 650412 이영희 강북구", "독감")
	me.says(me.again("네 맞아요", whichFlu, "독감"), "본인이시면")
	w.counted(flu, 1, 0)
	me.says(me.again("네", isItYou, "본인이시면"), "이*희님")
	w.counted(flu, 1, 1)
	me.says("이름을 이영순으로 고쳐주세요", "이름 이영순")
	me.says(me.again("맞아요", regexp.MustCompile(`맞으면 (\d{1,2})`), "이름 이영순"), "이*순님 정보를 고쳤습니다")

	other.says("예약 500412 홍길동 강북국", "강북구 맞으시면")
	w.counted("clinic", 0, 0)
	other.says(other.again("예", nearYes, "강북구 맞으시면"), "본인이시면")
	w.counted("clinic", 1, 0)
	var wrong int
	w.db.Scan(t, `SELECT count(*) FROM question WHERE answered_at IS NOT NULL AND answer <> 'flu' AND kind = 'which'`, nil, &wrong)
	if wrong != 0 {
		t.Error("a yes answered a question")
	}
	w.audited()
}

// Whose words say something else than the number has answered nothing: the same question comes with new numbers, and these are answered in natural words.
func TestAContradictionIsAskedAgain(t *testing.T) {
	t.Parallel()
	w := sharedTown(t, func(c *booking.Campaign) { c.Regions[0].Names = booking.Names{"ko": "강북구", "en": "Gangbuk-gu"} })
	w.open()
	nameRead, cancelRead, helperNo := regexp.MustCompile(`맞으면 (\d{1,2})`), regexp.MustCompile(`그대로 두려면 (\d{1,2})`), regexp.MustCompile(`원치 않으시면 (\d{1,2})`)
	me, son := newTalk(w, 6), newTalk(w, 9)
	me.says("예약 650412 이영희 강북국", "독감")
	me.says(me.again("못가요 "+me.number(whichFlu), whichFlu, "독감")+"번이요", "강북구 맞으시면")
	me.says("네 "+me.again(me.number(nearYes)+"번 아니에요", nearYes, "강북구 맞으시면"), "본인이시면")
	w.counted(flu, 1, 0)
	me.says(me.again(me.number(isItYou)+" 모르는 신청입니다", isItYou, "본인이시면")+"번 네 본인입니다", "이*희님")
	w.counted(flu, 1, 1)
	me.says("이름을 이영순으로 고쳐주세요", "이름 이영순")
	me.says("yes "+me.again(me.number(nameRead)+" 아니요", nameRead, "이름 이영순"), "이*순님 정보를 고쳤습니다")
	me.says("신청 취소할게요", "그대로 두려면")
	me.says(me.again(me.number(cancelRead)+"번 취소해 주세요", cancelRead, "그대로 두려면")+"번 갈게요", "이*순님")

	me.says("도우미 "+"0"+strings.TrimPrefix(son.phone.E164(), "+82"), "맞으면")
	had := len(w.phones.Inbox(son.phone))
	me.says(me.number(nameRead)+"번 네", "도 받습니다")
	son.reads("the helper's naming", had, "원치 않으시면")
	son.again(son.number(helperNo)+" 좋아요", helperNo, "원치 않으시면")
	var answered, withdrawn int
	w.db.Scan(t, `SELECT (SELECT count(*) FROM question WHERE answered_at IS NOT NULL AND (kind = 'helper' OR answer IN ('refused', 'withdraw', 'declined'))),
		(SELECT count(*) FROM registration WHERE withdrawn_at IS NOT NULL)`, nil, &answered, &withdrawn)
	if answered != 0 || withdrawn != 0 {
		t.Errorf("a contradiction was taken for an answer: %d questions, %d withdrawn", answered, withdrawn)
	}
	w.audited()
}

// number is the answer number in the last text.
func (k *talk) number(in *regexp.Regexp) string {
	k.t.Helper()
	m := in.FindStringSubmatch(k.last)
	if m == nil {
		k.t.Fatalf("no number in %q", k.last)
	}
	return m[1]
}

// again texts what answers nothing, and returns the new number under which the same is asked once more.
func (k *talk) again(body string, in *regexp.Regexp, piece string) string {
	k.t.Helper()
	before := k.number(in)
	k.says(body, piece)
	after := k.number(in)
	if after == before {
		k.t.Errorf("asked again with the number %s of before", before)
	}
	return after
}
