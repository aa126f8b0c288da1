package api

import (
	"context"

	"github.com/gin-gonic/gin"

	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// introducing lets a device speak for a person without applying.
func introducing(d *desk.Desk) func(*contract.IntroductionRequest) (deed, error) {
	return func(in *contract.IntroductionRequest) (deed, error) {
		a, err := applyingOf(in.OperationID, in.Person, in.Region, in.Wishes, in.Lang, nil)
		if err != nil {
			return deed{}, err
		}
		return deed{operation: a.Operation, enter: func(ctx context.Context, from desk.Entrance, campaign, secret string) (desk.Received, error) {
			return d.Introduce(ctx, campaign, from, &desk.Introducing{
				Person: a.Person, Region: a.Region, Wishes: a.Wishes, Lang: a.Lang, Secret: secret, Operation: a.Operation,
			})
		}}, nil
	}
}

// introduce takes an introduction. Its answer is the same in status, headers, fields and size whether or not there is an entry, and takes as
// long as an application's.
func (s *Server) introduce(c *gin.Context) error {
	secret, err := deviceSecretOf(c.Request.Header)
	if err != nil {
		return err
	}
	d, err := s.kinds[kindIntroduce].alone(c)
	if err != nil {
		return err
	}
	got, err := d.enter(c.Request.Context(), fromApp(c), c.Param("campaign"), secret)
	if err != nil {
		return err
	}
	evenOut(c.Request.Context(), visitOf(c).began)
	c.Header("Location", "/v1/campaigns/"+c.Param("campaign")+"/registrations/"+got.Reference)
	return reply(c, receiptOf(got))
}
