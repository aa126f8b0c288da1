package main

import (
	"regexp"
	"strconv"
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
	number := func(k *talk, in *regexp.Regexp) int {
		t.Helper()
		m := in.FindStringSubmatch(k.last)
		if m == nil {
			t.Fatalf("no number in %q", k.last)
		}
		n, _ := strconv.Atoi(m[1])
		return n
	}
	again := func(k *talk, yes string, in *regexp.Regexp, piece string) string {
		t.Helper()
		before := number(k, in)
		k.says(yes, piece)
		after := number(k, in)
		if after == before {
			t.Errorf("asked again with the number %d of before", before)
		}
		return strconv.Itoa(after)
	}
	me, other := newTalk(w, 6), newTalk(w, 7)
	me.says("예약 650412 이영희 강북구", "독감")
	me.says(again(me, "네 맞아요", whichFlu, "독감"), "본인이시면")
	w.counted(flu, 1, 0)
	me.says(again(me, "네", isItYou, "본인이시면"), "이*희님")
	w.counted(flu, 1, 1)
	me.says("이름을 이영순으로 고쳐주세요", "이름 이영순")
	me.says(again(me, "맞아요", regexp.MustCompile(`맞으면 (\d{1,2})`), "이름 이영순"), "이*순님 정보를 고쳤습니다")

	other.says("예약 500412 홍길동 강북국", "강북구 맞으시면")
	w.counted("clinic", 0, 0)
	other.says(again(other, "예", nearYes, "강북구 맞으시면"), "본인이시면")
	w.counted("clinic", 1, 0)
	var wrong int
	w.db.Scan(t, `SELECT count(*) FROM question WHERE answered_at IS NOT NULL AND answer <> 'flu' AND kind = 'which'`, nil, &wrong)
	if wrong != 0 {
		t.Error("a yes answered a question")
	}
	w.audited()
}
