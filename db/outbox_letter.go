package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// letter is a message with everything that its text speaks of, read when it is sent: what a person reads is true then.
type letter struct {
	to      booking.Phone
	lang    booking.Lang
	data    words.Data
	request int64
	stale   bool // what it would say is no longer so
	choices int  // how many answers its question has, if those are of a proposal
}

// readLetter reads the addressee and the facts. It returns vault.ErrData for personal data that cannot be opened.
//
// Params understood: "request" and "introduced" (code), "reason" (no time), "at" (RFC 3339), "missing" (comma-separated), "years" (sealed), "lang" (answers
// to a phone without an entry), "from" (the appointment that another one replaced), "cause" (why), "again" (a new time follows), "helper" (who
// it is about), "first" (an answer number), "about" and "choices" (what the numbers of a question mean).
func readLetter(ctx context.Context, q querier, c *desk.Campaign, m outgoing) (letter, error) {
	f, ok := q.(*facts)
	if !ok {
		f = &facts{querier: q}
	}
	return f.letter(ctx, c, m)
}

func (f *facts) letter(ctx context.Context, c *desk.Campaign, m outgoing) (letter, error) {
	l := letter{lang: booking.Lang(m.params["lang"])}
	if l.lang == "" && len(c.Langs) > 0 {
		l.lang = c.Langs[0]
	}
	l.data = words.Data{Reference: m.reference, Phone: c.Phone, Reason: booking.Reason(m.params["reason"]), ChangeCause: m.params[paramCause], NewTime: m.params[paramAgain] != ""}
	if s := m.params["missing"]; s != "" {
		l.data.Missing = strings.Split(s, ",")
		l.data.Years = desk.OpenYears(c.Keys, m.inbound, m.params[desk.ParamYears])
	}
	if s := m.params["at"]; s != "" {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return l, errors.New("read a message: its param \"at\" is not a time")
		}
		l.data.At = at.In(c.Zone)
	}
	var err error
	if s := m.params[desk.ParamFirst]; s != "" {
		if l.data.First, err = strconv.Atoi(s); err != nil {
			return l, errors.New("read a message: its param \"first\" is not a number")
		}
	}
	switch {
	case m.entry == nil:
		l.to, err = f.sender(ctx, c, m.inbound)
	case m.params[paramIntroduced] != "":
		err = l.readIntroduced(ctx, f, c, m)
	default:
		err = l.readEntry(ctx, f, c, m)
	}
	if err == nil {
		err = l.readCorrectionWords(ctx, f, c, m)
	}
	l.readAbout(c, m)
	l.data.Campaign = c.Names.In(l.lang)
	if len(c.Regions) > 0 {
		l.data.Sample = c.Regions[0].Names.In(l.lang)
	}
	return l, err
}

// readAbout reads what a question without an entry is about. Nobody is reminded of the opening of a cohort that is no longer there.
func (l *letter) readAbout(c *desk.Campaign, m outgoing) {
	about := m.params[desk.ParamAbout]
	switch m.kind {
	case words.NearRegion:
		r, ok := c.Region(about)
		l.data.Region, l.stale = r.Names.In(l.lang), !ok
	case words.WhichCampaign:
		l.data.Choices = strings.Split(m.params[desk.ParamChoices], "|")
	case words.Opened:
		l.stale = about != "" && !slices.ContainsFunc(c.Cohorts, func(k booking.Cohort) bool { return k.Code == about })
	}
}

func (l *letter) readEntry(ctx context.Context, f *facts, c *desk.Campaign, m outgoing) error {
	e, err := f.entry(ctx, m.campaign, *m.entry)
	if err == nil && e.AliasOf != nil && !e.Withdrawn { // asked for under an identity that is this entry's since a correction
		e, err = f.entry(ctx, m.campaign, *e.AliasOf)
	}
	if err != nil {
		return err
	}
	p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
	if err != nil {
		return err
	}
	l.to, l.lang = p.Phone, e.Lang
	l.data.Masked, l.data.Place, l.data.Ticket = booking.MaskName(p.Name), e.Place, booking.SpokenTicket(c.Keys.Ticket(e.Serial))
	if err := l.readHelper(ctx, f, c, m); err != nil {
		return err
	}
	if err := l.readRefusal(ctx, f, c, m); err != nil {
		return err
	}
	switch m.kind {
	case words.Registered, words.Welcome, words.NoTime: // whoever has gone was told so
		l.stale = l.stale || e.Withdrawn
	}
	l.data.State, l.data.AfterDraw = string(desk.StateTold(c, e)), desk.Place(e).AfterDraw
	if m.kind == words.Code {
		if err := l.readRequest(c, m); err != nil {
			return err
		}
	}
	if err := l.readAppointment(ctx, f, c, m, e); err != nil {
		return err
	}
	if err := l.readProposal(ctx, f, c, m, e); err != nil {
		return err
	}
	return l.readReasons(ctx, f, c, m, e)
}

// Params of a code's message.
const (
	paramRequest    = "request"
	paramIntroduced = "introduced" // it goes to the phone with which the asking device introduced itself
)

// readRequest makes the code of a request, under the id of the reference with which it was asked for.
func (l *letter) readRequest(c *desk.Campaign, m outgoing) error {
	s := m.params[paramRequest]
	if s == "" {
		return nil
	}
	var err error
	if l.request, err = strconv.ParseInt(s, 10, 64); err != nil {
		return errors.New("read a message: its param \"request\" is not a number")
	}
	l.data.Code = c.Keys.Code(*m.entry, l.request)
	return nil
}

