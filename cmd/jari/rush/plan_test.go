package rush

import (
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
	"time"

	"jari/booking"
)

func TestThePlan(t *testing.T) {
	t.Parallel()
	c := Config{People: 20_000, PerPerson: 6.6, Over: time.Minute, Doors: map[string]float64{DoorApp: 0.95, DoorSMS: 0.05}, Early: 0.1, Cheat: 0.05, Seed: 7}
	cohorts := []cohort{{queue: "q", bornFrom: booking.Date{Year: 1950, Month: 1, Day: 1}, bornTo: booking.Date{Year: 1960, Month: 1, Day: 1}}}
	people := invent(c, cohorts, 3)
	events, chains := plan(c, people, false)

	if got, want := float64(len(events)), 20_000*6.6; math.Abs(got-want) > want/100 {
		t.Errorf("%d requests are planned, want about %.0f", len(events), want)
	}
	if !slices.IsSortedFunc(events, func(a, b event) int { return int(a.at - b.at) }) {
		t.Error("the plan is not in the order of time")
	}
	begun := map[int32]int64{}
	insisting, early := 0, 0
	for _, e := range events {
		if e.act.insists() {
			insisting++
			if _, ok := begun[e.who]; !ok {
				begun[e.who] = e.at
			}
		}
		if e.at < 0 {
			early++
		}
	}
	if insisting != chains || len(begun) != len(people) {
		t.Errorf("%d of %d people apply, %d of %d events are repeated until answered", len(begun), len(people), insisting, chains)
	}
	quick := 0
	for _, at := range begun {
		if at < int64(9*time.Second) {
			quick++
		}
	}
	if share := float64(quick) / float64(len(people)); share < 0.45 || share > 0.55 {
		t.Errorf("%.2f of the people begin within the first 15 %% of the time, want about half", share)
	}
	if early == 0 {
		t.Error("nobody comes before the opening")
	}
	again, _ := plan(c, invent(c, cohorts, 3), false)
	if !slices.Equal(events, again) {
		t.Error("the same seed made another plan")
	}
}

func TestThePeople(t *testing.T) {
	t.Parallel()
	c := Config{People: 5000, Doors: map[string]float64{DoorApp: 0.9, DoorSMS: 0.1}, Cheat: 0.1, Seed: 3}
	cohorts := []cohort{{bornFrom: booking.Date{Year: 1930, Month: 1, Day: 1}, bornTo: booking.Date{Year: 1990, Month: 12, Day: 31}}, {}}
	people := invent(c, cohorts, 7)
	phones, kinds := map[booking.Phone]bool{}, map[trick]bool{}
	var byText []booking.Phone
	for i := range people {
		p := &people[i]
		phones[p.phone], kinds[p.cheat] = true, true
		if p.door == DoorSMS {
			byText = append(byText, p.phone)
		}
	}
	if len(phones) != len(people) {
		t.Errorf("%d phones for %d people", len(phones), len(people))
	}
	if len(kinds) != 1+len(tricks) {
		t.Errorf("%d kinds of people, want every trick and the honest", len(kinds))
	}
	if !slices.Equal(byText, TextPhones(c)) {
		t.Error("the phones of those who text depend on the campaign")
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	k := keys{1}
	secret, operation := string(k.secret(nil, 5, 0)), string(k.operation(nil, 5, 0, 0))
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(secret) {
		t.Errorf("secret %q", secret)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(operation) {
		t.Errorf("operation %q", operation)
	}
	if secret == string(k.secret(nil, 5, 1)) || secret == string(k.secret(nil, 6, 0)) || operation == string(k.operation(nil, 5, 0, 1)) {
		t.Error("two devices or operations are the same")
	}
}

func TestMember(t *testing.T) {
	t.Parallel()
	body := []byte(`{"title":"stamp","code":"overloaded", "stamp" : "AbC","n":1,"reference":7}`)
	for name, want := range map[string]string{"stamp": "AbC", "code": "overloaded", "reference": "", "ticket": "", "n": ""} {
		if got := string(member(body, name)); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestAlteredStampsDiffer(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	const stamp = "AQAAAAEABdG3ZzQ8cwAF0bzJqEAAq1rY0oXv9Qm3sK2nB7cVdA"
	for range 1000 {
		if s := altered(r, stamp); s == stamp || len(s) != len(stamp) || s[len(s)-1] != 'A' {
			t.Fatalf("altered to %q", s)
		}
	}
}

func TestParseDoors(t *testing.T) {
	t.Parallel()
	got, err := ParseDoors("app=3, sms=1")
	if err != nil || got[DoorApp] != 0.75 || got[DoorSMS] != 0.25 {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "app", "app=x", "door=1", "app=-1", "app=NaN", "app=Inf", "app=0", "app=1,app=2"} {
		if _, err := ParseDoors(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
