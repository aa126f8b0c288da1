package campaignfile

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Problem is one thing that is wrong in a campaign file or in a table that it names.
type Problem struct {
	File    string
	Line    int    // 0 when the whole file is concerned
	Field   string // "cohorts[0].opens", "limits.quiet", a column of a table; empty when the whole file is concerned
	Message string // what is wrong and what to do
}

// String is the problem on one line: "file:line: field: message".
func (p Problem) String() string {
	s := p.File
	if p.Line > 0 {
		s += ":" + strconv.Itoa(p.Line)
	}
	if p.Field != "" {
		s += ": " + p.Field
	}
	return s + ": " + p.Message
}

// Problems is everything that is wrong, in the order of the files' lines. It holds at most a thousand entries; when
// there were more, a last one says how many.
type Problems []Problem

// Error prints one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return strings.Join(lines, "\n")
}

const maxProblems = 1000

// report gathers problems.
type report struct {
	problems Problems
	more     int
}

// spot is a place in a file that a problem can point at.
type spot struct {
	rep   *report
	file  string
	line  int
	field string
}

// problem notes that something is wrong here.
func (s spot) problem(format string, args ...any) {
	if len(s.rep.problems) >= maxProblems {
		s.rep.more++
		return
	}
	s.rep.problems = append(s.rep.problems, Problem{s.file, s.line, s.field, fmt.Sprintf(format, args...)})
}

// under is the place of a field inside this one, on the same line.
func (s spot) under(key string) spot {
	if s.field != "" {
		key = s.field + "." + key
	}
	s.field = key
	return s
}

// err returns what was gathered, the campaign file first and in the order of lines, or nil.
func (r *report) err(main string) error {
	if len(r.problems) == 0 {
		return nil
	}
	rank := func(file string) int {
		if file == main {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(rank(a.File), rank(b.File)), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	if r.more > 0 {
		return append(r.problems, Problem{File: main, Message: fmt.Sprintf("and %d more problems", r.more)})
	}
	return r.problems
}

// quote shows a text of the file in a message, cut to a bearable length.
func quote(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}
