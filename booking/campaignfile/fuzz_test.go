package campaignfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"jari/booking"
)

// FuzzParse looks for texts on which the reader breaks, accepts what it cannot digest, or fails without saying where.
func FuzzParse(f *testing.F) {
	paths, err := filepath.Glob("testdata/corpus/*.yaml")
	if err != nil || len(paths) == 0 {
		f.Fatalf("the corpus is missing: %v, %v", paths, err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, []byte("site,starts,ends,capacity\nhouse,2027-03-15 09:00,2027-03-15 09:30,4\n"))
	}
	f.Fuzz(func(t *testing.T, data, table []byte) {
		open := func(name string) ([]byte, error) {
			if name == "none.csv" {
				return nil, fs.ErrNotExist
			}
			return table, nil
		}
		l, err := parse("c.yaml", data, open, 5000)
		if err == nil {
			c := l.c
			if len(c.Cohorts) == 0 || c.Zone == nil || len(c.Slots) > 5000 {
				t.Errorf("accepted: %+v", c)
			}
			for _, k := range c.Cohorts {
				if _, drawn, err := booking.QueueDraw(c, k.Queue); err != nil || drawn != (k.Order == booking.ByDraw) {
					t.Errorf("accepted, and its queue %s is drawn %t, %v", k.Queue, drawn, err)
				}
			}
			board := booking.NewBoard(c, c.Cohorts[0].Opens)
			seats := 0
			for i, s := range c.Slots {
				board.Add(booking.FreeSlot{ID: int64(i + 1), Site: s.Site, Starts: s.Starts, Free: s.Capacity})
				seats += s.Capacity
			}
			if board.Left() != seats {
				t.Errorf("accepted, and of %d seats %d can be given", seats, board.Left())
			}
			Digest(c)
			Shift(c, c.Cohorts[0].Closes)
			return
		}
		var all Problems
		if !errors.As(err, &all) || len(all) == 0 {
			t.Fatalf("not Problems: %v", err)
		}
		for _, p := range all {
			if p.File == "" || p.Message == "" || p.Line < 0 {
				t.Errorf("a problem without a place or words: %+v", p)
			}
		}
	})
}
