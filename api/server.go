package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"jari/api/pages"
	"jari/booking"
	"jari/booking/desk"
)

// Agents knows the agents' tokens.
type Agents interface {
	// Agent returns the login that a token belongs to. It returns CodeUnauthorized when the token is nobody's.
	Agent(ctx context.Context, token string) (login string, err error)
}

// QueueDocs holds the public count of every queue in memory.
type QueueDocs interface {
	// Document returns a queue's count as JSON, and nil when there is no such queue. It is called for every poll, so it
	// must not ask a database.
	Document(campaign, queue string) *desk.PublicDocument
}

// Config is what a server is made of. Everything without "optional" is required.
type Config struct {
	Desk   *desk.Desk
	Agents Agents
	Queues QueueDocs
	// Ready tells whether this process can do its work. Public readiness is asked at most once a second.
	Ready func(ctx context.Context) []Check
	// Away tells whether an error means that the database is away or hangs: then trying again helps, and the answer is 503
	// instead of 500. Optional: no error does.
	Away func(error) bool
	// Mount adds handlers under path prefixes ("/hooks/sms"), for example the providers' webhooks. They read and answer
	// on their own; logging, metrics and recovery are the server's. Optional.
	Mount map[string]http.Handler
	// TrustedProxies are the networks (CIDR) whose X-Forwarded-For is believed. Optional: nobody's is.
	TrustedProxies []string
	// ClientMinimum is the least version of the contract that a client must have been made for (CheckMinimum). An older one is told, and
	// is not turned away. Optional: 1.0.0.
	ClientMinimum string
	// Sandbox says that this server is one, for app teams. Optional.
	Sandbox bool
	// Demo says that this server shows how it all works, with an invented crowd. Optional.
	Demo bool
	// PhonesURL is where a browser finds the simulated phones, for the page at /. Optional: there are none.
	PhonesURL string
	Log       *slog.Logger
	Registry  *prometheus.Registry
	// Jitter returns a whole number in [0, n), to spread those who come back. Optional: random.
	Jitter func(n int) int
}

// Server answers on two listeners.
type Server struct {
	cfg       Config
	log       *slog.Logger
	metrics   *metrics
	kinds     map[string]kind // of operations, by name
	public    http.Handler
	internal  http.Handler
	campaigns sync.Map // slug → *campaignDoc
	listed    atomic.Pointer[listDoc]
	counts    *counts
	readiness readiness
	docs      func() (map[string]*shown, error)
	app       func() (map[string]appFile, error)
	about     serviceDoc
	pages     *pages.Maker
	style     *shown   // of the pages
	icon      *shown   // theirs too
	kept      sync.Map // pageKey → *keptPage

	queueHeaders queueHeaders
	batchTime    time.Duration
	overload     map[booking.Lang]overloadAnswer
	retry        retryPace
	// Header values that many answers share.
	varyLanguage, problemType, jsonType []string
	// The names of this process's requests: a random part and a count.
	requests struct {
		prefix string
		count  atomic.Uint64
	}
}

// New makes a server. It fails on a missing part, a malformed proxy network, and prefixes that cannot be mounted.
func New(cfg Config) (*Server, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Jitter == nil {
		cfg.Jitter = randomBelow
	}
	m, err := newMetrics(cfg.Registry)
	if err != nil {
		return nil, err
	}
	s := &Server{
		cfg: cfg, log: cfg.Log, metrics: m, kinds: kindsOf(cfg.Desk), batchTime: batchTime, queueHeaders: newQueueHeaders(),
		counts: newCounts(cfg.Desk.Now), docs: sync.OnceValues(makeDocs), app: sync.OnceValues(makeApp),
	}
	s.varyLanguage, s.problemType, s.jsonType = []string{"Accept-Language"}, []string{"application/problem+json"}, []string{"application/json"}
	s.requests.prefix = rand.Text()[:15] + "-"
	if s.about, err = newServiceDoc(cfg); err != nil {
		return nil, err
	}
	if s.overload, err = overloadAnswers(); err != nil {
		return nil, err
	}
	if err := s.makePages(); err != nil {
		return nil, err
	}
	if s.public, err = s.routes(); err != nil {
		return nil, err
	}
	s.internal = Health(cfg.Ready, cfg.Registry)
	return s, nil
}

func (c *Config) check() error {
	for name, missing := range map[string]bool{
		"Desk": c.Desk == nil, "Agents": c.Agents == nil, "Queues": c.Queues == nil,
		"Ready": c.Ready == nil, "Log": c.Log == nil, "Registry": c.Registry == nil,
	} {
		if missing {
			return fmt.Errorf("make the HTTP server: %s is missing", name)
		}
	}
	for prefix, h := range c.Mount {
		if !strings.HasPrefix(prefix, "/") || strings.HasSuffix(prefix, "/") || strings.ContainsAny(prefix, ":*") || h == nil {
			return fmt.Errorf("mount %q: want a path such as /hooks/sms and a handler", prefix)
		}
	}
	return nil
}

