package api

import (
	"strings"

	"golang.org/x/text/language"

	"jari/booking"
)

var supported = language.NewMatcher([]language.Tag{language.Korean, language.English})

// languageOf chooses the language of a problem's texts: Korean unless somebody asks for something else, English for
// whoever asks for a language that we do not have.
func languageOf(accept string) booking.Lang {
	accept = strings.TrimSpace(accept)
	if accept == "" || accept == "*" || len(accept) > 200 {
		return booking.Korean
	}
	if lang, ok := plainly(accept); ok {
		return lang
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return booking.Korean
	}
	if _, i, confidence := supported.Match(tags...); i == 0 && confidence > language.No {
		return booking.Korean
	}
	return booking.English
}

// plainly reads the usual header of a phone, which begins with the language wanted most ("ko-KR,ko;q=0.9"): a refusal
// under overload must not cost a full match.
func plainly(accept string) (booking.Lang, bool) {
	first, _, _ := strings.Cut(accept, ",")
	if strings.Contains(first, ";") {
		return "", false
	}
	switch primary, _, _ := strings.Cut(first, "-"); primary {
	case "ko":
		return booking.Korean, true
	case "en":
		return booking.English, true
	}
	return "", false
}
