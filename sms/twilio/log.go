package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"

	"jari/booking"
	"jari/booking/desk"
	"jari/sms/wire"
)

const (
	// logPage is the largest page that Twilio gives.
	logPage = 1000
	// maxPages bounds one reading of the log: a million texts. Beyond it, ask for a shorter time.
	maxPages = 1000
	// logSlack is how much earlier is asked than wanted: Twilio filters by another instant than the one that is told here.
	logSlack = time.Minute
	// inbound is Twilio's word for a text from a person.
	inbound = "inbound"
)

// errPages is returned when the log has no end.
var errPages = errors.New("too many pages: ask for a shorter time")

var _ desk.Log = (*Sender)(nil)

// Received reads the texts to our number. A text's time is when Twilio made the message (date_created), in whole seconds.
//
// Twilio cannot filter by that instant, only by DateSent, which for a text from a person is when Twilio called our webhook, so never before. It is
// documented for whole days and also takes seconds. So it is asked from just before since, with no end, because an end that was read as
// a day would cut that day off; what is too old or too new is dropped here.
func (s *Sender) Received(ctx context.Context, since, until time.Time) ([]desk.ReceivedText, error) {
	since, until = since.Truncate(time.Second), until.Add(time.Second-time.Nanosecond).Truncate(time.Second)
	params := (&api.ListMessageParams{}).SetTo(s.config.From).SetDateSentAfter(since.UTC().Add(-logSlack)).SetPageSize(logPage)
	var list []desk.ReceivedText
	var next pageRef
	for range maxPages {
		page, err := s.logPage(ctx, params, next)
		if err != nil {
			return nil, err
		}
		for _, m := range page.Messages {
			text, ok, err := parseReceived(m)
			if err != nil {
				return nil, fmt.Errorf("twilio: read the log: %w", err)
			}
			if ok && !text.At.Before(since) && text.At.Before(until) {
				list = append(list, text)
			}
		}
		if text(page.NextPageUri) == "" {
			return oldestFirst(list), nil
		}
		if next, err = parsePage(*page.NextPageUri); err != nil {
			return nil, fmt.Errorf("twilio: read the log: %w", err)
		}
	}
	return nil, fmt.Errorf("twilio: read the log: %w", errPages)
}

// logPage reads one page, within the time of one call.
func (s *Sender) logPage(ctx context.Context, params *api.ListMessageParams, at pageRef) (*api.ListMessageResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	service, call := s.newCall(ctx)
	page, err := service.PageMessage(params, at.token, at.number)
	if err == nil && page.Messages == nil {
		err = ErrMessage // no list at all
	}
	if err := call.failure("read the log", err); err != nil {
		return nil, err
	}
	return page, nil
}

// pageRef names a page of a list. The token fixes what the pages are counted from, so that texts that come meanwhile move none.
type pageRef struct{ token, number string }

// parsePage reads where the next page is. The address itself is not called: it names a host, and ours may be another.
func parsePage(uri string) (pageRef, error) {
	_, query, _ := strings.Cut(uri, "?")
	values, err := url.ParseQuery(query)
	at := pageRef{values.Get("PageToken"), values.Get("Page")}
	if err != nil || at == (pageRef{}) {
		return pageRef{}, errors.New("the address of the next page cannot be read")
	}
	return at, nil
}

// parseReceived reads a message of the log; ok is false when it is none of a person, or of nobody who could be answered. An unreadable
// message from a person is an error: the log would not be whole.
func parseReceived(m api.ApiV2010Message) (received desk.ReceivedText, ok bool, err error) {
	if text(m.Direction) != inbound {
		return desk.ReceivedText{}, false, nil
	}
	at, err := time.Parse(time.RFC1123Z, text(m.DateCreated))
	if err != nil || !isMessageSID(text(m.Sid)) {
		return desk.ReceivedText{}, false, ErrMessage
	}
	from, _ := booking.ParseE164(text(m.From))
	if from.IsZero() { // as at the door, see ParseInbound
		return desk.ReceivedText{}, false, nil
	}
	return desk.ReceivedText{
		IncomingText: desk.IncomingText{ProviderID: *m.Sid, From: from, Body: wire.Clean(text(m.Body), MaxBody)}, To: text(m.To), At: at.UTC(),
	}, true, nil
}

// oldestFirst turns Twilio's order around and keeps it within a second. A message that two pages show is there once.
func oldestFirst(list []desk.ReceivedText) []desk.ReceivedText {
	slices.Reverse(list)
	slices.SortStableFunc(list, func(a, b desk.ReceivedText) int { return a.At.Compare(b.At) })
	seen := make(map[string]bool, len(list))
	return slices.DeleteFunc(list, func(t desk.ReceivedText) bool {
		was := seen[t.ProviderID]
		seen[t.ProviderID] = true
		return was
	})
}
