package api

import (
	"github.com/gin-gonic/gin"

	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// introduce takes an introduction. Its answer is the same in status, headers, fields and size whether or not there is an entry, and takes as
// long as an application's.
func (s *Server) introduce(c *gin.Context) error {
	secret, err := deviceSecretOf(c.Request.Header)
	if err != nil {
		return err
	}
	in, err := readBody[contract.IntroductionRequest](c)
	if err != nil {
		return err
	}
	a, err := introducingOf(in)
	if err != nil {
		return err
	}
	a.Secret = secret
	got, err := s.cfg.Desk.Introduce(c.Request.Context(), c.Param("campaign"), fromApp(c), a)
	s.evenOut(c)
	if err != nil {
		return err
	}
	c.Header("Location", "/v1/campaigns/"+c.Param("campaign")+"/registrations/"+got.Reference)
	return reply(c, introducedOf(got))
}

// introducingOf reads an introduction. The first field that does not fit is named.
func introducingOf(in *contract.IntroductionRequest) (*desk.Introducing, error) {
	a, err := applyingOf(in.OperationID, in.Person, in.Region, in.Wishes, in.Lang, nil)
	if err != nil {
		return nil, err
	}
	return &desk.Introducing{Person: a.Person, Region: a.Region, Wishes: a.Wishes, Lang: a.Lang, Operation: a.Operation}, nil
}

// introducedOf is the answer to every introduction.
func introducedOf(r desk.Received) contract.Receipt {
	return contract.Receipt{
		Reference: r.Reference, State: contract.StateIntroduced, ReceivedAt: receivedAtOf(r.At), Next: contract.NextVerify, AskAgainSeconds: secondsOf(desk.AskAgain),
	}
}
