package client

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// toBeKilled in a program's surroundings makes it the one that saves until it is killed, in a folder of that name below where it runs.
const (
	toBeKilled   = "JARI_TEST_TO_BE_KILLED"
	killedFolder = "device"
)

// round is what the program that is to be killed saves the nth time, and whether that forgets. Every third text forgets the names before it.
func round(n int) (text string, forget bool) {
	if n%3 == 0 {
		return fmt.Sprintf("%d nobody", n), true
	}
	return fmt.Sprintf("%d 홍길동 %s", n, strings.Repeat("x", n%5000)), false
}

// TestSavingUntilKilled is no test but the program that TestKilledAtAnyMoment kills: it saves for ever, and says what was saved.
func TestSavingUntilKilled(t *testing.T) {
	if os.Getenv(toBeKilled) == "" {
		return
	}
	f, err := OpenFolder(killedFolder)
	if err != nil {
		t.Fatal(err)
	}
	last, _, err := f.Load("state")
	if err != nil {
		t.Fatal(err)
	}
	for n := numberOf(t, last) + 1; ; n++ {
		text, forget := round(n)
		if err := f.Save("state", []byte(text), forget); err != nil {
			t.Fatal(err)
		}
		fmt.Println("saved", n)
	}
}

func numberOf(t *testing.T, saved []byte) int {
	t.Helper()
	if saved == nil {
		return 0
	}
	digits, _, _ := strings.Cut(string(saved), " ")
	n, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatalf("loaded %.40q", saved)
	}
	return n
}

// A program that is killed while it saves leaves what it saved last, or the next; never less, and no damage. A name that was forgotten is in no
// file, unless the next text that has it is being saved.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	within := t.TempDir()
	path := filepath.Join(within, killedFolder)
	for turn := range 20 {
		said := saveUntilKilled(t, within, 20+turn)
		f, err := OpenFolder(path) // the lock went with the program
		if err != nil {
			t.Fatal(err)
		}
		b, restored, err := f.Load("state")
		if err != nil || restored {
			t.Fatalf("turn %d: loaded, restored %v: %v", turn, restored, err)
		}
		n := numberOf(t, b)
		if want, _ := round(n); n < said || n > said+1 || string(b) != want {
			t.Errorf("turn %d: %d was saved, loaded %.40q", turn, said, b)
		}
		if n%3 == 0 && mentions(t, path, "홍길동") != 0 {
			t.Errorf("turn %d: after %d the name is still in a file", turn, n)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// saveUntilKilled lets a program save in a folder of its own below another, kills it after so many saves, and returns the last that it told of.
func saveUntilKilled(t *testing.T, within string, saves int) (last int) {
	t.Helper()
	program := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSavingUntilKilled$")
	program.Dir, program.Env = within, append(os.Environ(), toBeKilled+"=1")
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for seen := 0; lines.Scan(); seen++ {
		if seen == saves {
			_ = program.Process.Kill() // and what it still says is read
		}
		if n, ok := strings.CutPrefix(lines.Text(), "saved "); ok {
			if last, err = strconv.Atoi(n); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = program.Wait() // killed
	if last == 0 {
		t.Fatal("the program saved nothing")
	}
	return last
}
