package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// object is a JSON object of a request.
type object map[string]any

// with is a copy of the object with members added or replaced.
func (o object) with(name string, value any, more ...any) object {
	out := object{name: value}
	for k, v := range o {
		if k != name {
			out[k] = v
		}
	}
	for i := 0; i+1 < len(more); i += 2 {
		out[fmt.Sprint(more[i])] = more[i+1]
	}
	return out
}

// answer is what the server said.
type answer struct {
	what   string // method and path, without a reference
	status int
	header http.Header
	raw    []byte
	body   any // decoded; nil when it is no JSON
}

func decoded(raw []byte) any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// at is the value at a way of member names and positions, and nil where there is none.
func (a answer) at(way ...any) any {
	v := a.body
	for _, step := range way {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			l, _ := v.([]any)
			if step < 0 || step >= len(l) {
				return nil
			}
			v = l[step]
		}
	}
	return v
}

func (a answer) has(way ...any) bool { return a.at(way...) != nil }

// text is a value as text; empty where there is none.
func (a answer) text(way ...any) string {
	switch v := a.at(way...).(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

// number is a whole number; -1 where there is none.
func (a answer) number(way ...any) int64 {
	n, ok := a.at(way...).(json.Number)
	if !ok {
		return -1
	}
	i, err := n.Int64()
	if err != nil {
		return -1
	}
	return i
}

func (a answer) list(way ...any) []any {
	l, _ := a.at(way...).([]any)
	return l
}

// instant is an RFC 3339 instant; the zero time where there is none.
func (a answer) instant(way ...any) time.Time {
	at, err := time.Parse(time.RFC3339Nano, a.text(way...))
	if err != nil {
		return time.Time{}
	}
	return at
}

// part is a member of the answer as an answer of its own, so that a result of a batch reads like that of a single path.
func (a answer) part(way ...any) answer {
	p := answer{what: a.what, header: http.Header{}, body: a.at(way...)}
	for _, step := range way {
		p.what += fmt.Sprintf(" /%v", step)
	}
	if p.body != nil {
		p.status = http.StatusOK
		if status := p.number("problem", "status"); status > 0 {
			p.status, p.body = int(status), p.at("problem")
		}
	}
	return p
}

// summary tells an answer in a line: the status, a problem's code and title, or the beginning of the body.
func (a answer) summary() string {
	if a.status == 0 {
		return "no answer"
	}
	if code := a.text("code"); code != "" {
		s := fmt.Sprintf("status %d with code %s", a.status, code)
		if field := a.text("field"); field != "" {
			s += " at " + field
		}
		return s + " (" + a.text("title") + ")"
	}
	body := shown(a.body)
	if a.body == nil {
		body = fmt.Sprintf("%.200q", a.raw)
	}
	return fmt.Sprintf("status %d: %s", a.status, body)
}

// shown writes a value for a person, cut where it is long.
func shown(v any) string {
	if s, ok := v.(string); ok {
		return fmt.Sprintf("%.300q", s)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%.300v", v)
	}
	return fmt.Sprintf("%.300s", b)
}

// shownWhole writes a body as JSON.
func shownWhole(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
