package booking_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"jari/booking"
)

// size reads how much to measure with from the environment.
func size(b *testing.B, name string, otherwise int) int {
	b.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// nation is a campaign of many sites in 17 regions, with slots every few minutes for some weeks.
type nation struct {
	c     *booking.Campaign
	now   time.Time
	slots int
	seats int // of a slot
	days  int
	codes []string
}

func newNation(sites, slots, seats int) *nation {
	n := &nation{c: &booking.Campaign{Zone: seoul}, now: hour("2021-07-20 08:00"), slots: slots, seats: seats, days: 60}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 17 {
		n.c.Regions = append(n.c.Regions, booking.Region{Code: fmt.Sprint("r", i), Position: booking.Position{Lat: 34 + 4*r.Float64(), Lon: 126 + 3*r.Float64()}})
	}
	for i := range sites {
		home := n.c.Regions[i%17]
		s := booking.Site{Code: fmt.Sprint("s", i), Region: home.Code, Position: booking.Position{Lat: home.Lat + r.NormFloat64()/4, Lon: home.Lon + r.NormFloat64()/4}}
		if i%3 > 0 {
			s.Tags = append(s.Tags, "step-free")
		}
		if i%7 == 0 {
			s.Tags = append(s.Tags, "interpreter-en")
		}
		n.c.Sites = append(n.c.Sites, s)
		n.codes = append(n.codes, s.Code)
	}
	n.c.Reserves = []booking.Reserve{{Cohorts: []string{"old"}, Percent: 10}}
	return n
}

// fill puts the slots and an ample supply for each site on a board.
func (n *nation) fill(b *booking.Board) {
	for i := range n.codes {
		b.AddSupply(int64(i+1), math.MaxInt32)
	}
	n.each(b.Add)
}

// each makes the slots, site after site, each site's spread over the days from 9:00 to 18:00.
func (n *nation) each(add func(booking.FreeSlot)) {
	perSite := n.slots / len(n.codes)
	perDay := max(1, perSite/n.days)
	first := hour("2021-07-21 09:00")
	id := int64(0)
	for i, code := range n.codes {
		for k := range perSite {
			id++
			add(booking.FreeSlot{
				ID: id, Site: code, Free: n.seats, Kept: 1, Reserve: 1, Supply: int64(i + 1),
				Starts: first.AddDate(0, 0, k/perDay).Add(time.Duration(k%perDay) * 9 * time.Hour / time.Duration(perDay)),
			})
		}
	}
}

// someone makes a person with wishes of many sorts: half have none, the others one or two.
func (n *nation) someone(r *rand.Rand, w *booking.Waiting) {
	*w = booking.Waiting{Region: n.c.Regions[r.IntN(17)].Code, Cohort: "young", Notice: 24 * time.Hour}
	if r.IntN(5) == 0 {
		w.Cohort = "old"
	}
	wish := &w.Wishes
	switch r.IntN(20) {
	case 0, 1:
		for range 1 + r.IntN(3) {
			wish.Sites = append(wish.Sites, n.codes[r.IntN(len(n.codes))])
		}
	case 2:
		wish.MaxKm = 5 + r.IntN(60)
	case 3:
		wish.Weekdays = []time.Weekday{time.Saturday, time.Sunday}
	case 4:
		wish.Weekdays, wish.Times = []time.Weekday{time.Sunday}, []booking.DayTime{{From: 14 * 60, To: 18 * 60}}
	case 5:
		from := 9*60 + r.IntN(16)*30
		wish.Times = []booking.DayTime{{From: from, To: from + 60}}
	case 6:
		wish.NotBefore = booking.DateOf(n.now.AddDate(0, 0, r.IntN(n.days)), seoul)
	case 7:
		wish.Needs = []string{"step-free", "interpreter-en"}[r.IntN(2):]
	case 8:
		w.Members = make([]booking.OrderKey, 2+r.IntN(3))
	case 9:
		wish.Notice, w.Declined = 24*r.IntN(14), []int64{int64(r.IntN(n.slots))}
	}
}

// match lets so many people through and says how many got a slot.
func (n *nation) match(b *booking.Board, people int, someone func(*rand.Rand, *booking.Waiting)) (looked, given int, reasons map[booking.Reason]int) {
	r := rand.New(rand.NewPCG(3, 4))
	out := make([]booking.Match, 0, 8192)
	reasons = map[booking.Reason]int{}
	var w booking.Waiting
	for looked < people {
		someone(r, &w)
		out = b.Match(out[:0], w)
		for _, m := range out {
			looked++
			if m.SlotID != 0 {
				given++
			} else {
				reasons[m.Reason]++
			}
		}
	}
	return looked, given, reasons
}

func (n *nation) measure(b *testing.B, people int, someone func(*rand.Rand, *booking.Waiting)) {
	for b.Loop() {
		begin := time.Now()
		board := booking.NewBoard(n.c, n.now)
		n.fill(board)
		seats := board.Left()
		loaded := time.Since(begin)
		board.Match(nil, booking.Waiting{Wishes: booking.Wishes{Sites: []string{"nowhere"}}}) // sorts
		sorted := time.Since(begin)
		looked, given, reasons := n.match(board, people, someone)
		took := time.Since(begin) - sorted
		b.ReportMetric(float64(took.Microseconds())/float64(looked), "µs/person")
		b.ReportMetric(loaded.Seconds(), "s-load")
		b.ReportMetric((sorted - loaded).Seconds(), "s-sort")
		b.Logf("%d slots, %d seats, %d people, %d given, %v", n.slots, seats, looked, given, reasons)
	}
	b.ReportMetric(float64(peakMiB(b)), "MiB-peak")
}

// peakMiB is the most memory that this process ever held (VmHWM), 0 where the system does not say.
func peakMiB(b *testing.B) int {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); f[0] == "VmHWM:" {
			kib, err := strconv.Atoi(f[1])
			if err != nil {
				b.Fatal(err)
			}
			return kib / 1024
		}
	}
	return 0
}

