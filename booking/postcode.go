package booking

import (
	"regexp"
	"strings"
)

// PostcodeDigits is how many digits a Korean postcode has.
const PostcodeDigits = 5

// Postcodes are the postcodes whose first digits lie between two beginnings of the same length, both inclusive: "060" to "064", or one
// beginning twice.
type Postcodes struct{ From, To string }

// ParsePostcodes reads "060-064", or one beginning: "06". ok is false when it is neither.
func ParsePostcodes(s string) (p Postcodes, ok bool) {
	from, to, ranged := strings.Cut(s, "-")
	if p = (Postcodes{strings.TrimSpace(from), strings.TrimSpace(to)}); !ranged {
		p.To = p.From
	}
	return p, p.From != "" && len(p.From) <= PostcodeDigits && len(p.From) == len(p.To) && p.From <= p.To && onlyDigits(p.From+p.To)
}

// String is the form that ParsePostcodes reads.
func (p Postcodes) String() string {
	if p.From == p.To {
		return p.From
	}
	return p.From + "-" + p.To
}

// Has reports whether a postcode of five digits is among them.
func (p Postcodes) Has(code string) bool {
	if len(code) != PostcodeDigits || len(p.From) > len(code) {
		return false
	}
	begins := code[:len(p.From)]
	return onlyDigits(code) && p.From <= begins && begins <= p.To
}

// Meets reports whether some postcode is among both.
func (p Postcodes) Meets(o Postcodes) bool {
	n := min(len(p.From), len(o.From))
	return p.From[:n] <= o.To[:n] && o.From[:n] <= p.To[:n]
}

func onlyDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// RegionAt finds the region with a postcode.
func (c *Campaign) RegionAt(code string) (Region, bool) {
	for _, r := range c.Regions {
		for _, p := range r.Postcodes {
			if p.Has(code) {
				return r, true
			}
		}
	}
	return Region{}, false
}

// NumberLikePostcode reports whether five digits can be an official number of the campaign, so that they must not be read as a postcode.
func (c *Campaign) NumberLikePostcode() bool {
	if c.Identity != ByNumber {
		return false
	}
	re, err := regexp.Compile(`^(?:` + c.Number + `)$`)
	return err != nil || re.MatchString("06234") || re.MatchString("35142")
}
