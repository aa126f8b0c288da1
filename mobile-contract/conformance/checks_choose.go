package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// campaignList holds the list of campaigns against itself and against the campaign that is tried.
func campaignList(t *trial) {
	c := &t.session.scene
	a := t.get("/v1/campaigns")
	t.status(a, http.StatusOK)
	var slugs []string
	live := false
	for i := range a.list("campaigns") {
		slugs = append(slugs, a.text("campaigns", i, "campaign"))
		live = live || a.text("campaigns", i, "mode") == "live"
	}
	t.that(slices.IsSorted(slugs) && len(slices.Compact(slices.Clone(slugs))) == len(slugs), "campaigns in the order of their names, each once", fmt.Sprint(slugs))
	for i := range slugs {
		t.that(!live || a.text("campaigns", i, "mode") == "live", "no rehearsal beside a live campaign", slugs[i])
	}
	i := slices.Index(slugs, c.slug)
	rehearsal := c.campaign.text("mode") != "live"
	switch {
	case i >= 0: // it is in both
		t.equal("the mode of "+c.slug, c.campaign.text("mode"), a.text("campaigns", i, "mode"))
		t.equal("the names of "+c.slug, shown(c.campaign.at("names")), shown(a.at("campaigns", i, "names")))
	case live && rehearsal: // what the list is to leave out
	default:
		t.fail(c.slug+", which takes people now, in the list", fmt.Sprint(slugs))
	}
}

// A count is at most five minutes old; the rest is for the way and for a cache on it.
const oldestCount = 5*time.Minute + 30*time.Second

// freeTimes looks at some sites of the campaign, and at one that there is not.
func freeTimes(t *trial) {
	c := &t.session.scene
	for _, site := range c.sites[:min(len(c.sites), 5)] {
		path := c.path() + "/sites/" + url.PathEscape(site) + "/free-times"
		a := t.get(path)
		t.status(a, http.StatusOK)
		t.equal("the campaign of "+site, c.slug, a.text("campaign"))
		t.equal("the site of "+site, site, a.text("site"))
		t.counted(a)
		if tag := a.header.Get("ETag"); t.get(path, "If-None-Match", `"another"`).header.Get("ETag") == tag { // not just counted anew
			known := t.get(path, "If-None-Match", tag)
			t.that(known.status == http.StatusNotModified || known.header.Get("ETag") != tag, "304 for a tag that is still the document's", known.summary())
		}
	}
	nowhere := t.get(c.path() + "/sites/a-site-that-there-is-not/free-times")
	t.status(nowhere, http.StatusNotFound)
	t.equal("the code for a site that there is not", "not_found", nowhere.text("code"))
}

// counted holds a count of free times against itself and the server's time.
func (t *trial) counted(a answer) {
	asOf := a.instant("as_of")
	now, err := t.session.now(t.ctx, t.session.scene.sandbox, a)
	age := now.Sub(asOf)
	t.that(err == nil && age > -5*time.Second && age < oldestCount, "a count at most five minutes old, and none of the future", age.String())
	last := asOf
	for i := range a.list("times") {
		starts, ends := a.instant("times", i, "starts"), a.instant("times", i, "ends")
		t.that(!starts.Before(last) && starts.After(asOf), "times later than as_of, earliest first", shown(a.at("times", i)))
		t.that(ends.After(starts) && a.number("times", i, "free") >= 1, "a time with an end behind its start, and with seats", shown(a.at("times", i)))
		last = starts
	}
}
