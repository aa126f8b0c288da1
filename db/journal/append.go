package journal

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"

	"jari/booking/desk"
)

const (
	defaultMax     = 256 << 20
	defaultSegment = 4 << 20
	maxBatch       = 512 // records in one write; those that wait while it is synced form the next
	queued         = 1024
)

type waiting struct {
	in    desk.Inbound
	plain []byte
	size  int64
	done  chan error
}

// Append writes a record down and returns when it is on the disk. Concurrent callers share one write and one fsync. It
// returns ErrFull, ErrTooLong, ErrClosed or what the disk says; then nothing is promised, and the sender must try again.
func (j *Journal) Append(ctx context.Context, in desk.Inbound) error {
	w := &waiting{in: in, plain: encode(in), done: make(chan error, 1)}
	if len(w.plain) > maxPlain {
		return ErrTooLong
	}
	w.size = recordSize(len(w.plain))
	if err := j.offer(ctx, w); err != nil {
		return err
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done(): // perhaps written, perhaps not: a second copy is replayed into the same row
		return fmt.Errorf("write to the journal: %w", ctx.Err())
	}
}

func (j *Journal) offer(ctx context.Context, w *waiting) error {
	j.sending.RLock()
	defer j.sending.RUnlock()
	if j.closed {
		return ErrClosed
	}
	select {
	case j.queue <- w:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("write to the journal: %w", ctx.Err())
	}
}

func (j *Journal) writer() {
	for first := range j.queue {
		batch := append(make([]*waiting, 0, 16), first)
	fill:
		for len(batch) < maxBatch {
			select {
			case w, ok := <-j.queue:
				if !ok {
					break fill
				}
				batch = append(batch, w)
			default:
				break fill
			}
		}
		j.commit(batch)
	}
}

// commit writes a batch with one fsync and answers every caller.
func (j *Journal) commit(batch []*waiting) {
	j.writing.Lock()
	defer j.writing.Unlock()
	batch = j.fitting(batch)
	if len(batch) == 0 {
		return
	}
	err := j.write(batch)
	for _, w := range batch {
		w.done <- err
	}
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// fitting refuses what exceeds the bound.
func (j *Journal) fitting(batch []*waiting) []*waiting {
	j.mu.Lock()
	total := j.bytes + headerSize
	j.mu.Unlock()
	fit := batch[:0]
	for _, w := range batch {
		if total+w.size > j.o.MaxBytes {
			w.done <- fmt.Errorf("%w: %d MiB (JARI_JOURNAL_MAX) wait in %s until PostgreSQL is back", ErrFull, j.o.MaxBytes>>20, j.o.Dir)
			continue
		}
		total += w.size
		fit = append(fit, w)
	}
	return fit
}

// write puts the batch behind what stands in the active segment. After any failure the segment is never written to
// again: what the disk holds behind the last good record is unknown, and after a failed fsync a second one that succeeds
// says nothing.
func (j *Journal) write(batch []*waiting) error {
	s := j.active
	if s == nil || s.bytes >= j.o.segmentBytes {
		var err error
		if s, err = j.begin(); err != nil {
			j.active = nil
			return fmt.Errorf("begin a file of the journal: %w", err)
		}
		j.active = s
	}
	var b []byte
	if s.bytes == 0 {
		b = appendHeader(b, s.id)
	}
	entries := make([]entry, 0, len(batch))
	for i, w := range batch {
		offset := s.bytes + int64(len(b))
		b = appendRecord(b, j.o.Keys, s.id, offset, s.next+uint64(i), w.plain)
		entries = append(entries, entry{offset: offset, size: w.size, arrival: w.in.Arrival.UnixMicro(), from: w.in.From})
	}
	if err := j.store(s, b); err != nil {
		j.abandon(s)
		return fmt.Errorf("write to the journal: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if s.bytes == 0 {
		j.segments = append(j.segments, s)
	}
	s.bytes += int64(len(b))
	s.next += uint64(len(batch))
	j.bytes += int64(len(b))
	j.add(s, entries)
	return nil
}

// store makes bytes durable. A file's name is made durable with its first record.
func (j *Journal) store(s *segment, b []byte) error {
	n, err := s.file.Write(b)
	if err == nil && n < len(b) {
		err = fmt.Errorf("%d of %d bytes written", n, len(b))
	}
	if err == nil {
		err = s.file.Sync()
	}
	if err == nil && s.bytes == 0 {
		err = j.o.syncDir(j.o.Dir)
	}
	return err
}

// add takes records into the books. The caller holds mu.
func (j *Journal) add(s *segment, entries []entry) {
	s.entries = append(s.entries, entries...)
	s.left += len(entries)
	for _, e := range entries {
		j.phones[e.from]++
	}
}

// begin makes the next segment's file. It counts from its first record on.
func (j *Journal) begin() (*segment, error) {
	s := &segment{}
	_, _ = rand.Read(s.id[:])
	j.mu.Lock()
	s.path = filepath.Join(j.o.Dir, segmentName(j.next, s.id))
	j.next++
	j.mu.Unlock()
	var err error
	s.file, err = j.o.create(s.path)
	return s, err
}

func createFile(path string) (file, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// abandon takes a segment from the writer. What was acknowledged in it stays and is replayed; what follows is cut off as
// far as the disk lets us, and otherwise when the journal is opened next.
func (j *Journal) abandon(s *segment) {
	j.active = nil
	if s.bytes > 0 {
		_ = s.file.Truncate(s.bytes)
		return
	}
	_ = s.file.Close()
	_ = os.Remove(s.path)
}

func recordSize(plain int) int64 { return int64(frameSize + overhead + plain) }
