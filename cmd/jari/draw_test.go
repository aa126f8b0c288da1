package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/drawfile"
	"jari/db"
	"jari/db/dbtest"
	"jari/mobile-contract/contract"
)

// operating runs commands on a test's database.
type operating struct {
	t   *testing.T
	env map[string]string
}

func (o operating) jari(args ...string) (string, error) {
	o.t.Helper()
	var out bytes.Buffer
	err := run(o.t.Context(), args, func(name string) string { return o.env[name] }, &out, io.Discard)
	return out.String(), err
}

func (o operating) must(args ...string) string {
	o.t.Helper()
	out, err := o.jari(args...)
	if err != nil {
		o.t.Fatalf("jari %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// document is the queue's public document, as the contract has it.
func (o operating) document() contract.QueueDocument {
	o.t.Helper()
	var shown struct {
		Queues map[string]json.RawMessage `json:"queues"`
	}
	if err := json.Unmarshal([]byte(o.must("campaign", "show", dbtest.Slug)), &shown); err != nil {
		o.t.Fatal(err)
	}
	var doc contract.QueueDocument
	strict := json.NewDecoder(bytes.NewReader(shown.Queues[dbtest.Queue]))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&doc); err != nil {
		o.t.Fatal(err)
	}
	return doc
}

// A draw as the operator carries it out and a stranger checks it.
func TestDrawByCommand(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Drawn(t, d)
	in := db.NewIntake(d.Pool, db.IntakeOptions{})
	defer in.Close()
	opens := c.Cohorts[0].Opens
	apply := func(n int, arrival time.Time) {
		if _, err := in.Store(t.Context(), dbtest.Application(t, c, dbtest.Person(n), arrival, "own")); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 40 {
		apply(n, opens.Add(time.Duration(n)*time.Minute))
	}
	o := operating{t, map[string]string{"DATABASE_URL": d.URL, "JARI_MASTER_KEY": d.MasterKey}}
	file := filepath.Join(t.TempDir(), "draw.json")

	before := o.document().Draw
	if before == nil || before.ListDigest != nil || before.PublicValueName != dbtest.PublicValue {
		t.Fatalf("before the list is closed: %+v", before)
	}
	if _, err := o.jari("draw", "run", dbtest.Slug, dbtest.Queue, "--value", "3 7 12"); !errors.Is(err, db.ErrDraw) {
		t.Errorf("drawn before the list was closed: %v", err)
	}
	if out := o.must("draw", "close", dbtest.Slug, dbtest.Queue); !strings.Contains(out, "40 entries") || !strings.Contains(out, dbtest.PublicValue) {
		t.Errorf("close says: %s", out)
	}
	closed := o.document().Draw
	apply(40, opens.Add(time.Second)) // its stamp came back too late
	if out := o.must("draw", "run", dbtest.Slug, dbtest.Queue, "--value", "03, 07, 12"); !strings.Contains(out, `"3 7 12"`) || !strings.Contains(out, "41 numbers") {
		t.Errorf("run says: %s", out)
	}
	o.must("draw", "run", dbtest.Slug, dbtest.Queue, "--value", "3 7 12")
	unwritable(t, o, d, filepath.Dir(file))
	o.must("draw", "publish", dbtest.Slug, dbtest.Queue, "--out", file)
	if closed.ListDigest == nil || o.document().Draw.PublicValue == nil {
		t.Fatalf("the documents show %+v and then %+v", closed, o.document().Draw)
	}

	// The stranger has the file and what the documents said, and neither database nor key.
	stranger := operating{t, nil}
	out := stranger.must("draw", "verify", file, "--commitment", before.Commitment, "--digest", *closed.ListDigest)
	if !strings.Contains(out, "numbers 1 to 40") || !strings.Contains(out, "1 entry came after") || strings.Contains(out, "was public") ||
		!strings.Contains(out, "this name of the value ("+dbtest.PublicValue+") and this window") {
		t.Errorf("verify says:\n%s", out)
	}
	stranger.must("draw", "verify", file, "--commitment", " "+strings.ToUpper(before.Commitment), "--digest", *closed.ListDigest+" ")
	if out, err := stranger.jari("draw", "verify", file, "--commitment", before.Commitment[:63]); err == nil || errors.Is(err, errFound) || !strings.Contains(err.Error(), "64 hexadecimal digits") {
		t.Errorf("a commitment of 63 digits: %v\n%s", err, out)
	}
	if out, err := stranger.jari("draw", "verify", file, "--commitment", strings.Repeat("0", 64)); !errors.Is(err, errFound) {
		t.Errorf("another commitment was seen: %v\n%s", err, out)
	}
	tamper(t, file)
	if out, err := stranger.jari("draw", "verify", file); !errors.Is(err, errFound) || !strings.Contains(out, "should be number") {
		t.Errorf("two numbers were exchanged: %v\n%s", err, out)
	}
	told(t, d, set, c, file)
	if out, err := o.jari("audit", "--grace", "1h"); err != nil {
		t.Errorf("the audit: %v\n%s", err, out)
	}
}

// unwritable publishes to where nothing can be written: that is an error, nothing is left behind, and the trail knows of no record.
func unwritable(t *testing.T, o operating, d *dbtest.DB, dir string) {
	t.Helper()
	for _, path := range []string{filepath.Join(dir, "there", "is", "no.json"), dir} {
		if out, err := o.jari("draw", "publish", dbtest.Slug, dbtest.Queue, "--out", path); err == nil || !strings.Contains(err.Error(), "write the record") {
			t.Errorf("published to %s: %v\n%s", path, err, out)
		}
	}
	var noted int
	d.Scan(t, `SELECT count(*) FROM audit_log WHERE act = 'draw.publish'`, nil, &noted)
	left, err := os.ReadDir(dir)
	if noted != 0 || err != nil || len(left) != 0 {
		t.Errorf("the trail notes %d records; beside the place lie %v, %v", noted, left, err)
	}
}

// tamper exchanges the numbers of the first and the tenth entry.
func tamper(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := drawfile.Read(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	r.Entries[0].Number, r.Entries[9].Number = r.Entries[9].Number, r.Entries[0].Number
	if err := writeRecord(file, r); err != nil {
		t.Fatal(err)
	}
}

// told holds what a person is told against the record: the entry is there under the id that the person alone is told, and
// nothing in the record is known to whoever knows the person.
func told(t *testing.T, d *dbtest.DB, set *db.Campaigns, c *desk.Campaign, file string) {
	t.Helper()
	record, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	id := dbtest.Application(t, c, dbtest.Person(5), time.Now(), "").ID
	e, err := db.NewBook(d.Pool, set).Entry(t.Context(), c.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	if !e.Drawn || e.Place == 0 || !bytes.Contains(record, []byte(c.Keys.DrawID(id).String())) {
		t.Errorf("the entry is not in the record under its id: %+v", e)
	}
	identity, err := booking.Identity(c.Identity, dbtest.Person(5), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{hex.EncodeToString(id[:]), identity, c.Keys.Ticket(e.Serial)} {
		if bytes.Contains(record, []byte(secret)) {
			t.Errorf("the record holds %q", secret)
		}
	}
}
