package api

import (
	"bytes"
	"compress/gzip"
	"strings"

	"github.com/gin-gonic/gin"
)

// shown is something to read in a browser: a page or its style sheet.
type shown struct {
	kind         string // content type
	body, packed []byte // packed is body as gzip, if it is worth it
	etag         string // of the body, without quotation marks
}

const kindHTML = "text/html; charset=utf-8"

// newShown makes a document that is handed out many times. How hard it is packed is gzip's level.
func newShown(kind string, body []byte, level int) (*shown, error) {
	packed, err := pack(body, level)
	if err != nil {
		return nil, err
	}
	return &shown{kind: kind, body: body, packed: packed, etag: digestOf(body)}, nil
}

// send answers with a document, packed for whoever takes it, or with 304. policy is its Content-Security-Policy.
func (d *shown) send(c *gin.Context, policy, keep string, vary ...string) {
	body, etag := d.body, `"`+d.etag+`"`
	c.Header("Vary", strings.Join(append(vary, "Accept-Encoding"), ", "))
	c.Header("Content-Security-Policy", policy)
	if takesGzip(c.GetHeader("Accept-Encoding")) {
		body, etag = d.packed, `"`+d.etag+`-gzip"`
		c.Header("Content-Encoding", "gzip")
	}
	publicAs(c, d.kind, body, etag, keep)
}

// takesGzip is a careful reading of Accept-Encoding (RFC 9110, 12.5.3): whoever does not plainly name gzip gets it as it is.
func takesGzip(accept string) bool { return takes(accept, "gzip") }

// takes reports whether a header such as Accept or Accept-Encoding names something, and does not refuse it.
func takes(accept, what string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		name, weight, weighed := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), what) {
			return !weighed || !refuses(weight)
		}
	}
	return false
}

// refuses reports whether a weight is zero: "q=0", "q=0.0".
func refuses(weight string) bool {
	q, ok := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=0")
	return ok && strings.Trim(q, ".0") == ""
}

func pack(body []byte, level int) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}
