package sms

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"jari/booking"
)

// token is a word of letters. Words of two scripts written together are two tokens.
type token struct {
	text    string
	hangul  bool
	segment int // rises at commas, line breaks and whatever was blanked
}

// words takes the letters that are left.
func (p *paper) words() []token {
	var out []token
	var word []rune
	hangul, segment := false, 0
	flush := func() {
		if s := strings.Trim(string(word), "-.'"); s != "" {
			out = append(out, token{s, hangul, segment})
		}
		word = word[:0]
	}
	for _, r := range p.text {
		letter := unicode.IsLetter(r) || unicode.IsMark(r)
		if letter && len(word) > 0 && unicode.Is(unicode.Hangul, r) != hangul {
			flush()
		}
		switch {
		case letter:
			hangul = unicode.Is(unicode.Hangul, r)
			word = append(word, r)
		case len(word) > 0 && !hangul && (r == '-' || r == '.' || r == '\''):
			word = append(word, r)
		default:
			flush()
			if r == ',' || r == '|' || r == '\n' || r == '/' || r == ';' {
				segment++
			}
		}
	}
	flush()
	return out
}

var (
	applyKorean  = regexp.MustCompile(`^(?:예약|신청|접수)(?:을|를|이요|요|좀|도|은|는|합니다|합니당|할게요|할께요|할래요|하겠습니다|하고|하고싶어요|하고싶습니다|하려고요|하려고|해주세요|해줘|해요|바랍니다|원합니다|부탁.*|신청|접수|예약|할|하려면|가능|가능한가요|가능할까요|되나요|될까요)?$`)
	applyPrefix  = regexp.MustCompile(`^(?:예약|신청|접수)(?:해주세요|해줘요|해줘|할게요|할께요|합니다|부탁드립니다|부탁해요)?`)
	applySuffix  = regexp.MustCompile(`(?:예약|신청|접수)$`)
	applyEnglish = []string{"book", "booking", "register", "registration", "apply", "reserve"}
)

// takeApply takes out the words that say "I apply". In Korean they may be written together with the name.
func takeApply(list []token) (bool, []token) {
	apply := false
	var out []token
	for _, w := range list {
		switch {
		case !w.hangul && slices.Contains(applyEnglish, strings.ToLower(w.text)):
			apply = true
		case w.hangul && (applyKorean.MatchString(w.text) || applySuffix.MatchString(w.text)):
			apply = true
		case w.hangul && applyPrefix.MatchString(w.text) && len([]rune(w.text)) >= 4:
			apply = true
			out = append(out, token{w.text[len(applyPrefix.FindString(w.text)):], true, w.segment})
		default:
			out = append(out, w)
		}
	}
	return apply, out
}

// regionName is one way of writing a region.
type regionName struct {
	code, fold string
	runes      int
}

// regionNames lists every way of writing the campaign's regions: names, aliases, and Korean names without their last
// syllable (강남 for 강남구) where that leaves two syllables and means one region only.
func regionNames(c *booking.Campaign) []regionName {
	var out []regionName
	codes := map[string]string{} // fold → code, "" when it means several
	add := func(code, name string) {
		fold := booking.FoldName(name)
		if fold == "" {
			return
		}
		if other, ok := codes[fold]; ok && other != code {
			codes[fold] = ""
			return
		}
		codes[fold] = code
	}
	for _, r := range c.Regions {
		for _, n := range r.Names {
			add(r.Code, n)
		}
		for _, a := range r.Aliases {
			add(r.Code, a)
		}
	}
	for _, r := range c.Regions {
		n := []rune(booking.FoldName(r.Names[booking.Korean]))
		if len(n) >= 3 && strings.ContainsRune("시군구", n[len(n)-1]) {
			short := string(n[:len(n)-1])
			if _, ok := codes[short]; !ok {
				add(r.Code, short)
			}
		}
	}
	for fold, code := range codes {
		if code != "" {
			out = append(out, regionName{code, fold, len([]rune(fold))})
		}
	}
	slices.SortFunc(out, func(a, b regionName) int { // longest first; then any fixed order
		if a.runes != b.runes {
			return b.runes - a.runes
		}
		return strings.Compare(a.fold, b.fold)
	})
	return out
}

// maxRegionWords is how many words a region's name may have.
const maxRegionWords = 4

// takeRegion finds the longest region name and takes it out. Whole words come first; then Korean names written together
// with a person's name or a particle (홍길동강남구, 강남구에).
func takeRegion(c *booking.Campaign, list []token) (string, []token) {
	names := regionNames(c)
	folded := make([]string, len(list))
	for i := range list {
		folded[i] = booking.FoldName(list[i].text)
	}
	for _, n := range names {
		for i := range list {
			joined := ""
			for j := i; j < len(list) && j < i+maxRegionWords && len(joined) < len(n.fold); j++ {
				joined += folded[j]
				if joined == n.fold {
					return n.code, without(list, i, j+1)
				}
			}
		}
	}
	for _, n := range names {
		if n.runes < 2 || n.runes == 2 && !strings.HasSuffix(n.fold, "구") && !strings.HasSuffix(n.fold, "군") {
			continue
		}
		for i, w := range list {
			if !w.hangul {
				continue
			}
			for _, rest := range []string{strings.TrimPrefix(w.text, n.fold), strings.TrimSuffix(w.text, n.fold)} {
				if rest == w.text {
					continue
				}
				out := without(list, i, i+1)
				if !placeParticle.MatchString(rest) {
					out = append(out, token{rest, true, -1})
				}
				return n.code, out
			}
		}
	}
	return "", list
}

var placeParticle = regexp.MustCompile(`^(?:에|에서|에요|예요|요|이요|입니다|이고|이고요|이에요|민|민입니다|거주|거주자|살아요|삽니다|에살아요|에삽니다|쪽|으로|로|청)$`)

// without drops list[i:j] and lets what follows begin a new segment, so that a name does not reach across.
func without(list []token, i, j int) []token {
	out := slices.Clone(list[:i])
	for _, w := range list[j:] {
		w.segment += 1000
		out = append(out, w)
	}
	return out
}
