package booking_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"jari/booking"
	"jari/booking/words"
)

var update = flag.Bool("update", false, "write docs/states.md again")

const statesFile = "../docs/states.md"

// The page is drawn from the rules: a rule that changes without the page fails here. go test ./booking -run States -update
// writes it again.
func TestStatesPageShowsTheRules(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(statesFile)
	if err != nil {
		t.Fatal(err)
	}
	page := replaced(t, replaced(t, string(b), "diagram", diagram()), "table", lifeTable())
	if page == string(b) {
		return
	}
	if !*update {
		t.Fatal("docs/states.md does not show the rules of booking/appointment.go: go test ./booking -run States -update writes it again")
	}
	if err := os.WriteFile(statesFile, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
}

// replaced puts the text between the two marks of the name.
func replaced(t *testing.T, page, name, text string) string {
	t.Helper()
	begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
	before, rest, ok := strings.Cut(page, begin)
	if !ok {
		t.Fatalf("docs/states.md lacks the mark %q", begin)
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("docs/states.md lacks the mark %q", end)
	}
	return before + begin + text + end + after
}

func diagram() string {
	var b strings.Builder
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	for _, s := range booking.Steps() {
		fmt.Fprintf(&b, "    %s --> %s\n", orStar(s.From), s.To)
	}
	for _, s := range booking.States() {
		if !s.Open() {
			fmt.Fprintf(&b, "    %s --> [*]\n", s)
		}
	}
	return b.String() + "```\n"
}

func orStar(s booking.AppointmentState) string {
	if s == "" {
		return "[*]"
	}
	return string(s)
}

func lifeTable() string {
	var b strings.Builder
	b.WriteString("| from | to | who may do it | what happens to the seat | what the person is told |\n|---|---|---|---|---|\n")
	for _, s := range booking.Steps() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", orNew(s.From), s.To, s.Who, seat(s), told(s))
	}
	return b.String()
}

func orNew(s booking.AppointmentState) string {
	if s == "" {
		return "(new)"
	}
	return string(s)
}

func seat(s booking.Step) string {
	switch {
	case !s.From.Holds() && s.To.Holds():
		return "is taken"
	case s.From.Holds() && !s.To.Holds():
		return "is free again"
	case !s.To.Open():
		return "stays used"
	}
	return "stays taken"
}

func told(s booking.Step) string {
	if s.Told == "" {
		return "nothing: the person was there"
	}
	return "`" + s.Told + "`"
}

func TestEveryStepIsTold(t *testing.T) {
	t.Parallel()
	hasWords := func(kind string) bool {
		_, err := words.Render(words.Kind(kind), booking.Korean, words.Data{})
		return !errors.Is(err, words.ErrKind)
	}
	seen := map[[2]booking.AppointmentState]bool{}
	for _, s := range booking.Steps() {
		if s.Told != "" && !hasWords(s.Told) || s.Told == "" && s.To != booking.Attended {
			t.Errorf("%q → %s: is told as %q, which has no words", s.From, s.To, s.Told)
		}
		key := [2]booking.AppointmentState{s.From, s.To}
		if seen[key] || s.Who == "" {
			t.Errorf("%q → %s stands twice, or nobody does it", s.From, s.To)
		}
		seen[key] = true
	}
}
