package rush

import (
	"cmp"
	"math"
	"slices"
)

// never is the instant of what did not happen.
const never = math.MaxInt64

// Seen is all that was observed of one person from outside. Instants are nanoseconds since the opening.
type Seen struct {
	// First is when the first request was sent that could have been accepted: after the opening, with valid data, by
	// whatever device, and not answered with a refusal. never: there was none.
	First int64
	// Held is when the first acknowledgement, or the first stamp that was then used, was received. never: there was none.
	Held int64
	// Acknowledged: an answer said that the application is received, or the text's webhook was accepted.
	Acknowledged bool
	Cheater      bool
}

// Standing is one entry of the order, as the system published it.
type Standing struct {
	Queue   string
	Number  int64
	Arrival int64 // microseconds; the order key
	Person  int   // index of the person; nobody for an entry of somebody who did not apply here
	Late    string
	Door    string
}

const nobody = -1

// Verdict is what the judge found. The first four must be 0.
type Verdict struct {
	Lost       int // acknowledged, and not in the order
	Doubled    int // places beyond a person's first, places of nobody, and numbers that somebody has already
	OutOfOrder int // people who were overtaken: somebody who came after they were acknowledged stands before them
	Gained     int // cheaters who stand before somebody who was acknowledged before the cheater's first valid request

	Registered int // people with a place
	// Examples of the four, by person, for whoever looks for the reason; at most maxExamples each.
	LostPeople, DoubledPeople, Overtaken, Gainers []int
}

const maxExamples = 10

// Judge holds the order against what was seen. margin is in nanoseconds: how far two instants may lie apart before one
// counts as after the other. Queues are judged apart, because order is kept within a queue. It takes O(n log n).
func Judge(people []Seen, order []Standing, margin int64) Verdict {
	var v Verdict
	places := make([]int32, len(people))
	type number struct {
		queue string
		n     int64
	}
	given := make(map[number]bool, len(order))
	for _, s := range order {
		if given[number{s.Queue, s.Number}] {
			v.Doubled++
		}
		given[number{s.Queue, s.Number}] = true
		if s.Person == nobody {
			v.Doubled++
			continue
		}
		if places[s.Person]++; places[s.Person] > 1 {
			v.Doubled++
			v.DoubledPeople = example(v.DoubledPeople, s.Person)
		}
	}
	for i, p := range people {
		if places[i] > 0 {
			v.Registered++
		} else if p.Acknowledged {
			v.Lost++
			v.LostPeople = example(v.LostPeople, i)
		}
	}
	for _, queue := range byQueue(order) {
		v.judgeQueue(people, queue, margin)
	}
	return v
}

func byQueue(order []Standing) map[string][]Standing {
	queues := map[string][]Standing{}
	for _, s := range order {
		if s.Person != nobody {
			queues[s.Queue] = append(queues[s.Queue], s)
		}
	}
	return queues
}

// judgeQueue finds the overtaken and the gainers of one queue.
func (v *Verdict) judgeQueue(people []Seen, queue []Standing, margin int64) {
	// Equal arrivals are told apart by the number: it is all that is shown of the tie-breaker.
	slices.SortFunc(queue, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.Arrival, b.Arrival), cmp.Compare(a.Number, b.Number))
	})
	queue = firstPlaces(queue)
	// A is overtaken if anybody before A sent their first request after A was held: compare with the latest of those before.
	latest := int64(math.MinInt64)
	for _, s := range queue {
		p := people[s.Person]
		if p.Held != never && latest > p.Held+margin {
			v.OutOfOrder++
			v.Overtaken = example(v.Overtaken, s.Person)
		}
		latest = max(latest, p.First)
	}
	// A cheater gains if anybody behind was held before the cheater's first request: compare with the earliest of those behind.
	earliest := int64(never)
	for i := len(queue) - 1; i >= 0; i-- {
		p, who := people[queue[i].Person], queue[i].Person
		if p.Cheater && earliest != never && p.First > earliest+margin {
			v.Gained++
			v.Gainers = example(v.Gainers, who)
		}
		earliest = min(earliest, p.Held)
	}
}

// firstPlaces leaves each person the first of their places: what is beyond it is counted as doubled already.
func firstPlaces(queue []Standing) []Standing {
	seen := make(map[int]bool, len(queue))
	return slices.DeleteFunc(queue, func(s Standing) bool {
		had := seen[s.Person]
		seen[s.Person] = true
		return had
	})
}

func example(list []int, who int) []int {
	if len(list) < maxExamples {
		list = append(list, who)
	}
	return list
}
