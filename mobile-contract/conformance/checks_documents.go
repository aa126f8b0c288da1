package conformance

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func documentChecks() []Check {
	const area = "public documents"
	return []Check{
		{
			Name: "service-document", Area: area, run: serviceDocument,
			Proves:   "A client can find out whether it is too old, and what will end",
			Sentence: "Which contract this server speaks, the least that a client must know, and what ends when",
		},
		{
			Name: "campaign-document", Area: area, run: campaignDocument,
			Proves:   "The form can be shown from the campaign's document alone: its codes and instants fit together",
			Sentence: "What an app needs to know to show the form",
		},
		{
			Name: "campaign-list", Area: area, run: campaignList,
			Proves:   "The campaigns to choose from are listed once each, in order, as their documents say, and rehearsals only where nothing is live",
			Sentence: "On a server that has no live campaign, and only there, its rehearsals.",
		},
		{
			Name: "free-times", Area: area, run: freeTimes,
			Proves:   "What is free at a site is told with the instant of the count, earliest first and later than that; a site that there is not is not found",
			Sentence: "Earliest first, all later than `as_of`.",
		},
		{
			Name: "etags", Area: area, run: etags,
			Proves:   "Asking again with the ETag costs nothing while nothing has changed: same tag, same bytes, 304 without a body",
			Sentence: "Changes with the content.",
		},
		{
			Name: "queue-document", Area: area, run: queueDocument,
			Proves:   "The public count adds up, its version is its ETag, and both only grow",
			Sentence: "The same state is the same bytes and the same `version`.",
		},
		{
			Name: "queue-counts-applications", Area: area, run: queueCounts,
			Proves:   "Whoever applies is counted, under a new version",
			Sentence: "People who stand in the queue.",
		},
	}
}

func serviceDocument(t *trial) {
	a := t.get("/v1/service")
	t.status(a, http.StatusOK)
	ours, _, _ := strings.Cut(contractVersion(t.session.judge), ".")
	theirs, _, _ := strings.Cut(a.text("contract"), ".")
	t.equal("GET /v1/service: the contract's first number", ours, theirs)
	for i := range a.list("sunsets") {
		t.that(!a.instant("sunsets", i, "at").IsZero(), "GET /v1/service: a sunset with its instant", shown(a.at("sunsets", i)))
	}
}

func contractVersion(j *judge) string { return j.doc.Info.Version }

func campaignDocument(t *trial) {
	c := &t.session.scene
	known := map[string]bool{"": true}
	for _, code := range c.regions {
		known[code] = true
	}
	for i := range c.campaign.list("sites") {
		region := c.campaign.text("sites", i, "region")
		t.that(known[region], "a site's region is one of the campaign's", region)
	}
	for i := range c.campaign.list("cohorts") {
		a := c.campaign.part("cohorts", i)
		t.that(a.instant("opens").Before(a.instant("closes")), "cohort "+a.text("code")+" opens before it closes", a.text("opens")+" and "+a.text("closes"))
		t.that(!a.instant("first_round").Before(a.instant("opens")), "cohort "+a.text("code")+" has its first round after the opening", a.text("first_round"))
		t.that(a.text("born_from") <= a.text("born_to"), "cohort "+a.text("code")+" begins with an earlier birth date than it ends with", a.text("born_from"))
		queue := t.get(c.path() + "/queues/" + a.text("queue"))
		t.status(queue, http.StatusOK)
		t.equal("the queue's own name for itself", a.text("queue"), queue.text("queue"))
	}
}

func etags(t *trial) {
	c := &t.session.scene
	for _, path := range []string{"/v1/service", "/v1/campaigns", c.path(), c.path() + "/queues/" + c.open.queue} {
		t.sameWhileUnchanged(path)
	}
}

