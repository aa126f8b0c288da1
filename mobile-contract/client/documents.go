package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"jari/mobile-contract/contract"
)

// Version is the version of the contract that this client was made for.
const Version = "1.0.0"

// document is a public document as it was fetched last.
type document struct {
	ETag    string         `json:"etag"`
	Fetched time.Time      `json:"fetched"`
	Body    jsontext.Value `json:"body"`
	stale   bool           // the server named another ETag since
}

var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// Campaign is the campaign's document: from the store, so that the form works without a connection. nil if it was never fetched.
// fresh is false when the server has said that there is a newer one.
func (c *Client) Campaign(slug contract.Slug) (campaign *contract.Campaign, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	campaign = c.campaign(slug)
	d := c.documents[campaignName(slug)]
	return campaign, campaign != nil && d != nil && !d.stale
}

func campaignName(slug contract.Slug) string { return "campaign-" + slug }

// campaign is Campaign for whoever holds the lock.
func (c *Client) campaign(slug contract.Slug) *contract.Campaign {
	if !slugForm.MatchString(slug) {
		return nil
	}
	d := c.document(campaignName(slug))
	if d == nil {
		return nil
	}
	out := &contract.Campaign{}
	if json.Unmarshal(d.Body, out) != nil {
		return nil
	}
	return out
}

// document is a stored document, or nil. One that is damaged is fetched again like one that was never there.
func (c *Client) document(name string) *document {
	if d, ok := c.documents[name]; ok {
		return d
	}
	b, _, err := c.store.Load(name)
	if err != nil || b == nil {
		return nil
	}
	d := &document{}
	if json.Unmarshal(b, d) != nil {
		return nil
	}
	c.documents[name] = d
	return d
}

// stale compares the ETags that the server named with those of the documents at hand.
func (c *Client) stale(campaigns map[string]string) {
	for slug, etag := range campaigns {
		if !slugForm.MatchString(slug) {
			continue
		}
		if d := c.document(campaignName(slug)); d != nil {
			d.stale = d.ETag != etag
		}
	}
}

// FetchCampaign fetches the campaign's document if there is another one than the one at hand.
func (c *Client) FetchCampaign(ctx context.Context, slug contract.Slug) (*contract.Campaign, error) {
	if !slugForm.MatchString(slug) {
		return nil, fmt.Errorf("%q is no campaign's name", slug)
	}
	return fetch(ctx, c, campaignName(slug), "/v1/campaigns/"+slug, func(d *contract.Campaign) bool { return d.Campaign == slug }, true)
}

// FetchService fetches what the server speaks. outdated says that this client was made for a version that is no longer enough: the person
// is told to update, and everything goes on.
func (c *Client) FetchService(ctx context.Context) (s *contract.Service, outdated bool, err error) {
	s, err = fetch(ctx, c, "service", "/v1/service", func(d *contract.Service) bool { return d.Contract != "" }, true)
	return s, err == nil && less(Version, s.Minimum), err
}

// FetchQueue fetches the public count of a queue. It is kept in memory only: an old one says nothing.
func (c *Client) FetchQueue(ctx context.Context, slug contract.Slug, queue contract.Code) (*contract.QueueDocument, error) {
	if !slugForm.MatchString(slug) {
		return nil, fmt.Errorf("%q is no campaign's name", slug)
	}
	path := "/v1/campaigns/" + slug + "/queues/" + url.PathEscape(queue)
	return fetch(ctx, c, path, path, func(d *contract.QueueDocument) bool { return d.Campaign == slug && d.Queue == queue }, false)
}

// FetchCampaigns fetches which campaigns there are to choose from. It is kept in memory only: whoever has chosen one has its document.
func (c *Client) FetchCampaigns(ctx context.Context) (*contract.Campaigns, error) {
	return fetch(ctx, c, "campaigns", "/v1/campaigns", func(d *contract.Campaigns) bool { return d.Campaigns != nil }, false)
}

// fetch gets a document with the ETag of the copy at hand. Without a connection it returns the copy, and the error says why that is not
// the newest; so it does when something else answers, whose document does not fit what was asked for.
func fetch[T any](ctx context.Context, c *Client, name, path string, fits func(*T) bool, store bool) (*T, error) {
	c.mu.Lock()
	var had *document
	if store {
		had = c.document(name)
	} else {
		had = c.documents[name]
	}
	c.mu.Unlock()
	etag := ""
	if had != nil {
		etag = had.ETag
	}
	a, err := c.transport.Get(ctx, path, etag)
	switch {
	case err == nil && a.Status == http.StatusOK:
		var out T
		if a.JSON && json.Unmarshal(a.Body, &out) == nil && fits(&out) {
			return &out, c.keep(name, &document{ETag: a.ETag, Fetched: c.outside.Now(), Body: a.Body}, store)
		}
		err = ErrAnswer
	case err == nil && a.Status == http.StatusNotModified && had != nil:
		c.mu.Lock()
		had.stale = false
		c.mu.Unlock()
	case err == nil:
		err = refusal(a)
	}
	var out T
	if had != nil {
		if bad := json.Unmarshal(had.Body, &out); bad != nil {
			return new(T), fmt.Errorf("%w: %w", ErrAnswer, bad)
		}
	}
	return &out, err
}

// keep takes a fetched document. One that cannot be stored serves until the program ends.
func (c *Client) keep(name string, d *document, store bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.documents[name] = d
	if !store {
		return nil
	}
	b, err := json.Marshal(d, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("write a document: %w", err)
	}
	if err := c.store.Save(name, b, false); err != nil {
		return fmt.Errorf("%w: %w", ErrNotSaved, err)
	}
	return nil
}

// less compares two versions, number by number. What is no version is not less.
func less(a, b string) bool {
	var x, y [3]int
	if n, _ := fmt.Sscanf(a, "%d.%d.%d", &x[0], &x[1], &x[2]); n != len(x) {
		return false
	}
	if n, _ := fmt.Sscanf(b, "%d.%d.%d", &y[0], &y[1], &y[2]); n != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return false
}
