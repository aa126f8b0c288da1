package gateway

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"jari/booking/desk"
	"jari/sms/wire"
)

// MaxBody is the longest text that is taken from a person, in characters.
const MaxBody = 2000

var (
	// ErrForm is returned for a webhook that lacks an id or a usable sender. It never holds the value.
	ErrForm = errors.New("not a gateway's webhook")
	// ErrState is returned for a receipt whose state is none of the interface's.
	ErrState = errors.New("unknown state of a text")
)

// Receiving is what Webhooks need. Name, PublicURL and Secrets are required.
type Receiving struct {
	Name      string   // as the Sender's
	PublicURL string   // what the gateway calls us, without our paths: behind a proxy the request's own address may be another
	Secrets   []string // the present one and, while it is being changed, the one before
	Country   string   // as the Sender's
	Now       func() time.Time
}

// Webhooks checks and reads what a gateway posts: texts from people, and receipts, as JSON or as a form.
type Webhooks struct {
	config Receiving
	path   string // of the public address, before ours
}

// NewWebhooks checks the configuration. The error says what is missing or wrong and never holds a secret.
func NewWebhooks(config Receiving) (Webhooks, error) {
	if err := CheckName(config.Name); err != nil {
		return Webhooks{}, err
	}
	if len(config.Secrets) == 0 {
		return Webhooks{}, errors.New("gateway: there is no secret, so no webhook could be believed")
	}
	for _, secret := range config.Secrets {
		if err := CheckSecret(secret); err != nil {
			return Webhooks{}, err
		}
	}
	u, err := url.Parse(config.PublicURL)
	if err != nil {
		return Webhooks{}, errors.New("gateway: our own public address cannot be read")
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return Webhooks{config: config, path: strings.TrimSuffix(u.EscapedPath(), "/")}, nil
}

// Name is what is stored with every text.
func (w Webhooks) Name() string { return w.config.Name }

// Verify reports whether the gateway made the request, lately. The same request again is harmless: texts and receipts are known by their ids.
func (w Webhooks) Verify(r *http.Request, body []byte) bool {
	return Verify(w.config.Secrets, w.config.Now(), r.Header, r.Method, w.path+r.RequestURI, body)
}

// ParseInbound reads a text from a person; verify its signature first. Fields that it does not know are ignored. A body that PostgreSQL could not
// store is repaired and an overlong one is cut, because refusing it would lose a person's text. It returns ErrForm when the id is missing or the
// sender is not a telephone number.
func (w Webhooks) ParseInbound(form url.Values) (desk.IncomingText, error) {
	id := form.Get("id")
	from, err := parseNumber(w.config.Country, form.Get("from"))
	if err != nil || !goodID(id) {
		return desk.IncomingText{}, ErrForm
	}
	return desk.IncomingText{ProviderID: id, From: from, Body: wire.Clean(form.Get("text"), MaxBody)}, nil
}

// ParseReceipt reads a receipt; verify its signature first. Receipts come out of order and more than once. It returns ErrForm without an id, and ErrState
// for a state that the interface does not have.
func (w Webhooks) ParseReceipt(form url.Values) (desk.Receipt, error) {
	id := form.Get("id")
	if !goodID(id) {
		return desk.Receipt{}, ErrForm
	}
	st, known := state(form.Get("state"))
	if !known {
		return desk.Receipt{}, ErrState
	}
	return desk.Receipt{ProviderID: w.config.Name + separator + id, Status: st, Code: failureCode(st, form.Get("reason"))}, nil
}

// Accepted says that it is kept, and that nothing more will come of this answer: what we say goes out as a text of its own.
func (Webhooks) Accepted() (contentType string, body []byte) {
	return "application/json", []byte("{\"kept\":true}\n")
}
