package booking

import "time"

// Board is a stand-in.
type Board struct {
	c    *Campaign
	now  time.Time
	free []FreeSlot
	m    *matcher
}

func NewBoard(c *Campaign, now time.Time) *Board { return &Board{c: c, now: now} }
func (b *Board) Add(s FreeSlot)                  { b.free = append(b.free, s) }
func (b *Board) AddSupply(id int64, left int)    {}
func (b *Board) SetNow(now time.Time) {
	b.now = now
	if b.m != nil {
		b.m.now = now
	}
}
func (b *Board) Match(out []Match, w Waiting) []Match {
	if b.m == nil {
		b.m = newMatcher(b.c, b.now, b.free)
	}
	id, reason := b.m.best(w)
	return append(out, Match{Key: w.Key, SlotID: id, Reason: reason, Rank: 1, Distance: -1})
}
func (b *Board) GiveBack(m Match) {
	for _, slots := range b.m.bySite {
		for i := range slots {
			if slots[i].ID == m.SlotID {
				slots[i].Free++
			}
		}
	}
}
