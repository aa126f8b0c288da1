package crowd

import (
	"testing"
	"time"

	"jari/booking"
	"jari/booking/words"
)

// The crowd answers texts as they are worded now: offers beside every length of a site's name by the number that confirms, and nothing that only
// looks like one.
func TestTheCrowdReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	at := time.Date(2021, 12, 28, 10, 30, 0, 0, time.FixedZone("KST", 9*60*60))
	for _, lang := range []booking.Lang{booking.Korean, booking.English} {
		text := func(kind words.Kind, site string, first int) string {
			out, err := words.Render(kind, lang, words.Data{
				Masked: "홍*동", Reference: "AB2C", Phone: "02-120", Site: site, Starts: at, At: at, First: first, Region: "강남구",
				Missing: []string{words.MissingCentury}, Years: []int{1912, 2012},
			})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		for _, site := range []string{"북부", "남센터", "강남구보건소", "강남구 예방접종센터", "세종특별자치시보건소별관"} {
			for first, number := range map[int]string{1: "1", 42: "42"} {
				if got := offerText.FindStringSubmatch(text(words.Offer, site, first)); got == nil || got[1] != number {
					t.Errorf("%s: %q", text(words.Offer, site, first), got)
				}
				if offerText.MatchString(text(words.Reminder, site, first)) {
					t.Errorf("taken for an offer: %s", text(words.Reminder, site, first))
				}
			}
		}
		if got := verifyText.FindStringSubmatch(text(words.Registered, "", 7)); got == nil || got[1] != "7" {
			t.Errorf("%s: %q", text(words.Registered, "", 7), got)
		}
		if ask := text(words.AskMissing, "", 1); !yearText.MatchString(ask) {
			t.Errorf("not taken for the question about the year: %s", ask)
		}
		for _, kind := range []words.Kind{words.NotOpenYet, words.Closed, words.NotEligible} {
			if got := refusals["not_open_yet"].MatchString(text(kind, "", 1)); got != (kind == words.NotOpenYet) {
				t.Errorf("%s: not open yet is %v", text(kind, "", 1), got)
			}
		}
	}
}
