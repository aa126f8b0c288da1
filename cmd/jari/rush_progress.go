package main

import (
	"fmt"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"jari/cmd/jari/rush"
)

// rushDone is the phase of the last call of a progress function.
const rushDone = "done"

// rushProgress shows a bar with live rates on a terminal, and otherwise a plain line every few seconds.
func rushProgress(out *os.File, people int) func(rush.Snapshot) {
	if !isatty.IsTerminal(out.Fd()) {
		calls := 0
		return func(s rush.Snapshot) {
			if calls++; calls%8 == 1 && s.Phase != rushDone {
				_, _ = fmt.Fprintf(out, "%s\n", rushLine(s))
			}
		}
	}
	bar := progressbar.NewOptions(2*people, progressbar.OptionSetWriter(out), progressbar.OptionSetWidth(24), progressbar.OptionSetPredictTime(false),
		progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionClearOnFinish())
	return func(s rush.Snapshot) {
		if s.Phase == rushDone {
			_ = bar.Finish()
			return
		}
		bar.Describe(rushLine(s))
		_ = bar.Set(min(s.Registered+s.Placed, 2*people-1))
	}
}

func rushLine(s rush.Snapshot) string {
	return fmt.Sprintf("%+.0f s %s: %.0f requests/s, %d of %d stored, %d stamped, %d places", s.Since.Seconds(), s.Phase, s.Rate, s.Registered, s.People, s.Stamped, s.Placed)
}
