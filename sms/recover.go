package sms

import (
	"context"
	"fmt"

	"jari/booking/desk"
)

// Recover reads a provider's log of one number for the time of an outage and keeps what is missing, for whom the number is. The workers handle it, oldest
// first. It returns how many texts were missing, and is safe to repeat. Providers list with a delay, so one reading proves nothing.
func (d *Door) Recover(ctx context.Context, log desk.Log, o desk.Outage, number desk.NumberFor) (int, error) {
	now := d.desk.Now()
	listed, err := log.Received(ctx, o.From.Add(-desk.LogMargin), o.To.Add(desk.LogMargin))
	if err != nil {
		return 0, fmt.Errorf("read the log of an outage: %w", err)
	}
	texts := make([]desk.Inbound, 0, len(listed))
	for _, t := range listed {
		if at, ok := o.Arrival(t.At, now); ok {
			texts = append(texts, desk.Inbound{Door: desk.DoorSMS, ProviderSID: t.ProviderID, From: t.From, Body: CutResidentNumber(t.Body), Arrival: at})
		}
	}
	if len(texts) == 0 {
		return 0, nil
	}
	kept, err := d.desk.KeepLogged(ctx, o, number, texts)
	if err != nil {
		return kept, fmt.Errorf("keep the texts of an outage: %w", err)
	}
	return kept, nil
}
