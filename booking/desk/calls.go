package desk

// CallReason is why we owe somebody a call.
type CallReason string

const (
	CallUntold  CallReason = "untold"   // no text can tell them what they must know
	CallAsked   CallReason = "asked"    // they asked to speak to a person
	CallNotMe   CallReason = "not_me"   // whoever has the phone on file says that the application is not theirs
	CallTooMany CallReason = "too_many" // the phone carries as many people as it may
)
