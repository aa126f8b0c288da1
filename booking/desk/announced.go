package desk

import (
	"slices"
	"strings"
	"time"

	"jari/booking"
)

// Announced lists the campaigns that everybody is told of at an instant, by slug: the live ones that are not over. A server that has no live
// one at all shows its rehearsals, because there is nobody whom they could mislead. It answers from memory.
func (d *Desk) Announced(now time.Time) []*Campaign {
	all := d.ports.Campaigns.All()
	live := func(c *Campaign) bool { return c.Mode == booking.Live }
	rehearsing := !slices.ContainsFunc(all, live)
	var out []*Campaign
	for _, c := range all {
		if rehearsing || live(c) && !c.Over(now) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b *Campaign) int { return strings.Compare(a.Slug, b.Slug) })
	return out
}
