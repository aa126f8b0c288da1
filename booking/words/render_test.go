package words_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"
	"pgregory.net/rapid"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

var update = flag.Bool("update", false, "write the golden file anew")

var seoul = time.FixedZone("KST", 9*60*60)

var states = []string{
	string(desk.StateReceived), string(desk.StateWaiting), string(desk.StateOffered), string(desk.StateConfirmed),
	string(desk.StateAttended), string(desk.StateMissed), string(desk.StateWithdrawn),
}

func usual(lang booking.Lang) words.Data {
	d := words.Data{
		Masked: "홍*동", Reference: "AB2C", Campaign: "백신 예약", Phone: "02-120", Code: "012345", First: 1, Helper: "010-****-5678", Site: "강남구예방접종센터",
		Starts: time.Date(2021, 7, 27, 14, 30, 0, 0, seoul), State: "waiting", Place: 812, Ticket: "123-456-7890",
		WasSite: "북부보건소", WasStarts: time.Date(2021, 7, 26, 9, 0, 0, 0, seoul),
		At: time.Date(2021, 7, 19, 20, 0, 0, 0, seoul), Missing: []string{"region"}, Sample: "강남구",
		Region: "강남구", Choices: []string{"코로나", "독감"},
		Sites: 3, LastDay: booking.Date{Year: 2021, Month: 8, Day: 30}, Words: "앞의 문자는 잘못 나갔습니다.",
		Wished: words.Wish{Days: []time.Weekday{time.Saturday}, Times: []booking.DayTime{{From: 0, To: 720}}, From: booking.Date{Year: 2021, Month: 8, Day: 3}},
		Said:   words.Wish{Days: []time.Weekday{time.Saturday}}, Names: []string{"홍*동", "김*순"}, Size: 3,
		News: words.NewData{Phone: "010-0000-5678"},
	}
	if lang == booking.English {
		d.Masked, d.Site, d.Sample, d.Phone = "J*** D**", "North Clinic", "Northside", "555-0100"
		d.WasSite, d.Region, d.Choices, d.Words = "South Clinic", "Northside", []string{"covid", "flu"}, "Our last text was wrong."
	}
	return d
}

func longest(lang booking.Lang) words.Data {
	d := usual(lang)
	d.First, d.Place, d.Phone = 97, 12_505_074, "031-1234-5678"
	d.Sites, d.LastDay = 5, booking.Date{Year: 2021, Month: 12, Day: 28}
	d.Starts = time.Date(2021, 12, 28, 10, 30, 0, 0, seoul)
	d.At = time.Date(2021, 12, 28, 12, 30, 0, 0, seoul)
	d.WasStarts = d.Starts
	d.Masked, d.Site, d.Sample = "황***솔", "세종특별자치시보건소별관", "세종특별자치시"
	d.WasSite, d.Region, d.Choices = d.Site, "세종특별자치시", []string{"코로나십구예방접종추가", "인플루엔자예방접종", "일본뇌염예방접종"}
	d.Names, d.Size = []string{"황***솔", "남***수", "김*순", "제***빈", "홍*동", "황***솔"}, 4
	d.Wished = words.Wish{
		Days: []time.Weekday{1, 2, 3, 4, 5, 6}, Times: []booking.DayTime{{From: 570, To: 705}, {From: 810, To: 1095}}, Sites: []string{d.Site, "가", "나", "다", "라"},
		From: booking.Date{Year: 2021, Month: 12, Day: 13}, To: booking.Date{Year: 2021, Month: 12, Day: 28},
	}
	d.Said = words.Wish{Days: []time.Weekday{1, 2, 3, 4, 5}, Times: []booking.DayTime{{From: 570, To: 705}}, From: booking.Date{Year: 2021, Month: 12, Day: 13}}
	d.News = words.NewData{Name: "황보남궁솔빛나라", Born: booking.Date{Year: 1968, Month: 12, Day: 28}, Phone: "010-0000-5678"}
	if lang == booking.English {
		d.Names = []string{"B********* W*********", "J*** D**"}
		d.Masked, d.Site, d.Sample = "B*********** W*********", "Gangnam-gu Vaccination Centre, 2nd Floor", "Gangnam-gu"
		d.WasSite, d.Region, d.Choices = d.Site, "Dongdaemun-gu", []string{"coronavirus", "influenza", "encephalitis"}
	}
	return d
}

