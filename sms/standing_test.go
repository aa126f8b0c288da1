package sms_test

import (
	"testing"

	"jari/sms"
)

// Whoever asks when, where or whether in words of their own is told how it stands, and is not taken for somebody who applies.
func TestQuestionsAboutTheOwnEntry(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"예약시간이 언제였더라", "까먹었어 언제 가야해", "예약 날짜가 언제죠?", "몇시까지 가면 되나요", "몇월며칠이야", "언제로 바뀌었나요", "어머니 언제 가요?", "안내가언제오나", "언제쯤 되나요",
		"병원이 어디여", "어디로 가면 됩니까", "어디예요", "장소가 어디인가요", "몇번째예요", "내 차례가 몇번째인가요", "얼마나 기다려야해요", "얼마나 더 기다려요", "왜 이렇게 오래 걸려요", "아직인가요", "왜 아직 소식이 없어요",
		"예약 된거 맞아요?", "예약됐나요", "예약이 잘 된 건가요?", "접수 되었습니까", "된거야 안된거야 예약 된거야",
		"when is my appointment?", "What time do I have to come?", "where is it?", "Where do I have to go?", "how long do I have to wait?", "what number am I?", "any news?", "Hello, when is it please", "am I registered?", "Is my appointment on?",
	} {
		if _, in := sms.Step(seoul(), sms.State{}, sender, body, today); in.Act != sms.Status && in.Act != sms.Why || wanted(body) != "" {
			t.Errorf("%q: %s, %q", body, in.Act, wanted(body))
		}
	}
	for _, body := range []string{
		"거기 어떻게 가요", "주차 되나요", "준비물이 뭐예요", "언제 시작해요", "어디가 아파요", "홍길동 680412 강남구 언제 가나요", "예약됩니다", "예약 언제든 부탁", "돈 내야 하나요",
		"where can I park", "what should I bring", "when can I book", "Jane Whenman", "I was there when you called",
	} {
		if _, in := sms.Step(seoul(), sms.State{}, sender, body, today); in.Act == sms.Status || in.Act == sms.Why {
			t.Errorf("%q: %s", body, in.Act)
		}
	}
	s := newStreet(t, seoul())
	if got := s.text(at("20:00"), anna, "언제쯤 되나요"); got != "no_entry" {
		t.Error(got)
	}
	s.text(at("20:01"), anna, "예약 홍길동")
	if got := s.text(at("20:02"), anna, "언제 가면 되나요?"); got != "ask_missing birth,region" {
		t.Error(got)
	}
	s.text(at("20:03"), anna, "680412 강남구")
	if got := s.text(at("20:04"), anna, "예약 된거 맞아요?"); got != "status" {
		t.Error(got)
	}
}
