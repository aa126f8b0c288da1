// Package journal writes texts and calls down in files while PostgreSQL is away, for doors whose people cannot be asked to
// try again. A record is on the disk (fsync) before the door answers; later it is replayed into PostgreSQL with its
// original arrival, and the files go when everything in them is there. Replaying twice is harmless, because PostgreSQL
// keeps one row for each of the provider's ids.
//
// Start with format.go (what a file looks like), then append.go (how many writers share one fsync), open.go (what is
// done about damage) and replay.go. Everything personal is encrypted; names of files, errors and logs hold none of it.
package journal

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"jari/booking"
	"jari/booking/vault"
)

var (
	// ErrFull is returned when a record would exceed the journal's bound. Nothing was written.
	ErrFull = errors.New("the journal is full")
	// ErrClosed is returned when the journal is closed. Nothing was written.
	ErrClosed = errors.New("the journal is closed")
	// ErrTooLong is returned for a record that is longer than any webhook can be. Nothing was written.
	ErrTooLong = errors.New("too long for the journal")
	// ErrInUse is returned when another running process has the folder.
	ErrInUse = errors.New("in use by another running process")
)

// Options say where a journal is and how large it may be. Zero values mean the defaults in brackets.
type Options struct {
	Dir      string             // made with mode 0700 when it is not there. Required.
	Keys     *vault.JournalKeys // Required.
	MaxBytes int64              // of all files that are to be replayed (256 MiB)
	Log      *slog.Logger       // what was cut off or found damaged (nowhere)

	segmentBytes int64 // after which the next file begins (4 MiB)
	create       func(path string) (file, error)
	syncDir      func(dir string) error
}

// file is what a segment is written to; tests put a breaking one in its place.
type file interface {
	io.Writer
	io.ReaderAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

// Journal is an open journal. It is safe for concurrent use.
type Journal struct {
	o     Options
	lock  *os.File
	queue chan *waiting
	wake  chan struct{} // holds a token when there may be something to replay
	wg    sync.WaitGroup

	sending sync.RWMutex // guards closed against sends
	closed  bool

	writing sync.Mutex // held while a batch is written, and while a segment is taken from the writer
	active  *segment   // the one that is written to; nil when the next batch begins another

	replaying sync.Mutex // one pass at a time
	turn      int        // where the next pass begins

	mu       sync.Mutex            // guards what follows, and the segments' entries
	segments []*segment            // oldest first
	next     uint64                // the next segment's number
	bytes    int64                 // of all segments
	phones   map[booking.Phone]int // how many records of each phone are not replayed
}

// segment is one file.
type segment struct {
	path    string
	id      segmentID
	file    file
	bytes   int64 // on the disk for sure
	next    uint64
	entries []entry
	left    int // entries that are not in PostgreSQL
	refused int // of those, refused for a reason of their own
	why     error
	locked  int
	damaged bool
}

// entry is where a record stands. The record itself stays on the disk.
type entry struct {
	offset  int64
	size    int64
	arrival int64 // microseconds since 1970
	from    booking.Phone
	done    bool // in PostgreSQL
	refused bool // for a reason of its own, which waiting does not mend
	passed  bool // nothing waits behind it any more
}

// Stats say what a journal holds.
type Stats struct {
	Records int       // not yet in PostgreSQL, as far as this process knows; Locked among them
	Locked  int       // cannot be read: another master key, or a newer program's
	Bytes   int64     // of all files
	Oldest  time.Time // the earliest arrival, zero when there is none
}

// Stats says what the journal holds.
func (j *Journal) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := Stats{Bytes: j.bytes}
	first := int64(0)
	for _, seg := range j.segments {
		s.Records, s.Locked = s.Records+seg.left+seg.locked, s.Locked+seg.locked
		for _, e := range seg.entries {
			if !e.done { // texts are written about when they arrive: the first of a file is its oldest
				if first == 0 || e.arrival < first {
					first = e.arrival
				}
				break
			}
		}
	}
	if first != 0 {
		s.Oldest = time.UnixMicro(first).UTC()
	}
	return s
}

// Holds reports whether something of this phone waits here. What comes later from the same phone should wait behind it.
func (j *Journal) Holds(from booking.Phone) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.phones[from] > 0
}

// Close writes down what waits to be written, closes the files and lets go of the folder. What is not replayed stays.
func (j *Journal) Close() error {
	j.sending.Lock()
	if j.closed {
		j.sending.Unlock()
		return nil
	}
	j.closed = true
	close(j.queue)
	j.sending.Unlock()
	j.wg.Wait()
	j.replaying.Lock()
	defer j.replaying.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	var errs []error
	for _, s := range j.segments {
		if s.file != nil {
			errs = append(errs, s.file.Close())
		}
	}
	if err := errors.Join(append(errs, release(j.lock))...); err != nil {
		return fmt.Errorf("close the journal in %s: %w", j.o.Dir, err)
	}
	return nil
}
