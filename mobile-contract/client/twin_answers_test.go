package client_test

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// codes are those of the contract, some that it may gain, and some that every object has in JavaScript.
var codes = []contract.ProblemCode{
	"invalid", "unauthorized", "secret_malformed", "agent_unauthorized", "verify_first", "verify_first", "verify_first", "not_open_yet", "not_open_yet",
	"not_open_yet", "closed", "not_eligible", "live_campaign", "no_campaign", "no_queue", "no_ticket", "not_found", "method_not_allowed", "conflict",
	"conflict", "too_large", "unsupported_media", "operation_reused", "wrong_code", "too_many", "too_many", "internal", "overloaded", "overloaded",
	"brand_new", "constructor", "toString", "__proto__", "",
}

// instants are as the contract has them and not.
var instants = []contract.Instant{
	"2026-07-19T20:00:00Z", "2026-07-19T20:00:00+09:00", "2026-07-19T19:59:58.5Z", "2026-07-19T20:00:00.000000Z", "2026-07-19T20:00:00.123456789Z",
	"2026-07-19T20:00:00.1234Z", "2027-12-31T23:59:59Z", "2028-02-29T00:00:00-03:30", "2026-02-29T00:00:00Z", "2026-07-19T24:00:00Z",
	"2026-07-19 20:00:00Z", "2026-07-19T20:00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "", "soon",
}

// closeBy are instants a little apart.
var closeBy = []contract.Instant{
	"2026-07-19T20:00:00.000001Z", "2026-07-19T20:00:02Z", "2026-07-19T20:00:03.5000005Z", "2026-07-19T20:00:05.999999999Z", "2026-07-19T20:00:07.1234Z",
	"2026-07-19T20:00:11.0005Z", "2026-07-19T20:00:30Z", "2026-07-19T20:01:00.1Z",
}

// maybe is nil, or a pointer to one of the values.
func maybe[T any](r *rapid.T, name string, values ...T) *T {
	if i := rapid.IntRange(-1, len(values)-1).Draw(r, name); i >= 0 {
		return &values[i]
	}
	return nil
}

func anyProblem(r *rapid.T) *contract.Problem {
	return &contract.Problem{
		Code:              rapid.SampledFrom(codes).Draw(r, "code"),
		Status:            rapid.SampledFrom([]int{0, 200, 302, 399, 400, 401, 403, 404, 409, 422, 429, 499, 500, 503, 599}).Draw(r, "status"),
		Title:             "아직 접수 시작 전입니다",
		Type:              "/problems/x",
		At:                maybe(r, "at", append(instants, closeBy...)...),
		Now:               maybe(r, "now", append(closeBy, instants...)...),
		RetryAfterSeconds: maybe(r, "retry after", 0, -5, 1, 60, 3601, 90000, 1_000_000_000),
		Stamp:             maybe(r, "stamp", "", "stamp-1", "stamp-2"),
		Detail:            maybe(r, "detail", "", "too bad"),
		Reason:            maybe(r, "reason", contract.FieldReasonValue, "brand_new"),
	}
}

func anyRegistration(r *rapid.T) *contract.Registration {
	told := &contract.Registration{
		Reference: rapid.SampledFrom([]string{"r1", "r1", "r1", "r2", ""}).Draw(r, "reference"),
		State: rapid.SampledFrom([]contract.State{
			"received", "introduced", "prepared", "prepared", "prepared", "waiting", "offered", "offered", "confirmed", "confirmed", "attended", "missed",
			"withdrawn", "withdrawn", "brand_new",
		}).Draw(r, "state"),
		Next:            rapid.SampledFrom([]contract.Next{"verify", "nothing", "nothing", "answer", "answer", "come", "call", "apply", "brand_new"}).Draw(r, "next"),
		ReceivedAt:      "2026-07-19T20:00:03.123456Z",
		AskAgainSeconds: rapid.SampledFrom([]int{0, 1, -3, 60, 3600, 1_000_000}).Draw(r, "ask again"),
		Revision:        maybe(r, "revision", "v1", "v2", "v3", ""),
		Ticket:          maybe(r, "ticket", "", "1234567890"),
		SwapAsked:       maybe(r, "swap asked", false, true),
		Wishes:          maybe(r, "told wishes", contract.CurrentWishes{}, contract.CurrentWishes{Sites: []string{"north"}, MaxKm: new(int)}),
		Place:           maybe(r, "place", contract.Place{Queue: "q"}, contract.Place{Queue: "q", Number: new(int64), Late: true}),
	}
	if rapid.Bool().Draw(r, "whether there is an appointment") {
		told.Appointment = &contract.Appointment{
			ID: rapid.SampledFrom([]string{"7", "7", "8"}).Draw(r, "appointment"), Site: "north", Starts: "2026-08-01T09:00:00+09:00", State: "offered",
		}
	}
	return told
}

// mood is how a server answers throughout a history.
type mood string

const (
	chaos mood = "chaos" // anything, also what is wrong
	calm  mood = "calm"  // mostly what was asked for is done, and told
	rush  mood = "rush"  // much is refused for now, with stamps
	late  mood = "late"  // the phone was corrected elsewhere: nothing goes without the code
)

