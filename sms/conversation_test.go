package sms_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
	"jari/sms"
)

var today = booking.Date{Year: 2021, Month: time.July, Day: 19}

func date(s string) booking.Date {
	d, err := booking.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func phone(s string) booking.Phone {
	p, err := booking.ParseE164(s)
	if err != nil {
		panic(err)
	}
	return p
}

var sender = phone("+821000001234")

// seoul takes people born 1962 to 1971.
func seoul() *booking.Campaign {
	return &booking.Campaign{
		ID: 1, Slug: "seoul", Version: 1, Mode: booking.Live, Langs: []booking.Lang{booking.Korean, booking.English}, Zone: time.FixedZone("KST", 9*60*60),
		Identity: booking.ByPhoneBirthName, Keywords: []booking.Names{{"ko": "코로나", "en": "covid"}}, Phone: "02-120", Limits: booking.Limits{}.WithDefaults(),
		Regions: []booking.Region{
			{Code: "gangnam", Names: booking.Names{"ko": "강남구", "en": "Gangnam-gu"}, Aliases: []string{"Gangnam"}, Postcodes: []booking.Postcodes{{From: "060", To: "064"}}},
			{Code: "seocho", Names: booking.Names{"ko": "서초구", "en": "Seocho-gu"}, Postcodes: []booking.Postcodes{{From: "065", To: "068"}}},
			{Code: "jung", Names: booking.Names{"ko": "중구", "en": "Jung-gu"}},
			{Code: "jungnang", Names: booking.Names{"ko": "중랑구", "en": "Jungnang-gu"}},
		},
		Cohorts: []booking.Cohort{
			{Code: "a", BornFrom: date("1962-01-01"), BornTo: date("1966-12-31"), Queue: "q", Opens: at("19:00"), Closes: at("23:00")},
			{Code: "b", BornFrom: date("1967-01-01"), BornTo: date("1971-12-31"), Queue: "q", Opens: at("20:00"), Closes: at("23:00")},
		},
	}
}

// ages takes the very old and children, so that two digits of a year can mean either.
func ages() *booking.Campaign {
	c := seoul()
	c.Cohorts = []booking.Cohort{
		{Code: "old", BornFrom: date("1905-01-01"), BornTo: date("1940-12-31")},
		{Code: "young", BornFrom: date("2009-01-01"), BornTo: date("2015-12-31")},
	}
	return c
}

func numbered() *booking.Campaign {
	c := seoul()
	c.Identity, c.Number = booking.ByNumber, `[A-Z]{2}\d{6}`
	return c
}

func clinic() *booking.Campaign {
	c := seoul()
	c.Langs = []booking.Lang{booking.English}
	c.Limits.AllowedPrefixes = []string{"+1"}
	c.Regions = []booking.Region{
		{Code: "north", Names: booking.Names{"en": "Northside"}, Aliases: []string{"North Side"}},
		{Code: "south", Names: booking.Names{"en": "Southside"}},
	}
	return c
}

// show writes an intent in one line.
func show(in sms.Intent) string {
	switch in.Act {
	case sms.Register:
		s := fmt.Sprintf("%s: %s|%s|%s", in.Lang, in.Person.Name, in.Person.Born, in.Region)
		if in.Person.Number != "" {
			s += "|" + in.Person.Number
		}
		if in.Other {
			s += "|" + in.Person.Phone.E164()
		}
		for _, also := range in.Also {
			s += " + " + show(also)
		}
		return s
	case sms.Ask:
		if in.Near != "" {
			return fmt.Sprintf("%s? %s? %s", in.Lang, in.Near, strings.Join(in.Missing, ","))
		}
		return fmt.Sprintf("%s? %s", in.Lang, strings.Join(in.Missing, ","))
	case sms.Answer:
		return fmt.Sprintf("answer %d", in.No)
	}
	return string(in.Act)
}

func TestOneText(t *testing.T) {
	t.Parallel()
	const hong = "ko: 홍길동|1968-04-12|gangnam"
	const gildong = "en: Hong Gildong|1968-04-12|gangnam"
	for _, c := range []struct{ body, want string }{
		// Korean, in any order and form.
		{"예약 680412 홍길동 강남구", hong},
		{"홍길동 강남구 680412", hong},
		{"강남구 홍길동 680412 예약", hong},
		{"680412 홍길동 강남구", hong},
		{"예약680412홍길동강남구", hong},
		{"예약홍길동 680412 강남구", hong},
		{"예약 홍길동강남구 680412", hong},
		{"예약 강남구홍길동 680412", hong},
		{"예약 19680412 홍길동 강남구", hong},
		{"예약 1968.4.12 홍길동 강남구", hong},
		{"예약 1968. 4. 12. 홍길동 강남구", hong},
		{"예약 68-04-12 홍길동 강남구", hong},
		{"예약 1968/04/12 홍길동 강남구", hong},
		{"예약 68년 4월 12일 홍길동 강남구", hong},
		{"예약 1968년4월12일생 홍길동 강남구", hong},
		{"예약 68 4 12 홍길동 강남구", hong},
		{"예약 ６８０４１２ 홍길동 강남구", hong},
		{"예약,680412,홍길동,강남구", hong},
		{"예약\n680412\n홍길동\n강남구", hong},
		{"예약 680412 홍 길동 강남구", hong},
		{"예약 680412 홍길동님 강남", hong},
		{"예약 680412 홍길동 강남구에 살아요", hong},
		{"예약 680412 홍길동 강남구입니다", hong},
		{"서울시 강남구 역삼동 홍길동 680412", hong},
		{"이름은 홍길동이고 생일은 68년 4월 12일 강남구 거주", hong},
		{"안녕하세요 예약 부탁드립니다. 홍길동 680412 강남구", hong},
		{"예약합니다 680412 홍길동 강남구 감사합니다", hong},
		{"백신예약 680412 홍길동 강남구", hong},
		{"예약 680412 남궁민수 중구", "ko: 남궁민수|1968-04-12|jung"},
		{"예약 680412 김산 중랑구", "ko: 김산|1968-04-12|jungnang"},
		// Resident numbers arrive cut.
		{sms.CutResidentNumber("예약 680412-1234567 홍길동 강남구"), hong},
		{sms.CutResidentNumber("예약６８０４１２１２３４５６７홍길동강남구"), hong},
		{sms.CutResidentNumber("예약 680412-1****** 홍길동 강남구"), hong},
		// The person's own phone.
		{"예약 680412 홍길동 강남구 010-1111-2222", hong + "|+821011112222"},
		{"예약 680412 홍길동 강남구 01011112222", hong + "|+821011112222"},
		{"예약 680412 01011112222 홍길동 강남구", hong + "|+821011112222"},
		{"어머니 예약 010 1111 2222 680412 홍길동 강남구", hong + "|+821011112222"},
		{"예약 680412 홍길동 강남구 ０１０－１１１１－２２２２", hong + "|+821011112222"},
		{"예약 680412 홍길동 강남구 +82 10-1111-2222", hong + "|+821011112222"},
		{"예약 +82 10 1111 2222 680412 홍길동 강남구", hong + "|+821011112222"},
		{"예약 680412 홍길동 강남구 02-312-4567", hong + "|+8223124567"},
		{"예약 680412 홍길동 강남구 010-0000-1234", hong}, // the sender's own
		// English.
		{"BOOK 1968-04-12 Hong Gildong Gangnam-gu", gildong},
		{"book 680412 Hong Gildong gangnam gu", gildong},
		{"Please book for Hong Gildong, born 12 April 1968, Gangnam", gildong},
		{"Hong Gildong Apr 12, 1968 Gangnam-gu", gildong},
		{"I would like to register. My name is Hong Gildong, born April 12, 1968, I live in Gangnam", gildong},
		{"I'm Hong Gildong, 12 April 1968. I am from Gangnam", gildong},
		{"Hong Gildong. He was born in 1968-04-12 and he is from Gangnam", gildong},
		{"BOOK My Nguyen 1968-04-12 Gangnam", "en: My Nguyen|1968-04-12|gangnam"},
		{"I want to book", "en? name,birth,region"},
		{"BOOK 13/04/1968 Hong Gildong Gangnam-gu", "en: Hong Gildong|1968-04-13|gangnam"},
		{"BOOK 1968-04-12 Mary Jane O'Neil-Smith Gangnam-gu", "en: Mary Jane O'Neil-Smith|1968-04-12|gangnam"},
		{"BOOK 1968-04-12 An In Jung-gu", "en: An In|1968-04-12|jung"},
		// Something is missing.
		{"예약", "ko? name,birth,region"},
		{"예약 680412", "ko? name,region"},
		{"예약 홍길동 강남구", "ko? birth"},
		{"홍길동 680412", "ko? region"},
		{"예약 680412 홍길동 부산", "ko? region"},
		{"680412 강남구", "ko? name"},
		{"예약 680412 홍길동 김철수 강남구", "ko? name"}, // which of the two?
		{"BOOK", "en? name,birth,region"},
		{"BOOK 1968-04-12 Hong Gildong Busan", "en? name,region"},
		{"BOOK 04/05/1968 Hong Gildong Gangnam-gu", "en? birth"}, // April or May?
		{"예약 680231 홍길동 강남구", "ko? birth"},
		{"예약 20680412 홍길동 강남구", "ko? birth"},
		{"예약 680412 홍길동 강남구 010-1111-222", "ko? phone"},
		// Meant as a number, but not one to text to: without it the entry would hang on the sender's phone.
		{"예약 680412 홍길동 강남구 82-10-1111-2222", "ko? phone"},
		{"예약 680412 홍길동 강남구 (82)10-1111-2222", "ko? phone"},
		{"예약 680412 홍길동 강남구 82 10 1111 2222", "ko? phone"},
		{"예약 680412 홍길동 강남구 821011112222", "ko? phone"},
		{"예약 680412 홍길동 강남구 82010-1111-2222", "ko? phone"},
		{"예약 680412 홍길동 강남구 10-1111-2222", "ko? phone"},
		{"예약 680412 홍길동 강남구 010/1111/2222", "ko? phone"},
		{"예약 680412 홍길동 강남구 010_1111_2222", "ko? phone"},
		{"예약 680412 홍길동 강남구 010,1111,2222", "ko? phone"},
		{"예약 680412 홍길동 강남구 010~1111~2222", "ko? phone"},
		{"예약 680412 홍길동 강남구 010 1111\n2222", "ko? phone"},
		{"예약 680412 홍길동 강남구 O1O-1111-2222", "ko? phone"},
		{"예약 680412 홍길동 강남구 82-10-0000-1234", hong}, // the sender's own
		{"예약 680412 홍길동 강남구 역삼동 123-45", hong},
		{"예약 680412 홍길동 강남구 +1 415 867 5309", "ko? phone"}, // not a country we text
		// Commands.
		{"STATUS", "status"}, {"status?", "status"}, {"조회", "status"}, {"상태", "status"}, {"확인", "status"},
		{"예약 조회", "status"}, {"예약확인 부탁드립니다", "status"}, {"조회요", "status"},
		{"왜", "why"}, {"왜요?", "why"}, {"이유", "why"}, {"이유가 뭐예요", "why"}, {"왜 아직 안 되나요", "why"}, {"예약 왜 안되죠?", "why"}, {"이유 알려주세요", "why"},
		{"WHY", "why"}, {"why?", "why"}, {"Why not yet", "why"}, {"why is my status so", "help"}, {"왜관읍", "help"}, {"예약 680412 홍길동 강남구 왜", hong},
		{"1", "answer 1"}, {"12", "answer 12"}, {"12.", "answer 12"}, {"12번", "answer 12"}, {"１２", "answer 12"},
		{" 12 번입니다 ", "answer 12"}, {"No. 12", "answer 12"}, {"답장 12", "answer 12"}, {"99", "answer 99"}, {"07", "answer 7"},
		{"1 네", "answer 1"}, {"네 1", "answer 1"}, {"1번 답장", "answer 1"}, {"1번 갈게요", "answer 1"}, {"2번 못가요", "answer 2"}, {"1번입니다 감사합니다", "answer 1"}, {"yes 1", "answer 1"}, {"number 1", "answer 1"},
		{"#1", "answer 1"}, {"①", "answer 1"}, {"1️⃣", "answer 1"}, {"네 일번이요", "answer 1"}, {"코로나 1번 네", "answer 1"}, {"1번 말고", "help"}, {"1 2", "help"}, {"1시에 갈게요", "help"}, {"2시간 전", "help"}, {"3월 5일", "help"},
		{"2명 예약", "ko? name,birth,region"}, {"1번 예약 680412 홍길동 강남구", hong}, {"네 680412 홍길동 강남구 1번", hong}, {"이번에 갈게요", "help"},
		{"0", "help"}, {"100", "help"},
		{"도움", "help"}, {"안내", "help"}, {"HOW", "help"}, {"how does this work", "help"}, {"ㅁㄴㅇㄹ", "help"}, {"", "help"}, {"강아지 사진", "help"},
		{"홍길동", "help"},
		{"STOP", "nothing"}, {"stop.", "nothing"}, {"Cancel", "nothing"}, {"YES", "nothing"}, {"HELP", "nothing"}, {"INFO", "nothing"}, {"START", "nothing"},
		{"네 감사합니다", "nothing"}, {"알겠습니다", "nothing"}, {"Thank you", "nothing"},
	} {
		_, got := sms.Step(seoul(), sms.State{}, sender, c.body, today)
		if show(got) != c.want {
			t.Errorf("%q: got %q, want %q", c.body, show(got), c.want)
		}
	}
}

func TestSeveralTexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		campaign *booking.Campaign
		texts    [][2]string
	}{
		{"one field at a time", seoul(), [][2]string{
			{"예약", "ko? name,birth,region"}, {"홍길동입니다", "ko? birth,region"}, {"680412", "ko? region"}, {"강남", "ko: 홍길동|1968-04-12|gangnam"},
		}},
		{"a place we do not know, then one we know", seoul(), [][2]string{
			{"홍길동 680412", "ko? region"}, {"역삼동이요", "ko? region"}, {"강남구요", "ko: 홍길동|1968-04-12|gangnam"},
		}},
		{"digits keep the language", seoul(), [][2]string{
			{"BOOK Hong Gildong Gangnam-gu", "en? birth"}, {"680412", "en: Hong Gildong|1968-04-12|gangnam"},
		}},
		{"two people do not mix", seoul(), [][2]string{
			{"홍길동 680412 010-1111-2222", "ko? region"}, {"김철수 670101", "ko? region"}, {"강남구", "ko: 김철수|1967-01-01|gangnam"},
		}},
		{"after an application nothing stays", seoul(), [][2]string{
			{"예약 680412 홍길동 강남구", "ko: 홍길동|1968-04-12|gangnam"}, {"예약", "ko? name,birth,region"},
		}},
		{"a wrong date is put right", seoul(), [][2]string{
			{"예약 홍길동 680231 강남구", "ko? birth"}, {"680212", "ko: 홍길동|1968-02-12|gangnam"},
		}},
		{"a wrong phone is put right", seoul(), [][2]string{
			{"예약 680412 홍길동 강남구 010-1111-222", "ko? phone"}, {"010-1111-2222", "ko: 홍길동|1968-04-12|gangnam|+821011112222"},
		}},
		{"an answer is heard after several texts that say nothing", seoul(), [][2]string{
			{"운전 중이라", "help"}, {"운전 중이라", "help"}, {"운전 중이라", "help"}, {"운전 중이라", "nothing"}, {"네 1", "answer 1"}, {"1 네", "answer 1"},
		}},
		{"an answer in between changes nothing", seoul(), [][2]string{
			{"예약 홍길동 강남구", "ko? birth"}, {"3번 갈게요", "answer 3"}, {"680412", "ko: 홍길동|1968-04-12|gangnam"},
		}},
		{"a status in between changes nothing", seoul(), [][2]string{
			{"예약 홍길동 강남구", "ko? birth"}, {"조회", "status"}, {"680412", "ko: 홍길동|1968-04-12|gangnam"},
		}},
		{"the century is asked for", ages(), [][2]string{
			{"예약 120412 홍길동 강남구", "ko? birth_century"}, {"1912", "ko: 홍길동|1912-04-12|gangnam"},
		}},
		{"the century as a century", ages(), [][2]string{
			{"예약 120412 홍길동 강남구", "ko? birth_century"}, {"2000년대", "ko: 홍길동|2012-04-12|gangnam"},
		}},
		{"the century with the whole date", ages(), [][2]string{
			{"예약 120412 홍길동 강남구", "ko? birth_century"}, {"19120412", "ko: 홍길동|1912-04-12|gangnam"},
		}},
		{"the century of another year is no answer", ages(), [][2]string{
			{"예약 120412 홍길동 강남구", "ko? birth_century"}, {"1968", "ko? birth_century"},
		}},
		{"neither century belongs to a cohort", ages(), [][2]string{
			{"예약 050412 홍길동 강남구", "ko: 홍길동|1905-04-12|gangnam"}, {"예약 030412 홍길동 강남구", "ko? birth_century"},
		}},
		{"only one century is possible", ages(), [][2]string{{"예약 680412 홍길동 강남구", "ko: 홍길동|1968-04-12|gangnam"}}},
		{"a list number", numbered(), [][2]string{
			{"예약 680412 홍길동 강남구", "ko? number"}, {"AB123456", "ko: 홍길동|1968-04-12|gangnam|AB123456"},
			{"예약 AB123456 680412 홍길동 강남구", "ko: 홍길동|1968-04-12|gangnam|AB123456"},
		}},
		{"another country", clinic(), [][2]string{
			{"BOOK Jane Doe 1968-04-12 north side", "en: Jane Doe|1968-04-12|north"},
			{"BOOK Jane Doe 1968-04-12 (415) 867-5309 Southside", "en: Jane Doe|1968-04-12|south|+14158675309"},
			{"BOOK Jane Doe 415-867-5309 680412 Southside", "en: Jane Doe|1968-04-12|south|+14158675309"},
			{"예약", "en? name,birth,region"},
		}},
		{"two machines stop talking", seoul(), [][2]string{
			{"운전 중이라", "help"}, {"운전 중이라", "help"}, {"운전 중이라", "help"}, {"운전 중이라", "nothing"}, {"예약", "ko? name,birth,region"},
		}},
	} {
		s := sms.State{}
		for _, text := range c.texts {
			blob, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			s = sms.State{}
			if err := json.Unmarshal(blob, &s); err != nil {
				t.Fatal(err)
			}
			var got sms.Intent
			if s, got = sms.Step(c.campaign, s, sender, text[0], today); show(got) != text[1] {
				t.Errorf("%s: %q: got %q, want %q", c.name, text[0], show(got), text[1])
			}
		}
	}
}

