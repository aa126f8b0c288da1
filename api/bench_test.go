package api_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"jari/api"
	"jari/booking"
	"jari/booking/desk"
)

// bare is an intake that answers at once: what is left is the door's and the desk's own work.
type bare struct{ full bool }

func (b bare) Store(_ context.Context, a desk.Application) (desk.Stored, error) {
	return desk.Stored{New: true, Own: true, Serial: 1, Arrival: a.Arrival}, nil
}

func (b bare) Open() error {
	if b.full {
		return booking.Fail(booking.CodeOverloaded, nil)
	}
	return nil
}

func benchmarkApply(b *testing.B, in bare, want int) {
	m := newMemory(b)
	s, err := api.New(api.Config{
		Desk: desk.New(desk.Ports{Campaigns: m, Intake: in, Book: m, Clock: m, Stamps: m.stamps}), Agents: agents{}, Queues: queueDocs{},
		Ready: func(context.Context) []api.Check { return nil }, Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(),
	})
	if err != nil {
		b.Fatal(err)
	}
	const body = `{"operation_id":"0198c0de-7a31-7cc2-9b1f-2f6a5c1d0e42","person":{"name":"홍길동","birth_date":"1968-04-12","phone":"+821000001234"},"region":"gangnam","lang":"ko"}`
	h := s.Public()
	b.ReportAllocs()
	for b.Loop() {
		req, _ := http.NewRequestWithContext(b.Context(), http.MethodPost, "/v1/campaigns/seoul-2021/registrations", strings.NewReader(body))
		req.RemoteAddr = "127.0.0.1:1"
		req.Header["Content-Type"] = []string{"application/json"}
		req.Header["Authorization"] = []string{"Bearer " + secretOne}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		if w.Code != want {
			b.Fatal(w.Code, w.Body)
		}
	}
}

// An application without the database's part.
func BenchmarkApply(b *testing.B) { benchmarkApply(b, bare{}, http.StatusOK) }

// A refusal under overload, with its stamp: it must cost less than an application.
func BenchmarkRefuse(b *testing.B) {
	benchmarkApply(b, bare{full: true}, http.StatusServiceUnavailable)
}
