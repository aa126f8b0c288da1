package rehearse

import (
	"cmp"
	"slices"
	"time"

	"jari/booking"
)

// landlines is the assumed part of people, in percent, whom a text cannot reach, and who are called instead.
const landlines = 5

// Messages says how many texts and calls a campaign makes and how long they take. The texts counted are one about the registration, one with
// a code or answer that proves the phone, one with an offer or "no time yet", one that confirms the answer to an offer, and the reminders of the first
// appointment. News to those who wait are weekly, for as long as they wait: how many a week is said beside the sum.
type Messages struct {
	Known                              bool // at least one cohort says how many are expected
	Registered, Proofs, Offers, NoTime int
	Answers                            int
	Reminders                          int
	News                               int           // a week, to those who find no seat; not part of the sum
	Calls                              int           // instead of offers by text, for the assumed landlines
	CallTime                           time.Duration // outside quiet hours, at the configured pace
	PerSecond, PerDay, CallsPerSecond  int
	FirstRound                         time.Time // the earliest
	LastOffer                          time.Time // when the last offer has left
	Late                               []LateDay // days whose offers leave too late
}

// All is the number of texts.
func (m *Messages) All() int {
	return m.Registered + m.Proofs + m.Offers + m.NoTime + m.Answers + m.Reminders
}

// LateDay is a day of appointments whose offers cannot all leave in time.
type LateDay struct {
	Date   booking.Date
	Starts time.Time     // the first slot
	Left   time.Time     // when the last offer for the day has left
	Notice time.Duration // what the cohort promises
}

// batch are texts that may leave from an instant on, the lowest rank first.
type batch struct {
	from   time.Time
	urgent bool // also in quiet hours
	rank   int  // offers: the day of the slot; below it what goes first
	n      int
	pool   string
	notice time.Duration
	offer  bool
	remind bool
	wait   int       // of n, those that have not left
	left   time.Time // when the last one has
}

func (r *Report) messages() {
	m, limits := &r.Messages, r.Campaign.Limits.WithDefaults()
	m.PerSecond, m.PerDay, m.CallsPerSecond = limits.TextsPerSecond, limits.TextsPerDay, limits.CallsPerSecond
	m.Known = r.Supply.Known
	if !m.Known {
		return
	}
	all := r.batches()
	post := &post{limits: limits, zone: r.Campaign.Zone}
	post.send(all)
	for _, b := range all {
		if b.offer && b.left.After(m.LastOffer) {
			m.LastOffer = b.left
		}
	}
	m.Calls = m.Offers * landlines / 100
	m.CallTime = seconds(m.Calls, limits.CallsPerSecond)
	r.judgeMessages(all, post)
}

// batches lists the texts of the whole campaign.
func (r *Report) batches() []*batch {
	c, m := r.Campaign, &r.Messages
	var all []*batch
	add := func(b batch) {
		if b.n > 0 {
			all = append(all, &b)
		}
	}
	offered := map[int]int{}
	for _, g := range r.Supply.given {
		k := &c.Cohorts[g.cohort]
		offered[g.cohort] += g.n
		add(batch{from: k.FirstRound, rank: g.day, n: g.n, pool: k.Pool, notice: k.Notice, offer: true})
		starts := r.Supply.start[poolDay{k.Pool, g.day}]
		for _, when := range c.RemindedAt() {
			if at, ok := when.At(starts, c.Limits, c.Zone); ok && !at.Before(k.FirstRound) {
				m.Reminders += g.n
				add(batch{from: at, rank: g.day, n: g.n, pool: k.Pool, remind: true})
			}
		}
	}
	for i := range c.Cohorts {
		k := &c.Cohorts[i]
		m.Registered += k.Expected
		m.Offers, m.NoTime = m.Offers+offered[i], m.NoTime+k.Expected-offered[i]
		if m.FirstRound.IsZero() || k.FirstRound.Before(m.FirstRound) {
			m.FirstRound = k.FirstRound
		}
		if k.Verify != booking.ByOffer { // there the answer to the offer is the proof
			m.Proofs += k.Expected
			add(batch{from: k.Opens, urgent: true, rank: -2, n: k.Expected})
		}
		add(batch{from: k.Opens.Add(c.Settle), rank: -1, n: k.Expected})
		add(batch{from: k.FirstRound, rank: 1 << 30, n: k.Expected - offered[i]})
	}
	m.Answers = m.Offers
	if !c.NoNews {
		m.News = m.NoTime
	}
	return all
}

// post sends texts at the pace of the limits.
type post struct {
	limits booking.Limits
	zone   *time.Location
	stuck  bool // texts were left after mostPost
}

