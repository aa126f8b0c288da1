package db

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking/desk"
	"jari/booking/words"
)

// The audit holds the project's laws against what the database recorded. It only reads, sees one instant (one
// snapshot), takes no lock that anybody waits for, and may run while the system runs. Read audit_*.go for one group of
// laws each. Most are one query; audit_order.go with audit_waits.go (law 3), the draws and the sampled identities are walks. Of the
// rest of the package the audit shares the lists of states (states.go), the role, and the reading of stored campaigns and draws.

// AuditOptions say how to look. Zero values mean the defaults in brackets.
type AuditOptions struct {
	// Grace is how old something unfinished must be before it counts as left behind (10 minutes).
	Grace time.Duration
	// Sample is how many people of each campaign have their identity computed again (10,000).
	Sample int
	// Now is the instant to judge by (the database's clock).
	Now time.Time
}

// Report is what an audit found.
type Report struct {
	Violations int64       `json:"violations"`
	Laws       []LawResult `json:"laws"`
	Info       AuditInfo   `json:"info"`
}

// LawResult is what was found about one law.
type LawResult struct {
	Law        int    `json:"law"`
	Name       string `json:"name"`
	Checked    int64  `json:"checked"` // facts looked at; 0 for a law that a database cannot show
	Violations int64  `json:"violations"`
	First      string `json:"first,omitempty"`    // the first offender's id and what is wrong with it
	ShownBy    string `json:"shown_by,omitempty"` // what shows the rest of the law
}

// AuditInfo is worth knowing and no violation.
type AuditInfo struct {
	At           time.Time `json:"at"`
	KnownDoubles int64     `json:"known_doubles"` // copies of messages that a provider's list showed more than once
	Unopened     []string  `json:"unopened,omitempty"`
	Unjudged     int64     `json:"unjudged,omitempty"` // people whose wishes few share: law 3 was not held against them
}

// laws names every law and what shows the part of it that no database can show.
func laws() []LawResult {
	return []LawResult{
		{Law: 1, Name: "acknowledged is durable", ShownBy: "jari rush, fault tests"},
		{Law: 2, Name: "one person, one place"},
		{Law: 3, Name: "order"},
		{Law: 4, Name: "never over capacity"},
		{Law: 5, Name: "nobody is left in the dark"},
		{Law: 6, Name: "Redis is disposable", ShownBy: "fault tests"},
		{Law: 7, Name: "only our clock counts", ShownBy: "jari rush"},
		{Law: 8, Name: "rules are data"},
		{Law: 9, Name: "every change has an actor"},
		{Law: 10, Name: "Postgres is the truth"},
		{Law: 11, Name: "nothing is learnt at the door", ShownBy: "takeover and oracle tests"},
	}
}

// auditLimit bounds one statement of the audit; the pool's own limits are for short work.
const auditLimit = 10 * time.Minute

// Audit checks every law that a database can show. An error means that the audit could not be carried out, never that a
// law is broken.
func Audit(ctx context.Context, pool *pgxpool.Pool, campaigns desk.Campaigns, o AuditOptions) (Report, error) {
	r := Report{Laws: laws()}
	err := pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		a, err := newAuditor(ctx, tx, campaigns, o)
		if err != nil {
			return err
		}
		return a.run(ctx, &r)
	})
	if err != nil {
		return Report{}, fmt.Errorf("audit: %w", err)
	}
	for _, l := range r.Laws {
		r.Violations += l.Violations
	}
	return r, nil
}

// auditor is one audit under way.
type auditor struct {
	tx        pgx.Tx
	campaigns desk.Campaigns
	sample    int
	old       time.Time     // what is unfinished since before counts as left behind
	args      pgx.NamedArgs // what the checks' SQL may name
	versions  []campaignVersion
	info      AuditInfo
}

func newAuditor(ctx context.Context, tx pgx.Tx, campaigns desk.Campaigns, o AuditOptions) (*auditor, error) {
	if o.Grace <= 0 {
		o.Grace = 10 * time.Minute
	}
	if o.Sample <= 0 {
		o.Sample = 10_000
	}
	// Sorting in Go happens between two statements, and history is sorted in memory rather than on disk.
	if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL statement_timeout = %d; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL work_mem = '64MB'",
		auditLimit.Milliseconds())); err != nil {
		return nil, err
	}
	a := &auditor{tx: tx, campaigns: campaigns, sample: o.Sample}
	if o.Now.IsZero() {
		if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&o.Now); err != nil {
			return nil, err
		}
	}
	a.info.At, a.old = o.Now.UTC(), o.Now.Add(-o.Grace)
	var err error
	if a.versions, err = readVersions(ctx, tx); err != nil {
		return nil, err
	}
	a.args = auditArgs(o, a.versions)
	return a, nil
}

