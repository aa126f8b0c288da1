package bench

import (
	"fmt"
	"io"
)

// printRates shows what each server did.
func (r *Report) printRates(w io.Writer) {
	if len(r.Peaks) > 0 {
		fmt.Fprintln(w, "server\tconnections\tper second\tp50 ms\tp99 ms\tserver µs\tPostgreSQL µs\tgenerator µs\trounds, per second")
	}
	for _, p := range r.Peaks {
		for _, k := range []struct{ kind, name string }{
			{"plain", "plain gin"}, {"bare", "(a) bare: intake answers at once"}, {"one", fmt.Sprintf("(b) one transaction each (pool %d)", p.Pool)}, {"group", "(c) jari"},
		} {
			rates, all := "", ByKind(p.Rounds, k.kind)
			for _, x := range all {
				rates += fmt.Sprintf(" %.0f", x.PerSecond)
			}
			fmt.Fprintf(w, "%s\t%d\t%.0f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%s\n", k.name, p.Connections, MedianOf(all, perSecond),
				MedianOf(all, func(x Round) float64 { return x.P50 }), MedianOf(all, func(x Round) float64 { return x.P99 }),
				MedianOf(all, func(x Round) float64 { return x.Server }), MedianOf(all, func(x Round) float64 { return x.Database }),
				MedianOf(all, func(x Round) float64 { return x.Generator }), rates)
		}
	}
	if c := r.Controls; c != nil && c.Pgbench > 0 {
		fmt.Fprintf(w, "pgbench, the same insert\t%d\t%.0f\n", c.PgbenchClients, c.Pgbench)
	} else if c != nil {
		fmt.Fprintf(w, "pgbench\t\t%s\n", c.PgbenchMissing)
	}
	fmt.Fprintln(w)
}

func perSecond(x Round) float64 { return x.PerSecond }

// PerSecond is the median rate of the rounds of a kind.
func PerSecond(rounds []Round, kind string) float64 { return MedianOf(ByKind(rounds, kind), perSecond) }

// ByKind are the rounds of one kind of server.
func ByKind(rounds []Round, kind string) []Round {
	var out []Round
	for _, x := range rounds {
		if x.Kind == kind {
			out = append(out, x)
		}
	}
	return out
}

// MedianOf is the median of what f says of each round.
func MedianOf(rounds []Round, f func(Round) float64) float64 {
	values := make([]float64, len(rounds))
	for i, x := range rounds {
		values[i] = f(x)
	}
	return Median(values)
}

// printGoals shows what should hold beside what does.
func (r *Report) printGoals(w io.Writer) {
	fmt.Fprintln(w, "what\tmeasured\tat least\tmoonshot\traw")
	row := func(what string, measured float64, digits int, goal, moonshot, raw string, args ...any) {
		fmt.Fprintf(w, "%s\t%.*f\t%s\t%s\t%s\n", what, digits, measured, goal, moonshot, fmt.Sprintf(raw, args...))
	}
	for _, p := range r.Peaks {
		one, shot := "5", "8"
		if p.Connections < 1000 {
			one, shot = "2.5", "4"
		}
		row(fmt.Sprintf("(c) / (b), %d connections", p.Connections), p.RatioOneInsert, 2, one, shot, "%.0f / %.0f", p.Jari, p.OneInsert)
		row(fmt.Sprintf("(c) / (a), %d connections", p.Connections), p.RatioBare, 2, "0.5", "0.65", "%.0f / %.0f", p.Jari, p.Bare)
		row(fmt.Sprintf("p99 / p50 of (c), %d connections", p.Connections), p.Tail, 2, "≤ 5", "≤ 3", "%.1f ms / %.1f ms", p.P99, p.P50)
	}
	if t := r.Texts; t != nil {
		row(fmt.Sprintf("texts stored / (c), %d connections", t.Connections), t.Ratio, 2, "0.5", "", "%.0f / %.0f a second; %d people texted, one webhook in ten came twice; %d registered, %d open",
			t.Stored, t.App, t.Sent, t.Registered, t.Open)
		row("texts handled by one worker, a second", t.Drained.PerSecond(), 0, "", "", "%d in %.1f s; the door had handled %d", t.Drained.Handled, t.Drained.Seconds, t.ByDoor)
	}
	if c := r.Cap; c != nil {
		row(fmt.Sprintf("stored / cap at %d/s", c.Limit), c.Share, 3, "0.9", "0.98", "%d rows in %.1f s, %.0f/s offered; %d accepted, %d refused, %d other, %d broken",
			c.Stored, c.Seconds, c.Offered, c.Answered, c.Refused, c.Other, c.Broken)
	}
	if c := r.Refusal; c != nil {
		row("processor time, refusal / bare", c.Share, 2, "≤ 1.1", "≤ 0.8", "%.1f µs / %.1f µs at %d/s", c.Refusal, c.Bare, c.Rate)
		row("transactions of refusals", float64(c.Transactions-c.Idle), 0, "0", "0", "%d while %d were refused and %d stored, %d when idle as long", c.Transactions, c.Refused, c.Stored, c.Idle)
	}
	if q := r.Queue; q != nil {
		row("queue document / bare gin GET", q.OverGin, 2, "0.8", "0.95", "%.0f / %.0f a second, %d bytes", q.Jari, q.Gin, q.Bytes)
		row("queue document / bare net/http GET", q.OverStandard, 2, "", "", "%.0f / %.0f a second", q.Jari, q.Standard)
		row("transactions of polls", float64(q.Transactions-q.Idle), 0, "0", "0", "%d while %d polls, %d when idle as long", q.Transactions, q.Polls, q.Idle)
	}
	if h := r.Memory; h != nil {
		row(fmt.Sprintf("MiB at %d connections", h.Connections), h.Most, 0, "≤ 1024", "≤ 512", "%.0f before, %.0f idle, %.0f after a round of all; %d accepted, %d refused, %d other, %d broken",
			h.Before, h.Idle, h.Active, h.Answered, h.Refused, h.Other, h.Broken)
	}
}
