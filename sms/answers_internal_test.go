package sms

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"jari/booking/desk"
)

// heardAs writes an answer in one line: its number and what it says beside it; "" for none.
func heardAs(body string) string {
	a, ok := answerIn(body)
	if !ok {
		return ""
	}
	out := strconv.Itoa(a.no)
	for i, name := range []string{"yes", "no", "come", "stay", "me", "not me", "already", "unclear"} {
		if a.says&(1<<i) != 0 {
			out += " " + name
		}
	}
	return out
}

func TestAnswersInNaturalWords(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		// The number alone, however it is written.
		"1": "1", "1.": "1", "1!": "1", "1~": "1", "(1)": "1", "#1": "1", "# 1": "1", "①": "1", "❶": "1", "⑴": "1", "1️⃣": "1", "１": "1", "１번": "1", "①번": "1", "07": "7", "1번": "1", "1 번": "1", "1번.": "1", "1번!!": "1",
		"1번요": "1", "1번이요~": "1", "1이요": "1", "1입니다": "1", "1번임": "1", "1번으로": "1", "1번ㅎㅎ": "1", "1번 ㅋㅋ": "1", "1 ^^": "1", "1번 ♡": "1", "1번 👍": "1", "1 🙏": "1", "[1]": "1", "1\n": "1", "12번": "12", "99": "99",
		"일번": "1", "일 번": "1", "네 일번이요": "1", "일번입니다 감사합니다": "1", "십이번": "12", "네 십이번": "12", "이번": "2", "이번이요": "2", "삼번 갈게요": "3 come",
		"1번 답장": "1", "답장 1": "1", "답장: 1번": "1", "1 답장합니다": "1", "답 1": "1", "번호 1": "1", "1번 선택": "1", "1번으로 할게요": "1", "1번 할게요": "1", "1번으로 부탁드립니다": "1", "안녕하세요 1번입니다": "1", "저는 1번이요": "1",
		"number 1": "1", "Number 1 please": "1", "No. 1": "1", "no.1": "1", "No: 1": "1", "nr 1": "1", "reply 1": "1", "Reply: 1": "1", "answer 1": "1", "my answer is 1": "1", "option 1": "1", "1 please": "1", "I choose 1": "1", "1 thank you": "1", "ok 1": "1",
		"one": "1", "number one": "1", "One please": "1", "reply two": "2",
		// With a word that stands as politeness before anything.
		"1 네": "1", "네 1": "1", "네1": "1", "1네": "1", "네, 1번이요": "1", "예 1번": "1", "넵 1번입니다": "1", "1 ㅇㅇ": "1", "ㅇㅋ 1": "1", "1번 네 감사합니다": "1", "1번입니다 감사합니다": "1", "1번이요. 수고하세요": "1", "알겠습니다 1번": "1", "네 알겠습니다 1": "1", "1번 고맙습니다": "1",
		"1\n감사합니다": "1", "1번 1번이요": "1", "네 1 네 1": "1",
		// With words that say something.
		"1 yes": "1 yes", "yes 1": "1 yes", "Yes, 1.": "1 yes", "1 맞습니다": "1 yes", "네 맞아요 1번": "1 yes", "1번 맞습니다": "1 yes", "3 confirm": "3 yes", "confirm 3": "3 yes", "I confirm 3": "3 yes", "1번 확정": "1 yes",
		"1번 갈게요": "1 come", "갈게요 1번": "1 come", "1번 네 갈게요": "1 come", "네 1번 갈게요 감사합니다": "1 come", "3번 참석합니다": "3 come", "참석 3": "3 come", "3번 꼭 갈게요": "3 come", "3 I will come": "3 come", "3 I'll be there": "3 come",
		"2번 못가요": "2 stay", "2번 못 갑니다": "2 stay", "못가요 2번": "2 stay", "2 못가요 죄송합니다": "2 stay", "죄송합니다 2번 못 갈 것 같아요": "2 stay", "2번 불참": "2 stay", "2번 취소": "2 stay", "2번 취소해 주세요": "2 stay", "2번 안 갈게요": "2 stay", "2번 시간이 안 돼요": "2 stay",
		"4 can't come": "4 stay", "I cannot come, sorry. 4": "4 stay", "4 give it back": "4 stay", "4 I am not coming": "4 stay",
		"2 아니요": "2 no", "아니요 2번": "2 no", "no, 2": "2 no", "2 no": "2 no", "no 2": "2 no", "2 ❌": "2 no", "1 👎": "1 no", "아니요 못가요 2": "2 no stay",
		"1번 본인입니다": "1 me", "본인입니다 1": "1 me", "1 it's me": "1 me", "1 저예요": "1 me", "1번 제가 신청했어요": "1 me",
		"2번 모르는 신청입니다": "2 not me", "2 신청한 적 없어요": "2 not me", "2 I did not apply": "2 not me", "9 제가 아닙니다": "9 not me", "2 본인 아닙니다": "2 not me", "2 본인이 아니에요": "2 not me",
		"5번 이미 예약했어요": "5 already", "이미예약5": "5 already", "5 중복": "5 already", "중복5": "5 already", "5 already booked": "5 already",
		"오시면3": "3 come", "못오시면 4": "4 stay", "본인이시면 1번": "1 me", "모르시는 신청이면 2번": "2 not me", "1번 가능합니다": "1 come", "1번 감": "1 come", "1번 감사": "1", "참석 불가 4": "4 stay", "1번 가능한가요": "",
		"본인이시면 1번, 모르시는 신청이면 2번 답장": "", "오시면3 못오시면4 중복5 답장": "", "4번 불참합니다": "4 stay", "4번 참석 못 합니다": "4 stay", "3번 참석 안 합니다": "3 stay",
		// One thing and its contrary, and questions.
		"1번 아니에요": "1 no", "1번이 아니에요": "1 no", "2번 취소 안 할게요": "2 no stay unclear", "1 본인 아니에요?": "1 not me unclear", "1번 네?": "1 unclear", "1번 맞아요?": "1 yes unclear", "1 갈게요 못가요": "1 come stay", "아니요 갈게요 1": "1 no come", "2번 취소 되나요": "2 stay unclear",
		"1?": "1", "yes I cannot come 4": "4 yes stay", "갈게요 아니요 1": "1 no come unclear", "I say: no 1": "1 no", "No way 1": "",
		// No answers.
		"2명 예약": "", "2명": "", "3월 5일": "", "1시에 갈게요": "", "1 시에 갈게요": "", "2시간 전": "", "1시": "", "1번 2번": "", "1,2": "", "1 2": "", "1-2": "", "1.5": "", "10:30": "", "1/2": "", "1+1": "", "50%": "", "1등": "", "1번가": "", "1일": "", "2호점": "",
		"예약 1": "", "1번 예약": "", "1번 홍길동": "", "홍길동 1": "", "680412": "", "1 680412 홍길동": "", "네 1968": "", "100": "", "0": "", "010": "", "1번 말고": "", "1번 뭐예요": "", "1번 전화 주세요": "", "1번 토요일 오전": "", "1번 강남구": "",
		"1st": "", "1 am": "", "1km": "", "A1": "", "1 person": "", "no one": "", "one of us": "", "1 hour before": "", "not 1": "", "don't cancel 2": "", "2번 취소하지 마세요": "", "2번 못 가는 건 아니에요": "", "두번": "", "한번 갈게요": "", "이번 갈게요": "", "이번에 갈게요": "",
		"네 이번": "", "백번 감사합니다": "", "일이": "", "일": "", "네": "", "yes": "", "감사합니다": "", "": "", "½": "", "1 어제 갔어요": "", "1번 안": "", "오번가 1": "", strings.Repeat("네 ", 60) + "1": "",
	} {
		if got := heardAs(body); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}

