// Package twilio sends texts through Twilio and reads what Twilio posts back.
//
// Sender implements desk.Sender over Twilio's Messages resource. Webhooks says whether a webhook really comes from
// Twilio, turns its form into values, and has the answer to it. The package knows nothing of the server that uses it
// and logs nothing.
//
// Twilio has no idempotency key for messages. A time-out, a broken connection or a 5xx therefore leaves open whether
// the message went out: such an outcome is desk.SendUnknown, it is never repeated here, and List finds out later.
package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"

	"jari/booking"
	"jari/booking/desk"
	"jari/sms/wire"
)

const (
	// defaultTimeout bounds one call to Twilio, connecting included.
	defaultTimeout = 10 * time.Second
	// maxValidity is the longest time that Twilio accepts as a message's validity period.
	maxValidity = 36000 * time.Second
	// listLimit is the number of messages that List reads at most; desk.Sender promises it.
	listLimit = 200
)

// Config is what a Sender needs. AccountSID, AuthToken and From are required.
type Config struct {
	AccountSID string
	AuthToken  string
	From       string // our number, in the form that Twilio lists it
	// BaseURL is the scheme and host that take the place of Twilio's, such as "http://localhost:9090" for the phone
	// simulator. Defaults to Twilio.
	BaseURL string
	// StatusCallback is the URL to which Twilio posts receipts. Defaults to none: then only Fetch and List know.
	StatusCallback string
	Timeout        time.Duration // of one call; defaults to 10 s
	// Transport carries the requests. Defaults to an own http.Transport, which Close empties.
	Transport http.RoundTripper
}

// Sender is a desk.Sender over Twilio. It is safe for concurrent use.
type Sender struct {
	config Config
	target *url.URL // nil means Twilio itself
	owned  *http.Transport
}

var _ desk.Sender = (*Sender)(nil)

// New checks the configuration. The error names the setting that is missing or wrong and never holds its value.
func New(config Config) (*Sender, error) {
	for _, setting := range []struct{ name, value string }{
		{"AccountSID", config.AccountSID}, {"AuthToken", config.AuthToken}, {"From", config.From},
	} {
		if setting.value == "" {
			return nil, fmt.Errorf("twilio: %s is not set", setting.name)
		}
	}
	// The client library refuses other characters at each call, which would look like a refused message.
	if !alphanumeric(config.AccountSID) {
		return nil, errors.New("twilio: AccountSID may hold only letters and digits")
	}
	if !alphanumeric(config.AuthToken) {
		return nil, errors.New("twilio: AuthToken may hold only letters and digits")
	}
	target, err := parseBase(config.BaseURL)
	if err != nil {
		return nil, err
	}
	if config.Timeout <= 0 {
		config.Timeout = defaultTimeout
	}
	s := &Sender{config: config, target: target}
	if config.Transport == nil {
		s.owned = wire.Transport(config.Timeout)
		s.config.Transport = s.owned
	}
	return s, nil
}

// Close drops idle connections. Calls that are under way end by themselves.
func (s *Sender) Close() {
	if s.owned != nil {
		s.owned.CloseIdleConnections()
	}
}

// Send hands one text to Twilio, once. The outcome is decided by what happened on the wire, see call.
func (s *Sender) Send(ctx context.Context, text desk.OutgoingText) desk.SendResult {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()

	params := (&api.CreateMessageParams{}).SetTo(text.To.E164()).SetFrom(s.config.From).SetBody(text.Body)
	if s.config.StatusCallback != "" {
		params.SetStatusCallback(s.config.StatusCallback)
	}
	if text.ValidFor > 0 {
		params.SetValidityPeriod(validitySeconds(text.ValidFor))
	}
	service, call := s.newCall(ctx)
	message, err := service.CreateMessage(params)
	result := call.result
	if result.Outcome == 0 {
		result.Outcome = desk.SendNotSent // the request never reached the transport
	}
	if result.Outcome == desk.SendAccepted {
		if err != nil || message == nil || message.Sid == nil || !isMessageSID(*message.Sid) {
			// A success that we cannot read: Twilio probably has the message, but we do not know its id.
			return desk.SendResult{Outcome: desk.SendUnknown, Code: call.status}
		}
		result.ProviderID = *message.Sid
	}
	return result
}

// Fetch reads one message. An id that is not a Twilio message id is unknown to Twilio and is not asked for.
func (s *Sender) Fetch(ctx context.Context, providerID string) (desk.SentText, error) {
	if !isMessageSID(providerID) {
		return desk.SentText{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	service, call := s.newCall(ctx)
	message, err := service.FetchMessage(providerID, &api.FetchMessageParams{})
	if call.status == http.StatusNotFound {
		return desk.SentText{}, nil
	}
	if err := call.failure("fetch a message", err); err != nil {
		return desk.SentText{}, err
	}
	sent, err := parseMessage(*message)
	if err != nil {
		return desk.SentText{}, fmt.Errorf("twilio: fetch a message: %w", err)
	}
	return sent, nil
}

// List reads the newest messages to a number and keeps those created at or after since, to the second, because Twilio
// tells times in whole seconds. It does not use Twilio's DateSent filter: a message that still waits in Twilio's queue
// has no sending date, would be missed, and would then be sent a second time.
func (s *Sender) List(ctx context.Context, to booking.Phone, since time.Time) ([]desk.SentText, error) {
	if to.IsZero() {
		return nil, errors.New("twilio: list messages: no number") // an empty filter would list everybody's
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	service, call := s.newCall(ctx)
	params := (&api.ListMessageParams{}).SetTo(to.E164()).SetPageSize(listLimit)
	page, err := service.PageMessage(params, "", "")
	if err == nil && page.Messages == nil {
		err = ErrMessage // no list at all: read as an empty one it would say that Twilio has nothing
	}
	if err := call.failure("list messages", err); err != nil {
		return nil, err
	}
	since = since.Truncate(time.Second)
	var list []desk.SentText
	for _, message := range page.Messages {
		sent, err := parseMessage(message)
		if err != nil {
			return nil, fmt.Errorf("twilio: list messages: %w", err)
		}
		if !sent.CreatedAt.Before(since) && len(list) < listLimit {
			list = append(list, sent)
		}
	}
	return list, nil
}

// newCall builds the client library's service for one call. The library takes no context, so each call has its own
// transport that knows the context and remembers the outcome. The request handler is built by hand because the
// library's constructor would read TWILIO_EDGE and TWILIO_REGION from the environment.
func (s *Sender) newCall(ctx context.Context) (*api.ApiService, *call) {
	c := &call{ctx: ctx, base: s.config.Transport, target: s.target}
	base := &client.Client{
		Credentials: client.NewCredentials(s.config.AccountSID, s.config.AuthToken),
		HTTPClient: &http.Client{
			Transport: c,
			// A redirected POST would be sent twice: take the redirect itself as the answer.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	base.SetAccountSid(s.config.AccountSID)
	return api.NewApiService(&client.RequestHandler{Client: base}), c
}

// parseBase accepts an empty text or a scheme and a host, with nothing behind them.
func parseBase(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, nil
	}
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" ||
		u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("twilio: BaseURL must be a scheme and a host, such as https://host:port")
	}
	return u, nil
}

// validitySeconds rounds up to whole seconds and keeps to the 1 to 36,000 that Twilio accepts.
func validitySeconds(d time.Duration) int {
	d = min(d, maxValidity)
	return max(1, int((d+time.Second-1)/time.Second))
}
