package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// cut is where a connection breaks.
type cut int

const (
	whole        cut = iota
	beforeServer     // before a byte of the request reaches the server
	midRequest       // with half of the request at the server
	delivered        // with the request at the server, which finds nobody there when it answers
	beforeAnswer     // after the server has answered, before a byte of that reaches the device
	midAnswer        // with half of the answer at the device
	lastByte         // with all of the answer but its last byte at the device
	cuts
)

func (c cut) String() string {
	return [...]string{"whole", "before the server", "mid request", "delivered", "before the answer", "mid answer", "before the last byte"}[c]
}

// cutLine is the network between one device and the server: it counts the exchanges and breaks those it is told to.
type cutLine struct {
	listener net.Listener
	server   string

	mu     sync.Mutex
	plan   map[int]cut // by the exchange's number, from 0
	seen   int
	past   [][]byte // the requests so far
	replay bool     // after each exchange every earlier request reaches the server once more
	broken int
}

func newCutLine(t *testing.T, server string, plan map[int]cut) *cutLine {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutLine{listener: l, server: server, plan: plan}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.carry(conn)
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	return c
}

func (c *cutLine) url() string { return "http://" + c.listener.Addr().String() }

// carry brings one request over and its answer back, as far as the plan lets it.
func (c *cutLine) carry(device net.Conn) {
	defer func() { _ = device.Close() }()
	_ = device.SetDeadline(time.Now().Add(time.Minute))
	request, err := readRequest(device)
	if err != nil {
		return
	}
	c.mu.Lock()
	where := c.plan[c.seen]
	c.seen++
	c.past = append(c.past, request)
	past := c.past[:len(c.past):len(c.past)]
	if where != whole {
		c.broken++
	}
	c.mu.Unlock()
	switch where {
	case beforeServer:
		return
	case midRequest:
		c.post(request[:len(request)/2], false)
		return
	case delivered:
		c.post(request, false)
		return
	}
	answer := c.post(request, true)
	if c.replay {
		for _, earlier := range past {
			c.post(earlier, true)
		}
	}
	switch where {
	case whole:
		_, _ = device.Write(answer)
	case midAnswer:
		_, _ = device.Write(answer[:len(answer)/2])
	case lastByte:
		_, _ = device.Write(answer[:max(0, len(answer)-1)])
	}
}

// post brings bytes to the server and, if wanted, its answer.
func (c *cutLine) post(request []byte, answered bool) []byte {
	conn, err := net.DialTimeout("tcp", c.server, 10*time.Second)
	if err != nil {
		return nil
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := conn.Write(request); err != nil || !answered {
		return nil
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		return nil
	}
	return answer
}

// readRequest reads one request and returns its bytes.
func readRequest(device net.Conn) ([]byte, error) {
	var raw bytes.Buffer
	r, err := http.ReadRequest(bufio.NewReader(io.TeeReader(device, &raw)))
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	return raw.Bytes(), nil
}

func (c *cutLine) exchanges() (seen, broken int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen, c.broken
}
