package crowd

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"jari/booking"
	"jari/sms/phonesim"
)

// Config says where the crowd goes.
type Config struct {
	People     int
	Seed       uint64
	URL        string // of the API
	AgentToken string
	Campaign   *booking.Campaign
	Phones     *phonesim.Server
	At         int // applications under way at once
	Over       time.Duration
}

// Tally counts what happened at one door.
type Tally struct {
	Tried   int            // applications sent, repetitions included
	Refused map[string]int // by the reason's code
	Failed  int            // no answer although tried again: nobody may be left here
}

// Crowd is a running crowd.
type Crowd struct {
	config  Config
	people  []*member
	byPhone map[booking.Phone][]*member
	client  *http.Client

	mu    sync.Mutex
	tally map[string]*Tally
	done  int
}

// New invents the people and lets them read the texts that reach their phones.
func New(c Config) *Crowd {
	cr := &Crowd{
		config: c, people: invent(c.People, c.Seed, c.Campaign), byPhone: map[booking.Phone][]*member{}, tally: map[string]*Tally{},
		client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: c.At, MaxConnsPerHost: 2 * c.At}},
	}
	for _, m := range cr.people {
		cr.byPhone[m.person.Phone] = append(cr.byPhone[m.person.Phone], m)
		for _, child := range m.children() {
			cr.byPhone[child] = append(cr.byPhone[child], m)
		}
	}
	for _, d := range []string{"app", "sms", "agent"} {
		cr.tally[d] = &Tally{Refused: map[string]int{}}
	}
	c.Phones.OnText(cr.read)
	return cr
}

// Size is how many people there are.
func (c *Crowd) Size() int { return len(c.people) }

// Done is how many have applied so far.
func (c *Crowd) Done() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done
}

// Tallies returns the counts by door.
func (c *Crowd) Tallies() map[string]Tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]Tally{}
	for d, t := range c.tally {
		copied := Tally{Tried: t.Tried, Failed: t.Failed, Refused: map[string]int{}}
		for k, v := range t.Refused {
			copied.Refused[k] = v
		}
		out[d] = copied
	}
	return out
}

// Expected lists the people who must end up with an entry: everybody who is eligible and gave a reachable number.
func (c *Crowd) Expected() []booking.Person {
	var out []booking.Person
	for _, m := range c.people {
		if m.twist != tooYoung && m.twist != badPhone && m.twist != badJSON {
			out = append(out, m.person)
		}
	}
	return out
}

// Run lets everybody apply, in a random order, At at once, spread over the given time, and returns when all have.
func (c *Crowd) Run(ctx context.Context) {
	order := rand.New(rand.NewPCG(c.config.Seed, 11)).Perm(len(c.people)) //nolint:gosec // not a secret
	work := make(chan *member)
	var wg sync.WaitGroup
	for range c.config.At {
		wg.Go(func() {
			for m := range work {
				c.apply(ctx, m)
				c.mu.Lock()
				c.done++
				c.mu.Unlock()
			}
		})
	}
	pace := time.NewTicker(max(c.config.Over/time.Duration(len(c.people)), 10*time.Microsecond))
	defer pace.Stop()
feed:
	for _, i := range order {
		select {
		case <-ctx.Done():
			break feed
		case <-pace.C:
			work <- c.people[i]
		}
	}
	close(work)
	wg.Wait()
}

func (c *Crowd) apply(ctx context.Context, m *member) {
	switch m.door {
	case "app":
		c.applyByApp(ctx, m)
		if m.twist == twoDoors {
			c.applyByText(m)
		}
	case "sms":
		c.applyByText(m)
	case "agent":
		c.applyByAgent(ctx, m)
		c.befall(m) // an agent has attested who they are
	}
}

func (c *Crowd) tried(door string) {
	c.mu.Lock()
	c.tally[door].Tried++
	c.mu.Unlock()
}

func (c *Crowd) refused(door, code string) {
	c.mu.Lock()
	c.tally[door].Refused[code]++
	c.mu.Unlock()
}

func (c *Crowd) failed(door string) {
	c.mu.Lock()
	c.tally[door].Failed++
	c.mu.Unlock()
}
