package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"jari/booking"
	"jari/booking/desk"
)

// pass is one attempt at everything.
type pass struct {
	j                  *Journal
	keep               Keep
	tried, kept, fresh atomic.Int64
	failures           atomic.Int64 // in a row
	mu                 sync.Mutex
	first              error
}

func (p *pass) err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.first == nil {
		return nil
	}
	return fmt.Errorf("replay the journal: %w", p.first)
}

func (p *pass) rest(ctx context.Context, groups [][]ref) {
	var wg sync.WaitGroup
	next := make(chan []ref)
	for range min(replayers, len(groups)) {
		wg.Go(func() {
			for g := range next {
				if p.failures.Load() < giveUp*replayers && ctx.Err() == nil {
					p.phone(ctx, g)
				}
			}
		})
	}
	for _, g := range groups {
		next <- g
	}
	close(next)
	wg.Wait()
}

// phone replays one phone's records in order, up to the first that fails.
func (p *pass) phone(ctx context.Context, refs []ref) {
	for _, r := range refs {
		if ctx.Err() != nil {
			return
		}
		p.tried.Add(1)
		fresh, err := p.one(ctx, r)
		if err != nil {
			if code := booking.CodeOf(err); code != "" && code != booking.CodeOverloaded {
				p.j.refuse(r, err)
				continue
			}
			p.note(err)
			p.failures.Add(1)
			return
		}
		p.failures.Store(0)
		p.kept.Add(1)
		if fresh {
			p.fresh.Add(1)
		}
		p.j.done(r)
	}
}

func (p *pass) note(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.first == nil {
		p.first = err
	}
}

func (p *pass) one(ctx context.Context, r ref) (fresh bool, err error) {
	in, err := p.j.read(r)
	if err != nil {
		return false, err
	}
	return p.keep(ctx, in)
}

func (j *Journal) read(r ref) (desk.Inbound, error) {
	j.mu.Lock()
	e := r.s.entries[r.i]
	j.mu.Unlock()
	b := make([]byte, e.size)
	if _, err := r.s.file.ReadAt(b, e.offset); err != nil {
		return desk.Inbound{}, fmt.Errorf("read a record again: %w", err)
	}
	f, ok := parseFrame(b)
	if !ok || int64(f.length)+frameSize != e.size {
		return desk.Inbound{}, fmt.Errorf("read a record again in %s: the disk returned something else", r.s.path)
	}
	in, err := open(j.o.Keys, r.s.id, e.offset, f.number, b[frameSize:])
	if err != nil {
		return desk.Inbound{}, fmt.Errorf("read a record again in %s: %w", r.s.path, err)
	}
	return in, nil
}

func (j *Journal) done(r ref) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e := &r.s.entries[r.i]
	e.done = true
	r.s.left--
	if e.refused {
		e.refused = false
		r.s.refused--
	}
	j.letGo(e)
}

// refuse notes that a record cannot be stored as things are. Nothing waits behind it.
func (j *Journal) refuse(r ref, why error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e := &r.s.entries[r.i]
	if !e.refused {
		e.refused = true
		r.s.refused++
		r.s.why = why
	}
	j.letGo(e)
}

// letGo lets later texts of the phone pass. The caller holds mu.
func (j *Journal) letGo(e *entry) {
	if e.passed {
		return
	}
	e.passed = true
	if j.phones[e.from]--; j.phones[e.from] == 0 {
		delete(j.phones, e.from)
	}
}

// tidy removes the segments of which everything is stored, and sets aside damaged ones and those of which the rest is
// refused.
func (j *Journal) tidy() error {
	j.writing.Lock() // so that nothing is written to what is removed
	defer j.writing.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	var errs []error
	removed := false
	j.segments = slices.DeleteFunc(j.segments, func(s *segment) bool {
		if s.left > s.refused || s.locked > 0 {
			return false
		}
		if err := j.putAway(s); err != nil {
			errs = append(errs, err)
			return false
		}
		if j.active == s {
			j.active = nil
		}
		_ = s.file.Close()
		j.bytes -= s.bytes
		removed = true
		return true
	})
	if removed {
		errs = append(errs, j.o.syncDir(j.o.Dir))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove what is replayed from the journal in %s: %w", j.o.Dir, err)
	}
	return nil
}

// putAway removes or renames the file of a segment that there is nothing more to do about. The caller holds mu.
func (j *Journal) putAway(s *segment) error {
	plain := strings.TrimSuffix(s.path, suffixRefused)
	switch {
	case s.refused > 0: // first of all, because a file that is opened again shows its damage again
		if err := os.Rename(s.path, plain+suffixRefused); err != nil {
			return err
		}
		j.o.Log.Error("texts or calls of the journal are refused for a reason of their own, which waiting does not mend: their file is kept as *.refused; "+
			"bring back their campaign, or the program version that wrote them, and start jari serve with this folder or run jari journal replay on it",
			"file", plain+suffixRefused, "refused", s.refused, "error", s.why)
		return nil
	case s.damaged:
		return os.Rename(s.path, plain+suffixDamaged)
	}
	return os.Remove(s.path)
}
