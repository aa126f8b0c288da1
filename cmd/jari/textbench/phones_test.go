package textbench_test

import (
	"testing"
	"time"

	"jari/cmd/jari/textbench"
)

func TestLook(t *testing.T) {
	t.Parallel()
	began := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	var log []textbench.Shown
	for i, ms := range []int{0, 999, 1000, 1500, 1998, 1999, 4000} { // not in the order of the log
		log = append([]textbench.Shown{{To: string(rune('a' + i%6)), At: began.Add(time.Duration(ms) * time.Millisecond)}}, log...)
	}
	want := textbench.Handsets{Phones: 6, Doubles: 1, Seconds: 4, Rate: 1.5, Most: 4}
	if got := textbench.Look(log); got != want {
		t.Fatalf("%+v, want %+v", got, want)
	}
	if got := textbench.Look(nil); got != (textbench.Handsets{}) {
		t.Fatalf("of nothing: %+v", got)
	}
}
