package conformance

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	mobilecontract "jari/mobile-contract"
)

// Every check names a sentence that stands in the contract, so that nobody is held to what was never promised.
func TestSentencesAreTheContracts(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("\n# ", "\n", "''", "'").Replace(string(mobilecontract.OpenAPI)) // comments, and quotes as YAML has them
	contract := strings.Join(strings.Fields(text), " ")
	known := map[string]bool{}
	for _, c := range Checks() {
		if known[c.Name] || c.Area == "" || c.Proves == "" || len(c.Sentence) < 15 {
			t.Errorf("%s: twice, or without a text", c.Name)
		}
		known[c.Name] = true
		if !strings.Contains(contract, c.Sentence) {
			t.Errorf("%s: the contract does not say %q", c.Name, c.Sentence)
		}
	}
}

func TestOnlyNamesChecks(t *testing.T) {
	t.Parallel()
	some, err := chosen([]string{"early", "apply-twice"})
	var got []string
	for _, c := range some {
		got = append(got, c.Name)
	}
	if want := []string{"apply-twice", "early", "every-answer", "every-problem", "private-answers", "every-answer-named"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
	if _, err := chosen([]string{"earli"}); err == nil || !strings.Contains(err.Error(), "early") {
		t.Errorf("a misspelt check: %v", err)
	}
}

// The guide's table of areas and examples names checks that there are.
func TestTheGuideNamesChecks(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	known := names(Checks())
	for _, m := range regexp.MustCompile("--only ([a-z,-]+)").FindAllStringSubmatch(string(guide), -1) {
		for name := range strings.SplitSeq(m[1], ",") {
			if !strings.Contains(known, name) {
				t.Errorf("the guide names %s, which is no check", name)
			}
		}
	}
}
