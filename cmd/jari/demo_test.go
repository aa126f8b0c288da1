package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// In a campaign that the crowd cannot take part in nobody is lost and every law holds, which would prove nothing: the demo
// says so before it starts anything.
func TestDemoRefusesACampaignWithoutACrowd(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"clinic.yaml", "birth-digit.yaml"} {
		dir := filepath.Join(t.TempDir(), "demo")
		out := &lockedBuffer{}
		err := run(t.Context(), []string{"demo", "--once", "--people", "10", "--dir", dir, "--campaign", filepath.Join("..", "..", "examples", file)},
			func(string) string { return "" }, out, out)
		_, began := os.Stat(dir)
		if err == nil || !strings.Contains(err.Error(), "--campaign") || !errors.Is(began, fs.ErrNotExist) {
			t.Errorf("%s: %v\n%s", file, err, out.String())
		}
	}
}
