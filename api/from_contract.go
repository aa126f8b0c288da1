package api

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// From here inwards everything is of booking's types and is trusted. What does not fit is booking.Invalid with the
// field's JSON pointer.

const (
	maxCode   = 64 // of a region, site or queue
	maxNumber = 64
)

// bearer reads the credentials of the one Authorization header. ok is false when there is none or another scheme.
func bearer(h http.Header) (token string, ok bool) {
	values := h.Values("Authorization")
	if len(values) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(values[0], " ")
	return token, ok && strings.EqualFold(scheme, "Bearer")
}

// written reports whether a text has a length within the bounds and only letters, digits and the others. (By hand: every
// application has a secret, and a regular expression costs more than hashing it.)
func written(s string, least, most int, others string) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}

// deviceSecretOf reads a client's secret. It returns codeSecretMalformed when it is missing or malformed.
func deviceSecretOf(h http.Header) (string, error) {
	if t, ok := bearer(h); ok && written(t, 32, 128, "_-") {
		return t, nil
	}
	return "", booking.Fail(codeSecretMalformed, nil)
}

// agentTokenOf reads an agent's token. It returns codeAgentUnauthorized when it is missing or malformed.
func agentTokenOf(h http.Header) (string, error) {
	if t, ok := bearer(h); ok && written(t, 16, 256, "._~+/=-") {
		return t, nil
	}
	return "", booking.Fail(codeAgentUnauthorized, nil)
}

// operationOf accepts the canonical form only, in either case.
func operationOf(s contract.OperationID) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil || len(s) != 36 || id == uuid.Nil {
		return uuid.Nil, booking.Invalid("/operation_id")
	}
	return id, nil
}

// personOf reads what is written; whether it can be a name, and whether the campaign asks for a number, is the desk's to say.
func personOf(in contract.Person) (booking.Person, error) {
	p := booking.Person{Name: in.Name}
	if in == (contract.Person{}) {
		return p, booking.Invalid("/person")
	}
	var err error
	if p.Born, err = booking.ParseDate(in.BirthDate); err != nil {
		return p, booking.Invalid("/person/birth_date")
	}
	if p.Phone, err = booking.ParseE164(in.Phone); err != nil {
		return p, booking.Invalid("/person/phone")
	}
	if in.Number == nil {
		return p, nil
	}
	if p.Number = strings.TrimSpace(*in.Number); p.Number == "" || utf8.RuneCountInString(p.Number) > maxNumber {
		return p, booking.Invalid("/person/number")
	}
	return p, nil
}

// baseOf reads the revision that a change builds on; nil means none. One that no entry of ours could have is refused; whether the
// entry still has it is the book's to say.
func baseOf(in *contract.Revision) (string, error) {
	if in == nil {
		return "", nil
	}
	if !written(*in, 8, 64, "_-") {
		return "", booking.Invalid("/if_revision")
	}
	return *in, nil
}

// regionOf reads a region's code; nil means that none was given. Whether the campaign has it is the desk's to say.
func regionOf(in *contract.Code) (string, error) {
	if in == nil {
		return "", nil
	}
	if *in == "" || len(*in) > maxCode {
		return "", booking.Invalid("/region")
	}
	return *in, nil
}

// wishesOf reads what is written; whether the campaign can be asked for it is the desk's to say. What would be lost on the
// way (a distance of 0, which means "any" inside) is refused here.
func wishesOf(in *contract.Wishes) (booking.Wishes, error) {
	var w booking.Wishes
	if in == nil {
		return w, nil
	}
	if in.Sites != nil {
		w.Sites = slices.Clone(*in.Sites)
	}
	if in.Needs != nil {
		w.Needs = slices.Clone(*in.Needs)
	}
	if in.MaxKm != nil {
		if w.MaxKm = *in.MaxKm; w.MaxKm == 0 {
			return w, booking.Invalid("/wishes/max_km")
		}
	}
	if in.NoticeHours != nil {
		w.Notice = *in.NoticeHours
	}
	if in.Household != nil {
		w.Household = &booking.Household{Code: in.Household.Code, Size: in.Household.Size}
	}
	var err error
	if w.NotBefore, err = dayOf(in.NotBefore, "/wishes/not_before"); err != nil {
		return w, err
	}
	if w.NotAfter, err = dayOf(in.NotAfter, "/wishes/not_after"); err != nil {
		return w, err
	}
	if w.Weekdays, err = weekdaysOf(in.Weekdays); err != nil {
		return w, err
	}
	w.Times, err = timesOf(in.Times)
	return w, err
}

