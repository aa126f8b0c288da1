//go:build browser

package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"jari/db/private"
)

// root is the project's folder.
const root = "../../.."

// build makes jari; make has done so already.
func build(t *testing.T) string {
	t.Helper()
	if given := os.Getenv("JARI_BROWSER_PROGRAM"); given != "" {
		return given
	}
	program := filepath.Join(t.TempDir(), "jari")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/jari")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build jari: %v\n%s", err, out)
	}
	return program
}

// sandbox is a running `jari serve --sandbox`.
type sandbox struct {
	t      *testing.T
	url    string
	phones string // the page that shows what every phone shows
	taken  atomic.Int64
}

// newSandbox starts one, which takes a second or two. It starts servers of its own, so that any number may run beside each other.
func (s *stage) newSandbox() *sandbox {
	s.Helper()
	data := s.TempDir()
	cmd := exec.Command(s.program, "serve", "--sandbox", "--listen", "127.0.0.1:0", "--data", data)
	cmd.Dir = root
	cmd.Env = ownServers(os.Environ())
	said := &output{addresses: make(chan [2]string, 1)}
	cmd.Stdout, cmd.Stderr = said, said
	process, err := private.StartProcess(cmd, syscall.SIGTERM)
	if err != nil {
		s.Fatalf("start the sandbox: %v", err)
	}
	s.Cleanup(func() {
		stop(s.T, process)
		removeMoved(data)
	})
	select {
	case at := <-said.addresses:
		return &sandbox{t: s.T, url: at[0], phones: at[1]}
	case <-process.Done():
		s.Fatalf("the sandbox ended: %v\n%s", process.State(), said.text())
	case <-time.After(2 * time.Minute): // on a machine that has much to do
		s.Fatalf("the sandbox has not started:\n%s", said.text())
	}
	return nil
}

// ownServers leaves out the servers that the environment names: each sandbox would empty the other's.
func ownServers(environ []string) []string {
	var out []string
	for _, e := range environ {
		if !strings.HasPrefix(e, "DATABASE_URL=") && !strings.HasPrefix(e, "REDIS_URL=") {
			out = append(out, e)
		}
	}
	return out
}

func stop(t *testing.T, p *private.Process) {
	ctx, end := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer end()
	if err := p.Stop(ctx, syscall.SIGTERM); err != nil {
		t.Errorf("stop the sandbox: %v", err)
	} else if !p.State().Success() {
		t.Errorf("the sandbox ended with %v", p.State())
	}
}

// removeMoved deletes what servers that are run by root had to keep elsewhere: they run as another user, who cannot read a test's folder.
func removeMoved(data string) {
	_ = filepath.WalkDir(data, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.Name() != "moved-to" {
			return nil //nolint:nilerr // what cannot be read is not what the servers noted
		}
		if to, err := os.ReadFile(path); err == nil && strings.HasPrefix(filepath.Base(strings.TrimSpace(string(to))), "jari-") {
			_ = os.RemoveAll(strings.TrimSpace(string(to)))
		}
		return nil
	})
}

// output is what a sandbox prints; its addresses are taken out of it.
type output struct {
	mu        sync.Mutex
	all       bytes.Buffer
	found     bool
	addresses chan [2]string
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all.Write(p)
	if o.found {
		return len(p), nil
	}
	var url, phones string
	for lines := bufio.NewScanner(bytes.NewReader(o.all.Bytes())); lines.Scan(); {
		if at := regexp.MustCompile(`listens on (http://\S+)`).FindStringSubmatch(lines.Text()); at != nil {
			url = at[1]
		}
		if at := regexp.MustCompile(`^\s+phones\s+(http://\S+)\s`).FindStringSubmatch(lines.Text()); at != nil {
			phones = at[1]
		}
	}
	if url != "" && phones != "" {
		o.found = true
		o.addresses <- [2]string{url, phones}
	}
	return len(p), nil
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

// call asks the sandbox itself, past every line.
func (b *sandbox) call(s *stage, method, path string, in, out any) {
	s.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			s.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(s.Context(), method, b.url+path, body)
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = errors.New(res.Status + " " + string(text))
	}
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		s.Fatalf("%s %s: %v", method, path, err)
	}
}

// now is what time it is in the sandbox.
func (b *sandbox) now(s *stage) (at time.Time) {
	s.Helper()
	var out struct{ Now time.Time }
	b.call(s, http.MethodGet, "/sandbox/clock", nil, &out)
	return out.Now
}

// forward moves the clock of a sandbox that nobody else uses.
func (b *sandbox) forward(s *stage, by time.Duration) {
	s.Helper()
	if b == s.shared {
		s.Fatal("the shared sandbox's clock is everybody's: start another with newSandbox")
	}
	b.call(s, http.MethodPost, "/sandbox/clock", map[string]int{"forward_seconds": int(by.Seconds())}, nil)
}
