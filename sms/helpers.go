package sms

import (
	"regexp"
	"strings"

	"jari/booking"
	"jari/booking/desk"
)

var (
	helperNamed   = regexp.MustCompile(`도우미|보호자|대리인`)
	helperKin     = regexp.MustCompile(`아들|딸|며느리|사위|손자|손녀|자녀|자식|남편|아내|집사람|동생|언니|누나|형|오빠|조카|친구|이웃|복지사|요양사|간병인`)
	helperGets    = regexp.MustCompile(`(?:받게|받도록|받을수있게|같이받|함께받|도받|보내주|알려주|알려줘|보내줘|대신답|대신받|추가|등록|지정)`)
	helperEnglish = regexp.MustCompile(`\b(?:my|add|make|set|name) (?:a |my )?helper\b|^helper\b|\bhelper is\b|\b(?:my )?(?:son|daughter|husband|wife|carer|caregiver|neighbour|neighbor|friend|granddaughter|grandson|nephew|niece)\b.*\b(?:too|also|as well|copy|copies|texts?|get|gets|receive)\b|\b(?:send|text|copy|copies|also)\b.*\b(?:to )?my (?:son|daughter|husband|wife|carer|caregiver|neighbour|neighbor|friend|granddaughter|grandson|nephew|niece)\b`)
)

// readHelper reads who is to read along: "도우미 010-…", "아들도 받게 해주세요 010…". Without a number the word alone is enough to be asked for it.
func readHelper(c *booking.Campaign, from booking.Phone, text string, today booking.Date) (desk.Want, bool) {
	u := utter(text)
	named := helperNamed.MatchString(u.plain)
	kin := helperKin.MatchString(u.plain) && helperGets.MatchString(u.plain)
	if !named && !kin && !helperEnglish.MatchString(u.words) {
		return desk.Want{}, false
	}
	p := &paper{text: text}
	country := desk.PhoneCountry(c)
	phones := append(p.phones(country, true), p.phones(country, false)...)
	if born, short := p.birth(c, today); !born.IsZero() || short != "" {
		return desk.Want{}, false // somebody applies
	}
	w := desk.Want{Do: desk.DeedHelper}
	w.Phone = another(phones, from)
	return w, w.Phone != "" || len([]rune(u.plain)) <= maxHelperWords && (named || digits(text) == 0)
}

// maxHelperWords is how long a text may be that names a helper without a number, in letters.
const maxHelperWords = 25

var (
	togetherKorean  = regexp.MustCompile(`^` + lead + `(?:우리|저희)?(?:가족|부부|식구|둘|셋|넷|둘이|셋이|넷이|다|다같이|모두|두사람|세사람|네사람|아내|남편|집사람|어머니|아버지|부모님)?(?:은|는|이|가|와|과|랑|하고|끼리|이랑)?(?:다)?(?:같이|함께|한번에|같은시간에|같은시간으로|같은날에?|동시에)(?:예약|접종|방문|신청)?(?:을|를)?(?:가|가고싶어요|가고싶습니다|가게|갈게요|갈께요|갈래요|갈수있게|갈수있나요|갈수있을까요|맞고싶어요|맞고싶습니다|맞을게요|맞을래요|맞게|받고싶어요|받고싶습니다|받을게요|받게|잡아|하게)?` + polite + `$`)
	togetherEnglish = regexp.MustCompile(`^(?:please |can |could |we |us |both |all |of |my |wife |husband |mother |father |and |i |would |want |like |to |id )*(?:come|go|be|at the same time|book us|book)? ?(?:together|at the same time)(?: please)?$`)
	familyCode      = regexp.MustCompile(`(?i)^(?:가족|부부|식구|family|household|together)(?: ?(?:코드|code|번호))? *[:#]? *([a-z0-9-]{6,20})?[ ,]*(?:([2-9]) ?(?:명|사람|인|people|persons)?)?$`)
)

// readTogether reads that people want to come together: "같이 가고 싶어요", or "가족 ABCD2345 3명" to join somebody at another phone.
func readTogether(_ *booking.Campaign, _ booking.Phone, text string, _ booking.Date) (desk.Want, bool) {
	w := desk.Want{Do: desk.DeedTogether}
	u := utter(text)
	if togetherKorean.MatchString(u.plain) || togetherEnglish.MatchString(u.words) {
		return w, true
	}
	m := familyCode.FindStringSubmatch(strings.Trim(strings.TrimSpace(text), ".!? "))
	if m == nil {
		return desk.Want{}, false
	}
	w.Code = strings.ToUpper(m[1])
	w.Size = number(m[2])
	return w, true
}
