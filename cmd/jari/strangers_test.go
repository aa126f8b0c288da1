package main

import (
	"net/http"
	"testing"
	"time"

	"jari/booking"
	"jari/db/dbtest"
)

// device is one app with a secret of its own.
type device struct {
	w      *town
	secret string
	path   string
	first  reply
}

func (w *town) applies(name string, p booking.Person) *device {
	w.t.Helper()
	d := &device{w: w, secret: secretOf(name)}
	d.first = w.call("POST", w.registrations(), d.secret, application(p))
	if d.first.status != http.StatusOK {
		w.t.Fatalf("%s: register: %d %v", name, d.first.status, d.first.body)
	}
	d.path = w.registrations() + "/" + d.first.body["reference"].(string)
	return d
}

func (d *device) do(op string, extra ...string) reply {
	d.w.t.Helper()
	return d.w.call("POST", d.path+"/"+op, d.secret, operation(extra...))
}

// proves asks for a code and enters what reaches the phone.
func (d *device) proves(phone booking.Phone) {
	d.w.t.Helper()
	tried := map[string]bool{} // each code once: a few that are wrong, such as those of other devices, and none is right any more
	for _, e := range d.w.phones.Inbox(phone) {
		tried[e.Body] = true
	}
	if r := d.do("code-requests"); r.status != http.StatusOK {
		d.w.t.Fatalf("code request: %d %v", r.status, r.body)
	}
	d.w.until("a code that is right for this device", time.Minute, func() bool {
		for _, e := range d.w.phones.Inbox(phone) {
			if tried[e.Body] {
				continue
			}
			tried[e.Body] = true
			if code := sixDigits.FindString(e.Body); code != "" && d.do("verifications", "code", code).status == http.StatusOK {
				return true
			}
		}
		return false
	})
}

// Whether the person has withdrawn since is not a stranger's business either.
func TestAStrangerDoesNotSeeAWithdrawal(t *testing.T) {
	t.Parallel()
	w := newTown(t, dbtest.BeforeOffer)
	w.open()
	p := dbtest.Person(30)
	stranger, owner := w.applies("stranger", p), w.applies("owner", p)
	late := w.applies("late", p)
	owner.proves(p.Phone)
	wrong, status := late.do("verifications", "code", "000000"), w.call("GET", stranger.path, stranger.secret, nil)
	if r := owner.do("cancellations"); r.status != http.StatusOK {
		t.Fatalf("cancel: %d %v", r.status, r.body)
	}
	same(t, "a wrong code before and after the withdrawal", wrong, late.do("verifications", "code", "000000"))
	same(t, "status before and after", status, w.call("GET", stranger.path, stranger.secret, nil))
	for _, d := range []*device{stranger, late} {
		again := w.call("POST", w.registrations(), d.secret, application(p))
		if again.body["reference"] != d.first.body["reference"] || again.body["received_at"] != d.first.body["received_at"] {
			t.Errorf("a repetition after the withdrawal differs: %v, then %v", d.first.body, again.body)
		}
	}
	// A copy of the first application that comes late enters nobody again; with a new secret the person stands afresh.
	if late := w.call("POST", w.registrations(), owner.secret, application(p)); late.status != http.StatusConflict {
		t.Errorf("the same application after the withdrawal: %d %v", late.status, late.body)
	}
	again := w.call("POST", w.registrations(), secretOf("owner-anew"), application(p))
	if again.status != http.StatusOK || again.body["received_at"] == owner.first.body["received_at"] {
		t.Errorf("who withdrew and applies again got the old place back: %v", again.body)
	}
	var live int
	w.db.Scan(t, `SELECT count(*) FROM registration WHERE withdrawn_at IS NULL`, nil, &live)
	if live != 1 {
		t.Errorf("%d living entries, want 1", live)
	}
}

// How often others asked for codes must not be seen in when one's own requests are refused.
func TestCodeLimitsAreOnesOwn(t *testing.T) {
	t.Parallel()
	w := newTown(t, dbtest.BeforeOffer)
	w.open()
	alone, shared := dbtest.Person(31), dbtest.Person(32)
	busy := w.applies("busy", shared)
	for range 3 {
		busy.do("code-requests")
	}
	a, b := w.applies("a", alone), w.applies("b", shared)
	for i := range 5 {
		same(t, "code request", a.do("code-requests"), b.do("code-requests"))
		if last := a.do("code-requests"); i == 4 && last.status != http.StatusTooManyRequests {
			t.Errorf("no limit after %d requests: %d", 2*i+2, last.status)
		}
		b.do("code-requests")
	}
	w.until("the queue of codes to be sent", time.Minute, func() bool {
		var open int
		w.db.Scan(t, `SELECT count(*) FROM message WHERE kind = 'code' AND state NOT IN ('delivered')`, nil, &open)
		return open == 0
	})
	if n := w.codesTo(shared.Phone); n > 3 {
		t.Errorf("%d codes reached one phone in an hour, the limit is 3", n)
	}
}

func (w *town) codesTo(phone booking.Phone) int {
	n := 0
	for _, e := range w.phones.Inbox(phone) {
		if sixDigits.MatchString(e.Body) {
			n++
		}
	}
	return n
}

