package client

import (
	"time"

	"jari/mobile-contract/contract"
)

// mostSpread is how long an application is held back at most where order is drawn.
const mostSpread = 10 * time.Minute

// spread is for how long an application is held back: only where all who apply within the window are equal, so that nobody loses by
// it, and at most the first half of what is left of the window. Wherever anything is unknown it is sent at once.
func (p Pen) spread(who *Person) Pause {
	if p.Campaign == nil || p.Dice == nil {
		return Pause{}
	}
	c := p.Campaign(who.Campaign)
	if c == nil {
		return Pause{}
	}
	k := cohortOf(c, who.Form.Person.BirthDate)
	if k == nil || ShownOrder(k.Order) != contract.CohortOrderDraw || k.WindowCloses == nil {
		return Pause{}
	}
	now := p.Now.Add(time.Duration(p.State.Ahead) * time.Second)
	opens, err := time.Parse(time.RFC3339, k.Opens)
	closes, err2 := time.Parse(time.RFC3339, *k.WindowCloses)
	if err != nil || err2 != nil || now.Before(opens) {
		return Pause{}
	}
	room := min(closes.Sub(now)/2, mostSpread)
	if room <= 0 {
		return Pause{}
	}
	return pause(p.Now, time.Duration(p.Dice()*float64(room)))
}

// cohortOf finds the cohort that a birth date belongs to, as far as the document says; nil if none. Days compare as their texts do.
func cohortOf(c *contract.Campaign, born contract.Day) *contract.Cohort {
	for i := range c.Cohorts {
		k := &c.Cohorts[i]
		if born < k.BornFrom || born > k.BornTo || len(born) != len("2006-01-02") {
			continue
		}
		if k.BirthDigits == nil || len(*k.BirthDigits) == 0 {
			return k
		}
		for _, d := range *k.BirthDigits {
			if int(born[len(born)-1]-'0') == d {
				return k
			}
		}
	}
	return nil
}
