package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTextsLint(t *testing.T) {
	t.Parallel()
	out, err := jari(t, "texts", "lint")
	if err != nil || out != "en: all well\nko: all well\n" {
		t.Errorf("our own texts: %v\n%s", err, out)
	}
	const korean = "../../booking/words/catalogue/ko.toml"
	out, err = jari(t, "texts", "lint", "--show", korean)
	if err != nil || !strings.Contains(out, "offer\n  [자리] 홍*동님 ") || !strings.HasSuffix(out, "ko.toml: all well\n") {
		t.Errorf("shown: %v\n%s", err, out)
	}
	content, err := os.ReadFile(korean)
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "ko.toml")
	if err := os.WriteFile(broken, []byte(strings.Replace(string(content), "확인번호는 {code}입니다.", "확인번호는 {cod}입니다.", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err = jari(t, "texts", "lint", broken); !errors.Is(err, errFound) || !strings.Contains(out, "text.code: {cod} is nothing that can be put in here") {
		t.Errorf("broken: %v\n%s", err, out)
	}
}
