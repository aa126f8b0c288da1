package phonesim_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"jari/booking/desk"
	"jari/sms/phonesim"
	"jari/sms/twilio"
)

func TestNewNamesTheMissingSetting(t *testing.T) {
	t.Parallel()
	whole := phonesim.Config{AccountSID: account, AuthToken: token, From: ours}
	for want, change := range map[string]func(*phonesim.Config){
		"AccountSID": func(c *phonesim.Config) { c.AccountSID = "" },
		"AuthToken":  func(c *phonesim.Config) { c.AuthToken = "" },
		"From":       func(c *phonesim.Config) { c.From = "" },
		"InboundURL": func(c *phonesim.Config) { c.InboundURL = "localhost/inbound" },
		"rates":      func(c *phonesim.Config) { c.Faults.Rate429 = 1.1 },
	} {
		config := whole
		change(&config)
		if _, err := phonesim.New(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that names %s", err, want)
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	for _, c := range []struct {
		name, to, body string
		code           int
		permanent      bool
	}{
		{"good", korean, "안녕하세요", 0, false},
		{"longest", korean, strings.Repeat("가", 1600), 0, false},
		{"too long", korean, strings.Repeat("가", 1601), 21617, false},
		{"empty", korean, "", 21602, false},
		{"landline", "+8221234567", "hello", 21614, true},
		{"elsewhere", "+15005550009", "hello", 0, false},
	} {
		got := n.send(t, c.to, c.body)
		want := desk.SendResult{Outcome: desk.SendRefused, Code: c.code, Permanent: c.permanent}
		if c.code == 0 {
			want = desk.SendResult{Outcome: desk.SendAccepted, ProviderID: got.ProviderID}
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", c.name, got, want)
		}
	}
	wrongFrom, err := twilio.New(twilio.Config{AccountSID: account, AuthToken: token, From: "+15005550001", BaseURL: n.base})
	if err != nil {
		t.Fatal(err)
	}
	defer wrongFrom.Close()
	if got := wrongFrom.Send(t.Context(), desk.OutgoingText{To: phone(t, korean), Body: "x"}); got.Code != 21606 {
		t.Errorf("not our number: %+v", got)
	}
	badNumber := wrongFrom.Send(t.Context(), desk.OutgoingText{Body: "x"}) // no number at all
	if badNumber.Outcome != desk.SendRefused {
		t.Errorf("no number: %+v", badNumber)
	}
	if counts := n.Counts(); counts.Accepted != 3 || counts.Refused != 5 || len(n.Log()) != 3 {
		t.Errorf("counts %+v, %d in the log", counts, len(n.Log()))
	}
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	if status := n.raw(t, "AC2", url.Values{}); status != 401 {
		t.Errorf("another account: status %d", status)
	}
	if status := n.raw(t, account, url.Values{"To": {korean}}); status != 400 {
		t.Errorf("parameters outside the form: status %d", status)
	}
	stranger, err := twilio.New(twilio.Config{AccountSID: account, AuthToken: "wrong", From: ours, BaseURL: n.base})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	got := stranger.Send(t.Context(), desk.OutgoingText{To: phone(t, korean), Body: "x"})
	if got.Outcome != desk.SendNotSent || got.Code != 20003 || got.Permanent {
		t.Errorf("wrong token: %+v", got)
	}
}

func TestFetchAndLaggingList(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, func(c *phonesim.Config) { c.ListLag = 5 * time.Second })
	start := n.clock.Now()
	first := n.send(t, korean, "첫째 [A1B2]")
	take(t, n.receipts)
	take(t, n.receipts)
	n.send(t, "+821000005678", "somebody else")

	fetched, err := n.sender.Fetch(t.Context(), first.ProviderID)
	if err != nil || fetched.Body != "첫째 [A1B2]" || fetched.Status != desk.ReceiptDelivered || !fetched.CreatedAt.Equal(start) {
		t.Errorf("fetch: %v", err)
	}
	list := func() int {
		found, err := n.sender.List(t.Context(), phone(t, korean), start)
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	if list() != 0 {
		t.Error("the list did not lag")
	}
	n.clock.add(5 * time.Second)
	n.send(t, korean, "둘째")
	if list() != 1 {
		t.Error("the list lags for ever, or not at all for the second text")
	}
	n.clock.add(5 * time.Second)
	if list() != 2 {
		t.Error("the second text is missing")
	}
	later, err := n.sender.List(t.Context(), phone(t, korean), start.Add(time.Second))
	if err != nil || len(later) != 1 || later[0].Body != "둘째" {
		t.Errorf("since: %d texts, %v", len(later), err)
	}
	unknown, err := n.sender.Fetch(t.Context(), "SM"+strings.Repeat("0", 32))
	if err != nil || unknown != (desk.SentText{}) {
		t.Errorf("unknown id: %v", err)
	}
}

func TestFaultsOfCreate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults phonesim.Faults
		want   desk.SendResult
		shown  int
	}{
		"429": {phonesim.Faults{Rate429: 1, RetryAfter: 3 * time.Second},
			desk.SendResult{Outcome: desk.SendSlowDown, Code: 20429, RetryAfter: 3 * time.Second}, 0},
		"503 in HTML": {phonesim.Faults{Rate503HTML: 1}, desk.SendResult{Outcome: desk.SendUnknown, Code: 503}, 0},
		"accepted, then silence": {phonesim.Faults{RateAcceptThenHang: 1, HangFor: time.Millisecond},
			desk.SendResult{Outcome: desk.SendUnknown}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t, func(config *phonesim.Config) { config.Faults = c.faults; config.ListLag = -1 })
			if got := n.send(t, korean, "[A1B2]"); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if got := len(n.Inbox(phone(t, korean))); got != c.shown {
				t.Errorf("the phone shows %d texts, want %d", got, c.shown)
			}
			// What the sender could not know, the list tells.
			list, err := n.sender.List(t.Context(), phone(t, korean), n.clock.Now())
			if err != nil || len(list) != c.shown {
				t.Errorf("list: %d texts, %v", len(list), err)
			}
			if err := n.SetFaults(phonesim.Faults{}); err != nil {
				t.Fatal(err)
			}
			if got := n.send(t, korean, "[A1B2]"); got.Outcome != desk.SendAccepted {
				t.Errorf("after the fault: %+v", got)
			}
		})
	}
}

