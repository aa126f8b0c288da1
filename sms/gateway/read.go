package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/sms/wire"
)

const (
	// listLimit is the number of messages that List reads at most; desk.Sender promises it.
	listLimit = 200
	// logPage is how many received texts are asked for at a time, and maxPages bounds one reading: a million texts.
	logPage  = 1000
	maxPages = 1000
)

// Fetch reads one message. An id that is not this gateway's is not asked for.
func (s *Sender) Fetch(ctx context.Context, providerID string) (desk.SentText, error) {
	id, ok := s.theirs(providerID)
	if !ok {
		return desk.SentText{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	var m message
	found, err := s.call(ctx, http.MethodGet, "/messages/"+id, nil, nil, "").read("fetch a message", &m)
	if err != nil || !found {
		return desk.SentText{}, err
	}
	sent, err := s.sent(m)
	if err != nil || sent.ProviderID != providerID {
		return desk.SentText{}, fmt.Errorf("gateway: fetch a message: %w", errMessage)
	}
	return sent, nil
}

// List reads the newest messages to a number that were created at or after since.
func (s *Sender) List(ctx context.Context, to booking.Phone, since time.Time) ([]desk.SentText, error) {
	if to.IsZero() {
		return nil, errors.New("gateway: list messages: no number") // an empty filter would list everybody's
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	var page struct {
		Messages *[]message `json:"messages"`
	}
	query := url.Values{"to": {to.E164()}, "since": {stamp(since)}, "limit": {strconv.Itoa(listLimit)}}
	found, err := s.call(ctx, http.MethodGet, "/messages", query, nil, "").read("list messages", &page)
	if err != nil {
		return nil, err
	}
	if !found || page.Messages == nil { // no list at all: read as an empty one it would say that the gateway has nothing
		return nil, fmt.Errorf("gateway: list messages: %w", errMessage)
	}
	var list []desk.SentText
	for _, m := range *page.Messages {
		sent, err := s.sent(m)
		if err != nil {
			return nil, fmt.Errorf("gateway: list messages: %w", err)
		}
		if sent.To == to && !sent.CreatedAt.Before(since) {
			list = append(list, sent)
		}
	}
	slices.SortStableFunc(list, newestFirst)
	return list[:min(len(list), listLimit)], nil
}

// received is a text from a person, as the gateway's log has it.
type received struct {
	ID   string    `json:"id"`
	From string    `json:"from"`
	To   string    `json:"to"`
	Text string    `json:"text"`
	At   time.Time `json:"received_at"`
}

// Received implements desk.Log. The gateway lists the oldest first.
func (s *Sender) Received(ctx context.Context, since, until time.Time) ([]desk.ReceivedText, error) {
	since, until = since.Truncate(time.Second), until.Add(time.Second-time.Nanosecond).Truncate(time.Second)
	query := url.Values{"to": {s.config.From}, "since": {stamp(since)}, "until": {stamp(until)}, "limit": {strconv.Itoa(logPage)}}
	var list []desk.ReceivedText
	seen := map[string]bool{}
	for range maxPages {
		texts, next, err := s.logPage(ctx, query)
		if err != nil {
			return nil, err
		}
		for _, t := range texts {
			if !goodID(t.ID) || t.At.IsZero() {
				return nil, fmt.Errorf("gateway: read the log: %w", errMessage)
			}
			from, _ := parseNumber(s.config.Country, t.From)
			if from.IsZero() || seen[t.ID] || t.At.Before(since) || !t.At.Before(until) { // nobody who could be answered, or not asked for
				continue
			}
			seen[t.ID] = true
			in := desk.IncomingText{ProviderID: t.ID, From: from, Body: wire.Clean(t.Text, MaxBody)}
			list = append(list, desk.ReceivedText{IncomingText: in, To: t.To, At: t.At.UTC()})
		}
		if next == "" {
			slices.SortStableFunc(list, func(a, b desk.ReceivedText) int { return a.At.Compare(b.At) })
			return list, nil
		}
		query.Set("page", next)
	}
	return nil, errors.New("gateway: read the log: too many pages: ask for a shorter time")
}

// logPage reads one page, within the time of one call.
func (s *Sender) logPage(ctx context.Context, query url.Values) (texts []received, next string, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	var page struct {
		Texts *[]received `json:"texts"`
		Next  string      `json:"next"`
	}
	found, err := s.call(ctx, http.MethodGet, "/received", query, nil, "").read("read the log", &page)
	if err != nil {
		return nil, "", err
	}
	if !found || page.Texts == nil {
		return nil, "", fmt.Errorf("gateway: read the log: %w", errMessage)
	}
	return *page.Texts, page.Next, nil
}

// stamp writes an instant as the interface has it, to the microsecond.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999Z07:00") }
