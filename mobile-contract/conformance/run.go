package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Config says which server is tried, and how.
type Config struct {
	URL      string        // where the contract's paths begin: http://127.0.0.1:8080
	Campaign string        // optional on a sandbox, which names its own
	Only     []string      // names of checks; empty: all
	Timeout  time.Duration // how long one check may take. Defaults to a minute
	AtOnce   int           // how many checks are under way at the same time. Defaults to 6
}

// The defaults of a Config.
const (
	defaultTimeout = time.Minute
	defaultAtOnce  = 6
)

// session is one run: what all of its checks share.
type session struct {
	config Config
	base   string
	client *http.Client
	judge  *judge
	people *people
	scene  scene
}

// Run tries the checks. It returns an error when the server cannot be tried at all: it does not answer, there is no such
// campaign, or it is a live one that real people use.
func Run(ctx context.Context, config Config) (*Report, error) {
	began := time.Now()
	checks, err := chosen(config.Only)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, config)
	if err != nil {
		return nil, err
	}
	defer s.client.CloseIdleConnections()
	results := make([]Result, len(checks))
	s.runTogether(ctx, checks, results)
	for i, c := range checks { // alone: it is moved for everybody
		if c.needs&needClock != 0 {
			results[i] = s.try(ctx, c)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("the run was ended: %w", err)
	}
	for i, c := range checks {
		if c.everyAnswer() {
			results[i] = s.everyAnswer(c)
		}
	}
	return newReport(s, results, time.Since(began)), nil
}

func open(ctx context.Context, config Config) (*session, error) {
	u, err := url.Parse(config.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("the server's address: want one such as http://127.0.0.1:8080")
	}
	if config.Timeout <= 0 {
		config.Timeout = defaultTimeout
	}
	if config.AtOnce <= 0 {
		config.AtOnce = defaultAtOnce
	}
	s := &session{config: config, base: strings.TrimRight(u.String(), "/"), client: newClient()}
	if s.judge, err = newJudge(); err != nil {
		return nil, err
	}
	if s.scene, err = s.look(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", s.base, err)
	}
	s.people = newPeople(s.scene)
	return s, nil
}

// runTogether tries what can be tried beside others.
func (s *session) runTogether(ctx context.Context, checks []Check, results []Result) {
	places := make(chan struct{}, s.config.AtOnce)
	var all sync.WaitGroup
	for i, c := range checks {
		if c.everyAnswer() || c.needs&needClock != 0 {
			continue
		}
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			results[i] = s.try(ctx, c)
		})
	}
	all.Wait()
}

// try carries out one check.
func (s *session) try(ctx context.Context, c Check) Result {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	began := time.Now()
	t := &trial{ctx: ctx, session: s}
	if c.needs&(needSandbox|needClock) != 0 && !s.scene.sandbox {
		t.skip("the server is no sandbox, so that nobody can read its texts or move its clock")
	} else {
		t.carryOut(c)
	}
	r := Result{Check: c, Verdict: Pass, Seconds: time.Since(began).Seconds()}
	if t.verdict != "" {
		r.Verdict, r.Expected, r.Got, r.Request, r.Reason = t.verdict, t.expected, t.got, t.request, t.reason
	}
	return r
}

// carryOut runs a check. An answer may be of a form that nobody has thought of; the other checks go on nevertheless.
func (t *trial) carryOut(c Check) {
	defer func() {
		if p := recover(); p != nil {
			t.fail("an answer that the check can read", fmt.Sprint(p))
		}
	}()
	c.run(t)
}

// everyAnswer judges what all checks were answered.
func (s *session) everyAnswer(c Check) Result {
	verdict, o := s.judge.verdict(rule(c.Name))
	r := Result{Check: c, Verdict: verdict, Expected: o.expected, Got: o.got, Request: o.request}
	if verdict == NotTried {
		r.Reason = "no check was tried"
	}
	return r
}
