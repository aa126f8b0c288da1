// Package desk is the one set of operations that every door calls: apply, look up, correct, verify, answer an offer,
// withdraw. A door turns what came in (JSON, a text, an agent's form) into the values here and turns the answer back;
// what may be said to whom is decided here and nowhere else.
//
// The desk knows no gin, no SQL and no Twilio. It asks for what it needs through the small ports in ports.go and
// phones.go; package db has the ones that run on PostgreSQL.
package desk
