package api

import (
	"context"

	"github.com/gin-gonic/gin"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// removeDevices shuts out this device or all others.
func (s *Server) removeDevices(c *gin.Context) error {
	in, err := readBody[contract.DeviceRemovalRequest](c)
	if err != nil {
		return err
	}
	others, err := othersOf(in.Devices)
	if err != nil {
		return err
	}
	return carryOut(c, in.OperationID, func(ctx context.Context, from desk.Entrance, h desk.Holding) error {
		return s.cfg.Desk.RemoveDevices(ctx, from, h, others)
	})
}

// othersOf reads which devices are to be removed: this one or the others.
func othersOf(in contract.DeviceRemovalRequestDevices) (bool, error) {
	if !in.Valid() {
		return false, booking.Invalid("/devices")
	}
	return in == contract.DeviceRemovalRequestDevicesOthers, nil
}
