package rush

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// act is one thing that a device does.
type act uint8

const (
	actApply   act = iota // the application, repeated until it is answered
	actTap                // the same application once more, by an impatient thumb
	actEarly              // the application before the opening
	actAgent              // an agent enters the person
	actText               // the application by text
	actStatus             // how does my application stand
	actQueue              // the public count
	actReenter            // the rest are the tricks', in their order
	actForge
	actAlter
	actBorrow
	actSteal
	actRedo
	actClaimTime
	actOldDate
	actTwoSecrets
	actHeaders
	actReplay
)

// insists reports whether a device does it again until it is answered.
func (a act) insists() bool {
	switch a {
	case actTap, actEarly, actStatus, actQueue, actClaimTime, actTwoSecrets:
		return false
	}
	return true
}

// valid reports whether the request could be accepted after the opening. What claims a time of its own, or two secrets,
// must be refused; were it accepted, it would still give no arrival.
func (a act) valid() bool { return a != actClaimTime && a != actTwoSecrets }

// event is one planned request.
type event struct {
	at     int64 // nanoseconds since the opening
	who    int32
	act    act
	device uint8
	try    uint8
}

type planner struct {
	events []event
	over   time.Duration
	chains int // events that are repeated until they are answered
}

func (p *planner) add(at time.Duration, who int32, what act, device uint8) {
	if what.insists() {
		p.chains++
	}
	p.events = append(p.events, event{at: int64(at), who: who, act: what, device: device})
}

// beforeOpening is how long before the opening the first people come.
const beforeOpening = 5 * time.Second

// plan says who sends what when, sorted by time. Every person has a first request, on a curve with a sharp peak at the
// opening; the requests that are left are spread over the people and the rest of the time.
func plan(c Config, people []person, openAlready bool) ([]event, int) {
	r := rand.New(rand.NewPCG(c.Seed, 3)) //nolint:gosec // a plan, not a secret
	p := &planner{over: c.Over, events: make([]event, 0, int(float64(len(people))*c.PerPerson)+len(people)/4)}
	begins := make([]time.Duration, len(people))
	for i := range people {
		who := &people[i]
		begins[i] = arrivalCurve(r.Float64(), c.Over)
		if who.cheat != honest && who.cheat != burster {
			// Later than many others, so that there is somebody to get ahead of.
			begins[i] = time.Duration((0.05 + 0.65*r.Float64()) * float64(c.Over))
		}
		p.first(int32(i), who, begins[i], r, openAlready)
	}
	for extra := int(float64(len(people))*c.PerPerson) - len(p.events); extra > 0; extra-- {
		i := r.IntN(len(people))
		p.extra(int32(i), &people[i], begins[i], c.Over, r)
	}
	slices.SortStableFunc(p.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	return p.events, p.chains
}

func (p *planner) first(i int32, who *person, begins time.Duration, r *rand.Rand, openAlready bool) {
	switch {
	case who.door == DoorSMS:
		p.add(begins, i, actText, 0)
		return
	case who.door == DoorAgent:
		p.add(begins, i, actAgent, 0)
		return
	case who.cheat != honest:
		p.script(i, who.cheat, begins, r)
		return
	}
	if who.early && !openAlready {
		p.add(-time.Duration(r.Int64N(int64(beforeOpening))), i, actEarly, 0)
	}
	p.add(begins, i, actApply, 0)
	if who.second {
		p.add(begins+time.Duration(r.Int64N(int64(min(10*time.Second, p.over/2)))), i, actApply, 1)
	}
}

// What people do while they wait: mostly look at the public count, as their app does by itself.
const (
	tapShare    = 0.25
	statusShare = 0.15
)

func (p *planner) extra(i int32, who *person, begins, over time.Duration, r *rand.Rand) {
	left := max(over-begins, time.Second)
	at := begins + time.Duration(r.Int64N(int64(left)))
	what := actQueue
	switch x := r.Float64(); {
	case who.door != DoorApp || who.cheat != honest:
	case x < tapShare:
		what = actTap
		if r.IntN(3) == 0 { // at once: a double tap
			at = begins + time.Duration(r.Int64N(int64(2*time.Second)))
		}
	case x < tapShare+statusShare:
		what = actStatus
	}
	p.add(at, i, what, 0)
}

// steepness makes half of the people begin within the first 15 % of the time: an exponential curve, cut at the end.
const steepness = 4.55

// arrivalCurve gives the instant before which the share x of the people has begun.
func arrivalCurve(x float64, over time.Duration) time.Duration {
	share := -math.Log(1-x*(1-math.Exp(-steepness))) / steepness
	return time.Duration(share * float64(over))
}
