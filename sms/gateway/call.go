package gateway

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
	// maxAnswer bounds what is read of an answer: a page of 1,000 received texts of the longest kind stays below it.
	maxAnswer = 16 << 20
	// maxRetryAfter bounds a wait that a broken or hostile answer could ask for.
	maxRetryAfter = time.Hour
)

// answer is what came back of one request: a status and a whole body, or an error.
type answer struct {
	status  int // 0 when there was no answer
	header  http.Header
	body    []byte
	err     error
	notSent bool // nothing can have reached the gateway
}

// call makes one signed request. The error in the answer holds no address, because addresses hold numbers.
func (s *Sender) call(ctx context.Context, method, path string, query url.Values, body []byte, key string) answer {
	target := s.config.BaseURL + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	ctx, connected := wire.Watch(ctx)
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return answer{err: errors.New("the request cannot be made"), notSent: true}
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set(KeyHeader, strconv.Quote(key))
	}
	SignRequest(req, s.config.Secret, s.config.Now(), body)
	resp, err := s.client.Do(req)
	if err != nil {
		if at := new(url.Error); errors.As(err, &at) {
			err = at.Err
		}
		return answer{err: err, notSent: wire.SurelyNotSent(err, connected(), s.client.Transport)}
	}
	defer resp.Body.Close()
	whole, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return answer{status: resp.StatusCode, header: resp.Header, body: whole, err: err}
}

// read decodes the answer to a question. found is false after a 404.
func (a answer) read(attempt string, into any) (found bool, err error) {
	switch {
	case a.status == http.StatusNotFound:
		return false, nil
	case a.err != nil:
		return false, fmt.Errorf("gateway: %s: %w", attempt, a.err)
	case a.status != http.StatusOK:
		return false, fmt.Errorf("gateway: %s: status %d", attempt, a.status)
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return false, fmt.Errorf("gateway: %s: the answer cannot be read", attempt) // the error itself may hold what it read
	}
	return true, nil
}

// outcome says what an answer to a handing-over means for the text. Only 400, 413 and 422 are about the text; 401, 403, 404 and the like refuse us, or the
// address that was set: the text is good and is tried again. A 409 says that the same text is being taken right now.
func (s *Sender) outcome(a answer) desk.SendResult {
	switch {
	case a.notSent:
		return desk.SendResult{Outcome: desk.SendNotSent}
	case a.status == http.StatusTooManyRequests:
		return desk.SendResult{Outcome: desk.SendSlowDown, Code: a.status, RetryAfter: retryAfter(a.header)}
	case a.status == http.StatusRequestTimeout, a.status == http.StatusConflict:
		return desk.SendResult{Outcome: desk.SendUnknown, Code: a.status}
	case a.status == http.StatusBadRequest, a.status == http.StatusRequestEntityTooLarge, a.status == http.StatusUnprocessableEntity:
		return refused(a)
	case a.status >= 400 && a.status < 500:
		return desk.SendResult{Outcome: desk.SendNotSent, Code: a.status}
	case a.err != nil || a.status < 200 || a.status >= 300:
		return desk.SendResult{Outcome: desk.SendUnknown, Code: a.status}
	}
	var m message
	if json.Unmarshal(a.body, &m) != nil || !goodID(m.ID) {
		return desk.SendResult{Outcome: desk.SendUnknown, Code: a.status} // it probably has the text, but we do not know its id
	}
	return desk.SendResult{Outcome: desk.SendAccepted, ProviderID: s.ours(m.ID)}
}

func refused(a answer) desk.SendResult {
	var why struct {
		Reason string `json:"reason"`
	}
	if json.Unmarshal(a.body, &why) != nil || why.Reason == "" {
		return desk.SendResult{Outcome: desk.SendRefused, Code: a.status}
	}
	code, permanent := reasonCode(why.Reason)
	return desk.SendResult{Outcome: desk.SendRefused, Code: code, Permanent: permanent}
}

// retryAfter reads Retry-After in seconds. It returns 0 when there is none, and at most an hour.
func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil {
		return 0
	}
	return time.Duration(min(max(seconds, 0), int(maxRetryAfter/time.Second))) * time.Second
}
