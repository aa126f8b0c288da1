package words

import "time"

// filling is what is put into the gaps of a language's texts.
type filling struct {
	language *language
	data     *Data
	moment   time.Time         // for the texts of dates and hours
	told     map[string]string // for explanations
	number   int               // what an explanation counts
	memo     *memo             // values that were put together before
}

type memo [24]struct {
	text  string
	known bool
}

// chosen is which wording of each part is tried.
type chosen struct {
	parts [4]parsed
	at    [4]int
}

// append puts a wording together behind what is there. It reports whether every gap outside of brackets was filled.
func (f *filling) append(to []byte, pieces []piece, c *chosen) ([]byte, bool) {
	filled := true
	for i := range pieces {
		p := &pieces[i]
		before := len(to)
		switch {
		case p.value != nil:
			to = appendWords(to, f.value(p))
			filled = filled && len(to) > before
		case p.part != nil:
			to = f.appendPart(to, p, c)
			filled = filled && len(to) > before
		case p.optional != nil:
			to = f.appendOptional(to, p.optional, c)
		default:
			to = appendWords(to, p.words)
		}
	}
	return to, filled
}

func (f *filling) appendOptional(to []byte, pieces []piece, c *chosen) []byte {
	before := len(to)
	space := before > 0 && to[before-1] == ' '
	with, filled := f.append(to, pieces, c)
	if filled {
		return with
	}
	if to = with[:before]; space { // a comma may have taken its place
		to[before-1] = ' '
	}
	return to
}

func (f *filling) appendPart(to []byte, p *piece, c *chosen) []byte {
	if c != nil {
		if all := c.parts[p.nth]; len(all) > 0 {
			to, _ = f.append(to, all[c.at[p.nth]].pieces, nil)
		}
		return to
	}
	if id := p.part.pick(f); id != "" { // a part within a part: its fullest wording
		if all := f.language.wordings(id, f); len(all) > 0 {
			to, _ = f.append(to, all[0].pieces, nil)
		}
	}
	return to
}

func (f *filling) value(p *piece) string {
	if f.memo == nil || p.memo == 0 || p.memo >= len(f.memo) {
		return p.value(f)
	}
	m := &f.memo[p.memo]
	if !m.known {
		m.text, m.known = p.value(f), true
	}
	return m.text
}

// appendWords appends words. Where something fell away there is no second space, and none before a comma or full stop.
func appendWords(to []byte, s string) []byte {
	if s == "" {
		return to
	}
	spaced := len(to) == 0 || to[len(to)-1] == ' '
	switch {
	case s[0] == ' ' && spaced:
		s = s[1:]
	case (s[0] == ',' || s[0] == '.') && spaced && len(to) > 0:
		to = to[:len(to)-1]
	}
	return append(to, s...)
}

// choose finds the parts that the data ask for, and begins with the fullest wording of each.
func (f *filling) choose(w *wording) chosen {
	var c chosen
	for i, p := range w.parts {
		if id := p.pick(f); id != "" {
			c.parts[i] = f.language.wordings(id, f)
		}
	}
	return c
}

// next goes on to the next shorter wording of the last part that has one, beginning anew with those behind it.
func (c *chosen) next() bool {
	for i := len(c.at) - 1; i >= 0; i-- {
		if c.at[i]++; c.at[i] < len(c.parts[i]) {
			return true
		}
		c.at[i] = 0
	}
	return false
}

// shortest goes to the last wording of every part.
func (c *chosen) shortest() {
	for i, all := range c.parts {
		c.at[i] = max(len(all)-1, 0)
	}
}

// say is a text in its fullest wording, for what has no limit.
func (f *filling) say(id string) string {
	all := f.language.wordings(id, f)
	if len(all) == 0 {
		return ""
	}
	text, _ := f.append(make([]byte, 0, 128), all[0].pieces, nil)
	return string(trimmed(text))
}

func trimmed(text []byte) []byte {
	if n := len(text); n > 0 && text[n-1] == ' ' {
		return text[:n-1]
	}
	return text
}
