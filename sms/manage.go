package sms

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// maxManaged is how long a text may be that wants something done with an application, in characters. Longer ones tell a story, which a person
// must read.
const maxManaged = 120

// utterance is one text in the forms in which it is compared.
type utterance struct {
	text  string // as written, folded, in lower case
	plain string // letters and digits alone: Korean is written with spaces or without
	words string // lower case, one space between words, no other signs
}

func utter(text string) utterance {
	text = strings.ToLower(text)
	var plain, list strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r):
			plain.WriteRune(r)
			list.WriteRune(r)
		case r != '\'': // can't is cant
			list.WriteRune(' ')
		}
	}
	return utterance{text, plain.String(), strings.Join(strings.Fields(list.String()), " ")}
}

// Manage reads what a text wants done with an application that stands; false for a text that wants nothing of the kind. It is a function of
// its arguments alone. The text must have gone through CutResidentNumber. An answer number is none of these, and no provider's word is.
func Manage(c *booking.Campaign, from booking.Phone, body string, today booking.Date) (desk.Want, bool) {
	text := legible(body)
	if w, ok := manageText(c, from, text, today); ok {
		return w, true
	}
	bare := withoutKeyword(c, text) // "독감 취소": where a number is shared the campaign is named
	if bare == text {
		return desk.Want{}, false
	}
	return manageText(c, from, bare, today)
}

func manageText(c *booking.Campaign, from booking.Phone, text string, today booking.Date) (desk.Want, bool) {
	if !manageable(text) {
		return desk.Want{}, false
	}
	if w, ok := manage(c, from, text, today); ok {
		return w, true
	}
	name, rest := about(text)
	if rest == "" {
		return desk.Want{}, false
	}
	w, ok := manage(c, from, rest, today)
	w.About = name
	return w, ok
}

func manageable(text string) bool {
	bare := withoutSigns(text)
	if bare == "" || len([]rune(bare)) > maxManaged || isProviders(bare) {
		return false
	}
	a, ok := readAnswer(text)
	return !ok || a.no == desk.AnswerNotMe && a.says == desk.SaidNotMe // "9 제가 아닙니다" says it in words as well
}

func manage(c *booking.Campaign, from booking.Phone, text string, today booking.Date) (desk.Want, bool) {
	u := utter(text)
	if w, ok := simple(u); ok {
		return w, true
	}
	for _, read := range []func(*booking.Campaign, booking.Phone, string, booking.Date) (desk.Want, bool){
		readHelper, readTogether, readCorrection, readWish,
	} {
		if w, ok := read(c, from, text, today); ok {
			return w, true
		}
	}
	return desk.Want{}, false
}

// simple reads what is said in a set phrase.
func simple(u utterance) (desk.Want, bool) {
	for _, s := range phrases {
		if s.korean != nil && s.korean.MatchString(u.plain) || s.english != nil && s.english.MatchString(u.words) {
			return s.want, true
		}
	}
	return desk.Want{}, false
}

// relations are how people speak of whom they look after.
var relations = regexp.MustCompile(`^(?:(?:우리|저희|제|내)?(?:어머니|어머님|엄마|아버지|아버님|아빠|할머니|할아버지|부모님|아내|남편|집사람|언니|누나|형|오빠|동생|장모님|장인어른|시어머니|시아버지)(?:은|는|이|가|의|께서|도|께서는)?|우리|저희|제|내|my|our|mother|mothers|father|fathers|wife|husband|grandmother|grandfather|for)$`)

// about takes a name, or a word for whom it is about, off the beginning of a text. rest is "" where there is none.
func about(text string) (name, rest string) {
	first, rest, several := strings.Cut(strings.TrimSpace(text), " ")
	rest = strings.TrimSpace(rest)
	switch {
	case !several || rest == "":
		return "", ""
	case relations.MatchString(strings.ToLower(first)):
		if next, more := about(rest); more != "" { // "우리 어머니 …", "my mother …"
			return next, more
		}
		return "", rest
	}
	for _, ending := range []string{"님은", "님이", "님", "씨는", "씨가", "씨", "은", "는", "이", "가", ""} {
		bare, ok := strings.CutSuffix(first, ending)
		if ok && len([]rune(bare)) >= 3 && looksKorean(bare) {
			return bare, rest
		}
	}
	return "", ""
}

// bareWord is a text without the signs around it, in capitals, as the provider's words are compared.
func bareWord(text string) string {
	return strings.ToUpper(withoutSigns(text))
}

// isProviders reports whether a text is a word of the provider's.
func isProviders(text string) bool { return slices.Contains(providerWords, bareWord(text)) }

