package api

import (
	"context"

	"github.com/gin-gonic/gin"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// setHelper names one phone that reads along and may answer.
func (s *Server) setHelper(c *gin.Context) error {
	in, err := readBody[contract.HelperRequest](c)
	if err != nil {
		return err
	}
	phone, err := booking.ParseE164(in.Phone)
	if err != nil {
		return booking.Invalid("/phone")
	}
	return carryOut(c, in.OperationID, func(ctx context.Context, from desk.Entrance, h desk.Holding) error {
		return s.cfg.Desk.SetHelper(ctx, from, h, phone)
	})
}
