// Package campaignfile reads a campaign from a file that people write: YAML, with sites and slots in it or in tables
// (CSV) beside it.
//
// A campaign is data, and a mistake in it can turn away the people it was made for. So the reader is strict: a key that it
// does not know is refused, nothing that is missing is guessed unless the default is documented, and everything that is
// wrong is reported at once, with its line. Start reading with LoadLines; the examples in the folder examples/ show every key.
package campaignfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"jari/booking"
)

const (
	maxFile  = 8 << 20   // bytes of a campaign file
	maxTable = 192 << 20 // bytes of a table: two million slots of about 90 bytes
	maxSlots = 2_000_000 // of one campaign
)

// Load reads a campaign file and the tables it names, which are looked up beside it. The error is Problems when the
// content is wrong, otherwise the error of reading the file.
func Load(path string) (*booking.Campaign, error) {
	c, _, err := LoadLines(path)
	return c, err
}

// readFile reads a file and stops just beyond most bytes, so that the caller sees that it is too large.
func readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most+1))
}

// LoadLines is Load that also says on which lines things stand, for whoever wants to point at them.
func LoadLines(path string) (*booking.Campaign, Lines, error) {
	data, err := readFile(path, maxFile)
	if err != nil {
		return nil, Lines{}, fmt.Errorf("read the campaign: %w", err)
	}
	l, err := parse(path, data, func(name string) ([]byte, error) {
		return readFile(filepath.Join(filepath.Dir(path), name), maxTable)
	}, maxSlots)
	if err != nil {
		return nil, Lines{}, err
	}
	return l.c, l.lines, nil
}

// Lines are the lines of the campaign file on which things begin, in the order in which they stand in the campaign.
type Lines struct {
	File      string
	Cohorts   []int
	Announced []int
	Series    int // 0: the campaign has none
}

// parse reads the text of a campaign file. name stands in the problems' File; openCSV gives the content of a table by the name
// written in the file. The error is always Problems.
func parse(name string, data []byte, openCSV func(string) ([]byte, error), mostSlots int) (*loader, error) {
	rep := &report{}
	l := &loader{
		file: name, openCSV: openCSV, mostSlots: mostSlots,
		c: &booking.Campaign{}, regionAt: map[string]spot{}, siteAt: map[string]spot{}, lines: Lines{File: name},
	}
	top := spot{rep: rep, file: name}
	if len(data) > maxFile {
		top.problem("is larger than %d MiB: move sites and slots into tables (sites_csv, slots_csv)", maxFile>>20)
	} else if root, ok := readYAML(top, data); ok {
		l.campaign(root)
	}
	if err := rep.err(name); err != nil {
		return nil, err
	}
	return l, nil
}

// loader fills one campaign. What refers to something (a site to its region) is checked when all of that is known.
type loader struct {
	file      string
	openCSV   func(name string) ([]byte, error)
	mostSlots int
	c         *booking.Campaign
	zone      *time.Location // UTC where the file names none, so that the rest can be checked
	regionAt  map[string]spot
	siteAt    map[string]spot
	cohorts   []cohortAt
	slots     slotList
	lines     Lines
}

func (l *loader) campaign(root node) {
	f := root.fields("slug", "mode", "names", "keywords", "zone", "languages", "identity", "number", "phone", "settle", "limits",
		"rehearsal_phones", "regions", "pools", "cohorts", "sites", "sites_csv", "slots", "slots_csv",
		"announced", "series", "reserves", "supplies", "reminders", "news")
	l.header(f)
	l.limits(f)
	l.phones(f)
	l.regions(f)
	l.keywords(f)
	l.poolList(f)
	l.cohortList(f)
	l.siteList(f)
	l.slotLists(f)
	l.announced(f)
	l.series(f)
	l.reserves(f)
	l.supplies(f)
	l.unasked(f)
}

func (l *loader) header(f fields) {
	c := l.c
	c.Slug, _ = need(f, "slug", "a short name such as seoul-2021", cell.code)
	c.Mode, _ = need(f, "mode", "rehearsal (reaches only listed phones) or live", oneOf(booking.Rehearsal, booking.Live))
	c.Zone, _ = need(f, "zone", "a time zone such as Asia/Seoul", cell.zone)
	l.zone = c.Zone
	if l.zone == nil {
		l.zone = time.UTC
	}
	l.languages(f)
	c.Names = l.names(f, "names", "the campaign's name in each language")
	l.identity(f)
	c.Phone, _ = need(f, "phone", "the number that people call or text", cell.publicPhone)
	c.Settle, _ = opt(f, "settle", 30*time.Second, span(time.Millisecond, 5*time.Minute))
}

// zone reads a time zone by its name. "Local" is refused, because it means another zone on another server.
func (c cell) zone() (*time.Location, bool) {
	zone, err := time.LoadLocation(c.text)
	if err != nil || c.text == "" || c.text == "Local" {
		c.problem("%s is not a time zone known here: write a name such as Asia/Seoul or Europe/London", quote(c.text))
		return nil, false
	}
	return zone, true
}

// written are the languages that the doors have texts in.
var written = []booking.Lang{booking.Korean, booking.English}

func (l *loader) languages(f fields) {
	if n, ok := f.node("languages", "the languages of the campaign, the default first, such as [ko, en]"); ok {
		l.c.Langs, _ = distinct(n.items(), oneOf(written...))
	}
}

// names reads a text that must be there in each language of the campaign and in no other.
func (l *loader) names(f fields, key, hint string) booking.Names {
	n, ok := f.node(key, hint)
	if !ok {
		return nil
	}
	return l.namesOf(n)
}

