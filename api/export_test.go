package api

import (
	"time"

	"jari/booking"
)

// Codes lists every code that may leave this door and checks that each has words in each language.
func Codes() []booking.Code {
	var codes []booking.Code
	for code := range statuses {
		for _, lang := range []booking.Lang{booking.Korean, booking.English} {
			if title, detail := problemText(lang, refusal{code: code, at: "2021-07-19T20:00:00+09:00"}); title == "" || detail == "" {
				codes = append(codes, code+" without words in "+booking.Code(lang))
			}
		}
		codes = append(codes, code)
	}
	return codes
}

// BoundBatches lets batches take so long.
func (s *Server) BoundBatches(d time.Duration) { s.batchTime = d }