// Corrections: into an identity that was given up, and into one that lives.
func TestCorrections(t *testing.T) {
	t.Parallel()
	w := newTown(t, dbtest.BeforeOffer)
	w.open()
	old, wanted := dbtest.Person(40), dbtest.Person(40)
	wanted.Name = "김바른"
	correct := func(d *device, p booking.Person) reply {
		body := operation()
		body["person"] = application(p)["person"]
		return w.call("POST", d.path+"/corrections", d.secret, body)
	}
	// Somebody withdrew under the identity that the correction leads to.
	gone := w.applies("gone", wanted)
	gone.proves(wanted.Phone)
	gone.do("cancellations")
	d := w.applies("device", old)
	if r := correct(d, wanted); r.status != http.StatusForbidden {
		t.Fatalf("an unproven correction: %d %v", r.status, r.body)
	}
	d.proves(old.Phone)
	for _, p := range []booking.Person{wanted, old, wanted} { // there, back, and there again
		if r := correct(d, p); r.status != http.StatusOK {
			t.Fatalf("correct: %d %v", r.status, r.body)
		}
	}
	if v := w.call("GET", d.path, d.secret, nil); v.body["masked_name"] != "김*른" || v.body["received_at"] != d.first.body["received_at"] {
		t.Errorf("after the correction: %v", v.body)
	}
	fresh := w.applies("fresh", wanted) // the same person on another device: the same entry
	fresh.proves(wanted.Phone)
	if v := w.call("GET", fresh.path, fresh.secret, nil); v.body["received_at"] != d.first.body["received_at"] {
		t.Errorf("the corrected person's other device sees another entry: %v", v.body)
	}
	var live int
	w.db.Scan(t, `SELECT count(*) FROM registration WHERE withdrawn_at IS NULL AND alias_of IS NULL`, nil, &live)
	if live != 1 {
		t.Errorf("%d living entries of one person", live)
	}
	// Into an identity under which somebody lives: that one keeps everything, the other waits for an agent.
	other := dbtest.Person(41)
	w.applies("lives", other)
	intruder := w.applies("intruder", dbtest.Person(42))
	intruder.proves(dbtest.Person(42).Phone)
	if r := correct(intruder, other); r.status != http.StatusOK {
		t.Fatalf("correct: %d %v", r.status, r.body)
	}
	var held int
	w.db.Scan(t, `SELECT count(*) FROM escalation WHERE reason = 'corrected_duplicate'`, nil, &held)
	if held != 1 {
		t.Errorf("%d entries held for an agent, want 1", held)
	}
}

// An agent who has checked a caller makes an entry ready that stood already.
func TestAnAgentMakesAnExistingEntryReady(t *testing.T) {
	t.Parallel()
	w := newTown(t, dbtest.BeforeOffer)
	w.open()
	p := dbtest.Person(50)
	w.applies("app", p)
	body := application(p)
	body["caller_checked"] = true
	r := w.call("POST", "/v1/agent/campaigns/"+w.campaign.Slug+"/registrations", agentToken(w), body)
	if r.status != http.StatusOK || r.body["already_there"] != true {
		t.Fatalf("agent: %d %v", r.status, r.body)
	}
	w.shown(p.Phone, "이미예약")
	var trail int
	w.db.Scan(t, `SELECT count(*) FROM audit_log WHERE act = 'verify.agent' AND actor = 'agent:test'`, nil, &trail)
	if trail != 1 {
		t.Errorf("%d rows name the agent", trail)
	}
}

// A code that no phone was sent opens nothing: nobody can know it, and no wrong try at it is counted, so that whoever may
// guess as often as they like would find it (law 11).
func TestACodeThatWasNotSentOpensNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t, dbtest.BeforeOffer)
	w.open()
	p := dbtest.Person(33)
	fixed, err := booking.ParseE164("+82200001234") // a fixed line: no text ever goes there
	if err != nil {
		t.Fatal(err)
	}
	p.Phone = fixed
	w.applies("family", p)
	stranger := w.applies("stranger", p)
	if r := stranger.do("code-requests"); r.status != http.StatusOK {
		t.Fatalf("code request: %d %v", r.status, r.body)
	}
	w.until("the code to be known as undeliverable", time.Minute, func() bool {
		var n int
		w.db.Scan(t, `SELECT count(*) FROM message WHERE kind = 'code' AND state = 'undelivered'`, nil, &n)
		return n == 1
	})
	var request int64
	w.db.Scan(t, `SELECT id FROM code_request`, nil, &request)
	right := w.campaign.Keys.Code(booking.ID(expectedIDs(w.campaign, []booking.Person{p})[0]), request)
	wrong := "000000"
	if right == wrong {
		wrong = "000001"
	}
	for range 10 {
		if r := stranger.do("verifications", "code", wrong); r.status != http.StatusUnprocessableEntity {
			t.Fatalf("a wrong code: %d %v", r.status, r.body)
		}
	}
	if r := stranger.do("verifications", "code", right); r.status != http.StatusUnprocessableEntity {
		t.Errorf("after ten wrong tries a code that nobody was sent was taken: %d", r.status)
	}
}
