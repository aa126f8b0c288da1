package phonesim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"jari/booking/desk"
	"jari/sms/gateway"
	"jari/sms/phonesim"
)

const (
	gatewaySecret = "0123456789abcdef0123456789abcdef"
	gatewayBefore = "an earlier secret that is still believed"
	gatewayNumber = "16001339"
)

// exchange is a simulated gateway on real HTTP, a receiver of what it tells, and a sender that uses it.
type exchange struct {
	*phonesim.Server
	t        *testing.T
	base     string
	clock    *clock
	sender   *gateway.Sender
	receipts chan desk.Receipt
	texts    chan map[string]string // as they were posted
	statuses chan int               // how the next texts are answered; then with 200
}

func newExchange(t *testing.T, change func(*phonesim.Config)) *exchange {
	t.Helper()
	x := &exchange{t: t, clock: newClock(), receipts: make(chan desk.Receipt, 1000), texts: make(chan map[string]string, 1000), statuses: make(chan int, 10)}
	hooks := httptest.NewServer(http.HandlerFunc(x.told))
	config := phonesim.Config{
		From: gatewayNumber, InboundURL: hooks.URL + "/inbound?a=b", HookRetryWait: -1, ListLag: -1, Now: x.clock.Now, Landlines: phonesim.LandlineReceipt,
		Gateway: &phonesim.Gateway{Secrets: []string{gatewaySecret, gatewayBefore}, ReceiptsURL: hooks.URL + "/receipts"},
	}
	if change != nil {
		change(&config)
	}
	var err error
	if x.Server, err = phonesim.New(config); err != nil {
		t.Fatal(err)
	}
	x.Start()
	web := httptest.NewServer(x.Server)
	x.base = web.URL + "/gateway"
	if x.sender, err = gateway.New(gateway.Config{Name: "kr", BaseURL: x.base, Secret: gatewayBefore, From: gatewayNumber, Country: "82", Now: x.clock.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		x.sender.Close()
		x.Stop()
		web.Close()
		hooks.Close()
	})
	return x
}

// told is our door, as far as a gateway sees it.
func (x *exchange) told(w http.ResponseWriter, r *http.Request) {
	hooks, err := gateway.NewWebhooks(gateway.Receiving{Name: "kr", PublicURL: "https://jari.example", Secrets: []string{gatewaySecret}, Country: "82", Now: x.clock.Now})
	body, err2 := io.ReadAll(r.Body)
	fields := map[string]string{}
	if err != nil || err2 != nil || !hooks.Verify(r, body) || json.Unmarshal(body, &fields) != nil {
		x.t.Errorf("%s was not signed, or is no JSON: %s", r.URL.Path, body)
		return
	}
	form := url.Values{}
	for k, v := range fields {
		form.Set(k, v)
	}
	if r.URL.Path == "/receipts" {
		receipt, err := hooks.ParseReceipt(form)
		if err != nil {
			x.t.Errorf("%v: %s", err, body)
		}
		x.receipts <- receipt
		return
	}
	if _, err := hooks.ParseInbound(form); err != nil {
		x.t.Errorf("%v: %s", err, body)
	}
	select {
	case status := <-x.statuses:
		w.WriteHeader(status)
	default:
	}
	x.texts <- fields
}

// call makes a request, signed; spoil may change that.
func (x *exchange) call(method, path, key, body string, spoil func(*http.Request)) (status int, answer map[string]any) {
	x.t.Helper()
	req, err := http.NewRequestWithContext(x.t.Context(), method, x.base+path, strings.NewReader(body))
	if err != nil {
		x.t.Fatal(err)
	}
	if key != "" {
		req.Header.Set(gateway.KeyHeader, `"`+key+`"`)
	}
	gateway.SignRequest(req, gatewaySecret, x.clock.Now(), []byte(body))
	if spoil != nil {
		spoil(req)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		x.t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		x.t.Fatal(err)
	}
	return res.StatusCode, answer
}

func (x *exchange) send(to, key string) desk.SendResult {
	x.t.Helper()
	return x.sender.Send(x.t.Context(), desk.OutgoingText{To: phone(x.t, to), Body: "7월 26일(월)", Key: key})
}
