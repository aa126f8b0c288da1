package main

import (
	"errors"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"jari/cmd/jari/rush"
)

// rushNetwork is the network between the phones and the nodes: every node gets texts, in turn, under the public name.
type rushNetwork struct {
	base  http.RoundTripper
	hosts []string
	turn  atomic.Uint32
	seen  atomic.Pointer[http.RoundTripper]
}

func newRushNetwork(hosts []string) *rushNetwork {
	return &rushNetwork{base: &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute}, hosts: hosts}
}

// watch lets a run see what passes.
func (n *rushNetwork) watch(r *rush.Rush) {
	t := r.Transport(roundTripper(n.pass))
	n.seen.Store(&t)
}

// RoundTrip implements http.RoundTripper.
func (n *rushNetwork) RoundTrip(req *http.Request) (*http.Response, error) {
	if t := n.seen.Load(); t != nil {
		return (*t).RoundTrip(req)
	}
	return n.pass(req)
}

// pass gives a text to the next node. One that takes no connection is passed over, as anything that balances load does it.
func (n *rushNetwork) pass(req *http.Request) (res *http.Response, err error) {
	turn := int(n.turn.Add(1))
	for i := range n.hosts {
		again := req.Clone(req.Context())
		again.URL.Host = n.hosts[(turn+i)%len(n.hosts)]
		if i > 0 && req.GetBody != nil {
			if again.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
		if res, err = n.base.RoundTrip(again); !errors.Is(err, syscall.ECONNREFUSED) {
			return res, err
		}
	}
	return res, err
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
