package words_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/words"
)

func TestWhatPeopleHearUnasked(t *testing.T) {
	t.Parallel()
	d := words.Data{
		Masked: "홍*동", Reference: "AB2C", Site: "강남구민회관", Starts: time.Date(2027, 7, 27, 14, 30, 0, 0, time.UTC), First: 4, Place: 1234,
		State: "waiting", Reason: booking.ReasonNoSlots, Words: "앞의 문자는 잘못 나갔습니다. 신청은 그대로입니다.",
	}
	for kind, parts := range map[words.Kind][]string{
		words.Reminder: {"홍*동", "7/27(화) 오후2:30", "강남구민회관", "5"}, words.News: {"홍*동", "1,234", "빈자리"}, words.Correction: {"홍*동", d.Words},
	} {
		text, err := words.Render(kind, booking.Korean, d)
		if err != nil {
			t.Fatal(kind, err)
		}
		for _, p := range parts {
			if !strings.Contains(text, p) {
				t.Errorf("%s: %q is missing in %q", kind, p, text)
			}
		}
	}
	d.Masked, d.Site, d.Words = "J*** D**", "Gangnam Centre", "Our last text was wrong."
	for kind, parts := range map[words.Kind][]string{
		words.Reminder: {"J*** D**", "Tue 27 Jul 2:30pm", "Gangnam Centre", "reply 5"}, words.News: {"J*** D**", "1,234", "taken"}, words.Correction: {"J*** D**", d.Words},
	} {
		text, err := words.Render(kind, booking.English, d)
		if err != nil {
			t.Fatal(kind, err)
		}
		for _, p := range parts {
			if !strings.Contains(text, p) {
				t.Errorf("%s: %q is missing in %q", kind, p, text)
			}
		}
	}
	d.Masked = ""
	if text, err := words.Render(words.Correction, booking.English, d); err != nil || strings.Contains(text, ", Our") {
		t.Errorf("to a phone without an entry: %q, %v", text, err)
	}
}

func TestCheckOwn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		lang booking.Lang
		own  string
		want error
	}{
		{booking.Korean, "앞의 문자는 잘못 나갔습니다.", nil},
		{booking.English, "Our last text was wrong. Your application stands.", nil},
		{booking.Korean, "", words.ErrOwn},
		{booking.Korean, "앞의 문자는 잘못이었습니다 – 죄송합니다", words.ErrOwn}, // a dash that Korean operators do not carry
		{booking.English, "Look at www.example.test", words.ErrOwn},
		{booking.English, "Please reply STOP", words.ErrOwn},
		{booking.Korean, strings.Repeat("잘못된 문자입니다. ", 8), words.ErrLong},
		{booking.English, strings.Repeat("Our last text was wrong. ", 8), words.ErrLong},
	} {
		if err := words.CheckOwn(test.lang, test.own); !errors.Is(err, test.want) {
			t.Errorf("%s %q: %v, want %v", test.lang, test.own, err, test.want)
		}
	}
}
