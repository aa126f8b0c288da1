package sms

import (
	"regexp"
	"strings"
)

// maxStanding is how long a question about the own entry may be, in letters. Longer ones tell a story.
const maxStanding = 40

var (
	// standingKorean asks when, where, in which place, or whether all is well.
	standingKorean = regexp.MustCompile(`언제(?:[^든나라]|$)|몇시|며칠|몇일|몇월|무슨요일|몇번째|몇등|어디(?:로|서|에|야|여|예요|이에요|죠|지|인|입니까|요|$)|` +
		`(?:얼마나|얼마를)(?:더|오래)*(?:기다|걸|남)|왜(?:이렇게|이리)?(?:아직|오래|늦|안와|안오|소식)|오래걸|아직(?:이에요|인가요|이에여|인가|멀었|도안|안됐|안되)|(?:소식|연락|말)(?:이|도)?없(?:어요|네요|나요|습니까|는데|냐)|` +
		`(?:예약|신청|접수|확정|등록)(?:이|은|는|도|잘|제대로|다)*(?:안)?(?:된|됐|되었|됬|되어)[^기을]*(?:나|나요|니|냐|까|야|요|지|죠|가)$|(?:내|제|우리|저희)(?:순번|순서|차례|번호)`)
	// otherKorean is in questions about something else, which a person must answer, and in what is no question.
	otherKorean = regexp.MustCompile(`바꾸|바꿔|변경|옮기|옮겨|취소|고쳐|정정|싶|틀렸|말고|못가|생일|태어|이름|주민|준비|주차|버스|지하철|비용|돈|얼마예|신분증|아프|아파|부작용|전화|시작`)

	standingEnglish = regexp.MustCompile(`^(?:(?:hi|hello|please|sorry|ok|okay|and|so|but|excuse me|can you tell me|could you tell me|do you know|tell me|i forgot|i want to know|i would like to know|may i know) )*` +
		`(?:when|where(?: is| do i| should i| must i| to)|what (?:time|day|date|place|number|is my (?:time|place|number|appointment))|which (?:day|place)|how (?:long|much longer)|any news|is there any news|am i (?:booked|registered|on the list|in)|` +
		`is (?:my|it|the) (?:appointment|booking|booked|place)|is it my turn|did it work|do i have (?:an appointment|a time))\b`)
	otherEnglish = regexp.MustCompile(`\b(?:change|move|cancel|another|different|park|parking|bring|costs?|pay|bus|subway|born|name|call|side effects?|open|opens|start|starts|book|apply|register)\b`)
)

// standing reads a question about the own entry in whatever words: "예약시간이 언제였더라", "몇 번째예요", "where is it?", "왜 이렇게 오래 걸려요". Whoever has no entry is
// told so, and how to get one.
func standing(text string) (Act, bool) {
	u := utter(text)
	switch {
	case digits(text) > 0, len([]rune(u.plain)) > maxStanding:
		return "", false
	case standingKorean.MatchString(u.plain) && !otherKorean.MatchString(u.plain):
		if strings.Contains(u.plain, "왜") {
			return Why, true
		}
		return Status, true
	case standingEnglish.MatchString(u.words) && !otherEnglish.MatchString(u.words):
		return Status, true
	}
	return "", false
}
