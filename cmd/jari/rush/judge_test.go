package rush

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// queued makes n people who came one after the other and stand so: person i sent at 10i and was answered at 10i+5.
func queued(n int) ([]Seen, []Standing) {
	people, order := make([]Seen, n), make([]Standing, n)
	for i := range n {
		people[i] = Seen{First: int64(10 * i), Held: int64(10*i + 5), Acknowledged: true}
		order[i] = Standing{Queue: "q", Number: int64(i + 1), Arrival: int64(10*i + 2), Person: i}
	}
	return people, order
}

func four(v Verdict) [4]int { return [4]int{v.Lost, v.Doubled, v.OutOfOrder, v.Gained} }

func TestJudge(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change     func(people []Seen, order []Standing) []Standing
		want       [4]int // lost, doubled, out of order, gained
		registered int
	}{
		"all is well": {func(_ []Seen, o []Standing) []Standing { return o }, [4]int{}, 10},
		"one is missing": {func(_ []Seen, o []Standing) []Standing {
			return slices.Delete(o, 4, 5)
		}, [4]int{1, 0, 0, 0}, 9},
		"one who was never answered is missing": {func(p []Seen, o []Standing) []Standing {
			p[4].Acknowledged, p[4].Held = false, never
			return slices.Delete(o, 4, 5)
		}, [4]int{}, 9},
		"two places for one": {func(_ []Seen, o []Standing) []Standing {
			return append(o, Standing{Queue: "q", Number: 11, Arrival: 500, Person: 4})
		}, [4]int{0, 1, 0, 0}, 10},
		"a place of nobody": {func(_ []Seen, o []Standing) []Standing {
			return append(o, Standing{Queue: "q", Number: 11, Arrival: 0, Person: nobody})
		}, [4]int{0, 1, 0, 0}, 10},
		"two people on one number": {func(_ []Seen, o []Standing) []Standing {
			o[5].Number = o[4].Number
			return o
		}, [4]int{0, 1, 0, 0}, 10},
		"the same number in another queue": {func(_ []Seen, o []Standing) []Standing {
			o[9].Queue, o[9].Number = "r", 1
			return o
		}, [4]int{}, 10},
		"neighbours swapped": {func(_ []Seen, o []Standing) []Standing {
			o[4].Person, o[5].Person = 5, 4
			return o
		}, [4]int{0, 0, 1, 0}, 10},
		"neighbours swapped who came at the same time": {func(p []Seen, o []Standing) []Standing {
			p[5].First = p[4].Held // sent when the other was just answered: not after
			o[4].Person, o[5].Person = 5, 4
			return o
		}, [4]int{}, 10},
		"the last stands first": {func(_ []Seen, o []Standing) []Standing {
			o[9].Arrival = -1
			return o
		}, [4]int{0, 0, 9, 0}, 10},
		"the number decides nothing": {func(_ []Seen, o []Standing) []Standing {
			o[0].Number, o[0].Late = 11, "stamp" // announced late, served by arrival
			return o
		}, [4]int{}, 10},
		"a cheater stands first": {func(p []Seen, o []Standing) []Standing {
			p[9].Cheater = true
			o[9].Arrival = -1
			return o
		}, [4]int{0, 0, 9, 1}, 10},
		"a cheater where all cheaters belong": {func(p []Seen, o []Standing) []Standing {
			p[9].Cheater = true
			return o
		}, [4]int{}, 10},
		"a cheater who was overtaken gained nothing": {func(p []Seen, o []Standing) []Standing {
			p[0].Cheater = true
			o[9].Arrival = -1
			return o
		}, [4]int{0, 0, 9, 0}, 10},
		"a place without any valid request": {func(p []Seen, o []Standing) []Standing {
			p[4].First, p[4].Cheater = never, true
			return o
		}, [4]int{0, 0, 5, 1}, 10},
		"another queue is another order": {func(_ []Seen, o []Standing) []Standing {
			o[9].Queue, o[9].Arrival = "r", -1
			return o
		}, [4]int{}, 10},
		"nothing was done": {func([]Seen, []Standing) []Standing { return nil }, [4]int{10, 0, 0, 0}, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			people, order := queued(10)
			order = c.change(people, order)
			v := Judge(people, order, 0)
			if four(v) != c.want || v.Registered != c.registered {
				t.Errorf("lost, doubled, out of order, gained = %v, registered %d; want %v, %d", four(v), v.Registered, c.want, c.registered)
			}
		})
	}
}

func TestJudgeMargin(t *testing.T) {
	t.Parallel()
	people, order := queued(10)
	order[4].Person, order[5].Person = 5, 4
	if v := Judge(people, order, 5); v.OutOfOrder != 0 { // 5 sent 5 ns after 4 was answered
		t.Errorf("out of order %d within the margin", v.OutOfOrder)
	}
	if v := Judge(people, order, 4); v.OutOfOrder != 1 {
		t.Errorf("out of order %d beyond the margin, want 1", v.OutOfOrder)
	}
}

// The quick judge says what the definition says.
func TestJudgeIsTheDefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "people")
		people := make([]Seen, n)
		order := make([]Standing, n)
		for i := range n {
			first := rapid.Int64Range(0, 60).Draw(t, "first")
			people[i] = Seen{First: first, Held: first + rapid.Int64Range(1, 20).Draw(t, "took"), Acknowledged: true, Cheater: rapid.Bool().Draw(t, "cheater")}
			if rapid.IntRange(0, 9).Draw(t, "unheld") == 0 {
				people[i].Held = never
			}
			order[i] = Standing{Queue: "q", Number: int64(i + 1), Arrival: rapid.Int64Range(0, 60).Draw(t, "arrival"), Person: i}
		}
		margin := rapid.Int64Range(0, 10).Draw(t, "margin")
		before := func(b, a Standing) bool {
			return b.Arrival < a.Arrival || b.Arrival == a.Arrival && b.Number < a.Number
		}
		overtaken, gained := 0, 0
		for _, a := range order {
			over, gain := false, false
			for _, b := range order {
				over = over || before(b, a) && people[a.Person].Held < never && people[b.Person].First > people[a.Person].Held+margin
				gain = gain || before(a, b) && people[a.Person].Cheater && people[b.Person].Held < never && people[a.Person].First > people[b.Person].Held+margin
			}
			if over {
				overtaken++
			}
			if gain {
				gained++
			}
		}
		v := Judge(people, order, margin)
		if v.OutOfOrder != overtaken || v.Gained != gained {
			t.Fatalf("out of order %d, gained %d; by the definition %d, %d", v.OutOfOrder, v.Gained, overtaken, gained)
		}
	})
}
