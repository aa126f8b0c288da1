package sms_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/sms"
)

// centres is seoul with sites.
func centres() *booking.Campaign {
	c := seoul()
	c.Sites = []booking.Site{
		{Code: "gangnam-1", Region: "gangnam", Names: booking.Names{"ko": "강남구 예방접종센터", "en": "Gangnam-gu Vaccination Centre"}},
		{Code: "gangnam-2", Region: "gangnam", Names: booking.Names{"ko": "삼성동 체육관", "en": "Samseong Gymnasium"}},
		{Code: "seocho-1", Region: "seocho", Names: booking.Names{"ko": "서초구 예방접종센터", "en": "Seocho-gu Vaccination Centre"}},
		{Code: "jung-1", Region: "jung", Names: booking.Names{"ko": "중구 보건소", "en": "Jung-gu Health Centre"}},
	}
	return c
}

// wanted writes what a text wants in one line; "" for nothing.
func wanted(body string) string {
	w, ok := sms.Manage(centres(), sender, body, today)
	if !ok {
		return ""
	}
	out := []string{string(w.Do)}
	for _, s := range []string{w.About, w.Name, w.Born, w.Phone, w.Region, string(w.Lang), w.Code} {
		if s != "" {
			out = append(out, s)
		}
	}
	if w.Do == desk.DeedCorrect && len(out) == 1 && w.Field != "" {
		out = append(out, w.Field+"?")
	}
	if w.Size > 0 {
		out = append(out, fmt.Sprint(w.Size))
	}
	if wishes := w.Wished.On(booking.Wishes{}); !wishes.None() {
		text, err := words.Render(words.WishRead, booking.English, words.Data{
			Masked: "X", Reference: "AAAA", First: 1, Wished: words.WishOf(centres(), booking.English, wishes), Said: words.Wish{Km: 1},
		})
		if err != nil {
			return err.Error()
		}
		_, text, _ = strings.Cut(text, "your wishes: ")
		text, _, _ = strings.Cut(text, ". If")
		out = append(out, strings.ReplaceAll(text, "/", ", "))
	}
	for _, any := range []struct {
		is   bool
		name string
	}{{w.Wished.AnySite, "any site"}, {w.Wished.AnyDay, "any day"}, {w.Wished.AnyTime, "any time"}} {
		if any.is {
			out = append(out, any.name)
		}
	}
	return strings.Join(out, " | ")
}

