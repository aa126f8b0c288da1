package main

import (
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The rooms and what they may know (docs/decisions/0001-layout.md). Only cmd imports all.
func TestRoomsDoNotKnowEachOther(t *testing.T) {
	t.Parallel()
	rooms := []string{"api", "sms", "jobs", "db"}
	for _, room := range rooms {
		for _, dep := range deps(t, "jari/"+room+"/...") {
			for _, other := range rooms {
				if other != room && (dep == "jari/"+other || strings.HasPrefix(dep, "jari/"+other+"/")) {
					t.Errorf("%s imports %s", room, dep)
				}
			}
			if strings.HasPrefix(dep, "jari/cmd") {
				t.Errorf("%s imports %s", room, dep)
			}
		}
	}
}

func TestTheRulesImportTheStandardLibraryOnly(t *testing.T) {
	t.Parallel()
	for _, dep := range deps(t, "jari/booking") {
		if first, _, _ := strings.Cut(dep, "/"); dep != "jari/booking" && (strings.Contains(first, ".") || first == "jari") {
			t.Errorf("booking imports %s", dep)
		}
	}
}

func TestTheDeskKnowsNoTechnology(t *testing.T) {
	t.Parallel()
	for _, dep := range deps(t, "jari/booking/desk") {
		for _, foreign := range []string{"gin-gonic", "jackc", "twilio", "asynq", "redis", "jari/db", "jari/api", "jari/sms", "jari/jobs"} {
			if strings.Contains(dep, foreign) || dep == "database/sql" || dep == "net/http" {
				t.Errorf("desk imports %s", dep)
			}
		}
	}
}

// The picture in docs/architecture.md shows who imports whom: every package, and each import that no longer way of arrows implies.
func TestThePictureShowsTheImports(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	names, arrows := picture(t, string(page))
	imports := houseImports(t)
	for pkg := range imports {
		if !slices.Contains(names, pkg) {
			t.Errorf("docs/architecture.md does not draw %s", pkg)
		}
	}
	for _, name := range names {
		if _, ok := imports[name]; !ok {
			t.Errorf("docs/architecture.md draws %s, which is no package", name)
		}
	}
	drawn := map[string]bool{}
	for _, a := range arrows {
		if arrow := a[0] + " --> " + a[1]; drawn[arrow] {
			t.Errorf("docs/architecture.md draws %s twice", arrow)
		} else {
			drawn[arrow] = true
		}
	}
	for from, to := range imports {
		for _, direct := range to {
			arrow := from + " --> " + direct
			implied := slices.ContainsFunc(to, func(by string) bool { return by != direct && reaches(imports, by, direct) })
			switch {
			case implied && drawn[arrow]:
				t.Errorf("docs/architecture.md draws %s, which other arrows imply", arrow)
			case !implied && !drawn[arrow]:
				t.Errorf("docs/architecture.md lacks %s", arrow)
			}
			delete(drawn, arrow)
		}
	}
	for arrow := range maps.Keys(drawn) {
		t.Errorf("docs/architecture.md draws %s, which no import shows", arrow)
	}
}

// picture reads the packages and the arrows of the page's mermaid picture: id["package<br/>what it is"] and id --> id & id.
func picture(t *testing.T, page string) (names []string, arrows [][2]string) {
	t.Helper()
	_, rest, opened := strings.Cut(page, "```mermaid\n")
	drawing, _, closed := strings.Cut(rest, "```")
	if !opened || !closed {
		t.Fatal("docs/architecture.md has no mermaid picture")
	}
	box := regexp.MustCompile(`^(\w+)\["([a-z/-]+)(?:<br/>[^"]*)?"\]$`)
	ids := map[string]string{}
	named := func(id string) string {
		name, ok := ids[strings.TrimSpace(id)]
		if !ok {
			t.Fatalf("docs/architecture.md: an arrow at %q, which is no box above it", id)
		}
		return name
	}
	for line := range strings.Lines(drawing) {
		line = strings.TrimSpace(line)
		if m := box.FindStringSubmatch(line); m != nil {
			ids[m[1]], names = m[2], append(names, m[2])
			continue
		}
		from, to, isArrow := strings.Cut(line, " --> ")
		switch {
		case isArrow:
			for id := range strings.SplitSeq(to, " & ") {
				arrows = append(arrows, [2]string{named(from), named(id)})
			}
		case line != "" && !strings.HasPrefix(line, "flowchart ") && !strings.HasPrefix(line, "subgraph ") && line != "end":
			t.Fatalf("docs/architecture.md: a line of the picture that is neither box nor arrow: %q", line)
		}
	}
	return names, arrows
}

// houseImports lists the house's packages without their tests, and which of each other they import.
func houseImports(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "jari/...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	imports := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		all := strings.Fields(line)
		pkg := strings.TrimPrefix(all[0], "jari/")
		imports[pkg] = []string{}
		for _, dep := range all[1:] {
			if of, ours := strings.CutPrefix(dep, "jari/"); ours {
				imports[pkg] = append(imports[pkg], of)
			}
		}
	}
	if len(imports) < 2 {
		t.Fatalf("go list found only %v", imports)
	}
	return imports
}

// reaches reports whether from imports to, directly or through others.
func reaches(imports map[string][]string, from, to string) bool {
	return slices.ContainsFunc(imports[from], func(by string) bool { return by == to || reaches(imports, by, to) })
}

// What lies beside the rules (files, words, keys, the desk) may know other libraries, but no room.
func TestNothingOfTheRulesKnowsARoom(t *testing.T) {
	t.Parallel()
	for _, dep := range deps(t, "jari/booking/...") {
		if strings.HasPrefix(dep, "jari/") && dep != "jari/booking" && !strings.HasPrefix(dep, "jari/booking/") {
			t.Errorf("a package of booking imports %s", dep)
		}
	}
}

// Catalogues are read in one place; nothing else needs to know what they are written in (docs/decisions/0012-dependencies.md).
func TestOnlyWordsReadCatalogues(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "jari/...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		pkg, imports, _ := strings.Cut(line, " ")
		if pkg != "jari/booking/words" && (strings.Contains(imports, "nicksnyder/go-i18n") || strings.Contains(imports, "pelletier/go-toml")) {
			t.Errorf("%s reads catalogues itself", pkg)
		}
	}
}

// deps lists everything that packages import without their tests, and at least themselves.
func deps(t *testing.T, pattern string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pattern).CombinedOutput()
	if err != nil {
		t.Fatalf("go list -deps %s: %v\n%s", pattern, err, out)
	}
	list := strings.Fields(string(out))
	if len(list) < 2 {
		t.Fatalf("go list -deps %s found only %v", pattern, list)
	}
	return list
}

// Files that the page sends its readers to exist.
func TestThePageNamesFilesThatAreThere(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	files := regexp.MustCompile("`([a-z/_]+\\.[a-z]+)`").FindAllStringSubmatch(string(page), -1)
	if len(files) < 10 {
		t.Fatalf("docs/architecture.md names only %d files", len(files))
	}
	for _, f := range files {
		if _, err := os.Stat("../../" + f[1]); err != nil {
			t.Errorf("docs/architecture.md names %s: %v", f[1], err)
		}
	}
}
