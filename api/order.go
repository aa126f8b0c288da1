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

// order shows the announced places of a rehearsal to whoever checks the order from outside.
func (s *Server) order(c *gin.Context, _ string) error {
	var after int64
	if text, given := c.GetQuery("after"); given {
		var err error
		if after, err = strconv.ParseInt(text, 10, 64); err != nil || after < 0 {
			return booking.Invalid("/after")
		}
	}
	campaign, rows, err := s.cfg.Desk.Order(c.Request.Context(), c.Param("campaign"), c.Param("queue"), after, orderPage)
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