// Today is Monday 19 July 2021.
func TestWhatTextsWant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, want string }{
		// Wishes, Korean.
		{"희망", "wish"},
		{"희망 시간", "wish"},
		{"토요일 오전", "wish | Sat, mornings"},
		{"토요일 오전이요", "wish | Sat, mornings"},
		{"토요일오전으로부탁드려요", "wish | Sat, mornings"},
		{"희망 토요일 오전", "wish | Sat, mornings"},
		{"희망: 토요일, 오전", "wish | Sat, mornings"},
		{"주말이 좋아요", "wish | Sat, Sun"},
		{"평일 오후만 가능합니다", "wish | Mon, Tue, Wed, Thu, Fri, afternoons"},
		{"월요일이나 수요일이 좋겠어요", "wish | Mon, Wed"},
		{"월, 수, 금요일", "wish | Mon, Wed, Fri"},
		{"월수금 희망합니다", "wish | Mon, Wed, Fri"},
		{"월요일부터 금요일까지", "wish | Mon, Tue, Wed, Thu, Fri"},
		{"화~목 오전", "wish | Tue, Wed, Thu, mornings"},
		{"토,일", "wish | Sat, Sun"},
		{"오전 10시 이후", "wish | from 10am"},
		{"2시 이후에 가능해요", "wish | from 2pm"},
		{"오후 3시 전에", "wish | before 3pm"},
		{"10시에서 12시 사이", "wish | 10am-noon"},
		{"오전 9시~11시", "wish | 9am-11am"},
		{"오후 2시반부터", "wish | from 2:30pm"},
		{"아침이 좋아요", "wish | 6am-11am"},
		{"점심시간", "wish | 11am-2pm"},
		{"저녁때 가능할까요", "wish | from 5pm"},
		{"다음 주부터", "wish | from 26 Jul"},
		{"다음주부터 갈 수 있어요", "wish | from 26 Jul"},
		{"다음 주", "wish | 26 Jul-1 Aug"},
		{"다음주 토요일", "wish | 31 Jul"},
		{"다다음 주 이후", "wish | from 2 Aug"},
		{"다음 달부터", "wish | from 1 Aug"},
		{"내일부터요", "wish | from 20 Jul"},
		{"8월 3일 이후", "wish | from 3 Aug"},
		{"8월3일부터 8월10일까지", "wish | 3 Aug-10 Aug"},
		{"8/3부터", "wish | from 3 Aug"},
		{"8월 초", "wish | 1 Aug-10 Aug"},
		{"8월 15일까지 부탁드립니다", "wish | until 15 Aug"},
		{"25일 이후", "wish | from 25 Jul"},
		{"1월 5일부터", "wish | from 5 Jan"}, // the next one that comes
		{"수요일부터 가능합니다", "wish | from 21 Jul"},
		{"강남만", "wish | Gangnam-gu Vaccination Centre and 1 more"},
		{"강남구만 부탁해요", "wish | Gangnam-gu Vaccination Centre and 1 more"},
		{"서초구 예방접종센터로 해주세요", ""}, // a place alone wants a word that says so
		{"서초구 예방접종센터 희망", "wish | Seocho-gu Vaccination Centre"},
		{"중구 보건소만요", "wish | Jung-gu Health Centre"},
		{"삼성동 체육관이 좋아요", "wish | Samseong Gymnasium"},
		{"강남구 토요일 오전", "wish | Sat, mornings, Gangnam-gu Vaccination Centre and 1 more"},
		{"5km 이내", "wish | within 5 km"},
		{"집에서 3키로 안으로 부탁합니다", "wish | within 3 km"},
		{"집 근처", "wish | any site"},
		{"가까운 곳이면 좋겠어요", "wish | any site"},
		{"아무 때나 괜찮아요", "wish | any day | any time"},
		{"토요일은 안 돼요", "wish | Mon, Tue, Wed, Thu, Fri, Sun"},
		{"월요일 빼고 가능해요", "wish | Tue, Wed, Thu, Fri, Sat, Sun"},
		{"오전은 어려워요", "wish | afternoons"},
		{"토요일 다음 주부터 강남만 오전", "wish | Sat, mornings, from 26 Jul, Gangnam-gu Vaccination Centre and 1 more"},
		{"희망 쉬는 날", "wish"}, // what is not understood is asked about
		{"희망 오후 3시부터 2시", "wish"},
		{"희망 13월", "wish"},
		{"홍길동 토요일 오전", "wish | 홍길동 | Sat, mornings"},
		{"어머니 토요일 오전이요", "wish | Sat, mornings"},
		// Wishes, English.
		{"Saturday morning", "wish | Sat, mornings"},
		{"saturdays please", "wish | Sat"},
		{"I would prefer weekends", "wish | Sat, Sun"},
		{"weekday afternoons", "wish | Mon, Tue, Wed, Thu, Fri, afternoons"},
		{"Mon to Wed", "wish | Mon, Tue, Wed"},
		{"after 2pm", "wish | from 2pm"},
		{"before 11am please", "wish | before 11am"},
		{"next Friday afternoon", "wish | afternoons, 30 Jul"},
		{"this Thursday please", "wish | 22 Jul"},
		{"after next Monday", "wish | from 27 Jul"},
		{"between 10 and 12 am", ""}, // ends before it begins
		{"between 10am and 12 noon", "wish | 10am-noon"},
		{"10am-1pm", "wish | 10am-1pm"},
		{"from next week", "wish | from 26 Jul"},
		{"next week", "wish | 26 Jul-1 Aug"},
		{"after 3 August", "wish | from 4 Aug"},
		{"from Aug 3 until Aug 10", "wish | 3 Aug-10 Aug"},
		{"only Gangnam", "wish | Gangnam-gu Vaccination Centre and 1 more"},
		{"Gangnam only please", "wish | Gangnam-gu Vaccination Centre and 1 more"},
		{"within 5 km", "wish | within 5 km"},
		{"anywhere is fine", "wish | any site"},
		{"any time", "wish | any day | any time"},
		{"not on Saturday", "wish | Mon, Tue, Wed, Thu, Fri, Sun"},
		{"wish", "wish"},
		{"tomorrow", "wish | 20 Jul"},
		// Another time.
		{"다른 날", "swap"},
		{"다른 날로 바꿔주세요", "swap"},
		{"시간 변경", "swap"},
		{"시간변경해주세요", "swap"},
		{"예약 변경하고 싶어요", "swap"},
		{"날짜를 바꾸고 싶습니다", "swap"},
		{"일정 좀 미뤄 주세요", "swap"},
		{"다른 날 토요일 오전", "swap | Sat, mornings"},
		{"토요일로 바꿔주세요", "swap | Sat"},
		{"오후로 변경 부탁드립니다", "swap | afternoons"},
		{"다음 주로 연기해 주세요", "swap | 26 Jul-1 Aug"},
		{"서초구로 바꿔주세요", "swap | Seocho-gu Vaccination Centre"},
		{"change my appointment", "swap"},
		{"another day please", "swap"},
		{"different time: Saturday", "swap | Sat"},
		{"can I move it to Friday afternoon", "swap | Fri, afternoons"},
		{"reschedule", "swap"},
		// No other time after all.
		{"그대로 둘게요", "keep"},
		{"그냥 그대로 할게요", "keep"},
		{"변경 취소", "keep"},
		{"시간 안 바꿀래요", "keep"},
		{"keep my time", "keep"},
		{"don't change it", "keep"},
		// Corrections.
		{"이름 고쳐주세요", "correct | name?"},
		{"이름이 틀렸어요", "correct | name?"},
		{"이름 고쳐주세요 홍길순", "correct | 홍길순"},
		{"이름을 홍길순으로 고쳐주세요", "correct | 홍길순"},
		{"이름이 홍길둥이 아니라 홍길동이에요", "correct | 홍길동"},
		{"홍길둥이 아니라 홍길동입니다", "correct | 홍길동"},
		{"정정 홍길순", "correct | 홍길순"},
		{"정정 이름 홍길순", "correct | 홍길순"},
		{"정정 680413", "correct | 1968-04-13"},
		{"정정", "correct"},
		{"수정해주세요", "correct"},
		{"생년월일 680413으로 고쳐주세요", "correct | 1968-04-13"},
		{"생일이 잘못됐어요 1968년 4월 13일", "correct | 1968-04-13"},
		{"생년월일이 틀렸습니다", "correct | birth?"},
		{"전화번호 바꿔주세요", "correct | phone?"},
		{"전화번호 바뀌었어요 010-0000-5678", "correct | +821000005678"},
		{"번호가 010 0000 5678로 바뀌었어요", "correct | +821000005678"},
		{"정정 01000005678", "correct | +821000005678"},
		{"이사했어요 서초구", "correct | seocho"},
		{"주소 변경 서초구", "correct | seocho"},
		{"정정 홍길순 680413", "correct | 홍길순 | 1968-04-13"},
		{"어머니 이름이 틀렸어요 홍길순", "correct | 홍길순"},
		{"my name is wrong", "correct | name?"},
		{"change my name to Jane Doe", "correct | Jane Doe"},
		{"correct name: Jane Doe", "correct | Jane Doe"},
		{"correction 1968-04-13", "correct | 1968-04-13"},
		{"my birthday is wrong it should be 1968-04-13", "correct | 1968-04-13"},
		{"my phone number changed to 010-0000-5678", "correct | +821000005678"},
		{"correction", "correct"},
		// Giving back, and giving up.
		{"취소", "cancel"},
		{"취소해주세요", "cancel"},
		{"예약 취소", "cancel"},
		{"예약을 취소하고 싶어요", "cancel"},
		{"못 가요", "cancel"},
		{"못가요", "cancel"},
		{"죄송하지만 못 갈 것 같아요", "cancel"},
		{"그날은 못 갑니다", "cancel"},
		{"아파서 못 가겠어요", "cancel"},
		{"갈 수 없어요", "cancel"},
		{"안 갈래요", "cancel"},
		{"내일 못 가요", "cancel"},
		{"시간이 안 돼요", "cancel"},
		{"취소 어떻게 하나요?", "cancel"},
		{"어머니가 못 가세요", "cancel"},
		{"어머님이 못 가실 것 같아요", "cancel"},
		{"어머니 못 가요", "cancel"},
		{"홍길동 취소", "cancel | 홍길동"},
		{"홍길동님은 못 가요", "cancel | 홍길동"},
		{"I can't come", "cancel"},
		{"sorry, I cannot make it", "cancel"},
		{"please cancel my appointment", "cancel"},
		{"cancel it", "cancel"},
		{"decline", "cancel"},
		{"신청 취소", "withdraw"},
		{"신청을 취소합니다", "withdraw"},
		{"전부 취소해주세요", "withdraw"},
		{"접종 안 할래요", "withdraw"},
		{"신청 철회", "withdraw"},
		{"withdraw", "withdraw"},
		{"cancel my application", "withdraw"},
		{"take me off the list", "withdraw"},
		// Helpers.
		{"도우미", "helper"},
		{"도우미 010-0000-5678", "helper | +821000005678"},
		{"도우미 등록 01000005678", "helper | +821000005678"},
		{"아들도 받게 해주세요 010 0000 5678", "helper | +821000005678"},
		{"딸에게도 문자 보내주세요 010-0000-5678", "helper | +821000005678"},
		{"아들도 같이 받게 해주세요", "helper"},
		{"helper 010-0000-5678", "helper | +821000005678"},
		{"please also text my daughter 010-0000-5678", "helper | +821000005678"},
		{"도우미 빼주세요", "no_helper"},
		{"도우미 삭제", "no_helper"},
		{"도우미 취소해 주세요", "no_helper"},
		{"아들은 이제 안 받게 해주세요", "no_helper"},
		{"remove helper", "no_helper"},
		// Together.
		{"같이 가고 싶어요", "together"},
		{"부부가 함께 맞고 싶어요", "together"},
		{"가족", "together"},
		{"가족 3명", "together | 3"},
		{"가족 ABCD2345 3명", "together | ABCD2345 | 3"},
		{"together please", "together"},
		{"family abcd2345 2", "together | ABCD2345 | 2"},
		// Languages.
		{"English", "lang | en"},
		{"영어로", "lang | en"},
		{"영어로 보내주세요", "lang | en"},
		{"in English please", "lang | en"},
		{"한국어", "lang | ko"},
		{"한국말로 해주세요", "lang | ko"},
		{"Korean please", "lang | ko"},
		// Somebody to talk to.
		{"사람", "call"},
		{"사람하고 통화하고 싶어요", "call"},
		{"상담", "call"},
		{"상담원 연결해 주세요", "call"},
		{"전화해 주세요", "call"},
		{"전화 주세요", "call"},
		{"전화 좀 해주세요", "call"},
		{"담당자와 통화", "call"},
		{"문자 못해요", "call"},
		{"call me", "call"},
		{"please call me back", "call"},
		{"I want to talk to a person", "call"},
		{"agent", "call"},
		// Once more.
		{"다시 보내주세요", "resend"},
		{"문자 다시 보내 주세요", "resend"},
		{"다시 한번 알려주세요", "resend"},
		{"재발송", "resend"},
		{"문자가 안 왔어요", "resend"},
		{"문자를 지웠어요", "resend"},
		{"send again", "resend"},
		{"please resend", "resend"},
		{"I deleted the text", "resend"},
		// Not me.
		{"제가 아닙니다", "not_me"},
		{"9 제가 아닙니다", "not_me"},
		{"9 not me", "not_me"},
		{"저 아닌데요", "not_me"},
		{"그런 신청 한 적 없어요", "not_me"},
		{"신청 안 했는데요", "not_me"},
		{"잘못 보내셨어요", "not_me"},
		{"모르는 사람이에요", "not_me"},
		{"wrong number", "not_me"},
		{"this is not me", "not_me"},
		{"I did not apply for this", "not_me"},
		{"저 그런 사람 아니에요", "not_me"},
		{"그런 분 없습니다", "not_me"},
		{"사람 잘못 보셨어요", "not_me"},
		{"wrong person sorry", "not_me"},
		{"Sorry, wrong number", "not_me"},
		{"wrong number here", "not_me"},
		// Angry, and for a person.
		{"책임자 나와", "call"},
		{"사람 불러", "call"},
		{"담당자 좀 바꿔 주세요", "call"},
		{"I want to talk to your manager", "call"},
		// The way back to texts.
		{"문자 다시 받을게요", "resend"},
		{"다시 문자 받고 싶어요", "resend"},
		{"수신동의", "resend"},
		{"수신거부 해제해 주세요", "resend"},
		{"text me again please", "resend"},
		// Somebody died, or needs it no more.
		{"어머니가 돌아가셨습니다", "withdraw"},
		{"저희 어머니가 어제 돌아가셨어요", "withdraw"},
		{"사망하셨습니다", "withdraw"},
		{"my mother passed away", "withdraw"},
		{"my father died last week", "withdraw"},
		{"이미 맞았어요", "cancel"},
		{"병원에서 벌써 맞았는데요", "cancel"},
		{"I have already been vaccinated", "cancel"},
		// What does not suit.
		{"너무 멀어요", "swap"},
		{"거기는 너무 먼데요", "swap"},
		{"너무 일러요", "swap"},
		{"too far", "swap"},
		{"It's too early for me", "swap"},
	} {
		if got := wanted(c.body); got != c.want {
			t.Errorf("%q: %q, want %q", c.body, got, c.want)
		}
	}
}

