package phonesim_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"jari/booking/desk"
	"jari/sms/phonesim"
)

// A text from a person is posted again under its id, with its time, until it is taken; STOP is for us to obey. The log has all of them, in pages that
// others do not move.
func TestAGatewayBringsTexts(t *testing.T) {
	t.Parallel()
	x := newExchange(t, nil)
	from := phone(t, korean)
	x.statuses <- http.StatusServiceUnavailable
	x.statuses <- http.StatusTooManyRequests
	id := x.Text(from, "예약 680412 홍길동 강남구")
	first := take(t, x.texts)
	x.clock.add(time.Minute)
	for range 2 {
		if got := take(t, x.texts); fmt.Sprint(got) != fmt.Sprint(first) || got["id"] != id {
			t.Errorf("%v, then %v", first, got)
		}
	}
	x.statuses <- http.StatusForbidden
	x.Text(from, "STOP")
	take(t, x.texts)
	if got := x.send(korean, "k"); got.Outcome != desk.SendAccepted || len(x.Inbox(from)) != 1 {
		t.Errorf("%+v, %d texts: a gateway obeys no word by itself", got, len(x.Inbox(from)))
	}
	for i := range 3 {
		x.Text(from, fmt.Sprint(i))
		take(t, x.texts)
	}
	whole, err := x.sender.Received(t.Context(), x.clock.Now().Add(-time.Hour), x.clock.Now().Add(time.Second))
	if err != nil || len(whole) != 5 || whole[0].ProviderID != id || whole[0].To != gatewayNumber || whole[1].Body != "STOP" {
		t.Fatalf("%+v, %v", whole, err)
	}
	query := url.Values{
		"to": {gatewayNumber}, "limit": {"1"}, "since": {x.clock.Now().Add(-time.Hour).Format(time.RFC3339)}, "until": {x.clock.Now().Add(time.Second).Format(time.RFC3339)},
	}
	var paged []string
	for more := true; more; {
		status, page := x.call(http.MethodGet, "/received?"+query.Encode(), "", "", nil)
		texts, ok := page["texts"].([]any)
		if status != http.StatusOK || !ok || len(texts) != 1 {
			t.Fatalf("%d %v", status, page)
		}
		paged = append(paged, fmt.Sprint(texts[0].(map[string]any)["id"]))
		x.clock.add(time.Second)
		x.Text(from, "another, after the time that is asked for")
		var next any
		next, more = page["next"]
		query.Set("page", fmt.Sprint(next))
	}
	if !slices.EqualFunc(paged, whole, func(id string, r desk.ReceivedText) bool { return id == r.ProviderID }) {
		t.Errorf("in pages %v", paged)
	}
	if err := x.SetNumber(phonesim.Number{Number: "16001340"}); err != nil {
		t.Fatal(err)
	}
	x.TextTo(from, "16001340", "to another of our numbers")
	query.Set("to", "16001340")
	query.Del("page")
	query.Set("until", x.clock.Now().Add(time.Second).Format(time.RFC3339))
	if status, page := x.call(http.MethodGet, "/received?"+query.Encode(), "", "", nil); status != http.StatusOK || len(page["texts"].([]any)) != 1 || page["next"] != nil {
		t.Errorf("the log of another of our numbers: %d %v", status, page)
	}
	query.Set("to", "16001341")
	if status, _ := x.call(http.MethodGet, "/received?"+query.Encode(), "", "", nil); status != http.StatusBadRequest {
		t.Errorf("the log of another's number: %d", status)
	}
}
