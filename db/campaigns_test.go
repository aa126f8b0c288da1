package db_test

import (
	"slices"
	"testing"
	"time"

	"jari/booking"
)

// A campaign knows when its last slot ends that has a seat, also after another version took slots away.
func TestACampaignKnowsItsLastSlot(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	last := func() time.Time {
		return slices.MaxFunc(p.wanted.Slots, func(a, b booking.Slot) int { return a.Ends.Compare(b.Ends) }).Ends
	}
	ok(t, p.reapply(t, false))
	before := last()
	if got := p.campaign.LastEnds; !got.Equal(before) {
		t.Errorf("the last slot ends at %v, want %v", got, before)
	}
	ok(t, p.reapply(t, false, func(c *booking.Campaign) {
		c.Slots = slices.DeleteFunc(c.Slots, func(s booking.Slot) bool { return s.Ends.Equal(before) })
	}))
	if got := p.campaign.LastEnds; !got.Equal(last()) || !got.Before(before) {
		t.Errorf("without that one it ends at %v, want %v", got, last())
	}
	ok(t, p.reapply(t, false, func(c *booking.Campaign) { c.Slots = nil }))
	if got := p.campaign.LastEnds; !got.IsZero() {
		t.Errorf("without slots the last one ends at %v", got)
	}
}
