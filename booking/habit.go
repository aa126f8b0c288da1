package booking

import (
	"encoding/binary"
	"slices"
)

// habit is what people want within a day: a time of day, and so many seats in one half-hour. It remembers for all people
// with the same habit on which days of which sites nothing is left for it, so that each such day is walked only once.
type habit struct {
	people int
	times  []DayTime // in seconds, in order, apart from each other; nil: any time
	never  bool      // no time of day suits
	done   [2][]uint64
}

// anyTime reports whether one look at a day's bit says all there is to say about it.
func (h *habit) anyTime() bool { return h.times == nil && h.people == 1 }

// wait is how many seconds there are from a time of day to the next that suits: 0 if it does, -1 if none comes.
func (h *habit) wait(second int) int {
	if h.times == nil {
		return 0
	}
	for _, t := range h.times {
		if second < t.To {
			return max(0, t.From-second)
		}
	}
	return -1
}

// habit finds what is remembered of a habit, or begins to remember it.
func (b *Board) habit(people int, times []DayTime) *habit {
	b.key = binary.AppendUvarint(b.key[:0], uint64(people))
	for _, t := range times {
		b.key = binary.AppendVarint(binary.AppendVarint(b.key, int64(t.From)), int64(t.To))
	}
	if h, ok := b.habits[string(b.key)]; ok {
		return h
	}
	if n := len(b.habits); n >= mostRemembered || n*b.words*2 > habitWords {
		clear(b.habits) // forgetting costs time and changes nothing
	}
	h := &habit{people: people}
	h.setTimes(times)
	b.habits[string(b.key)] = h
	b.largest = max(b.largest, people)
	return h
}

func (h *habit) setTimes(times []DayTime) {
	sorted := slices.Clone(times)
	slices.SortFunc(sorted, func(a, b DayTime) int { return a.From - b.From })
	for _, t := range sorted {
		t = DayTime{max(0, t.From) * 60, min(t.To, 24*60) * 60}
		if t.From >= t.To {
			continue
		}
		if n := len(h.times); n > 0 && t.From <= h.times[n-1].To {
			h.times[n-1].To = max(h.times[n-1].To, t.To)
			continue
		}
		h.times = append(h.times, t)
	}
	h.never = len(times) > 0 && len(h.times) == 0
}

// nothingOn notes that a whole day has nothing for the habit.
func (h *habit) nothingOn(kind seatKind, word, words, d int) {
	if h.done[kind] == nil {
		h.done[kind] = make([]uint64, words)
	}
	h.done[kind][word+d>>6] |= 1 << (d & 63)
}

// lookAgain forgets that habits have nothing on a day.
func (b *Board) lookAgain(at, d int) {
	w := b.sites[at].word + d>>6
	for _, h := range b.habits {
		for _, done := range h.done {
			if done != nil {
				done[w] &^= 1 << (d & 63)
			}
		}
	}
}
