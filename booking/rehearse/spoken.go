package rehearse

import "strings"

// spoken looks at the words and numbers by which people say where they live.
func (r *Report) spoken() {
	c := r.Campaign
	var without []string
	for _, g := range c.Regions {
		if len(g.Postcodes) == 0 {
			without = append(without, g.Code)
		}
	}
	if len(without) == len(c.Regions) {
		return
	}
	if n := len(without); n > 0 {
		r.find(Warning, 0, "no postcodes are known of %d of %d regions (%s): who texts one of theirs is asked for the name of the place", n, len(c.Regions), strings.Join(without[:min(n, 5)], ", "))
	}
	if c.NumberLikePostcode() {
		r.find(Warning, 0, "a number of five digits fits the pattern of the official numbers: five digits alone are taken for the number, and a postcode only behind the word for it")
	}
}
