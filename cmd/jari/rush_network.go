package main

import (
	"net/http"
	"sync/atomic"
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

func (n *rushNetwork) pass(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Host = n.hosts[int(n.turn.Add(1))%len(n.hosts)]
	return n.base.RoundTrip(req)
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
