package rush

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"jari/booking"
)

// Rush is one run.
type Rush struct {
	config Config
	client *http.Client // for the few documents; the crowd has its own connections
	town   *town
	nodes  []node
	local  bool // the nodes are on this machine: come from several loopback addresses
	keys   keys
	people []person
	events []event

	opening     time.Time // in this process's clock
	tally       *tally
	leaks       leaks
	later       later
	owed        atomic.Int64 // repetitions for which no planned request has been left out yet
	chains      atomic.Int64 // devices that have not been answered yet
	moved       atomic.Int64 // when something last went forward, nanoseconds since the opening
	byPhone     map[booking.Phone]int32
	known       known
	order       order
	reads       int // pages of the order, so that the nodes take turns
	texts       texts
	served      atomic.Int64 // people by text who know their ticket
	connections int
	phase       atomic.Pointer[string]
}

// known maps what the system calls people by to the people.
type known struct {
	mu         sync.Mutex
	references map[string]int32
	tickets    map[string]int32
}

func (k *known) reference(s string, who int32) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.references[s] = who
}

func (k *known) ticket(s string, who int32) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tickets[s] = who
}

// New reads the campaign and plans the run. It returns ErrLive, and an error for what cannot be reached or replayed.
func New(ctx context.Context, c Config) (*Rush, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	r := &Rush{config: c, client: &http.Client{Timeout: 30 * time.Second}, local: true, byPhone: map[booking.Phone]int32{}}
	hosts, err := r.hosts()
	if err != nil {
		return nil, err
	}
	if r.town, err = readTown(ctx, r.client, r.base(0), c.Campaign); err != nil {
		return nil, err
	}
	if c.Doors[DoorSMS] > 0 && (c.Phones == nil || !r.town.inKorean) {
		return nil, errors.New("--doors: there are no phones to text from: sms=0, or start a system of its own with --private")
	}
	for _, h := range hosts {
		r.nodes = append(r.nodes, newNode(h, c.Campaign, r.town.queues))
	}
	_, _ = rand.Read(r.keys[:])
	r.known = known{references: make(map[string]int32, c.People), tickets: map[string]int32{}}
	r.order.after, r.texts = map[string]int64{}, readTexts()
	r.people = invent(c, r.town.cohorts, len(r.town.regions))
	for i := range r.people {
		if r.people[i].door == DoorSMS {
			r.byPhone[r.people[i].phone] = int32(i)
		}
	}
	openAlready := time.Until(r.town.opens) < 0
	var chains int
	r.events, chains = plan(c, r.people, openAlready)
	r.chains.Store(int64(chains))
	r.tally = newTally(2*beforeOpening, c.Over+c.Patience)
	r.say("waiting")
	return r, nil
}

// hosts reads the targets.
func (r *Rush) hosts() ([]string, error) {
	var out []string
	for _, target := range r.config.Targets {
		u, err := url.Parse(target)
		if err != nil || u.Scheme != "http" || u.Host == "" || u.Path != "" && u.Path != "/" {
			return nil, fmt.Errorf("%q: expected the node's own address, http://host:port", target)
		}
		host := u.Host
		if u.Port() == "" {
			host = net.JoinHostPort(u.Hostname(), "80")
		}
		if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() || ip.To4() == nil {
			r.local = false
		}
		out = append(out, host)
	}
	if len(out) == 0 {
		return nil, errors.New("no node was given")
	}
	return out, nil
}

func (r *Rush) base(i int) string { return strings.TrimSuffix(r.config.Targets[i], "/") }

// Opens is the opening that the campaign announces.
func (r *Rush) Opens() time.Time { return r.town.opens }

// Planned is how many requests are planned, without the repetitions that nobody can plan.
func (r *Rush) Planned() int { return len(r.events) }

// now is the instant, in nanoseconds since the opening, by the monotonic clock.
func (r *Rush) now() int64 { return int64(time.Since(r.opening)) }

func (r *Rush) say(phase string) { r.phase.Store(&phase) }

// Run drives the crowd, reads the order and judges. An error means that there is no judgement.
func (r *Rush) Run(ctx context.Context) (*Result, error) {
	now := time.Now()
	r.opening = now.Add(time.Until(r.town.opens)) // keeps the monotonic reading
	if r.opening.Before(now) {
		r.opening = now.Add(time.Second) // it is open already: begin when the connections stand
	}
	// What stands before is none of ours.
	if err := r.readOrder(ctx, true); err != nil {
		return nil, err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { r.watch(watching) })
	defer stop()
	if err := r.drive(ctx); err != nil {
		return nil, err
	}
	r.say("reading the order")
	if err := r.awaitOrder(ctx); err != nil {
		return nil, err
	}
	return r.judge(), nil
}

// watch tells how the run stands, twice a second.
func (r *Rush) watch(ctx context.Context) {
	if r.config.Progress == nil {
		return
	}
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	before := int64(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		sent := r.tally.sent.Load() + r.tally.text.Load()
		r.config.Progress(Snapshot{
			Phase: *r.phase.Load(), Since: time.Duration(r.now()), People: len(r.people), Registered: int(r.tally.registered.Load()),
			Stamped: int(r.tally.stamped.Load()), Placed: r.order.size(), Rate: float64(sent-before) * 2,
		})
		before = sent
	}
}
