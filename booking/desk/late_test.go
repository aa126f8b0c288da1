package desk_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
)

// gone is an intake whose only entry was given up at an instant.
type gone struct{ at time.Time }

func (g gone) Open() error { return nil }

func (g gone) Store(_ context.Context, a desk.Application) (desk.Stored, error) {
	if a.Generation > 0 {
		return desk.Stored{New: true, Own: true, Serial: 2, Arrival: a.Told}, nil
	}
	return desk.Stored{Serial: 1, Arrival: at(12, 1), Freed: true, FreedAt: g.at}, nil
}

// A device whose first application came just before somebody else gave the entry up, and is handled just after it, is answered like any other:
// with its own instant and a reference, and not with when that somebody had applied.
func TestAnApplicationThatIsHandledAfterAWithdrawal(t *testing.T) {
	t.Parallel()
	w, _, _ := newWard(t)
	p := person(t, 1965)
	for came, late := range map[time.Time]bool{at(13, 8): true, at(13, 10): false} {
		d := desk.New(desk.Ports{Campaigns: w, Intake: gone{at: at(13, 9)}, Book: w})
		got, err := d.Register(t.Context(), "july", desk.Entrance{Door: desk.DoorApp, Received: came},
			&desk.Applying{Person: p, Lang: booking.Korean, Secret: "secret", Operation: uuid.New()})
		if err != nil || !got.At.Equal(came) || got.Reference == "" || got.Withdrawn != late {
			t.Errorf("came at %s: %+v %v", came, got, err)
		}
	}
}