// answerTo is what a server may say to a batch.
func (p *pair) answerTo(b client.Batch) contract.SyncAnswer {
	a := contract.SyncAnswer{
		Campaigns:       map[string]string{"c": `"one"`},
		AskAgainSeconds: rapid.SampledFrom([]int{60, 0, 1, -7, 100_000}).Draw(p.r, "ask again"),
	}
	for _, e := range b.Sent() {
		a.Entries = append(a.Entries, p.entryFor(e))
	}
	switch rapid.IntRange(0, 40).Draw(p.r, "how many entries") {
	case 39:
		a.Entries = append(a.Entries, contract.SyncedEntry{})
	case 40:
		a.Entries = a.Entries[1:]
	}
	return a
}

func (p *pair) entryFor(sent client.SentEntry) contract.SyncedEntry {
	e := contract.SyncedEntry{
		Reference: maybe(p.r, "reference", "r1", "r1", "r1", "r2", ""),
		Cursor:    maybe(p.r, "cursor", "c1", "c2", ""),
	}
	answered := len(sent.Operations)
	if rapid.IntRange(0, 4).Draw(p.r, "whether some have no result") == 4 {
		answered = rapid.IntRange(0, answered).Draw(p.r, "results")
	}
	for _, id := range sent.Operations[:answered] {
		e.Results = append(e.Results, p.resultFor(id))
	}
	if rapid.IntRange(0, 40).Draw(p.r, "one result more") == 40 {
		e.Results = append(e.Results, contract.SyncResult{Done: true, OperationID: "more"})
	}
	if rapid.IntRange(0, 2).Draw(p.r, "whether told") > 0 {
		e.Registration = anyRegistration(p.r)
		if p.mood == calm {
			e.Registration.State, e.Registration.Next, e.Registration.Reference = "offered", "answer", "r1"
			if e.Registration.Revision == nil {
				e.Registration.Revision = &e.Registration.ReceivedAt
			}
		}
	}
	if p.mood != calm && rapid.IntRange(0, 6).Draw(p.r, "whether the entry has a problem") == 6 {
		e.Problem = anyProblem(p.r)
	}
	return e
}

func (p *pair) resultFor(id contract.OperationID) contract.SyncResult {
	out := contract.SyncResult{OperationID: id}
	done := map[mood]int{chaos: 50, calm: 88, rush: 15, late: 5}[p.mood]
	switch n := rapid.IntRange(0, 99).Draw(p.r, "result"); {
	case n < done:
		out.Done = true
	case n < 97:
		out.Problem = anyProblem(p.r)
		switch p.mood {
		case late:
			out.Problem.Code = "verify_first"
		case rush:
			out.Problem.Code = rapid.SampledFrom([]contract.ProblemCode{"overloaded", "verify_first", "not_open_yet", "too_many"}).Draw(p.r, "for now")
		}
	case n == 97:
		out.Done, out.Problem = true, anyProblem(p.r) // both: it is done
	case n == 98:
		out.Done = rapid.Bool().Draw(p.r, "done") // neither, if not
	default:
		out.OperationID = rapid.SampledFrom([]string{"00000000-0000-0000-0000-000000000000", "another", ""}).Draw(p.r, "id")
		out.Done, out.Problem = rapid.IntRange(0, 3).Draw(p.r, "done") == 3, anyProblem(p.r)
	}
	if rapid.IntRange(0, 2).Draw(p.r, "whether there is a receipt") == 2 {
		out.Receipt = &contract.Receipt{
			Reference: rapid.SampledFrom([]string{"r1", "r2", ""}).Draw(p.r, "receipt's reference"), State: "received", Next: "verify",
			ReceivedAt: "2026-07-19T20:00:03.123456Z", AskAgainSeconds: 30, Stamp: maybe(p.r, "outcome", contract.StampOutcomeCounted, "brand_new"),
		}
	}
	return out
}

// spot is a place in a JSON value, and how to put something else there.
type spot struct {
	name string
	put  func(any)
	del  func()
}

// spots are all places in a value.
func spots(name string, v any, put func(any)) []spot {
	out := []spot{{name: name, put: put, del: func() { put(nil) }}}
	switch v := v.(type) {
	case []any:
		for i := range v {
			out = append(out, spots(name, v[i], func(n any) { v[i] = n })...)
		}
	case map[string]any:
		for _, k := range sorted(v) {
			inner := spots(k, v[k], func(n any) { v[k] = n })
			inner[0].del = func() { delete(v, k) }
			out = append(out, inner...)
		}
	}
	return out
}

// mangled is a value with something else at one place.
func mangled(r *rapid.T, b jsontext.Value) jsontext.Value {
	var root any
	if err := json.Unmarshal(b, &root); err != nil {
		r.Fatal(err)
	}
	all := spots("", root, func(n any) { root = n })
	at := all[rapid.IntRange(0, len(all)-1).Draw(r, "where")]
	switch at.name {
	case "from", "rest", "ask": // what is left of a pause without its beginning is nobody's business
		at.put("soon")
		return written(r, root)
	}
	if n := rapid.IntRange(0, 10).Draw(r, "what instead"); n == 0 {
		at.del()
	} else {
		at.put([]any{nil, "", "text", 5, 0, 1.5, true, []any{}, map[string]any{}, map[string]any{"brand_new": 1}, []any{nil}}[n])
	}
	return written(r, root)
}
