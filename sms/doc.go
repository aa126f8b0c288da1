// Package sms holds the phone doors. Here is the text door; a provider lives in a folder of its own
// (sms/twilio) and is handed in.
//
// A text is understood by a pure function, Step: the campaign, what is known so far, and the text go in; what is known
// now, and what the person wants, come out. Start reading there (conversation.go). Around it stands Door (door.go,
// handle.go): it checks the provider's signature, stores a text before anything is done with it, lets Step read it,
// asks the desk to act, and puts the replies into the outbox.
//
// A Korean resident registration number never gets further than CutResidentNumber (resident.go).
package sms
