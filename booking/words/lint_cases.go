package words

import (
	"fmt"
	"strings"
	"time"

	"jari/booking"
)

// Case is one way in which a kind's text can come out.
type Case struct {
	Name string
	Kind Kind
	Data Data
}

// Cases are all ways in which the texts about d can come out: every kind, state, reason and cause. Whoever checks or shows the texts goes
// through them.
func Cases(d Data) []Case {
	var out []Case
	for _, k := range Kinds() {
		switch k {
		case Status:
			out = append(out, statusCases(d)...)
		case NoTime:
			out = append(out, reasonCases(string(k), k, d)...)
			e := d
			e.Sites, e.LastDay, e.Phone = 0, booking.Date{}, ""
			for _, c := range reasonCases(string(k)+"/bare", k, e) {
				if c.Data.Reason == booking.ReasonSites || c.Data.Reason == booking.ReasonDeclines {
					out = append(out, c)
				}
			}
		case News:
			out = append(out, reasonCases(string(k), k, d)...)
		case Why:
			out = append(out, whyCases(d)...)
		case AskMissing:
			for _, m := range [][]string{{"name"}, {"birth"}, {"birth_century"}, {"region"}, {"number"}, {"phone"}, {"name", "birth", "region"}, {"name", "birth_century", "region", "number", "phone"}} {
				e := d
				e.Missing, e.Years = m, []int{1912, 2012}
				out = append(out, Case{fmt.Sprintf("%s/%s", k, strings.Join(m, "+")), k, e})
			}
			e := d
			e.Missing, e.Years = []string{MissingCentury}, nil
			out = append(out, Case{fmt.Sprintf("%s/%s/unknown", k, MissingCentury), k, e})
		case Welcome:
			e := d
			e.Place = 0
			out = append(out, Case{string(k), k, d}, Case{string(k) + "/unsealed", k, e})
			e.AfterDraw = true
			out = append(out, Case{string(k) + "/before_the_draw", k, e})
		case Moved, Cancelled:
			for _, cause := range []string{"", CauseSiteClosed, CauseCapacity} {
				e := d
				e.ChangeCause = cause
				out = append(out, Case{fmt.Sprintf("%s/%s", k, cause), k, e})
			}
		case Missed:
			e := d
			e.NewTime = true
			out = append(out, Case{string(k), k, d}, Case{string(k) + "/again", k, e})
		default:
			out = append(out, Case{string(k), k, d})
		}
	}
	return out
}

func allStates() []string {
	return []string{stateReceived, stateWaiting, stateOffered, stateConfirmed, stateAttended, stateMissed, stateWithdrawn}
}

func statusCases(d Data) []Case {
	var out []Case
	for _, s := range allStates() {
		for _, first := range []int{0, d.First} {
			e := d
			e.State, e.First = s, first
			out = append(out, Case{fmt.Sprintf("%s/%s/%d", Status, s, first), Status, e})
		}
	}
	e := d
	e.State = stateWaiting
	out = append(out, reasonCases(string(Status)+"/waiting", Status, e)...)
	e.Place, e.AfterDraw = 0, true
	return append(out, Case{fmt.Sprintf("%s/before_the_draw", Status), Status, e})
}

func reasonCases(name string, k Kind, d Data) []Case {
	reasons := []booking.Reason{
		"", booking.ReasonNoSlots, booking.ReasonSupply, booking.ReasonReserved, booking.ReasonNotice, booking.ReasonNeeds, booking.ReasonSites,
		booking.ReasonDistance, booking.ReasonHousehold, booking.ReasonWishes, booking.ReasonNotReady, booking.ReasonIncomplete, booking.ReasonDeclines, booking.ReasonHeld,
	}
	out := make([]Case, len(reasons))
	for i, r := range reasons {
		out[i] = Case{fmt.Sprintf("%s/%s", name, r), k, d}
		out[i].Data.Reason = r
	}
	return out
}

