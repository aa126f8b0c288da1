package desk_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
)

// corrections notes what is corrected into what.
type corrections struct {
	*ward
	to desk.Correction
}

func (c *corrections) Correct(_ context.Context, _ desk.Change, to desk.Correction) error {
	c.to = to
	return nil
}

// A correction to somebody else's data names every id under which that person may have applied, whatever the entry's own generation is.
func TestACorrectionNamesAllGenerations(t *testing.T) {
	t.Parallel()
	for _, generation := range []int{0, 1} {
		w, _, _ := newWard(t)
		b := &corrections{ward: w}
		d := desk.New(desk.Ports{Campaigns: w, Book: b})
		p := person(t, 1965)
		idOf := func(p booking.Person, generation int) booking.ID {
			text, err := booking.Identity(w.campaign.Identity, p, generation)
			if err != nil {
				t.Fatal(err)
			}
			return w.campaign.Keys.ID(text)
		}
		id, device := idOf(p, generation), w.campaign.Keys.Device("secret")
		w.entry = desk.Entry{Campaign: 1, ID: id, Arrival: at(12, 1), Generation: generation}
		reference, err := w.campaign.Keys.Reference(id, device)
		if err != nil {
			t.Fatal(err)
		}
		correct := func(p booking.Person) {
			t.Helper()
			if err := d.Correct(t.Context(), desk.Entrance{Door: desk.DoorApp, Received: at(12, 2)},
				desk.Holding{Campaign: "july", Reference: reference, Secret: "secret", Operation: uuid.New()}, p, ""); err != nil {
				t.Fatal(err)
			}
		}
		correct(p)
		if b.to.NewID != id || b.to.Generation != generation || b.to.Later != nil {
			t.Errorf("generation %d, the same data: %d with %d more", generation, b.to.Generation, len(b.to.Later))
		}
		other := p
		other.Name = "홍길순"
		correct(other)
		if b.to.NewID != idOf(other, 0) || b.to.Generation != 0 || len(b.to.Later) != 19 || b.to.Later[0] != idOf(other, 1) || b.to.Later[18] != idOf(other, 19) {
			t.Errorf("generation %d, somebody else: generation %d with %d more", generation, b.to.Generation, len(b.to.Later))
		}
	}
}
