package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jari/db/dbtest"
)

// jari runs a command that needs no settings, and returns what it printed.
func jari(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), args, func(string) string { return "" }, &out, &out)
	return out.String(), err
}

const sixHourBug, birthDigit = "../../examples/six-hour-bug.yaml", "../../examples/birth-digit.yaml"

func TestCampaignCheck(t *testing.T) {
	t.Parallel()
	out, err := jari(t, "campaign", "check", sixHourBug)
	if !errors.Is(err, errFound) || !strings.Contains(out, sixHourBug+":31: people born 1967-01-01 … 1968-12-31 are refused from 2021-07-19 20:00 to 2021-07-20 02:00, 6 h") ||
		!strings.Contains(out, "1 wrong, 0 to look at") {
		t.Errorf("the bug of July 2021: %v\n%s", err, out)
	}
	page := filepath.Join(t.TempDir(), "page.html")
	out, err = jari(t, "campaign", "check", birthDigit, "--html", page)
	if err != nil || !strings.Contains(out, "0 wrong, 0 to look at") {
		t.Errorf("the scheme of August 2021: %v\n%s", err, out)
	}
	if html, err := os.ReadFile(page); err != nil || !bytes.HasPrefix(html, []byte("<!doctype html>")) || !bytes.Contains(html, []byte("0 wrong")) {
		t.Errorf("the page: %v, %d bytes", err, len(html))
	}
	broken := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(broken, []byte("slug: x\nmood: live\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err = jari(t, "campaign", "check", broken); !errors.Is(err, errFound) || !strings.Contains(out, "c.yaml:2: mood: there is no such key here") {
		t.Errorf("a file with problems: %v\n%s", err, out)
	}
	if _, err = jari(t, "campaign", "check", broken+".not"); err == nil || errors.Is(err, errFound) {
		t.Errorf("no file: %v", err)
	}
}

// Applying checks who may apply first. It stores what is wrong only when told to, and the trail keeps that.
func TestApplyRefusesTheSixHourBug(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	apply := func(args ...string) (string, error) {
		var out bytes.Buffer
		env := map[string]string{"DATABASE_URL": d.URL, "JARI_MASTER_KEY": d.MasterKey}
		err := run(t.Context(), append([]string{"campaign", "apply"}, args...), func(k string) string { return env[k] }, &out, &out)
		return out.String(), err
	}
	out, err := apply(sixHourBug)
	if !errors.Is(err, errEligible) || !strings.Contains(out, "are refused from 2021-07-19 20:00 to 2021-07-20 02:00") {
		t.Errorf("%v\n%s", err, out)
	}
	var campaigns, forced, all int
	count := func() {
		d.Scan(t, `SELECT (SELECT count(*) FROM campaign), count(*) FILTER (WHERE detail->>'forced' = 'true'), count(*) FROM audit_log WHERE act = 'campaign.apply'`,
			nil, &campaigns, &forced, &all)
	}
	if count(); campaigns != 0 || all != 0 {
		t.Errorf("%d campaigns although the apply was refused", campaigns)
	}
	if out, err = apply("--force", sixHourBug); err != nil || !strings.Contains(out, "WRONG") || !strings.Contains(out, "version 1") {
		t.Errorf("forced: %v\n%s", err, out)
	}
	if out, err = apply("--force", birthDigit); err != nil || strings.Contains(out, "WRONG") {
		t.Errorf("nothing to force: %v\n%s", err, out)
	}
	if count(); campaigns != 2 || forced != 1 || all != 2 {
		t.Errorf("%d campaigns, %d of %d applies forced", campaigns, forced, all)
	}
}
