package client_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// The protocol in TypeScript is the one in Go: after every step of any history both have the same state, want to send the same and wait as long.
func TestTheTwinInTypeScriptDoesTheSame(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"one", "two", "three"} { // each has its own seed and its own twin
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			w := newTwin(t)
			rapid.Check(t, func(r *rapid.T) { history(r, w) })
		})
	}
}

// history is a life of a device.
func history(r *rapid.T, w *twin) {
	p := &pair{r: r, w: w, state: &client.State{Format: 1}, now: time.Date(2026, 7, 19, 20, 0, 0, 0, time.UTC)}
	p.chance = rand.NewChaCha8([32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(r, "seed")))
	p.mood = rapid.SampledFrom([]mood{chaos, calm, calm, rush}).Draw(r, "mood")
	p.habits = rapid.SampledFrom(habits).Draw(r, "habits")
	p.compare(command{Do: "new"}, nil, nil)
	p.tap("add", "")
	if n := len(p.state.People); n > 0 && rapid.IntRange(0, 3).Draw(r, "whether to begin") > 0 {
		p.tap(rapid.SampledFrom([]string{"apply", "introduce", "recover"}).Draw(r, "first"), p.state.People[0].ID)
		p.next()
	}
	for range rapid.IntRange(10, 120).Draw(r, "steps") {
		p.word = rapid.SampledFrom(kinds).Draw(r, "kind asked about")
		p.step()
	}
}

func (p *pair) step() {
	switch rapid.SampledFrom([]string{
		"tap", "tap", "tap", "tap", "tap", "tap", "tap", "time", "time", "next", "next", "next", "next", "took", "took", "took", "took", "failed",
		"restart", "restored", "ahead", "flood", "race", "again", "again", "cross", "shared",
	}).Draw(p.r, "step") {
	case "tap":
		p.tap(p.method(), p.somebody())
	case "time":
		p.later()
	case "next":
		p.next()
	case "took":
		p.took()
	case "failed":
		p.failed()
	case "restart":
		p.restart()
	case "restored":
		p.restored()
	case "race":
		p.race()
	case "cross":
		p.cross()
	case "shared": // everybody goes when all is answered
		for _, who := range p.state.People {
			p.tap("forgetAfter", who.ID)
		}
		if p.send() {
			p.failed()
		}
	case "again": // what may take the place of what was just written
		id := p.somebody()
		what := rapid.SampledFrom(habits).Draw(p.r, "what again")
		p.tap(what[0], id)
		p.tap(what[rapid.IntRange(0, 1).Draw(p.r, "the same")%len(what)], id)
	case "flood":
		p.flood()
	case "ahead":
		p.ahead()
	}
}

// later sets the clock, mostly forward.
func (p *pair) later() {
	p.now = p.now.Add(rapid.SampledFrom([]time.Duration{
		time.Millisecond, 1500 * time.Millisecond, 7 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 30 * time.Hour, 500 * 24 * time.Hour,
		-time.Second, -time.Hour, -800 * 24 * time.Hour,
	}).Draw(p.r, "later"))
}

// next asks for what is due, and mostly sends it and gets an answer.
func (p *pair) next() {
	if rapid.Bool().Draw(p.r, "whether time goes by") {
		p.later()
	}
	if !p.send() {
		return
	}
	switch rapid.IntRange(0, 9).Draw(p.r, "and then") {
	case 5, 6: // it is not answered
	case 7:
		p.failed()
	case 8, 9:
		p.tap(p.method(), p.somebody())
		p.took()
	default:
		p.took()
	}
}

// send asks for what is due and mostly sends it. It says whether it did.
func (p *pair) send() bool {
	b, wait, ok := p.state.Next(p.now)
	out := map[string]any{"wait": client.Millis(wait)}
	if ok {
		sent := b.Sent()
		for i := range sent {
			if sent[i].Operations == nil {
				sent[i].Operations = []contract.OperationID{}
			}
		}
		out["request"], out["sent"] = b.Request, sent
	}
	p.compare(command{Do: "next", Batch: len(p.batches)}, nil, out)
	if !ok {
		return false
	}
	p.batches = append(p.batches, b)
	switch rapid.IntRange(0, 19).Draw(p.r, "what comes between") {
	case 16, 17:
		return false // it never leaves
	case 18:
		p.tap("forget", p.somebody())
	case 19:
		p.tap(p.method(), p.somebody())
	}
	p.state.Sending(b)
	p.compare(command{Do: "sending", Batch: len(p.batches) - 1}, nil, nil)
	return true
}

