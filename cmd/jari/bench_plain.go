package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/gin-gonic/gin"

	"jari/api"
)

// plainAnswer is what a plain handler answers: the same bytes as the server that it is compared with.
type plainAnswer struct {
	Method, Path, Body string
	Header             map[string]string
}

// stdPrefix begins the paths that gin never sees.
const stdPrefix = "/std"

// benchPlain serves the answers with gin and none of our middlewares; below stdPrefix with net/http alone.
func (a *app) benchPlain(ctx context.Context, file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var answers []plainAnswer
	if err := json.Unmarshal(b, &answers); err != nil {
		return fmt.Errorf("read the answers: %w", err)
	}
	l, err := listen(ctx, "--answers", "127.0.0.1:0")
	if err != nil {
		return err
	}
	p := parts{failed: make(chan error, 1)}
	p.serve(api.NewHTTPServer("", plainHandler(answers), slog.New(slog.DiscardHandler)), l)
	_, _ = fmt.Fprintln(a.out, l.Addr())
	ended, cancel := context.WithCancel(ctx)
	go obey(os.Stdin, a.errs, cancel)
	return p.untilDone(ended)
}

func plainHandler(answers []plainAnswer) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	withGin, std := gin.New(), http.NewServeMux()
	for _, p := range answers {
		body := []byte(p.Body)
		withGin.Handle(p.Method, p.Path, func(c *gin.Context) {
			if _, err := io.Copy(io.Discard, c.Request.Body); err != nil {
				return
			}
			for k, v := range p.Header {
				c.Header(k, v)
			}
			c.Data(http.StatusOK, "application/json", body)
		})
		std.HandleFunc(p.Method+" "+stdPrefix+p.Path, func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return
			}
			for k, v := range p.Header {
				w.Header().Set(k, v)
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body)
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, stdPrefix) {
			std.ServeHTTP(w, r)
			return
		}
		withGin.ServeHTTP(w, r)
	})
}
