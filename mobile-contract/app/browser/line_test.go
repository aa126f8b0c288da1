//go:build browser

package browser

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// line is what lies between a device and a sandbox: an HTTP proxy on a port of its own, and so an origin of its own. It can be
// down, and what happens to a request can be told beforehand (accident_test.go).
type line struct {
	s         *stage
	addr      string // 127.0.0.1:port, the same also after it was down
	target    string
	transport *http.Transport
	pace      atomic.Pointer[pace] // nil: as fast as it goes
	bytes     atomic.Int64         // to the device, all of it, headers too

	mu      sync.Mutex
	server  *http.Server // nil while it is down
	waiting []waiting
	always  accident // stands in for all requests that no other accident takes
	mend    func(path string, body []byte) []byte
	seen    []request
}

// request is what the device has sent.
type request struct {
	method, uri string
	header      http.Header
	body        string
}

func (s *stage) newLine(target string) *line {
	s.Helper()
	l := &line{s: s, target: target, transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8}}
	// Above what systems hand out to outgoing connections begins at 32768: below it, nobody takes the port while the line is down.
	for range 50 {
		l.addr = fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000))
		if l.open() == nil {
			s.Cleanup(func() {
				l.down()
				l.transport.CloseIdleConnections()
			})
			return l
		}
	}
	s.Fatal("no port is free for the line")
	return nil
}

func (l *line) open() error {
	listener, err := (&net.ListenConfig{}).Listen(l.s.Context(), "tcp", l.addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(l.serve)}
	l.mu.Lock()
	l.server = server
	l.mu.Unlock()
	go func() { _ = server.Serve(&pacedListener{Listener: listener, line: l}) }()
	return nil
}

// down refuses new connections and breaks all there are.
func (l *line) down() {
	l.mu.Lock()
	server := l.server
	l.server = nil
	l.mu.Unlock()
	if server != nil {
		_ = server.Close()
	}
}

// up lets the device through again.
func (l *line) up() {
	l.s.Helper()
	l.s.until("the line's port to be free again", func() bool {
		err := l.open()
		if err != nil && !errors.Is(err, syscall.EADDRINUSE) {
			l.s.Fatal(err)
		}
		return err == nil
	})
}

// rewrite changes the bodies of answers, such as to those of a newer version of the app; nil ends it.
func (l *line) rewrite(mend func(path string, body []byte) []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mend = mend
}

func (l *line) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the device has hung up
	}
	seen := request{method: r.Method, uri: r.URL.RequestURI(), header: r.Header.Clone(), body: string(body)}
	l.mu.Lock()
	l.seen = append(l.seen, seen)
	happens := l.take(seen)
	l.mu.Unlock()
	e := &exchange{w: w, r: r, line: l, body: body}
	if happens == nil {
		happens = through
	}
	happens(e)
}

// answer is a whole answer of the server.
type answer struct {
	status string // 200 OK
	code   int
	header http.Header
	body   []byte
}

// fetch hands the request on, and reads the whole answer.
func (l *line) fetch(r *http.Request, body []byte) (*answer, error) {
	to, err := url.Parse(l.target)
	if err != nil {
		return nil, err
	}
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host, out.RequestURI = to.Scheme, to.Host, ""
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	l.mu.Lock()
	mend := l.mend
	l.mu.Unlock()
	if mend != nil {
		out.Header.Del("Accept-Encoding")
		out.Header.Del("If-None-Match")
	}
	res, err := l.transport.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && mend != nil {
		if other := mend(r.URL.Path, text); !bytes.Equal(other, text) {
			text = other
			res.Header.Del("ETag")
		}
	}
	res.Header.Set("Content-Length", strconv.Itoa(len(text)))
	return &answer{res.Status, res.StatusCode, res.Header, text}, err
}

// requests are those that a match names: "POST /v1/sync" or "/app/", with everything that begins like that.
func (l *line) requests(match string) []request {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []request
	for _, r := range l.seen {
		if r.is(match) {
			out = append(out, r)
		}
	}
	return slices.Clone(out)
}

func (r request) is(match string) bool {
	if strings.HasPrefix(match, "/") {
		return strings.HasPrefix(r.uri, match)
	}
	return strings.HasPrefix(r.method+" "+r.uri, match)
}