// readIntroduced reads whom a device has introduced. A code for a phone that it has replaced, or for a device that was removed, is not sent.
func (l *letter) readIntroduced(ctx context.Context, q querier, c *desk.Campaign, m outgoing) error {
	if err := l.readRequest(c, m); err != nil {
		return err
	}
	var ct []byte
	err := q.QueryRow(ctx, `SELECT i.person_ct, i.lang FROM code_request q JOIN introduction i ON i.campaign_id = q.campaign_id AND i.registration_id = q.registration_id
		AND i.device = q.device AND i.phone_hash = q.phone_hash WHERE q.id = $1`, l.request).Scan(&ct, &l.lang)
	if errors.Is(err, pgx.ErrNoRows) {
		l.stale = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("read an introduction: %w", err)
	}
	p, err := c.Keys.OpenIntroduced(*m.entry, ct)
	l.to, l.data.Masked = p.Phone, booking.MaskName(p.Name)
	return err
}

// readReasons reads why somebody has the time that they have, or none.
func (l *letter) readReasons(ctx context.Context, f *facts, c *desk.Campaign, m outgoing, e desk.Entry) error {
	switch {
	case m.kind == words.News && l.data.State != string(desk.StateWaiting): // something has happened, and was told
		l.stale = true
	case m.kind == words.Why, m.kind == words.News, m.kind == words.Status && l.data.State == string(desk.StateWaiting):
		why, err := readExplanation(ctx, f, c, e.ID)
		if err != nil {
			return err
		}
		l.data.ExplainTo(c.Campaign, why)
	case m.kind == words.NoTime:
		return l.readNoTime(ctx, f, c, e)
	}
	return nil
}

// readNoTime makes the news that there is no time as exact as what is known now: it may be some hours old. Whoever has got a
// time meanwhile is not told.
func (l *letter) readNoTime(ctx context.Context, f *facts, c *desk.Campaign, e desk.Entry) error {
	if a := e.Appointment; a != nil && a.State.Holds() {
		l.stale = true
		return nil
	}
	w, err := f.wait(ctx, e)
	switch {
	case err != nil || w.Pool == 0 || w.Look: // the wishes may be others than those for which there was nothing
		return err
	case w.Reason.Matched():
		l.data.Reason = w.Reason
	}
	if l.data.Reason = e.Wishes.Told(l.data.Reason); l.data.Reason == booking.ReasonSites {
		l.data.Sites = len(e.Wishes.Sites)
		l.data.LastDay, err = lastDay(ctx, f, c, w.Pool, e.Wishes, w.Now)
	}
	return err
}

// readAppointment takes the message's own appointment, otherwise the entry's latest. An offer that was answered or taken
// back meanwhile is not told any more.
func (l *letter) readAppointment(ctx context.Context, f *facts, c *desk.Campaign, m outgoing, e desk.Entry) error {
	a := e.Appointment
	var err error
	if m.appointment != 0 && (a == nil || a.ID != m.appointment) {
		if a, err = f.appointment(ctx, m.appointment); err != nil {
			return err
		}
	}
	if a == nil {
		l.stale = l.stale || m.kind.TellsAppointment() || m.kind == words.Reminder
		return nil
	}
	l.data.Starts = a.Starts.In(c.Zone)
	if l.data.Site, err = siteName(ctx, f, c, a.Site, l.lang); err != nil {
		return err
	}
	l.stale = l.stale || m.kind == words.Offer && a.State != booking.Offered || (m.kind.TellsAppointment() || m.kind == words.Reminder) && !a.State.Open()
	return l.readBefore(ctx, f, c, m)
}

// Params of messages about an appointment that ended or took another's place.
const (
	paramFrom  = "from"
	paramCause = "cause"
	paramAgain = "again"
)

// readBefore reads the appointment that the message's own took the place of.
func (l *letter) readBefore(ctx context.Context, f *facts, c *desk.Campaign, m outgoing) error {
	if m.params[paramFrom] == "" {
		return nil
	}
	from, err := strconv.ParseInt(m.params[paramFrom], 10, 64)
	if err != nil {
		return errors.New("read a message: its param \"from\" is not a number")
	}
	was, err := f.appointment(ctx, from)
	if err != nil {
		return err
	}
	l.data.WasStarts = was.Starts.In(c.Zone)
	l.data.WasSite, err = siteName(ctx, f, c, was.Site, l.lang)
	return err
}

// siteName is a site's name, also of one that the campaign had in an earlier version.
func siteName(ctx context.Context, q querier, c *desk.Campaign, code string, lang booking.Lang) (string, error) {
	names, err := siteNames(ctx, q, c, code)
	return names.In(lang), err
}

// siteNames are a site's names, also of one that the campaign had in an earlier version; nil when it never had it.
func siteNames(ctx context.Context, q querier, c *desk.Campaign, code string) (booking.Names, error) {
	if site, ok := c.Site(code); ok {
		return site.Names, nil
	}
	var names booking.Names
	err := q.QueryRow(ctx, `SELECT s->'Names' FROM campaign_version v, jsonb_array_elements(v.content->'Sites') s
		WHERE v.campaign_id = $1 AND s->>'Code' = $2 ORDER BY v.version DESC LIMIT 1`, c.ID, code).Scan(&names)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return names, err
}
