package words

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"jari/booking"
)

// scope is where in a catalogue a text stands, and with that what can be put into it.
type scope int

const (
	inTexts   scope = iota // texts to people, and what is put into them
	inDates                // days and hours
	inAnswers              // explanations
)

// scopeOf says what can be put into the texts of a table of a catalogue; the tables of plain words are not there.
var scopeOf = map[string]scope{
	"text": inTexts, "parts": inTexts, "reason": inTexts, "reason_then": inTexts, "next": inTexts, "place_sentence": inTexts, "place_brief": inTexts,
	"cause": inTexts, "cause_brief": inTexts,
	"when": inDates, "clock": inDates, "half": inDates,
	"explain": inAnswers, "explain_late": inAnswers, "explain_cause": inAnswers,
}

type value struct {
	of   func(*filling) string
	kept bool // made once for a text: it costs something
	memo int  // its place among those, from 1
}

// numbered gives the values that are kept their places.
func numbered(values map[string]value) map[string]value {
	n := 0
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if v := values[name]; v.kept {
			n++
			v.memo = n
			values[name] = v
		}
	}
	return values
}

// valuesOf are the gaps of texts, by name. docs/translating.md says what stands in each.
var valuesOf = map[scope]map[string]value{inTexts: textValues, inDates: dateValues, inAnswers: answerValues}

var textValues = numbered(map[string]value{
	"name":              {of: func(f *filling) string { return f.data.Masked }},
	"site":              {of: func(f *filling) string { return f.data.Site }},
	"was_site":          {of: func(f *filling) string { return f.data.WasSite }},
	"phone":             {of: func(f *filling) string { return f.data.Phone }},
	"code":              {of: func(f *filling) string { return f.data.Code }},
	"ticket":            {of: func(f *filling) string { return f.data.Ticket }},
	"helper":            {of: func(f *filling) string { return f.data.Helper }},
	"words":             {of: func(f *filling) string { return f.data.Words }},
	"region":            {of: func(f *filling) string { return f.data.Sample }},
	"near":              {of: func(f *filling) string { return f.data.Region }},
	"choices":           {of: func(f *filling) string { return choices(f.data, " ", f.language.between) }},
	"choices_brief":     {of: func(f *filling) string { return choices(f.data, "", ",") }},
	"first":             {of: func(f *filling) string { return strconv.Itoa(f.data.First) }},
	"second":            {of: func(f *filling) string { return strconv.Itoa(f.data.First + 1) }},
	"third":             {of: func(f *filling) string { return strconv.Itoa(f.data.First + 2) }},
	"place":             {of: func(f *filling) string { return f.count(f.data.Place) }, kept: true},
	"through":           {of: func(f *filling) string { return f.count(f.data.Through) }, kept: true},
	"sites":             {of: func(f *filling) string { return f.count(int64(f.data.Sites)) }},
	"choice":            {of: func(f *filling) string { return f.count(int64(f.data.Rank)) }},
	"choice_nth":        {of: func(f *filling) string { return f.language.nth(int64(f.data.Rank)) }},
	"when":              {of: func(f *filling) string { return f.language.when(f.data.Starts) }, kept: true},
	"was_when":          {of: func(f *filling) string { return f.language.when(f.data.WasStarts) }, kept: true},
	"at":                {of: func(f *filling) string { return f.language.when(f.data.At) }, kept: true},
	"first_round":       {of: func(f *filling) string { return f.language.when(f.data.FirstRound) }, kept: true},
	"looked":            {of: func(f *filling) string { return f.language.when(f.data.Looked) }, kept: true},
	"when_brief":        {of: func(f *filling) string { return f.language.dateOr("when.brief", f.data.Starts) }, kept: true},
	"when_least":        {of: func(f *filling) string { return f.language.dateOr("when.least", f.data.Starts) }, kept: true},
	"was_when_brief":    {of: func(f *filling) string { return f.language.dateOr("when.brief", f.data.WasStarts) }, kept: true},
	"was_when_least":    {of: func(f *filling) string { return f.language.dateOr("when.least", f.data.WasStarts) }, kept: true},
	"at_brief":          {of: func(f *filling) string { return f.language.dateOr("when.brief", f.data.At) }, kept: true},
	"first_round_brief": {of: func(f *filling) string { return f.language.dateOr("when.brief", f.data.FirstRound) }, kept: true},
	"looked_brief":      {of: func(f *filling) string { return f.language.dateOr("when.brief", f.data.Looked) }, kept: true},
	"last_day":          {of: func(f *filling) string { return f.language.dayOr("when.day", f.data.LastDay) }, kept: true},
	"missing":           {of: func(f *filling) string { names, _ := f.language.missing(f.data); return names }, kept: true},
	"older_year":        {of: func(f *filling) string { return yearOf(f.data, 0) }},
	"newer_year":        {of: func(f *filling) string { return yearOf(f.data, 1) }},
	"example":           {of: func(f *filling) string { _, example := f.language.missing(f.data); return example }, kept: true},
	"not_me":            {of: func(*filling) string { return strconv.Itoa(NotMe) }},
	"wished":            {of: func(f *filling) string { return f.language.wish(f.data.Wished, false) }},
	"wished_brief":      {of: func(f *filling) string { return f.language.wish(f.data.Wished, true) }},
	"said_brief":        {of: func(f *filling) string { return f.language.wish(f.data.Said, true) }},
	"new_name":          {of: func(f *filling) string { return f.data.News.Name }},
	"new_born":          {of: func(f *filling) string { return f.language.dayOr("when.born", f.data.News.Born) }},
	"new_phone":         {of: func(f *filling) string { return f.data.News.Phone }},
	"new_region":        {of: func(f *filling) string { return f.data.News.Region }},
	"names":             {of: func(f *filling) string { return strings.Join(f.data.Names, f.language.between) }},
	"people":            {of: func(f *filling) string { return people(f.data, f.language.between, " ") }},
	"people_brief":      {of: func(f *filling) string { return people(f.data, ",", "") }},
	"size":              {of: func(f *filling) string { return f.count(int64(f.data.Size)) }},
})

