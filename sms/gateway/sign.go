package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a signed request.
const (
	TimestampHeader = "Jari-Timestamp" // seconds since 1970
	SignatureHeader = "Jari-Signature" // v1= and 64 hexadecimal digits; several are separated by commas
	KeyHeader       = "Idempotency-Key"
)

// Window is how far a request's timestamp may be from the clock of whoever checks it, to either side.
const Window = 5 * time.Minute

// version stands before a signature and in what is signed: another way of signing gets another word.
const version = "v1"

// Sign returns a request's signature. target is the path and the query of its address as called ("/jari/messages"). Method and target are signed too, so
// that what was signed for one purpose cannot be used for another.
func Sign(secret string, at time.Time, method, target string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(version + "\n" + strconv.FormatInt(at.Unix(), 10) + "\n" + method + "\n" + target + "\n"))
	mac.Write(body)
	return version + "=" + hex.EncodeToString(mac.Sum(nil))
}

// SignRequest puts timestamp and signature on a request whose body is given.
func SignRequest(req *http.Request, secret string, at time.Time, body []byte) {
	req.Header.Set(TimestampHeader, strconv.FormatInt(at.Unix(), 10))
	req.Header.Set(SignatureHeader, Sign(secret, at, req.Method, req.URL.RequestURI(), body))
}

// Verify reports whether a request was signed with one of the secrets (two while a secret is being changed) within the Window around now. Secrets that
// are too short never match, so an empty one does not. The comparison takes constant time.
func Verify(secrets []string, now time.Time, header http.Header, method, target string, body []byte) bool {
	seconds, err := strconv.ParseInt(header.Get(TimestampHeader), 10, 64)
	if err != nil {
		return false
	}
	at := time.Unix(seconds, 0)
	if at.Before(now.Add(-Window)) || at.After(now.Add(Window)) {
		return false
	}
	ok := false
	for _, secret := range secrets {
		if len(secret) < minSecret {
			continue
		}
		want := []byte(Sign(secret, at, method, target, body))
		for given := range strings.SplitSeq(header.Get(SignatureHeader), ",") {
			if hmac.Equal(want, []byte(strings.TrimSpace(given))) {
				ok = true
			}
		}
	}
	return ok
}
