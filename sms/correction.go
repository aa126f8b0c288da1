package sms

import (
	"regexp"
	"slices"
	"strings"

	"jari/booking"
	"jari/booking/desk"
)

var (
	// wrong says that something is to be put right, alone or with "주세요" and the like.
	wrongKorean  = regexp.MustCompile(`^(?:고쳐|고치|고칠|고침|정정|수정|틀렸|틀려|틀린|틀리게|잘못|바꿔|바꾸|바꿀|변경|바뀌었|바뀌|바뀐|바뀜|달라졌|이사)(?:` + wrongEnding + `)*$`)
	wrongEnglish = []string{"correct", "correction", "fix", "wrong", "change", "changed", "update", "misspelled", "misspelt", "mistake", "incorrect", "moved"}
	// instead is what somebody says that it is not: "홍길둥이 아니라", "not 010-… but".
	instead = regexp.MustCompile(`(?i)\S+\s*(?:아니라|아니고|아니구|말고)\s|\bnot (?:\S+ ){1,3}but\b`)
	// onlyData are words for putting right that nobody says of times.
	onlyData  = regexp.MustCompile(`^(?:고쳐|고치|고칠|정정|수정|틀렸|틀려|틀린)`)
	wrongSaid = regexp.MustCompile(`고쳐|고치|정정|수정|틀렸|틀려|잘못|바꿔|바꾸|변경|바뀌|바뀐`)
	aboutTime = regexp.MustCompile(`^(?:예약|시간|날짜|날|일정|요일|접종일|방문일|장소|센터|시간대|appointment|time|day|date|slot|place|language|site|hour)|요일|오전|오후|아침|저녁|다음|이번`)
	// correctionFillerEnglish are words around a correction.
	correctionFillerEnglish = []string{"it", "it's", "should", "be", "not", "but", "now", "new", "has", "have", "actually", "really", "spelled", "to", "i", "i've", "we", "was", "is", "the", "my", "please", "got", "a", "can", "you"}
	// fields are what can be put right, by the words for it.
	fieldKorean = []struct {
		field string
		re    *regexp.Regexp
	}{
		{"name", regexp.MustCompile(`^(?:제|내|저의)?(?:이름|성함|성명)(?:` + particles + `)?(?:` + wrongWhole + `)?$`)},
		{"birth", regexp.MustCompile(`^(?:제|내|저의)?(?:생년월일|생일|생년|출생일|주민번호|주민등록번호)(?:` + particles + `)?(?:` + wrongWhole + `)?$`)},
		{"phone", regexp.MustCompile(`^(?:제|내|저의)?(?:전화번호|전화|휴대폰|휴대폰번호|휴대전화|핸드폰|핸드폰번호|폰번호|연락처|번호)(?:` + particles + `)?(?:` + wrongWhole + `)?$`)},
		{"region", regexp.MustCompile(`^(?:제|내|저의)?(?:주소|사는곳|거주지|지역|사는데|동네)(?:` + particles + `)?(?:` + wrongWhole + `)?$`)},
	}
	fieldEnglish = map[string]string{
		"name": "name", "birth": "birth", "birthday": "birth", "birthdate": "birth", "dob": "birth", "born": "birth", "phone": "phone", "number": "phone", "mobile": "phone",
		"telephone": "phone", "address": "region", "district": "region", "region": "region", "moved": "region",
	}
	correctionFiller = regexp.MustCompile(`^(?:` + particles + `|저|저는|제|제가|내|나|나는|새|새로|새번호|아니라|아니고|말고|가|를|을|은|는|이|로|으로|에서|에|서|요|이요|예요|이에요|입니다|합니다|됐어요|되었어요|했어요|했습니다|썼어요|적었어요|보냈어요|주세요|해주세요|해주십시오|해줘요?|좀|부탁.*|드려요|드립니다|바랍니다|감사.*|되어|있어요|있습니다|죄송.*|안녕하세요|신청할때|신청한|예약한|등록된|인데요?|맞아요|맞습니다|이게|그게|살아요|이사|했는데|왔어요|왔습니다)+$`)
)

