package crowd

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"jari/booking"
)

func (c *Crowd) applyByText(m *member) {
	born := m.person.Born
	body := fmt.Sprintf("예약 %02d%02d%02d %s %s", born.Year%100, int(born.Month), born.Day, m.person.Name, m.region.Names.In(booking.Korean))
	if m.lang == booking.English {
		body = fmt.Sprintf("BOOK %s %s %s", born, m.person.Name, m.region.Names.In(booking.English))
	}
	if m.twist != motherOfTwo {
		c.tried("sms")
		c.config.Phones.Text(m.person.Phone, body)
		return
	}
	// Brother and sister, each from a phone of their own, name their mother's.
	body += " 010" + strings.TrimPrefix(m.person.Phone.E164(), "+8210")
	for _, child := range m.children() {
		c.tried("sms")
		c.config.Phones.Text(child, body)
	}
}

var (
	codeText   = regexp.MustCompile(`(?:확인번호는|code is) (\d{6})`)
	verifyText = regexp.MustCompile(`(?:본인이시면|If this is you, reply) (\d{1,2})`)
	offerText  = regexp.MustCompile(`(?: 오시면| 참석|To confirm reply |Confirm: reply )(\d{1,2})`) // and no reminder: "못 오시면 2번"
	yearText   = regexp.MustCompile(`태어나신 해가|태어난 해|year of birth`)
	refusals   = map[string]*regexp.Regexp{
		"not_eligible": regexp.MustCompile(`대상이 아닙니다|does not belong to the present groups`),
		"not_open_yet": regexp.MustCompile(`신청은? [^.]*부터|Applications open on`),
		"asked_again":  regexp.MustCompile(`보내 주세요\. 예\)|Please text us`),
	}
)

// read is a person looking at a text; what it returns is texted back.
func (c *Crowd) read(to booking.Phone, body string) string {
	if len(c.byPhone[to]) == 0 {
		return "" // somebody else's phone: whoever watches the demo answers for it
	}
	if code := codeText.FindStringSubmatch(body); code != nil {
		for _, m := range c.byPhone[to] {
			if m.door == "app" && strings.Contains(body, booking.MaskName(m.person.Name)) {
				c.enterCode(m, code[1])
			}
		}
		return ""
	}
	if no := verifyText.FindStringSubmatch(body); no != nil {
		return c.prove(to, no[1])
	}
	if no := offerText.FindStringSubmatch(body); no != nil {
		return c.answerOffer(to, no[1])
	}
	if yearText.MatchString(body) {
		for _, m := range c.byPhone[to] {
			return strconv.Itoa(m.person.Born.Year)
		}
	}
	for code, text := range refusals {
		if text.MatchString(body) {
			c.refused("sms", code)
		}
	}
	return ""
}

// prove answers that it is them. Whose phone gets into trouble answers first.
func (c *Crowd) prove(to booking.Phone, no string) string {
	for _, m := range c.byPhone[to] {
		if m.trouble != "" && m.person.Phone == to {
			c.config.Phones.Text(to, no)
			c.befall(m)
			return ""
		}
	}
	return no
}

// answerOffer lets most people confirm, a few decline, and a few say nothing.
func (c *Crowd) answerOffer(to booking.Phone, confirm string) string {
	n, err := strconv.Atoi(confirm)
	members := c.byPhone[to]
	if err != nil || len(members) == 0 {
		return ""
	}
	switch members[0].n % 25 {
	case 1:
		return "" // silent: the offer stays valid
	case 2:
		return strconv.Itoa(n + 1)
	}
	return confirm
}
