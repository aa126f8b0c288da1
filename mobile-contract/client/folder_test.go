package client

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"jari/mobile-contract/contract"
)

func openFolder(t *testing.T) *Folder {
	t.Helper()
	f, err := OpenFolder(filepath.Join(t.TempDir(), "device"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func save(t *testing.T, f *Folder, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if err := f.Save("state", []byte(s), false); err != nil {
			t.Fatal(err)
		}
	}
}

func loads(t *testing.T, f *Folder, want string, restored bool) {
	t.Helper()
	b, r, err := f.Load("state")
	if err != nil || string(b) != want || r != restored {
		t.Errorf("loaded %q, restored %v: %v; want %q, %v", b, r, err, want, restored)
	}
}

func TestAFolderKeepsTheLastAndTheOneBefore(t *testing.T) {
	t.Parallel()
	f := openFolder(t)
	loads(t, f, "", false)
	save(t, f, "one", "two", "three")
	loads(t, f, "three", false)
	path := filepath.Join(f.path, "state")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{"cut off": good[:len(good)-1], "cut short": good[:10], "empty": {}, "changed": append(slices.Clone(good[:len(good)-1]), 'E')} {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Log(name)
		loads(t, f, "two", true)
		loads(t, f, "two", false) // the damaged one is out of the way
		save(t, f, "three")
		if b, err := readCopy(path + before); err != nil || string(b) != "two" {
			t.Errorf("%s: the copy before is %q: %v", name, b, err)
		}
	}
	for _, p := range []string{path, path + before} {
		if err := os.WriteFile(p, []byte("nothing good"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := f.Load("state"); !errors.Is(err, ErrDamaged) {
		t.Errorf("both copies damaged: %v", err)
	}
	if _, err := Open(f, nil, Outside{}); !errors.Is(err, ErrDamaged) {
		t.Errorf("opened with both copies damaged: %v", err)
	}
}

// The power may go between any two steps of a save: then either the old or the new stands.
func TestASaveThatEndsAnywhere(t *testing.T) {
	t.Parallel()
	for step := range 3 {
		f := openFolder(t)
		save(t, f, "zero", "old")
		path := filepath.Join(f.path, "state")
		if err := f.write(path+unsaved, []byte("new")); err != nil {
			t.Fatal(err)
		}
		want := "old"
		if step > 0 {
			if err := os.Rename(path, path+before); err != nil {
				t.Fatal(err)
			}
		}
		if step > 1 {
			if err := os.Rename(path+unsaved, path); err != nil {
				t.Fatal(err)
			}
			want = "new"
		}
		loads(t, f, want, false)
	}
}

// brokenFile writes only so much.
type brokenFile struct {
	file
	room int
	sync error
}

func (b *brokenFile) Write(p []byte) (int, error) {
	n, err := b.file.Write(p[:min(b.room, len(p))])
	if n < len(p) && err == nil {
		err = syscall.ENOSPC
	}
	return n, err
}

func (b *brokenFile) Sync() error { return errors.Join(b.sync, b.file.Sync()) }

func TestADiskThatFails(t *testing.T) {
	t.Parallel()
	broken := func(room int, sync error) func(string) (file, error) {
		return func(path string) (file, error) {
			f, err := createFile(path)
			return &brokenFile{f, room, sync}, err
		}
	}
	second := 0
	for name, d := range map[string]disk{
		"full":            {create: broken(20, nil), rename: os.Rename, force: forceFolder},
		"no sync":         {create: broken(1000, syscall.EIO), rename: os.Rename, force: forceFolder},
		"no new file":     {create: func(string) (file, error) { return nil, syscall.ENOSPC }, rename: os.Rename, force: forceFolder},
		"no first rename": {create: createFile, rename: func(string, string) error { return syscall.EIO }, force: forceFolder},
		"no second rename": {create: createFile, rename: func(a, b string) error {
			if second++; second == 2 {
				return syscall.EIO
			}
			return os.Rename(a, b)
		}, force: forceFolder},
		"no folder": {create: createFile, rename: os.Rename, force: func(string) error { return fmt.Errorf("the copy's folder: %w", syscall.EMFILE) }},
	} {
		f := openFolder(t)
		save(t, f, "zero", "old")
		f.disk = d
		if err := f.Save("state", []byte("new"), false); err == nil || !strings.Contains(err.Error(), "copy") {
			t.Errorf("%s: %v", name, err)
		}
		f.disk = realDisk()
		loads(t, f, "old", false)
		if _, err := os.Stat(filepath.Join(f.path, "state")); err != nil {
			t.Errorf("%s: the last copy is not in its place: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(f.path, "state"+unsaved)); err == nil {
			t.Errorf("%s: the unfinished copy is still there", name)
		}
	}
}

// The first save of all fails: then nothing was saved.
func TestAFirstSaveThatFails(t *testing.T) {
	t.Parallel()
	f := openFolder(t)
	f.disk.force = func(string) error { return syscall.EIO }
	if err := f.Save("state", []byte("new"), false); !errors.Is(err, syscall.EIO) {
		t.Errorf("saved: %v", err)
	}
	loads(t, f, "", false)
}

// The damaged copy was the only one that said what had been sent. So in the copy before it nothing counts as unsent, and what is written now
// gets no place of something that the server may have.
func TestACopyBeforeTakesAllForSent(t *testing.T) {
	t.Parallel()
	f := openFolder(t)
	c, err := Open(f, nil, Outside{})
	if err != nil {
		t.Fatal(err)
	}
	var id string
	if err := c.Write(func(p Pen) (err error) {
		if id, err = p.Add("c", Form{}); err != nil {
			return err
		}
		return p.Apply(id)
	}); err != nil {
		t.Fatal(err)
	}
	if _, body, _, err := c.next(); err != nil || body == nil { // as if it was sent, and the program ended
		t.Fatalf("nothing to send: %v", err)
	}
	was, err := c.State()
	if err != nil || !was.People[0].Outbox[0].Sent {
		t.Fatalf("not marked as sent: %v", err)
	}
	if err := os.WriteFile(filepath.Join(f.path, stateName), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err = Open(f, nil, Outside{}); err != nil {
		t.Fatal(err)
	}
	if err := c.Write(func(p Pen) error { return p.ChangeWishes(id, "r", &contract.Wishes{}, false) }); err != nil {
		t.Fatal(err)
	}
	now, err := c.State()
	if err != nil {
		t.Fatal(err)
	}
	if out := now.People[0].Outbox; len(out) != 2 || out[0].ID != was.People[0].Outbox[0].ID || !bytes.Equal(out[0].Body, was.People[0].Outbox[0].Body) {
		t.Errorf("what may have been sent was changed: %+v", out)
	}
}

func TestTwoProcessesOnOneFolder(t *testing.T) {
	t.Parallel()
	f := openFolder(t)
	if _, err := OpenFolder(f.path); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenFolder(f.path)
	if err != nil {
		t.Fatalf("after it was closed: %v", err)
	}
	_ = again.Close()
	for _, name := range []string{"", "..", "a/b", "lock", "state.before", strings.Repeat("a", 101)} {
		if err := f.Save(name, nil, false); err == nil {
			t.Errorf("saved under %q", name)
		}
	}
}

// After somebody is forgotten no file of the folder holds anything about them.
func TestForgettingLeavesNoCopy(t *testing.T) {
	t.Parallel()
	f := openFolder(t)
	c, err := Open(f, nil, Outside{})
	if err != nil {
		t.Fatal(err)
	}
	var id string
	for _, do := range []func(Pen) error{
		func(p Pen) (err error) { id, err = p.Add("c", Form{}); return err },
		func(p Pen) error { p.State.People[0].Form.Person.Name = "홍길동"; return nil },
		func(p Pen) error { return p.Apply(id) },
		func(p Pen) error { return p.RequestCode(id) },
	} {
		if err := c.Write(do); err != nil {
			t.Fatal(err)
		}
	}
	if n := mentions(t, f.path, "홍길동"); n != 2 {
		t.Fatalf("%d files hold the name before; want the last copy and the one before", n)
	}
	if err := c.Write(func(p Pen) error { return p.Forget(id) }); err != nil {
		t.Fatal(err)
	}
	if n := mentions(t, f.path, "홍길동"); n != 0 {
		t.Errorf("%d files still hold the name", n)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func mentions(t *testing.T, dir, text string) (n int) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(text)) {
			n++
		}
	}
	return n
}

// A stored text is read or refused, and what is read can be worked with.
func FuzzStored(f *testing.F) {
	f.Add([]byte(`{"format":1,"people":[{"id":"a","campaign":"c","secret":"s","form":{"person":{"birth_date":"","name":"","phone":""},"lang":"ko"},"outbox":[{"id":"o","kind":"register","body":{}}]}]}`))
	f.Add([]byte(`{"format":1,"people":[],"rest":{"from":"2026-01-01T00:00:00Z","millis":9223372036854775807}}`))
	f.Add([]byte(`{"format":2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := &Memory{}
		_ = m.Save(stateName, b, false)
		c, err := Open(m, nil, Outside{})
		if err != nil {
			return
		}
		s, err := c.State()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		batch, wait, ok := s.Next(c.outside.Now())
		if wait < 0 || wait > longest || ok != (len(batch.Request.Entries) > 0) {
			t.Fatalf("next: %v %v", wait, ok)
		}
		s.Sending(batch)
		s.Failed(batch, Failure{}, c.outside.Now(), 0)
		if _, err := encode(s); err != nil {
			t.Fatal(err)
		}
	})
}
