package pages

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"jari/booking"
	"jari/booking/words"
)

// Kind says what a running server is.
type Kind string

// The kinds.
const (
	Real      Kind = "real"      // applications count
	Rehearsal Kind = "rehearsal" // nothing but rehearsals
	Demo      Kind = "demo"      // an invented crowd
	Sandbox   Kind = "sandbox"   // for app teams
)

// Landing is what the page at / has to say.
type Landing struct {
	Lang      booking.Lang
	Kind      Kind
	Contract  string // the version that the server speaks
	Now       time.Time
	Campaigns []*booking.Campaign
	Phones    string // the address of the simulated phones; empty where there are none
}

// landingView is Landing as the layout reads it.
type landingView struct {
	frame
	Kind                 Kind
	WhatItIs             string
	Contract, Now        string
	Campaigns            []campaignView
	App, Phones, Sandbox string
}

// campaignView is a campaign on the landing page.
type campaignView struct {
	Slug, Name, Mode    string
	State               string // in a sentence
	Open                bool   // somebody can apply now
	Cohorts             []cohortView
	Phone, Dial         string
	Board, Wall, Source string
	Zone                string
}

// cohortView is who may apply, and when.
type cohortView struct{ Name, When string }

// Landing makes the page at /.
func (m *Maker) Landing(l Landing) ([]byte, error) {
	t := textsIn(l.Lang)
	v := landingView{
		frame: newFrame(l.Lang, t.LandingTitle, "/", nil), Kind: l.Kind, WhatItIs: t.Kinds[l.Kind], Contract: l.Contract,
		Now: l.Now.UTC().Format(time.RFC3339), App: at("/app/", l.Lang, nil), Phones: l.Phones,
	}
	if l.Kind == Sandbox {
		v.Sandbox = "/sandbox"
	}
	for _, c := range l.Campaigns {
		one := campaignIn(l.Lang, c, l.Now)
		if l.Kind == Demo { // its campaign is live, so that everybody of the crowd is reached
			one.Mode = t.DemoMode
		}
		v.Campaigns = append(v.Campaigns, one)
	}
	return m.make("landing", v)
}

func campaignIn(lang booking.Lang, c *booking.Campaign, now time.Time) campaignView {
	t := textsIn(lang)
	board := "/boards/" + c.Slug
	v := campaignView{
		Slug: c.Slug, Name: c.Names.In(lang), Mode: t.Modes[c.Mode], Phone: c.Phone, Dial: dial(c.Phone), Zone: zoneName(t, c.Zone.String()),
		Board: at(board, lang, nil), Wall: at(board, lang, url.Values{"refresh": {strconv.Itoa(RefreshSeconds)}}), Source: "/v1/campaigns/" + c.Slug,
	}
	v.State, v.Open = stateOf(t, lang, c, now)
	for i := range c.Cohorts {
		k := &c.Cohorts[i]
		v.Cohorts = append(v.Cohorts, cohortView{k.Names.In(lang), whenOf(t, lang, k, c.Zone, now)})
	}
	return v
}

// stateOf says how a campaign stands as a whole.
func stateOf(t *texts, lang booking.Lang, c *booking.Campaign, now time.Time) (state string, open bool) {
	var next time.Time
	for i := range c.Cohorts {
		k := &c.Cohorts[i]
		switch {
		case !now.Before(k.Closes):
		case !now.Before(k.Opens):
			return t.Open, true
		case next.IsZero() || k.Opens.Before(next):
			next = k.Opens
		}
	}
	if next.IsZero() {
		return t.Over, false
	}
	return sprintf(t.NotYet, words.Instant(lang, next.In(c.Zone))), false
}

// whenOf says when a cohort may apply, and what of that is now.
func whenOf(t *texts, lang booking.Lang, k *booking.Cohort, zone *time.Location, now time.Time) string {
	in := func(at time.Time) string { return words.Instant(lang, at.In(zone)) }
	drawn := k.Order == booking.ByDraw
	switch {
	case now.Before(k.Opens) && drawn:
		return sprintf(t.CohortLaterDrawn, in(k.Opens), in(k.Window))
	case now.Before(k.Opens):
		return sprintf(t.CohortLater, in(k.Opens), in(k.Closes))
	case !now.Before(k.Closes):
		return sprintf(t.CohortOver, in(k.Closes))
	case drawn && now.Before(k.Window):
		return sprintf(t.CohortOpenDrawn, in(k.Window), in(k.Closes))
	}
	return sprintf(t.CohortOpen, in(k.Closes))
}

// dial is a number without what people put in to read it.
func dial(phone string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
}

// zoneName is how people call a zone: whoever wants an appointment has never heard of Asia/Seoul.
func zoneName(t *texts, zone string) string {
	if name, ok := t.Zones[zone]; ok {
		return name
	}
	return zone
}
