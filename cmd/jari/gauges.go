package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
)

// brakeGauge shows every brake of every campaign, from memory.
type brakeGauge struct {
	campaigns desk.Campaigns
	desc      *prometheus.Desc
}

func newBrakeGauge(campaigns desk.Campaigns) *brakeGauge {
	return &brakeGauge{campaigns, prometheus.NewDesc("jari_brake", "1 while an operator has stopped this part of a campaign's work.", []string{"campaign", "what"}, nil)}
}

// Describe implements prometheus.Collector.
func (g *brakeGauge) Describe(to chan<- *prometheus.Desc) { to <- g.desc }

// Collect implements prometheus.Collector.
func (g *brakeGauge) Collect(to chan<- prometheus.Metric) {
	for _, c := range g.campaigns.All() {
		for _, what := range booking.Brakes() {
			on := 0.0
			if c.Braked(what) {
				on = 1
			}
			to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, on, c.Slug, string(what))
		}
	}
}

// seatGauges show when supply is about to end, as the public count says it. What is unknown has no line.
type seatGauges struct {
	figures func() []db.QueueFigure
	assured *prometheus.Desc
	seats   *prometheus.Desc
}

func newSeatGauges(figures func() []db.QueueFigure) *seatGauges {
	return &seatGauges{
		figures: figures,
		assured: prometheus.NewDesc("jari_assured_to", "Everybody up to this number of the queue who waits has a seat by what is free.", []string{"campaign", "queue"}, nil),
		seats:   prometheus.NewDesc("jari_seats_free", "Seats of the pool that can still be given, by slots, supplies and notice.", []string{"campaign", "pool"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (g *seatGauges) Describe(to chan<- *prometheus.Desc) {
	to <- g.assured
	to <- g.seats
}

// Collect implements prometheus.Collector. The queues of a pool may differ in their notice: the most that one of them can be given is
// what is left.
func (g *seatGauges) Collect(to chan<- prometheus.Metric) {
	type pool struct{ campaign, code string }
	seats := map[pool]int64{}
	for _, f := range g.figures() {
		if f.AssuredTo != nil {
			to <- prometheus.MustNewConstMetric(g.assured, prometheus.GaugeValue, float64(*f.AssuredTo), f.Campaign, f.Queue)
		}
		if f.SeatsFree != nil {
			p := pool{f.Campaign, f.Pool}
			seats[p] = max(seats[p], *f.SeatsFree)
		}
	}
	for p, n := range seats {
		to <- prometheus.MustNewConstMetric(g.seats, prometheus.GaugeValue, float64(n), p.campaign, p.code)
	}
}
