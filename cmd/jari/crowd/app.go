package crowd

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"jari/cmd/jari/load"
)

// answer is what the crowd reads of any JSON answer.
type answer struct {
	status    int
	Reference string `json:"reference"`
	Code      string `json:"code"`
	State     string `json:"state"`
}

// post sends one JSON document. A broken connection is an error; every answer is not.
func (c *Crowd) post(ctx context.Context, path, secret string, body any) (answer, error) {
	text, ok := body.(string)
	if !ok {
		b, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		text = string(b)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.config.URL+path, strings.NewReader(text))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+secret)
	res, err := c.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	if err != nil {
		return answer{}, err
	}
	a := answer{status: res.StatusCode}
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(&a); err != nil {
		return answer{}, fmt.Errorf("an answer that is no JSON (%d)", res.StatusCode)
	}
	return a, nil
}

// insist tries again, as an app does, while the connection breaks or the server is full.
func (c *Crowd) insist(ctx context.Context, path, secret string, body any) (answer, error) {
	var a answer
	var err error
	for try := range 8 {
		a, err = c.post(ctx, path, secret, body)
		if err == nil && a.status != http.StatusServiceUnavailable && a.status != http.StatusTooManyRequests {
			return a, nil
		}
		if err := load.Pause(ctx, time.Duration(try+1)*200*time.Millisecond); err != nil {
			return a, err
		}
	}
	return a, err
}

func (c *Crowd) registrations() string {
	return "/v1/campaigns/" + c.config.Campaign.Slug + "/registrations"
}

func (m *member) form() map[string]any {
	phone := m.person.Phone.E164()
	if m.twist == badPhone {
		phone = phone[:len(phone)-1]
	}
	return map[string]any{
		"operation_id": uuid.NewString(), "region": m.region.Code, "lang": string(m.lang),
		"person": map[string]any{"name": m.person.Name, "birth_date": m.person.Born.String(), "phone": phone},
	}
}

func (c *Crowd) applyByApp(ctx context.Context, m *member) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	m.mu.Lock()
	m.secret = base64.RawURLEncoding.EncodeToString(raw)
	m.mu.Unlock()
	form := m.form()
	if m.twist == badJSON {
		c.tried("app")
		a, err := c.post(ctx, c.registrations(), m.secret, `{"operation_id": "`+uuid.NewString()+`", "persons": []} trailing`)
		c.settle(ctx, m, a, err)
		return
	}
	switch m.twist {
	case doubleTap:
		var wg sync.WaitGroup
		wg.Go(func() {
			c.tried("app")
			_, _ = c.insist(ctx, c.registrations(), m.secret, form)
		})
		defer wg.Wait()
	case cutConnection:
		c.tried("app")
		cut, cancel := context.WithTimeout(ctx, time.Millisecond)
		_, _ = c.post(cut, c.registrations(), m.secret, form)
		cancel()
	}
	c.tried("app")
	a, err := c.insist(ctx, c.registrations(), m.secret, form)
	c.settle(ctx, m, a, err)
}

// settle reads the answer to an application by app, and asks for the code.
func (c *Crowd) settle(ctx context.Context, m *member, a answer, err error) {
	switch {
	case err != nil:
		c.failed("app")
		return
	case a.status != http.StatusOK:
		c.refused("app", a.Code)
		return
	}
	m.mu.Lock()
	m.reference = a.Reference
	m.mu.Unlock()
	a, err = c.insist(ctx, c.registrations()+"/"+m.reference+"/code-requests", m.secret, map[string]any{"operation_id": uuid.NewString()})
	if err != nil || a.status != http.StatusOK {
		c.refused("app", "code:"+a.Code)
	}
}

// enterCode types a code that came by text into the app.
func (c *Crowd) enterCode(m *member, code string) {
	m.mu.Lock()
	reference, secret, verified := m.reference, m.secret, m.verified
	m.verified = true
	m.mu.Unlock()
	if reference == "" || verified {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	a, err := c.insist(ctx, c.registrations()+"/"+reference+"/verifications", secret, map[string]any{"operation_id": uuid.NewString(), "code": code})
	if err != nil || a.status != http.StatusOK {
		c.refused("app", "verify:"+a.Code)
	}
}

func (c *Crowd) applyByAgent(ctx context.Context, m *member) {
	form := m.form()
	form["caller_checked"] = true
	c.tried("agent")
	a, err := c.insist(ctx, "/v1/agent/campaigns/"+c.config.Campaign.Slug+"/registrations", c.config.AgentToken, form)
	switch {
	case err != nil:
		c.failed("agent")
	case a.status != http.StatusOK:
		c.refused("agent", a.Code)
	}
}