// mostPost bounds how far ahead the post is reckoned.
const mostPost = 400 * 24 * time.Hour

func (p *post) send(all []*batch) {
	if len(all) == 0 {
		return
	}
	slices.SortStableFunc(all, inTurn)
	now := all[0].from
	for _, b := range all {
		b.wait = b.n
		if b.from.Before(now) {
			now = b.from
		}
	}
	end, spent, today := now.Add(mostPost), 0, booking.Date{}
	for open := len(all); open > 0 && now.Before(end); {
		next := nextChange(all, now)
		if d := booking.DateOf(now, p.zone); d != today {
			today, spent = d, 0
		}
		room := min(int(next.Sub(now).Seconds()*float64(p.limits.TextsPerSecond)), p.limits.TextsPerDay-spent)
		used, done := p.sendUntil(all, now, room)
		spent, open, now = spent+used, open-done, next
	}
	for _, b := range all {
		if b.wait > 0 {
			p.stuck, b.left = true, end
		}
	}
}

// inTurn is the order in which texts leave: urgent ones first, then by rank.
func inTurn(a, b *batch) int {
	if a.urgent != b.urgent {
		if a.urgent {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.rank, b.rank), a.from.Compare(b.from))
}

// nextChange is the next quarter of an hour (where quiet hours begin and end in every zone), or when the next batch comes.
func nextChange(all []*batch, now time.Time) time.Time {
	next := now.Add(15 * time.Minute).Truncate(15 * time.Minute)
	for _, b := range all {
		if b.wait > 0 && b.from.After(now) && b.from.Before(next) {
			next = b.from
		}
	}
	return next
}

// sendUntil sends at most room texts from now on, and says how many, and how many batches are done.
func (p *post) sendUntil(all []*batch, now time.Time, room int) (used, done int) {
	quiet := p.limits.Quiet(now.In(p.zone))
	for _, b := range all {
		if b.wait == 0 || b.from.After(now) || quiet && !b.urgent || used >= room {
			continue
		}
		n := min(b.wait, room-used)
		b.wait, used = b.wait-n, used+n
		if b.wait == 0 {
			done++
			b.left = now.Add(time.Duration(float64(used) / float64(p.limits.TextsPerSecond) * float64(time.Second)))
		}
	}
	return used, done
}

func (r *Report) judgeMessages(all []*batch, p *post) {
	c, m := r.Campaign, &r.Messages
	days := map[int]*LateDay{}
	remindedLate := 0
	for _, b := range all {
		if b.remind && !b.left.Before(r.Supply.start[poolDay{b.pool, b.rank}]) {
			remindedLate += b.n
		}
		if !b.offer {
			continue
		}
		starts := r.Supply.start[poolDay{b.pool, b.rank}]
		if starts.IsZero() || !b.left.After(starts.Add(-b.notice)) {
			continue
		}
		d := days[b.rank]
		if d == nil {
			d = &LateDay{Date: r.cal.date(b.rank), Starts: starts, Notice: b.notice}
			days[b.rank] = d
		}
		if b.left.After(d.Left) {
			d.Left = b.left
		}
		if starts.Before(d.Starts) {
			d.Starts = starts
		}
	}
	for _, d := range days {
		m.Late = append(m.Late, *d)
	}
	slices.SortFunc(m.Late, func(a, b LateDay) int { return a.Starts.Compare(b.Starts) })
	if p.stuck {
		r.find(Error, 0, "at %s a second and %s a day the texts are not sent after %s: raise limits.texts_per_day", many(m.PerSecond, "text", "texts"), count(m.PerDay), long(mostPost))
		return
	}
	if remindedLate > 0 {
		r.find(Warning, 0, "%s cannot leave before the first slot of their day and may not be sent: raise limits.texts_per_second or texts_per_day",
			many(remindedLate, "reminder", "reminders"))
	}
	for i, d := range m.Late {
		severity, what := Warning, "which leaves less than the notice of "+long(d.Notice)
		if !d.Left.Before(d.Starts) {
			severity, what = Error, "which is after the first of them has begun"
		}
		if i < 3 || severity == Error && i < 10 {
			r.find(severity, 0, "the last offer for %s leaves at %s, %s (the first slot starts at %s): raise limits.texts_per_second or texts_per_day, or begin the slots later",
				d.Date, clock(c, d.Left), what, clock(c, d.Starts))
		}
	}
	if n := len(m.Late); n > 3 {
		r.find(Note, 0, "%d days in all have offers that leave too late for the notice", n)
	}
}
