// Package sandbox is what a server for app teams has beside everything that a real one has: a clock that can be moved, people to
// whom the same always happens, and the phones' texts, all under /sandbox (mobile-contract/openapi.yaml).
//
// The server under it is the real one. Only three things are put over it: the clock of its database (clock.go), a refusal for
// overload (overload.go) and an answer that breaks off (cut.go), both for one person each. Whatever else happens to the people of
// people.go happens by the campaign's own rules, in examples/sandbox.yaml. It has no password, so it belongs on a loopback address.
package sandbox
