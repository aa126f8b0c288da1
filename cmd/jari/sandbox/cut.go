package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"strconv"
	"sync"
)

// cutter breaks off the first good answer to each application of one person, after everything has happened.
type cutter struct {
	phone string // E.164

	mu   sync.Mutex
	seen map[string]bool // operation ids
}

// largestBody is more than any request that the contract allows, in bytes.
const largestBody = 1 << 20

// operation is what a request's body may hold, or an operation of a sync.
type operation struct {
	Operation string `json:"operation_id"`
	Person    struct {
		Phone string `json:"phone"`
	} `json:"person"`
	Entries []struct {
		Operations []struct {
			Request operation `json:"request"`
		} `json:"operations"`
	} `json:"entries"`
}

func (c *cutter) over(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := path.Base(r.URL.Path); r.Method != http.MethodPost || name != "registrations" && name != "sync" {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
		ids := c.asked(body)
		if len(ids) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		kept := &keptAnswer{header: http.Header{}, status: http.StatusOK}
		next.ServeHTTP(kept, r)
		if kept.status == http.StatusOK && c.first(ids) {
			kept.cut(w)
		}
		kept.send(w, kept.body.Len())
	})
}

// asked lists the operations by which the person applies. A body that is no JSON asks for nothing: whoever comes next refuses it.
func (c *cutter) asked(body []byte) []string {
	var o operation
	if json.Unmarshal(body, &o) != nil {
		return nil
	}
	all := []operation{o}
	for _, e := range o.Entries {
		for _, of := range e.Operations {
			all = append(all, of.Request)
		}
	}
	var ids []string
	for _, o := range all {
		if o.Operation != "" && o.Person.Phone == c.phone {
			ids = append(ids, o.Operation)
		}
	}
	return ids
}

// first reports whether one of the operations has not been answered before.
func (c *cutter) first(ids []string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	news := false
	for _, id := range ids {
		news = news || !c.seen[id]
		c.seen[id] = true
	}
	return news
}

// keptAnswer is an answer that nobody has read yet.
type keptAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *keptAnswer) Header() http.Header         { return a.header }
func (a *keptAnswer) WriteHeader(status int)      { a.status = status }
func (a *keptAnswer) Write(b []byte) (int, error) { return a.body.Write(b) }

// send sends the whole head and the first n bytes of the body.
func (a *keptAnswer) send(w http.ResponseWriter, n int) {
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	h.Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()[:n]) // whoever asked has gone
}

// cut sends half of the answer and closes the connection.
func (a *keptAnswer) cut(w http.ResponseWriter) {
	a.send(w, a.body.Len()/2)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler) // as net/http wants it: the connection is closed, nothing is logged
}

// failing ends a body as it ended: with an error, or well.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}
