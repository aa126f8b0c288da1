package main

import (
	"os/exec"
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

// What lies beside the rules (files, words, keys, the desk) may know other libraries, but no room.
func TestNothingOfTheRulesKnowsARoom(t *testing.T) {
	t.Parallel()
	for _, dep := range deps(t, "jari/booking/...") {
		if strings.HasPrefix(dep, "jari/") && dep != "jari/booking" && !strings.HasPrefix(dep, "jari/booking/") {
			t.Errorf("a package of booking imports %s", dep)
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
