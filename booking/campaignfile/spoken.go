package campaignfile

import (
	"unicode"
	"unicode/utf8"

	"jari/booking"
)

// What people write in a text to say where they live, and which campaign they mean.

// postcodesAt are postcodes of a region, and where they stand.
type postcodesAt struct {
	booking.Postcodes
	region string
	at     spot
}

// postcodes reads the postcodes of a region.
func (c cell) postcodes() (booking.Postcodes, bool) {
	p, ok := booking.ParsePostcodes(c.text)
	if !ok {
		c.problem("%s is no range of postcodes: write how they begin, such as \"06\", or a range such as \"060-064\", in quotes", quote(c.text))
	}
	return p, ok
}

// claimPostcodes adds a region's postcodes, and refuses those that are another one's too.
func claimPostcodes(all []postcodesAt, at spot, region string, p booking.Postcodes) []postcodesAt {
	for _, first := range all {
		if first.Meets(p) {
			at.problem("%s has postcodes that %s (line %d) also has: write them in one region only", p, first.region, first.at.line)
			return all
		}
	}
	return append(all, postcodesAt{p, region, at})
}

const (
	leastKeyword = 2
	mostKeyword  = 12 // characters, so that a question can name several campaigns
)

// keywords reads the words by which people mean this campaign. A word that means a region could not be told from one.
func (l *loader) keywords(f fields) {
	places := map[string]string{}
	for _, r := range l.c.Regions {
		for _, n := range r.Names {
			places[foldPlace(n)] = r.Code
		}
		for _, a := range r.Aliases {
			places[foldPlace(a)] = r.Code
		}
	}
	said := map[string]bool{}
	for _, item := range f.list("keywords") {
		word := l.namesOf(item)
		for _, lang := range l.c.Langs {
			l.checkKeyword(item.spot, word[lang], places)
		}
		if len(l.c.Langs) == 0 {
			continue // the languages are a problem of their own
		}
		if said[foldPlace(word[l.c.Langs[0]])] {
			item.problem("stands here twice: keep one")
			continue
		}
		said[foldPlace(word[l.c.Langs[0]])] = true
		l.c.Keywords = append(l.c.Keywords, word)
	}
}

func (l *loader) checkKeyword(at spot, word string, places map[string]string) {
	n := utf8.RuneCountInString(word)
	letters := 0
	for _, r := range word {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	switch region, place := places[foldPlace(word)]; {
	case word == "": // a problem of its own
	case n < leastKeyword || n > mostKeyword || letters != n:
		at.problem("%s is no word of %d to %d letters: write one that people use for this campaign and for no other", quote(word), leastKeyword, mostKeyword)
	case place:
		at.problem("%s already means the region %s: write another word", quote(word), region)
	}
}
