package booking_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
)

// play is a random campaign, what it has to give, and people who wait.
type play struct {
	c       *booking.Campaign
	now     time.Time
	slots   []booking.FreeSlot
	supply  map[int64]int
	waiting []booking.Waiting
}

// weeks begin near to where clocks change, in zones where that is done in different ways; the last two are plain.
var weeks = []struct{ zone, from string }{
	{"America/New_York", "2021-03-12"},
	{"America/New_York", "2021-11-05"},
	{"Australia/Lord_Howe", "2021-04-02"}, // by half an hour
	{"America/St_Johns", "2010-11-05"},    // at one past midnight, back into the day before
	{"Asia/Kathmandu", "2021-07-19"},      // 5:45 before UTC
	{"Asia/Seoul", "2021-07-19"},
	{"Asia/Seoul", "1987-05-08"},
}

var playTags = []string{"step-free", "interpreter-en"}

func drawPlay(t *rapid.T) *play {
	week := rapid.SampledFrom(weeks).Draw(t, "week")
	zone, err := time.LoadLocation(week.zone)
	if err != nil {
		t.Fatal(err)
	}
	from, err := time.ParseInLocation(time.DateOnly, week.from, zone)
	if err != nil {
		t.Fatal(err)
	}
	p := &play{c: line(), now: from, supply: map[int64]int{}}
	p.c.Zone = zone
	sites := []string{"site-a", "site-b", "site-c", "site-x"}
	if rapid.Bool().Draw(t, "many sites") { // so many that the board stops asking each of them
		for i := range 9 {
			at := booking.Position{Lat: 37 + float64(i%4)/20, Lon: 127.1}
			p.c.Sites = append(p.c.Sites, booking.Site{Code: fmt.Sprint("site-", i), Region: string("abcd"[i%4]), Position: at})
			sites = append(sites, p.c.Sites[len(p.c.Sites)-1].Code)
		}
	}
	for i := range p.c.Sites {
		p.c.Sites[i].Tags = rapid.SliceOfNDistinct(rapid.SampledFrom(playTags), 0, 2, rapid.ID).Draw(t, "tags")
	}
	p.c.Reserves = []booking.Reserve{{Cohorts: []string{"old"}}, {Later: true}}
	oneReserve, oneSupply := rapid.Bool().Draw(t, "one reserve"), rapid.Bool().Draw(t, "one supply")
	for k := int64(1); k <= 3; k++ {
		if rapid.Bool().Draw(t, "known supply") {
			p.supply[k] = rapid.IntRange(0, 6).Draw(t, "supply")
		}
	}
	for i := range rapid.IntRange(0, 30).Draw(t, "slots") {
		s := booking.FreeSlot{
			ID: int64(i + 1), Site: rapid.SampledFrom(sites).Draw(t, "site"),
			Starts: from.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "day"))*24*time.Hour + time.Duration(rapid.IntRange(0, 11).Draw(t, "ten minutes"))*10*time.Minute +
				time.Duration(rapid.SampledFrom([]int{-1, 0, 9}).Draw(t, "hour"))*time.Hour),
			Free: rapid.IntRange(0, 3).Draw(t, "free"), Kept: rapid.IntRange(0, 2).Draw(t, "kept"),
			Reserve: 1, Supply: 0,
		}
		if rapid.IntRange(0, 9).Draw(t, "wide") == 0 {
			s.ID += rapid.SampledFrom([]int64{1 << 20, 1 << 40, 1 << 50, 1 << 62}).Draw(t, "id")
		}
		if !oneReserve {
			s.Reserve = rapid.IntRange(0, 3).Draw(t, "reserve")
		}
		if s.Reserve < 1 || s.Reserve > 2 {
			s.Kept = 0
		}
		if oneSupply {
			s.Supply = map[string]int64{"site-a": 1, "site-b": 2}[s.Site]
		} else if rapid.Bool().Draw(t, "supplied") {
			s.Supply = int64(rapid.IntRange(0, 3).Draw(t, "supply"))
		}
		p.slots = append(p.slots, s)
	}
	for i := range rapid.IntRange(0, 20).Draw(t, "people") {
		if i > 0 && rapid.Bool().Draw(t, "like another") {
			w := rapid.SampledFrom(p.waiting).Draw(t, "whom")
			w.Key = person(byte(i))
			p.waiting = append(p.waiting, w)
			continue
		}
		p.waiting = append(p.waiting, p.drawPerson(t, i))
	}
	return p
}

