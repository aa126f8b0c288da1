package words_test

import (
	"testing"

	"jari/booking/words"
)

// Every wording of every text in every language, with short, usual and long data and with much unknown.
func TestTheCataloguesAreWellWritten(t *testing.T) {
	t.Parallel()
	all := words.Builtin()
	if len(all.Languages()) < 2 {
		t.Fatalf("there are only %v", all.Languages())
	}
	for _, lang := range all.Languages() {
		for _, err := range all.Lint(lang) {
			t.Error(err)
		}
	}
}