// which is a batch that an answer is about: mostly the last one.
func (p *pair) which() int {
	return max(0, len(p.batches)-1-rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 1, 2, 5}).Draw(p.r, "batches before"))
}

func (p *pair) took() {
	if len(p.batches) == 0 {
		return
	}
	i, luck := p.which(), dice(p.r)
	body := written(p.r, p.answerTo(p.batches[i]))
	switch rapid.IntRange(0, 7).Draw(p.r, "whether it is mangled") {
	case 6:
		body = bytes.ReplaceAll(body, []byte(`"cursor":"c1"`), []byte(`"cursor":""`))
	case 7:
		body = mangled(p.r, body)
	}
	answer, err := client.ReadAnswer(client.Answer{JSON: true, Body: body})
	if err == nil {
		err = p.state.Took(p.batches[i], answer, p.now, luck)
	}
	p.compare(command{Do: "took", Batch: i, Value: body, Dice: luck}, err, nil)
}

func (p *pair) failed() {
	if len(p.batches) == 0 {
		return
	}
	i, luck := p.which(), dice(p.r)
	f := client.Failure{
		Status:     rapid.SampledFrom([]int{0, 302, 400, 400, 401, 404, 413, 422, 422, 429, 429, 429, 500, 503, 503}).Draw(p.r, "status"),
		RetryAfter: rapid.SampledFrom([]int{0, 0, 5, -1, -1, 1e9}).Draw(p.r, "retry after"),
	}
	c := command{Do: "failed", Batch: i, Status: f.Status, Seconds: f.RetryAfter, Dice: luck}
	if rapid.IntRange(0, 2).Draw(p.r, "whether it says a problem") > 0 {
		problem := anyProblem(p.r)
		c.Value = written(p.r, problem)
		if problem.Code != "" {
			f.Problem = problem
		}
	}
	p.state.Failed(p.batches[i], f, p.now, luck)
	p.compare(c, nil, nil)
}

// restart stores and reads what was stored; now and then that is damaged, or a newer version wrote it.
func (p *pair) restart() {
	sound := p.last
	if rapid.Bool().Draw(p.r, "whether it is damaged") {
		other := mangled(p.r, sound)
		switch rapid.IntRange(0, 5).Draw(p.r, "how") {
		case 3:
			other = bytes.Replace(other, []byte(`"format":1`), []byte(`"format":2`), 1)
		case 4:
			if n := len(p.state.People); n > 1 { // the same person twice
				other = bytes.ReplaceAll(sound, []byte(p.state.People[n-1].ID), []byte(p.state.People[0].ID))
			}
		case 5:
			other = bytes.ReplaceAll(sound, []byte(`"millis":`), []byte(`"millis":9999`))
		}
		p.decode(other)
		_, wait, _ := p.state.Next(p.now)
		p.compare(command{Do: "wait"}, nil, client.Millis(wait))
	}
	p.decode(sound)
	if !bytes.Equal(sound, p.last) {
		p.r.Fatalf("stored\n%s\nread\n%s", sound, p.last)
	}
}

func (p *pair) decode(b []byte) {
	s, err := client.DecodeState(b)
	if err == nil {
		p.state = s
	}
	p.compare(command{Do: "decode", Value: b}, err, nil)
}

// tap lets the person do something, possible or not.
func (p *pair) tap(method, id string) {
	before := p.last
	bytesOf, text := p.random()
	luck := dice(p.r)
	c := command{Do: "pen", Random: text, Dice: luck}
	pen := client.Pen{State: p.state, Now: p.now, Random: bytes.NewReader(bytesOf), Dice: func() float64 { return luck }}
	pen.Campaign = func(contract.Slug) *contract.Campaign { return nil }
	if rapid.Bool().Draw(p.r, "whether the campaign is at hand") {
		c.Campaign = written(p.r, campaignOf(p.r, p.now))
		var k contract.Campaign
		if err := json.Unmarshal(c.Campaign, &k); err != nil {
			p.r.Fatal(err)
		}
		pen.Campaign = func(contract.Slug) *contract.Campaign { return &k }
	}
	c.Method = method
	args, out, err := p.taps(pen, method, id)
	c.Args = args
	p.compare(c, err, out)
	if err != nil {
		p.decode(before) // as a device does it: nothing is half-written
	}
}
