package sms

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"jari/booking/desk"
)

// saying is one thing that can stand beside an answer number, as an expression for the beginning of what is left to read.
type saying struct {
	re   *regexp.Regexp
	says desk.Said
}

// besideKorean is what stands beside an answer number in Korean, without spaces: people write it with them or without. The longest that fits counts, so
// that "안갈게요" is never read as "갈게요". Whatever is none of these makes the text no answer: 1시에, 2명, a name.
var besideKorean = []saying{
	{atStart(`(?:네|넵|넹|넴|예|옙|응|어|ㅇㅇ|ㅇㅋ|그래요?|예스|오케이|오키|꼭|그때|그날|시간맞춰서?|답장|답변|답|회신|번호는?|답은|선택|저|저는|저도|저희는?|제가|요|이요|입니다|좀|주세요|` +
		`(?:답장|답변|회신|선택|대답)?(?:할게요|할께요|할래요|하겠습니다|하겠어요|합니다|해요|드립니다|드려요|보냅니다|보내요|눌러요|눌렀어요|누릅니다|하고싶어요|하고싶습니다|해주세요|해주십시오|해줘요?)|` +
		`부탁(?:해요|드려요|드립니다|합니다|드릴게요)?|바랍니다|원합니다|원해요|안녕하세요|안녕하십니까|여보세요|저기요|` + courtesyWords + `|감사드립니다|감사드려요|고맙네요|수고하십니다|수고많으십니다|수고많으세요|ㄱㅅ|[ㅎㅋㅠㅜ]+|` +
		`죄송(?:합니다|해요|하지만|한데|한데요|하네요)|미안(?:합니다|해요|하지만|한데|한데요)?)`), 0},
	{atStart(`(?:맞습니다|맞아요?|맞음|맞네요|그렇습니다|좋아요?|좋습니다|확정(?:합니다|이요|요|할게요|하겠습니다|해주세요|입니다)?|동의(?:합니다|해요)?)`), desk.SaidYes},
	{atStart(`(?:본인(?:이)?(?:시면|입니다|이에요|이예요|이요|임|맞습니다|맞아요|맞음)?|저예요|저에요|접니다|저입니다|저맞아요|저맞습니다|제가맞습니다|제가맞아요|(?:제가)?신청(?:했어요|했습니다|한거맞아요|한거맞습니다|맞습니다|맞아요))`), desk.SaidMe},
	{atStart(`(?:갈게요?|갈께요?|갈래요|갈거예요|갈겁니다|갑니다|가요|가겠습니다|가겠어요|갈수있어요|갈수있습니다|감|가겠음|갈게용|갈께용|갈예정입니다|갈예정이에요|오시면|가능(?:합니다|해요)?|참석(?:요|이요|입니다|합니다|해요|할게요|할께요|하겠습니다|가능|가능합니다|가능해요)?)`), desk.SaidCome},
	{atStart(cancelKorean + polite + `|(?:못(?:감|감요|갈듯|옵니다|오겠어요|오겠습니다|와|옴|해요|합니다)|안(?:감|가|갈래|갈게|갑니다요)|못오시면|참석(?:을|은)?(?:안|못)(?:합니다|해요|할게요|하겠습니다)|불참(?:요|이요|입니다|합니다|해요|할게요|할께요|하겠습니다)?)`), desk.SaidStay},
	{atStart(`(?:아니요|아니오|아뇨|아니|아니에요|아니예요|아닙니다|아님|싫어요|싫습니다|ㄴㄴ|안(?:해요|합니다|할게요|할래요|하겠습니다|함)|거절(?:합니다|해요|할게요)?|원(?:치|하지)(?:않습니다|않아요)|필요없(?:어요|습니다))`), desk.SaidNo},
	{atStart(notMeKorean + polite + `|(?:모르(?:는|시는)(?:신청|사람|분|일|예약)(?:이면)?` + polite + `|모릅니다|몰라요|(?:본인|저|제가|본인이)아님)`), desk.SaidNotMe},
	{atStart(sayAlreadyKorean + `|(?:이미예약|이미신청|중복)` + polite), desk.SaidAlready},
}

// besideEnglish is the same in English, in lower case with one space between words.
var besideEnglish = []saying{
	{wordsAtStart(`please|pls|thanks|thank you|thank you very much|thx|ok|okay|hi|hello|sorry|reply|replying|(?:my )?answer(?: is)?|number|nr|option|choice|choose|pick|select|i (?:choose|pick|select|reply|say)|no problem|i`), 0},
	{wordsAtStart(`yes|yeah|yep|yup|correct|right|sure|fine|(?:that is|thats|it is|its) (?:right|correct|fine|ok|okay)|(?:to |i )?confirm|confirmed|confirming|agreed`), desk.SaidYes},
	{wordsAtStart(`it is me|its me|this is me|thats me|that is me|i am|i (?:did apply|applied)`), desk.SaidMe},
	{wordsAtStart(`(?:i |we )?will (?:come|be there|attend)|ill (?:come|be there|attend)|(?:i am |im )?(?:coming|attending)|i can come|see you(?: there| then)?`), desk.SaidCome},
	{wordsAtStart(`(?:(?:i am|im|i|we|to) )?(?:` + cancelEnglish + `|not attending|giving it back)`), desk.SaidStay},
	{wordsAtStart(`no|nope|nah|no thanks|no thank you`), desk.SaidNo},
	{wordsAtStart(`(?:i )?(?:` + notMeEnglish + `)`), desk.SaidNotMe},
	{wordsAtStart(sayAlreadyEnglish), desk.SaidAlready},
}

func atStart(s string) *regexp.Regexp {
	re := regexp.MustCompile(`^(?:` + s + `)`)
	re.Longest()
	return re
}

func wordsAtStart(s string) *regexp.Regexp { return atStart(`(?:` + s + `)(?: |$)`) }

var (
	// numberTails is what is written at an answer number itself: the longest comes first, and less of it where the rest cannot be read otherwise.
	numberTails = []*regexp.Regexp{
		regexp.MustCompile(`^번(?:호)?(?:이라구요|이라고요|이라고|이에요|이예요|입니다|이요|이여|으로요|으로|로|임|을|은|이|요|여)?`),
		regexp.MustCompile(`^(?:이라고|이에요|이예요|입니다|이요|이여|으로요|으로|로요|로|임|을|를|은|는|이|요|여)`),
		regexp.MustCompile(`^번?`),
		regexp.MustCompile(`^`),
	}
	// spokenNumber is an answer number in words.
	spokenNumber = regexp.MustCompile(`^[일이삼사오육륙칠팔구십]{1,3}번`)
	// questioning is the ending of a question, where the sign for it is left out.
	questioning = regexp.MustCompile(`나요|까요|니까|한가요|인가요`)
	// numberWords are answer numbers in English words.
	numberWords = map[string]int{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
)

// plainNumbers writes numbers in a circle, in brackets or on a key as digits.
func plainNumbers(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxLatin1 }) {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		n := 0
		for _, from := range []rune{'①', '⑴', '⒈', '❶', '➀', '➊', '⓵'} {
			if r >= from && r < from+9 {
				n = int(r-from) + 1
			}
		}
		switch {
		case n > 0:
			out.WriteString(" " + strconv.Itoa(n) + " ")
		case r != '\uFE0F' && r != '\u20E3': // what makes a key of a digit
			out.WriteRune(r)
		}
	}
	return out.String()
}
