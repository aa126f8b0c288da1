package phonesim_test

import (
	"strings"
	"testing"

	"jari/booking/desk"
	"jari/sms/phonesim"
)

func TestHandsetsThatShowNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state phonesim.Handset
		code  int
	}{
		"switched off":     {phonesim.Handset{Off: true}, 30003},
		"full":             {phonesim.Handset{Full: true}, 30003},
		"unknown":          {phonesim.Handset{Unknown: true, Off: true}, 30005},
		"landline":         {phonesim.Handset{Landline: phonesim.LandlineReceipt}, 30006},
		"filtered":         {phonesim.Handset{FilteredFrom: []string{ours}}, 30007},
		"another filtered": {phonesim.Handset{FilteredFrom: []string{"+15005550010"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t, nil)
			if err := n.SetHandset(phone(t, korean), c.state); err != nil {
				t.Fatal(err)
			}
			sent := n.send(t, korean, "x")
			got, want, shown := n.fate(t, sent.ProviderID), desk.ReceiptUndelivered, 0
			if c.code == 0 {
				want, shown = desk.ReceiptDelivered, 1
			}
			if got.Status != want || got.Code != c.code || len(n.Log()) != shown || len(n.Inbox(phone(t, korean))) != shown {
				t.Errorf("%+v, %d shown", got, len(n.Log()))
			}
			if err := n.SetHandset(phone(t, korean), phonesim.Handset{}); err != nil {
				t.Fatal(err)
			}
			if got := n.fate(t, n.send(t, korean, "y").ProviderID); got.Status != desk.ReceiptDelivered {
				t.Errorf("afterwards: %+v", got)
			}
			if c.code != 0 && n.Counts().Undelivered != 1 {
				t.Errorf("%+v", n.Counts())
			}
		})
	}
}

func TestLandlines(t *testing.T) {
	t.Parallel()
	const fixed = "+8221234567"
	n := newNetwork(t, func(c *phonesim.Config) { c.Landlines = phonesim.LandlineReceipt })
	if got := n.fate(t, n.send(t, fixed, "x").ProviderID); got.Code != 30006 {
		t.Errorf("a fixed line by receipt: %+v", got)
	}
	if err := n.SetHandset(phone(t, korean), phonesim.Handset{Landline: phonesim.LandlineRefuses}); err != nil {
		t.Fatal(err)
	}
	if got := n.send(t, korean, "x"); got.Code != 21614 || !got.Permanent {
		t.Errorf("a fixed line at once: %+v", got)
	}
	if _, err := phonesim.New(phonesim.Config{AccountSID: account, AuthToken: token, From: ours, Landlines: "?"}); err == nil {
		t.Error("an unknown word was taken")
	}
}

func TestNumberThatCarriersFilter(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, func(c *phonesim.Config) { c.Numbers = []phonesim.Number{{Number: ours, Filtered: true}} })
	if got := n.fate(t, n.send(t, korean, "x").ProviderID); got.Code != 30007 {
		t.Errorf("%+v", got)
	}
}

func TestPhoneThatIsOffTextsNobody(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	status, _ := n.do(t, "PUT", "/sim/phones/010-0000-1234/state", "application/json", `{"off":true,"filtered_from":["+1"]}`)
	if status != 204 || n.Text(phone(t, korean), "x") != "" {
		t.Errorf("status %d", status)
	}
	if status, _ := n.do(t, "POST", "/sim/texts", "application/json", `{"from":"+821000001234","body":"x"}`); status != 409 {
		t.Errorf("status %d", status)
	}
	if _, body := n.do(t, "GET", "/sim/phones", "", ""); strings.TrimSpace(body) !=
		`{"+821000001234":{"off":true,"full":false,"unknown":false,"landline":"","filtered_from":["+1"],"opted_out_of":null}}` {
		t.Errorf("%s", body)
	}
	for _, bad := range []string{`{"landline":"x"}`, `{"filtered_from":[""]}`, `{"of":true}`} {
		if status, _ := n.do(t, "PUT", "/sim/phones/+821000001234/state", "application/json", bad); status != 400 {
			t.Errorf("%s: status %d", bad, status)
		}
	}
	if status, _ := n.do(t, "PUT", "/sim/phones/x/state", "application/json", `{}`); status != 404 {
		t.Errorf("status %d", status)
	}
	if _, body := n.do(t, "GET", "/sim/phones/+821000001234/state", "", ""); !strings.Contains(body, `"off":true`) {
		t.Errorf("%s", body)
	}
}

// TestProviderAnswersItsWords: STOP and START are confirmed once, YES from somebody who gets our texts is no word of the provider's.
func TestProviderAnswersItsWords(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, nil)
	for i, c := range []struct {
		text  string
		shown int
	}{{"yes", 0}, {"HELP", 1}, {"stop", 2}, {"STOP", 2}, {"help", 2}, {"START", 3}, {"start", 3}, {"STOP please", 3}} {
		n.Text(phone(t, korean), c.text)
		take(t, n.texts) // the webhook sees all of them
		if got := len(n.Inbox(phone(t, korean))); got != c.shown {
			t.Errorf("%d, after %q: %d answers, want %d", i, c.text, got, c.shown)
		}
	}
	if body := n.Inbox(phone(t, korean))[1].Body; !strings.Contains(body, "START") {
		t.Errorf("%q", body)
	}
}

func TestCarrierLine(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, func(c *phonesim.Config) { c.Numbers = []phonesim.Number{{Number: "+82200001339"}} })
	n.send(t, korean, "x")
	n.send(t, "+15005550009", "x")
	n.senderOf(t, "+82200001339").Send(t.Context(), desk.OutgoingText{To: phone(t, korean), Body: "x"})
	want := []string{"[국제발신]", "", "[Web발신]"}
	for i, e := range n.Log() {
		if e.Carrier != want[i] || e.Body != "x" {
			t.Errorf("text %d: %q above %q", i, e.Carrier, e.Body)
		}
	}
}
