package app_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"jari/booking"
)

// wanted is the form of the wishes, as the app keeps it.
type wanted struct {
	Region   string   `json:"region"`
	Where    string   `json:"where"`
	Sites    []string `json:"sites"`
	Km       string   `json:"km"`
	From     string   `json:"from"`
	To       string   `json:"to"`
	Weekdays []string `json:"weekdays"`
	Parts    []string `json:"parts"`
	Own      []part   `json:"own"`
	Needs    []string `json:"needs"`
	Notice   string   `json:"notice"`
}

type part struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// wished is what the app made of a form.
type wished struct {
	Wrong  map[string]string `json:"wrong"`
	Wishes struct {
		Sites       []string `json:"sites"`
		MaxKm       any      `json:"max_km"` // null for what is no number
		NotBefore   string   `json:"not_before"`
		NotAfter    string   `json:"not_after"`
		Weekdays    []string `json:"weekdays"`
		Times       []part   `json:"times"`
		Needs       []string `json:"needs"`
		NoticeHours int      `json:"notice_hours"`
	} `json:"wishes"`
}

const siteOne, siteTwo = "one", "two"

// TestWishesAreCheckedAsTheServerDoes: what the form says nothing against is what the rules take, and of what they refuse the form says why. The app is
// stricter in one thing more than days that are over: "only these places" without a place.
func TestWishesAreCheckedAsTheServerDoes(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(7, 2021))
	forms := make([]wanted, 3000)
	for i := range forms {
		forms[i] = anyWanted(dice)
	}
	var got []wished
	inNode(t, `import { check, wishesOf } from './pages/wanted.ts'
import { all } from './words/words.ts'
import { changes } from './words/en/changes.ts'`, `arg.map((w: any) => ({ wishes: wishesOf(w, undefined),
		wrong: check({ ...all.en, ...changes } as any, { sites: [{ code: 'one', tags: ['step-free'] }, { code: 'two', tags: ['step-free', 'lift'] }] } as any, w, '2027-01-01') }))`, forms, &got)
	taken, refused := 0, 0
	for i, f := range forms {
		rule := booking.CheckWishes(campaign(), f.Region, inRules(t, f, got[i]))
		switch {
		case len(got[i].Wrong) == 0 && rule != nil:
			t.Errorf("the form takes what the rules refuse (%v): %+v", rule, f)
		case len(got[i].Wrong) > 0 && rule == nil && (f.Where != "sites" || len(f.Sites) > 0):
			t.Errorf("the form refuses what the rules take: %+v: %v", f, got[i].Wrong)
		case rule == nil:
			taken++
		default:
			refused++
		}
	}
	if taken < 100 || refused < 100 {
		t.Errorf("%d were taken and %d refused: too few to say anything", taken, refused)
	}
}

// TestWishesStayAsTheyStand: what stands goes through the form unchanged.
func TestWishesStayAsTheyStand(t *testing.T) {
	t.Parallel()
	stands := []string{
		`{}`, `{"sites":["two","one"],"needs":["lift"]}`, `{"max_km":12,"not_before":"2027-03-02","not_after":"2027-03-28"}`,
		`{"weekdays":["sat","someday"],"times":[{"from":"00:00","to":"12:00"},{"from":"09:30","to":"10:00"}],"notice_hours":30}`,
		`{"household":{"code":"kim-2027","size":3}}`,
	}
	in := make([]json.RawMessage, len(stands))
	for i, s := range stands {
		in[i] = json.RawMessage(s)
	}
	var got []json.RawMessage
	inNode(t, `import { wantedOf, wishesOf } from './pages/wanted.ts'`, `arg.map((w: any) => wishesOf(wantedOf({ region: 'n', wishes: w }), w.household))`, in, &got)
	for i, want := range stands {
		if diff := cmp.Diff(parsed(t, want), parsed(t, string(got[i]))); diff != "" {
			t.Error(diff)
		}
	}
}

