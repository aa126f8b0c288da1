package textbench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// Phones reads a phone simulator from outside.
type Phones struct{ URL string }

// Faults are those of a simulator that a run sets, as it names them.
type Faults struct {
	Rate429             float64 `json:"rate_429"`
	Rate503HTML         float64 `json:"rate_503_html"`
	RateAcceptThenHang  float64 `json:"rate_accept_then_hang"`
	RateReceiptTwice    float64 `json:"rate_receipt_twice"`
	RateReceiptShuffled float64 `json:"rate_receipt_shuffled"`
	HangForMS           int64   `json:"hang_for_ms"`
}

// SetFaults replaces the faults.
func (p Phones) SetFaults(ctx context.Context, f Faults) error {
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	_, err = p.ask(ctx, http.MethodPut, "/sim/faults", body)
	return err
}

// Counts are the simulator's own.
type Counts struct {
	Accepted     uint64 `json:"accepted"`
	SlowedDown   uint64 `json:"slowed_down"`
	Broken       uint64 `json:"broken"`
	Hung         uint64 `json:"hung"`
	ReceiptsLost uint64 `json:"receipts_lost"`
}

// Counts reads them.
func (p Phones) Counts(ctx context.Context) (c Counts, err error) {
	b, err := p.ask(ctx, http.MethodGet, "/sim/counts", nil)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(b, &c)
}

// Shown is one text that a phone showed.
type Shown struct {
	To   string    `json:"to"`
	Body string    `json:"body"`
	At   time.Time `json:"at"`
}

// Log reads what all phones showed.
func (p Phones) Log(ctx context.Context) ([]Shown, error) {
	b, err := p.ask(ctx, http.MethodGet, "/sim/log", nil)
	if err != nil {
		return nil, err
	}
	var out []Shown
	lines := json.NewDecoder(bytes.NewReader(b))
	for {
		var s Shown
		if err := lines.Decode(&s); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, fmt.Errorf("read the phones' log: %w", err)
		}
		out = append(out, s)
	}
}

func (p Phones) ask(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the phones: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("the phones answered %d", res.StatusCode)
	}
	return b, err
}

// Handsets sums up what the phones showed: each person has one phone and is told once.
type Handsets struct {
	Phones  int     `json:"phones"`  // that showed a text
	Doubles int     `json:"doubles"` // texts beyond each phone's first
	Seconds float64 `json:"seconds"` // from the first acceptance to the last
	Rate    float64 `json:"per_second"`
	Most    int     `json:"most_in_a_second"` // in any window of one second
}

// Look sums up a log.
func Look(log []Shown) Handsets {
	var h Handsets
	seen := map[string]bool{}
	at := make([]time.Time, len(log))
	for i, s := range log {
		if at[i] = s.At; seen[s.To] {
			h.Doubles++
		}
		seen[s.To] = true
	}
	h.Phones = len(seen)
	if len(at) == 0 {
		return h
	}
	slices.SortFunc(at, time.Time.Compare)
	h.Seconds = at[len(at)-1].Sub(at[0]).Seconds()
	if h.Seconds > 0 {
		h.Rate = float64(len(at)-1) / h.Seconds
	}
	first := 0
	for i := range at {
		for at[i].Sub(at[first]) >= time.Second {
			first++
		}
		h.Most = max(h.Most, i-first+1)
	}
	return h
}