func TestEveryTextFitsItsSegmentWithTheLongestData(t *testing.T) {
	t.Parallel()
	for _, lang := range []booking.Lang{booking.Korean, booking.English} {
		for _, d := range []words.Data{usual(lang), longest(lang)} {
			for _, v := range words.Cases(d) {
				text, err := words.Render(v.Kind, lang, v.Data)
				if err != nil {
					t.Errorf("%s %s: %v", lang, v.Name, err)
					continue
				}
				checkText(t, lang, v, text)
			}
		}
	}
}

func checkText(t *testing.T, lang booking.Lang, v words.Case, text string) {
	t.Helper()
	checkCharset(t, lang, v.Name, text)
	mark := map[booking.Lang]string{booking.Korean: "[자리]", booking.English: "Jari:"}[lang]
	if !strings.HasPrefix(text, mark) {
		t.Errorf("%s %s has no sender mark: %s", lang, v.Name, text)
	}
	if !strings.HasSuffix(text, "("+v.Data.Reference+")") {
		t.Errorf("%s %s does not end with its reference: %s", lang, v.Name, text)
	}
	if v.Kind.NamesPerson() && !strings.Contains(text, v.Data.Masked) {
		t.Errorf("%s %s does not name its person: %s", lang, v.Name, text)
	}
	if v.Kind == words.Offer {
		for _, part := range []string{string([]rune(v.Data.Site)[:4]), fmt.Sprint(v.Data.First), fmt.Sprint(v.Data.First + 1), fmt.Sprint(v.Data.First + 2)} {
			if !strings.Contains(text, part) {
				t.Errorf("%s offer lacks %q: %s", lang, part, text)
			}
		}
	}
	if strings.Contains(text, "http") || strings.Contains(text, "www.") {
		t.Errorf("%s %s carries a link: %s", lang, v.Name, text)
	}
	for _, w := range regexp.MustCompile(`[A-Za-z]+`).FindAllString(text, -1) {
		if slices.Contains([]string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "START", "YES", "UNSTOP", "HELP", "INFO"}, strings.ToUpper(w)) {
			t.Errorf("%s %s holds a word that the provider takes: %s", lang, v.Name, text)
		}
	}
}

func checkCharset(t interface{ Errorf(string, ...any) }, lang booking.Lang, name, text string) {
	if lang == booking.Korean {
		if n := len(utf16.Encode([]rune(text))); n > 70 {
			t.Errorf("ko %s has %d units: %s", name, n, text)
		}
		// What is left of 90 bytes when the carrier has put [국제발신] and a line break before the text.
		if n := eucKR(text); n > 79 {
			t.Errorf("ko %s has %d bytes: %s", name, n, text)
		}
		for _, r := range text {
			b, err := korean.EUCKR.NewEncoder().Bytes([]byte(string(r)))
			if err != nil || len(b) == 1 && r > '~' || len(b) == 2 && (b[0] < 0xA1 || b[1] < 0xA1) {
				t.Errorf("ko %s has %q, which is not in KS X 1001: %s", name, r, text)
			}
		}
		return
	}
	const alphabet = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	units := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune(alphabet, r):
			units++
		case strings.ContainsRune("^{}[]~\\|€", r):
			units += 2
		default:
			t.Errorf("en %s has %q, which is not in GSM-7: %s", name, r, text)
		}
	}
	if units > 160 {
		t.Errorf("en %s has %d units: %s", name, units, text)
	}
}

