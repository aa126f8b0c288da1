package api

import (
	"log/slog"

	"github.com/gin-gonic/gin"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// asAgent is a handler for whoever shows an agent's token; it is told whose. Others get codeAgentUnauthorized.
func (s *Server) asAgent(h func(c *gin.Context, login string) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		token, err := agentTokenOf(c.Request.Header)
		if err != nil {
			return err
		}
		login, err := s.cfg.Agents.Agent(c.Request.Context(), token)
		switch {
		case booking.CodeOf(err) == booking.CodeUnauthorized, err == nil && login == "": // never "some agent"
			return booking.Fail(codeAgentUnauthorized, err)
		case err != nil:
			return err
		}
		return h(c, login)
	}
}

func fromAgent(c *gin.Context, login string) desk.Entrance {
	return entrance(c, desk.DoorAgent, "agent:"+login)
}

// agentRegister takes an application from an agent. Agents are trusted and audited, so the answer says how the entry
// stands and whether it was there before.
func (s *Server) agentRegister(c *gin.Context, login string) error {
	op, got, err := s.agentApply(c, login)
	s.metrics.applied(desk.DoorAgent, got, err)
	if err != nil {
		return err
	}
	// The application is stored whatever happens from here on, so a failed reading costs only the place in the answer.
	view, err := s.cfg.Desk.Standing(c.Request.Context(), c.Param("campaign"), got)
	out := contract.AgentReceipt{
		OperationID: op, Ticket: view.Ticket, State: contract.State(view.State), ReceivedAt: receivedAtOf(view.Arrival), AlreadyThere: !got.New,
	}
	if err == nil {
		out.Place = placeOf(view.Place)
	} else {
		s.log.LogAttrs(c.Request.Context(), slog.LevelWarn, "read an entry for an agent",
			slog.String("request_id", requestID(c)), slog.String("error", err.Error()))
	}
	return reply(c, out)
}

func (s *Server) agentApply(c *gin.Context, login string) (contract.OperationID, desk.Received, error) {
	in, err := readBody[contract.AgentRegistrationRequest](c)
	if err != nil {
		return "", desk.Received{}, err
	}
	a, err := applyingOf(in.OperationID, in.Person, in.Region, in.Wishes, in.Lang, in.Stamp)
	if err != nil {
		return "", desk.Received{}, err
	}
	if !in.CallerChecked {
		return "", desk.Received{}, booking.Invalid("/caller_checked")
	}
	a.Attested = true
	got, err := s.cfg.Desk.Register(c.Request.Context(), c.Param("campaign"), fromAgent(c, login), a)
	return a.Operation.String(), got, err
}

// explain tells an agent why somebody has their appointment, or none: sentences to read out, and the text that the person
// would get.
func (s *Server) explain(c *gin.Context, _ string) error {
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
	return reply(c, explanationOf(got))
}

func explanationOf(e desk.Explained) contract.Explanation {
	return contract.Explanation{Ticket: e.Ticket, Lang: string(e.Lang), Sentences: e.Sentences, Text: e.Text}
}

// noTicket says plainly to an agent that there is no such entry: what looks like a wrong secret to a device is no secret here.
func noTicket(err error) error {
	if booking.CodeOf(err) == booking.CodeUnauthorized {
		return booking.Fail(codeNoTicket, err)
	}
	return err
}

// mark lets an agent say whether somebody came to their appointment.
func (s *Server) mark(c *gin.Context, login string) error {
	in, err := readBody[contract.AttendanceRequest](c)
	if err != nil {
		return err
	}
	op, err := operationOf(in.OperationID)
	if err != nil {
		return err
	}
	to := map[contract.Attendance]booking.AppointmentState{
		contract.AttendanceAttended: booking.Attended, contract.AttendanceMissed: booking.Missed,
	}[in.Outcome]
	err = s.cfg.Desk.Mark(c.Request.Context(), fromAgent(c, login), c.Param("campaign"), desk.Marking{Operation: op, Ticket: in.Ticket, To: to})
	if err != nil {
		return err
	}
	return reply(c, contract.AttendanceReceipt{OperationID: op.String(), Ticket: in.Ticket, Outcome: in.Outcome})
}
