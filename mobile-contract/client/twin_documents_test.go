package client_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// campaignOf is a campaign's document in which somebody may be drawn, around an instant.
func campaignOf(r *rapid.T, now time.Time) contract.Campaign {
	c := contract.Campaign{Campaign: "c", Langs: []string{"ko"}}
	for range rapid.IntRange(0, 3).Draw(r, "cohorts") {
		k := contract.Cohort{
			Code: rapid.SampledFrom([]string{"elders", "others", "rest"}).Draw(r, "cohort"), BornFrom: "1900-01-01",
			BornTo: rapid.SampledFrom([]string{"1949-12-31", "1962-07-15", "2020-01-01", ""}).Draw(r, "born to"),
			Order:  rapid.SampledFrom([]contract.CohortOrder{"draw", "draw", "draw", "arrival", "brand_new"}).Draw(r, "order"),
			Opens:  around(r, now, -time.Hour), WindowCloses: maybe(r, "closes", around(r, now, time.Hour), around(r, now, 12*time.Minute)),
		}
		k.BirthDigits = maybe(r, "digits", []int{}, []int{1, 2}, []int{5, 9}, []int{0, 1, 2, 3, 4, 5})
		c.Cohorts = append(c.Cohorts, k)
	}
	return c
}

func around(r *rapid.T, now time.Time, d time.Duration) contract.Instant {
	if rapid.IntRange(0, 9).Draw(r, "whether odd") == 9 {
		return rapid.SampledFrom(instants).Draw(r, "odd")
	}
	d += time.Duration(rapid.Float64Range(-1.2, 1.2).Draw(r, "around") * float64(d))
	if rapid.Bool().Draw(r, "whole seconds") {
		d = d.Round(time.Second)
	}
	return now.Add(d).Format(time.RFC3339Nano)
}

func TestTheTwinReadsDocumentsAlike(t *testing.T) {
	t.Parallel()
	w := newTwin(t)
	rapid.Check(t, func(r *rapid.T) {
		for range 5 {
			queuesAlike(r, w)
		}
		k := campaignOf(r, time.Date(2026, 7, 19, 20, 0, 0, 0, time.UTC))
		born := rapid.SampledFrom([]string{"1950-03-01", "1949-12-31", "1962-07-15", "1948-01-10", "2001-01-01", "", "1950-03-1", "1950-03-0x"}).Draw(r, "born")
		var code any
		if found := client.CohortOf(&k, born); found != nil {
			code = found.Code
		}
		c := command{Do: "cohort", Campaign: written(r, k), Word: born}
		alike(r, "cohort", written(r, code), w.do(r, c).Out)
		readsAlike(r, w, command{Do: "cohort", Campaign: mangled(r, c.Campaign), Word: born}, &contract.Campaign{})
	})
}

// queuesAlike compares what is counted from one queue's document for one place.
func queuesAlike(r *rapid.T, w *twin) {
	r.Helper()
	d := anyQueue(r)
	place := contract.Place{
		Queue: "q", Late: rapid.Bool().Draw(r, "late"), Number: maybe(r, "number", rapid.Int64Range(-2, 80).Draw(r, "n"), rapid.Int64Range(0, 900_000).Draw(r, "m")),
	}
	c := command{Do: "queue", Value: written(r, d), Place: place, Dice: dice(r)}
	var number int64
	if place.Number != nil {
		number = *place.Number
	}
	low, high := client.Before(d, number, place.Late)
	span := client.WaitOf(d, place)
	alike(r, "queue", written(r, map[string]any{
		"before": map[string]any{"least": low, "most": high},
		"wait":   map[string]any{"known": span.Known, "open": span.Open, "least": span.Low.Milliseconds(), "most": span.High.Milliseconds()},
		"again":  client.Millis(client.QueueAgain(d, c.Dice)),
	}), w.do(r, c).Out)
	readsAlike(r, w, command{Do: "queue", Value: mangled(r, c.Value), Place: place}, &contract.QueueDocument{})
}

// readsAlike fails unless both can read a document, or neither.
func readsAlike(r *rapid.T, w *twin, c command, into any) {
	r.Helper()
	b := c.Value
	if b == nil {
		b = c.Campaign
	}
	want := ""
	if json.Unmarshal(b, into) != nil {
		want = "unreadable"
	}
	if got := w.do(r, c).Error; got != want {
		r.Fatalf("%s: in Go %q, in TypeScript %q:\n%s", c.Do, want, got, b)
	}
}

