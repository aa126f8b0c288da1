package sms

import (
	"regexp"
	"slices"
	"strings"
)

// People talk to us in sentences. Their words are left over when everything else is understood, and look like a name: an entry in the name of "Can" (I book
// please?) or 생이고 is worse than one more question.
var (
	// asksKorean begins a word that asks.
	asksKorean = regexp.MustCompile(`^(?:몇|언제|어디|무슨|무엇|뭐|뭘|얼마|왜|어떻|어떡|어찌|어느|누구|누가)`)
	// endsKorean ends a sentence, and no name.
	endsKorean = regexp.MustCompile(`(?:요|니다|니까|는데|은데|인데|려고|거야|거지|거니|건가|건지|인가|인지|는지|이야|이냐|더라|었어|았어|했어|됐어|겠어|없어|있어|몰라|맞다|했다|됐다|였다|겠다|는다|냐고|라고)$`)
	// smallKorean are further words that say something, but no name.
	smallKorean = regexp.MustCompile(`^(?:[ㄱ-ㅎㅏ-ㅣ]+|생(?:이고|이며|인데|임|이라)|(?:안)?(?:된|되는|하는|한|할|가는|간|온|받은)(?:거|건|것|걸)?|(?:그래|그려|그럼|그렇지|그렇소|맞다|맞네|맞소|맞지|오냐|고맙소|고마우이|글쎄|아이고|아이구)+)$`)
)

// saysKorean reports whether a word is a part of a sentence, and surely no name.
func saysKorean(w string) bool {
	return asksKorean.MatchString(w) || endsKorean.MatchString(w) || smallKorean.MatchString(w) || agreesKorean.MatchString(w)
}

var (
	// sentenceWords begin sentences; some are names as well (Can, Will, May).
	sentenceWords = []string{
		"i", "my", "she", "he", "we", "our", "it", "this", "that", "they", "you", "your", "there", "can", "could", "may", "might", "will", "would", "shall", "should",
		"do", "does", "did", "is", "are", "am", "what", "when", "where", "who", "why", "how", "which", "not",
	}
	pronouns = []string{"i", "we", "you", "he", "she", "it", "they", "my", "this", "that", "there"}
)

// opensSentence tells "I live in …", "Can I …" and "What is …" from a name that has such a word. next is empty behind the last word.
func opensSentence(w, next token) bool {
	if w.hangul || !slices.Contains(sentenceWords, strings.ToLower(w.text)) {
		return false
	}
	if next.text == "" || next.hangul {
		return w.text == "I"
	}
	return isEnglishFiller(next.text) || slices.Contains(pronouns, strings.ToLower(next.text))
}

// mostNameWords is how many words a name has that is introduced as one: Maria Clara dela Cruz.
const mostNameWords = 4

// introducesName reports whether words say "my name is …" and nothing else, so that no place stands behind the name.
func introducesName(list []token) bool {
	at := slices.IndexFunc(list, func(w token) bool { return strings.EqualFold(w.text, "name") })
	return at >= 0 && at+1 < len(list) && list[at+1].text == "is" && len(list)-at-2 <= mostNameWords && !slices.ContainsFunc(list[:at], func(w token) bool {
		return !isEnglishFiller(w.text) && !strings.EqualFold(w.text, "my")
	})
}

// after is the word behind one of a list; empty behind the last.
func after(list []token, i int) token {
	if i+1 < len(list) {
		return list[i+1]
	}
	return token{}
}

// wantsOne is what people say who want to apply and do not know the word for it.
var wantsOne = regexp.MustCompile(`(?i)(?:주사|백신|접종|예방접종|예방주사)(?:를|을|좀|도)? ?(?:맞고 ?싶|맞을라|맞으려|받고 ?싶|받으려|하고 ?싶)|\b(?:i|we) (?:want|need|would like)(?: to (?:get|have|make|book))? (?:a|an|the) (?:\w+ )?(?:vaccine|vaccination|jab|shot|appointment)\b|` +
	`\b(?:want|need|like) to (?:get|be) vaccinated\b`)
