package api

import (
	"strconv"

	"github.com/gin-gonic/gin"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// orderPage is how many places one answer holds at most, as the contract says.
const orderPage = 5000

// order shows the announced places of a rehearsal to whoever checks the order from outside. It names nobody, but in a
// live campaign it would tell whose reference stands where, so that one refuses it.
func (s *Server) order(c *gin.Context) error {
	if _, err := s.agent(c); err != nil {
		return err
	}
	campaign, err := s.cfg.Desk.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	queue, ok := campaign.Queues[c.Param("queue")]
	if !ok {
		return booking.Fail(codeNoQueue, nil)
	}
	if campaign.Mode != booking.Rehearsal {
		return booking.Fail(codeLiveCampaign, nil)
	}
	var after int64
	if text, given := c.GetQuery("after"); given {
		if after, err = strconv.ParseInt(text, 10, 64); err != nil || after < 0 {
			return booking.Invalid("/after")
		}
	}
	rows, err := s.cfg.Entries.Order(c.Request.Context(), queue.ID, after, orderPage)
	if err != nil {
		return err
	}
	out := contract.Order{Places: make([]contract.OrderedPlace, len(rows))}
	for i, row := range rows {
		if out.Places[i], err = orderedPlaceOf(campaign, row); err != nil {
			return err
		}
	}
	return reply(c, out)
}

func orderedPlaceOf(c *desk.Campaign, o desk.Ordered) (contract.OrderedPlace, error) {
	p := contract.OrderedPlace{
		Number: o.Number, Arrival: receivedAtOf(o.Arrival), Ticket: c.Keys.Ticket(o.Serial), Door: string(o.Door), Late: o.Late,
	}
	if o.Device == nil {
		return p, nil
	}
	reference, err := c.Keys.Reference(o.ID, *o.Device)
	p.Reference = &reference
	return p, err
}
