package booking_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"jari/booking"
)

func TestCleanName(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{ // an empty want is a refusal
		{"홍길동", "홍길동"},
		{"  홍   길동\t", "홍 길동"},
		{"Jane  O'Neill-Smith", "Jane O'Neill-Smith"},
		{"Hong, Gil-dong", "Hong, Gil-dong"},
		{"José", "José"},
		{"José", "José"}, // the accent as a mark of its own
		{"مريم", "مريم"},
		{"J. R.", "J. R."},
		{"علی\u200cرضا", "علی\u200cرضا"}, // Persian writes parts of a name apart without a space
		{"රුවන් ශ්\u200dරී", "රුවන් ශ්\u200dරී"},
		{"マリア・ガルシア", "マリア・ガルシア"},
		{"Smith\u2010Jones", "Smith\u2010Jones"},
		{"Jean–Luc", "Jean–Luc"},
		{"‘Abd al-Karīm", "‘Abd al-Karīm"},
		{"김", "김"},
		{"", ""},
		{"   ", ""},
		{"...", ""},
		{"홍길동1", ""},
		{"홍길동\x00", ""},
		{"홍길동😀", ""},
		{"\u200b", ""},
		{"\u200c\u200d", ""},
		{"\u3000\u00a0", ""},
		{"́́", ""}, // marks without a letter
		{"홍\u200b길동", ""},
		{"a\u202eb", ""}, // text that turns the direction round
		{"<b>", ""},
		{"\xff", ""},
		{strings.Repeat("가", booking.MaxName), strings.Repeat("가", booking.MaxName)},
		{strings.Repeat("가", booking.MaxName+1), ""},
	}
	for _, tt := range tests {
		got, err := booking.CleanName(tt.in)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%q: got %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestCleanNameOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		clean, err := booking.CleanName(rapid.String().Draw(t, "name"))
		if err != nil {
			return
		}
		if again, err := booking.CleanName(clean); err != nil || again != clean {
			t.Fatalf("%q becomes %q, %v", clean, again, err)
		}
		if booking.FoldName(clean) == "" {
			t.Fatalf("%q folds to nothing", clean)
		}
		if fold := booking.FoldName(clean); booking.FoldName(fold) != fold {
			t.Fatalf("%q folds twice", clean)
		}
	})
}

func TestFoldName(t *testing.T) {
	t.Parallel()
	same := [][]string{
		{"홍길동", "홍 길동", " 홍길동 ", "홍·길동", "홍ㆍ길동", "홍\u119e길동", "홍・길동"},
		{"علی\u200cرضا", "علی رضا", "علیرضا"},
		{"Вʼячеслав", "В'ячеслав", "В’ячеслав", "Вячеслав"},
		{"Hong, Gil-dong", "HONG GILDONG", "hong gil dong", "Hong Gil.dong"},
		{"O'Neill", "O’NEILL", "oneill"},
	}
	for i, group := range same {
		for _, name := range group {
			if booking.FoldName(name) != booking.FoldName(group[0]) {
				t.Errorf("%q and %q differ", name, group[0])
			}
			for j, other := range same {
				if j != i && booking.FoldName(name) == booking.FoldName(other[0]) {
					t.Errorf("%q and %q are the same", name, other[0])
				}
			}
		}
	}
	if booking.FoldName("Gildong Hong") == booking.FoldName("Hong Gildong") {
		t.Error("the parts of a name must keep their order")
	}
}

func TestMaskName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "김": "김", "김산": "김*", "홍길동": "홍*동", "남궁길동": "남**동", "Jane Doe": "J*** D**", "Jo": "J*",
		"홍 길동": "홍 길*", "홍 길 동": "홍 * *", "김 산": "김 *", "J R Doe": "J * D**", "علی رضا": "ع** ر**", "  ": "", "Wolfeschlegelsteinhausen": "W************",
	} {
		if got := booking.MaskName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestMaskNameHidesTheMiddle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[가-힣]{2,12}|[A-Za-z]{2,20}`).Draw(t, "name")
		mask, r := booking.MaskName(name), []rune(name)
		if utf8.RuneCountInString(mask) > len(r) || !strings.Contains(mask, "*") {
			t.Fatalf("%q masks as %q", name, mask)
		}
		if shown := len([]rune(strings.ReplaceAll(mask, "*", ""))); shown > 2 {
			t.Fatalf("%q shows %d letters: %q", name, shown, mask)
		}
	})
}
