package main

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"jari/booking"
	"jari/cmd/jari/load"
	"jari/cmd/jari/rush"
)

// connect lets the run see the texts, and begins what is done to the system.
func (h *rushHouse) connect(ctx context.Context, r *rush.Rush) {
	h.network.watch(r)
	h.phones.OnText(func(to booking.Phone, body string) string { return r.Read(to, body) })
	h.beside(ctx, h.clocks.watch)
	if h.options.stopDatabase > 0 {
		h.beside(ctx, h.faulty(r.Opens(), h.outage))
	}
	if h.options.stopNodes > 0 {
		h.beside(ctx, h.faulty(r.Opens(), h.nodesAway))
	}
}

// faulty remembers what went wrong with an outage.
func (h *rushHouse) faulty(opens time.Time, outage func(context.Context, time.Time) error) func(context.Context) {
	return func(ctx context.Context) {
		if err := outage(ctx, opens); err != nil && ctx.Err() == nil {
			h.mu.Lock()
			h.fault = err
			h.mu.Unlock()
		}
	}
}

// nodesAway kills all nodes in mid-rush, as a power cut would, and starts them again.
func (h *rushHouse) nodesAway(ctx context.Context, opens time.Time) error {
	at := h.options.stopNodesAt
	if at < 0 {
		at = h.options.crowd.Over / 4
	}
	if err := load.Pause(ctx, time.Until(opens.Add(at))); err != nil {
		return err
	}
	h.mu.Lock()
	away := h.nodes
	h.nodes = nil
	h.children = slices.DeleteFunc(h.children, func(c *child) bool { return slices.ContainsFunc(away, func(n rushNode) bool { return n.child == c }) })
	h.mu.Unlock()
	for _, n := range away {
		n.child.Kill()
		<-n.child.Done()
	}
	if err := load.Pause(ctx, h.options.stopNodes); err != nil {
		return err
	}
	var errs []error
	for i, n := range away {
		errs = append(errs, h.startNode(i+len(away), n.config))
	}
	return errors.Join(errs...)
}

// outage stops PostgreSQL in mid-rush, without waiting for its clients, and starts it again.
func (h *rushHouse) outage(ctx context.Context, opens time.Time) error {
	u, err := url.Parse(h.postgres.URL())
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return err
	}
	if err := load.Pause(ctx, time.Until(opens.Add(h.options.crowd.Over/4))); err != nil {
		return err
	}
	if err := h.postgres.Stop(ctx); err != nil {
		return err
	}
	if err := load.Pause(ctx, h.options.stopDatabase); err != nil {
		return err
	}
	return h.startPostgres(ctx, port)
}

// failed reports a process that ended by itself, and an outage that did not go as planned.
func (h *rushHouse) failed() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	errs := []error{h.fault}
	for _, c := range h.children {
		errs = append(errs, c.ended())
	}
	return errors.Join(errs...)
}
