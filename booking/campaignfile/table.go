package campaignfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// row is one line of a table.
type row struct {
	at      spot
	columns map[string]int
	texts   []string
}

// cell returns the value under a column, empty where the table does not have the column.
func (r row) cell(column string) cell {
	at := r.at
	at.field = column
	i, ok := r.columns[column]
	if !ok {
		return cell{at, ""}
	}
	return cell{at, strings.TrimSpace(r.texts[i])}
}

// table reads a CSV table whose first line names its columns, in any order: all of need, any of may, and no others.
// each is called for every whole line, until it returns false.
func (l *loader) table(at spot, name string, need, may []string, each func(row) bool) {
	data, ok := l.openTable(at, name)
	if !ok {
		return
	}
	here := spot{rep: at.rep, file: filepath.Join(filepath.Dir(l.file), name), line: 1}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	head, err := r.Read()
	if err != nil {
		here.problem("has no header: begin with the line %s", strings.Join(need, ","))
		return
	}
	columns, ok := header(here, head, need, may)
	if !ok {
		return
	}
	width := len(head)
	for {
		texts, err := r.Read()
		var wrong *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return
		case errors.As(err, &wrong):
			here.line = wrong.Line
			here.problem("the quotes in this line do not match: write \"\" for a quote inside quotes")
			return
		case err != nil:
			here.problem("cannot be read: %v", err)
			return
		}
		here.line, _ = r.FieldPos(0)
		if len(texts) != width {
			here.problem("has %d values under %d columns: write one value for each column", len(texts), width)
			continue
		}
		if !each(row{here, columns, texts}) {
			return
		}
	}
}

func header(at spot, head, need, may []string) (map[string]int, bool) {
	columns, ok := map[string]int{}, true
	for i, name := range head {
		name = strings.TrimSpace(name)
		_, twice := columns[name]
		switch {
		case twice:
			at.problem("the column %s stands here twice: keep one", quote(name))
		case !slices.Contains(need, name) && !slices.Contains(may, name):
			at.problem("there is no column %s: the columns are %s", quote(name), strings.Join(slices.Concat(need, may), ", "))
		default:
			columns[name] = i
			continue
		}
		ok = false
	}
	for _, name := range need {
		if _, there := columns[name]; !there {
			at.problem("the column %s is missing: add it to the header", quote(name))
			ok = false
		}
	}
	return columns, ok
}
