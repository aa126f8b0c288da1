package api

import (
	"context"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// holding reads who stands at the desk: campaign, reference, secret and operation id.
func holding(c *gin.Context, op contract.OperationID) (desk.Holding, error) {
	secret, err := deviceSecretOf(c.Request.Header)
	if err != nil {
		return desk.Holding{}, err
	}
	id, err := operationOf(op)
	if err != nil {
		return desk.Holding{}, err
	}
	return desk.Holding{Campaign: c.Param("campaign"), Reference: c.Param("reference"), Secret: secret, Operation: id}, nil
}

// noted is the answer to every operation that was carried out, or that a stranger's device asked for in vain.
func noted(c *gin.Context, op uuid.UUID) error {
	return reply(c, contract.OperationReceipt{OperationID: op.String(), State: contract.StateReceived})
}

// plain is an operation without content of its own.
func (s *Server) plain(do func(context.Context, desk.Entrance, desk.Holding) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		in, err := readBody[contract.OperationRequest](c)
		if err != nil {
			return err
		}
		h, err := holding(c, in.OperationID)
		if err != nil {
			return err
		}
		if err := do(c.Request.Context(), fromApp(c), h); err != nil {
			return err
		}
		return noted(c, h.Operation)
	}
}

func (s *Server) correct(c *gin.Context) error {
	campaign, err := s.cfg.Desk.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	in, err := readBody[contract.CorrectionRequest](c)
	if err != nil {
		return err
	}
	h, err := holding(c, in.OperationID)
	if err != nil {
		return err
	}
	p, err := personOf(campaign, in.Person)
	if err != nil {
		return err
	}
	region, err := regionOf(in.Region)
	if err != nil {
		return err
	}
	if err := s.cfg.Desk.Correct(c.Request.Context(), fromApp(c), h, p, region); err != nil {
		return err
	}
	return noted(c, h.Operation)
}

func (s *Server) changeWishes(c *gin.Context) error { return s.wished(c, s.cfg.Desk.ChangeWishes) }

func (s *Server) askSwap(c *gin.Context) error { return s.wished(c, s.cfg.Desk.AskSwap) }

// wished is an operation with a region and wishes.
func (s *Server) wished(c *gin.Context, do func(context.Context, desk.Entrance, desk.Holding, string, booking.Wishes) error) error {
	in, err := readBody[contract.WishesRequest](c)
	if err != nil {
		return err
	}
	h, err := holding(c, in.OperationID)
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
	if err := do(c.Request.Context(), fromApp(c), h, region, w); err != nil {
		return err
	}
	return noted(c, h.Operation)
}

func (s *Server) verify(c *gin.Context) error {
	in, err := readBody[contract.VerificationRequest](c)
	if err != nil {
		return err
	}
	h, err := holding(c, in.OperationID)
	if err != nil {
		return err
	}
	code, err := codeOf(in.Code)
	if err != nil {
		return err
	}
	if err := s.cfg.Desk.Verify(c.Request.Context(), fromApp(c), h, code); err != nil {
		return err
	}
	return noted(c, h.Operation)
}
