package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"jari/booking"
	"jari/booking/desk"
)

const (
	// maxBody bounds a webhook's body: 1,600 characters take far less, with every parameter that Twilio may add.
	maxBody = 64 << 10
	// keepTime bounds storing a text where there is no journal; it stays below the 15 seconds after which the provider gives up, and goes on
	// when the provider hangs up: a text that reached us is kept. handleTime bounds handling it, behind the answer.
	keepTime   = 5 * time.Second
	handleTime = 5 * time.Second
)

// Door is the text door: it takes the webhooks of a provider and handles the texts. It is safe for concurrent use. Start lets it handle what it has
// kept; a worker's door, which takes none, needs neither Start nor Stop.
type Door struct {
	desk     *desk.Desk
	provider Provider
	receipts Receipts
	journal  Journal // nil where there is none
	database *breaker
	hands    *hands
	log      *slog.Logger
	webhooks *prometheus.CounterVec
	texts    *prometheus.CounterVec
	left     prometheus.Counter
	refused  func(provider string, at time.Time) // hears of a text that stands nowhere
}

// NewDoor makes a door and registers its metrics.
func NewDoor(d *desk.Desk, p Provider, r Receipts, log *slog.Logger, registry prometheus.Registerer) (*Door, error) {
	door := &Door{
		desk: d, provider: p, receipts: r, log: log, database: new(breaker), refused: func(string, time.Time) {},
		webhooks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jari_sms_webhooks_total",
			Help: "Webhooks by provider, what they are about, and outcome (taken, repeated, forbidden, malformed, ignored, journalled, full, unstored).",
		}, []string{"provider", "about", "outcome"}),
		texts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jari_sms_texts_total", Help: "Texts handled, by what the person wanted.",
		}, []string{"act"}),
		left: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "jari_sms_texts_left_total", Help: "Texts that were kept and left to the sweep, because the door's own hands did not keep up.",
		}),
	}
	door.hands = newHands(door, Hands{})
	for _, c := range []prometheus.Collector{door.webhooks, door.texts, door.left} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register the text door's metrics: %w", err)
		}
	}
	return door, nil
}

// With is the same door for another provider's webhooks: it keeps, handles and counts with this one. Give the journal and the hands before.
func (d *Door) With(p Provider) *Door {
	other := *d
	other.provider = p
	return &other
}

// OnRefused sets who hears that a provider's text was refused, when it came. Not every provider tries again: then only its log has the text. Call it before
// the door serves, and before With.
func (d *Door) OnRefused(hear func(provider string, at time.Time)) { d.refused = hear }

func (d *Door) count(about, outcome string) {
	d.webhooks.WithLabelValues(d.provider.Name(), about, outcome).Inc()
}

// Inbound takes texts from people at prefix/<campaign's slug>, for a number of its own, and at prefix alone, for a number that all campaigns
// share: which one is meant is then found out when the text is handled. A text is stored before anything else; from then on the
// answer is a success, because a text that is kept is handled, by the door's hands or by a later sweep. While PostgreSQL is away, "stored"
// means in the journal. A text that stands in neither is answered with 503, so that the provider tries again.
func (d *Door) Inbound(prefix string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received := d.desk.Now() // before any work: this is the text's arrival
		form, ok := d.form(w, r, "inbound")
		if !ok {
			return
		}
		text, unusable := d.provider.ParseInbound(form)
		slug := strings.Trim(strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(prefix, "/")), "/")
		c, shared, err := d.keeper(slug, text.From)
		if err != nil {
			d.count("inbound", "malformed")
			http.Error(w, "no such campaign", http.StatusNotFound)
			return
		}
		if unusable != nil { // repeating it would not help, and there is nobody to answer
			d.log.Warn("a text cannot be used", "provider", d.provider.Name(), "error", unusable)
			d.count("inbound", "ignored")
			d.accept(w)
			return
		}
		d.take(w, r, c, text, shared, received)
	})
}

func (d *Door) take(w http.ResponseWriter, r *http.Request, c *desk.Campaign, text desk.IncomingText, shared bool, received time.Time) {
	in := d.desk.NewText(c, desk.Inbound{
		Door: desk.DoorSMS, Provider: d.provider.Name(), ProviderSID: text.ProviderID, From: text.From,
		Body: CutResidentNumber(text.Body), Arrival: received, Shared: shared,
	})
	id, fresh, err := d.keep(context.WithoutCancel(r.Context()), c, in)
	if err != nil {
		if d.journal == nil && booking.CodeOf(err) == booking.CodeOverloaded { // thousands may be refused in a second: counted only
			d.count("inbound", "full")
		} else {
			d.log.Error("a text could not be stored", "provider", d.provider.Name(), "error", err)
			d.count("inbound", "unstored")
		}
		d.refused(d.provider.Name(), received)
		http.Error(w, "not stored, please try again", http.StatusServiceUnavailable)
		return
	}
	if id == 0 { // handled when it is replayed
		d.count("inbound", "journalled")
		d.accept(w)
		return
	}
	if !fresh { // it is being handled, or will be by the sweep
		d.count("inbound", "repeated")
		d.accept(w)
		return
	}
	d.count("inbound", "taken")
	in.ID = id
	d.hands.take(in, c)
	d.accept(w)
}

// Receipts takes what the provider says became of our texts. A receipt with a state that we do not know is taken and
// dropped; one that could not be stored is answered with 503.
func (d *Door) Receipts() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received := d.desk.Now()
		form, ok := d.form(w, r, "receipt")
		if !ok {
			return
		}
		receipt, err := d.provider.ParseReceipt(form)
		if err != nil {
			d.log.Warn("a receipt cannot be used", "provider", d.provider.Name(), "error", err)
			d.count("receipt", "ignored")
			d.accept(w)
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), keepTime)
		defer cancel()
		if err := d.receipts.Receive(ctx, receipt.ProviderID, receipt.Status, receipt.Code, received); err != nil {
			d.log.Error("a receipt could not be stored", "provider", d.provider.Name(), "error", err)
			d.count("receipt", "unstored")
			http.Error(w, "not stored, please try again", http.StatusServiceUnavailable)
			return
		}
		d.count("receipt", "taken")
		d.accept(w)
	})
}

// form reads the body and checks the signature. When it returns false the request has been answered.
func (d *Door) form(w http.ResponseWriter, r *http.Request, about string) (url.Values, bool) {
	refuse := func(outcome string, status int) (url.Values, bool) {
		d.count(about, outcome)
		http.Error(w, http.StatusText(status), status)
		return nil, false
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return refuse("malformed", http.StatusMethodNotAllowed)
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return refuse("malformed", http.StatusRequestEntityTooLarge)
	}
	if err != nil {
		return refuse("malformed", http.StatusBadRequest)
	}
	form, err := fields(r.Header.Get("Content-Type"), raw)
	if errors.Is(err, errKind) {
		return refuse("malformed", http.StatusUnsupportedMediaType)
	}
	if err != nil {
		return refuse("malformed", http.StatusBadRequest)
	}
	if !d.provider.Verify(r, raw) {
		return refuse("forbidden", http.StatusForbidden)
	}
	return form, true
}

func (d *Door) accept(w http.ResponseWriter) {
	kind, body := d.provider.Accepted()
	w.Header().Set("Content-Type", kind)
	if _, err := w.Write(body); err != nil {
		d.log.Debug("the provider hung up before our answer", "error", err)
	}
}
