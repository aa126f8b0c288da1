package client

import (
	"bytes"

	"github.com/go-json-experiment/json"

	"jari/mobile-contract/contract"
)

// merge puts a new operation in the place of the last one in the outbox, where the last one can make no difference any more.
// Only what was certainly never sent is replaced, and always under the new id: an id never stands for two bodies. It reports
// whether there is nothing left to append.
func (p Pen) merge(who *Person, next Operation) bool {
	if len(who.Outbox) == 0 {
		return false
	}
	last := &who.Outbox[len(who.Outbox)-1]
	if last.Kind == next.Kind && same(last.Body, next.Body) {
		return true // tapped twice
	}
	if last.Sent {
		return false
	}
	switch {
	case next.Kind == ChangeWishes && (last.Kind == Register || last.Kind == Introduce):
		return wishFor(last, next)
	case next.Kind == last.Kind && (next.Kind == ChangeWishes || next.Kind == AskSwap || next.Kind == Introduce || next.Kind == Verify || next.Kind == SetHelper):
		next.Body = keepRevision(last.Body, next.Body)
	case (next.Kind == Confirm || next.Kind == Decline) && (last.Kind == Confirm || last.Kind == Decline) && sameAppointment(*last, next):
	default:
		return false
	}
	next.Rest, next.Proof = last.Rest, last.Proof
	*last = next
	return true
}

// same compares two bodies without their ids.
func same(a, b []byte) bool {
	var x, y map[string]any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	delete(x, "operation_id")
	delete(y, "operation_id")
	one, err := json.Marshal(x, json.Deterministic(true))
	if err != nil {
		return false
	}
	two, err := json.Marshal(y, json.Deterministic(true))
	return err == nil && bytes.Equal(one, two)
}

// wishFor puts changed wishes into an application or introduction that was not sent yet.
func wishFor(last *Operation, next Operation) bool {
	var wanted contract.WishesRequest
	if json.Unmarshal(next.Body, &wanted) != nil {
		return false
	}
	var body any
	if last.Kind == Register {
		var in contract.RegistrationRequest
		if json.Unmarshal(last.Body, &in) != nil {
			return false
		}
		in.OperationID, in.Region, in.Wishes = next.ID, wanted.Region, wanted.Wishes
		body = in
	} else {
		var in contract.IntroductionRequest
		if json.Unmarshal(last.Body, &in) != nil {
			return false
		}
		in.OperationID, in.Region, in.Wishes = next.ID, wanted.Region, wanted.Wishes
		body = in
	}
	b, err := json.Marshal(body, json.Deterministic(true))
	if err != nil {
		return false
	}
	last.ID, last.Body = next.ID, b
	return true
}

// keepRevision lets the later body name the revision that the earlier one named: the person wrote both on the same view.
func keepRevision(last, next []byte) []byte {
	var had struct {
		IfRevision *contract.Revision `json:"if_revision"`
	}
	if json.Unmarshal(last, &had) != nil || had.IfRevision == nil {
		return next
	}
	var body map[string]any
	if json.Unmarshal(next, &body) != nil {
		return next
	}
	body["if_revision"] = *had.IfRevision
	b, err := json.Marshal(body, json.Deterministic(true))
	if err != nil {
		return next
	}
	return b
}

func sameAppointment(a, b Operation) bool {
	var x, y contract.AnswerRequest
	return json.Unmarshal(a.Body, &x) == nil && json.Unmarshal(b.Body, &y) == nil && x.Appointment == y.Appointment
}
