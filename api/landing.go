package api

import (
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"jari/api/pages"
	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// pagesPolicy is docsPolicy for pages with an icon, and a form to ourselves.
const pagesPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Pages hold a clock and figures that change every second, so nobody keeps them longer.
const keepPage = "public, max-age=1"

func (s *Server) makePages() (err error) {
	if s.pages, err = pages.New(); err != nil {
		return err
	}
	if s.style, err = newShown("text/css; charset=utf-8", pages.Style, gzip.BestCompression); err != nil {
		return err
	}
	s.icon, err = newShown("image/svg+xml", pages.Icon, gzip.BestCompression)
	return err
}

// pageRoutes are the paths of what people read without an app.
func (s *Server) pageRoutes(e *gin.Engine) {
	for path, h := range map[string]func(*gin.Context) error{
		"/": s.landing, "/boards/:campaign": s.board,
		pages.StylePath: func(c *gin.Context) error { s.style.send(c, docsPolicy, "public, max-age=300"); return nil },
		pages.IconPath:  func(c *gin.Context) error { s.icon.send(c, docsPolicy, "public, max-age=300"); return nil },
	} {
		e.GET(path, s.answer(h))
		e.HEAD(path, s.answer(h))
	}
}

// landing says what this server is and what there is.
func (s *Server) landing(c *gin.Context) error {
	lang := pageLanguage(c)
	return s.sendKept(c, lang, pageKey{lang: lang}, func() ([]byte, error) {
		now := received(c)
		announced := s.cfg.Desk.Announced(now)
		l := pages.Landing{Lang: lang, Kind: s.kindOf(announced), Contract: ContractVersion, Now: now, Phones: s.cfg.PhonesURL}
		for _, k := range announced {
			l.Campaigns = append(l.Campaigns, k.Campaign)
		}
		return s.pages.Landing(l)
	})
}

// kindOf says what this server is. One that announces nothing is taken for real: there must be no doubt that what is entered counts.
func (s *Server) kindOf(announced []*desk.Campaign) pages.Kind {
	switch {
	case s.cfg.Sandbox:
		return pages.Sandbox
	case s.cfg.Demo:
		return pages.Demo
	case len(announced) > 0 && announced[0].Mode != booking.Live: // rehearsals are announced by themselves
		return pages.Rehearsal
	}
	return pages.Real
}

// pageLanguage is the language that somebody chose on a page, or else the browser's.
func pageLanguage(c *gin.Context) booking.Lang {
	switch lang := booking.Lang(c.Query("lang")); lang {
	case booking.Korean, booking.English:
		return lang
	}
	return languageOf(c.GetHeader("Accept-Language"))
}

// pageKey tells the pages apart that are kept. There are few: languages, campaigns, their queues.
type pageKey struct {
	campaign, queue string
	lang            booking.Lang
	refreshing      bool
}

// keptPage is a page that is made once a second, however many ask for it.
type keptPage struct {
	mu     sync.Mutex
	second int64 // of our clock, when it was made
	made   time.Time
	doc    *shown
}

// sendKept answers with a page that is made at most once a second.
func (s *Server) sendKept(c *gin.Context, lang booking.Lang, key pageKey, make func() ([]byte, error)) error {
	found, _ := s.kept.LoadOrStore(key, &keptPage{})
	k := found.(*keptPage)
	k.mu.Lock()
	if second := received(c).Unix(); k.doc == nil || k.second != second || time.Since(k.made) > time.Second {
		body, err := make()
		if err == nil {
			k.doc, err = newShown(kindHTML, body, gzip.DefaultCompression)
		}
		if err != nil {
			k.mu.Unlock()
			return err
		}
		k.second, k.made = second, time.Now()
	}
	doc := k.doc
	k.mu.Unlock()
	sendPage(c, lang, doc)
	return nil
}

func sendPage(c *gin.Context, lang booking.Lang, doc *shown) {
	c.Header("Content-Language", string(lang))
	doc.send(c, pagesPolicy, keepPage, "Accept-Language")
}

// forReading reports whether a problem is to be shown as a page: somebody has followed a link in a browser. What programs ask stays as the
// contract says, whatever they accept.
func (s *Server) forReading(c *gin.Context) bool {
	r := c.Request
	if r.Method != http.MethodGet && r.Method != http.MethodHead || !takes(r.Header.Get("Accept"), "text/html") {
		return false
	}
	under := func(prefix string) bool { return r.URL.Path == prefix || strings.HasPrefix(r.URL.Path, prefix+"/") }
	for prefix := range s.cfg.Mount {
		if under(prefix) {
			return false
		}
	}
	return !under("/v1") && !under("/sandbox")
}

// renderPage shows a problem as a page.
func (s *Server) renderPage(c *gin.Context, lang booking.Lang, p contract.Problem) bool {
	detail := ""
	if p.Detail != nil {
		detail = *p.Detail
	}
	body, err := s.pages.Refusal(pages.Refusal{Lang: lang, Title: p.Title, Detail: detail})
	if err != nil {
		return false
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Language", string(lang))
	c.Header("Vary", "Accept, Accept-Language")
	c.Header("Content-Security-Policy", pagesPolicy)
	c.Abort()
	c.Data(p.Status, kindHTML, body)
	return true
}