// fieldText makes texts out of what people write, in a random order, with noise.
func fieldText(t *rapid.T) string {
	parts := rapid.SliceOfN(rapid.OneOf(
		rapid.SampledFrom([]string{
			"예약", "680412", "1968.4.12", "홍길동", "강남구", "010-1111-2222", "680412-1234567", "STATUS", "12", "조회", "1번", "갈게요", "못가요", "①", "일번", "yes", "BOOK", "Hong", "Gildong", "Gangnam-gu", "６８０４１２",
			"120412", "1912", "네", "STOP", "+82", "010", "0", "-", ".", ",", "\n", "년", "월", "일", "(", ")", "02-312-4567", "AB123456", "April", "1900년대",
			"강남국", "Gangnm-gu", "06234", "우편번호 06600", "일구육팔년 사월 십이일", "공일공일일일일이이이이", "사오공삼공이", "우리 부부", "2명", "독감", "김철수 700101", "백삼세",
		}),
		rapid.String(),
	), 0, 8).Draw(t, "parts")
	return strings.Join(parts, rapid.SampledFrom([]string{" ", "", ", ", "\n"}).Draw(t, "glue"))
}

func TestStepHoldsWhateverComes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]*booking.Campaign{seoul(), ages(), numbered(), clinic(), {}}).Draw(t, "campaign")
		s := sms.State{}
		for range rapid.IntRange(1, 4).Draw(t, "texts") {
			var in sms.Intent
			body := fieldText(t)
			s, in = sms.Step(c, s, sender, sms.CutResidentNumber(body), today)
			checkIntent(t, c, s, in)
		}
	})
}

