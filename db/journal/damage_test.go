package journal

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jari/booking/desk"
)

// ends are where each record of a segment's bytes ends, the header first.
func (b *bench) ends(data []byte) []int {
	b.t.Helper()
	ends := []int{headerSize}
	for _, r := range scan(data, segmentID{}, b.o.Keys).records {
		ends = append(ends, int(r.offset+r.size))
	}
	return ends
}

// A write that was cut off anywhere loses only itself.
func TestTornAtEveryByte(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	j := b.open()
	b.write(j, 0, 3)
	b.closed(j)
	path, data := b.segment()
	ends := b.ends(data)
	for cut := range data {
		b := &bench{t: t, o: b.o, kept: map[string]desk.Inbound{}}
		b.put(path, data[:cut])
		whole := 0
		for whole < 3 && ends[whole+1] <= cut {
			whole++
		}
		j := b.open()
		b.write(j, 10, 11) // goes to another file
		b.replay(j)
		want := []int{10}
		for n := range whole {
			want = append(want, n)
		}
		b.hasAll(want)
		b.closed(j)
		if files := b.files(); len(files) != 0 {
			t.Errorf("cut at %d: %v is left", cut, files)
		}
	}
}

// A flipped byte costs the record that it is in, whichever byte it is. The file is kept.
func TestAFlippedByteCostsOneRecord(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	j := b.open()
	b.write(j, 0, 4)
	b.closed(j)
	path, data := b.segment()
	ends := b.ends(data)
	for i := range data {
		b := &bench{t: t, o: b.o, kept: map[string]desk.Inbound{}}
		damaged := slices.Clone(data)
		damaged[i] ^= 0x20
		b.put(path, damaged)
		hit := 0 // the header
		for ends[hit] <= i {
			hit++
		}
		j := b.open()
		b.replay(j)
		b.closed(j)
		want := []int{0, 1, 2, 3}
		if hit > 0 {
			want = slices.Delete(want, hit-1, hit)
		}
		b.hasAll(want)
		aside := path + suffixDamaged
		if left := b.files(); len(left) != 1 || left[0] != filepath.Base(aside) {
			t.Fatalf("byte %d: %v is left", i, left)
		}
		if kept, err := os.ReadFile(aside); err != nil || !bytes.Equal(kept, damaged) {
			t.Errorf("byte %d: what was damaged is not kept: %v", i, err)
		}
		_ = os.Remove(aside)
	}
}

func TestDamageIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	j := b.open()
	b.write(j, 0, 3)
	b.closed(j)
	path, data := b.segment()
	data[b.ends(data)[0]+40] ^= 1
	b.put(path, data)
	j = b.open()
	if log := b.log.String(); !strings.Contains(log, "level=ERROR") || !strings.Contains(log, "damaged") || !strings.Contains(log, filepath.Base(path)) {
		t.Errorf("log: %s", log)
	}
	if files := b.files(); len(files) != 1 || strings.HasSuffix(files[0], suffixDamaged) {
		t.Errorf("set aside before it was replayed: %v", files)
	}
	b.replay(j)
	b.closed(j)
	b.log.Reset()
	j = b.open() // and again at every start, until somebody has looked
	if log := b.log.String(); !strings.Contains(log, "level=ERROR") || j.Stats() != (Stats{}) {
		t.Errorf("%+v, log: %s", j.Stats(), log)
	}
	c, err := Show(b.o.Dir, b.o.Keys)
	if err != nil || c.Damaged != 1 || len(c.Files) != 0 {
		t.Errorf("%+v, %v", c, err)
	}
}

