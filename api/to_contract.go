package api

import (
	"fmt"
	"strconv"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// fixedInstant has the same width at every instant, so that an answer's size tells nothing.
const fixedInstant = "2006-01-02T15:04:05.000000Z"

func receivedAtOf(t time.Time) contract.ReceivedAt { return t.UTC().Format(fixedInstant) }

func instantOf(t time.Time, zone *time.Location) contract.Instant {
	return t.In(zone).Format(time.RFC3339)
}

func secondsOf(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }

// receiptBody writes the answer to every application, a contract.Receipt. It may hold nothing that depends on who else has
// applied. It is written by hand because it answers fifteen thousand requests a second; none of its texts needs escaping,
// and a test holds it to the contract's type.
func receiptBody(r desk.Received) []byte {
	b := make([]byte, 0, 320)
	b = append(b, `{"ask_again_seconds":`...)
	b = strconv.AppendInt(b, int64(secondsOf(desk.AskAgain)), 10)
	b = append(b, `,"next":"`...)
	b = append(b, contract.NextVerify...)
	b = append(b, `","received_at":"`...)
	b = r.At.UTC().AppendFormat(b, fixedInstant)
	b = append(b, `","reference":"`...)
	b = append(b, r.Reference...)
	if r.Stamp != booking.StampNone {
		b = append(b, `","stamp":"`...)
		b = append(b, r.Stamp...)
	}
	b = append(b, `","state":"`...)
	b = append(b, contract.StateReceived...)
	return append(b, `"}`...)
}

// receiptOf is the same as a part of a larger answer.
func receiptOf(r desk.Received) contract.Receipt {
	out := contract.Receipt{
		Reference: r.Reference, State: contract.StateReceived, ReceivedAt: receivedAtOf(r.At), Next: contract.NextVerify,
		AskAgainSeconds: secondsOf(desk.AskAgain),
	}
	if r.Introduced {
		out.State = contract.StateIntroduced
	}
	if r.Stamp != booking.StampNone {
		told := contract.StampOutcome(r.Stamp)
		out.Stamp = &told
	}
	return out
}

func registrationOf(reference string, v desk.View) contract.Registration {
	out := contract.Registration{
		Reference: reference, State: contract.State(v.State), ReceivedAt: receivedAtOf(v.ReceivedAt),
		Next: contract.Next(v.Next), AskAgainSeconds: secondsOf(v.AskAgain),
	}
	if !v.Proven {
		return out
	}
	out.MaskedName = &v.Masked
	if v.State != desk.StatePrepared { // there is no entry that has them
		out.Ticket, out.Place, out.Revision = &v.Ticket, placeOf(v.Place), &v.Revision
	}
	out.Wishes = currentWishesOf(v.Wishes)
	if v.SwapAsked {
		out.SwapAsked = &v.SwapAsked
	}
	if v.Region != "" {
		out.Region = &v.Region
	}
	if v.Helper != "" {
		out.Helper = &v.Helper
	}
	if a := v.Appointment; a != nil {
		out.Appointment = &contract.Appointment{
			ID: strconv.FormatInt(a.ID, 10), Site: a.Site, State: contract.AppointmentState(a.State),
			Starts: instantOf(a.Starts, v.Zone), Ends: instantOf(a.Ends, v.Zone),
		}
	}
	return out
}

func placeOf(p booking.PlaceView) *contract.Place {
	out := &contract.Place{Queue: p.Queue, Late: p.Late}
	if p.AfterDraw {
		out.AfterDraw = &p.AfterDraw
	}
	if p.DrawID != "" {
		out.DrawID = &p.DrawID
	}
	switch {
	case p.Number > 0:
		out.Number = &p.Number
	case p.Estimate > 0:
		out.Estimate = &p.Estimate
	}
	return out
}

func currentWishesOf(w booking.Wishes) *contract.CurrentWishes {
	out := &contract.CurrentWishes{Sites: append([]contract.Code{}, w.Sites...), Weekdays: []contract.Weekday{}}
	out.NotBefore, out.NotAfter = dayIfAny(w.NotBefore), dayIfAny(w.NotAfter)
	for _, d := range w.Weekdays {
		out.Weekdays = append(out.Weekdays, weekdays[d])
	}
	if len(w.Times) > 0 {
		times := make([]contract.CurrentDayTime, len(w.Times))
		for i, t := range w.Times {
			times[i] = contract.CurrentDayTime{From: timeOfDayOf(t.From), To: timeOfDayOf(t.To)}
		}
		out.Times = &times
	}
	if len(w.Needs) > 0 {
		out.Needs = &w.Needs
	}
	if w.MaxKm > 0 {
		out.MaxKm = &w.MaxKm
	}
	if w.Notice > 0 {
		out.NoticeHours = &w.Notice
	}
	if h := w.Household; h != nil {
		out.Household = &contract.CurrentHousehold{Code: h.Code, Size: h.Size}
	}
	return out
}

func dayIfAny(d booking.Date) *contract.Day {
	if d.IsZero() {
		return nil
	}
	day := d.String()
	return &day
}

func timeOfDayOf(minute int) contract.TimeOfDay {
	return fmt.Sprintf("%02d:%02d", minute/60, minute%60)
}

func campaignsOf(all []*desk.Campaign) contract.Campaigns {
	out := contract.Campaigns{Campaigns: make([]contract.ListedCampaign, len(all))}
	for i, c := range all {
		out.Campaigns[i] = contract.ListedCampaign{Campaign: c.Slug, Mode: contract.Mode(c.Mode), Names: namesOf(c.Names)}
	}
	return out
}

func campaignOf(c *desk.Campaign) contract.Campaign {
	out := contract.Campaign{
		Campaign: c.Slug, Mode: contract.Mode(c.Mode), Names: namesOf(c.Names), TimeZone: c.Zone.String(),
		Phone: c.Phone, NumberAsked: c.Identity == booking.ByNumber,
		Langs: []contract.Lang{}, Cohorts: []contract.Cohort{}, Regions: []contract.Region{}, Sites: []contract.Site{},
	}
	for _, l := range c.Langs {
		out.Langs = append(out.Langs, string(l))
	}
	for _, k := range c.Cohorts {
		out.Cohorts = append(out.Cohorts, cohortOf(k, c.Zone))
	}
	for _, r := range c.Regions {
		out.Regions = append(out.Regions, contract.Region{Code: r.Code, Names: namesOf(r.Names)})
	}
	for _, s := range c.Sites {
		out.Sites = append(out.Sites, contract.Site{
			Code: s.Code, Names: namesOf(s.Names), Region: s.Region, Addresses: namesOf(s.Address), Tags: append([]contract.Tag{}, s.Tags...), Lat: s.Lat, Lon: s.Lon,
		})
	}
	return out
}

func cohortOf(k booking.Cohort, zone *time.Location) contract.Cohort {
	out := contract.Cohort{
		Code: k.Code, Names: namesOf(k.Names), BornFrom: k.BornFrom.String(), BornTo: k.BornTo.String(),
		Opens: instantOf(k.Opens, zone), Closes: instantOf(k.Closes, zone),
		FirstRound: instantOf(k.FirstRound, zone), Queue: k.Queue, Order: contract.CohortOrder(k.Order),
	}
	if len(k.BirthDigits) > 0 {
		out.BirthDigits = &k.BirthDigits
	}
	if k.Order == booking.ByDraw {
		closes := instantOf(k.Window, zone)
		out.WindowCloses = &closes
	}
	return out
}

func namesOf(n booking.Names) contract.Names {
	out := make(contract.Names, len(n))
	for lang, name := range n {
		out[string(lang)] = name
	}
	return out
}