func eucKR(text string) int {
	b, err := korean.EUCKR.NewEncoder().String(text)
	if err != nil {
		return 1000
	}
	return len(b)
}

func TestGolden(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, lang := range []booking.Lang{booking.Korean, booking.English} {
		for i, d := range []words.Data{usual(lang), longest(lang)} {
			for _, v := range words.Cases(d) {
				text, err := words.Render(v.Kind, lang, v.Data)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "%s %s %s\n  %s\n", lang, []string{"usual", "longest"}[i], v.Name, text)
			}
		}
	}
	const file = "testdata/texts.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Error("the texts changed: run with -update and read the difference")
	}
}

func TestTooLongNamesLoseTheirEndsAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	d := longest(booking.Korean)
	d.Site = "서울특별시 강남구 보건소 코로나19 예방접종센터 별관 3층 대강당"
	text, err := words.Render(words.Offer, booking.Korean, d)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"황***솔", "12/28 오전10:30", "서울특별", "97", "98", "99", "(AB2C)"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing: %s", want, text)
		}
	}
	d.Masked = strings.Repeat("황", 60)
	if text, err = words.Render(words.Offer, booking.Korean, d); err != nil || !strings.Contains(text, "황황") || utf8.RuneCountInString(text) > 70 {
		t.Errorf("%v: %s", err, text)
	}
	d.Phone = strings.Repeat("1", 200)
	if _, err = words.Render(words.Status, booking.Korean, with(d, "missed")); !errors.Is(err, words.ErrLong) {
		t.Errorf("a telephone number was shortened: %v", err)
	}
}

// Whoever has said next to nothing is asked for as much as one text holds.
func TestTooMuchIsAskedForInTurn(t *testing.T) {
	t.Parallel()
	for lang, want := range map[booking.Lang]string{
		booking.Korean:  "[자리] 이름, 생년월일, 태어난 해, 지역, 대상자 번호를 보내 주세요. (AB2C)",
		booking.English: "Jari: Please text us the name, the birth date (YYYY-MM-DD), the year of birth in four digits, where you live and the list number. (AB2C)",
	} {
		d := usual(lang)
		d.Missing = []string{"name", "birth", "birth_century", "region", "number", "phone"}
		if text, err := words.Render(words.AskMissing, lang, d); err != nil || text != want {
			t.Errorf("%v: %s", err, text)
		}
		if len(d.Missing) != 6 {
			t.Errorf("the caller's list was changed: %v", d.Missing)
		}
	}
}

// The hours around noon and midnight are said so that nobody comes twelve hours too late.
func TestNoonAndMidnight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		hour, minute int
		ko, en       string
	}{
		{0, 0, "7월27일(화) 0시(자정)", "Tue 27 Jul 0:00am"}, {0, 30, "7월27일(화) 새벽0:30", "Tue 27 Jul 0:30am"}, {1, 5, "오전1:05", "1:05am"},
		{11, 59, "오전11:59", "11:59am"}, {12, 0, "낮12:00", "12 noon"}, {12, 30, "낮12:30", "12:30pm"}, {13, 0, "오후1:00", "1:00pm"},
	} {
		for lang, want := range map[booking.Lang]string{booking.Korean: c.ko, booking.English: c.en} {
			d := usual(lang)
			d.Starts = time.Date(2021, 7, 27, c.hour, c.minute, 0, 0, seoul)
			if text, err := words.Render(words.Confirmed, lang, d); err != nil || !strings.Contains(text, want) {
				t.Errorf("%02d:%02d is not %q: %v %s", c.hour, c.minute, want, err, text)
			}
		}
	}
}