func (l *loader) namesOf(n node) booking.Names {
	langs := l.c.Langs
	if len(langs) == 0 {
		langs = written // the languages are a problem of their own
	}
	known := make([]string, len(langs))
	for i, lang := range langs {
		known[i] = string(lang)
	}
	m := n.fields(known...)
	names := booking.Names{}
	for _, lang := range langs {
		if len(l.c.Langs) == 0 && !m.has(string(lang)) {
			continue
		}
		if s, ok := need(m, string(lang), "it in this language of the campaign", cell.label); ok {
			names[lang] = s
		}
	}
	return names
}

func (l *loader) identity(f fields) {
	rule, ok := need(f, "identity", "what makes two applications one person: phone_birth_name or number",
		oneOf(booking.ByPhoneBirthName, booking.ByNumber))
	l.c.Identity = rule
	switch {
	case rule == booking.ByNumber:
		l.c.Number, _ = need(f, "number", "the pattern of the official numbers, such as ^[0-9]{8}$", cell.pattern)
	case ok && f.has("number"):
		f.at("number").problem("only goes with identity: number; delete it or change the identity rule")
	}
}

func (l *loader) limits(f fields) {
	var lim booking.Limits
	if n, ok := f.values["limits"]; ok {
		m := n.fields("people_per_phone", "codes_per_phone_hour", "codes_per_phone_day", "codes_per_address_hour",
			"texts_per_day", "texts_per_phone_day", "texts_per_second", "calls_per_second", "allowed_prefixes", "contact_life", "quiet")
		count := func(key string, most int) int {
			v, _ := opt(m, key, 0, integer(1, most))
			return v
		}
		lim.PeoplePerPhone = count("people_per_phone", 100)
		lim.CodesPerPhoneHour = count("codes_per_phone_hour", 100)
		lim.CodesPerPhoneDay = count("codes_per_phone_day", 1000)
		lim.CodesPerAddrHour = count("codes_per_address_hour", 1_000_000)
		lim.TextsPerDay = count("texts_per_day", 1_000_000_000)
		lim.TextsPerPhoneDay = count("texts_per_phone_day", 10_000)
		lim.TextsPerSecond = count("texts_per_second", 100_000)
		lim.CallsPerSecond = count("calls_per_second", 10_000)
		lim.ContactLife, _ = opt(m, "contact_life", 0, span(time.Minute, 24*time.Hour))
		for _, item := range m.list("allowed_prefixes") {
			if p, ok := scalar(item, cell.prefix); ok {
				lim.AllowedPrefixes = append(lim.AllowedPrefixes, p)
			}
		}
		lim.QuietFrom, lim.QuietTo = quiet(m)
	}
	l.c.Limits = lim.WithDefaults()
	if l.c.Limits.CodesPerPhoneHour > l.c.Limits.CodesPerPhoneDay {
		f.at("limits").under("codes_per_phone_hour").problem("allows %d codes an hour but only %d a day: raise codes_per_phone_day or lower this",
			l.c.Limits.CodesPerPhoneHour, l.c.Limits.CodesPerPhoneDay)
	}
}

// quiet reads the hours between which no unasked text is sent.
func quiet(m fields) (from, to int) {
	n, ok := m.values["quiet"]
	if !ok {
		return 0, 0
	}
	q := n.fields("from", "to")
	from, ok1 := need(q, "from", "the hour at which quiet begins, such as 21", integer(0, 23))
	to, ok2 := need(q, "to", "the hour at which quiet ends, such as 8", integer(0, 23))
	if ok1 && ok2 && from == to {
		n.problem("begins and ends at the same hour: write two different hours")
	}
	return from, to
}

func (l *loader) phones(f fields) {
	l.c.RehearsalPhones, _ = distinct(f.list("rehearsal_phones"), func(c cell) (booking.Phone, bool) {
		p, ok := c.phone()
		if ok && !booking.PrefixAllowed(l.c, p) {
			c.problem("is outside limits.allowed_prefixes (%v): add its country prefix there or delete it", l.c.Limits.AllowedPrefixes)
			return p, false
		}
		return p, ok
	})
	if l.c.Mode == booking.Rehearsal && f.values != nil && !f.has("rehearsal_phones") {
		f.at("rehearsal_phones").problem("is missing: a rehearsal reaches only the phones listed here; list at least one")
	}
}

func (l *loader) poolList(f fields) {
	if n, ok := f.node("pools", "the pools that slots are assigned from, such as [main]"); ok {
		l.c.Pools, _ = distinct(n.items(), cell.code)
	}
}

// checkPool says whether a pool exists. Where the list of pools is itself a problem, every name passes.
func (l *loader) checkPool(at spot, code string) {
	if len(l.c.Pools) > 0 && !slices.Contains(l.c.Pools, code) {
		at.problem("there is no pool %s: add it to pools or write one of %v", quote(code), l.c.Pools)
	}
}

// onlyPool is the pool of everything that names none, where the campaign has only one.
func (l *loader) onlyPool() string {
	if len(l.c.Pools) == 1 {
		return l.c.Pools[0]
	}
	return ""
}

// tableName reads the name of a table beside the campaign file.
func (c cell) tableName() (string, bool) {
	if !filepath.IsLocal(c.text) {
		c.problem("%s must lie beside the campaign file: write its name without / or .. in front", quote(c.text))
		return "", false
	}
	return c.text, true
}

// openTable gives the content of a table.
func (l *loader) openTable(at spot, name string) ([]byte, bool) {
	data, err := l.openCSV(name)
	switch {
	case err != nil:
		at.problem("%s cannot be read (%v): put it beside the campaign file", quote(name), reason(err))
	case len(data) > maxTable:
		at.problem("%s is larger than %d MiB: make it smaller", quote(name), maxTable>>20)
	default:
		return data, true
	}
	return nil, false
}

// reason leaves the path out of a file error: the name as it was written says enough.
func reason(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
