package rush

import (
	"math/rand/v2"
	"sync"
	"time"
)

// trick is how somebody tries to get ahead. Each was tried in July 2021 or is what a script would try.
type trick uint8

const (
	honest       trick = iota
	reentry            // airplane mode: drops everything, comes again from another address, at another node, as a new device
	forger             // sends stamps that were never issued
	alterer            // changes the stamp that was received
	borrower           // sends somebody else's stamp
	thief              // sends somebody else's stamp, secret and operation id with other data
	redoer             // sends the own stamp with another operation
	clockChanger       // claims another time: in the body, in Date, in X-Request-Start
	headerTricks       // claims another address or method; sends two secrets at once
	replayer           // sends somebody else's body from another device
	burster            // sends bursts before the opening and over it
)

// tricks lists them: cheaters take turns, so that there is one of each kind among the first ten.
var tricks = [...]trick{reentry, forger, alterer, borrower, thief, redoer, clockChanger, headerTricks, replayer, burster}

var trickNames = map[trick]string{
	reentry: "airplane mode", forger: "forged stamps", alterer: "altered stamps", borrower: "borrowed stamps", thief: "stamps with other data",
	redoer: "stamps of another operation", clockChanger: "changed clocks", headerTricks: "headers", replayer: "replayed bodies", burster: "bursts before the opening",
}

// script plans what a cheater does, from t0 on.
func (p *planner) script(who int32, kind trick, t0 time.Duration, r *rand.Rand) {
	ms := func(n int) time.Duration { return t0 + time.Duration(n)*time.Millisecond }
	switch kind {
	case reentry:
		for device := range uint8(3) {
			p.add(ms(60*int(device)), who, actReenter, device)
		}
	case forger, borrower, alterer, redoer:
		what := map[trick]act{forger: actForge, borrower: actBorrow, alterer: actAlter, redoer: actRedo}[kind]
		// Again after the acknowledgement: a stamp must not move a place that stands, either.
		for _, after := range []time.Duration{0, 100 * time.Millisecond, min(1500*time.Millisecond, p.over/10), min(6*time.Second, p.over/4)} {
			p.add(t0+after, who, what, 0)
		}
	case thief:
		p.add(ms(0), who, actSteal, stolenDevice)
		p.add(ms(80), who, actApply, 0)
		p.add(t0+min(3*time.Second, p.over/6), who, actSteal, stolenDevice)
	case clockChanger:
		p.add(ms(0), who, actClaimTime, 0)
		p.add(ms(50), who, actOldDate, 0)
	case headerTricks:
		p.add(ms(0), who, actTwoSecrets, 0)
		p.add(ms(50), who, actHeaders, 0)
	case replayer:
		p.add(ms(0), who, actReplay, replayDevice)
		p.add(ms(50), who, actApply, 0)
	case burster:
		for range 10 {
			p.add(-time.Duration(r.Int64N(int64(2*time.Second))), who, actEarly, 0)
		}
		for n := range 4 {
			p.add(time.Duration(n*5)*time.Millisecond, who, actTap, 0)
		}
		p.add(20*time.Millisecond, who, actApply, 0)
	case honest:
	}
}

// The devices of a cheater that are nobody's phone: the bits of person.answered are counted to 8.
const (
	replayDevice = 6
	stolenDevice = 7
)

// leak is what a cheater got to know about somebody else's device.
type leak struct {
	who    int32
	device uint8
	stamp  string
}

// leaks keeps the earliest stamps and the earliest acknowledged people: those worth stealing from.
type leaks struct {
	mu     sync.Mutex
	stamps []leak
	people []int32
}

const maxLeaks = 64

func (l *leaks) stamped(k leak) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.stamps) < maxLeaks {
		l.stamps = append(l.stamps, k)
	}
}

func (l *leaks) acknowledged(who int32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.people) < maxLeaks {
		l.people = append(l.people, who)
	}
}

// stamp draws somebody's stamp; nil while none has been given out.
func (l *leaks) stamp(r *rand.Rand) *leak {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.stamps) == 0 {
		return nil
	}
	k := l.stamps[r.IntN(len(l.stamps))]
	return &k
}

// person draws somebody who stands already; nobody while there is none.
func (l *leaks) person(r *rand.Rand) int32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.people) == 0 {
		return nobody
	}
	return l.people[r.IntN(len(l.people))]
}
