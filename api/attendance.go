package api

import (
	"github.com/gin-gonic/gin"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// mark lets an agent say whether somebody came to their appointment.
func (s *Server) mark(c *gin.Context) error {
	login, err := s.agent(c)
	if err != nil {
		return err
	}
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
	err = s.cfg.Desk.Mark(c.Request.Context(), entrance(c, desk.DoorAgent, "agent:"+login), c.Param("campaign"), desk.Marking{Operation: op, Ticket: in.Ticket, To: to})
	if err != nil {
		return err
	}
	return reply(c, contract.AttendanceReceipt{OperationID: op.String(), Ticket: in.Ticket, Outcome: in.Outcome})
}