// optWord reads the words by which a phone wants no more texts, or wants them again: the provider's, and what people write who do not know
// these. They touch neither place nor appointment.
func optWord(text string) (stop, ok bool) {
	switch bare := bareWord(text); {
	case slices.Contains(stopWords, bare):
		return true, true
	case slices.Contains(startWords, bare):
		return false, true
	}
	u := utter(text)
	if startPhrases.MatchString(u.plain) || startWholly.MatchString(u.words) {
		return false, true
	}
	return true, stopPhrases.MatchString(u.plain) || stopEnglish.MatchString(u.words)
}

// aside answers what is about no application: a phone wants no more texts, or wants them again, or says a bare yes.
func (d *Door) aside(ctx context.Context, c *desk.Campaign, in desk.Inbound, text string, v desk.Conversation, known memory, lang booking.Lang) (replies []desk.Message, done bool, err error) {
	stop, opts := optWord(text)
	if opts {
		if isProviders(text) { // everybody types these in Latin letters: they tell no language
			lang = languageOf(c.Campaign, known.State, "")
		}
		if replies, err = d.desk.StopByText(ctx, c, in, stop, lang); err != nil {
			return nil, false, fmt.Errorf("note that a phone wants texts or none: %w", err)
		}
	}
	if len(replies) == 0 && (!opts || !stop) { // YES, too, is what somebody says who thinks that it answers a question
		replies, err = d.again(ctx, c, in, text, v, known)
	}
	if opts && !stop && !isProviders(text) { // who had not stopped them asks for what they missed
		opts = false
	}
	return replies, opts || len(replies) > 0, err
}

// manage does what a text wants with an application that stands. done is false where the phone speaks for nobody: then the text may be part
// of an application, and in.Body is what it says for that.
func (d *Door) manage(ctx context.Context, c *desk.Campaign, in *desk.Inbound, v desk.Conversation, known memory, today booking.Date) (done bool, err error) {
	text := legible(in.Body)
	lang := languageOf(c.Campaign, known.State, text)
	if replies, done, err := d.aside(ctx, c, *in, text, v, known, lang); err != nil {
		return false, err
	} else if done {
		return true, d.finish(ctx, *in, nil, replies, Intent{Act: Nothing})
	}
	want, ok := Manage(c.Campaign, in.From, in.Body, today)
	if !ok {
		return d.toldPhone(ctx, c, *in, known, today)
	}
	first := in.Arrival
	if v.Version > 0 && !v.Used && v.FirstAt.Before(first) {
		first = v.FirstAt
	}
	replies, served, err := d.desk.ManageByText(ctx, c, *in, want, first, lang)
	if err != nil {
		return false, fmt.Errorf("%s by text: %w", want.Do, err)
	}
	switch missing := known.State.missing(c.Campaign); {
	case served:
	case known.State.Begun && want.Do == desk.DeedCorrect && said(c.Campaign, want) != "": // of the application that is under way
		in.Body = said(c.Campaign, want)
		return false, nil
	case known.State.Begun && len(missing) > 0:
		ask := Intent{Act: Ask, Lang: lang, Missing: missing, Years: known.State.years(today)}
		h := heard{intent: ask, state: known.State, times: contactsFor(v, known, known.State, ask, in.Arrival)}
		if replies, _, err = d.reply(ctx, c, *in, &h); err != nil {
			return false, err
		}
	case read(c.Campaign, State{}, in.From, text, today) != (reading{}):
		return false, nil
	default:
		replies = []desk.Message{desk.SayByText(*in, words.NoEntry, lang, nil)}
	}
	return true, d.finish(ctx, *in, nil, replies, Intent{Act: Act(want.Do)})
}

// toldPhone reads back a telephone number that was told while nobody was applying.
func (d *Door) toldPhone(ctx context.Context, c *desk.Campaign, in desk.Inbound, known memory, today booking.Date) (done bool, err error) {
	want, ok := TellsPhone(c.Campaign, in.From, in.Body, today)
	if !ok || known.State.Begun {
		return false, nil
	}
	replies, done, err := d.desk.ToldPhoneByText(ctx, c, in, want)
	if err != nil {
		return false, fmt.Errorf("read a number back: %w", err)
	}
	if !done {
		return false, nil
	}
	return true, d.finish(ctx, in, nil, replies, Intent{Act: Act(want.Do)})
}

// said is what a correction says that is new, as somebody who applies would say it.
func said(c *booking.Campaign, w desk.Want) string {
	region, _ := c.Region(w.Region)
	return strings.Join(strings.Fields(strings.Join([]string{w.Name, w.Born, region.Names.In(booking.Korean), w.Phone}, " ")), " ")
}
