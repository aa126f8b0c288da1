package phonesim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"jari/sms/phonesim"
)

// page is what Twilio's clients read of a list.
type page struct {
	Messages []struct {
		Body, Direction, From, To, Status string
		DateSent                          string `json:"date_sent"`
	}
	Next *string `json:"next_page_uri"`
}

func (n *network) list(t *testing.T, path string) page {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", n.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(account, token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var p page
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || resp.StatusCode != 200 {
		t.Fatal(resp.Status, err)
	}
	return p
}

// TestListOfTextsThatCameIn: webhooks that fail for good leave a text in the list, by whole seconds and in pages that nothing shifts.
func TestListOfTextsThatCameIn(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, func(c *phonesim.Config) { c.HookRetries = -1; c.ListLag = 2 * time.Second })
	n.answer = func(int) (int, []byte) { return 503, nil }
	n.clock.add(300 * time.Millisecond)
	start := n.clock.Now()
	for i := range 7 {
		n.Text(phone(t, fmt.Sprintf("+8210000012%02d", i)), fmt.Sprint("text ", i))
		take(t, n.texts)
		n.clock.add(500 * time.Millisecond)
	}
	n.send(t, korean, "to a phone")
	path := "/2010-04-01/Accounts/" + account + "/Messages.json?"
	query := url.Values{
		"To": {ours}, "PageSize": {"2"}, "DateSent>": {start.Truncate(time.Second).Format(time.RFC3339)},
		"DateSent<": {start.Add(2 * time.Second).Format(time.RFC3339)},
	}
	if got := n.list(t, path+query.Encode()).Messages; len(got) != 2 || got[0].Body != "text 3" { // made 1.5 s after the first, 2 s ago
		t.Errorf("the list's lag: %+v", got)
	}
	n.clock.add(time.Minute)
	var bodies []string
	for next := path + query.Encode(); next != ""; {
		p := n.list(t, next)
		for _, m := range p.Messages {
			if m.Direction != "inbound" || m.To != ours || m.Status != "received" {
				t.Errorf("%+v", m)
			}
			if _, err := time.Parse(time.RFC1123Z, m.DateSent); err != nil {
				t.Error(err)
			}
			bodies = append(bodies, m.Body)
		}
		if next = ""; p.Next != nil {
			next = *p.Next
		}
		n.Text(phone(t, "+821000001299"), "meanwhile") // must not shift a page
		take(t, n.texts)
		n.clock.add(time.Minute)
	}
	// 300 ms + 2 s ends in the second of the text made at 300 ms + 2.5 s.
	if got := fmt.Sprint(bodies); got != "[text 5 text 4 text 3 text 2 text 1 text 0]" {
		t.Errorf("%s", got)
	}
	if lost := n.Counts().InboundLost; lost < 7 {
		t.Errorf("%d lost", lost)
	}
	if got := n.list(t, path+"From=%2B821000001203").Messages; len(got) != 1 || got[0].Body != "text 3" {
		t.Errorf("%+v", got)
	}
	if got := n.list(t, path+"DateSent="+start.Format(time.DateOnly)+"&PageSize=1000").Messages; len(got) < 8 {
		t.Errorf("%d that day", len(got))
	}
}
