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
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return booking.Korean
	}
	if _, i, confidence := supported.Match(tags...); i == 0 && confidence > language.No {
		return booking.Korean
	}
	return booking.English
}
