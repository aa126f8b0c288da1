package client

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	mobilecontract "jari/mobile-contract"
	"jari/mobile-contract/contract"
)

// spec is what of openapi.yaml is looked at here.
type spec struct {
	Components struct {
		Schemas map[string]struct {
			Description string `yaml:"description"`
			Enum        []string
			OneOf       []any `yaml:"oneOf"`
			// ProblemTypes says of each code what it is.
			ProblemTypes map[string]struct{ Status string } `yaml:"x-problem-types"`
			Properties   map[string]struct {
				Description string
				Enum        []string
			}
			Discriminator struct{ Mapping map[string]string }
		}
	}
}

func readSpec(t *testing.T) spec {
	t.Helper()
	var s spec
	if err := yaml.Unmarshal(mobilecontract.OpenAPI, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func offline(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../OFFLINE.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every code of the contract is in the page's table, with the status that openapi.yaml gives it and the decision that the client takes.
func TestThePageDecidesAsTheClient(t *testing.T) {
	t.Parallel()
	rows := map[string][2]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (\\d{3}) \\| ([a-z ]+) \\|").FindAllStringSubmatch(offline(t), -1) {
		rows[m[1]] = [2]string{m[2], m[3]}
	}
	codes, kinds := readSpec(t).Components.Schemas["ProblemCode"].Enum, readSpec(t).Components.Schemas["ProblemCode"].ProblemTypes
	if len(codes) < 20 {
		t.Fatalf("openapi.yaml has %d codes", len(codes))
	}
	for _, code := range codes {
		row, ok := rows[code]
		if !ok {
			t.Errorf("OFFLINE.md says nothing of %s", code)
			continue
		}
		if row[0] != kinds[code].Status {
			t.Errorf("OFFLINE.md gives %s the status %s, openapi.yaml %s", code, row[0], kinds[code].Status)
		}
		if got := decide(contract.Problem{Code: contract.ProblemCode(code)}); string(got) != row[1] {
			t.Errorf("%s: OFFLINE.md says %q, the client does %q", code, row[1], got)
		}
		delete(rows, code)
	}
	for code := range rows {
		t.Errorf("OFFLINE.md has %s, which is no code", code)
	}
	for status, want := range map[int]Decision{400: GiveUp, 418: GiveUp, 429: GiveUp, 500: Repeat, 599: Repeat} {
		if got := decide(contract.Problem{Code: "a_new_one", Status: status}); got != want {
			t.Errorf("an unknown code with %d: %s", status, got)
		}
	}
	if decide(contract.Problem{Code: contract.ProblemCodeTooMany, Status: 429}) != GiveUp {
		t.Error("a code is asked for again hours later")
	}
}

// What an unknown value is shown as is what openapi.yaml and the page say.
func TestUnknownValuesFallBack(t *testing.T) {
	t.Parallel()
	s := readSpec(t).Components.Schemas
	page := offline(t)
	shown := map[string]any{
		"State": ShownState("?"), "Next": ShownNext("?"), "AppointmentState": ShownAppointment("?"), "CohortOrder": ShownOrder("?"), "Mode": ShownMode("?"),
		"QueueRateState": ShownRate("?"), "StampOutcome": ShownStamp("?"), "FieldReason": ShownReason("?"),
	}
	for name, got := range shown {
		says := s[name].Description
		if name == "CohortOrder" {
			says = s["Cohort"].Properties["order"].Description
		}
		says = strings.Join(strings.Fields(says), " ")
		if !strings.Contains(says, fmt.Sprintf("Unknown values: treat as %v", got)) {
			t.Errorf("%s is shown as %v; openapi.yaml: %s", name, got, says)
		}
		if !strings.Contains(page, fmt.Sprintf("| `%s` | `%v`", name, got)) {
			t.Errorf("OFFLINE.md does not say that %s is shown as %v", name, got)
		}
	}
	if ShownState(contract.StateOffered) != contract.StateOffered {
		t.Error("a known state is shown as another")
	}
	for name, schema := range s {
		if strings.Contains(strings.Join(strings.Fields(schema.Description), " "), "Unknown values: treat as") && shown[name] == nil {
			t.Errorf("%s has a way to be shown that this client lacks", name)
		}
	}
}

// A device can write every operation that sync takes.
func TestEveryKindCanBeWritten(t *testing.T) {
	t.Parallel()
	kinds := readSpec(t).Components.Schemas["SyncOperation"].Discriminator.Mapping
	s := &State{Format: format}
	appointment := &contract.Appointment{ID: "7"}
	written := map[string]bool{}
	pen := func() Pen {
		s.People = []Person{{ID: "a", Campaign: "c", Secret: "s", Reference: "r", Told: &contract.Registration{Appointment: appointment}}}
		return Pen{State: s, Random: strings.NewReader(strings.Repeat("x", 1000))}
	}
	for _, do := range []func(Pen) error{
		func(p Pen) error { return p.Introduce("a") }, func(p Pen) error { return p.Apply("a") }, func(p Pen) error { return p.Recover("a") },
		func(p Pen) error { return p.Correct("a", contract.Person{}, "n", true) }, func(p Pen) error { return p.ChangeWishes("a", "n", nil, true) },
		func(p Pen) error { return p.AskSwap("a", "n", nil, true) }, func(p Pen) error { return p.DropSwap("a") },
		func(p Pen) error { return p.Confirm("a", "7") }, func(p Pen) error { return p.Decline("a", "7") }, func(p Pen) error { return p.Cancel("a") },
		func(p Pen) error { return p.RequestCode("a") }, func(p Pen) error { return p.Verify("a", "123456") },
		func(p Pen) error { return p.SetHelper("a", "+821000005678", true) }, func(p Pen) error { return p.RemoveHelper("a") },
		func(p Pen) error { return p.RemoveDevices("a", contract.DeviceRemovalRequestDevicesOthers) },
	} {
		if err := do(pen()); err != nil {
			t.Fatal(err)
		}
		for _, o := range s.People[0].Outbox {
			written[string(o.Kind)] = true
		}
	}
	got := map[string]string{}
	for k := range written {
		got[k] = kinds[k]
	}
	if !reflect.DeepEqual(got, kinds) {
		t.Errorf("a device writes %v, the contract takes %v", got, kinds)
	}
}
