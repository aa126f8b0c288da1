package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"jari/booking/desk"
	"jari/sms/wire"
)

const (
	// maxAnswer bounds what is read of an answer: a page of the log, 1,000 messages of the longest body, stays below it.
	maxAnswer = 16 << 20
	// maxRetryAfter bounds a wait that a broken or hostile answer could ask for.
	maxRetryAfter = time.Hour
)

// call is the transport of exactly one request. It puts the caller's context and the target host on the request and
// judges the answer here, where the status, the headers and the kind of failure can still be seen; the client library
// hides all three.
type call struct {
	ctx    context.Context
	base   http.RoundTripper
	target *url.URL // nil leaves the host alone

	status int // HTTP status, 0 when there was no answer
	result desk.SendResult
}

// RoundTrip implements http.RoundTripper. The whole answer is read, so that a connection that breaks in the middle of
// it is seen here as well.
func (c *call) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, connected := wire.Watch(c.ctx)
	out := req.Clone(ctx)
	if c.target != nil {
		out.URL.Scheme, out.URL.Host, out.Host = c.target.Scheme, c.target.Host, ""
	}
	resp, err := c.base.RoundTrip(out)
	if err != nil {
		c.result = desk.SendResult{Outcome: desk.SendUnknown}
		if wire.SurelyNotSent(err, connected(), c.base) {
			c.result.Outcome = desk.SendNotSent
		}
		return nil, err
	}
	c.status = resp.StatusCode
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	resp.Body.Close()
	c.result = classify(resp.StatusCode, resp.Header, body)
	if err != nil {
		if c.result.Outcome == desk.SendAccepted {
			c.result.Outcome = desk.SendUnknown
		}
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// classify says what an answer means for the message. A 429 is documented as never processed. A 401 or 403 refuses us and
// not the message (a rotated token, a suspended account): nothing was processed and the message is good, so it is tried
// again until we are let in, unless the code is about the number. A 408 may come from something on the way while Twilio
// still works on the request, so it is unknown like a 5xx; so is a redirect.
func classify(status int, header http.Header, body []byte) desk.SendResult {
	code := errorCode(body)
	if code == 0 {
		code = status
	}
	switch {
	case status >= 200 && status < 300:
		return desk.SendResult{Outcome: desk.SendAccepted}
	case status == http.StatusTooManyRequests:
		return desk.SendResult{Outcome: desk.SendSlowDown, Code: code, RetryAfter: retryAfter(header)}
	case status == http.StatusRequestTimeout:
		return desk.SendResult{Outcome: desk.SendUnknown, Code: code}
	case (status == http.StatusUnauthorized || status == http.StatusForbidden) && !PermanentCode(code):
		return desk.SendResult{Outcome: desk.SendNotSent, Code: code}
	case status >= 400 && status < 500:
		return desk.SendResult{Outcome: desk.SendRefused, Code: code, Permanent: PermanentCode(code)}
	}
	return desk.SendResult{Outcome: desk.SendUnknown, Code: code}
}

// errorCode reads Twilio's error code; 0 when the body is not Twilio's JSON, such as a proxy's HTML page.
func errorCode(body []byte) int {
	var answer struct {
		Code int `json:"code"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Code < 0 {
		return 0
	}
	return answer.Code
}

// retryAfter reads Retry-After as seconds or as a date, measured against the answer's own Date so that our clock plays
// no part. It returns 0 when there is none, and at most an hour.
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	var wait time.Duration
	if seconds, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
	} else if until, err := http.ParseTime(value); err == nil {
		if now, err := http.ParseTime(header.Get("Date")); err == nil {
			wait = until.Sub(now)
		}
	}
	return min(max(wait, 0), maxRetryAfter)
}

// failure returns nil when Twilio answered a read with 200 and the library could decode it. The library's own errors
// hold the URL, and with it the number, or Twilio's text, which may repeat the number; so only the cause below the URL,
// the status and the code are told.
func (c *call) failure(attempt string, err error) error {
	if c.status != 0 && c.status != http.StatusOK {
		return fmt.Errorf("twilio: %s: status %d, code %d", attempt, c.status, c.result.Code)
	}
	if err == nil {
		return nil
	}
	var at *url.Error
	if errors.As(err, &at) {
		return fmt.Errorf("twilio: %s: %w", attempt, at.Err)
	}
	return fmt.Errorf("twilio: %s: the answer cannot be read", attempt)
}