func (p *play) drawPerson(t *rapid.T, i int) booking.Waiting {
	maybe := func(label string) bool { return rapid.IntRange(0, 3).Draw(t, label) == 0 }
	day := func(label string) booking.Date {
		return booking.DateOf(p.now.Add(time.Duration(rapid.IntRange(-1, 6).Draw(t, label))*24*time.Hour), p.c.Zone)
	}
	w := booking.Waiting{Key: person(byte(i)), Region: rapid.SampledFrom([]string{"a", "b", "c", "d", "?"}).Draw(t, "region")}
	w.Cohort, w.Later = rapid.SampledFrom([]string{"old", "young"}).Draw(t, "cohort"), maybe("later")
	w.Notice = time.Duration(rapid.IntRange(0, 3).Draw(t, "notice")*20) * time.Hour
	if maybe("household") {
		for k := range rapid.IntRange(2, 4).Draw(t, "people") {
			w.Members = append(w.Members, person(byte(100+4*i+k)))
		}
	}
	if maybe("from") {
		w.From = p.now.Add(time.Duration(rapid.IntRange(0, 96).Draw(t, "from")) * time.Hour)
	}
	if maybe("until") {
		w.Until = p.now.Add(time.Duration(rapid.IntRange(0, 120).Draw(t, "until")) * time.Hour)
	}
	if maybe("declined") {
		for range 4 {
			if len(p.slots) > 0 {
				w.Declined = append(w.Declined, rapid.SampledFrom(p.slots).Draw(t, "declined").ID)
			}
		}
	}
	wish := &w.Wishes
	if maybe("ranks") {
		wish.Sites = rapid.SliceOfN(rapid.SampledFrom([]string{"site-a", "site-b", "site-c", "site-y"}), 1, 3).Draw(t, "sites")
	}
	if w.Region != "?" && maybe("max km") {
		wish.MaxKm = rapid.IntRange(1, 25).Draw(t, "km")
	}
	if maybe("not before") {
		wish.NotBefore = day("not before")
	}
	if maybe("not after") {
		wish.NotAfter = day("not after")
	}
	if maybe("weekdays") {
		wish.Weekdays = rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 6), func(i int) time.Weekday { return time.Weekday(i) }), 1, 4).Draw(t, "weekdays")
	}
	for maybe("times") {
		from := rapid.IntRange(0, 23*60).Draw(t, "from")
		wish.Times = append(wish.Times, booking.DayTime{From: from, To: from + rapid.IntRange(-5, 200).Draw(t, "to")})
	}
	if maybe("needs") {
		wish.Needs = rapid.SliceOfN(rapid.SampledFrom(append(playTags, "none")), 1, 2).Draw(t, "needs")
	}
	if maybe("wished notice") {
		wish.Notice = rapid.IntRange(0, 60).Draw(t, "hours")
	}
	return w
}

func (p *play) board() *booking.Board {
	b := booking.NewBoard(p.c, p.now)
	for id, left := range p.supply {
		b.AddSupply(id, left)
	}
	for _, s := range p.slots {
		b.Add(s)
	}
	return b
}

func (p *play) naive() *naive {
	n := &naive{c: p.c, now: p.now, slots: slices.Clone(p.slots), supply: map[int64]int{}}
	for id, left := range p.supply {
		n.supply[id] = left
	}
	return n
}
