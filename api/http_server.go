package api

import (
	"log/slog"
	"net/http"
	"time"
)

// NewHTTPServer makes an http.Server on which nobody can hold a connection open for nothing: 5 s for the headers, 15 s
// for the whole request, 30 s for the answer, 90 s between two requests, 16 KiB of headers. Whatever it has to complain
// about goes to the log at level warn.
func NewHTTPServer(addr string, handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       90 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
