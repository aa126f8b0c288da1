package api

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"jari/booking"
	"jari/booking/desk"
)

// campaignDoc is a campaign's public document, made once per version.
type campaignDoc struct {
	of   string // the campaign's own ETag
	body []byte
	etag string // of the bytes, so that it is the same from every server
	// sites are the codes of its sites, of which there may be 50,000.
	sites map[string]bool
}

// listDoc is the list of campaigns, made once for each set of them.
type listDoc struct {
	of   []*desk.Campaign
	body []byte
	etag string
}

// listMost is how many campaigns are listed at most, as the contract says.
const listMost = 1000

// list says which campaigns there are to choose from.
func (s *Server) list(c *gin.Context) error {
	listed := s.cfg.Desk.Announced(s.cfg.Desk.Now())
	doc := s.listed.Load()
	if doc == nil || !slices.Equal(doc.of, listed) {
		body, err := json.Marshal(campaignsOf(listed[:min(len(listed), listMost)]), json.Deterministic(true))
		if err != nil {
			return err
		}
		doc = &listDoc{of: listed, body: body, etag: quoted(digestOf(body))}
		s.listed.Store(doc)
	}
	public(c, doc.body, doc.etag, "public, max-age=30")
	return nil
}

func (s *Server) campaign(c *gin.Context) error {
	campaign, err := s.cfg.Desk.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	doc, err := s.campaignDoc(campaign)
	if err != nil {
		return err
	}
	public(c, doc.body, doc.etag, "public, max-age=30")
	return nil
}

func (s *Server) campaignDoc(c *desk.Campaign) (*campaignDoc, error) {
	if kept, ok := s.campaigns.Load(c.Slug); ok {
		if doc, ok := kept.(*campaignDoc); ok && doc.of == c.ETag {
			return doc, nil
		}
	}
	body, err := json.Marshal(campaignOf(c), json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	doc := &campaignDoc{of: c.ETag, body: body, etag: quoted(digestOf(body)), sites: make(map[string]bool, len(c.Sites))}
	for i := range c.Sites {
		doc.sites[c.Sites[i].Code] = true
	}
	s.campaigns.Store(c.Slug, doc)
	return doc, nil
}

// queue hands out the public count from memory. Everybody polls it, so the headers are made with the document.
func (s *Server) queue(c *gin.Context) error {
	doc := s.cfg.Queues.Document(c.Param("campaign"), c.Param("queue"))
	if doc == nil {
		return booking.Fail(booking.CodeNoQueue, nil)
	}
	h := c.Writer.Header()
	h["Cache-Control"], h["Etag"] = s.queueHeaders.keep, doc.ETag
	if known := c.Request.Header["If-None-Match"]; len(known) > 0 && hasAlready(known[0], doc.ETag[0]) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return nil
	}
	h["Content-Type"], h["Content-Length"] = s.queueHeaders.json, doc.Length
	c.Status(http.StatusOK)
	_, _ = c.Writer.Write(doc.Body) // whoever has gone needs no answer
	return nil
}

// queueHeaders are header values, made once.
type queueHeaders struct{ keep, json []string }

func newQueueHeaders() queueHeaders {
	return queueHeaders{keep: []string{"public, max-age=1"}, json: []string{"application/json"}}
}

// public answers with JSON that is the same for everybody, or with 304 when the client has it.
func public(c *gin.Context, body []byte, etag, keep string) {
	publicAs(c, "application/json", body, etag, keep)
}

// publicAs is public for another content type.
func publicAs(c *gin.Context, kind string, body []byte, etag, keep string) {
	c.Header("Cache-Control", keep)
	c.Header("ETag", etag)
	if hasAlready(c.GetHeader("If-None-Match"), etag) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	c.Data(http.StatusOK, kind, body)
}

// digestOf names a document's bytes, so that it is the same from every server.
func digestOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:12])
}

func quoted(etag string) string {
	if strings.HasSuffix(etag, `"`) {
		return etag
	}
	return `"` + etag + `"`
}

// hasAlready compares weakly, as RFC 9110 (13.1.2) wants it for If-None-Match. Our tags hold no comma.
func hasAlready(ifNoneMatch, etag string) bool {
	for tag := range strings.SplitSeq(ifNoneMatch, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}
