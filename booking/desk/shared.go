package desk

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"jari/booking"
	"jari/booking/words"
)

// mostCampaigns is how many campaigns a question can offer.
const mostCampaigns = 3

// Sharing lists the campaigns for which a text from a phone to a shared number can be meant: those that may text the phone, those first in which
// something is still to come. When none may text it, whoever wrote cannot be answered, and the text is kept with any of them.
func (d *Desk) Sharing(from booking.Phone, now time.Time) []*Campaign {
	all := slices.Clone(d.ports.Campaigns.All())
	rank := func(c *Campaign) int {
		if c.Over(now) {
			return 1
		}
		return 0
	}
	slices.SortFunc(all, func(a, b *Campaign) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.ID, b.ID)) })
	may := slices.DeleteFunc(slices.Clone(all), func(c *Campaign) bool { return !booking.MayReach(c.Campaign, from) })
	if len(may) == 0 {
		return all[:min(1, len(all))]
	}
	return may
}

// PhoneStanding is what is on record of a phone in one campaign.
type PhoneStanding struct {
	Talk    Conversation // with FirstAt zero: none is open
	Entries int
	Asked   Question // that has the answer number, or the last one, open, where the text is a bare yes; ID 0: none
}

// Stand reads what is on record of a text's sender in a campaign. no is the answer number in the text; 0: there is none. A question with the number
// says enough. yes: the text is a bare yes to whatever was asked.
func (d *Desk) Stand(ctx context.Context, c *Campaign, in Inbound, no int, yes bool) (s PhoneStanding, err error) {
	phone := c.Keys.Phone(in.From)
	if no > 0 {
		if s.Asked, _, err = d.ports.Phones.Question(ctx, c.ID, phone, no); err != nil || s.Asked.ID != 0 {
			return s, err
		}
	} else if s.Talk, err = d.ports.Phones.Conversation(ctx, c.ID, phone, in.Arrival); err != nil {
		return s, err
	}
	if yes {
		last, ok, err := d.ports.Phones.LastQuestion(ctx, c.ID, phone, in.Arrival.Add(-Answerable))
		if err != nil {
			return s, err
		}
		if ok && !last.Answered {
			s.Asked = last.Question
		}
	}
	entries, err := d.ports.Phones.EntriesByPhone(ctx, c.ID, phone)
	s.Entries = len(entries)
	return s, err
}

// ForCampaign is a text as another campaign is to keep it.
func ForCampaign(c *Campaign, in Inbound) Inbound {
	out := in
	out.ID, out.Campaign, out.PhoneHash, out.Handled, out.Heard, out.Shared = 0, c.ID, c.Keys.Phone(in.From), false, false, false
	out.ProviderSID = in.ProviderSID + "/" + c.Slug
	return out
}

// passedOn reports whether a text is a campaign's copy.
func passedOn(c *Campaign, in Inbound) bool { return strings.HasSuffix(in.ProviderSID, "/"+c.Slug) }

// PassOn gives a text to the campaigns for which it is meant, with its own arrival, and returns the ids under which it is to be handled. It is safe
// to repeat.
func (d *Desk) PassOn(ctx context.Context, in Inbound, to ...*Campaign) ([]int64, error) {
	copies := make([]Inbound, len(to))
	for i, c := range to {
		copies[i] = ForCampaign(c, in)
	}
	return d.ports.Phones.PassOn(ctx, in, copies, d.ports.Clock.Now())
}

// AskWhich holds a text until its sender has said which of the campaigns is meant, and asks. Without a question (silent) it only holds it.
func (d *Desk) AskWhich(ctx context.Context, in Inbound, among []*Campaign, lang booking.Lang, silent bool) error {
	if err := d.ports.Phones.Hold(ctx, in); err != nil {
		return err
	}
	if silent {
		return d.FinishText(ctx, in, nil, nil)
	}
	among = among[:min(len(among), mostCampaigns)]
	ids, called := make([]string, len(among)), make([]string, len(among))
	for i, c := range among {
		ids[i], called[i] = strconv.Itoa(int(c.ID)), Called(c.Campaign, lang)
	}
	ask := SayByText(in, words.WhichCampaign, lang, map[string]string{ParamAbout: strings.Join(ids, ","), ParamChoices: strings.Join(called, "|")})
	return d.FinishText(ctx, in, nil, []Message{ask})
}

// Called is what a campaign is called among others.
func Called(c *booking.Campaign, lang booking.Lang) string {
	if len(c.Keywords) > 0 {
		return c.Keywords[0].In(lang)
	}
	return c.Names.In(lang)
}

// Held lists the texts of a text's sender, under any of the campaigns, that wait since a while at most until one is named; oldest first. It lists all
// of them, because whoever is left out here is left out for good; with enough > 0 it may stop when it has found as many.
func (d *Desk) Held(ctx context.Context, in Inbound, among []*Campaign, while time.Duration, enough int) ([]HeldText, error) {
	var out []HeldText
	for _, c := range among {
		var last HeldText
		for enough <= 0 || len(out) < enough {
			page, err := d.ports.Phones.Held(ctx, c.ID, c.Keys.Phone(in.From), in.Arrival.Add(-while), last)
			if err != nil {
				return nil, err
			}
			if len(page) == 0 {
				break
			}
			out, last = append(out, page...), page[len(page)-1]
		}
	}
	slices.SortStableFunc(out, func(a, b HeldText) int { return cmp.Or(a.Arrival.Compare(b.Arrival), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// Meant finds the campaign that an answer to "which one?" names; nil when it is no longer there.
func (d *Desk) Meant(q Question, no int) *Campaign {
	ids := strings.Split(q.About, ",")
	choice := no - q.FirstNo
	if q.Kind != QuestionWhich || choice < 0 || choice >= len(ids) {
		return nil
	}
	id, err := strconv.ParseInt(ids[choice], 10, 32)
	if err != nil {
		return nil
	}
	c, err := d.ports.Campaigns.ByID(int32(id))
	if err != nil {
		return nil
	}
	return c
}

// QuestionOf finds the question that a text answers.
func (d *Desk) QuestionOf(ctx context.Context, c *Campaign, in Inbound, no int) (Question, bool, error) {
	return d.ports.Phones.Question(ctx, c.ID, in.PhoneHash, no)
}

// CloseQuestion notes how a question was answered.
func (d *Desk) CloseQuestion(ctx context.Context, q Question, answer string, in Inbound) error {
	return d.ports.Phones.Answered(ctx, q.ID, in, answer)
}

// CloseWhich closes the questions which campaign is meant that the sender of a text was asked under any of the campaigns. The text has said it, and what was
// held is passed on: a number that answers one of them later decides nothing any more.
func (d *Desk) CloseWhich(ctx context.Context, in Inbound, among []*Campaign, to *Campaign) error {
	for _, c := range among {
		if err := d.ports.Phones.CloseWhich(ctx, c.ID, c.Keys.Phone(in.From), in, to.Slug); err != nil {
			return err
		}
	}
	return nil
}