// Whatever stands around a number, what is taken for an answer has that one number and no other, and "못가요" is never lost.
func TestAnAnswerHasOneNumber(t *testing.T) {
	t.Parallel()
	parts := []string{"1", "2", "1번", "2번이요", "①", "일번", "네", "예", "아니요", "갈게요", "안", "못", "못가요", "yes", "no", "No.", "one", "cannot come", "취소", "안 할게요", "이", "번", "시", "명", "감사합니다", ".", ",", "?", "\n", "본인", "이미 예약했어요", "홍길동", "680412", "-"}
	rapid.Check(t, func(t *rapid.T) {
		body := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 6).Draw(t, "parts"), rapid.SampledFrom([]string{" ", ""}).Draw(t, "glue"))
		a, ok := answerIn(body)
		if !ok {
			return
		}
		if a.no < 1 || a.no > 99 || strings.Contains(body, "홍길동") || strings.Contains(body, "명") {
			t.Fatalf("%q is answer %d", body, a.no)
		}
		if strings.Contains(body, "못가요") && a.says&desk.SaidStay == 0 {
			t.Fatalf("%q says nothing of staying away: %s", body, heardAs(body))
		}
		if strings.Contains(body, "아니요") && a.says&(desk.SaidNo|desk.SaidUnclear) == 0 {
			t.Fatalf("%q says no: %s", body, heardAs(body))
		}
	})
}