// Public is the handler for everybody.
func (s *Server) Public() http.Handler { return s.public }

// Internal is the handler for the operator's network: health in detail and metrics.
func (s *Server) Internal() http.Handler { return s.internal }

func (s *Server) routes() (_ http.Handler, err error) {
	defer func() {
		if p := recover(); p != nil { // gin panics when two paths cannot stand side by side
			err = fmt.Errorf("set up the paths: %v", p)
		}
	}()
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.RemoteIPHeaders = []string{"X-Forwarded-For"} // a proxy that sets only this one would let X-Real-IP through
	if err := e.SetTrustedProxies(s.cfg.TrustedProxies); err != nil {
		return nil, fmt.Errorf("trusted proxies: %w", err)
	}
	e.Use(s.receive, s.observe, s.recoverPanic, headers())
	e.NoRoute(s.answer(func(*gin.Context) error { return booking.Fail(codeNotFound, nil) }))
	e.NoMethod(s.answer(func(*gin.Context) error { return booking.Fail(codeMethodNotAllowed, nil) }))

	e.GET("/healthz", gin.WrapF(alive))
	e.GET("/readyz", s.readyOutside)
	s.docRoutes(e)
	s.appRoutes(e)
	s.pageRoutes(e)
	for prefix, h := range s.cfg.Mount {
		e.Any(prefix, gin.WrapH(h))
		e.Any(prefix+"/*rest", gin.WrapH(h))
	}

	// Without a deadline: the intake's patience bounds it, and a timer for each of a nation's requests is not free.
	e.POST("/v1/campaigns/:campaign/registrations", s.answer(s.register))
	e.GET("/v1/campaigns/:campaign/queues/:queue", s.answer(s.queue))
	// With deadlines of their own.
	e.GET("/v1/campaigns/:campaign/sites/:site/free-times", s.answer(s.freeTimes))
	e.POST("/v1/sync", s.answer(s.sync))
	v1 := e.Group("/v1", deadline)
	v1.GET("/service", s.answer(s.service))
	v1.GET("/campaigns", s.answer(s.list))
	v1.GET("/campaigns/:campaign", s.answer(s.campaign))
	v1.POST("/campaigns/:campaign/introductions", s.answer(s.introduce))
	v1.POST("/agent/campaigns/:campaign/registrations", s.answer(s.asAgent(s.agentRegister)))
	v1.GET("/agent/campaigns/:campaign/tickets/:ticket/explain", s.answer(s.asAgent(s.explain)))
	v1.GET("/agent/campaigns/:campaign/tickets/:ticket/messages", s.answer(s.asAgent(s.thread)))
	v1.POST("/agent/campaigns/:campaign/attendances", s.answer(s.asAgent(s.mark)))
	v1.GET("/agent/campaigns/:campaign/queues/:queue/order", s.answer(s.asAgent(s.order)))

	entry := v1.Group("/campaigns/:campaign/registrations/:reference")
	entry.GET("", s.answer(s.status))
	entry.GET("/explanation", s.answer(s.why))
	entry.POST("/corrections", s.alone(kindCorrect))
	entry.POST("/wishes", s.alone(kindWishes))
	entry.POST("/confirmations", s.alone(kindConfirm))
	entry.POST("/declines", s.alone(kindDecline))
	entry.POST("/cancellations", s.alone(kindCancel))
	entry.POST("/swaps", s.alone(kindAskSwap))
	entry.POST("/swap-cancellations", s.alone(kindDropSwap))
	entry.POST("/code-requests", s.alone(kindRequestCode))
	entry.POST("/verifications", s.alone(kindVerify))
	entry.POST("/helpers", s.alone(kindSetHelper))
	entry.POST("/helper-removals", s.alone(kindRemoveHelper))
	entry.POST("/device-removals", s.alone(kindRemoveDevices))
	return e, nil
}

// answer turns a handler that may fail into gin's kind. What failed is rendered as a problem.
func (s *Server) answer(h func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		err := h(c)
		switch {
		case err == nil:
		case errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil:
			c.AbortWithStatus(statusClientGone) // nobody reads it; it is for the log and the metrics
		default:
			s.refuse(c, err)
		}
	}
}

// statusClientGone is what logs and metrics show when a client hung up before the answer (as nginx does).
const statusClientGone = 499
