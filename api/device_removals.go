package api

import (
	"context"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// removing shuts out this device or all others.
func removing(d *desk.Desk) func(*contract.DeviceRemovalRequest) (deed, error) {
	return func(in *contract.DeviceRemovalRequest) (deed, error) {
		if !in.Devices.Valid() {
			return deed{}, booking.Invalid("/devices")
		}
		others := in.Devices == contract.DeviceRemovalRequestDevicesOthers
		return changing(in.OperationID, func(ctx context.Context, from desk.Entrance, h desk.Holding) error {
			return d.RemoveDevices(ctx, from, h, others)
		})
	}
}
