package sandbox

import (
	"context"
	"errors"
	"sync"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// errOnce is why a first application is refused.
var errOnce = errors.New("the sandbox refuses this person's first application")

// overloaded is an intake that refuses one person's first application with each secret, as a full one does.
type overloaded struct {
	desk.Intake
	campaigns desk.Campaigns
	phone     booking.Phone

	mu   sync.Mutex
	seen map[vault.Device]bool
}

// Overload puts the refusal of overloaded-once over an intake. Whether a person is meant can be told only by decrypting.
func Overload(campaigns desk.Campaigns, intake desk.Intake) desk.Intake {
	return &overloaded{Intake: intake, campaigns: campaigns, phone: of(People(), caseOverloaded).Phone, seen: map[vault.Device]bool{}}
}

func (o *overloaded) Store(ctx context.Context, a desk.Application) (desk.Stored, error) {
	if a.Device == nil {
		return o.Intake.Store(ctx, a)
	}
	c, err := o.campaigns.ByID(a.Campaign)
	if err != nil {
		return desk.Stored{}, err
	}
	p, err := c.Keys.OpenPerson(a.ID, a.PersonCT)
	if err != nil {
		return desk.Stored{}, err
	}
	if p.Phone == o.phone && o.first(*a.Device) {
		return desk.Stored{}, booking.Fail(booking.CodeOverloaded, errOnce)
	}
	return o.Intake.Store(ctx, a)
}

func (o *overloaded) first(d vault.Device) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen[d] {
		return false
	}
	o.seen[d] = true
	return true
}
