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

// killedFolder names, to the program that is to be killed, the folder in which it saves.
const killedFolder = "JARI_TEST_KILLED_FOLDER"

// round is what the program that is to be killed saves the nth time, and whether that forgets. Every third text forgets the names before it.
func round(n int) (text string, forget bool) {
	if n%3 == 0 {
		return fmt.Sprintf("%d nobody", n), true
	}
	return fmt.Sprintf("%d 홍길동 %s", n, strings.Repeat("x", n%5000)), false
}

// TestSavingUntilKilled is no test but the program that TestKilledAtAnyMoment kills: it saves for ever, and says what was saved.
func TestSavingUntilKilled(t *testing.T) {
	path := os.Getenv(killedFolder)
	if path == "" {
		return
	}
	f, err := OpenFolder(path)
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
	path := filepath.Join(t.TempDir(), "device")
	for turn := range 20 {
		said := saveUntilKilled(t, path, 20+turn)
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

// saveUntilKilled lets a program save in the folder, kills it after so many saves, and returns the last that it told of.
func saveUntilKilled(t *testing.T, path string, saves int) (last int) {
	t.Helper()
	program := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSavingUntilKilled$")
	program.Env = append(os.Environ(), killedFolder+"="+path)
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