// dayOf reads a day; nil means that none was given.
func dayOf(in *contract.Day, field string) (booking.Date, error) {
	if in == nil {
		return booking.Date{}, nil
	}
	day, err := booking.ParseDate(*in)
	if err != nil {
		return day, booking.Invalid(field)
	}
	return day, nil
}

func weekdaysOf(in *[]contract.Weekday) ([]time.Weekday, error) {
	if in == nil {
		return nil, nil
	}
	var out []time.Weekday
	for i, name := range *in {
		day := slices.Index(weekdays, name)
		if day < 0 {
			return nil, booking.Invalid("/wishes/weekdays/" + strconv.Itoa(i))
		}
		out = append(out, time.Weekday(day))
	}
	return out, nil
}

func timesOf(in *[]contract.DayTime) ([]booking.DayTime, error) {
	if in == nil {
		return nil, nil
	}
	var out []booking.DayTime
	for i, t := range *in {
		from, ok := minuteOf(t.From)
		if !ok {
			return nil, booking.Invalid("/wishes/times/" + strconv.Itoa(i) + "/from")
		}
		to, ok := minuteOf(t.To)
		if !ok {
			return nil, booking.Invalid("/wishes/times/" + strconv.Itoa(i) + "/to")
		}
		out = append(out, booking.DayTime{From: from, To: to})
	}
	return out, nil
}

var timeForm = regexp.MustCompile(`^(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)$`)

// minuteOf reads a time of day, HH:MM, as minutes since midnight. 24:00 is the end of the day.
func minuteOf(in contract.TimeOfDay) (int, bool) {
	m := timeForm.FindStringSubmatch(in)
	switch {
	case m == nil:
		return 0, false
	case m[1] == "":
		return 24 * 60, true
	}
	hour, _ := strconv.Atoi(m[1]) // the form has digits only
	minute, _ := strconv.Atoi(m[2])
	return hour*60 + minute, true
}

// weekdays are the contract's names in the order of time.Weekday.
var weekdays = []contract.Weekday{
	contract.WeekdaySun, contract.WeekdayMon, contract.WeekdayTue, contract.WeekdayWed,
	contract.WeekdayThu, contract.WeekdayFri, contract.WeekdaySat,
}

var codeForm = regexp.MustCompile(`^[0-9]{6}$`)

func codeOf(in string) (string, error) {
	if !codeForm.MatchString(in) {
		return "", booking.Invalid("/code")
	}
	return in, nil
}

// stampOf reads an arrival stamp. One that is empty or too long is no reason to refuse an application: it is invalid, and
// the desk says so.
func stampOf(in *contract.Stamp) string {
	switch {
	case in == nil:
		return ""
	case *in == "" || len(*in) > 200:
		return "-"
	}
	return *in
}

// appointmentOf reads an appointment's name. One that no appointment of ours could have is refused; whose it is, is the book's to say.
func appointmentOf(in contract.AppointmentID) (int64, error) {
	id, err := strconv.ParseInt(in, 10, 64)
	if err != nil || id < 1 || len(in) > 32 {
		return 0, booking.Invalid("/appointment")
	}
	return id, nil
}

// applyingOf reads what app and agent have in common. The first field that does not fit is named.
func applyingOf(op contract.OperationID, p contract.Person, region *contract.Code, w *contract.Wishes, lang contract.Lang, stamp *contract.Stamp) (*desk.Applying, error) {
	a := &desk.Applying{Lang: booking.Lang(lang), Stamp: stampOf(stamp)}
	var err error
	if a.Operation, err = operationOf(op); err != nil {
		return a, err
	}
	if a.Person, err = personOf(p); err != nil {
		return a, err
	}
	if a.Region, err = regionOf(region); err != nil {
		return a, err
	}
	a.Wishes, err = wishesOf(w)
	return a, err
}