// What must not be taken for something that changes an application.
func TestWhatTextsDoNotWant(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		// Applications, names and places.
		"예약 680412 홍길동 강남구", "홍길동 680412", "강남구", "서초구", "홍길동", "예약", "신청", "신청합니다", "다시 신청할게요", "BOOK 1968-04-12 Jane Doe Gangnam-gu",
		"예약 680412 김수정 강남구", "예약 680412 이 수정 강남구", "정정희 680412 강남구", "안가영", "안갑수 680412 서초구", "오전희", "사공명 680412", "김사람", "현주말 680412",
		"예약 680412 홍길동 강남구 토요일 오전", "예약 680412 홍길동 강남구 010-0000-5678", "어머니 예약 680412 홍길순 강남구 010-0000-5678", "May Day", "Will Smith", "Sunday Jones", "June Park",
		"이름은 홍길동입니다", "제 이름은 홍길동이고 강남구에 살아요", "my name is Jane Doe", "아들 홍길동 680412 강남구", "며느리",
		// Answers, thanks, questions.
		"1", "2번", "9", "12번이요", "네", "네 알겠습니다", "감사합니다", "조회", "왜", "왜 아직 안 되나요", "왜 취소됐어요?", "상태 확인", "확인했습니다", "status", "why", "thanks", "ok",
		// Providers' words.
		"STOP", "stop", "CANCEL", "Cancel.", "END", "quit", "UNSUBSCRIBE", "START", "YES", "HELP", "info",
		// Words of these in another sense.
		"취소하지 마세요", "취소하지 말아주세요", "취소됐나요?", "취소된 건가요?", "취소 안 했어요", "취소 안 할게요", "못 가는 건 아니에요", "갈 수 있어요", "꼭 갈게요", "갈게요", "don't cancel", "please do not cancel my appointment", "was it cancelled?",
		"did you cancel it", "전화번호", "전화번호가 뭐예요?", "번호가 뭐예요", "영어를 못해요", "영어 학원", "사람이 많나요?", "상담은 몇 시까지 하나요", "도와주세요", "얼마나 멀어요?", "사망 신고", "맞았어요", "잘 맞고 왔어요", "그런 게 아니에요", "취소가 아니에요", "토요일에도 문 여나요?", "주차 되나요", "준비물이 뭐예요?",
		"시간이 언제예요?", "몇 시예요?", "장소가 어디예요?", "오전에 물 마셔도 되나요", "금일", "수일 내로", "what time is it", "where is it", "can I park there", "is it free on Saturday for my dog to come along with us and stay",
		"안녕하세요", "ㅋㅋ", "...", "", "제가 지난번에 어머니를 모시고 갔었는데 그날은 사람이 많아서 못 가고 왔거든요 그래서 이번에는 어떻게 해야 하는지 궁금해서 문자를 드려 봅니다 혹시 아침 일찍 가도 되는지 아니면 정해진 시간에 가야 하는지 그리고 무엇을 준비해서 가야 하는지 알려 주시면 감사하겠습니다",
	} {
		if got := wanted(body); got != "" {
			t.Errorf("%q was taken for %q", body, got)
		}
	}
}