// whyCases are the ways in which the answer to "why" can come out.
func whyCases(d Data) []Case {
	var out []Case
	add := func(name string, change func(*Data)) {
		e := d
		change(&e)
		out = append(out, Case{"why/" + name, Why, e})
	}
	for _, s := range allStates() {
		add(s, func(e *Data) { e.State = s })
	}
	for _, cause := range []string{"swap", "redated", "site_closed"} {
		add("offered/"+cause, func(e *Data) { e.State, e.Cause = stateOffered, cause })
	}
	for _, o := range []booking.Order{booking.OrderUnknown, booking.OrderRanked, booking.OrderNearest} {
		for _, rank := range []int{1, 2} {
			add(fmt.Sprintf("offered/%s/%d", o, rank), func(e *Data) { e.State, e.Order, e.Rank = stateOffered, o, rank })
		}
	}
	add("waiting/unsealed", func(e *Data) { e.Place = 0 })
	add("waiting/before_the_draw", func(e *Data) { e.Place, e.AfterDraw = 0, true })
	add("waiting/first", func(e *Data) { e.FirstRound = e.At })
	add("waiting/again", func(e *Data) { e.Again, e.Looked = true, e.At })
	add("waiting/through", func(e *Data) { e.Through = e.Place - 1 })
	e := d
	e.Looked = e.At
	return append(out, reasonCases("why/waiting", Why, e)...)
}

// sizes of the data that a catalogue is tried with; its table "lint" has names for each.
const (
	short = "short"
	usual = "usual"
	long  = "long"
)

// sample are data of a size, with the names that the catalogue gives for it.
func (l *language) sample(size string) Data {
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2027, month, day, hour, minute, 0, 0, time.UTC)
	}
	n := l.names[size]
	d := Data{
		Reference: "AB2C", Code: "012345", Helper: "010-****-5678", Ticket: "123-456-7890", State: stateWaiting, Missing: []string{MissingRegion}, Words: "12:00-14:00",
		Masked: n["name"], Site: n["site"], WasSite: n["site"], Sample: n["region"], Phone: n["phone"],
		Region: n["region"], Choices: []string{n["region"], n["region"]},
		First: 1, Place: 812, Sites: 3, LastDay: booking.Date{Year: 2027, Month: 8, Day: 30},
		Starts: at(7, 27, 14, 30), WasStarts: at(7, 26, 9, 0), At: at(7, 19, 20, 0),
		Said: Wish{Days: []time.Weekday{time.Saturday}, Times: []booking.DayTime{{From: 0, To: noon}}}, Names: []string{n["name"], n["name"]}, Size: 3,
		News: NewData{Phone: "010-0000-5678"},
	}
	d.Wished = d.Said
	switch size {
	case short:
		d.Place, d.Sites, d.Starts, d.WasStarts, d.At = 2, 1, at(5, 3, 9, 0), at(5, 4, 9, 0), at(5, 5, 9, 0)
	case long:
		d.First, d.Place, d.Sites, d.LastDay = 97, 12_505_074, 5, booking.Date{Year: 2027, Month: 12, Day: 28}
		d.Starts, d.WasStarts, d.At = at(12, 28, 10, 30), at(12, 27, 10, 30), at(12, 29, 22, 30)
		d.Said = Wish{
			Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, Times: []booking.DayTime{{From: 570, To: 705}},
			From: booking.Date{Year: 2027, Month: time.December, Day: 13},
		}
		d.Wished, d.News.Born = d.Said, booking.Date{Year: 1968, Month: time.December, Day: 28}
		d.Wished.Sites = []string{n["site"], n["site"]}
	}
	return d
}

// bare is a sample without what may be unknown.
func (l *language) bare() Data {
	d := l.sample(short)
	d.Phone, d.Ticket, d.Sample, d.WasSite, d.Place, d.LastDay = "", "", "", "", 0, booking.Date{}
	return d
}
