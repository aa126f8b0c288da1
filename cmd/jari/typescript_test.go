package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	mobilecontract "jari/mobile-contract"
)

// npm is where the pinned packages are, from here.
const npm = "../../tools/npm/node_modules"

// script is a folder with the TypeScript scenario and the client that a public generator makes of a contract.
type script struct {
	t   *testing.T
	dir string
}

// newScript fetches the pinned packages, unless they are there, and makes the client.
func newScript(t *testing.T, openapi []byte) script {
	t.Helper()
	s := script{t, t.TempDir()}
	if out, err := exec.CommandContext(t.Context(), "../../scripts/npm-tools").CombinedOutput(); err != nil {
		t.Fatalf("the npm packages are not there (make setup-test sees to Node.js and npm): %v\n%s", err, out)
	}
	packages, err := filepath.Abs(npm)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(packages, filepath.Join(s.dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"main.mts", "node.d.ts", "tsconfig.json"} {
		text, err := os.ReadFile(filepath.Join("../../mobile-contract/typescript", name))
		if err != nil {
			t.Fatal(err)
		}
		s.write(name, text)
	}
	s.write("openapi.yaml", openapi)
	if out, err := s.node(npm+"/openapi-typescript/bin/cli.js", filepath.Join(s.dir, "openapi.yaml"), "-o", filepath.Join(s.dir, "contract.mts")); err != nil {
		t.Fatalf("make the client: %v\n%s", err, out)
	}
	return s
}

func (s script) write(name string, text []byte) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), text, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s script) node(args ...string) (string, error) {
	out, err := exec.CommandContext(s.t.Context(), "node", args...).CombinedOutput()
	return string(out), err
}

// compile makes main.mjs of it, and says what the compiler found.
func (s script) compile() (string, error) {
	return s.node(npm+"/typescript/bin/tsc", "-p", s.dir)
}

// The main scenario, in TypeScript, with a client that public tools make of the contract.
func TestTypeScriptClient(t *testing.T) {
	t.Parallel()
	s := newScript(t, mobilecontract.OpenAPI)
	if out, err := s.compile(); err != nil {
		t.Fatalf("it does not compile: %v\n%s", err, out)
	}
	out, err := s.node(filepath.Join(s.dir, "main.mjs"), newAppTeam(t).apiURL)
	if err != nil {
		t.Fatalf("it fails: %v\n%s", err, out)
	}
	for _, step := range []string{"service", "campaign", "apply", "refusal", "verify", "wishes", "confirm", "sync"} {
		if !strings.Contains("\n"+out, "\n"+step+": ") {
			t.Errorf("it does not get to %s:\n%s", step, out)
		}
	}
}

// A contract that changes under its clients does not compile: the scenario is held to the contract.
func TestTypeScriptClientSeesAChangedContract(t *testing.T) {
	t.Parallel()
	changed := string(mobilecontract.OpenAPI)
	changes := []struct{ what, from, to, complaint string }{
		{"a field that the scenario reads", "ask_again_seconds", "ask_again", "'ask_again_seconds' does not exist"},
		{"a field of a request", "notice_hours", "notice", "'notice_hours' does not exist"},
		{"a value of an enum", "verify_first", "prove_first", "'\"verify_first\"' have no overlap"},
		{"a path", "/code-requests:", "/codes:", "/code-requests"},
		{"a field that must be there from now on", "required: [operation_id, person, lang]", "required: [operation_id, person, lang, region]", "'region'"},
	}
	for _, c := range changes {
		if !strings.Contains(changed, c.from) {
			t.Fatalf("the contract has no %s", c.from)
		}
		changed = strings.ReplaceAll(changed, c.from, c.to)
	}
	out, err := newScript(t, []byte(changed)).compile()
	if err == nil {
		t.Fatal("it compiles")
	}
	for _, c := range changes {
		if !strings.Contains(out, c.complaint) {
			t.Errorf("%s: not seen in\n%s", c.what, out)
		}
	}
}
