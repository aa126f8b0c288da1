package booking

import (
	"cmp"
	"math"
	"slices"
)

// Distance is the great-circle distance in metres (haversine formula, mean earth radius 6,371 km), rounded down so that
// tiny differences of floating point cannot change an order between machines.
func Distance(a, b Position) int {
	const earth, rad = 6_371_000.0, math.Pi / 180
	dLat, dLon := (b.Lat-a.Lat)*rad, (b.Lon-a.Lon)*rad
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Pow(math.Sin(dLon/2), 2)
	return int(2 * earth * math.Asin(math.Sqrt(min(1, h))))
}

// nearby is the order in which the people of one region try the sites when they ranked none.
type nearby struct {
	known  bool
	centre Position
	order  []int32 // all sites, best first, as indexes into Campaign.Sites
	metres []int32 // from the centre to the site at the same index of order; nil: region unknown
	rank   []int32 // where each site stands in order
	// open are indexes into order of sites that may have something, by kind of seat. A site that has nothing is dropped by
	// whoever first comes past it, and taken in again when a seat comes back to it.
	open [2]numbers
}

// newNearby orders the sites for a region: the region's own first, both parts by distance from its centre, equal ones in
// the campaign's order. Where nobody knows the region, the campaign's own order stands.
func newNearby(c *Campaign, region Region, known bool) *nearby {
	n := &nearby{known: known, centre: region.Position, order: make([]int32, len(c.Sites)), rank: make([]int32, len(c.Sites))}
	n.open = [2]numbers{newNumbers(len(c.Sites)), newNumbers(len(c.Sites))}
	for i := range n.order {
		n.order[i] = int32(i)
		n.open[freeSeats].add(i)
		n.open[anySeats].add(i)
	}
	if known {
		n.sort(c, region)
	}
	for k, at := range n.order {
		n.rank[at] = int32(k)
	}
	return n
}

// Nearest lists all sites' codes in the order in which somebody from the region tries them who has ranked none.
func Nearest(c *Campaign, region string) []string {
	r, known := c.Region(region)
	codes := make([]string, 0, len(c.Sites))
	for _, i := range newNearby(c, r, known).order {
		codes = append(codes, c.Sites[i].Code)
	}
	return codes
}

func (n *nearby) sort(c *Campaign, region Region) {
	away := make([]int32, len(c.Sites))
	for i, s := range c.Sites {
		away[i] = int32(Distance(region.Position, s.Position))
	}
	abroad := func(i int32) int {
		if c.Sites[i].Region == region.Code {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(n.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(abroad(a), abroad(b)), cmp.Compare(away[a], away[b]))
	})
	n.metres = make([]int32, len(n.order))
	for k, i := range n.order {
		n.metres[k] = away[i]
	}
}

// within reports whether the site at index k of the order is within so many kilometres. 0 is any distance, and where the
// region is unknown there is nothing to measure from: everything is within.
func (n *nearby) within(k, km int) bool {
	return km <= 0 || !n.known || int(n.metres[k]) <= km*1000
}

// distance is how many metres there are from the centre of somebody's region to a site, -1 where the region is unknown.
func (b *Board) distance(s *search, at, rank int) int {
	switch {
	case !s.near.known:
		return -1
	case s.ranks:
		return Distance(s.near.centre, b.c.Sites[at].Position)
	}
	return int(s.near.metres[rank-1])
}
