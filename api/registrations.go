package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"jari/booking/desk"
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
	s.applied(got, err)
	if err != nil {
		return err
	}
	evenOut(c.Request.Context(), visitOf(c).began)
	body := receiptBody(got)
	h := c.Writer.Header()
	h["Location"] = []string{"/v1/campaigns/" + c.Param("campaign") + "/registrations/" + got.Reference}
	h["Content-Type"] = s.jsonType
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.Status(http.StatusOK)
	_, _ = c.Writer.Write(body) // whoever asked has gone
	return nil
}

// leastAnswer is the least time that the answer to an application takes. Whoever stands already is read, which takes two
// milliseconds instead of a half on a quiet machine: without it the time would tell who has applied (law 11). Under load
// every answer takes longer.
const leastAnswer = 10 * time.Millisecond

func evenOut(ctx context.Context, began time.Time) {
	rest := leastAnswer - time.Since(began)
	if rest <= 0 {
		return
	}
	pause := time.NewTimer(rest)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-ctx.Done():
	}
}

// applied counts an application of an app, however it came.
func (s *Server) applied(got desk.Received, err error) {
	s.metrics.applied(desk.DoorApp, got, err)
	if err == nil {
		s.retry.done()
	}
}

func (s *Server) apply(c *gin.Context) (desk.Received, error) {
	secret, err := deviceSecretOf(c.Request.Header)
	if err != nil {
		return desk.Received{}, err
	}
	d, err := s.kinds[kindRegister].alone(c)
	if err != nil {
		return desk.Received{}, err
	}
	return d.enter(c.Request.Context(), fromApp(c), c.Param("campaign"), secret)
}

// why tells whoever has proven the phone what an agent could tell them: why this appointment, or none.
func (s *Server) why(c *gin.Context) error {
	secret, err := deviceSecretOf(c.Request.Header)
	if err != nil {
		return err
	}
	lang := languageOf(c.GetHeader("Accept-Language"))
	got, err := s.cfg.Desk.Why(c.Request.Context(), desk.Holding{Campaign: c.Param("campaign"), Reference: c.Param("reference"), Secret: secret}, lang)
	if err != nil {
		return err
	}
	h := c.Writer.Header()
	h["Content-Language"], h["Vary"] = []string{string(lang)}, s.varyLanguage
	return reply(c, explanationOf(got))
}

func (s *Server) status(c *gin.Context) error {
	secret, err := deviceSecretOf(c.Request.Header)
	if err != nil {
		return err
	}
	reference := c.Param("reference")
	view, err := s.cfg.Desk.Status(c.Request.Context(), c.Param("campaign"), reference, secret)
	if err != nil {
		return err
	}
	return reply(c, registrationOf(reference, view))
}
