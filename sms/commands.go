package sms

import (
	"regexp"
	"strings"

	"jari/booking/words"
)

// The provider's words, looked up for every text.
var stopWords, startWords, providerWords = words.StopWords(), words.StartWords(), words.ProviderWords()

var (
	statusKorean = regexp.MustCompile(`^(?:예약|신청|접수|순번|순서)?(?:조회|상태|확인)(?:요|이요|좀|합니다|해요|해주세요|해줘|하고|부탁.*)?$`)
	whyKorean    = regexp.MustCompile(`^(?:왜(?:요|죠|지요|그래요|그런가요|그렇죠|인가요|일까요|이래요)?|(?:그|무슨)?이유(?:가|는|를|요|좀|이요|뭐예요|가뭐예요|알려.*|부탁.*)?)$`)
	helpKorean   = regexp.MustCompile(`^(?:도움|도움말|안내|사용법|방법)(?:요|이요|좀|해주세요|부탁.*)?$`)
	courtesy     = regexp.MustCompile(`^(?:` + courtesyWords + `|ok|okay|thanks|thank|you|thx)$`)
)

// withoutSigns is a text without the signs and spaces around it.
func withoutSigns(text string) string {
	return strings.Trim(strings.TrimSpace(text), ".!?~,;:()[]'\"* \n")
}

// maxCommandWords bounds how long a text may be that is understood as a command.
const maxCommandWords = 4

// command reads a text that is no application: a provider's word, an answer number, a question about the own entry (how it
// stands, or why), a call for help, or thanks.
func command(text string) (Intent, bool) {
	bare := withoutSigns(text)
	if isProviders(bare) {
		return Intent{Act: Nothing}, true
	}
	if a, ok := readAnswer(text); ok {
		return Intent{Act: Answer, No: a.no, Says: a.says}, true
	}
	if digits(text) > 0 {
		return Intent{}, false
	}
	list := (&paper{text: text}).words()
	if len(list) == 0 || len(list) > maxCommandWords {
		return Intent{}, false
	}
	return wordCommand(list)
}

func wordCommand(list []token) (Intent, bool) {
	thanks, status, why, help := true, false, false, false
	for i, w := range list {
		lower := strings.ToLower(w.text)
		thanks = thanks && courtesy.MatchString(lower)
		status = status || lower == "status" || statusKorean.MatchString(w.text)
		why = why || lower == "why" || whyKorean.MatchString(w.text)
		help = help || i == 0 && lower == "how" || helpKorean.MatchString(w.text)
	}
	switch {
	case thanks:
		return Intent{Act: Nothing}, true
	case why:
		return Intent{Act: Why}, true
	case status:
		return Intent{Act: Status}, true
	case help:
		return Intent{Act: Help}, true
	}
	return Intent{}, false
}
