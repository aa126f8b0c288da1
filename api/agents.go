package api

import (
	"log/slog"

	"github.com/gin-gonic/gin"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// agentRegister takes an application from an agent. Agents are trusted and audited, so the answer says how the entry
// stands and whether it was there before.
func (s *Server) agentRegister(c *gin.Context) error {
	campaign, in, got, err := s.agentApply(c)
	s.metrics.applied(desk.DoorAgent, got, err)
	if err != nil {
		return err
	}
	op, err := operationOf(in.OperationID)
	if err != nil {
		return err
	}
	out := contract.AgentReceipt{
		OperationID: op.String(), Ticket: campaign.Keys.Ticket(got.Serial), State: contract.StateReceived,
		ReceivedAt: receivedAtOf(got.At), AlreadyThere: !got.New,
	}
	// The application is stored whatever happens from here on, so a failed reading costs only the place in the answer.
	if e, err := s.cfg.Entries.Entry(c.Request.Context(), campaign.ID, got.Entry); err != nil {
		s.log.LogAttrs(c.Request.Context(), slog.LevelWarn, "read an entry for an agent",
			slog.String("request_id", requestID(c)), slog.String("error", err.Error()))
	} else {
		state, _ := desk.StateOf(e)
		out.State, out.ReceivedAt, out.Place = contract.State(state), receivedAtOf(e.Arrival), placeOf(desk.Place(e))
	}
	return reply(c, out)
}

func (s *Server) agentApply(c *gin.Context) (*desk.Campaign, contract.AgentRegistrationRequest, desk.Received, error) {
	var in contract.AgentRegistrationRequest
	login, err := s.agent(c)
	if err != nil {
		return nil, in, desk.Received{}, err
	}
	campaign, err := s.cfg.Desk.Campaign(c.Param("campaign"))
	if err != nil {
		return nil, in, desk.Received{}, err
	}
	if in, err = readBody[contract.AgentRegistrationRequest](c); err != nil {
		return nil, in, desk.Received{}, err
	}
	a, err := applyingOf(campaign, in.OperationID, in.Person, in.Region, in.Wishes, in.Lang)
	if err != nil {
		return nil, in, desk.Received{}, err
	}
	if !in.CallerChecked {
		return nil, in, desk.Received{}, booking.Invalid("/caller_checked")
	}
	a.Stamp = stampOf(in.Stamp)
	a.Attested = true
	got, err := s.cfg.Desk.Register(c.Request.Context(), campaign.Slug, entrance(c, desk.DoorAgent, "agent:"+login), a)
	return campaign, in, got, err
}

// explain tells an agent why somebody has their appointment, or none: sentences to read out, and the text that the person
// would get.
func (s *Server) explain(c *gin.Context) error {
	if _, err := s.agent(c); err != nil {
		return err
	}
	lang := booking.Lang(c.Query("lang"))
	if lang != "" && lang != booking.Korean && lang != booking.English {
		return booking.Invalid("/lang")
	}
	campaign, id, err := s.cfg.Desk.ByTicket(c.Request.Context(), c.Param("campaign"), c.Param("ticket"))
	if err != nil {
		return noTicket(err)
	}
	got, err := s.cfg.Desk.Explain(c.Request.Context(), campaign, id, lang)
	if err != nil {
		return noTicket(err)
	}
	return reply(c, contract.Explanation{Ticket: got.Ticket, Lang: string(got.Lang), Sentences: got.Sentences, Text: got.Text})
}

// noTicket says plainly to an agent that there is no such entry: what looks like a wrong secret to a device is no secret here.
func noTicket(err error) error {
	if booking.CodeOf(err) == booking.CodeUnauthorized {
		return booking.Fail(codeNoTicket, err)
	}
	return err
}

// agent finds out whose token it is. It returns codeAgentUnauthorized when it is nobody's.
func (s *Server) agent(c *gin.Context) (string, error) {
	token, err := agentTokenOf(c.Request.Header)
	if err != nil {
		return "", err
	}
	login, err := s.cfg.Agents.Agent(c.Request.Context(), token)
	if booking.CodeOf(err) == booking.CodeUnauthorized || err == nil && login == "" { // never "some agent"
		return "", booking.Fail(codeAgentUnauthorized, err)
	}
	return login, err
}
