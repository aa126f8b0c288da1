package campaignfile

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"jari/booking"
)

// cell is one written value, of the YAML file or of a table, with the place it stands at. Its methods read it as
// something; when it cannot be that, they note a problem and report false.
type cell struct {
	spot
	text string
}

var codePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// code reads a short name that programs use.
func (c cell) code() (string, bool) {
	if !codePattern.MatchString(c.text) {
		c.problem("%s is not a short name: use 1 to 40 of a-z, 0-9 and hyphens, with no hyphen at either end", quote(c.text))
		return "", false
	}
	return c.text, true
}

// maxLabel is the longest text shown to people, in characters.
const maxLabel = 200

// label reads a text that is shown to people. Letters come out composed (NFC), so that a file from any editor compares.
func (c cell) label() (string, bool) {
	s := norm.NFC.String(strings.TrimSpace(c.text))
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) }):
		c.problem("holds a line break, a control character or another that cannot be seen: write it again on one line")
	case !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		c.problem("is empty: write a text, with a letter or digit in it")
	case utf8.RuneCountInString(s) > maxLabel:
		c.problem("is longer than %d characters: shorten it", maxLabel)
	default:
		return s, true
	}
	return "", false
}

// oneOf makes a reader for a choice.
func oneOf[T ~string](choices ...T) func(cell) (T, bool) {
	return func(c cell) (T, bool) {
		if i := slices.Index(choices, T(c.text)); i >= 0 {
			return choices[i], true
		}
		words := make([]string, len(choices))
		for i, w := range choices {
			words[i] = string(w)
		}
		c.problem("%s is not known: write %s", quote(c.text), strings.Join(words, " or "))
		return "", false
	}
}

// integer makes a reader for a whole number between two bounds.
func integer(least, most int) func(cell) (int, bool) {
	return func(c cell) (int, bool) {
		n, err := strconv.Atoi(c.text)
		if err != nil || n < least || n > most {
			c.problem("%s does not fit: write a whole number from %d to %d", quote(c.text), least, most)
			return 0, false
		}
		return n, true
	}
}

// degrees makes a reader for a latitude or longitude.
func degrees(most float64) func(cell) (float64, bool) {
	return func(c cell) (float64, bool) {
		v, err := strconv.ParseFloat(c.text, 64)
		if err != nil || math.IsNaN(v) || math.Abs(v) > most {
			c.problem("%s does not fit: write degrees from -%g to %g, such as 37.5665", quote(c.text), most, most)
			return 0, false
		}
		return v, true
	}
}

// span makes a reader for a length of time.
func span(least, most time.Duration) func(cell) (time.Duration, bool) {
	return func(c cell) (time.Duration, bool) {
		d, err := time.ParseDuration(c.text)
		if err != nil || d < least || d > most {
			c.problem("%s does not fit: write a length of time from %s to %s, such as 30s, 15m or 48h", quote(c.text), short(least), short(most))
			return 0, false
		}
		return d, true
	}
}

// days makes a reader for a length of time that is usually written in days ("21d"), or as span reads it.
func days(least, most time.Duration) func(cell) (time.Duration, bool) {
	return func(c cell) (time.Duration, bool) {
		d, err := time.ParseDuration(c.text)
		if n, inDays := strings.CutSuffix(c.text, "d"); inDays {
			var whole int
			if whole, err = strconv.Atoi(n); err == nil && (whole < 0 || whole > 10_000) {
				err = strconv.ErrRange
			}
			d = time.Duration(whole) * 24 * time.Hour
		}
		if err != nil || d < least || d > most {
			c.problem("%s does not fit: write a length of time from %s to %s, such as 21d or 36h", quote(c.text), inDays(least), inDays(most))
			return 0, false
		}
		return d, true
	}
}

// inDays prints a length of time as days where it is whole days.
func inDays(d time.Duration) string {
	if d > 0 && d%(24*time.Hour) == 0 {
		return strconv.Itoa(int(d/(24*time.Hour))) + "d"
	}
	return short(d)
}

// yes reads true or false.
func (c cell) yes() (bool, bool) {
	switch c.text {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	c.problem("%s is not known: write true or false", quote(c.text))
	return false, false
}

// short prints a length of time without its trailing zeroes: 5m, not 5m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// date reads a calendar day.
func (c cell) date() (booking.Date, bool) {
	d, err := booking.ParseDate(c.text)
	if err != nil || d.Year < 1900 {
		c.problem("%s is not a day of the calendar since 1900: write it as 1968-04-12", quote(c.text))
		return booking.Date{}, false
	}
	return d, true
}

// phone reads a telephone number with its country prefix. Its problems never show the number.
func (c cell) phone() (booking.Phone, bool) {
	p, err := booking.ParseE164(strings.NewReplacer(" ", "", "-", "").Replace(c.text))
	if err != nil {
		c.problem("is not a whole telephone number: write it with + and the country prefix")
		return booking.Phone{}, false
	}
	return p, true
}

var publicNumber = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{1,22}[0-9]$`)

// publicPhone reads the number that people are told to call or text, as they would dial it.
func (c cell) publicPhone() (string, bool) {
	if !publicNumber.MatchString(c.text) {
		c.problem("%s is not a number that people can dial: write 3 to 24 digits, spaces and hyphens", quote(c.text))
		return "", false
	}
	return c.text, true
}

// pattern reads the regular expression of official numbers. It must cover the whole number, from ^ to $.
func (c cell) pattern() (string, bool) {
	re, err := regexp.Compile(c.text)
	switch {
	case err != nil || len(c.text) > 200:
		c.problem("%s is not a regular expression in RE2 syntax of at most 200 characters: correct it", quote(c.text))
	case !strings.HasPrefix(c.text, "^") || !strings.HasSuffix(c.text, "$"):
		c.problem("%s must describe the whole number: begin with ^ and end with $", quote(c.text))
	case re.MatchString(""):
		c.problem("%s also matches nothing at all: write what a number must hold", quote(c.text))
	default:
		return c.text, true
	}
	return "", false
}

var prefixPattern = regexp.MustCompile(`^\+[1-9][0-9]{0,6}$`)

func (c cell) prefix() (string, bool) {
	if !prefixPattern.MatchString(c.text) {
		c.problem("%s is not a country prefix: write it as \"+82\"", quote(c.text))
		return "", false
	}
	return c.text, true
}
