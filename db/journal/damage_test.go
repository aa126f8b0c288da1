package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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

// A write that was cut off anywhere loses only itself, and what was cut off is kept.
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
		var rest []byte
		for _, name := range b.files() {
			if !strings.HasSuffix(name, suffixTorn) {
				t.Errorf("cut at %d: %s is left", cut, name)
			}
			rest, _ = os.ReadFile(filepath.Join(b.o.Dir, name))
			_ = os.Remove(filepath.Join(b.o.Dir, name))
		}
		from := 0
		if cut >= headerSize {
			from = ends[whole]
		}
		if !bytes.Equal(rest, data[from:cut]) && (whole > 0 || cut > headerSize) {
			t.Errorf("cut at %d: %d bytes are kept beside it, want %d", cut, len(rest), cut-from)
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
		left := b.files()
		aside := path + suffixDamaged
		if hit == 4 { // the last one cannot be told from a write that was cut off
			aside = path + suffixTorn
		}
		if len(left) != 1 || left[0] != filepath.Base(aside) {
			t.Fatalf("byte %d: %v is left", i, left)
		}
		kept, err := os.ReadFile(aside)
		if err != nil || !bytes.Equal(kept, damaged) && !bytes.Equal(kept, damaged[ends[3]:]) {
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
