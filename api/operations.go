package api

import (
	"context"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// deed is one operation as its body tells it, read and checked as far as that goes without asking anybody. It is carried out in the
// same way whether it came alone, to its own path, or in a batch.
type deed struct {
	operation uuid.UUID
	// enter is what gives a device its reference: an introduction or an application. Nil for every other operation.
	enter func(ctx context.Context, from desk.Entrance, campaign, secret string) (desk.Received, error)
	// change does something with the entry of a reference. Nil where enter is not.
	change func(ctx context.Context, from desk.Entrance, h desk.Holding) error
}

// kind is what there is to know of a kind of operation: how its body is read, alone or as a part of a batch.
type kind struct {
	alone func(*gin.Context) (deed, error)
	part  func(body []byte) (deed, error)
}

// of makes a kind from what reads its body.
func of[T any](read func(*T) (deed, error)) kind {
	return kind{
		alone: func(c *gin.Context) (deed, error) {
			in, err := readBody[T](c)
			if err != nil {
				return deed{}, err
			}
			return read(in)
		},
		part: func(body []byte) (deed, error) {
			in := new(T)
			if err := decode(body, in); err != nil {
				return deed{}, err
			}
			return read(in)
		},
	}
}

// The kinds of operations, by the names that a batch gives them.
const (
	kindIntroduce     = "introduce"
	kindRegister      = "register"
	kindCorrect       = "correct"
	kindWishes        = "change_wishes"
	kindConfirm       = "confirm"
	kindDecline       = "decline"
	kindCancel        = "cancel"
	kindAskSwap       = "ask_swap"
	kindDropSwap      = "drop_swap"
	kindRequestCode   = "request_code"
	kindVerify        = "verify"
	kindSetHelper     = "set_helper"
	kindRemoveHelper  = "remove_helper"
	kindRemoveDevices = "remove_devices"
)

// kindsOf lists what the desk does.
func kindsOf(d *desk.Desk) map[string]kind {
	return map[string]kind{
		kindIntroduce:     of(introducing(d)),
		kindRegister:      of(registering(d)),
		kindCorrect:       of(correcting(d)),
		kindWishes:        of(wishing(d.ChangeWishes)),
		kindConfirm:       of(answering(d.Confirm)),
		kindDecline:       of(answering(d.Decline)),
		kindCancel:        of(simply(d.Cancel)),
		kindAskSwap:       of(wishing(d.AskSwap)),
		kindDropSwap:      of(simply(d.DropSwap)),
		kindRequestCode:   of(simply(d.RequestCode)),
		kindVerify:        of(verifying(d)),
		kindSetHelper:     of(helping(d)),
		kindRemoveHelper:  of(simply(d.RemoveHelper)),
		kindRemoveDevices: of(removing(d)),
	}
}

// alone carries out an operation that came to its own path. The answer is the same for what was carried out and for what a
// stranger's device asked for in vain.
func (s *Server) alone(name string) gin.HandlerFunc {
	k := s.kinds[name]
	return s.answer(func(c *gin.Context) error {
		d, err := k.alone(c)
		if err != nil {
			return err
		}
		secret, err := deviceSecretOf(c.Request.Header)
		if err != nil {
			return err
		}
		h := desk.Holding{Campaign: c.Param("campaign"), Reference: c.Param("reference"), Secret: secret, Operation: d.operation}
		if err := d.change(c.Request.Context(), fromApp(c), h); err != nil {
			return err
		}
		return reply(c, contract.OperationReceipt{OperationID: d.operation.String(), State: contract.StateReceived})
	})
}

func registering(d *desk.Desk) func(*contract.RegistrationRequest) (deed, error) {
	return func(in *contract.RegistrationRequest) (deed, error) {
		a, err := applyingOf(in.OperationID, in.Person, in.Region, in.Wishes, in.Lang, in.Stamp)
		if err != nil {
			return deed{}, err
		}
		return deed{operation: a.Operation, enter: func(ctx context.Context, from desk.Entrance, campaign, secret string) (desk.Received, error) {
			a.Secret = secret
			return d.Register(ctx, campaign, from, a)
		}}, nil
	}
}

// changing is a deed that changes an entry.
func changing(id contract.OperationID, do func(context.Context, desk.Entrance, desk.Holding) error) (deed, error) {
	op, err := operationOf(id)
	return deed{operation: op, change: do}, err
}

// changingFrom is changing for a body that may name the revision which the person saw.
func changingFrom(seen *contract.Revision, id contract.OperationID, do func(context.Context, desk.Entrance, desk.Holding) error) (deed, error) {
	base, err := baseOf(seen)
	if err != nil {
		return deed{}, err
	}
	return changing(id, func(ctx context.Context, from desk.Entrance, h desk.Holding) error {
		h.Base = base
		return do(ctx, from, h)
	})
}

// simply is an operation without content of its own.
func simply(do func(context.Context, desk.Entrance, desk.Holding) error) func(*contract.OperationRequest) (deed, error) {
	return func(in *contract.OperationRequest) (deed, error) { return changing(in.OperationID, do) }
}

// answering is an answer to the offer of one appointment.
func answering(do func(context.Context, desk.Entrance, desk.Holding, int64) error) func(*contract.AnswerRequest) (deed, error) {
	return func(in *contract.AnswerRequest) (deed, error) {
		appointment, err := appointmentOf(in.Appointment)
		if err != nil {
			return deed{}, err
		}
		return changing(in.OperationID, func(ctx context.Context, from desk.Entrance, h desk.Holding) error {
			return do(ctx, from, h, appointment)
		})
	}
}

func correcting(d *desk.Desk) func(*contract.CorrectionRequest) (deed, error) {
	return func(in *contract.CorrectionRequest) (deed, error) {
		p, err := personOf(in.Person)
		if err != nil {
			return deed{}, err
		}
		region, err := regionOf(in.Region)
		if err != nil {
			return deed{}, err
		}
		return changingFrom(in.IfRevision, in.OperationID, func(ctx context.Context, from desk.Entrance, h desk.Holding) error {
			return d.Correct(ctx, from, h, p, region)
		})
	}
}

// wishing is an operation with a region and wishes.
func wishing(do func(context.Context, desk.Entrance, desk.Holding, string, booking.Wishes) error) func(*contract.WishesRequest) (deed, error) {
	return func(in *contract.WishesRequest) (deed, error) {
		region, err := regionOf(in.Region)
		if err != nil {
			return deed{}, err
		}
		w, err := wishesOf(in.Wishes)
		if err != nil {
			return deed{}, err
		}
		return changingFrom(in.IfRevision, in.OperationID, func(ctx context.Context, from desk.Entrance, h desk.Holding) error {
			return do(ctx, from, h, region, w)
		})
	}
}

func verifying(d *desk.Desk) func(*contract.VerificationRequest) (deed, error) {
	return func(in *contract.VerificationRequest) (deed, error) {
		code, err := codeOf(in.Code)
		if err != nil {
			return deed{}, err
		}
		return changing(in.OperationID, func(ctx context.Context, from desk.Entrance, h desk.Holding) error {
			return d.Verify(ctx, from, h, code)
		})
	}
}
