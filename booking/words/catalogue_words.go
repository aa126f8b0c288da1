package words

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// readWords reads a language's own words, which are no texts: nothing is put into them.
func (l *language) readWords() []error {
	r := reader{given: l.given}
	l.mark = r.word("language.mark") + " "
	l.noPlace = r.word("language.no_place")
	alphabet := r.word("language.alphabet")
	set, ok := charsetOf(alphabet)
	if !ok && alphabet != "" {
		r.wrong = append(r.wrong, fmt.Errorf("language.alphabet is %q; there are ksx1001, gsm7 and ucs2", alphabet))
	}
	l.charset = set
	l.groupedBy = r.word("number.grouped_by")
	l.ordinals = r.ordinals()
	l.weekdays, l.weekdaysFull = r.row("calendar.weekdays", 7), r.row("calendar.weekdays_full", 7)
	l.months, l.monthsFull = r.row("calendar.months", 12), r.row("calendar.months_full", 12)
	l.between, l.betweenLast = r.word("list.between"), r.word("list.before_last")
	l.missingWords, l.missingLast, l.samples = map[string]string{}, map[string]string{}, map[string]string{}
	for _, m := range allMissing() {
		l.missingWords[m], l.missingLast[m] = r.word("missing."+m), r.word("missing_last."+m)
	}
	for _, m := range []string{MissingName, MissingBirth} {
		l.samples[m] = r.word("sample." + m)
	}
	l.wished = map[string]string{}
	for _, w := range wishWords {
		l.wished[w] = r.word("wish." + w)
	}
	l.names = map[string]map[string]string{}
	for _, size := range []string{short, usual, long} {
		l.names[size] = map[string]string{}
		for _, of := range []string{"name", "site", "region", "phone"} {
			l.names[size][of] = r.word("lint." + size + "." + of)
		}
	}
	return r.wrong
}

// reader collects what a catalogue lacks.
type reader struct {
	given map[string]*i18n.Message
	wrong []error
}

func (r *reader) word(id string) string {
	if m := r.given[id]; m != nil && m.Other != "" {
		return m.Other
	}
	r.wrong = append(r.wrong, fmt.Errorf("%s is missing", id))
	return ""
}

// row reads words with commas between them.
func (r *reader) row(id string, n int) []string {
	out := strings.Split(r.word(id), ",")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	if len(out) != n {
		r.wrong = append(r.wrong, fmt.Errorf("%s has %d words, not %d", id, len(out), n))
		return make([]string, n)
	}
	return out
}

// ordinals reads the rule for all, and the words of those that have one.
func (r *reader) ordinals() map[int64]string {
	out := map[int64]string{0: r.word("nth.any")}
	for id, m := range r.given {
		if n, err := strconv.ParseInt(strings.TrimPrefix(id, "nth."), 10, 64); err == nil && n > 0 {
			out[n] = m.Other
		}
	}
	return out
}
