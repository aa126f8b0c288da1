package client_test

import (
	"bufio"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"jari/mobile-contract/client"
)

// twin is the same protocol in TypeScript (mobile-contract/app), running in Node.js.
type twin struct {
	in  io.Writer
	out *bufio.Reader
}

// newTwin bundles the TypeScript as the program does, and starts it.
func newTwin(t *testing.T) *twin {
	t.Helper()
	script := filepath.Join(t.TempDir(), "driver.js")
	made := api.Build(api.BuildOptions{
		EntryPoints: []string{"../app/twin/driver.ts"}, Outfile: script, Write: true, Bundle: true, Target: api.ES2018, Format: api.FormatIIFE,
	})
	for _, e := range made.Errors {
		t.Fatal(e.Text)
	}
	node := exec.CommandContext(t.Context(), "node", script)
	node.Stderr = os.Stderr
	in, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatalf("start Node.js (make setup-test sees to it): %v", err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = node.Wait()
	})
	return &twin{in, bufio.NewReader(out)}
}

// command is a line that app/twin/driver.ts reads.
type command struct {
	Do       string         `json:"do"`
	Method   string         `json:"method"`
	Args     []any          `json:"args"`
	Now      int64          `json:"now"`
	Dice     float64        `json:"dice"`
	Random   string         `json:"random"`
	Campaign jsontext.Value `json:"campaign"`
	Batch    int            `json:"batch"`
	Value    jsontext.Value `json:"value"`
	Seconds  int            `json:"seconds"`
	Place    any            `json:"place"`
	Kind     client.Kind    `json:"kind"`
	Status   int            `json:"status"`
	Word     string         `json:"word"`
}

// reply is a line that it answers.
type reply struct {
	Error string         `json:"error"`
	Out   jsontext.Value `json:"out"`
	State jsontext.Value `json:"state"`
	Views jsontext.Value `json:"views"`
}

func (w *twin) do(r rapid.TB, c command) reply {
	r.Helper()
	for _, v := range []*jsontext.Value{&c.Campaign, &c.Value} {
		if *v == nil {
			*v = jsontext.Value("null")
		}
	}
	line := written(r, c)
	if _, err := w.in.Write(append(line, '\n')); err != nil {
		r.Fatalf("send a command: %v", err)
	}
	answer, err := w.out.ReadBytes('\n')
	if err != nil {
		r.Fatalf("read an answer: %v", err)
	}
	var out reply
	if err := json.Unmarshal(answer, &out); err != nil {
		r.Fatalf("the driver answers %s: %v", answer, err)
	}
	return out
}

func written(r rapid.TB, v any) jsontext.Value {
	r.Helper()
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		r.Fatalf("write down %v: %v", v, err)
	}
	return b
}

// alike fails unless both are the same JSON, in whatever order the fields are.
func alike(r rapid.TB, what string, inGo, inTypeScript jsontext.Value) {
	r.Helper()
	one := inGo.Clone()
	if err := one.Canonicalize(); err != nil {
		r.Fatalf("%s: %v\n%s", what, err, inGo)
	}
	if string(one) == string(inTypeScript) { // which the driver has put in order
		return
	}
	var x, y any
	if err := errors.Join(json.Unmarshal(one, &x), json.Unmarshal(inTypeScript, &y)); err != nil {
		r.Fatal(err)
	}
	r.Fatalf("%s: - Go, + TypeScript\n%s", what, cmp.Diff(x, y))
}

// pair is one device twice: in Go and in TypeScript.
type pair struct {
	r       *rapid.T
	w       *twin
	state   *client.State
	batches []client.Batch // Next made them; an answer may come for each, also twice
	now     time.Time
	word    client.Kind // about which kind the pages ask
	chance  *rand.ChaCha8
	mood    mood     // of the server
	habits  []string // what this person does most
	last    []byte   // the state as it was compared last
}

// compare lets the twin do what was just done in Go, and compares what came of it.
func (p *pair) compare(c command, failed error, out any) {
	p.r.Helper()
	c.Now, c.Kind = p.now.UnixMilli(), p.word
	got := p.w.do(p.r, c)
	what := c.Do + " " + c.Method
	if want := nameOf(failed); got.Error != want {
		p.r.Fatalf("%s: in Go %q (%v), in TypeScript %q", what, want, failed, got.Error)
	}
	if failed == nil {
		alike(p.r, what, written(p.r, out), got.Out)
	}
	encoded, err := client.EncodeState(p.state)
	if err != nil {
		p.r.Fatal(err)
	}
	alike(p.r, what+": the state", encoded, got.State)
	p.last = encoded
	alike(p.r, what+": the pages", written(p.r, client.Views(p.state, p.word)), got.Views)
}

func nameOf(err error) string {
	names := map[error]string{
		client.ErrFull: "full", client.ErrNobody: "nobody", client.ErrTooMany: "too_many", client.ErrNothing: "nothing", client.ErrLeaving: "leaving",
		client.ErrNoOffer: "no_offer", client.ErrSecret: "no_secret", client.ErrAnswer: "misfit", client.ErrDamaged: "damaged", client.ErrNewer: "newer",
	}
	for is, name := range names {
		if errors.Is(err, is) {
			return name
		}
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// random are bytes as both get them. Now and then they run out.
func (p *pair) random() ([]byte, string) {
	n := 200
	if rapid.IntRange(0, 24).Draw(p.r, "whether randomness runs out") == 24 {
		n = rapid.SampledFrom([]int{0, 15, 16, 20, 47, 48}).Draw(p.r, "random bytes")
	}
	b := make([]byte, n)
	_, _ = p.chance.Read(b)
	return b, hex.EncodeToString(b)
}

func dice(r *rapid.T) float64 { return rapid.Float64Range(0, 0.999999999).Draw(r, "dice") }
