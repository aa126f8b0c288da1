package private

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestRemoveAbandoned(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	old := time.Now().Add(-2 * time.Hour)
	folderOf := func(name string, changed time.Time) string {
		folder := filepath.Join(temp, name)
		if err := os.MkdirAll(filepath.Join(folder, "postgres"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(folder, changed, changed); err != nil {
			t.Fatal(err)
		}
		return folder
	}
	abandoned, inUse, fresh := folderOf("jari-servers-1", old), folderOf("jari-servers-2", old), folderOf("jari-servers-3", time.Now())
	lock, err := lockFolder(filepath.Join(inUse, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := os.Chtimes(inUse, old, old); err != nil {
		t.Fatal(err)
	}

	removeAbandoned(filepath.Join(temp, "jari-servers-*"), time.Now().Add(-time.Hour))

	for folder, want := range map[string]bool{abandoned: false, inUse: true, fresh: true} {
		if _, err := os.Stat(folder); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", filepath.Base(folder), err == nil, want)
		}
	}
}
