package booking

import "slices"

// why goes through the sieves of the reasons. Its least value is that of somebody for whom every seat with supply is kept.
type why int

const (
	whyReserved why = iota
	whyNotice
	whyNeeds
	whySite
	whyHousehold
	whyWishes
)

// reason says why a search found nothing. It looks at one site after the other until one shows that it can only be the
// wishes, which is soon in the common case; at worst it looks at every site that has anything.
func (b *Board) reason(s *search) Reason {
	switch {
	case b.left == 0:
		return ReasonNoSlots
	case b.openSites[anySeats] == 0:
		return ReasonSupply
	}
	return [...]Reason{ReasonReserved, ReasonNotice, ReasonNeeds, s.siteReason(), ReasonHousehold, ReasonWishes}[b.why(s)]
}

func (s *search) siteReason() Reason {
	if s.ranks {
		return ReasonSites
	}
	return ReasonDistance
}

func (b *Board) why(s *search) why {
	// The same person with nothing but notice, alone and as many as they are.
	one := search{opens: s.opens, from: s.enough, until: noEnd, firstDay: noFirstDay, lastDay: noLastDay, weekdays: everyDay}
	all := one
	one.people, one.habit = 1, b.habit(1, nil)
	all.people, all.habit = s.people, b.habit(s.people, nil)
	best := whyReserved
	for _, at := range s.ranked {
		if at >= 0 {
			if best = max(best, b.whyAt(int(at), true, best, s, &one, &all)); best == whyWishes {
				return best
			}
		}
	}
	open := s.near.open[s.bestKind()]
	for k := open.next(0); k >= 0 && best < whyWishes; k = open.next(k + 1) {
		at := s.near.order[k]
		wanted := !s.ranks && s.near.within(k, s.maxKm) || s.ranks && slices.Contains(s.ranked, at)
		best = max(best, b.whyAt(int(at), wanted, best, s, &one, &all))
	}
	return best
}

// whyAt is how far through the sieves something at a site comes, if that is further than best; otherwise best.
func (b *Board) whyAt(at int, wanted bool, best why, s, one, all *search) why {
	furthest := whyWishes
	switch {
	case !s.hasNeeds(at):
		furthest = whyNeeds
	case !wanted:
		furthest = whySite
	}
	st := &b.sites[at]
	if furthest <= best || st.openDays[st.kind(s.opens)] == 0 {
		return best
	}
	if !b.find(st, one) {
		if best > whyReserved {
			return best
		}
		anyTime := *one
		anyTime.from = 0
		if b.find(st, &anyTime) {
			return whyNotice
		}
		return best
	}
	if furthest == whyWishes && s.people > 1 && !b.find(st, all) {
		return whyHousehold
	}
	return furthest
}
