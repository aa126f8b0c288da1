package booking

import "errors"

// Code names a reason why an operation was not carried out. Each edge (problem+json, text message) renders a code in its
// own words, so that no internal text ever reaches a person.
type Code string

const (
	CodeInvalid      Code = "invalid"          // a field is missing or malformed; Field names it
	CodeNotOpenYet   Code = "not_open_yet"     // before the cohort's opening; At is the opening
	CodeClosed       Code = "closed"           // after the cohort's closing; At is the closing
	CodeNotEligible  Code = "not_eligible"     // no cohort of the campaign takes this birth date
	CodeNoCampaign   Code = "no_campaign"      // no such campaign
	CodeNoQueue      Code = "no_queue"         // the campaign has no such queue
	CodeLiveCampaign Code = "live_campaign"    // only a rehearsal may be looked into in this way
	CodeUnauthorized Code = "unauthorized"     // no such registration, or not the holder's secret; the two look alike
	CodeVerifyFirst  Code = "verify_first"     // the phone on file must be proven before this operation
	CodeConflict     Code = "conflict"         // the operation does not fit the present state
	CodeReused       Code = "operation_reused" // the operation id was used before with other data
	CodeWrongCode    Code = "wrong_code"       // the code is wrong or has expired
	CodeTooMany      Code = "too_many"         // a limit per number, address or registration was reached; At says until when
	CodeOverloaded   Code = "overloaded"       // the intake is full or the database is away; Stamp proves the arrival
)

// Error is the one error type that people may see in some rendering. Everything else is internal.
type Error struct {
	Code  Code
	Field string // JSON pointer of the field concerned, with CodeInvalid
	// At is an RFC 3339 instant that belongs to the code (opening, closing, end of a limit); empty when there is none.
	At string
	// Cohort is the cohort's code, when the refusal depends on one.
	Cohort string
	// Stamp is the arrival stamp of an application that was refused for overload.
	Stamp string
	cause error
}

func (e *Error) Error() string {
	s := string(e.Code)
	if e.Field != "" {
		s += " " + e.Field
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns the internal cause; edges never show it.
func (e *Error) Unwrap() error { return e.cause }

// Invalid says that a field is missing or malformed. field is a JSON pointer ("/person/birth_date").
func Invalid(field string) *Error { return &Error{Code: CodeInvalid, Field: field} }

// Fail makes an error with a code and an internal cause, which may be nil.
func Fail(code Code, cause error) *Error { return &Error{Code: code, cause: cause} }

// CodeOf returns the code of the first *Error in the chain, or "" for an internal error.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
