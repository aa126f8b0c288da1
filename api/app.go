package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"jari/booking"
	"jari/mobile-contract/app"
)

// showApp answers with a file of the reference app. It is made when the first one is asked for.
func (s *Server) showApp(c *gin.Context) error {
	all, err := s.app()
	if err != nil {
		return err
	}
	if all.Files[strings.TrimPrefix(c.Request.URL.Path, app.Prefix)] == nil {
		return booking.Fail(codeNotFound, nil)
	}
	all.ServeHTTP(c.Writer, c.Request)
	return nil
}

// appRoutes are the paths of the reference app.
func (s *Server) appRoutes(e *gin.Engine) {
	e.GET(strings.TrimSuffix(app.Prefix, "/"), func(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, app.Prefix) })
	e.GET(app.Prefix+"*file", s.answer(s.showApp))
}
