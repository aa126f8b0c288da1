package rush

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"jari/booking"
)

// The doors that people may use.
const (
	DoorApp   = "app"
	DoorSMS   = "sms"
	DoorAgent = "agent"
)

// Config says who applies, where and how.
type Config struct {
	Targets    []string // base URLs of the API nodes, http://host:port
	Campaign   string   // slug
	AgentToken string   // reads the order, and applies at the agents' door

	People    int
	PerPerson float64 // requests that a person's devices send on average
	Over      time.Duration
	Doors     map[string]float64 // shares of the people, which are made to sum to 1
	Drop      float64            // share of application requests whose connection is cut before the answer
	Early     float64            // share of people who begin before the opening
	Cheat     float64            // share of people who cheat
	Helpers   float64            // share of people for whom somebody else applies too, from another device
	Seed      uint64
	Margin    time.Duration // what two nodes' clocks may differ by without it being counted; 0: what Apart says
	Conns     int           // connections at once, over all nodes, at most
	Patience  time.Duration // how long people go on after Over, as long as anything still moves

	// Apart says, at the end, what two nodes' clocks may have differed by, as they export it; nil: not known, nothing.
	Apart    func() time.Duration
	Phones   Phones // sends texts from people's phones; nil where there are none
	Progress func(Snapshot)
}

// Phones sends a text from a phone to the system's number.
type Phones interface {
	// Text returns "" when the text was not taken; it is tried again then.
	Text(from booking.Phone, body string) string
}

// MaxPeople is how many people can be invented: each has a telephone number that nobody has.
const MaxPeople = 5_000_000

// Check says what is wrong with the settings.
func (c *Config) Check() error {
	share := func(name string, v float64) error {
		if v < 0 || v > 1 || v != v {
			return fmt.Errorf("--%s: a share from 0 to 1", name)
		}
		return nil
	}
	errs := []error{share("drop", c.Drop), share("early", c.Early), share("cheat", c.Cheat), share("helpers", c.Helpers)}
	if c.Drop > 0.9 {
		errs = append(errs, errors.New("--drop: at most 0.9, or nobody would ever be answered"))
	}
	if c.People < 1 || c.People > MaxPeople {
		errs = append(errs, fmt.Errorf("--people: from 1 to %d", MaxPeople))
	}
	if c.PerPerson < 1 || c.PerPerson > 100 {
		errs = append(errs, errors.New("--requests-per-person: from 1 to 100"))
	}
	if c.Over < time.Second || c.Over > 6*time.Hour {
		errs = append(errs, errors.New("--over: from 1s to 6h"))
	}
	if c.Conns < 1 || c.Conns > 20_000 {
		errs = append(errs, errors.New("--connections: from 1 to 20000"))
	}
	return errors.Join(errs...)
}

// ParseDoors reads "app=98,sms=2" into shares that sum to 1.
func ParseDoors(s string) (map[string]float64, error) {
	out, sum := map[string]float64{}, 0.0
	for part := range strings.SplitSeq(s, ",") {
		door, number, ok := strings.Cut(strings.TrimSpace(part), "=")
		n, err := strconv.ParseFloat(number, 64)
		if _, twice := out[door]; !ok || err != nil || !(n >= 0 && n < 1e9) || twice {
			return nil, fmt.Errorf("--doors: %q: expected app=98,sms=2", part)
		}
		if door != DoorApp && door != DoorSMS && door != DoorAgent {
			return nil, fmt.Errorf("--doors: there is no door %q: app, sms, agent", door)
		}
		out[door] = n
		sum += n
	}
	if sum <= 0 {
		return nil, errors.New("--doors: somebody must come through some door")
	}
	for door := range out {
		out[door] /= sum
	}
	return out, nil
}

// doorList is the doors in a fixed order, so that a seed makes the same people.
func (c *Config) doorList() []string { return slices.Sorted(maps.Keys(c.Doors)) }