// An appointment that took another's place needs no answer. English says so where both times leave room for it; in Korean they never do.
func TestAChangeThatNeedsNoAnswerSaysSo(t *testing.T) {
	t.Parallel()
	d := usual(booking.English)
	d.Masked, d.Site, d.WasSite = "J* D*", "North", "South"
	for _, kind := range []words.Kind{words.Moved, words.Redated, words.Changed} {
		text, err := words.Render(kind, booking.English, d)
		if err != nil || !strings.Contains(text, "No answer is needed.") || !strings.Contains(text, "9:00am, South") {
			t.Errorf("%s: %v %s", kind, err, text)
		}
	}
}

func with(d words.Data, state string) words.Data {
	d.State = state
	return d
}

func TestNothingUselessGoesOut(t *testing.T) {
	t.Parallel()
	full := usual(booking.Korean)
	for _, c := range []struct {
		name string
		kind words.Kind
		take func(*words.Data)
	}{
		{"offer without time", words.Offer, func(d *words.Data) { d.Starts = time.Time{} }},
		{"offer without site", words.Offer, func(d *words.Data) { d.Site = " " }},
		{"offer without answers", words.Offer, func(d *words.Data) { d.First = 0 }},
		{"welcome without name", words.Welcome, func(d *words.Data) { d.Masked = "" }},
		{"code without code", words.Code, func(d *words.Data) { d.Code = "" }},
		{"not yet without opening", words.NotOpenYet, func(d *words.Data) { d.At = time.Time{} }},
		{"asking for nothing", words.AskMissing, func(d *words.Data) { d.Missing = []string{"shoe"} }},
		{"no reference", words.Help, func(d *words.Data) { d.Reference = "" }},
	} {
		d := full
		c.take(&d)
		if text, err := words.Render(c.kind, booking.Korean, d); !errors.Is(err, words.ErrData) {
			t.Errorf("%s: %v %q", c.name, err, text)
		}
	}
	for _, c := range []struct {
		kind words.Kind
		lang booking.Lang
	}{{"nonsense", booking.Korean}, {words.Help, "fr"}} {
		if _, err := words.Render(c.kind, c.lang, full); !errors.Is(err, words.ErrKind) {
			t.Errorf("%s in %s: %v", c.kind, c.lang, err)
		}
	}
}

func TestForeignLettersAreReplaced(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang         booking.Lang
		masked, site string
		want         string
	}{
		{booking.Korean, "똠*뷁", "중앙 보건소 — ２층（본관）", "**님 7/27 오후2:30 중앙 보건소 - 2층(본관)"},
		{booking.Korean, "J*** D**", "別館", "J*** D**님 7/27 오후2:30 장소는 전화문의"},
		{booking.English, "Ł*** É**", "Café “Nord”\u00a0– 2nd floor", "**** É**, your time: Tue 27 Jul 2:30pm, Café \"Nord\" - 2nd floor."},
		{booking.English, "홍*동", "강남구", "***, your time: Tue 27 Jul 2:30pm, place: call us."},
	} {
		d := usual(c.lang)
		d.Masked, d.Site = c.masked, c.site
		text, err := words.Render(words.Offer, c.lang, d)
		if err != nil || !strings.Contains(text, c.want) {
			t.Errorf("%v: %s\nlacks: %s", err, text, c.want)
		}
	}
}

// Whatever the data, a text is one segment of its alphabet, or there is no text.
func TestNoDataBreaksTheSegment(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lang := rapid.SampledFrom([]booking.Lang{booking.Korean, booking.English}).Draw(t, "lang")
		text := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("가힣똠뷁 Aé—₩😀*-1\u00a0")), 0, 60, -1))
		d := usual(lang)
		d.Masked, d.Site, d.Sample, d.Phone = text.Draw(t, "masked"), text.Draw(t, "site"), text.Draw(t, "sample"), text.Draw(t, "phone")
		d.State = rapid.SampledFrom(states).Draw(t, "state")
		kind := rapid.SampledFrom(words.Kinds()).Draw(t, "kind")
		if got, err := words.Render(kind, lang, d); err == nil {
			checkCharset(t, lang, string(kind), got)
		}
	})
}
