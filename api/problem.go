package api

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"jari/booking"
	"jari/mobile-contract/contract"
)

// The codes that only this door has.
const (
	codeNotFound         booking.Code = "not_found"
	codeMethodNotAllowed booking.Code = "method_not_allowed"
	codeNoTicket         booking.Code = "no_ticket"
	codeTooLarge         booking.Code = "too_large"
	codeUnsupportedMedia booking.Code = "unsupported_media"
	codeInternal         booking.Code = "internal"
	// codeSecretMalformed: no secret was sent, or none that a client of ours would make. It depends on the request alone.
	codeSecretMalformed booking.Code = "secret_malformed"
	// codeAgentUnauthorized is for agents what CodeUnauthorized is for devices.
	codeAgentUnauthorized booking.Code = "agent_unauthorized"
)

// statuses has every code that may leave this door.
var statuses = map[booking.Code]int{
	booking.CodeInvalid:      http.StatusBadRequest,
	booking.CodeUnauthorized: http.StatusUnauthorized,
	codeSecretMalformed:      http.StatusUnauthorized,
	codeAgentUnauthorized:    http.StatusUnauthorized,
	booking.CodeVerifyFirst:  http.StatusForbidden,
	booking.CodeNotOpenYet:   http.StatusForbidden,
	booking.CodeClosed:       http.StatusForbidden,
	booking.CodeNotEligible:  http.StatusForbidden,
	booking.CodeLiveCampaign: http.StatusForbidden,
	booking.CodeNoCampaign:   http.StatusNotFound,
	booking.CodeNoQueue:      http.StatusNotFound,
	codeNoTicket:             http.StatusNotFound,
	codeNotFound:             http.StatusNotFound,
	codeMethodNotAllowed:     http.StatusMethodNotAllowed,
	booking.CodeConflict:     http.StatusConflict,
	codeTooLarge:             http.StatusRequestEntityTooLarge,
	codeUnsupportedMedia:     http.StatusUnsupportedMediaType,
	booking.CodeReused:       http.StatusUnprocessableEntity,
	booking.CodeWrongCode:    http.StatusUnprocessableEntity,
	booking.CodeTooMany:      http.StatusTooManyRequests,
	codeInternal:             http.StatusInternalServerError,
	booking.CodeOverloaded:   http.StatusServiceUnavailable,
}

// refusal is all that may be said about an error.
type refusal struct {
	code   booking.Code
	field  string
	reason contract.FieldReason
	at     string
	cohort string
	stamp  string
	wait   int // seconds until trying again makes sense; 0: waitOf decides
}

// refusalOf finds what may be said. ok is false for an internal error.
func refusalOf(err error) (r refusal, ok bool) {
	var field *fieldError
	if errors.As(err, &field) {
		return refusal{code: booking.CodeInvalid, field: field.field, reason: field.reason}, true
	}
	var e *booking.Error
	if errors.As(err, &e) && statuses[e.Code] != 0 {
		r = refusal{code: e.Code, field: e.Field, at: e.At, cohort: e.Cohort, stamp: e.Stamp}
		if e.Code == booking.CodeInvalid {
			r.reason = contract.FieldReasonValue
		}
		return r, true
	}
	return refusal{code: codeInternal}, false
}

// refuse renders an error. An internal one is logged here, once, and the person reads a fixed text.
func (s *Server) refuse(c *gin.Context, err error) {
	r := s.judge(c, err)
	if r.stamp != "" {
		s.overloaded(c, r.stamp)
		return
	}
	s.render(c, r)
}

// judge finds what may be said about an error, and logs what may not.
func (s *Server) judge(c *gin.Context, err error) refusal {
	r, ok := refusalOf(err)
	if !ok && s.cfg.Away != nil && s.cfg.Away(err) {
		r, ok = refusal{code: booking.CodeOverloaded}, true
	}
	if ok && (r.code != booking.CodeOverloaded || r.stamp != "") {
		return r
	}
	level := slog.LevelError
	if ok || c.Request.Context().Err() != nil { // whoever hung up in the middle of a batch is no fault of ours
		level = slog.LevelDebug
	}
	s.log.LogAttrs(c.Request.Context(), level, "request failed", slog.String("request_id", requestID(c)),
		slog.String("route", routeOf(c)), slog.String("error", err.Error()))
	return r
}

// problemOf makes what depends on the refusal alone.
func problemOf(lang booking.Lang, r refusal) contract.Problem {
	title, detail := problemText(lang, r)
	p := contract.Problem{
		Type: "/problems/" + strings.ReplaceAll(string(r.code), "_", "-"), Title: title, Detail: &detail,
		Status: statuses[r.code], Code: contract.ProblemCode(r.code),
	}
	if r.code == booking.CodeInvalid {
		field := cut(r.field, maxPointer)
		p.Field, p.Reason = &field, &r.reason
	}
	if r.at != "" {
		p.At = &r.at
	}
	if r.cohort != "" {
		p.Cohort = &r.cohort
	}
	if r.stamp != "" {
		p.Stamp = &r.stamp
	}
	return p
}

// maxPointer bounds the echo of a field's name, in bytes.
const maxPointer = 256

// problem makes all that is said about a refusal in this request's answer.
func (s *Server) problem(c *gin.Context, lang booking.Lang, r refusal) contract.Problem {
	p := problemOf(lang, r)
	if r.code == booking.CodeNotOpenYet {
		now := nowLike(received(c), r.at)
		p.Now = &now
	}
	if wait := s.waitOf(r, visitOf(c)); wait > 0 {
		p.RetryAfterSeconds = &wait
	}
	return p
}

func (s *Server) render(c *gin.Context, r refusal) {
	reading := s.forReading(c)
	lang := languageOf(c.GetHeader("Accept-Language"))
	if reading {
		lang = pageLanguage(c)
	}
	p := s.problem(c, lang, r)
	if wait := p.RetryAfterSeconds; wait != nil {
		c.Header("Retry-After", strconv.Itoa(*wait))
	}
	if reading && s.renderPage(c, lang, p) {
		return
	}
	if statuses[r.code] == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", "Bearer")
	}
	body, err := json.Marshal(p)
	if err != nil { // cannot happen: the type holds texts and numbers
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Language", string(lang))
	c.Header("Vary", "Accept-Language")
	c.Abort()
	c.Data(p.Status, "application/problem+json", body)
}

// waitOf says in how many seconds the same request makes sense again; 0 when that is not known.
func (s *Server) waitOf(r refusal, v *visit) int {
	if r.wait > 0 {
		return r.wait
	}
	switch r.code {
	case booking.CodeOverloaded:
		return s.retry.wait(v.began, s.cfg.Jitter)
	case booking.CodeTooMany:
		until, err := time.Parse(time.RFC3339, r.at)
		if err != nil {
			return 0
		}
		return min(secondsOf(until.Sub(v.received)), 86400)
	}
	return 0
}

func randomBelow(n int) int { return rand.IntN(n) } //nolint:gosec // spreads retries, guards nothing

// nowLike writes our time with the offset of another instant, so that people can compare the two.
func nowLike(now time.Time, like string) string {
	zone := time.UTC
	if t, err := time.Parse(time.RFC3339, like); err == nil {
		zone = t.Location()
	}
	return now.In(zone).Format(time.RFC3339)
}

// cut shortens a text to at most n bytes without breaking a letter.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
