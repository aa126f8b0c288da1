package api

import (
	"context"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// helping names one phone that reads along and may answer.
func helping(d *desk.Desk) func(*contract.HelperRequest) (deed, error) {
	return func(in *contract.HelperRequest) (deed, error) {
		phone, err := booking.ParseE164(in.Phone)
		if err != nil {
			return deed{}, booking.Invalid("/phone")
		}
		return changingFrom(in.IfRevision, in.OperationID, func(ctx context.Context, from desk.Entrance, h desk.Holding) error {
			return d.SetHelper(ctx, from, h, phone)
		})
	}
}
