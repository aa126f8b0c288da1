package api

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// freeTimes says what was free at a site, and as of when. Everybody may poll it, so most answers come from memory.
func (s *Server) freeTimes(c *gin.Context) error {
	campaign, err := s.cfg.Desk.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	about, err := s.campaignDoc(campaign)
	if err != nil {
		return err
	}
	site := c.Param("site")
	if !about.sites[site] {
		return booking.Fail(codeNotFound, nil)
	}
	doc, err := s.counts.get(c.Request.Context(), countKey{campaign.ID, site}, func(ctx context.Context) (*counted, error) {
		return s.countFree(ctx, campaign, site)
	})
	switch {
	case doc == nil && s.busy(err):
		// Not the turns of those who apply (retryPace): whoever only looks must not push them back.
		s.render(c, refusal{code: booking.CodeOverloaded, wait: int(countEvery/time.Second) + s.cfg.Jitter(int(countEvery/time.Second))})
		return nil
	case doc == nil:
		return err
	case err != nil && !s.busy(err):
		s.log.LogAttrs(c.Request.Context(), slog.LevelWarn, "free times: the last count is handed out", slog.String("request_id", requestID(c)), slog.String("error", err.Error()))
	}
	public(c, doc.body, doc.etag, "public, max-age=5")
	return nil
}

// busy reports whether an error goes away by itself.
func (s *Server) busy(err error) bool {
	return booking.CodeOf(err) == booking.CodeOverloaded || errors.Is(err, context.DeadlineExceeded) || s.cfg.Away != nil && s.cfg.Away(err)
}

// countFree asks the database and makes the document.
func (s *Server) countFree(ctx context.Context, c *desk.Campaign, site string) (*counted, error) {
	free, err := s.cfg.Desk.FreeTimes(ctx, c, site)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(freeTimesOf(c, site, free), json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	return &counted{body: body, etag: quoted(digestOf(body)), asOf: free.AsOf}, nil
}

func freeTimesOf(c *desk.Campaign, site string, free desk.FreeTimes) contract.FreeTimes {
	out := contract.FreeTimes{
		Campaign: c.Slug, Site: site, AsOf: instantOf(free.AsOf, c.Zone), NextChangeSeconds: int(countEvery / time.Second),
		Times: make([]contract.FreeTime, len(free.Times)),
	}
	for i, f := range free.Times {
		out.Times[i] = contract.FreeTime{Starts: instantOf(f.Starts, c.Zone), Ends: instantOf(f.Ends, c.Zone), Free: f.Free}
		if f.Queues != nil {
			queues := f.Queues
			out.Times[i].Queues = &queues
		}
	}
	return out
}
