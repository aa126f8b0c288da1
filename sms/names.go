package sms

import (
	"regexp"
	"slices"
	"strings"

	"jari/booking"
)

// Words of an application that are no name.
var (
	fillerKorean = regexp.MustCompile(`^(?:` +
		`(?:이름|성명|성함|생년월일|생일|출생|주소|지역|거주지|사는곳|사는|곳|전화|전화번호|연락처|휴대폰|휴대전화|핸드폰|번호|본인|주민번호|앞자리|뒷자리|앞|뒤)(?:은|는|이|가|도|에|의|로)?|` +
		`(?:어머니|어머님|엄마|아버지|아버님|아빠|할머니|할아버지|부모님|아내|남편|언니|누나|형|오빠|동생|장모님|장인어른|시어머니|시아버지|아이|애|아들|딸|손자|손녀|자녀|며느리|사위|아기)(?:은|는|이|가|의|도|께서|이고|입니다)?|` +
		`(?:이장|통장|반장|복지사|사회복지사)(?:입니다|이에요|예요|인데요|인데)|모두|전부|둘다|셋다|다같이|다들|주사|예방주사|맞고|맞을라고|맞으려고|맞으려면|` +
		`안녕하세요|안녕하십니까|여보세요|저는|저|제|나|나는|저희|우리|제가|백신|접종|예방접종|코로나|코로나백신|음력|양력|년생|년|월|일|생|남|여|남자|여자|만|세|살|` +
		`부탁.*|해주세요|해줘요|하고|싶어요|싶습니다|합니다|할게요|할께요|하려고|하려고요|원해요|원합니다|바랍니다|주세요|좀|살아요|살고|있어요|있습니다|삽니다|살|거주|거주합니다|입니다|이에요|예요|이고|이고요|이며|요|` +
		`아니요|아니오|아뇨|` +
		`(?:` + courtesyWords + `)` +
		`)$`)
	courtesyWords = `네|넵|예|넹|응|알겠습니다|알았습니다|알겠어요|감사|감사합니다|감사해요|고맙습니다|고마워요|고마워|고맙소|고맙네|고맙네요|고맙구먼|고맙구만|고마우이|땡큐|수고많으세요|수고많으십니다|알겠소|알았소|알겠네요|알았네요|수고하세요|수고하십시오|확인했습니다|확인하였습니다|잘|받았습니다`

	// stopping are words of somebody who wants no more of it.
	stopping = regexp.MustCompile(`(?i)^(?:(?:취소|중지|중단|그만|거부|거절|철회|포기|해지|수신거부|수신중지)` +
		`(?:요|해요|할게요|할께요|할래요|하겠습니다|합니다|해주세요|해줘|해줘요|하고|하려고요|둘게요|두겠습니다|하세요|부탁.*)?|` +
		`싫어요|됐어요|stop|cancel|quit|unsubscribe)$`)

	provinces = regexp.MustCompile(`^(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주|충청북|충청남|전라북|전라남|경상북|경상남)(?:특별시|광역시|특별자치시|특별자치도|시|도)?(?:에|에서)?$`)

	// nameEndings are what politeness or grammar adds to a name.
	nameEndings = []string{"이라고합니다", "라고합니다", "이라고", "라고", "입니다", "이에요", "이예요", "예요", "이고요", "이고", "이며", "이요", "님", "씨"}

	fillerEnglish = []string{
		"please", "pls", "for", "my", "name", "is", "born", "birth", "birthday", "date", "of", "dob", "on", "i", "am", "i'm", "phone",
		"number", "tel", "mobile", "cell", "her", "his", "their", "mother", "father", "mom", "mum", "dad", "wife", "husband",
		"grandmother", "grandfather", "live", "lives", "living", "in", "at", "from", "district", "the", "a", "an", "and", "to", "want", "would",
		"like", "she", "he", "was", "we", "they", "are", "our", "it", "it's", "this", "year", "hello", "hi", "dear", "sir", "vaccine", "vaccination", "shot", "appointment", "thanks", "thank", "you", "ok", "okay", "no",
		"what", "when", "where", "which", "who", "why", "how", "me", "us", "your", "need", "get", "have", "has", "not", "don't", "can't", "any", "yet", "that", "there", "with",
		"understand", "sorry",
	}
	// alwaysFiller are dropped in any case; the others only in lower case, because An, In and No are names too.
	alwaysFiller = []string{"i'm", "i've", "i'd", "please", "name", "born", "birth", "birthday", "dob", "phone", "mobile", "appointment", "vaccine", "vaccination", "vaccinated", "flu", "jab", "hello", "hi", "mother", "father", "thanks", "mr", "mrs", "ms", "dr"}
)

