package rush

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"jari/booking"
)

// text applies by text. Whether it reached the system is seen by Transport.
func (w *worker) text(e event) {
	r := w.rush
	p := &r.people[e.who]
	now := r.now()
	r.tally.late(now - e.at)
	if r.config.Phones.Text(p.phone, r.textOf(p)) == "" {
		r.again(e, backoff(w.rng, e.try))
		return
	}
	p.mu.Lock()
	p.logged = [2]int64{r.second(now), r.second(r.now()) + int64(time.Second)}
	p.mu.Unlock()
	r.tally.text.Add(1)
	r.tally.at(now).sent.Add(1)
	r.chains.Add(-1) // from here on the network repeats it
}

// second is the beginning of the second of an instant by the wall clock, which is the network's.
func (r *Rush) second(instant int64) int64 {
	return int64(r.opening.Add(time.Duration(instant)).Truncate(time.Second).Sub(r.opening.Round(0)))
}

// textOf is an application in one text.
func (r *Rush) textOf(p *person) string {
	return fmt.Sprintf("예약 %02d%02d%02d %s %s", p.born.Year%100, int(p.born.Month), p.born.Day, p.name, r.town.names[p.region])
}

// Transport watches the texts on their way from the phones to the system, as the network between them sees them: when
// the first was sent, and when one was accepted.
func (r *Rush) Transport(base http.RoundTripper) http.RoundTripper {
	return &watched{rush: r, base: base}
}

type watched struct {
	rush *Rush
	base http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t *watched) RoundTrip(req *http.Request) (*http.Response, error) {
	who, applies, ok := t.sender(req)
	sent := t.rush.now()
	res, err := t.base.RoundTrip(req)
	if !ok {
		return res, err
	}
	received := t.rush.now()
	p := &t.rush.people[who]
	p.mu.Lock()
	p.first = min(p.first, sent)
	taken := err == nil && res.StatusCode >= 200 && res.StatusCode < 300
	fresh := taken && !p.acknowledged
	p.tookText = p.tookText || taken && applies
	if err != nil && applies {
		p.broke = [2]int64{sent, received}
	}
	if taken {
		p.held, p.acknowledged = min(p.held, received), true
	}
	p.mu.Unlock()
	if err == nil {
		t.rush.tally.status(res.StatusCode)
	}
	if fresh {
		t.rush.tally.registered.Add(1)
		t.rush.tally.at(received).stored.Add(1)
		t.rush.moved.Store(received)
	}
	return res, err
}

// sender finds whose text a webhook carries, and whether it is the application; receipts and foreign phones are nobody's.
func (t *watched) sender(req *http.Request) (who int32, applies, ok bool) {
	if req.GetBody == nil {
		return nobody, false, false
	}
	body, err := req.GetBody()
	if err != nil {
		return nobody, false, false
	}
	raw, err := io.ReadAll(io.LimitReader(body, 1<<16))
	if err != nil || !bytes.Contains(raw, []byte("Body=")) {
		return nobody, false, false
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return nobody, false, false
	}
	phone, err := booking.ParseE164(form.Get("From"))
	if err != nil {
		return nobody, false, false
	}
	if who, ok = t.rush.byPhone[phone]; !ok {
		return nobody, false, false
	}
	return who, form.Get("Body") == t.rush.textOf(&t.rush.people[who]), true
}

// What people by text look for in the texts they get.
type texts struct{ verify, ticket, early *regexp.Regexp }

func readTexts() texts {
	return texts{verify: regexp.MustCompile(`본인이시면 (\d{1,2})번`), ticket: regexp.MustCompile(`접수번호 ([\d-]{10,13})`),
		early: regexp.MustCompile(`신청은? [^.]*부터`)}
}

// Read is a person looking at a text; what it returns is texted back.
func (r *Rush) Read(to booking.Phone, body string) (reply string) {
	who, ok := r.byPhone[to]
	if !ok {
		return ""
	}
	if m := r.texts.ticket.FindStringSubmatch(body); m != nil {
		code := strings.ReplaceAll(m[1], "-", "")
		p := &r.people[who]
		p.mu.Lock()
		fresh := p.ticket == ""
		p.ticket = code
		p.mu.Unlock()
		r.known.ticket(code, who)
		if fresh {
			r.served.Add(1)
		}
		r.moved.Store(r.now())
		return ""
	}
	if m := r.texts.verify.FindStringSubmatch(body); m != nil {
		r.moved.Store(r.now())
		return m[1]
	}
	p := &r.people[who]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = body
	if r.texts.early.MatchString(body) { // it was no arrival; the same again
		r.tally.early.Add(1)
		if p.acknowledged {
			r.tally.registered.Add(-1)
		}
		p.first, p.held, p.acknowledged = never, never, false
		return r.textOf(p)
	}
	return ""
}

// askAgain lets the people by text who have heard nothing ask where they stand, each three times at most: a reply, or the
// answer to it, can be lost.
func (r *Rush) askAgain() {
	for _, who := range r.byPhone {
		p := &r.people[who]
		p.mu.Lock()
		ask := p.acknowledged && p.ticket == "" && p.asked < 3
		if ask {
			p.asked++
		}
		p.mu.Unlock()
		if ask {
			_ = r.config.Phones.Text(p.phone, "조회")
		}
	}
}

// waitsForTexts is how long nothing must have moved before people ask.
const waitsForTexts = 20 * time.Second