// Whoever can write to the disk and has no key can make no record, and none appears elsewhere than it was written.
func TestRecordsStayWhereTheyWereWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	j := b.open()
	b.write(j, 0, 3)
	b.closed(j)
	path, data := b.segment()
	ends := b.ends(data)
	one, two := data[ends[0]:ends[1]], data[ends[1]:ends[2]]
	number, id, _ := parseName(filepath.Base(path))
	other := segmentID{1}
	for what, changed := range map[string][]byte{
		"swapped":          slices.Concat(data[:headerSize], two, one),
		"copied":           slices.Concat(data, one),
		"another segment":  slices.Concat(appendHeader(nil, other), data[headerSize:]),
		"without a header": data[headerSize:],
	} {
		found := scan(changed, id, b.o.Keys)
		want := 0
		if what == "copied" {
			want = 3
		}
		if len(found.records) != want || !found.damaged {
			t.Errorf("%s: %d records, damaged %v", what, len(found.records), found.damaged)
		}
	}
	if got, gotID, ok := parseName(segmentName(number, id)); !ok || got != number || gotID != id {
		t.Errorf("the name %s is read as %d %x", segmentName(number, id), got, gotID)
	}
	newer := appendHeader(nil, id)
	newer[9] = version + 1
	newer = slices.Concat(binary.BigEndian.AppendUint32(slices.Clone(newer[:20]), crc(newer[:20])), data[headerSize:])
	if found := scan(newer, id, b.o.Keys); found.locked != 1 || found.damaged || len(found.records) != 0 {
		t.Errorf("a newer program's file: %+v", found)
	}
}

// breaking is a file whose writes or syncs fail when they are told to.
type breaking struct {
	file
	short, sync *bool
}

// slow is a file whose syncs wait until the disk goes on.
type slow struct {
	file
	on <-chan struct{}
}

func (f slow) Sync() error {
	<-f.on
	return f.file.Sync()
}

// A disk that hangs costs each text the caller's patience and no more, and what it takes in the end is replayed.
func TestASlowDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		on := make(chan struct{})
		b.o.create = func(path string) (file, error) {
			f, err := createFile(path)
			return slow{f, on}, err
		}
		j := b.open()
		for n := range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // of the bubble's clock
			begun := time.Now()
			if err := j.Append(ctx, text(n)); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != 5*time.Second {
				t.Errorf("text %d: %v after %s", n, err, time.Since(begun))
			}
			cancel()
		}
		if s := j.Stats(); s.Records != 0 {
			t.Errorf("counted before it is on the disk: %+v", s)
		}
		close(on)
		b.write(j, 3, 4)
		b.replay(j)
		b.has(0, 4)
		b.closed(j)
	})
}

var errDisk = errors.New("the disk is broken")

func (f breaking) Write(b []byte) (int, error) {
	if *f.short {
		n, _ := f.file.Write(b[:len(b)/2])
		return n, nil
	}
	return f.file.Write(b)
}

func (f breaking) Sync() error {
	if *f.sync {
		return errDisk
	}
	return f.file.Sync()
}

// After a failure the file is never written to again, nothing that was acknowledged is lost, and the next text gets a
// new file.
func TestABrokenDisk(t *testing.T) {
	t.Parallel()
	for _, fresh := range []bool{true, false} {
		b := newBench(t)
		var short, sync bool
		files := 0
		b.o.create = func(path string) (file, error) {
			f, err := createFile(path)
			files++
			return breaking{f, &short, &sync}, err
		}
		j := b.open()
		n := 0
		if !fresh {
			b.write(j, 0, 3)
			n = 3
		}
		for i, broken := range []*bool{&short, &sync} {
			*broken = true
			if err := j.Append(t.Context(), text(100+i)); err == nil {
				t.Error("acknowledged what is not on the disk")
			}
			*broken = false
			before := files
			b.write(j, n, n+1)
			if n++; files != before+1 {
				t.Errorf("%d new files after a failure, want 1", files-before)
			}
		}
		b.closed(j)
		j = b.open()
		if b.log.Len() != 0 {
			t.Errorf("what was not acknowledged was not removed: %s", b.log.String())
		}
		b.replay(j)
		b.has(0, n)
	}
}
