package phonesim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"jari/sms/gateway"
)

// Gateway is how a network is spoken with that is a gateway of docs/gateway.md, at BASE = its address and /gateway. Secrets are required.
type Gateway struct {
	Secrets     []string // each of at least 32 characters; the first signs what is told, all are believed
	ReceiptsURL string   // where what became of texts is told; defaults to none
}

func (g *Gateway) check() error {
	if len(g.Secrets) == 0 {
		return errors.New("phonesim: a gateway needs a secret")
	}
	for _, secret := range g.Secrets {
		if err := gateway.CheckSecret(secret); err != nil {
			return fmt.Errorf("phonesim: %w", err)
		}
	}
	if g.ReceiptsURL != "" && !isWebURL(g.ReceiptsURL) {
		return errors.New("phonesim: ReceiptsURL must be an absolute http or https URL")
	}
	return nil
}

// How a gateway posts a phone's text: it waits so long for the answer, and repeats for at least an hour, with pauses that double up to the longest.
const (
	gatewayTimeout   = 15 * time.Second
	gatewayRetries   = 66
	gatewayFirstWait = time.Second
	gatewayMostWait  = time.Minute
)

// asGateway speaks docs/gateway.md.
type asGateway struct {
	*Server
	mu   sync.Mutex
	busy map[string]bool // keys under which a text is being taken right now
}

func (g *asGateway) mount(mux *http.ServeMux) {
	mux.HandleFunc("POST /gateway/messages", g.signed(g.take))
	mux.HandleFunc("GET /gateway/messages", g.signed(g.list))
	mux.HandleFunc("GET /gateway/messages/{id}", g.signed(g.one))
	mux.HandleFunc("GET /gateway/received", g.signed(g.received))
}

// signed lets a request through that was signed with one of the secrets lately.
func (g *asGateway) signed(next func(http.ResponseWriter, *http.Request, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			writeProblem(w, http.StatusRequestEntityTooLarge, "the body is too large")
			return
		}
		if err != nil || !gateway.Verify(g.config.Gateway.Secrets, g.config.Now(), r.Header, r.Method, r.RequestURI, body) {
			writeProblem(w, http.StatusUnauthorized, "not signed with the secret, or not now, or another request was signed")
			return
		}
		next(w, r, body)
	}
}

// gatewayText is a text in either direction, as docs/gateway.md writes it.
type gatewayText struct {
	ID       string    `json:"id"`
	State    string    `json:"state,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	To       string    `json:"to"`
	From     string    `json:"from"`
	Text     string    `json:"text"`
	Created  time.Time `json:"created_at,omitzero"`
	Received time.Time `json:"received_at,omitzero"`
}

func newGatewayText(m message) gatewayText {
	t := gatewayText{ID: m.id, Text: m.body}
	t.From, t.To = m.ends()
	if m.way == inbound {
		t.Received = m.created.UTC()
		return t
	}
	t.State, t.Reason, t.Created = gatewayState(m.status), gatewayReason(m.code, m.full), m.created.UTC()
	return t
}

// gatewayState is the interface's word for a state. All but one are Twilio's.
func gatewayState(status string) string {
	if status == "queued" {
		return "accepted"
	}
	return status
}

// gatewayReason is the interface's word for why a text came to nothing; empty for one that did not.
func gatewayReason(code int, full bool) string {
	switch {
	case code == 0:
		return ""
	case code == codeUnreachable && full:
		return "full"
	}
	word, ok := map[int]string{
		codeNotMobile: "not_mobile", codeOptedOut: "opted_out", codeLandline: "landline", codeUnknown: "unknown_number",
		codeUnreachable: "unreachable", codeFiltered: "filtered", codeExpired: "expired", codeQueuedTooLong: "expired",
	}[code]
	if !ok {
		return "other"
	}
	return word
}

func (g *asGateway) receiptLetter(m message, at step, _ string) letter {
	return g.letter(m.callback, struct {
		ID     string `json:"id"`
		State  string `json:"state"`
		Reason string `json:"reason,omitempty"`
	}{m.id, gatewayState(at.status), gatewayReason(at.code, m.full)})
}

func (g *asGateway) textLetter(m message, target, _ string) letter {
	return g.letter(target, newGatewayText(m))
}

// letter signs a webhook at the time at which it is posted.
func (g *asGateway) letter(target string, value any) letter {
	body, err := json.Marshal(value)
	u, err2 := url.Parse(target)
	if err != nil || err2 != nil { // neither can be: the addresses were checked
		return letter{}
	}
	now := g.config.Now()
	return letter{target: target, body: string(body), header: http.Header{
		"Content-Type":          {"application/json"},
		gateway.TimestampHeader: {strconv.FormatInt(now.Unix(), 10)},
		gateway.SignatureHeader: {gateway.Sign(g.config.Gateway.Secrets[0], now, http.MethodPost, u.RequestURI(), body)},
	}}
}

// again repeats what the interface says is to be repeated: after a second, and then with growing pauses.
func (g *asGateway) again(status, try int) (time.Duration, bool) {
	repeat := status == 0 || status >= 500 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests
	wait := g.config.HookRetryWait << min(try, 6)
	return min(wait, max(gatewayMostWait, g.config.HookRetryWait)), repeat && try < g.config.HookRetries
}

// replies are none: what is said to a person comes as a text of its own.
func (*asGateway) replies([]byte) []string { return nil }

// obeys is false: who wants no texts is for the program to know.
func (*asGateway) obeys() bool { return false }
