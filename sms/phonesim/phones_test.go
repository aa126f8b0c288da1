package phonesim_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/sms/phonesim"
)

func TestReceipts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults phonesim.Faults
		want   []desk.ReceiptStatus
	}{
		"in order":    {phonesim.Faults{ReceiptDelayMax: 2 * time.Millisecond}, []desk.ReceiptStatus{"sent", "delivered"}},
		"twice":       {phonesim.Faults{RateReceiptTwice: 1}, []desk.ReceiptStatus{"sent", "sent", "delivered", "delivered"}},
		"shuffled":    {phonesim.Faults{RateReceiptShuffled: 1}, []desk.ReceiptStatus{"delivered", "sent"}},
		"both faults": {phonesim.Faults{RateReceiptShuffled: 1, RateReceiptTwice: 1}, []desk.ReceiptStatus{"delivered", "delivered", "sent", "sent"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t, func(config *phonesim.Config) { config.Faults = c.faults })
			id := n.send(t, korean, "x").ProviderID
			var got []desk.ReceiptStatus
			for range c.want {
				receipt := take(t, n.receipts)
				if receipt.ProviderID != id {
					t.Error("a receipt for another text")
				}
				got = append(got, receipt.Status)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("receipts %v, want %v", got, c.want)
			}
			if fetched, err := n.sender.Fetch(t.Context(), id); err != nil || fetched.Status != desk.ReceiptDelivered {
				t.Errorf("fetched %s, %v", fetched.Status, err)
			}
		})
	}
}

// TestInboundIsRetriedAndAnswered: two failures, then an answer in TwiML, which the phone shows.
func TestInboundIsRetriedAndAnswered(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	n.answer = func(try int) (int, []byte) {
		if try < 2 {
			return 503, []byte("<html>")
		}
		return 200, []byte(`<Response><Message>접수되었습니다 &lt;1&gt;</Message><Message>둘</Message></Response>`)
	}
	shown := make(chan string, 2)
	n.OnText(func(_ booking.Phone, body string) string { shown <- body; return "" })
	sid := n.Text(phone(t, korean), "예약 홍길동")
	if len(sid) != 34 || !strings.HasPrefix(sid, "SM") {
		t.Fatalf("id %q", sid)
	}
	for range 3 {
		if text := take(t, n.texts); text.ProviderID != sid || text.Body != "예약 홍길동" || text.From.E164() != korean {
			t.Error("the webhook got something else")
		}
	}
	got := []string{take(t, shown), take(t, shown)}
	slices.Sort(got)
	if !slices.Equal(got, []string{"둘", "접수되었습니다 <1>"}) {
		t.Errorf("the phone shows %q", got)
	}
	if inbox := n.Inbox(phone(t, korean)); len(inbox) != 2 || inbox[0].Body != "접수되었습니다 <1>" {
		t.Errorf("inbox of %d", len(inbox))
	}
	n.answer = nil
	if !n.Redeliver(sid) || n.Redeliver("SM0") {
		t.Error("redeliver")
	}
	if take(t, n.texts).ProviderID != sid {
		t.Error("redelivered with another id")
	}
}

func TestInboundGivesUp(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, func(c *phonesim.Config) { c.HookRetries = 2; c.Workers = 1 })
	n.answer = func(int) (int, []byte) { return 500, nil }
	n.Text(phone(t, korean), "x")
	for range 3 {
		take(t, n.texts)
	}
	n.answer = func(int) (int, []byte) { return 404, nil } // not repeated at all
	n.Text(phone(t, korean), "y")
	take(t, n.texts)
	n.answer = func(int) (int, []byte) { return 200, nil }
	n.Text(phone(t, korean), "z") // the only worker is done with the others when this one arrives
	if take(t, n.texts).Body != "z" {
		t.Error("an unexpected retry")
	}
	if lost := n.Counts().InboundLost; lost != 2 {
		t.Errorf("%d texts lost, want 2", lost)
	}
}

func TestStopAndStart(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	n.Text(phone(t, korean), " stop ")
	if got := n.send(t, korean, "x"); got.Code != 21610 || !got.Permanent {
		t.Errorf("after STOP: %+v", got)
	}
	if take(t, n.texts).Body != " stop " {
		t.Error("the webhook must see STOP too")
	}
	n.Text(phone(t, korean), "Start")
	if got := n.send(t, korean, "x"); got.Outcome != desk.SendAccepted {
		t.Errorf("after START: %+v", got)
	}
}

// TestCrowd: a thousand phones answer a text each, and every answer arrives once.
func TestCrowd(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	n.OnText(func(to booking.Phone, body string) string { return "re: " + body })
	const phones = 1000
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := worker; i < phones; i += 8 {
				if got := n.send(t, fmt.Sprintf("+8210%08d", i), "offer"); got.Outcome != desk.SendAccepted {
					t.Errorf("outcome %d", got.Outcome)
				}
			}
		})
	}
	wg.Wait()
	from := map[booking.Phone]int{}
	for range phones {
		text := take(t, n.texts)
		if text.Body != "re: offer" {
			t.Errorf("body %q", text.Body)
		}
		from[text.From]++
	}
	for range 2 * phones {
		take(t, n.receipts)
	}
	if len(from) != phones || len(n.Log()) != phones {
		t.Errorf("%d phones answered, %d texts in the log", len(from), len(n.Log()))
	}
}

func TestOldestMessagesGoFirst(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*phonesim.Config){
		"by number": func(c *phonesim.Config) { c.MaxMessages = 10 },
		"by bytes":  func(c *phonesim.Config) { c.MaxBytes = 100 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t, change)
			for i := range 35 {
				n.send(t, fmt.Sprintf("+8210%08d", i%3), fmt.Sprintf("text no %02d", i)) // ten bytes
				take(t, n.receipts)
				take(t, n.receipts)
			}
			log := n.Log()
			if len(log) != 10 || log[0].Body != "text no 25" || log[9].Body != "text no 34" {
				t.Errorf("%d texts kept", len(log))
			}
			if n.Counts().Accepted != 35 || len(n.Inbox(phone(t, "+821000000000"))) != 3 {
				t.Error("the totals or the inbox are wrong")
			}
		})
	}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	for body, bad := range map[string]string{
		"홍*동 님, 7월 19일(월) 20:00 [A1B2]\nABC": "",
		"「예약」 × ○ ★":                         "",  // KS X 1001 has these
		"똠방각하 펲시콜라":                          "똠", // only in CP949
		"가격 ₩1,000":                          "₩",
		"no—dash":                            "—",
		"caf\u00e9":                          "\u00e9",
		"nbsp\u00a0here":                     "\u00a0",
		"카타카나・점":                             "・",
		"emoji 😀":                            "😀",
		"tab\there":                          "\t",
	} {
		id := n.send(t, korean, body).ProviderID
		found := ""
		for _, v := range n.Violations() {
			if v.MessageID == id {
				found = v.Rune
			}
		}
		if found != bad {
			t.Errorf("%q: found %q, want %q", body, found, bad)
		}
	}
	before := n.Counts().Violations
	n.send(t, "+15005550009", "emoji 😀")
	if n.Counts().Violations != before {
		t.Error("the rule is only for Korea")
	}
}