func TestOrderedFaultsComeInTurn(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, func(c *phonesim.Config) { c.Faults.HangFor = time.Millisecond })
	n.SlowDownNext(1)
	n.BreakNext(1)
	n.HangNext(1)
	var got []desk.SendOutcome
	for range 4 {
		got = append(got, n.send(t, korean, "x").Outcome)
	}
	want := []desk.SendOutcome{desk.SendSlowDown, desk.SendUnknown, desk.SendUnknown, desk.SendAccepted}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("outcomes %v, want %v", got, want)
		}
	}
	if c := n.Counts(); c.SlowedDown != 1 || c.Broken != 1 || c.Hung != 1 || c.Accepted != 2 {
		t.Errorf("counts %+v", c)
	}
}

// TestStopEndsSilence: a hanging answer must not outlive the simulator, nor the caller.
func TestStopEndsSilence(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, func(c *phonesim.Config) { c.Faults.HangFor = time.Hour })
	n.HangNext(2)
	ctx, cancel := context.WithCancel(t.Context())
	outcomes := make(chan desk.SendOutcome, 2)
	for _, ctx := range []context.Context{ctx, t.Context()} {
		go func() {
			outcomes <- n.sender.Send(ctx, desk.OutgoingText{To: phone(t, korean), Body: "x"}).Outcome
		}()
	}
	for range 4 { // both texts were accepted: their receipts are here
		take(t, n.receipts)
	}
	cancel()
	if take(t, outcomes) != desk.SendUnknown {
		t.Error("the caller who went away must not know")
	}
	n.Stop()
	if take(t, outcomes) != desk.SendUnknown {
		t.Error("a closed connection must be unknown")
	}
	n.Stop() // a second time is harmless
	if n.Text(phone(t, korean), "x") != "" {
		t.Error("a stopped simulator took a text")
	}
	if got := n.send(t, korean, "x").Outcome; got != desk.SendSlowDown {
		t.Errorf("a stopped simulator answered %d", got)
	}
}

func TestSameSeedSameFaults(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) (fates string) {
		n := newNetwork(t, func(c *phonesim.Config) {
			c.Seed = seed
			c.Faults = phonesim.Faults{Rate429: 0.3, Rate503HTML: 0.3}
		})
		for range 60 {
			fates += string('0' + rune(n.send(t, korean, "x").Outcome))
		}
		return fates
	}
	first := run(7)
	if first != run(7) {
		t.Error("the same seed drew other faults")
	}
	if first == run(8) {
		t.Error("another seed drew the same faults")
	}
	for _, outcome := range []string{"1", "3", "5"} {
		if strings.Count(first, outcome) < 4 {
			t.Errorf("outcome %s is too rare in %s", outcome, first)
		}
	}
}
