package client_test

import (
	"time"

	"pgregory.net/rapid"

	"jari/mobile-contract/client"
)

// What a history of single steps would seldom come to.

// race lets something be written while the answer is on its way, which says that what was sent must wait.
func (p *pair) race() {
	id, usual := p.somebody(), p.mood
	p.tap(rapid.SampledFrom([]string{"changeWishes", "changeWishes", "apply", "apply", "verify", "cancel", "confirm"}).Draw(p.r, "first"), id)
	p.send()
	p.tap(rapid.SampledFrom([]string{"introduce", "apply", "introduce", "verify", "decline", "forget"}).Draw(p.r, "then"), id)
	p.mood = rapid.SampledFrom([]mood{rush, late}).Draw(p.r, "what it says")
	p.took()
	p.mood = usual
	p.tap(rapid.SampledFrom([]string{"introduce", "apply", "seen", "verify"}).Draw(p.r, "at last"), id)
	p.later()
	p.next()
}

// cross lets an answer tell of another appointment after the person has answered to the one before, and answer again.
func (p *pair) cross() {
	id, usual := p.somebody(), p.mood
	p.mood = calm
	p.next()
	p.now = p.now.Add(48 * time.Hour)
	p.send()
	p.tap(rapid.SampledFrom([]string{"confirm", "decline"}).Draw(p.r, "one"), id)
	p.took()
	p.tap(rapid.SampledFrom([]string{"confirm", "decline"}).Draw(p.r, "other"), id)
	p.mood = usual
}

// flood writes more than may wait.
func (p *pair) flood() {
	if rapid.IntRange(0, 9).Draw(p.r, "whether") == 9 {
		id, what := p.somebody(), rapid.SampledFrom([]string{"dropSwap", "requestCode"}).Draw(p.r, "of what")
		for i := range rapid.IntRange(45, 55).Draw(p.r, "how many") {
			p.tap([]string{what, "removeHelper"}[i%2], id)
		}
	}
}

// restored goes on from the copy before, because the last one was damaged.
func (p *pair) restored() {
	if rapid.IntRange(0, 9).Draw(p.r, "whether") == 9 { // rarely: nothing may be merged afterwards
		for range rapid.SampledFrom([]int{1, 1, 1, 51}).Draw(p.r, "how often") {
			client.Restore(p.state)
			p.compare(command{Do: "mistrust"}, nil, nil)
		}
	}
}

// ahead is told by the date of an answer how far the server's clock is ahead.
func (p *pair) ahead() {
	ahead := rapid.SampledFrom([]int64{0, 999, -999, 1000, 1001, -30_500, 86_400_000, 4_000_000}).Draw(p.r, "ahead")
	server := p.now.Add(time.Duration(ahead) * time.Millisecond)
	p.state.Ahead = int64(server.Sub(p.now) / time.Second) // as Client does it
	p.compare(command{Do: "ahead", Seconds: int(server.UnixMilli())}, nil, nil)
}
