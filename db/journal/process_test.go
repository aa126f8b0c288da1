package journal

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"jari/booking/desk"
	"jari/booking/vault"
)

// asWriter makes the test binary a process that replays a journal and then writes texts to it, until it is killed or its limit
// is reached. It prints the number of each one that was acknowledged.
const asWriter = "JARI_TEST_WRITES_JOURNAL"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asWriter); dir != "" {
		if err := writeForEver(dir); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func writeForEver(dir string) error {
	if limit, _ := strconv.ParseUint(os.Getenv("JARI_TEST_FILE_LIMIT"), 10, 64); limit > 0 {
		signal.Ignore(syscall.SIGXFSZ) // a write beyond the limit then fails like one to a full disk, after a part of it
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			return err
		}
	}
	m, err := vault.NewMaster(os.Getenv("JARI_MASTER_KEY"))
	if err != nil {
		return err
	}
	keys, err := m.Journal()
	if err != nil {
		return err
	}
	j, err := Open(Options{Dir: dir, Keys: keys})
	if err != nil {
		return err
	}
	done, err := j.Replay(context.Background(), func(context.Context, desk.Inbound) (bool, error) { return true, nil })
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(os.Stderr, "replayed:", done.Kept)
	var out sync.Mutex
	failed := make(chan error, 8)
	for w := range 8 {
		go func() {
			for n := w; ; n += 8 {
				if err := j.Append(context.Background(), text(n)); err != nil {
					failed <- err
					return
				}
				out.Lock()
				fmt.Println(n)
				out.Unlock()
			}
		}()
	}
	return errors.Join(<-failed, j.Close()) // in order: another write may have just begun a file
}

// writes starts a process that writes to the bench's journal.
func (b *bench) writes(master string, limit int) *exec.Cmd {
	b.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asWriter+"="+b.o.Dir, "JARI_MASTER_KEY="+master, "JARI_TEST_FILE_LIMIT="+strconv.Itoa(limit))
	return cmd
}

// holdsAll checks that every acknowledged text is replayed as it was written, and nothing else but texts.
func (b *bench) holdsAll(acknowledged []int) {
	b.t.Helper()
	for _, n := range acknowledged {
		if b.kept[text(n).ProviderSID] != text(n) {
			b.t.Errorf("text %d was acknowledged and is lost", n)
		}
	}
	for sid := range b.kept {
		if n, err := strconv.ParseInt(strings.TrimPrefix(sid, "SM"), 16, 64); err != nil || b.kept[sid] != text(int(n)) {
			b.t.Errorf("%s was never written like this", sid)
		}
	}
}

// A process is killed in the middle of writing, again and again: what it acknowledged is there.
func TestKilledWhileWriting(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	master := vault.NewMasterKey()
	b.o.Keys = keysFrom(t, master)
	for round := range 5 {
		cmd := b.writes(master, 0)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var acknowledged []int
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			n, err := strconv.Atoi(lines.Text())
			if err != nil {
				break // the line that the kill cut off
			}
			if acknowledged = append(acknowledged, n); len(acknowledged) == 100*(round+1) {
				_ = cmd.Process.Kill()
			}
		}
		_ = cmd.Wait()
		if len(acknowledged) < 100 {
			t.Fatalf("only %d were acknowledged", len(acknowledged))
		}
		b.o.Log = nil
		j := b.open()
		b.replay(j)
		b.closed(j)
		b.holdsAll(acknowledged[:len(acknowledged)-1]) // of the last line, digits may be missing
	}
}

// The file system takes no more: an error, nothing is acknowledged that is not there, and everything before it is.
func TestTheDiskIsFull(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	master := vault.NewMasterKey()
	b.o.Keys = keysFrom(t, master)
	out, err := b.writes(master, 20_000).Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !bytes.Contains(out, []byte("error: write to the journal")) || !bytes.Contains(out, []byte("file too large")) {
		t.Fatalf("%v, printed %.300s", err, out)
	}
	var acknowledged []int
	for line := range strings.Lines(string(out)) {
		if n, err := strconv.Atoi(strings.TrimSpace(line)); err == nil {
			acknowledged = append(acknowledged, n)
		}
	}
	if len(acknowledged) < 50 {
		t.Fatalf("only %d were acknowledged", len(acknowledged))
	}
	j := b.open()
	b.replay(j)
	b.holdsAll(acknowledged)
}

// A process that starts on a full disk replays what stands there, which makes room; until there is room it takes no text.
func TestTheDiskIsFullAtTheStart(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	master := vault.NewMasterKey()
	b.o.Keys = keysFrom(t, master)
	j := b.open()
	b.write(j, 0, 3)
	b.closed(j)
	path, data := b.segment()
	b.put(path, append(data, data[headerSize:headerSize+frameSize]...)) // and a write that was cut off
	out, err := b.writes(master, 2).CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("replayed: 3")) || !bytes.Contains(out, []byte("error: write to the journal")) {
		t.Errorf("%v, printed %.500s", err, out)
	}
	if files := b.files(); len(files) != 0 {
		t.Errorf("still there: %v", files)
	}
}

func TestOneProcessHasTheFolder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	j := b.open()
	out, err := b.writes(vault.NewMasterKey(), 0).Output()
	if err == nil || !strings.Contains(string(out), b.o.Dir) || !strings.Contains(string(out), ErrInUse.Error()) {
		t.Errorf("a second process: %v, printed %s", err, out)
	}
	b.write(j, 0, 1)
	b.closed(j)
	b.open() // the folder is free again

	file := b.o.Dir + "-is-a-file"
	b.put(file, nil)
	if _, err := Open(Options{Dir: file, Keys: b.o.Keys}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file for a folder: %v", err)
	}
	if os.Getuid() == 0 {
		t.Log("as root every folder can be written to: that error is not tried")
		return
	}
	if err := os.Mkdir(b.o.Dir+"-2", 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: b.o.Dir + "-2", Keys: b.o.Keys}); err == nil || !strings.Contains(err.Error(), "cannot be written to") {
		t.Errorf("a folder that cannot be written to: %v", err)
	}
}