// auditArgs are the values that checks name as @name.
func auditArgs(o AuditOptions, versions []campaignVersion) pgx.NamedArgs {
	quiet, settle, settled := []int32{}, []float64{}, []int32{}
	for _, v := range latest(versions) {
		limits := v.content.Limits.WithDefaults()
		if quietSince(limits, o.Now.In(v.content.Zone), o.Grace) {
			quiet = append(quiet, v.campaign)
		}
		settled, settle = append(settled, v.campaign), append(settle, v.content.Settle.Seconds())
	}
	args := pgx.NamedArgs{
		"now": o.Now, "old": o.Now.Add(-o.Grace), "text_old": o.Now.Add(-min(o.Grace, textWithin)), "text_within": textWithin,
		"clock": MaxBound, "margin": writeMargin, "bulk": bulkMargin, "quiet": quiet, "settled": settled, "settle": settle,
		"uncopied": kindsThat(func(k words.Kind) bool { return !k.Copied() }), "known": kindsThat(mustKnow),
	}
	ruleArgs(args, versions)
	return args
}

// kindsThat lists the kinds of texts of which something is so.
func kindsThat(so func(words.Kind) bool) []string {
	var out []string
	for _, k := range words.Kinds() {
		if so(k) {
			out = append(out, string(k))
		}
	}
	return out
}

// run makes every check of every law.
func (a *auditor) run(ctx context.Context, r *Report) error {
	for _, c := range checks() {
		f, err := a.query(ctx, c)
		if err != nil {
			return fmt.Errorf("law %d, %s: %w", c.law, c.wrong, err)
		}
		r.Laws[c.law-1].add(f)
	}
	for _, walk := range []struct {
		law   int
		check func(context.Context) (finding, error)
	}{{2, a.identities}, {3, a.order}, {3, a.draws}} {
		f, err := walk.check(ctx)
		if err != nil {
			return fmt.Errorf("law %d: %w", walk.law, err)
		}
		r.Laws[walk.law-1].add(f)
	}
	err := a.tx.QueryRow(ctx, `SELECT coalesce(sum(extra), 0) FROM send_attempt`).Scan(&a.info.KnownDoubles)
	r.Info = a.info
	return err
}

// finding is what one check found.
type finding struct {
	checked, violations int64
	first               string
}

// bad counts one violation and keeps the first.
func (f *finding) bad(who string) {
	if f.violations == 0 {
		f.first = who
	}
	f.violations++
}

func (f *finding) join(o finding) {
	f.checked += o.checked
	f.violations += o.violations
	if f.first == "" {
		f.first = o.first
	}
}

func (l *LawResult) add(f finding) {
	sum := finding{l.Checked, l.Violations, l.First}
	sum.join(f)
	l.Checked, l.Violations, l.First = sum.checked, sum.violations, sum.first
}

// check is a query that selects, for each fact, who it is about (a text) and whether it is bad.
type check struct {
	law   int
	wrong string // what is wrong with an offender, in words
	facts string
}

func checks() []check {
	var out []check
	for _, c := range [][]check{personChecks, orderChecks, slotChecks, messageChecks, ruleChecks, trailChecks, deviceChecks, stuckChecks} {
		out = append(out, c...)
	}
	return out
}

func (a *auditor) query(ctx context.Context, c check) (finding, error) {
	var f finding
	var who *string
	err := a.tx.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE bad), min(who COLLATE "C") FILTER (WHERE bad) FROM (`+c.facts+`) AS fact (who, bad)`, a.args).
		Scan(&f.checked, &f.violations, &who)
	if who != nil {
		f.first = *who + ": " + c.wrong
	}
	return f, err
}

// Text renders the report as a table, one law a line, each violation's first offender under its law.
func (r Report) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%3s  %-30s %10s %10s  %s\n", "law", "", "checked", "violations", "shown by")
	for _, l := range r.Laws {
		by := "this audit"
		switch {
		case l.ShownBy != "" && l.Checked > 0:
			by += ", " + l.ShownBy
		case l.ShownBy != "":
			by = l.ShownBy
		}
		fmt.Fprintf(&b, "%3d  %-30s %10d %10d  %s\n", l.Law, l.Name, l.Checked, l.Violations, by)
		if l.First != "" {
			fmt.Fprintf(&b, "     first: %s\n", l.First)
		}
	}
	if r.Info.KnownDoubles > 0 {
		fmt.Fprintf(&b, "texts that a provider sent twice, known and counted: %d\n", r.Info.KnownDoubles)
	}
	if r.Info.Unjudged > 0 {
		fmt.Fprintf(&b, "people whose wishes few share, so that nobody judged whether they were passed over: %d\n", r.Info.Unjudged)
	}
	for _, slug := range r.Info.Unopened {
		fmt.Fprintf(&b, "campaign %s: its keys were not at hand, so identities were not computed again\n", slug)
	}
	fmt.Fprintf(&b, "%d %s\n", r.Violations, map[bool]string{true: "violation", false: "violations"}[r.Violations == 1])
	return b.String()
}
