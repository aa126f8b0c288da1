package pages

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/mobile-contract/contract"
)

// flat lists all texts of a language by name.
func flat(name string, v reflect.Value, out map[string]string) {
	switch v.Kind() {
	case reflect.String:
		out[name] = v.String()
	case reflect.Array:
		for i := range v.Len() {
			flat(fmt.Sprintf("%s[%d]", name, i), v.Index(i), out)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			flat(fmt.Sprintf("%s[%s]", name, k), v.MapIndex(k), out)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			flat(v.Type().Field(i).Name, v.Field(i), out)
		}
	}
}

func TestBothLanguagesHaveEveryText(t *testing.T) {
	t.Parallel()
	ko, en := map[string]string{}, map[string]string{}
	flat("", reflect.ValueOf(koreanTexts), ko)
	flat("", reflect.ValueOf(englishTexts), en)
	for name, text := range ko {
		other, there := en[name]
		if !there || text == "" || other == "" {
			t.Errorf("%s: %q, %q", name, text, other)
		}
		if strings.Count(text, "%s") != strings.Count(other, "%s") {
			t.Errorf("%s takes other values in the other language: %q, %q", name, text, other)
		}
		delete(en, name)
	}
	for name := range en {
		t.Errorf("%s is English only", name)
	}
}

func TestNumbersAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]int64{
		"34120": 34120, "34,120": 34120, " 34 120번": 34120, "No. 7": 7, "３４１２０": 34120, "000012": 12,
		"": 0, "abc": 0, "0": 0, "-5": 0, "1968-04-12": 0, "1234567890123": 0, strings.Repeat("9", 400): 0,
	} {
		if got := readNumber(typed); got != want {
			t.Errorf("%q is read as %d, want %d", typed, got, want)
		}
	}
}

// count is the contract's example of a public count.
func count() contract.QueueDocument {
	assured := int64(1730)
	return contract.QueueDocument{
		Campaign: "seoul-2021", Queue: "q", Opened: "2021-07-19T11:00:00Z", FirstRound: "2021-07-19T11:15:00Z",
		Applied: 2300, SealedTo: 2100, ServedTo: 811, AssuredTo: &assured, Late: 3, Served: 790, Withdrawn: 12,
		Blocks: contract.QueueBlocks{Size: 1000, Late: []int64{0, 1, 2}, Ready: []int64{120, 700, 80}},
		Rate:   contract.QueueRate{State: contract.QueueRateStateKnown, Slow: 480, Fast: 960},
	}
}

func TestHowManyAreBefore(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string][]string{
		"1501": {"Between 320 and 623 people wait.", "between 20 minutes and 1 hour 18 minutes", "By what is free now there is a seat", "fewer are before you"},
		"1731": {"may not be enough"},
		"811":  {"has had its turn", "02-0000-1234"},
		"2101": {"Number 2,101 has not been given out yet. Numbers up to 2,100 have."},
		"x":    {"cannot read"},
	} {
		v := beforeOf(&englishTexts, count(), typed, "02-0000-1234")
		said := v.Wrong + strings.Join(v.Lines, "\n")
		for _, part := range want {
			if !strings.Contains(said, part) {
				t.Errorf("%s: %q lacks %q", typed, said, part)
			}
		}
	}
	d := count()
	d.Rate = contract.QueueRate{State: "new"}
	d.AssuredTo = nil
	if v := beforeOf(&englishTexts, d, "1501", ""); !slices.Contains(v.Lines, englishTexts.WaitUnknown) || slices.Contains(v.Lines, englishTexts.NumberNotAssured) {
		t.Errorf("without a pace: %q", v.Lines)
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration][2]string{
		0: {"0분", "0 minutes"}, time.Minute: {"1분", "1 minute"}, 78 * time.Minute: {"1시간 18분", "1 hour 18 minutes"},
		2 * time.Hour: {"2시간", "2 hours"}, 49 * time.Hour: {"2일 1시간", "2 days 1 hour"},
	} {
		if got := [2]string{koreanTexts.span(d), englishTexts.span(d)}; got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestWhatABoardSays(t *testing.T) {
	t.Parallel()
	m, err := New()
	if err != nil {
		t.Fatal(err)
	}
	seoul := time.FixedZone("Asia/Seoul", 9*60*60)
	opens := time.Date(2021, 7, 19, 20, 0, 0, 0, seoul)
	c := &booking.Campaign{
		Slug: "seoul-2021", Mode: booking.Rehearsal, Zone: seoul, Phone: "02-0000-1234", Names: booking.Names{booking.Korean: "서울 <예방접종>"},
		Cohorts: []booking.Cohort{{Queue: "q", Names: booking.Names{booking.Korean: "1967–1968년생", booking.English: "Born 1967–1968"}, Opens: opens, Closes: opens.Add(90 * time.Hour)}},
	}
	d := count()
	d.Notice = &map[string]string{"ko": "오늘 자리가 더 나옵니다."}
	d.Draw = &contract.QueueDraw{Commitment: strings.Repeat("ab", 32), PublicValueName: "lottery 972", WindowCloses: "2021-07-19T12:00:00Z"}
	b := Board{Lang: booking.English, Campaign: c, Now: opens.Add(5 * time.Minute), Queues: []Queue{{Code: "q", Count: &d}}}
	said := func(b Board) string {
		t.Helper()
		body, err := m.Board(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	page := said(b)
	for _, want := range []string{
		"서울 &lt;예방접종&gt;", "Born 1967–1968", "This is a rehearsal", "As of 20:05:00", "2,300 people", "up to 2,100", "up to 811", "up to 1,730", "Drawn by lot",
		"Between 480 and 960 people an hour", `<div class="notice" lang="ko">`, "Times are given from 20:15 on Monday, 19 July 2021", "lottery 972", "<form ", "02-0000-1234",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the board lacks %q", want)
		}
	}
	b.Refreshing = true
	if page = said(b); strings.Contains(page, "<form") || !strings.Contains(page, englishTexts.RefreshOff) || !strings.Contains(page, `class="wall"`) {
		t.Error("what is typed would be lost, or nobody can stop it")
	}
	b.Refreshing, b.Queues = false, append(b.Queues, Queue{Code: "new"})
	if page = said(b); strings.Contains(page, "<form") || !strings.Contains(page, "queue=q") || !strings.Contains(page, englishTexts.NotCounted) {
		t.Error("with two queues each has a page of its own")
	}
}