// BenchmarkBoard matches the people of July 2021 on 250 sites with mixed wishes: with plenty of seats, with half as many
// seats as people, and with nothing left that most of them want. JARI_MATCH_SLOTS, JARI_MATCH_PEOPLE and
// JARI_MATCH_SITES change the sizes; for the memory of a size run one case by itself, in a process of its own:
//
//	JARI_MATCH_SLOTS=27000000 JARI_MATCH_PEOPLE=1000000 go test -run '^$' -bench BenchmarkBoard/plenty -benchtime 1x ./booking
func BenchmarkBoard(b *testing.B) {
	sites, people := size(b, "JARI_MATCH_SITES", 250), size(b, "JARI_MATCH_PEOPLE", 1_540_000)
	b.Run("plenty", func(b *testing.B) {
		n := newNation(sites, size(b, "JARI_MATCH_SLOTS", 500_000), 4)
		n.measure(b, people, n.someone)
	})
	b.Run("scarce", func(b *testing.B) {
		n := newNation(sites, size(b, "JARI_MATCH_SLOTS", 200_000), 3)
		n.measure(b, people, n.someone)
	})
	b.Run("sundays", func(b *testing.B) {
		n := newNation(sites, size(b, "JARI_MATCH_SLOTS", 500_000), 4)
		n.measure(b, people, func(r *rand.Rand, w *booking.Waiting) {
			n.someone(r, w)
			w.Members, w.Wishes = nil, booking.Wishes{Weekdays: []time.Weekday{time.Sunday}}
		})
	})
	b.Run("afternoons", func(b *testing.B) {
		n := newNation(sites, size(b, "JARI_MATCH_SLOTS", 500_000), 4)
		n.measure(b, people, func(r *rand.Rand, w *booking.Waiting) {
			n.someone(r, w)
			w.Wishes = booking.Wishes{Times: []booking.DayTime{{From: 15 * 60, To: 16 * 60}}}
		})
	})
}
