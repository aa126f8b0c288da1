package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// scene is where the checks play: what the server and the campaign say of themselves.
type scene struct {
	sandbox  bool
	contract string // the version that the server speaks
	slug     string
	campaign answer   // the campaign's document
	open     cohort   // takes people now, in the order of arrival
	cohorts  []cohort // all of them
	regions  []string
	sites    []string
	cast     map[string]person // the sandbox's magic people, by case
	phones   numbers           // for invented people
}

// cohort is what a campaign says of one of its cohorts.
type cohort struct {
	code, queue            string
	from, to               time.Time // birth days, inclusive
	digits                 []int
	opens, closes, windows time.Time
	round                  time.Time // the first one
	drawn                  bool
}

// look reads what must be known before anything is tried.
func (s *session) look(ctx context.Context) (scene, error) {
	var c scene
	service, err := s.read(ctx, "/v1/service")
	if err != nil {
		return c, err
	}
	c.phones = numbersOf("", "")
	c.sandbox, c.contract, c.slug = service.at("sandbox") == true, service.text("contract"), s.config.Campaign
	if c.sandbox {
		if err := s.lookAtCast(ctx, &c); err != nil {
			return c, err
		}
	}
	if c.slug == "" {
		return c, errors.New("which campaign? Only a sandbox names its own")
	}
	if c.campaign, err = s.read(ctx, "/v1/campaigns/"+c.slug); err != nil {
		return c, err
	}
	if c.campaign.text("mode") == "live" && !c.sandbox {
		return c, fmt.Errorf("%s is a live campaign: nobody is invented where real people wait", c.slug)
	}
	if c.campaign.at("number_asked") == true {
		return c, fmt.Errorf("%s asks for official numbers, and invented people have none", c.slug)
	}
	now, err := s.now(ctx, c.sandbox, service)
	if err != nil {
		return c, err
	}
	if err := c.readCampaign(now); err != nil {
		return c, err
	}
	return c, s.settle(ctx, c.path()+"/queues/"+c.open.queue)
}

// settle gives a server that has just been started some seconds to count its queue for the first time. Whether it does is for the checks
// to say.
func (s *session) settle(ctx context.Context, queue string) error {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		a, err := s.send(ctx, request{method: http.MethodGet, path: queue})
		if err != nil || a.status == http.StatusOK {
			return err
		}
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// read asks for a document that must be there.
func (s *session) read(ctx context.Context, path string) (answer, error) {
	a, err := s.send(ctx, request{method: http.MethodGet, path: path})
	if err != nil {
		return a, err
	}
	a.what = "GET " + path
	s.judge.look(ctx, http.MethodGet, path, a)
	if a.status != http.StatusOK {
		return a, fmt.Errorf("GET %s: %s", path, a.summary())
	}
	return a, nil
}

// now is the server's time.
func (s *session) now(ctx context.Context, sandbox bool, any answer) (time.Time, error) {
	if sandbox {
		clock, err := s.read(ctx, "/sandbox/clock")
		return clock.instant("now"), err
	}
	at, err := http.ParseTime(any.header.Get("Date"))
	if err != nil {
		return at, errors.New("an answer without a Date header: what time is it there?")
	}
	return at, nil
}

// readCampaign finds who can apply now.
func (c *scene) readCampaign(now time.Time) error {
	a := c.campaign
	for i := range a.list("regions") {
		c.regions = append(c.regions, a.text("regions", i, "code"))
	}
	for i := range a.list("sites") {
		c.sites = append(c.sites, a.text("sites", i, "code"))
	}
	for i := range a.list("cohorts") {
		k := cohort{
			code: a.text("cohorts", i, "code"), queue: a.text("cohorts", i, "queue"), from: day(a.text("cohorts", i, "born_from")), to: day(a.text("cohorts", i, "born_to")),
			opens: a.instant("cohorts", i, "opens"), closes: a.instant("cohorts", i, "closes"), windows: a.instant("cohorts", i, "window_closes"),
			round: a.instant("cohorts", i, "first_round"), drawn: a.text("cohorts", i, "order") == "draw",
		}
		for j := range a.list("cohorts", i, "birth_digits") {
			k.digits = append(k.digits, int(a.number("cohorts", i, "birth_digits", j)))
		}
		c.cohorts = append(c.cohorts, k)
	}
	for _, k := range append([]cohort{c.cohortOf(c.cast["ordinary"])}, c.cohorts...) {
		if !k.drawn && c.open.code == "" && !now.Before(k.opens) && now.Before(k.closes) {
			c.open = k
		}
	}
	if c.open.code == "" {
		return fmt.Errorf("no cohort of %s takes people at %s, so that nothing can be tried", c.slug, now.Format(time.RFC3339))
	}
	return nil
}

// cohortOf is the cohort that a magic person's birth date belongs to; empty when there is none.
func (c *scene) cohortOf(p person) cohort {
	born := day(p.born)
	for _, k := range c.cohorts {
		if !born.Before(k.from) && !born.After(k.to) && (len(k.digits) == 0 || slices.Contains(k.digits, born.Day()%10)) {
			return k
		}
	}
	return cohort{}
}

func day(s string) time.Time {
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}
	}
	return at
}

func (c *scene) path() string { return "/v1/campaigns/" + c.slug }

// newID makes an operation id.
func newID() string { return uuid.New().String() }

// oldID makes a version 7 UUID whose time is long past: what a clock that was set back would make.
func oldID() string {
	id := uuid.New()
	copy(id[:6], []byte{0, 0, 0, 0, 0, 1})
	id[6] = id[6]&0x0f | 0x70
	return strings.ToLower(id.String())
}
