package rehearse

import (
	"fmt"

	"jari/booking"
)

// identity says what the campaign's rule for who is one person cannot tell apart, with numbers where the file allows them.
// The part of namesakes is what was counted for a cohort like Korea's of 2021 (docs/decisions/0003-identity.md, design).
func identity(c *booking.Campaign) []string {
	expected := 0
	for _, k := range c.Cohorts {
		expected += k.Expected
	}
	if c.Identity == booking.ByNumber {
		return []string{
			"Who is one person is decided by the number (" + c.Number + ") alone.",
			"A wrong number that fits the pattern is another person: whoever mistypes stands under it, and its owner, applying later, meets that entry. An agent must part the two.",
			"Whoever knows somebody's number can enter that person; the owner takes the entry over by proving the phone, or to an agent.",
			"A person with two numbers is two people and gets two places. Nothing shows it but the same name and birth date, which agents see as a possible duplicate.",
		}
	}
	out := []string{
		"Who is one person is decided by phone, birth date and name together.",
		"A person who gives two phones is two people and gets two places. Every offer asks \"already booked?\"; agents see the same name and birth date as a possible duplicate.",
		"Two people of one name and birth date on one phone (twins of one name, namesakes who share a phone) are one person and get one place: the second must give another phone, or go to an agent.",
		"The same person under two spellings of the name is two people; the same phone and birth date show it to agents.",
		fmt.Sprintf("By text, one phone enters at most %d people; the next are told to call.", c.Limits.WithDefaults().PeoplePerPhone),
	}
	if expected > 0 {
		out = append(out, fmt.Sprintf("Between 5 and 19 %% of people in a large cohort share name and birth date with somebody else: of the %s expected here between %s and %s, if the cohorts are the whole country's. "+
			"Agents will see them as possible duplicates although they are different people.", count(expected), count(expected*5/100), count(expected*19/100)))
	}
	return out
}