// sameWhileUnchanged asks until a document has stayed the same over three answers in a row, and holds their tags against each other.
func (t *trial) sameWhileUnchanged(path string) {
	t.until("GET "+path+": a document that does not change between two requests although its tag stays, and 304 for the tag", func() bool {
		first := t.get(path)
		tag := first.header.Get("ETag")
		again := t.get(path)
		t.that(tag != "", "GET "+path+": an ETag", "none")
		same := string(first.raw) == string(again.raw)
		if t.over() || same != (tag == again.header.Get("ETag")) {
			t.fail("GET "+path+": the same ETag for the same bytes, and another one for others",
				fmt.Sprintf("%s, then %s; the bytes are the same: %t", tag, again.header.Get("ETag"), same))
			return true
		}
		if !same {
			return false // it has just changed
		}
		known := t.get(path, "If-None-Match", tag)
		if known.status == http.StatusOK && known.header.Get("ETag") != tag {
			return false
		}
		t.status(known, http.StatusNotModified)
		t.that(len(known.raw) == 0 && known.header.Get("ETag") == tag, "GET "+path+": 304 with the tag and without a body", fmt.Sprintf("%d bytes, ETag %s", len(known.raw), known.header.Get("ETag")))
		listed := t.get(path, "If-None-Match", `"another", W/`+strings.TrimPrefix(tag, "W/"))
		if listed.status == http.StatusOK && listed.header.Get("ETag") != tag {
			return false // it changed only now
		}
		t.status(listed, http.StatusNotModified)
		t.status(t.get(path, "If-None-Match", `"another"`), http.StatusOK)
		return true
	})
}

func (t *trial) queue() answer {
	a := t.get(t.session.scene.path() + "/queues/" + t.session.scene.open.queue)
	t.status(a, http.StatusOK)
	return a
}

func queueDocument(t *trial) {
	one := t.queue()
	t.addsUp(one)
	two := t.queue()
	t.addsUp(two)
	t.that(two.number("version") >= one.number("version"), "a version that grows", one.text("version")+", then "+two.text("version"))
	for _, name := range []string{"sealed_to", "late"} { // announced for ever
		t.that(two.number(name) >= one.number(name), name+" that never sinks", one.text(name)+", then "+two.text(name))
	}
	if two.number("version") == one.number("version") {
		t.equal("the same version is the same bytes", string(one.raw), string(two.raw))
	}
}

// addsUp holds a queue document against itself.
func (t *trial) addsUp(a answer) {
	tag := strings.Trim(strings.TrimPrefix(a.header.Get("ETag"), "W/"), `"`)
	t.equal("the queue's ETag is its version", a.text("version"), tag)
	sealed := a.number("sealed_to")
	for _, name := range []string{"served_to", "assured_to", "late"} {
		t.that(a.number(name) <= sealed, name+" is not above sealed_to "+strconv.FormatInt(sealed, 10), a.text(name))
	}
	t.that(a.number("served") <= a.number("applied"), "not more people served than have applied", a.text("served")+" of "+a.text("applied"))
	size, n := a.number("blocks", "size"), len(a.list("blocks", "ready"))
	for _, name := range []string{"late", "ready", "withdrawn", "served"} {
		t.equal("as many blocks of "+name+" as of ready", n, len(a.list("blocks", name)))
		for i := range n {
			t.that(a.number("blocks", name, i) <= size, fmt.Sprintf("block %d has at most %d %s", i, size, name), a.text("blocks", name, i))
		}
	}
	t.that(int64(n)*size >= 0 && int64(n-1)*size <= sealed, "no more blocks than the announced numbers fill", fmt.Sprintf("%d blocks of %d for %d numbers", n, size, sealed))
	if state := a.text("rate", "state"); state != "known" {
		t.that(a.number("rate", "slow") == 0 && a.number("rate", "fast") == 0, "a rate of 0 unless it is known", shown(a.at("rate")))
	}
	t.that(a.number("rate", "slow") <= a.number("rate", "fast"), "a slow rate that is not above the fast one", shown(a.at("rate")))
	at, err := http.ParseTime(a.header.Get("Date"))
	t.that(err == nil && !at.IsZero() && time.Since(at) < 50*365*24*time.Hour, "our time in the Date header", shown(a.header.Get("Date")))
}

func queueCounts(t *trial) {
	before := t.queue()
	t.anybody().apply()
	t.until("a queue that counts whoever has applied", func() bool {
		now := t.queue()
		if now.number("applied") <= before.number("applied") {
			return false
		}
		t.that(now.number("version") > before.number("version"), "a higher version when something has changed", before.text("version")+", then "+now.text("version"))
		return true
	})
}
