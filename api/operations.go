package api

import (
	"context"

	"github.com/gin-gonic/gin"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// carryOut lets whoever stands at the desk, with a reference, a secret and an operation id, do what the body asked for. The
// answer is the same for what was carried out and for what a stranger's device asked for in vain.
func carryOut(c *gin.Context, id contract.OperationID, do func(context.Context, desk.Entrance, desk.Holding) error) error {
	secret, err := deviceSecretOf(c.Request.Header)
	if err != nil {
		return err
	}
	op, err := operationOf(id)
	if err != nil {
		return err
	}
	h := desk.Holding{Campaign: c.Param("campaign"), Reference: c.Param("reference"), Secret: secret, Operation: op}
	if err := do(c.Request.Context(), fromApp(c), h); err != nil {
		return err
	}
	return reply(c, contract.OperationReceipt{OperationID: op.String(), State: contract.StateReceived})
}

// plain is an operation without content of its own.
func plain(do func(context.Context, desk.Entrance, desk.Holding) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		in, err := readBody[contract.OperationRequest](c)
		if err != nil {
			return err
		}
		return carryOut(c, in.OperationID, do)
	}
}

// answered is an answer to the offer of one appointment.
func answered(do func(context.Context, desk.Entrance, desk.Holding, int64) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		in, err := readBody[contract.AnswerRequest](c)
		if err != nil {
			return err
		}
		appointment, err := appointmentOf(in.Appointment)
		if err != nil {
			return err
		}
		return carryOut(c, in.OperationID, func(ctx context.Context, from desk.Entrance, h desk.Holding) error {
			return do(ctx, from, h, appointment)
		})
	}
}

func (s *Server) correct(c *gin.Context) error {
	in, err := readBody[contract.CorrectionRequest](c)
	if err != nil {
		return err
	}
	p, err := personOf(in.Person)
	if err != nil {
		return err
	}
	region, err := regionOf(in.Region)
	if err != nil {
		return err
	}
	return carryOut(c, in.OperationID, func(ctx context.Context, from desk.Entrance, h desk.Holding) error {
		return s.cfg.Desk.Correct(ctx, from, h, p, region)
	})
}

// wished is an operation with a region and wishes.
func wished(do func(context.Context, desk.Entrance, desk.Holding, string, booking.Wishes) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		in, err := readBody[contract.WishesRequest](c)
		if err != nil {
			return err
		}
		region, err := regionOf(in.Region)
		if err != nil {
			return err
		}
		w, err := wishesOf(in.Wishes)
		if err != nil {
			return err
		}
		return carryOut(c, in.OperationID, func(ctx context.Context, from desk.Entrance, h desk.Holding) error {
			return do(ctx, from, h, region, w)
		})
	}
}

func (s *Server) verify(c *gin.Context) error {
	in, err := readBody[contract.VerificationRequest](c)
	if err != nil {
		return err
	}
	code, err := codeOf(in.Code)
	if err != nil {
		return err
	}
	return carryOut(c, in.OperationID, func(ctx context.Context, from desk.Entrance, h desk.Holding) error {
		return s.cfg.Desk.Verify(ctx, from, h, code)
	})
}