type failer interface{ Errorf(string, ...any) }

func checkIntent(t failer, c *booking.Campaign, s sms.State, in sms.Intent) {
	switch in.Act {
	case sms.Register:
		if in.Person.Name == "" || in.Person.Born.IsZero() || in.Person.Phone.IsZero() || today.Before(in.Person.Born) || in.Region == "" && len(c.Regions) > 0 {
			t.Errorf("registers with something missing: %v %s", in.Person, in.Region)
		}
		if _, err := booking.CleanName(in.Person.Name); err != nil {
			t.Errorf("registers a name that is none")
		}
		for _, also := range in.Also {
			if also.Act != sms.Register || also.Also != nil {
				t.Errorf("registers further people by %q", also.Act)
			}
			checkIntent(t, c, s, also)
		}
	case sms.Ask:
		if len(in.Missing) == 0 {
			t.Errorf("asks for nothing")
		}
		if _, ok := c.Region(in.Near); in.Near != "" && (!ok || s.Region != "") {
			t.Errorf("asks about the place %q, knowing %q", in.Near, s.Region)
		}
	case sms.Answer:
		if in.No < 1 || in.No > 99 {
			t.Errorf("answer %d", in.No)
		}
	case sms.Status, sms.Help, sms.Nothing, sms.OneEach:
	default:
		t.Errorf("act %q", in.Act)
	}
	blob, err := json.Marshal(s)
	if err != nil {
		t.Errorf("state: %v", err)
	}
	if whole.MatchString(string(blob)) {
		t.Errorf("the state holds a resident number: %s", blob)
	}
}