// What is read does not depend on anything but the text and the day, and no text breaks the reader.
func FuzzManage(f *testing.F) {
	for _, s := range []string{"토요일 오전", "8월 3일부터", "이름 고쳐주세요 홍길순", "도우미 010-0000-5678", "between 10am and 1pm", "다음주 토요일 10시~12시", "가족 ABCD2345 3명", "99월 99일 99시"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		one, ok := sms.Manage(centres(), sender, body, today)
		two, again := sms.Manage(centres(), sender, body, today)
		if ok != again || fmt.Sprintf("%+v", one) != fmt.Sprintf("%+v", two) {
			t.Errorf("%q is read in two ways", body)
		}
		w := one.Wished.On(booking.Wishes{})
		for _, span := range w.Times {
			if span.From < 0 || span.From >= span.To || span.To > 24*60 {
				t.Errorf("%q: %+v", body, span)
			}
		}
		for _, d := range w.Weekdays {
			if d < time.Sunday || d > time.Saturday {
				t.Errorf("%q: day %d", body, d)
			}
		}
	})
}

// Where a number is shared, the campaign's own word may stand before what is wanted.
func TestACampaignsWordSaysNothingOfWhatIsWanted(t *testing.T) {
	t.Parallel()
	c := centres()
	c.Keywords = []booking.Names{{"ko": "독감", "en": "flu"}}
	for body, want := range map[string]desk.Deed{
		"독감 취소하고 싶어요": desk.DeedCancel, "취소하고 싶어요": desk.DeedCancel, "flu cancel my appointment": desk.DeedCancel, "독감 상담원 연결해 주세요": desk.DeedCall, "독감": "", "독감 12": "",
	} {
		if got, _ := sms.Manage(c, sender, body, today); got.Do != want {
			t.Errorf("%q: %q, want %q", body, got.Do, want)
		}
	}
}
