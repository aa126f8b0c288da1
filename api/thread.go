package api

import (
	"log/slog"

	"github.com/gin-gonic/gin"

	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// thread shows an agent what was texted between us and a person. The desk writes down who looked.
func (s *Server) thread(c *gin.Context, login string) error {
	got, err := s.cfg.Desk.Thread(c.Request.Context(), c.Param("campaign"), c.Param("ticket"), "agent:"+login)
	if err != nil {
		return noTicket(err)
	}
	out := contract.Thread{Ticket: got.Ticket, More: got.More, Texts: make([]contract.ThreadText, len(got.Texts))}
	for i, t := range got.Texts {
		if t.Unreadable() {
			s.log.LogAttrs(c.Request.Context(), slog.LevelError, "a text cannot be opened and is shown without its words",
				slog.String("request_id", requestID(c)), slog.Int64("inbound", t.Inbound))
		}
		out.Texts[i] = threadTextOf(t)
	}
	return reply(c, out)
}

func threadTextOf(t desk.ThreadText) contract.ThreadText {
	out := contract.ThreadText{
		At: receivedAtOf(t.At), Direction: contract.ThreadTextDirectionOut, With: contract.ThreadTextWith(t.With), Number: t.Number, Kind: t.Kind, Text: t.Text,
		MadeAgain: !t.Said, Fate: t.Fate, Failure: t.Failure, Code: int64(t.Code),
	}
	if t.In {
		out.Direction = contract.ThreadTextDirectionIn
	}
	return out
}
