package client

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"jari/mobile-contract/contract"
)

// FetchFreeTimes fetches what was free at a site, for whoever thinks of a swap. It is kept in memory only, and is to be shown with its
// as_of: it reserves nothing, and FreeTimesFor says which of the times are for whom.
func (c *Client) FetchFreeTimes(ctx context.Context, slug contract.Slug, site contract.Code) (*contract.FreeTimes, error) {
	if !slugForm.MatchString(slug) {
		return nil, fmt.Errorf("%q is no campaign's name", slug)
	}
	path := "/v1/campaigns/" + slug + "/sites/" + url.PathEscape(site) + "/free-times"
	return fetch(ctx, c, path, path, func(d *contract.FreeTimes) bool { return d.Campaign == slug && d.Site == site }, false)
}

// FreeTimesFor are the times that the people of a queue could be given.
func FreeTimesFor(d contract.FreeTimes, queue contract.Code) []contract.FreeTime {
	return slices.DeleteFunc(slices.Clone(d.Times), func(f contract.FreeTime) bool { return f.Queues != nil && !slices.Contains(*f.Queues, queue) })
}
