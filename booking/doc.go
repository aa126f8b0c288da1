// Package booking holds the rules of Jari: who may apply, what makes two applications one person, in which order people
// are served, and which slot each of them gets.
//
// Everything here is a function of values. There is no clock, no database, no network and no randomness: time and ids
// are arguments, so every rule can be tried with a table. Only the standard library is imported. Start reading with
// campaign.go (the data the rules work on), then eligible.go, identity.go, order.go and match.go; board.go says how
// matching is fast.
package booking