const (
	particles   = `이|가|을|를|은|는|도|만|의|좀|에`
	wrongEnding = `요|주세요|주십시오|주시겠어요|주실수있나요|주실래요|줘|줘요|줄래요|해|해요|해주세요|해주십시오|해주실수있나요|해줘|해줘요|할게요|할께요|할래요|하고싶어요|하고싶습니다|하려고요|하려고합니다|합니다|해야해요|해야합니다|부탁.*|되었어요|되었습니다|됐어요|됐습니다|되어|있어요|있습니다|어요|습니다|네요|는데요|는데|었어요|었습니다|고싶어요|고싶습니다|려고요|려고합니다|썼어요|적었어요|적혔어요|보냈어요|입력했어요|했어요|했습니다|썼습니다|적었습니다|보냈습니다|바랍니다|왔어요|왔습니다|갔어요|갔습니다|했는데|게|을|를|은|는`
	wrongWhole  = `(?:고쳐|고치|정정|수정|틀렸|틀려|잘못|바꿔|바꾸|변경|바뀌었|바뀌|바뀐)(?:` + wrongEnding + `)*`
)

// readCorrection reads what is to be put right in an application: "이름 고쳐주세요", "정정 680413", "전화번호가 010-…로 바뀌었어요", "my name is wrong,
// it is …". What is to be corrected, but not to what, is asked for.
func readCorrection(c *booking.Campaign, from booking.Phone, text string, today booking.Date) (desk.Want, bool) {
	w := desk.Want{Do: desk.DeedCorrect}
	kept := instead.ReplaceAllString(text, " ")
	p := &paper{text: kept}
	country := desk.PhoneCountry(c)
	phones := p.phones(country, true)
	born, short := p.birth(c, today)
	phones = append(phones, p.phones(country, false)...)
	said := correctionWords(p.words())
	if kept != text {
		said.wrong, said.plain = true, true
	}
	if !said.wrong || short != "" || said.apply && !born.IsZero() {
		return desk.Want{}, false
	}
	w.Phone = another(phones, from)
	if !born.IsZero() {
		w.Born = born.String()
	}
	w.Field = said.field
	w.Region, said.rest = takeRegion(c, said.rest)
	if w.Field == "name" || w.Field == "" {
		w.Name = correctedName(said.rest)
	}
	return w, said.about(w)
}

// correctionSaid is what the words of a correction say.
type correctionSaid struct {
	wrong bool   // something is to be put right
	plain bool   // with a word that is said of data alone, and not of times as well
	apply bool   // somebody applies
	field string // what
	rest  []token
}

func correctionWords(list []token) correctionSaid {
	var s correctionSaid
	for _, t := range joined(list) {
		lower := strings.ToLower(t.text)
		if field, wrong := fieldOf(t); field != "" {
			if s.field == "" {
				s.field = field
			}
			s.wrong = s.wrong || wrong || lower == "moved"
			continue
		}
		switch {
		case t.hangul && wrongKorean.MatchString(t.text):
			s.wrong, s.plain = true, s.plain || onlyData.MatchString(t.text)
			if strings.HasPrefix(t.text, "이사") {
				s.field = "region"
			}
		case !t.hangul && slices.Contains(wrongEnglish, lower):
			s.wrong, s.plain = true, s.plain || lower != "change" && lower != "changed" && lower != "update"
		case t.hangul && correctionFiller.MatchString(t.text), !t.hangul && slices.Contains(correctionFillerEnglish, lower):
		default:
			one, rest := takeApply([]token{t})
			s.apply = s.apply || one
			s.rest = append(s.rest, rest...)
		}
	}
	return s
}

// about reports whether data are to be put right, and not a time.
func (s correctionSaid) about(w desk.Want) bool {
	if slices.ContainsFunc(s.rest, func(t token) bool { return aboutTime.MatchString(strings.ToLower(t.text)) }) {
		return false
	}
	switch {
	case w.Field != "":
		return true
	case w.Phone != "" || w.Born != "":
		return true
	case w.Name != "" || w.Region != "":
		return s.plain
	}
	return s.plain && len(s.rest) == 0
}

// correctedName is the name that a correction gives.
func correctedName(list []token) string {
	for i := range list {
		r := []rune(list[i].text)
		if rest, ok := strings.CutSuffix(list[i].text, "으로"); ok && list[i].hangul && len(r) >= 4 {
			list[i].text = rest
		} else if rest, ok := strings.CutSuffix(list[i].text, "로"); ok && list[i].hangul && len(r) >= 4 {
			list[i].text = rest
		}
	}
	return nameIn(list, false)
}

// fieldOf says which field a word names, and whether it also says that it is to be put right (이름변경).
func fieldOf(t token) (field string, wrong bool) {
	if !t.hangul {
		return fieldEnglish[strings.ToLower(t.text)], false
	}
	for _, f := range fieldKorean {
		if f.re.MatchString(t.text) {
			return f.field, wrongSaid.MatchString(t.text)
		}
	}
	return "", false
}
