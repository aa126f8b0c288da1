package pages

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"jari/booking"
	"jari/booking/words"
	"jari/mobile-contract/contract"
)

// RefreshSeconds is how often a board looks again by itself, where somebody wants that.
const RefreshSeconds = 10

// Board is what the page with a campaign's public counts has to say.
type Board struct {
	Lang     booking.Lang
	Kind     Kind // of the server
	Campaign *booking.Campaign
	Now      time.Time
	Queues   []Queue
	// Only says that the page is about one queue of several.
	Only bool
	// Refreshing: it looks again by itself, for a screen on a wall. Then there is nothing to fill in, because what somebody types would be lost.
	Refreshing bool
	// Number is what was typed to be told how many stand before it; nil: nothing was. It is answered where the page has one queue.
	Number *string
}

// Queue is a queue and its count; nil where it has not been counted.
type Queue struct {
	Code  string
	Count *contract.QueueDocument
}

// boardView is Board as the layout reads it.
type boardView struct {
	frame
	Mode, AsOf, AsOfISO string
	Queues              []queueView
	Refreshing          bool
	Again, On, Off, All string // addresses; All is empty where the page has all queues
	Phone, Dial         string
}

type queueView struct {
	Code, Name string
	Alone      string // the address of a page with this queue only, which says more; empty where it is the only one
	Notice     *noticeView
	Counted    bool
	Lead, More []figure
	Next       []string
	Pace       string
	PaceAbout  string
	Draw       *drawView
	Action     string // of the form
	Hidden     [][2]string
	Before     *beforeView
}

// noticeView is what the operator says, in the language it is in.
type noticeView struct{ Lang, Text string }

type drawView struct {
	ValueName, Value, Entries, Commitment, Digest string
}

// Board makes the page of a campaign's public counts.
func (m *Maker) Board(b Board) ([]byte, error) {
	t, c := textsIn(b.Lang), b.Campaign
	path, still := "/boards/"+c.Slug, url.Values{}
	if b.Only && len(b.Queues) == 1 {
		still.Set("queue", b.Queues[0].Code)
	}
	moving := with(still, "refresh", strconv.Itoa(RefreshSeconds))
	here := still
	switch {
	case b.Refreshing:
		here = moving
	case b.Number != nil:
		here = with(still, "number", *b.Number)
	}
	now := b.Now.In(c.Zone)
	v := boardView{
		frame: newFrame(b.Lang, sprintf(t.BoardTitle, c.Names.In(b.Lang)), path, here), Refreshing: b.Refreshing,
		AsOf: now.Format("15:04:05"), AsOfISO: now.Format(time.RFC3339), Again: at(path, b.Lang, here), On: at(path, b.Lang, moving), Off: at(path, b.Lang, still),
		Phone: c.Phone, Dial: dial(c.Phone),
	}
	switch {
	case b.Kind == Demo || b.Kind == Sandbox:
		v.Mode = t.Kinds[b.Kind]
	case c.Mode != booking.Live:
		v.Mode = t.BoardRehearsal
	}
	if b.Refreshing {
		v.Body = "wall"
	}
	if b.Only {
		v.All = at(path, b.Lang, nil)
	}
	for _, q := range b.Queues {
		one := queueIn(b, q)
		one.Action, one.Hidden = path, [][2]string{{"lang", string(b.Lang)}, {"queue", q.Code}}
		if len(b.Queues) > 1 {
			one.Alone = at(path, b.Lang, with(here, "queue", q.Code))
		}
		v.Queues = append(v.Queues, one)
	}
	return m.make("board", v)
}

// with is a query with one more value.
func with(query url.Values, name, value string) url.Values {
	out := maps.Clone(query)
	out.Set(name, value)
	return out
}

func queueIn(b Board, q Queue) queueView {
	t := textsIn(b.Lang)
	v := queueView{Code: q.Code, Name: nameOf(b.Lang, b.Campaign, q.Code)}
	if q.Count == nil {
		return v
	}
	d := *q.Count
	v.Counted = true
	v.Lead = leadFigures(t, d)
	v.Pace, v.PaceAbout = pace(t, d.Rate)
	v.Next = next(b.Lang, b.Campaign, d, b.Now)
	v.Notice = noticeIn(b.Lang, d)
	if len(b.Queues) > 1 {
		return v
	}
	v.More = moreFigures(t, d)
	if !b.Refreshing {
		v.Draw = drawIn(t, d.Draw)
	}
	if b.Number != nil {
		v.Before = beforeOf(t, d, *b.Number, b.Campaign.Phone)
	}
	return v
}

// nameOf names a queue after the cohorts whose people stand in it.
func nameOf(lang booking.Lang, c *booking.Campaign, code string) string {
	var names []string
	for _, all := range [][]booking.Cohort{c.Cohorts, c.Former} {
		for i := range all {
			if name := all[i].Names.In(lang); all[i].Queue == code && name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return code
	}
	return strings.Join(names, ", ")
}

// next says what comes next in a queue, in order.
func next(lang booking.Lang, c *booking.Campaign, d contract.QueueDocument, now time.Time) []string {
	t := textsIn(lang)
	var out []string
	ahead := func(text, instant string) {
		at, err := time.Parse(time.RFC3339, instant)
		if err == nil && now.Before(at) {
			out = append(out, sprintf(text, words.Instant(lang, at.In(c.Zone))))
		}
	}
	ahead(t.OpensAt, d.Opened)
	if d.Draw != nil && len(out) > 0 { // once it has opened, the cohort's line says so
		ahead(t.WindowAt, d.Draw.WindowCloses)
	}
	ahead(t.FirstRoundAt, d.FirstRound)
	if len(out) == 0 && d.SealedTo > d.ServedTo {
		out = append(out, t.RoundsGoOn)
	}
	for i := range c.Cohorts {
		if k := &c.Cohorts[i]; k.Queue == d.Queue && !now.Before(k.Opens) && len(out) < 4 {
			out = append(out, whenOf(t, lang, k, c.Zone, now))
		}
	}
	return slices.Compact(out)
}

// noticeIn is the operator's notice in the language, or in another one rather than none.
func noticeIn(lang booking.Lang, d contract.QueueDocument) *noticeView {
	if d.Notice == nil || len(*d.Notice) == 0 {
		return nil
	}
	for _, l := range []booking.Lang{lang, booking.Korean, booking.English} {
		if text := (*d.Notice)[string(l)]; text != "" {
			return &noticeView{string(l), text}
		}
	}
	var all []string
	for l := range *d.Notice {
		all = append(all, l)
	}
	first := slices.Min(all)
	return &noticeView{first, (*d.Notice)[first]}
}

func drawIn(t *texts, d *contract.QueueDraw) *drawView {
	if d == nil {
		return nil
	}
	v := &drawView{ValueName: sprintf(t.DrawValueName, d.PublicValueName), Commitment: d.Commitment}
	if d.PublicValue != nil {
		v.Value = sprintf(t.DrawValue, *d.PublicValue)
	}
	if d.Entries != nil {
		v.Entries = sprintf(t.DrawEntries, t.people(*d.Entries))
	}
	if d.ListDigest != nil {
		v.Digest = *d.ListDigest
	}
	return v
}
