package sms

import "testing"

func TestABareYesIsAskedAgain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"네": true, "네.": true, "예": true, "네 맞아요": true, "네, 본인입니다": true, "응": true, "네 감사합니다": true, "알겠습니다": true, "yes": true, "Yes, it's me": true,
		"OK thank you": true, "본인이에요": true, "네 갈게요": true, "이미 예약했어요": true, "이미 예약했는데요": true, "벌써 접종 예약했습니다": false, "I already booked": true, "already have an appointment": true,
		"감사합니다": false, "thanks": false, "네 번": false, "네 명": false, "1": false, "네 1번": false, "아니요": false, "네 못 가요": false, "예약": false, "맞지 않아요": false,
		"yes but another day": false, "no": false, "본인이 아닙니다": false, "어디예요": false, "저 왜 안 되나요": false, "": false,
	} {
		if got := agrees(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
