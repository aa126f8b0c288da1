package api

import (
	"compress/gzip"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"jari/booking"
	"jari/mobile-contract/app"
)

// appFile is a file of the reference app, and for how long it may be kept.
type appFile struct {
	*shown
	keep string
}

// makeApp makes the app's files, by path below app.Prefix. It takes some 100 ms, so it is done when the first one is asked for.
func makeApp() (map[string]appFile, error) {
	made, err := app.New(app.Sources())
	if err != nil {
		return nil, err
	}
	out := map[string]appFile{}
	for path, f := range made.Files {
		doc, err := newShown(f.Kind, f.Body, gzip.BestCompression)
		if err != nil {
			return nil, err
		}
		out[path] = appFile{doc, f.Keep}
	}
	return out, nil
}

// showApp answers with a file of the reference app.
func (s *Server) showApp(c *gin.Context) error {
	all, err := s.app()
	if err != nil {
		return err
	}
	f, ok := all[strings.TrimPrefix(c.Request.URL.Path, app.Prefix)]
	if !ok {
		return booking.Fail(codeNotFound, nil)
	}
	c.Header("Cross-Origin-Opener-Policy", "same-origin") // whoever opens the app in a window has no handle on it
	f.send(c, app.Policy, f.keep)
	return nil
}

// appRoutes are the paths of the reference app.
func (s *Server) appRoutes(e *gin.Engine) {
	e.GET(strings.TrimSuffix(app.Prefix, "/"), func(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, app.Prefix) })
	e.GET(app.Prefix+"*file", s.answer(s.showApp))
}
