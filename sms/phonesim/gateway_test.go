package phonesim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jari/booking/desk"
	"jari/sms/gateway"
	"jari/sms/phonesim"
)

const gatewayBody = `{"to":"+821000001234","from":"16001339","text":"7월 26일(월)","other":1}`

// What is not signed with a secret, for this path and now, is not let in. The second secret is.
func TestAGatewayBelievesWhatIsSigned(t *testing.T) {
	t.Parallel()
	x := newExchange(t, nil)
	for name, spoil := range map[string]func(*http.Request){
		"another secret": func(r *http.Request) {
			gateway.SignRequest(r, strings.Repeat("x", 32), x.clock.Now(), []byte(gatewayBody))
		},
		"an old time": func(r *http.Request) {
			gateway.SignRequest(r, gatewaySecret, x.clock.Now().Add(-6*time.Minute), []byte(gatewayBody))
		},
		"another body": func(r *http.Request) { gateway.SignRequest(r, gatewaySecret, x.clock.Now(), nil) },
		"another path": func(r *http.Request) { r.URL.RawQuery = "a=b" },
		"no signature": func(r *http.Request) { r.Header.Del(gateway.SignatureHeader) },
	} {
		if status, _ := x.call(http.MethodPost, "/messages", "k", gatewayBody, spoil); status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, status)
		}
	}
	for name, c := range map[string]struct {
		key, body string
		want      int
	}{
		"no key": {"", gatewayBody, 400}, "no JSON": {"k", "to=1", 400}, "no text": {"k", `{"to":"+821000001234","from":"16001339"}`, 400},
		"a backslash in the key": {`a\`, gatewayBody, 400}, "too much": {"k", strings.Repeat("a", 70<<10), 413},
	} {
		if status, _ := x.call(http.MethodPost, "/messages", c.key, c.body, nil); status != c.want {
			t.Errorf("%s: %d, want %d", name, status, c.want)
		}
	}
	if got := x.Counts().Accepted; got != 0 {
		t.Errorf("%d texts were taken", got)
	}
	if got := x.send(korean, "k"); got.Outcome != desk.SendAccepted { // the sender has the second secret
		t.Errorf("%+v", got)
	}
	for _, c := range []phonesim.Config{{From: "1", Gateway: &phonesim.Gateway{}}, {From: "1", Gateway: &phonesim.Gateway{Secrets: []string{"short"}}}, {From: "1"}} {
		if _, err := phonesim.New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

// However often and however at once a key comes, it is one text; also while another limit would refuse a new one.
func TestAGatewayTakesAKeyOnce(t *testing.T) {
	t.Parallel()
	x := newExchange(t, nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	ids := map[any]int{}
	for range 10 {
		wg.Go(func() {
			status, answer := x.call(http.MethodPost, "/messages", "4711-0-a", gatewayBody, nil)
			mu.Lock()
			defer mu.Unlock()
			if status == http.StatusConflict {
				return
			}
			if status != http.StatusOK && status != http.StatusCreated || answer["state"] == nil {
				t.Errorf("%d: %v", status, answer)
			}
			ids[answer["id"]]++
		})
	}
	wg.Wait()
	x.SlowDownNext(1)
	status, again := x.call(http.MethodPost, "/messages", "4711-0-a", `{"to":"+1","from":"nobody","text":"another"}`, nil)
	if ids[again["id"]]++; status != http.StatusOK || len(ids) != 1 || len(x.Inbox(phone(t, korean))) != 1 {
		t.Errorf("%d: %v; %d ids, %d texts", status, again, len(ids), len(x.Inbox(phone(t, korean))))
	}
	x.SlowDownNext(0)
	// What was refused is taken when it comes again under its key.
	x.SlowDownNext(1)
	if got := x.send("+821000005555", "4712"); got.Outcome != desk.SendSlowDown {
		t.Errorf("%+v", got)
	}
	if got := x.send("+821000005555", "4712"); got.Outcome != desk.SendAccepted || len(x.Inbox(phone(t, "+821000005555"))) != 1 {
		t.Errorf("%+v", got)
	}
	// Our sender asks again by itself when the answer fails to come.
	x.BreakNext(1)
	x.HangNext(1)
	if err := x.SetFaults(phonesim.Faults{HangFor: 10 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if got := x.send("+821000006666", "4713"); got.Outcome != desk.SendAccepted || len(x.Inbox(phone(t, "+821000006666"))) != 1 {
		t.Errorf("%+v", got)
	}
	if c := x.Counts(); c.Hung != 1 || c.Broken != 1 || c.Accepted != 3 {
		t.Errorf("%+v", c)
	}
}

// What becomes of a text is told by receipts, by its id and in the list, with the word for why.
func TestAGatewayTellsWhatBecomesOfTexts(t *testing.T) {
	t.Parallel()
	x := newExchange(t, nil)
	set := func(e164 string, h phonesim.Handset) string {
		if err := x.SetHandset(phone(t, e164), h); err != nil {
			t.Fatal(err)
		}
		return e164
	}
	for name, c := range map[string]struct {
		to     string
		reason string
		code   int
	}{
		"shown": {"+821000000001", "", 0}, "off": {set("+821000000002", phonesim.Handset{Off: true}), "unreachable", 30003},
		"full": {set("+821000000003", phonesim.Handset{Full: true}), "full", 30003}, "unknown": {set("+821000000004", phonesim.Handset{Unknown: true}), "unknown_number", 30005},
		"landline": {"+82212345678", "landline", 30006}, "filtered": {set("+821000000005", phonesim.Handset{FilteredFrom: []string{gatewayNumber}}), "filtered", 30007},
	} {
		sent := x.send(c.to, name)
		last := desk.ReceiptDelivered
		if c.code != 0 {
			last = desk.ReceiptUndelivered
		}
		for _, want := range []desk.Receipt{{ProviderID: sent.ProviderID, Status: desk.ReceiptSent}, {ProviderID: sent.ProviderID, Status: last, Code: c.code}} {
			if got := take(t, x.receipts); got != want {
				t.Errorf("%s: %+v, want %+v", name, got, want)
			}
		}
		one, err := x.sender.Fetch(t.Context(), sent.ProviderID)
		list, err2 := x.sender.List(t.Context(), phone(t, c.to), x.clock.Now())
		if err != nil || err2 != nil || one.Status != last || one.Code != c.code || len(list) != 1 || list[0] != one {
			t.Errorf("%s: %+v, %+v, %v, %v", name, one, list, err, err2)
		}
		_, m := x.call(http.MethodGet, "/messages/"+strings.TrimPrefix(sent.ProviderID, "kr:"), "", "", nil)
		if reason, _ := m["reason"].(string); reason != c.reason || m["state"] != string(last) {
			t.Errorf("%s: %v", name, m)
		}
	}
	x.SetHandset(phone(t, korean), phonesim.Handset{OptedOutOf: []string{gatewayNumber}, Landline: ""})
	x.SetHandset(phone(t, "+821000000006"), phonesim.Handset{Landline: phonesim.LandlineRefuses})
	for want, body := range map[string]string{
		"opted_out": gatewayBody, "not_mobile": `{"to":"+821000000006","from":"16001339","text":"a"}`, "sender": `{"to":"+821000000001","from":"1","text":"a"}`,
		"not_a_number": `{"to":"010","from":"16001339","text":"a"}`, "too_long": `{"to":"+821000000001","from":"16001339","text":"` + strings.Repeat("가", 1601) + `"}`,
	} {
		if status, answer := x.call(http.MethodPost, "/messages", want, body, nil); status != http.StatusUnprocessableEntity || answer["reason"] != want {
			t.Errorf("%s: %d %v", want, status, answer)
		}
	}
	if status, _ := x.call(http.MethodGet, "/messages/nothing", "", "", nil); status != http.StatusNotFound {
		t.Errorf("a text that is not there: %d", status)
	}
}

// A text that waits longer than it is of use expires; a number whose queue is full says so with 429.
func TestAGatewaysQueue(t *testing.T) {
	t.Parallel()
	x := newExchange(t, nil)
	if err := x.SetNumber(phonesim.Number{Number: gatewayNumber, PerSecond: 1, CountSegments: true, QueueMost: 1}); err != nil {
		t.Fatal(err)
	}
	long := `{"to":"+821000001234","from":"16001339","text":"` + strings.Repeat("가", 300) + `"}` // its segments fill the number for seconds
	for i, c := range []struct {
		body string
		want int
	}{
		{long, http.StatusCreated}, {`{"to":"+821000005555","from":"16001339","text":"b","valid_seconds":1}`, http.StatusCreated}, {gatewayBody, http.StatusTooManyRequests},
	} {
		if status, m := x.call(http.MethodPost, "/messages", fmt.Sprint(i), c.body, nil); status != c.want {
			t.Fatalf("text %d: %d %v", i, status, m)
		}
	}
	var last []desk.Receipt
	for range 3 {
		if r := take(t, x.receipts); r.Status != desk.ReceiptSent {
			last = append(last, desk.Receipt{Status: r.Status, Code: r.Code})
		}
	}
	if want := []desk.Receipt{{Status: desk.ReceiptDelivered}, {Status: desk.ReceiptFailed, Code: 30036}}; !slices.Equal(last, want) {
		t.Errorf("%+v, want %+v", last, want)
	}
}
