package main

import (
	"fmt"
	"os"
	"strings"
)

// progress shows how something stands, when it is called twice a second: on a terminal a bar for the share that is done and a
// line, always in the same place, and elsewhere a line every few seconds. An empty line ends it.
func progress(out *os.File) func(share float64, line string) {
	info, err := out.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	calls := 0
	return func(share float64, line string) {
		const width = 10
		done := int(width * min(max(share, 0), 1))
		switch calls++; {
		case terminal && line == "":
			_, _ = fmt.Fprint(out, "\r\x1b[K")
		case terminal: // what is too long for the terminal is cut off, not wrapped
			_, _ = fmt.Fprintf(out, "\r\x1b[K\x1b[?7l%s%s %s\x1b[?7h", strings.Repeat("█", done), strings.Repeat("░", width-done), line)
		case line != "" && calls%8 == 1:
			_, _ = fmt.Fprintln(out, line)
		}
	}
}