// count is a number in groups, "" for none.
func (f *filling) count(n int64) string {
	if n <= 0 {
		return ""
	}
	return f.language.grouped(n)
}

// partsOf are the gaps that another text is put into: the name is that of the table in which it stands.
var partsOf = map[scope]map[string]*part{
	inTexts: {
		"reason":         {pick: func(f *filling) string { return f.language.reason(f.data) }},
		"reason_then":    {pick: func(f *filling) string { return f.language.reasonThen(f.data) }},
		"next":           {pick: func(f *filling) string { return "next." + nextOf(f.data) }},
		"idle":           {pick: idleOf},
		"place_sentence": {pick: func(f *filling) string { return placeOf("place_sentence.", f.data) }},
		"place_brief":    {pick: func(f *filling) string { return placeOf("place_brief.", f.data) }},
		"cause":          {pick: func(f *filling) string { return causeOf("cause.", f.data) }},
		"cause_brief":    {pick: func(f *filling) string { return causeOf("cause_brief.", f.data) }},
	},
	inDates: {
		"clock": {pick: func(f *filling) string { return clockOf(f.moment) }},
		"half":  {pick: func(f *filling) string { return halfOf(f.moment) }},
	},
}

// reason is the sentence that says why there is nothing.
func (l *language) reason(d *Data) string {
	if d.Reason == booking.ReasonSites && d.Sites == 0 {
		return "reason.sites_unknown"
	}
	if id := "reason." + string(d.Reason); d.Reason != "" && l.has(id) {
		return id
	}
	return "reason.none"
}

// reasonThen says it of an instant in the past that is named, where a language says that differently.
func (l *language) reasonThen(d *Data) string {
	id := l.reason(d)
	if then := "reason_then" + id[len("reason"):]; l.has(then) {
		return then
	}
	return id
}

// nextOf says what happens now, for the reason.
func nextOf(d *Data) string {
	switch d.Reason {
	case booking.ReasonSites, booking.ReasonDistance, booking.ReasonNeeds, booking.ReasonWishes:
		if d.Phone != "" {
			return "widen"
		}
	case booking.ReasonNotReady, booking.ReasonIncomplete, booking.ReasonDeclines, booking.ReasonHeld:
		return string(d.Reason)
	case "":
		return "none"
	}
	return "usual"
}

// idleOf says that there is nothing to do, where that is so.
func idleOf(f *filling) string {
	switch f.data.Reason {
	case booking.ReasonNotReady, booking.ReasonIncomplete, booking.ReasonDeclines:
		return ""
	}
	return "parts.idle"
}

func placeOf(table string, d *Data) string {
	switch {
	case d.Place == 0 && d.AfterDraw:
		return table + "by_lot"
	case d.Place == 0:
		return ""
	}
	return table + "number"
}

func causeOf(table string, d *Data) string {
	switch d.ChangeCause {
	case CauseSiteClosed, CauseCapacity:
		return table + d.ChangeCause
	}
	return ""
}

func clockOf(t time.Time) string {
	switch {
	case t.Minute() > 0:
	case t.Hour() == 0:
		return "clock.midnight"
	case t.Hour() == 12:
		return "clock.noon"
	}
	return "clock.usual"
}

// halfOf is the part of the day, so that no hour can be mistaken for the one twelve hours away.
func halfOf(t time.Time) string {
	switch h := t.Hour(); {
	case h == 0:
		return "half.night"
	case h < 12:
		return "half.morning"
	case h == 12:
		return "half.midday"
	default:
		return "half.afternoon"
	}
}

// yearOf is one of the years that two digits can mean, "" for none.
func yearOf(d *Data, i int) string {
	if i >= len(d.Years) {
		return ""
	}
	return strconv.Itoa(d.Years[i])
}

// choices lists what may be meant, each behind its answer number.
func choices(d *Data, behind, between string) string {
	var out []byte
	for i, c := range d.Choices {
		if i > 0 {
			out = append(out, between...)
		}
		out = append(strconv.AppendInt(out, int64(d.First+i), 10), behind+c...)
	}
	return string(out)
}
