package api

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"jari/booking"
	"jari/mobile-contract/contract"
)

// maxBody is the largest body accepted, in bytes. The largest honest one is below 2 KiB.
const maxBody = 16 << 10

// usualBody is what an application takes, with room to spare.
const usualBody = 1 << 10

// fieldError says what is wrong with a body, and where.
type fieldError struct {
	field  string // JSON pointer
	reason contract.FieldReason
}

func (e *fieldError) Error() string { return "body: " + string(e.reason) + " at " + e.field }

// readBody reads a request's body into a type of the contract, strictly. It returns codeUnsupportedMedia, codeTooLarge
// or a *fieldError.
func readBody[T any](c *gin.Context) (*T, error) {
	v := new(T)
	if n := c.Request.ContentLength; n > 0 && n <= usualBody && isJSON(c.Request.Header) {
		var b [usualBody]byte // most bodies fit, so most requests need no buffer of their own
		if _, err := io.ReadFull(c.Request.Body, b[:n]); err != nil {
			return v, &fieldError{reason: contract.FieldReasonSyntax} // broken off on the way
		}
		return v, decode(b[:n], v)
	}
	body, err := bodyOf(c, maxBody)
	if err != nil {
		return v, err
	}
	return v, decode(body, v)
}

// bodyOf reads a JSON body of at most so many bytes. It returns codeUnsupportedMedia, codeTooLarge, or a *fieldError when the
// body breaks off.
func bodyOf(c *gin.Context, most int64) ([]byte, error) {
	if !isJSON(c.Request.Header) {
		return nil, booking.Fail(codeUnsupportedMedia, nil)
	}
	if c.Request.ContentLength > most {
		return nil, booking.Fail(codeTooLarge, nil)
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, most))
	if err == nil {
		return body, nil
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, booking.Fail(codeTooLarge, nil)
	}
	return nil, &fieldError{reason: contract.FieldReasonSyntax} // broken off on the way
}

func isJSON(h http.Header) bool {
	if e := h.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return false
	}
	if values := h["Content-Type"]; len(values) == 1 && values[0] == "application/json" {
		return true
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return false
	}
	charset, ok := params["charset"]
	return !ok || strings.EqualFold(charset, "utf-8")
}

// decode reads JSON strictly: an unknown name (also one that differs in case only), a repeated name, a wrong type, null,
// text that is not UTF-8, and anything after the value are errors that name the field.
func decode(body []byte, v any) error {
	if err := json.Unmarshal(body, v, json.RejectUnknownMembers(true)); err != nil {
		return fieldErrorOf(err)
	}
	return refuseNull(body, nil)
}

// refuseNull finds a null anywhere in a valid text; the reader above would take it for "left out". What stands at a pointer that
// elsewhere accepts is somebody else's to judge.
func refuseNull(body []byte, elsewhere func(jsontext.Pointer) bool) error {
	if !bytes.Contains(body, []byte("null")) {
		return nil
	}
	d := jsontext.NewDecoder(bytes.NewReader(body))
	for {
		t, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fieldErrorOf(err)
		}
		if at := d.StackPointer(); t.Kind() == 'n' && (elsewhere == nil || !elsewhere(at)) {
			return &fieldError{string(at), contract.FieldReasonType}
		}
	}
}

func fieldErrorOf(err error) *fieldError {
	field, reason := contract.Unreadable(err)
	return &fieldError{field, reason}
}
