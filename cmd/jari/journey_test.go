//go:build journeys

package main

import (
	"cmp"

	"jari/booking/words"
)

// said is something in Korean and in English.
type said [2]string

// journey is one of those that docs/phones.md shows.
type journey struct {
	title, why said
	me         string // who it is, as the page says; "" is "person"
	acts       []act
	// whole are single texts, in each language, that register the same people as all of it.
	whole [2][]string
}

// caller is how the page calls whose phone it is.
func (j *journey) caller(who string) string {
	return cmp.Or(who, j.me, "person")
}

// act is what happens next in a journey: somebody texts, a text comes unasked, or time passes.
type act struct {
	who   string       // whose phone; "" is the person's own
	text  said         // what is texted; empty where a text only comes
	or    [2][]string  // what else is understood here, in each language
	reads []words.Kind // the texts that come then, in the order in which they are shown
	until string       // to which time the clock moves before all that, such as "3 Mar 17:00"
	note  said         // what happens elsewhere, such as on the agents' list
	holds string       // a query without arguments that says so: a number above zero
}

// me is whoever the journey is about.
const me = ""

// fromProvider is a text that the provider sends by itself.
const fromProvider words.Kind = "provider"

func texts(ko, en string, reads ...words.Kind) act { return act{text: said{ko, en}, reads: reads} }

func comes(reads ...words.Kind) act { return act{reads: reads} }

func clock(until string, reads ...words.Kind) act { return act{until: until, reads: reads} }

func elsewhere(ko, en, holds string) act { return act{note: said{ko, en}, holds: holds} }

// by says whose phone it is.
func (a act) by(who string) act {
	a.who = who
	return a
}

// korean and english add what else is understood.
func (a act) korean(or ...string) act {
	a.or[0] = append(a.or[0], or...)
	return a
}

func (a act) english(or ...string) act {
	a.or[1] = append(a.or[1], or...)
	return a
}

// mostVariants is how many phones are needed so that everything that else is understood is texted once.
func (j *journey) mostVariants(tongue int) int {
	most := 0
	for _, a := range j.acts {
		most = max(most, len(a.or[tongue]))
	}
	return most
}
