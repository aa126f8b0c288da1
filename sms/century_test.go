package sms_test

import (
	"slices"
	"strings"
	"testing"

	"jari/booking/desk"
	"jari/sms"
)

// The question about the century names the years that the person's own two digits can mean, which stand nowhere in the clear.
func TestTheYearsThatAreAskedAbout(t *testing.T) {
	t.Parallel()
	s, in := sms.Step(ages(), sms.State{}, sender, "예약 120412 홍길동", today)
	if want := []int{1912, 2012}; !slices.Equal(in.Years, want) {
		t.Errorf("%v, want %v", in.Years, want)
	}
	if _, in = sms.Step(ages(), s, sender, "?", today); !slices.Equal(in.Years, []int{1912, 2012}) {
		t.Errorf("asked again: %v", in.Years)
	}
	if _, in = sms.Step(ages(), s, sender, "1912년", today); in.Years != nil {
		t.Errorf("though it is known: %v", in.Years)
	}
	st := newStreet(t, ages())
	for _, text := range []string{"예약 120412 홍길동 강남구", "다시", "이름이 틀렸어요"} {
		if got := st.text(at("20:01"), anna, text); got != "ask_missing birth_century" {
			t.Fatalf("%q: %q", text, got)
		}
		m := st.house.outbox[len(st.house.outbox)-1]
		sealed := m.Params[desk.ParamYears]
		if got := desk.OpenYears(st.house.campaign.Keys, m.Inbound, sealed); !slices.Equal(got, []int{1912, 2012}) || strings.Contains(sealed, "1912") {
			t.Errorf("%q: %v", text, got)
		}
		if got := desk.OpenYears(st.house.campaign.Keys, m.Inbound+1, sealed); got != nil {
			t.Errorf("opened for another text: %v", got)
		}
	}
}
