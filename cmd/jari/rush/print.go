package rush

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Print writes the result for people at a terminal.
func (r *Result) Print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w)
	for _, f := range r.facts() {
		_, _ = fmt.Fprintf(w, "%s\t%s\n", f.Name, f.Value)
	}
	for _, list := range []struct {
		what string
		rows []fact
	}{{"answered", codeRows(r.Statuses)}, {"refused", codeRows(r.RefusedByCode)}} {
		for _, f := range list.rows {
			_, _ = fmt.Fprintf(w, "%s %s\t%s\n", list.what, f.Name, f.Value)
		}
	}
	_, _ = fmt.Fprintln(w)
	for _, j := range r.judgedRows() {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%s\n", j.Name, j.N, j.What)
	}
	_ = w.Flush()
	_, _ = fmt.Fprintln(out)
	for _, f := range r.Failures {
		_, _ = fmt.Fprintf(out, "FAILED: %s\n", f)
	}
	for _, e := range r.Examples {
		_, _ = fmt.Fprintf(out, "  %s\n", e)
	}
	if r.OK {
		_, _ = fmt.Fprintln(out, "Nobody lost a place, and nobody gained one.")
	}
}