func FuzzStep(f *testing.F) {
	for _, s := range []string{
		"예약 680412 홍길동 강남구", "BOOK 1968-04-12 Hong Gildong Gangnam-gu", "예약680412홍길동강남구 010-1111-2222", "12번", "조회", "STOP", "68년 4월 12일", "+82 10 1111 2222 680412", "\xff\x00",
		"홍길동 680412 김철수 700101 강남구", "우리 부부 2명 예약", "홍길동 680412 강남국", "일구육팔년 사월 십이일 홍길동", "우편번호 06234 홍길동 680412",
		"네 1번 갈게요", "2번 못가요 죄송합니다", "1️⃣ 네", "①번이요", "네 일번입니다", "No. 1 yes", "I cannot come, sorry. 4", "one please",
	} {
		f.Add(s, "강남구")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		for _, c := range []*booking.Campaign{seoul(), numbered(), clinic()} {
			s, in := sms.Step(c, sms.State{}, sender, sms.CutResidentNumber(first), today)
			checkIntent(t, c, s, in)
			s, in = sms.Step(c, s, sender, sms.CutResidentNumber(second), today)
			checkIntent(t, c, s, in)
		}
	})
}

// at is an instant on the evening of the opening.
func at(clock string) time.Time {
	t, err := time.ParseInLocation("15:04", clock, time.UTC)
	if err != nil {
		panic(err)
	}
	return time.Date(2021, 7, 19, t.Hour(), t.Minute(), 0, 0, time.FixedZone("KST", 9*60*60))
}