func anyQueue(r *rapid.T) contract.QueueDocument {
	counts := func(name string) []int64 {
		return rapid.SliceOfN(rapid.Int64Range(0, 12), 0, 9).Draw(r, name)
	}
	d := contract.QueueDocument{
		Campaign: "c", Queue: "q", SealedTo: rapid.Int64Range(0, 90).Draw(r, "sealed to"),
		NextChangeSeconds: rapid.SampledFrom([]int{-1, 0, 1, 7, 3600, 100_000}).Draw(r, "next change"),
		Rate: contract.QueueRate{
			State: rapid.SampledFrom([]contract.QueueRateState{"known", "known", "known", "known", "no_round", "brand_new", "constructor"}).Draw(r, "rate"),
			Fast:  rapid.Int64Range(-1, 40).Draw(r, "fast"), Slow: rapid.Int64Range(-1, 20).Draw(r, "slow"),
		},
	}
	d.Blocks = contract.QueueBlocks{Size: rapid.Int64Range(-1, 12).Draw(r, "size"), Ready: counts("ready"), Late: counts("late")}
	if rapid.IntRange(0, 4).Draw(r, "whether large") == 4 {
		d.Blocks.Size, d.SealedTo = 10_000, 870_000
		for i := range d.Blocks.Ready {
			d.Blocks.Ready[i] *= 800_000_000_000
		}
	}
	return d
}

// What is decided and shown, for every word there is and some that there are not.
func TestTheTwinDecidesAndShowsAlike(t *testing.T) {
	t.Parallel()
	w := newTwin(t)
	for _, code := range codes {
		for _, status := range []int{0, 200, 399, 400, 499, 500, 599} {
			problem := contract.Problem{Code: code, Status: status}
			var want any
			if code != "" {
				want = map[string]any{"decision": client.Decide(problem), "ends": client.Ends(problem)}
			}
			alike(t, string(code), written(t, want), w.do(t, command{Do: "decide", Value: written(t, problem)}).Out)
		}
	}
	for _, word := range []string{
		"received", "introduced", "prepared", "waiting", "offered", "confirmed", "attended", "missed", "withdrawn", "verify", "nothing", "answer", "come",
		"call", "apply", "declined", "lapsed", "cancelled", "arrival", "draw", "rehearsal", "live", "known", "no_round", "no_capacity", "too_few_rounds",
		"counted", "invalid", "expired", "too_early", "value", "unknown", "repeated", "type", "syntax", "", "brand_new", "constructor", "__proto__",
	} {
		alike(t, word, written(t, []any{
			client.ShownState(contract.State(word)), client.ShownNext(contract.Next(word)), client.ShownAppointment(contract.AppointmentState(word)),
			client.ShownOrder(contract.CohortOrder(word)), client.ShownMode(contract.Mode(word)), client.ShownRate(contract.QueueRateState(word)),
			client.ShownStamp(contract.StampOutcome(word)), client.ShownReason(contract.FieldReason(word)),
		}), w.do(t, command{Do: "shown", Word: word}).Out)
	}
	for _, word := range instants {
		at, err := time.Parse(time.RFC3339, word)
		var want any
		if err == nil {
			want = map[string]any{"millis": at.UnixMilli(), "nanos": at.Nanosecond() % 1e6}
		}
		alike(t, word, written(t, want), w.do(t, command{Do: "instant", Word: word}).Out)
	}
}

func TestTheTwinPausesAsLong(t *testing.T) {
	t.Parallel()
	w := newTwin(t)
	rapid.Check(t, func(r *rapid.T) {
		c := command{Do: "pace", Seconds: rapid.OneOf(rapid.IntRange(-3, 12), rapid.IntRange(-1000, 1_000_000)).Draw(r, "n"), Dice: dice(r)}
		alike(r, "pace", written(r, map[string]int64{
			"grown": client.Millis(client.Grown(c.Seconds, c.Dice)), "asked": client.Millis(client.Asked(c.Seconds, c.Dice)),
		}), w.do(r, c).Out)
	})
}
