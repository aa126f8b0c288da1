package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"jari/booking"
)

// Under overload most answers are refusals with an arrival stamp. Their text is made once, and only the seconds and the
// stamp are put in: a refusal must be the cheapest answer there is.
type overloadAnswer struct {
	before, between, after string
	language               []string
}

// What stands for the seconds and the stamp while the text is made.
const (
	secondsMark = 86399
	stampMark   = "-stamp-"
)

func overloadAnswers() (map[booking.Lang]overloadAnswer, error) {
	out := map[booking.Lang]overloadAnswer{}
	for _, lang := range []booking.Lang{booking.Korean, booking.English} {
		p := problemOf(lang, refusal{code: booking.CodeOverloaded, stamp: stampMark})
		seconds := secondsMark
		p.RetryAfterSeconds = &seconds
		body, err := json.Marshal(p)
		if err != nil {
			return nil, err
		}
		a := overloadAnswer{language: []string{string(lang)}}
		var one, two bool
		a.before, a.between, one = strings.Cut(string(body), strconv.Itoa(secondsMark))
		a.between, a.after, two = strings.Cut(a.between, stampMark)
		if !one || !two {
			return nil, fmt.Errorf("the contract's problem has no seconds before its stamp: %s", body)
		}
		out[lang] = a
	}
	return out, nil
}

// overloaded refuses an application under overload.
func (s *Server) overloaded(c *gin.Context, stamp string) {
	a := s.overload[languageOf(c.GetHeader("Accept-Language"))]
	wait := strconv.Itoa(s.retry.wait(visitOf(c).began, s.cfg.Jitter))
	body := make([]byte, 0, len(a.before)+len(wait)+len(a.between)+len(stamp)+len(a.after))
	body = append(append(append(append(append(body, a.before...), wait...), a.between...), stamp...), a.after...)
	h := c.Writer.Header() // Cache-Control stands already
	h["Retry-After"] = []string{wait}
	h["Content-Language"] = a.language
	h["Vary"] = s.varyLanguage
	h["Content-Type"] = s.problemType
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.Abort()
	c.Status(http.StatusServiceUnavailable)
	_, _ = c.Writer.Write(body) // whoever asked has gone
}