// TestHouseholdCodes: a code is twelve digits, and is read however it was told.
func TestHouseholdCodes(t *testing.T) {
	t.Parallel()
	var got struct {
		Made, Shown string
		Read        []string
	}
	inNode(t, `import { codeText, newCode, readCode } from './pages/household.ts'`, `(() => { let n = 0
		return { made: newCode((b) => { for (let i = 0; i < b.length; i++) b[i] = 245 + (n++ % 11) }), shown: codeText('123456789012'),
			read: arg.map((c: string) => readCode(c) ?? 'none') } })()`,
		[]string{" 1234 5678 9012", "1234-5678-9012", "１２３４５６", "Kim-2027", "12 34", "김씨네-2027"}, &got)
	if want := "567895678956"; got.Made != want || got.Shown != "1234 5678 9012" {
		t.Errorf("made %s, and not %s; shown as %s", got.Made, want, got.Shown)
	}
	if diff := cmp.Diff([]string{"123456789012", "123456789012", "123456", "Kim-2027", "none", "none"}, got.Read); diff != "" {
		t.Error(diff)
	}
}

func parsed(t *testing.T, text string) (out any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func campaign() *booking.Campaign {
	return &booking.Campaign{Sites: []booking.Site{{Code: siteOne, Tags: []string{"step-free"}}, {Code: siteTwo, Tags: []string{"lift", "step-free"}}}}
}

// inRules is what the app sends, as the server reads it.
func inRules(t *testing.T, f wanted, w wished) booking.Wishes {
	t.Helper()
	s := w.Wishes
	out := booking.Wishes{Sites: s.Sites, Needs: s.Needs, Notice: s.NoticeHours}
	if km, _ := s.MaxKm.(float64); f.Where == "km" {
		if out.MaxKm = int(km); km != float64(out.MaxKm) || km < 1 {
			out.MaxKm = -1 // refused where it is read
		}
	}
	for into, text := range map[*booking.Date]string{&out.NotBefore: s.NotBefore, &out.NotAfter: s.NotAfter} {
		if day, err := booking.ParseDate(text); err == nil {
			*into = day
		} else if text != "" {
			if len(w.Wrong) == 0 {
				t.Fatalf("%q is sent as a day", text)
			}
			out.Notice = -1 // refused where it is read
		}
	}
	for _, d := range s.Weekdays {
		for i, name := range []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
			if name == d {
				out.Weekdays = append(out.Weekdays, time.Weekday(i))
			}
		}
	}
	for _, p := range s.Times {
		out.Times = append(out.Times, booking.DayTime{From: minute(p.From), To: minute(p.To)})
	}
	return out
}

// minute reads HH:MM; -1 for what is none, which the rules refuse.
func minute(text string) int {
	var hour, minute int
	if n, err := fmt.Sscanf(text, "%02d:%02d", &hour, &minute); n != 2 || err != nil || len(text) != 5 {
		return -1
	}
	return hour*60 + minute
}

// anyWanted is a form that is filled in well or badly.
func anyWanted(dice *rand.Rand) wanted {
	one := func(of ...string) string { return of[dice.IntN(len(of))] }
	some := func(of ...string) []string {
		out := []string{}
		for _, o := range of {
			if dice.IntN(4) == 0 {
				out = append(out, o)
			}
		}
		return out
	}
	w := wanted{
		Region: one("", "n"), Where: one("any", "any", "sites", "km"), Km: one("", "0", "1", "12", "500", "501", "1.5", "far"),
		Sites: some(siteOne, siteTwo), From: one("", "", "2027-03-02", "2027.3.8", "soon"), To: one("", "", "2027-03-03", "2027-03-28", "2027-02-30"),
		Weekdays: some("mon", "wed", "sat"), Parts: some("morning", "afternoon", "evening"), Needs: some("step-free", "lift", "piano"), Notice: one("", "24", "720", "721"),
		Own: []part{},
	}
	for i := range dice.IntN(3) {
		if dice.IntN(3) == 0 {
			w.Own = append(w.Own, part{"0:00", "12"}) // the morning, by hand
		}
		w.Own = append(w.Own, part{one("9:00", "10:30", "13", "soon"), fmt.Sprintf("%d:%d0", 11+i, dice.IntN(6))})
	}
	return w
}
