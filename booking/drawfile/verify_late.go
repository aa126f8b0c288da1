package drawfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// late checks who came after the list was closed: they have later numbers than the whole list, each its own.
func (v *verifier) late(Seen) error {
	had := map[int64]bool{}
	for _, i := range v.others {
		e := v.r.Entries[i]
		if e.Number <= v.last || had[e.Number] {
			return mismatch("entry %s is late (%s) and has the number %d, which is not its to have", e.ID, e.Late, e.Number)
		}
		had[e.Number] = true
	}
	if len(v.others) > 0 {
		v.holds("%s came after the list was closed (%s), with later numbers, to be served by their lots; no digest covers them.",
			entries(len(v.others)), v.causes())
	}
	v.gaps(had)
	return nil
}

// mostGaps bounds the gaps that are listed.
const mostGaps = 5

// gaps says which numbers before those of late entries are not in the record. They may be those of people who applied after the
// window, or of an entry that was kept out; the record cannot show which.
func (v *verifier) gaps(had map[int64]bool) {
	var list []string
	missing, next := int64(0), v.last+1
	for _, n := range slices.Sorted(maps.Keys(had)) {
		if n > next {
			missing += n - next
			list = append(list, span(next, n-1))
		}
		next = n + 1
	}
	if missing == 0 {
		return
	}
	if len(list) > mostGaps {
		list = append(list[:mostGaps], "…")
	}
	v.holds("Late entries come after %s that %s not in the record (%s). People who applied after the window can have them; the record cannot show it.",
		many(missing, "number", "numbers"), map[bool]string{true: "is", false: "are"}[missing == 1], strings.Join(list, ", "))
}

func span(from, to int64) string {
	if from == to {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d to %d", from, to)
}

func many(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

func entries(n int) string { return many(int64(n), "entry", "entries") }

func have(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

// causes counts why entries were late.
func (v *verifier) causes() string {
	n := map[string]int{}
	var names []string
	for _, i := range v.others {
		late := v.r.Entries[i].Late
		if n[late]++; n[late] == 1 {
			names = append(names, late)
		}
	}
	slices.Sort(names)
	text := ""
	for i, name := range names {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %d", name, n[name])
	}
	return text
}
