package words

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// The page for translators names every gap, every table and every text that counts.
func TestThePageForTranslatorsIsComplete(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../docs/translating.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)
	for where, values := range valuesOf {
		for _, name := range slices.Concat(slices.Collect(maps.Keys(values)), slices.Collect(maps.Keys(partsOf[where]))) {
			if !strings.Contains(page, "`{"+name+"}`") {
				t.Errorf("docs/translating.md does not name {%s}", name)
			}
		}
	}
	for id := range counts {
		if !strings.Contains(page, "`"+id+"`") {
			t.Errorf("docs/translating.md does not say that %s counts", id)
		}
	}
	for _, l := range embedded().languages {
		for _, id := range l.ids() {
			table := id[:strings.LastIndex(id, ".")]
			if table != "reason.sites" && !strings.Contains(page, "["+table+"]") {
				t.Errorf("docs/translating.md does not name the table %s", table)
			}
		}
	}
}
