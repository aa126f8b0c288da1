package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

func TestExplainCommand(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d)
	intake := db.NewIntake(d.Pool, db.IntakeOptions{})
	defer intake.Close()
	got, err := intake.Store(t.Context(), dbtest.Application(t, c, dbtest.Person(1), time.Now().Add(-time.Minute), "secret"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.NewSealer(d.Pool, set, 100).SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.NewAssigner(d.Pool, set, 100).RunRound(t.Context(), c.Queues[dbtest.Queue].Pool, "job:assign"); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"DATABASE_URL": d.URL, "JARI_MASTER_KEY": d.MasterKey}
	explain := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"explain"}, args...), func(k string) string { return env[k] }, &out, io.Discard)
		return out.String(), err
	}
	ticket := booking.SpokenTicket(c.Keys.Ticket(got.Serial))
	for _, x := range []struct {
		args []string
		want string
	}{
		{nil, "순번은 1번입니다."},
		{[]string{"--lang", "en", "--campaign", dbtest.Slug}, "You hold place 1 (arrived "},
		{[]string{"--text"}, "[자리] "},
		{[]string{"--text", "--lang", "en"}, "Jari: "},
	} {
		out, err := explain(append([]string{ticket}, x.args...)...)
		if err != nil || !strings.HasPrefix(out, x.want) || strings.Contains(out, dbtest.Person(1).Name) {
			t.Errorf("%v: %v\n%s", x.args, err, out)
		}
		if lines := strings.Count(out, "\n"); strings.Contains(strings.Join(x.args, " "), "--text") != (lines == 1) {
			t.Errorf("%v: %d lines", x.args, lines)
		}
	}
	if _, err := explain(ticket[:len(ticket)-1] + string('0'+(ticket[len(ticket)-1]-'0'+1)%10)); !errors.Is(err, booking.ErrTicket) {
		t.Errorf("a mistyped ticket: %v", err)
	}
	for _, x := range []struct {
		args []string
		want string
	}{
		{[]string{c.Keys.Ticket(got.Serial + 1)}, "no entry has this ticket"},
		{[]string{ticket, "--campaign", "nowhere"}, "no campaign"},
		{[]string{ticket, "--lang", "fr"}, "words in [en ko]"},
		{nil, "arg"},
	} {
		if out, err := explain(x.args...); err == nil || out != "" || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%v: %v %q", x.args, err, out)
		}
	}
}
