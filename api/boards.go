package api

import (
	"compress/gzip"
	"maps"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"jari/api/pages"
	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// board shows a campaign's public counts, from memory.
func (s *Server) board(c *gin.Context) error {
	campaign, err := s.cfg.Desk.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	codes := queuesOf(campaign)
	only := c.Query("queue")
	if only != "" {
		if !slices.Contains(codes, only) {
			return booking.Fail(booking.CodeNoQueue, nil)
		}
		codes = []string{only}
	}
	lang := pageLanguage(c)
	b := pages.Board{Lang: lang, Kind: s.kindOf(nil), Campaign: campaign.Campaign, Now: received(c), Only: only != ""}
	b.Refreshing = c.Query("refresh") == strconv.Itoa(pages.RefreshSeconds)
	if b.Refreshing {
		c.Header("Refresh", strconv.Itoa(pages.RefreshSeconds))
	} else if number, asked := c.GetQuery("number"); asked && len(codes) == 1 {
		b.Number = &number
	}
	made := func() ([]byte, error) {
		if b.Queues, err = s.queueCounts(campaign.Slug, codes); err != nil {
			return nil, err
		}
		return s.pages.Board(b)
	}
	if b.Number == nil {
		return s.sendKept(c, lang, pageKey{campaign: campaign.Slug, queue: only, lang: lang, refreshing: b.Refreshing}, made)
	}
	body, err := made() // there are as many of these as numbers
	if err != nil {
		return err
	}
	doc, err := newShown(kindHTML, body, gzip.BestSpeed)
	if err != nil {
		return err
	}
	sendPage(c, lang, doc)
	return nil
}

// queueCounts reads queues' public counts.
func (s *Server) queueCounts(campaign string, codes []string) ([]pages.Queue, error) {
	var out []pages.Queue
	for _, code := range codes {
		q := pages.Queue{Code: code}
		if doc := s.cfg.Queues.Document(campaign, code); doc != nil {
			q.Count = &contract.QueueDocument{}
			if err := json.Unmarshal(doc.Body, q.Count); err != nil {
				return nil, err
			}
		}
		out = append(out, q)
	}
	return out, nil
}

// queuesOf lists a campaign's queues: in the order of its cohorts, then those of earlier versions, in which people may stand.
func queuesOf(c *desk.Campaign) []string {
	var out []string
	for i := range c.Cohorts {
		if code := c.Cohorts[i].Queue; !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(c.Queues)) {
		if !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}