// nameIn finds the person's name among the words that are left, or "" when there is none or it cannot be told which one
// it is: a wrong name on an entry is worse than one more question. A text that wants to stop names nobody. placeOpen says that a place is still to be named, so
// that one of the words may be a place we do not know.
func nameIn(list []token, placeOpen bool) string {
	var hangul, other []token
	for i, w := range list {
		switch {
		case stopping.MatchString(w.text):
			return ""
		case opensSentence(w, after(list, i)):
		case w.hangul && !fillerKorean.MatchString(w.text) && !provinces.MatchString(w.text):
			if w.text = withoutEnding(w.text); !saysKorean(w.text) {
				hangul = append(hangul, w)
			}
		case !w.hangul && !isEnglishFiller(w.text):
			other = append(other, w)
		}
	}
	if slices.ContainsFunc(list, func(w token) bool { return asksKorean.MatchString(w.text) }) {
		hangul = slices.DeleteFunc(hangul, func(w token) bool { return len([]rune(w.text)) < 3 || !looksKorean(w.text) })
	}
	name := koreanName(hangul, placeOpen)
	if len(hangul) == 0 {
		name = otherName(other, placeOpen)
	}
	name, err := booking.CleanName(name)
	if err != nil {
		return ""
	}
	return name
}

func isEnglishFiller(w string) bool {
	if bare, ok := strings.CutSuffix(w, "'s"); ok && isEnglishFiller(bare) { // my mother's name is …
		return true
	}
	lower := strings.ToLower(strings.TrimRight(w, "."))
	return slices.Contains(alwaysFiller, lower) || w == lower && slices.Contains(fillerEnglish, lower)
}

func withoutEnding(w string) string {
	for _, e := range nameEndings {
		if rest, ok := strings.CutSuffix(w, e); ok && len([]rune(rest)) >= 2 {
			return rest
		}
	}
	return w
}

// Family names by which a Korean name is told from another word. Only used to choose between several words.
const familyNames = "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구라나민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국은편용예경봉"

var longFamilyNames = []string{"남궁", "황보", "제갈", "선우", "독고", "사공", "서문", "동방", "어금", "망절"}

var place = regexp.MustCompile(`(?:동|읍|면|리|로|길|구|시|군|도)$`)

func koreanName(list []token, placeOpen bool) string {
	list = joined(list)
	var fit, likely []string
	for _, w := range list {
		n := len([]rune(w.text))
		if n < 2 || n > 10 || slices.Contains(fit, w.text) {
			continue
		}
		fit = append(fit, w.text)
		if looksKorean(w.text) {
			likely = append(likely, w.text)
		}
	}
	switch {
	case len(fit) == 1 && (len(likely) == 1 || !placeOpen || !place.MatchString(fit[0])):
		return fit[0]
	case len(likely) == 1:
		return likely[0]
	}
	return ""
}

// joined puts a family name of its own together with the given name behind it: 홍 길동.
func joined(list []token) []token {
	var out []token
	for i := 0; i < len(list); i++ {
		w := list[i]
		family := len([]rune(w.text)) == 1 && strings.Contains(familyNames, w.text) || slices.Contains(longFamilyNames, w.text)
		if family && i+1 < len(list) && list[i+1].segment == w.segment && len([]rune(list[i+1].text)) <= 3 {
			w.text += list[i+1].text
			i++
		}
		out = append(out, w)
	}
	return out
}

func looksKorean(w string) bool {
	r := []rune(w)
	if len(r) >= 3 && len(r) <= 5 && slices.Contains(longFamilyNames, string(r[:2])) {
		return true
	}
	return len(r) >= 2 && len(r) <= 4 && strings.ContainsRune(familyNames, r[0])
}

// maxOtherWords is how many words a name may have where one of them could be a place.
const maxOtherWords = 2

// otherName is the first run of words in another script. Where a place is still open, a longer run may hold it.
func otherName(list []token, placeOpen bool) string {
	var parts []string
	for _, w := range list {
		if w.segment != list[0].segment {
			break
		}
		parts = append(parts, w.text)
	}
	if placeOpen && len(parts) > maxOtherWords {
		return ""
	}
	return strings.Join(parts, " ")
}
