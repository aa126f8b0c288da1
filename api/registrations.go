package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

func entrance(c *gin.Context, door desk.Door, actor string) desk.Entrance {
	return desk.Entrance{Door: door, Actor: actor, Received: received(c), Address: address(c)}
}

func fromApp(c *gin.Context) desk.Entrance { return entrance(c, desk.DoorApp, "app") }

// reply writes an answer of the contract. Maps come out sorted, so that equal answers are equal bytes.
func reply(c *gin.Context, v any) error {
	body, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, "application/json", body)
	return nil
}

// register takes an application. Its answer is the same in status, headers, fields and size for a new application, a
// repeated one, and one for somebody who is entered already.
func (s *Server) register(c *gin.Context) error {
	got, err := s.apply(c)
	s.metrics.applied(desk.DoorApp, got, err)
	if err != nil {
		return err
	}
	c.Header("Location", "/v1/campaigns/"+c.Param("campaign")+"/registrations/"+got.Reference)
	return reply(c, receiptOf(got))
}

func (s *Server) apply(c *gin.Context) (desk.Received, error) {
	secret, err := deviceSecretOf(c.Request.Header)
	if err != nil {
		return desk.Received{}, err
	}
	campaign, err := s.cfg.Desk.Campaign(c.Param("campaign"))
	if err != nil {
		return desk.Received{}, err
	}
	in, err := readBody[contract.RegistrationRequest](c)
	if err != nil {
		return desk.Received{}, err
	}
	a, err := applyingOf(campaign, in.OperationID, in.Person, in.Region, in.Wishes, in.Lang)
	if err != nil {
		return desk.Received{}, err
	}
	if a.Stamp, err = stampOf(in.Stamp); err != nil {
		return desk.Received{}, err
	}
	a.Secret = secret
	return s.cfg.Desk.Register(c.Request.Context(), campaign.Slug, fromApp(c), a)
}

func (s *Server) status(c *gin.Context) error {
	secret, err := deviceSecretOf(c.Request.Header)
	if err != nil {
		return err
	}
	campaign, err := s.cfg.Desk.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	reference := c.Param("reference")
	view, err := s.cfg.Desk.Status(c.Request.Context(), campaign.Slug, reference, secret)
	if err != nil {
		return err
	}
	return reply(c, registrationOf(campaign, reference, view))
}
