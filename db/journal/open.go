package journal

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"jari/booking"
)

// Open locks the folder, reads what an earlier process left in it, and starts the writer. It returns ErrInUse when
// another process has the folder, and an error when it cannot be written to. A full disk is no such error, because what is
// replayed makes room; nor is damage: both are logged, and what can be read is replayed. What an earlier process wrote is
// never written to again.
func Open(o Options) (*Journal, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.MaxBytes, o.segmentBytes = cmp.Or(o.MaxBytes, defaultMax), cmp.Or(o.segmentBytes, defaultSegment)
	if o.create == nil {
		o.create = createFile
	}
	if o.syncDir == nil {
		o.syncDir = syncDir
	}
	lock, err := hold(o.Dir, o.syncDir)
	if err != nil {
		return nil, err
	}
	if err := try(o.Dir, o.syncDir); full(err) {
		o.Log.Error("the disk that the journal is on is full: until there is room, what PostgreSQL does not take is refused", "dir", o.Dir, "error", err)
	} else if err != nil {
		_ = release(lock)
		return nil, fmt.Errorf("the journal in %s: %w", o.Dir, err)
	}
	j := &Journal{o: o, lock: lock, queue: make(chan *waiting, queued), wake: make(chan struct{}, 1), phones: map[booking.Phone]int{}}
	found, err := list(o.Dir)
	for _, name := range found.segments {
		if err == nil {
			err = j.load(name)
		}
	}
	if err != nil {
		for _, s := range j.segments {
			_ = s.file.Close()
		}
		_ = release(j.lock)
		return nil, fmt.Errorf("read the journal in %s: %w", o.Dir, err)
	}
	j.next = found.last + 1
	if found.damaged > 0 {
		o.Log.Error("damaged files of an earlier time stand in the journal's folder: what could be read in them is in PostgreSQL; keep them to find out what "+
			"could not, or move them away", "dir", o.Dir, "files", found.damaged)
	}
	j.wake <- struct{}{}
	j.wg.Go(j.writer)
	return j, nil
}

// load takes a file of an earlier process into the books, and says what is wrong with it.
func (j *Journal) load(name string) error {
	path := filepath.Join(j.o.Dir, name)
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	_, id, _ := parseName(name)
	found := scan(data, id, j.o.Keys)
	log := j.o.Log.With("file", path, "records", len(found.records), "bytes", len(data))
	if found.locked > 0 {
		log.Error("records of the journal cannot be read: give the master key that they were written under in JARI_MASTER_KEYS_BEFORE, "+
			"or start the program version that wrote them; until then they stay", "locked", found.locked)
	}
	switch rest := int64(len(data)) - found.end; {
	case found.damaged:
		log.Error("a file of the journal is damaged: what can be read in it is replayed, then it is renamed to *.damaged and kept; after a power cut its " +
			"end may be an unfinished write, otherwise look for a fault of the disk, and for texts that people say they have sent around that time")
	case rest > 0: // a power cut or a kill: it was never acknowledged
		log.Warn("an unfinished write at the end of a file of the journal is left out", "left_out", rest)
	}
	if len(found.records) == 0 && found.locked == 0 && !found.damaged {
		return errors.Join(os.Remove(path), j.o.syncDir(j.o.Dir)) // nothing is in it
	}
	return j.take(path, found, int64(len(data)))
}

func (j *Journal) take(path string, found findings, size int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	s := &segment{path: path, id: found.id, file: f, bytes: size, locked: found.locked, damaged: found.damaged}
	entries := make([]entry, len(found.records))
	for i, r := range found.records {
		entries[i] = entry{offset: r.offset, size: r.size, arrival: r.in.Arrival.UnixMicro(), from: r.in.From}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.segments = append(j.segments, s)
	j.bytes += s.bytes
	j.add(s, entries)
	return nil
}
