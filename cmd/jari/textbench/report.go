package textbench

import (
	"fmt"
	"io"
)

// Report is what is written as JSON.
type Report struct {
	Cores    int   `json:"cores"`
	Messages int   `json:"messages"`
	Quick    bool  `json:"quick"`
	Runs     []Run `json:"runs"`
}

// Run is one way of sending all messages.
type Run struct {
	Mode     string   `json:"mode"` // clean, faults, limit
	Kind     string   `json:"kind"` // of the messages
	Messages int      `json:"messages"`
	Limit    int      `json:"limit,omitempty"` // texts a second that the route takes
	Kills    int      `json:"kills,omitempty"`
	Handsets Handsets `json:"handsets"`
	Network  Counts   `json:"network"`
	// What the database knows at the end.
	Delivered int     `json:"delivered"`
	Known     int     `json:"known_doubles"`
	Unknown   int     `json:"unknown"`         // attempts whose outcome had to be reconciled
	Settled   float64 `json:"settled_seconds"` // from the release until each message's fate was known
	// Of asynq with tasks that do nothing, right after the run.
	Noop      float64 `json:"noop_per_second"`
	RatioNoop float64 `json:"ratio_noop"`
	// Processor time per message in µs, by process.
	Microseconds map[string]float64 `json:"microseconds"`
}

// Faulty lists what a run shows that must not be.
func (r Run) Faulty() []string {
	var out []string
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			out = append(out, r.Mode+": "+fmt.Sprintf(format, args...))
		}
	}
	wrong(r.Handsets.Phones != r.Messages, "%d phones showed a text, %d people were to be told", r.Handsets.Phones, r.Messages)
	wrong(r.Delivered != r.Messages, "%d messages are known to be delivered of %d", r.Delivered, r.Messages)
	wrong(r.Handsets.Doubles > r.Known, "%d texts were shown a second time, %d of them are known", r.Handsets.Doubles, r.Known)
	wrong(r.Known > int(r.Network.Hung), "%d known doubles, more than the %d answers that hung", r.Known, r.Network.Hung)
	return out
}

// Print writes a table.
func (r Report) Print(out io.Writer) {
	_, _ = fmt.Fprintf(out, "\n%-8s %-10s %9s %8s %8s %8s %7s %7s %7s %9s %8s %7s\n", "mode", "kind", "messages", "a second", "no-op", "ratio", "doubles", "known", "hung", "unknown", "settled", "most/s")
	for _, run := range r.Runs {
		_, _ = fmt.Fprintf(out, "%-8s %-10s %9d %8.0f %8.0f %8.2f %7d %7d %7d %9d %7.1fs %7d\n", run.Mode, run.Kind, run.Messages, run.Handsets.Rate, run.Noop, run.RatioNoop,
			run.Handsets.Doubles, run.Known, run.Network.Hung, run.Unknown, run.Settled, run.Handsets.Most)
	}
	for _, run := range r.Runs {
		_, _ = fmt.Fprintf(out, "%s %s, processor µs a message:", run.Mode, run.Kind)
		for _, name := range []string{"worker", "api", "phones", "postgres"} {
			_, _ = fmt.Fprintf(out, " %s %.0f", name, run.Microseconds[name])
		}
		_, _ = fmt.Fprintln(out)
	}
}
