package crowd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"jari/cmd/jari/load"
	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// answer is what the crowd reads of an answer to a single request.
type answer struct {
	status int
	Code   string `json:"code"`
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

// insist tries again while the connection breaks or the server is full.
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

func (m *member) phone() string {
	phone := m.person.Phone.E164()
	if m.twist == badPhone {
		phone = phone[:len(phone)-1]
	}
	return phone
}

// line is the way of one app to the server, with its owner's twist. It counts the applications that are sent.
type line struct {
	*client.HTTP
	crowd *Crowd
	twist twist
	cut   atomic.Bool // has been cut once
}

// Sync sends one batch; twice at once for a double tap, and for whom the connection is cut the first time is given up before the answer.
func (l *line) Sync(ctx context.Context, body []byte) (client.Answer, error) {
	if !bytes.Contains(body, []byte(`"kind":"register"`)) {
		return l.HTTP.Sync(ctx, body)
	}
	l.crowd.tried("app")
	switch {
	case l.twist == doubleTap:
		var wg sync.WaitGroup
		wg.Go(func() {
			l.crowd.tried("app")
			_, _ = l.HTTP.Sync(ctx, body)
		})
		defer wg.Wait()
	case l.twist == cutConnection && l.cut.CompareAndSwap(false, true):
		cut, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		return l.HTTP.Sync(cut, body)
	}
	return l.HTTP.Sync(ctx, body)
}

// applyByApp applies with the contract's client: the application and the wish for a code are written, and handed in until they are answered.
func (c *Crowd) applyByApp(ctx context.Context, m *member) {
	if m.twist == badJSON {
		c.tried("app")
		a, err := c.post(ctx, "/v1/campaigns/"+c.config.Campaign.Slug+"/registrations", anySecret, `{"operation_id": "`+uuid.NewString()+`", "persons": []} trailing`)
		c.count("app", a, err)
		return
	}
	app, err := client.Open(&client.Memory{}, &line{HTTP: &client.HTTP{Base: c.config.URL, Lang: string(m.lang), Client: c.client}, crowd: c, twist: m.twist}, client.Outside{})
	if err != nil {
		c.failed("app")
		return
	}
	m.mu.Lock()
	m.app = app
	m.mu.Unlock()
	err = app.Write(func(p client.Pen) error {
		id, err := p.Add(c.config.Campaign.Slug, client.Form{
			Person: contract.Person{Name: m.person.Name, BirthDate: m.person.Born.String(), Phone: m.phone()}, Region: m.region.Code, Lang: string(m.lang),
		})
		return errors.Join(err, p.Apply(id), p.RequestCode(id))
	})
	if err != nil || !c.handIn(ctx, app) {
		c.failed("app")
	}
}

// anySecret has the form of a secret, for a request that is refused anyhow.
const anySecret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// mostSyncs is how often an app of the crowd tries.
const mostSyncs = 20

// handIn syncs until nothing is left to be sent, counts what was refused, and reports whether it came to that.
func (c *Crowd) handIn(ctx context.Context, app *client.Client) bool {
	for range mostSyncs {
		wait, _ := app.Sync(ctx)
		s, err := app.State()
		if err != nil {
			return false
		}
		if len(s.People) == 0 || len(s.People[0].Outbox) == 0 {
			c.refusals(app, s)
			return true
		}
		if load.Pause(ctx, wait) != nil {
			return false
		}
	}
	return false
}

// refusals counts what an app's owner is shown, and takes it as read.
func (c *Crowd) refusals(app *client.Client, s *client.State) {
	for _, n := range s.Notices {
		if n.Problem == nil {
			continue
		}
		code := string(n.Problem.Code)
		switch n.Kind {
		case client.RequestCode:
			code = "code:" + code
		case client.Verify:
			code = "verify:" + code
		}
		c.refused("app", code)
		_ = app.Write(func(p client.Pen) error { p.Seen(n.Number); return nil })
	}
}

// enterCode types a code that came by text into the app.
func (c *Crowd) enterCode(m *member, code string) {
	m.mu.Lock()
	app, verified := m.app, m.verified
	m.verified = m.verified || app != nil
	m.mu.Unlock()
	if app == nil || verified {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	err := app.Write(func(p client.Pen) error {
		if len(p.State.People) == 0 {
			return client.ErrNobody
		}
		return p.Verify(p.State.People[0].ID, code)
	})
	if err != nil || !c.handIn(ctx, app) {
		c.refused("app", "verify:no answer")
		return
	}
	c.befall(m)
}

func (c *Crowd) applyByAgent(ctx context.Context, m *member) {
	form := map[string]any{
		"operation_id": uuid.NewString(), "region": m.region.Code, "lang": string(m.lang), "caller_checked": true,
		"person": map[string]any{"name": m.person.Name, "birth_date": m.person.Born.String(), "phone": m.phone()},
	}
	c.tried("agent")
	a, err := c.insist(ctx, "/v1/agent/campaigns/"+c.config.Campaign.Slug+"/registrations", c.config.AgentToken, form)
	c.count("agent", a, err)
}

// count counts an answer that is no receipt.
func (c *Crowd) count(door string, a answer, err error) {
	switch {
	case err != nil:
		c.failed(door)
	case a.status != http.StatusOK:
		c.refused(door, a.Code)
	}
}
