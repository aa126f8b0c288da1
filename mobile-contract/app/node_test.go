package app_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

// inNode hands arg to an expression of the app's own modules, as JavaScript of the same age as the app's, and reads what it returns.
// imports are lines of TypeScript that stand in src.
func inNode(t *testing.T, imports, expression string, arg, into any) {
	t.Helper()
	script := filepath.Join(t.TempDir(), "script.js")
	made := api.Build(api.BuildOptions{
		Stdin: &api.StdinOptions{
			Contents: imports + "\nconst arg = JSON.parse(require('fs').readFileSync(0, 'utf8'))\n" +
				"process.stdout.write(JSON.stringify(" + expression + "))\n",
			ResolveDir: "src", Loader: api.LoaderTS,
		},
		Outfile: script, Write: true, Bundle: true, Target: api.ES2018, Format: api.FormatIIFE, Platform: api.PlatformNode,
	})
	for _, e := range made.Errors {
		t.Fatal(e.Text)
	}
	in, err := json.Marshal(arg)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", script)
	node.Stdin, node.Stderr = bytes.NewReader(in), os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("run Node.js (make setup-test sees to it): %v", err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%v: %.200s", err, out)
	}
}
