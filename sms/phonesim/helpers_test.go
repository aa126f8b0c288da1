package phonesim_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"jari/booking"
	"jari/booking/desk"
	"jari/sms/phonesim"
	"jari/sms/twilio"
)

const (
	account = "AC00000000000000000000000000000001"
	token   = "0123456789abcdef"
	ours    = "+15005550006"
	korean  = "+821000001234"
	patient = 30 * time.Second // far above what any step takes; only a broken test waits this long
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func phone(t testing.TB, e164 string) booking.Phone {
	t.Helper()
	p, err := booking.ParseE164(e164)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// clock is a hand-moved clock.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2021, 7, 19, 11, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// network is a simulator on real HTTP, a receiver of its webhooks and a sender that uses it.
type network struct {
	*phonesim.Server
	base     string
	hooks    string
	sender   *twilio.Sender
	clock    *clock
	receipts chan desk.Receipt
	texts    chan desk.IncomingText
	answer   func(try int) (status int, body []byte) // to the try-th inbound webhook
}

// newNetwork starts all three. The receiver checks every signature.
func newNetwork(t testing.TB, change func(*phonesim.Config)) *network {
	t.Helper()
	n := &network{
		clock: newClock(), receipts: make(chan desk.Receipt, 10_000), texts: make(chan desk.IncomingText, 10_000),
	}
	hooks := httptest.NewServer(n.receiver(t))
	n.hooks = hooks.URL
	config := phonesim.Config{
		AccountSID: account, AuthToken: token, From: ours, InboundURL: hooks.URL + "/inbound?door=sms#rc=3",
		HookRetryWait: -1, Now: n.clock.Now,
	}
	if change != nil {
		change(&config)
	}
	var err error
	if n.Server, err = phonesim.New(config); err != nil {
		t.Fatal(err)
	}
	n.Start()
	rest := httptest.NewServer(n.Server)
	n.base = rest.URL
	n.sender, err = twilio.New(twilio.Config{
		AccountSID: account, AuthToken: token, From: ours, BaseURL: rest.URL, StatusCallback: hooks.URL + "/receipts",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n.sender.Close()
		n.Stop()
		rest.Close()
		hooks.Close()
	})
	return n
}

func (n *network) receiver(t testing.TB) http.Handler {
	var mu sync.Mutex
	tries := 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		public := n.hooks + r.URL.RequestURI()
		if !twilio.VerifySignature([]string{token}, public, r.PostForm, r.Header.Get(twilio.SignatureHeader)) {
			t.Error("a webhook was not signed")
		}
		if r.URL.Path == "/receipts" {
			receipt, err := twilio.Webhooks{}.ParseReceipt(r.PostForm)
			if err != nil {
				t.Error(err)
			}
			n.receipts <- receipt
			return
		}
		text, err := twilio.Webhooks{}.ParseInbound(r.PostForm)
		if err != nil || !strings.HasPrefix(r.PostForm.Get("To"), "+1500555") {
			t.Error(err, r.PostForm.Get("To"))
		}
		mu.Lock()
		try := tries
		tries++
		mu.Unlock()
		if n.answer != nil {
			status, body := n.answer(try)
			w.WriteHeader(status)
			w.Write(body)
		}
		n.texts <- text
	})
}

// send sends one text with the sender.
func (n *network) send(t testing.TB, to, body string) desk.SendResult {
	t.Helper()
	return n.sender.Send(t.Context(), desk.OutgoingText{To: phone(t, to), Body: body})
}

// raw sends a form to the create path without the sender, and returns the answer's status.
func (n *network) raw(t testing.TB, user string, form url.Values) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		n.base+"/2010-04-01/Accounts/"+account+"/Messages.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.URL.RawQuery = form.Encode()
	req.SetBasicAuth(user, token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// take waits for the next value.
func take[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patient):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}
