package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"

	"jari/mobile-contract/contract"
)

// Why asks for the explanation of a person's entry: why this appointment, or none yet. It is kept nowhere. The device must have proven the
// phone on file, otherwise the server refuses (verify_first). It returns ErrNobody, and ErrNothing for a person without an entry.
func (c *Client) Why(ctx context.Context, id string) (*contract.Explanation, error) {
	s, err := c.State()
	if err != nil {
		return nil, err
	}
	who := s.person(id)
	switch {
	case who == nil:
		return nil, ErrNobody
	case who.Reference == "":
		return nil, ErrNothing
	}
	a, err := c.transport.Own(ctx, "/v1/campaigns/"+url.PathEscape(who.Campaign)+"/registrations/"+url.PathEscape(who.Reference)+"/explanation", who.Secret)
	if err != nil {
		return nil, err
	}
	if a.Status != http.StatusOK {
		return nil, refusal(a)
	}
	out := &contract.Explanation{}
	if !a.JSON || json.Unmarshal(a.Body, out) != nil || len(out.Sentences) == 0 {
		return nil, ErrAnswer
	}
	return out, nil
}
