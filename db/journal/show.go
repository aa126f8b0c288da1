package journal

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"jari/booking/vault"
)

// Contents say what stands in a journal's folder.
type Contents struct {
	Files   []File
	Damaged int // files that were set aside
}

// File is one file that is to be replayed.
type File struct {
	Name           string
	Records        int // whole and readable; those in PostgreSQL already count until the file is removed
	Locked         int // whole, but under another master key or of a newer program
	Bytes          int64
	Unfinished     int64 // bytes at the end that are no whole record: a write under way, or one that a power cut or a kill left
	Damaged        bool
	Refused        bool      // set aside, because what is left in it is refused; tried again when the folder is opened next
	Oldest, Newest time.Time // arrivals
}

// Show reads a folder without changing anything, also while a process uses it.
func Show(dir string, keys *vault.JournalKeys) (Contents, error) {
	found, err := list(dir)
	c := Contents{Damaged: found.damaged}
	if err != nil {
		return c, err
	}
	for _, name := range found.segments {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if os.IsNotExist(err) {
			continue // replayed meanwhile
		}
		if err != nil {
			return c, err
		}
		_, id, _ := parseName(name)
		s := scan(data, id, keys)
		f := File{Name: name, Records: len(s.records), Locked: s.locked, Bytes: int64(len(data)), Damaged: s.damaged, Refused: strings.HasSuffix(name, suffixRefused)}
		if !s.damaged {
			f.Unfinished = int64(len(data)) - s.end
		}
		for _, r := range s.records {
			if f.Oldest.IsZero() || r.in.Arrival.Before(f.Oldest) {
				f.Oldest = r.in.Arrival
			}
			if r.in.Arrival.After(f.Newest) {
				f.Newest = r.in.Arrival
			}
		}
		c.Files = append(c.Files, f)
	}
	return c, nil
}

// Aside counts the files that were set aside in a folder.
func Aside(dir string) (damaged, refused int, err error) {
	found, err := list(dir)
	return found.damaged, found.refused, err
}
